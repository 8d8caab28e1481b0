"""The Database Hash matches the sample of the Core Specification, Vol 3, Part G, Appendix B."""

from __future__ import annotations

from bumble import att, gatt
from bumble.core import UUID

from glowsim.peripheral.gatt.server import database_hash

SAMPLE = """
    0001 2800 0018
    0002 2803 0a0300002a
    0003 2a00
    0004 2803 020500012a
    0005 2a01
    0006 2800 0118
    0007 2803 200800052a
    0008 2a05
    0009 2902
    000a 2803 0a0b00292b
    000b 2b29
    000c 2803 020d002a2b
    000d 2b2a
    000e 2800 0818
    000f 2802 140016000f18
    0010 2803 a21100182a
    0011 2a18
    0012 2902
    0013 2900 0000
    0014 2801 0f18
    0015 2803 021600192a
    0016 2a19
"""
HASH = "f1ca2d48ecf58bac8a8830bbb9fba990"


def sample() -> list[att.Attribute[bytes]]:
    attributes = []
    for line in SAMPLE.strip().splitlines():
        handle, kind, *value = line.split()
        content = bytes.fromhex(value[0]) if value else b"what a value is makes no difference"
        attribute: att.Attribute[bytes] = att.Attribute(
            UUID.from_16_bits(int(kind, 16)), att.Attribute.Permissions(0), content
        )
        attribute.handle = int(handle, 16)
        attributes.append(attribute)
    return attributes


def test_it_is_the_one_of_the_specifications_sample() -> None:
    assert database_hash(sample())[::-1].hex() == HASH


def test_a_handle_that_moves_or_a_property_that_changes_makes_another_one() -> None:
    moved, changed = sample(), sample()
    moved[1].handle += 1
    declaration = changed[1]
    assert declaration.type == gatt.GATT_CHARACTERISTIC_ATTRIBUTE_TYPE
    declaration.value = bytes.fromhex("020300002a")
    assert len({database_hash(table) for table in (sample(), moved, changed)}) == 3
