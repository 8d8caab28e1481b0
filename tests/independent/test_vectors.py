"""A decoder that shares nothing with the package but the page reads the byte vectors as the package does."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from . import decoder, layouts
from .decoder import Decoded, DecodeError, Reader, Value

TESTS = Path(__file__).parents[1]
PAGE = (TESTS.parent / "docs" / "reference" / "protocol.md").read_text(encoding="utf-8")
SENT_BY_THE_HOST = frozenset({"request", "program"})
#: A record is read as a whole, and its hash covers all of it.
HASHED = frozenset({"massage"})
ROW_SIZE = decoder.size_of(layouts.CHANNEL_ROW) + layouts.NAME_SIZE


@dataclass(frozen=True, slots=True)
class Vector:
    file: str
    name: str
    kind: str
    data: bytes
    value: Value

    @property
    def mask(self) -> int:
        """The mask is agreed on before a frame is sent, so it is context and not content."""
        mask = self.value.get("mask", 0) if isinstance(self.value, dict) else 0
        assert isinstance(mask, int)
        return mask


def _load() -> Iterator[Vector]:
    for path in sorted((TESTS / "vectors").glob("*.json")):
        for entry in json.loads(path.read_text(encoding="utf-8")):
            assert entry.keys() == {"name", "kind", "hex", "value"}
            yield Vector(path.stem, entry["name"], entry["kind"], bytes.fromhex(entry["hex"]), entry["value"])


VECTORS = tuple(_load())
CHANNELS = tuple(decoder.read_channels(Reader(next(v.data for v in VECTORS if v.kind == "channel_table"))))


def _of(*kinds: str) -> list[Vector]:
    return [vector for vector in VECTORS if vector.kind in kinds]


def _id(vector: Vector) -> str:
    return f"{vector.file}: {vector.name}"


every_vector = pytest.mark.parametrize("vector", VECTORS, ids=_id)
every_program = pytest.mark.parametrize("vector", _of("program"), ids=_id)


def _decode(vector: Vector, data: bytes) -> Decoded:
    match vector.kind:
        case "advertisement":
            return decoder.decode_record(data, layouts.ADVERTISEMENT)
        case "status":
            return decoder.decode_record(data, layouts.STATUS)
        case "feature":
            return decoder.decode_feature(data)
        case "channel_table":
            return decoder.decode_channel_table(data)
        case "request":
            return decoder.decode_request(data)
        case "response":
            return decoder.decode_response(data)
        case "program":
            return decoder.decode_program(data)
        case "massage":
            return decoder.decode_massage(data)
        case "frame":
            return decoder.decode_frame(data, vector.mask, CHANNELS)
        case kind:
            raise AssertionError(f"{_id(vector)}: the page describes no {kind!r}")


def _agrees(vector: Vector, data: bytes) -> bool:
    try:
        return _decode(vector, data).value == vector.value
    except DecodeError:
        return False


def _ignored_bits(vector: Vector) -> dict[int, int]:
    """Byte to mask of the bits that the page tells readers to ignore: unknown bits of bit fields."""
    match vector.kind:
        case "advertisement":
            return {2: 0xE0}
        case "feature":
            return {3: 0xFE, 4: 0xFF, 5: 0xFF}
        case "status":
            return {5: 0xC0, 6: 0xC0, 7: 0xFF}
        case "response":
            return {7: 0xC0}
        case "channel_table":
            return {3 + row * ROW_SIZE + 5: 0xF8 for row in range(len(CHANNELS))}
        case _:
            return {}


def _section(title: str) -> str:
    """The page's text under a heading, up to the next heading of any level."""
    found = re.search(rf"^#+ {re.escape(title)}\n(.*?)(?=^#|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, f"the page has no section {title!r}"
    return found[1]


def _rows(section: str) -> list[list[str]]:
    """The cells of a section's table, without its two lines of head."""
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


@every_vector
def test_decodes_to_its_value(vector: Vector) -> None:
    assert _decode(vector, vector.data).value == vector.value


@every_vector
def test_leaves_no_byte_undecoded(vector: Vector) -> None:
    assert _decode(vector, vector.data).consumed == len(vector.data)


@every_vector
def test_every_flipped_byte_is_noticed(vector: Vector) -> None:
    ignored = {index for index, bits in _ignored_bits(vector).items() if bits == 0xFF}
    for index in set(range(len(vector.data))) - ignored:
        mutated = bytearray(vector.data)
        mutated[index] ^= 0xFF
        assert not _agrees(vector, bytes(mutated)), f"byte {index} says nothing"


@every_vector
def test_only_unknown_bits_go_unnoticed(vector: Vector) -> None:
    unnoticed: dict[int, int] = {}
    for bit in range(8 * len(vector.data)):
        mutated = bytearray(vector.data)
        mutated[bit // 8] ^= 1 << bit % 8
        if _agrees(vector, bytes(mutated)):
            unnoticed[bit // 8] = unnoticed.get(bit // 8, 0) | 1 << bit % 8
    assert unnoticed == _ignored_bits(vector)


@every_vector
def test_no_shorter_message_means_the_same(vector: Vector) -> None:
    assert not any(_agrees(vector, vector.data[:length]) for length in range(len(vector.data)))


@every_vector
def test_only_the_roller_may_append(vector: Vector) -> None:
    grown = vector.data + b"\xa5"
    assert _agrees(vector, grown) == (vector.kind not in SENT_BY_THE_HOST | HASHED)


@pytest.mark.parametrize(
    ("name", "layout", "size"), layouts.STATED_SIZES, ids=[name for name, _, _ in layouts.STATED_SIZES]
)
def test_layout_has_the_size_that_the_page_states(name: str, layout: layouts.Layout, size: int) -> None:
    assert decoder.size_of(layout) == size, name


@pytest.mark.parametrize("domain", layouts.ENUMERATIONS, ids=lambda domain: domain.name)
def test_enumeration_is_the_one_that_the_page_lists(domain: layouts.Enumeration) -> None:
    assert domain.numbers == {int(row[0], 16) for row in _rows(_section(domain.name))}


@pytest.mark.parametrize("domain", layouts.BIT_FIELDS, ids=lambda domain: domain.name)
def test_bit_field_is_the_one_that_the_page_lists(domain: layouts.Bits) -> None:
    assert domain.known == sum(int(row[0], 16) for row in _rows(_section(domain.name)))


def test_crc_has_the_check_value_of_iso_hdlc() -> None:
    assert decoder.crc32(b"123456789") == 0xCBF43926


@every_program
def test_program_has_its_length_and_crc(vector: Vector) -> None:
    assert isinstance(vector.value, dict)
    steps = decoder.read_program(vector.data)
    assert vector.value["length"] == len(vector.data) == 24 * sum(1 + len(keyframes) for _, keyframes in steps)
    assert vector.value["crc32"] == decoder.crc32(vector.data)


@every_program
def test_program_keeps_the_rules_of_a_commit(vector: Vector) -> None:
    steps = decoder.read_program(vector.data)
    assert 1 <= len(steps) <= 64
    assert len(vector.data) <= 255 * 24
    assert sum(step["duration_ms"] for step, _ in steps) <= 1_200_000
    for step, keyframes in steps:
        assert step["band_low"] <= step["band_high"]
        assert (max(item["peak_ua"] for item in (step, *keyframes)) == 0) == (step["waveform"] == 0)
        moments = [0, *(item["at_ms"] for item in keyframes)]
        assert moments == sorted(set(moments))
        assert moments[-1] <= step["duration_ms"]
        assert not any(item[name] for item in keyframes for name in item if name.startswith("reserved"))


def _grown_feature(data: bytes) -> bytes:
    """The same feature from a roller whose head has two bytes more and whose rows have three."""
    rates_end = 10 + 2 * data[9]
    rows = [data[start : start + 5] for start in range(rates_end, len(data), 5)]
    head = data[:6] + bytes([12, 8]) + data[8:10] + b"\xa5\xa5"
    return head + data[10:rates_end] + b"".join(row + b"\xa5\xa5\xa5" for row in rows)


def _grown_channel_table(data: bytes) -> bytes:
    """The same table with four bytes more between each row's record and its name."""
    rows = [data[start : start + ROW_SIZE] for start in range(3, len(data), ROW_SIZE)]
    return data[:2] + bytes([ROW_SIZE + 4]) + b"".join(row[:23] + b"\xa5" * 4 + row[23:] for row in rows)


@pytest.mark.parametrize("vector", _of("feature", "channel_table"), ids=_id)
def test_a_grown_head_or_row_reads_the_same(vector: Vector) -> None:
    grown = _grown_feature(vector.data) if vector.kind == "feature" else _grown_channel_table(vector.data)
    decoded = _decode(vector, grown)
    assert len(grown) > len(vector.data)
    assert (decoded.value, decoded.consumed) == (vector.value, len(grown))


def test_every_command_of_the_page_has_vectors() -> None:
    opcodes = {int(row[0], 16) for row in _rows(_section("Commands"))}
    assert {vector.data[0] for vector in _of("request")} == opcodes
    assert {vector.data[1] for vector in _of("response") if vector.data[3] == 0} == opcodes
    assert layouts.OPERANDS.keys() == opcodes


def test_every_result_of_the_page_has_a_vector() -> None:
    assert {vector.data[3] for vector in _of("response")} == {int(row[0], 16) for row in _rows(_section("Result"))}


def test_ceilings_of_the_page_are_those_of_the_feature() -> None:
    stated = [[int(row[0]), int(row[2].split()[-1])] for row in _rows(_section("Ceilings"))]
    (feature,) = _of("feature")
    assert isinstance(feature.value, dict)
    assert feature.value["ceilings"] == stated


def _describe(channel: decoder.Channel) -> list[str]:
    """A decoded row in the cells of the page's own table of channels."""
    row = channel.row
    return [
        str(row["number"]),
        channel.name,
        _name_of("Stream", row["stream"]),
        _name_of("Place", row["place"]),
        _name_of("Format", row["format"]),
        f"{row['multiplier']} × 10^{row['exponent']} {_name_of('Unit', row['unit'])}",
        f"{row['raw_minimum']}–{row['raw_maximum']}",
        " ".join(_names_of_bits("ChannelFlag", row["flags"])),
    ]


def _name_of(enumeration: str, number: int) -> str:
    return {int(row[0], 16): row[1] for row in _rows(_section(enumeration))}[number]


def _names_of_bits(enumeration: str, bits: int) -> Sequence[str]:
    return [row[1] for row in _rows(_section(enumeration)) if bits & int(row[0], 16)]


@pytest.mark.parametrize("channel", CHANNELS, ids=lambda channel: channel.name)
def test_channel_is_the_one_that_the_page_lists(channel: decoder.Channel) -> None:
    listed = _rows(_section("The channels of GR-1"))
    assert listed[channel.row["number"]] == _describe(channel)
    assert len(listed) == len(CHANNELS)
