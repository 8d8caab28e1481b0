"""The declaration of messages, and the one codec that serves every declaration.

A message is a frozen dataclass whose fields are `Annotated[int, U16("what it means", unit=…)]`. The annotation is the
only place where the width, the unit, the range and the version of a field are written: encoder, decoder,
documentation and byte vectors are derived from it. All integers are little-endian, without padding.
"""

from __future__ import annotations

import enum
import struct
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Annotated, ClassVar, Final, TypeVar, get_args, get_origin, get_type_hints

from glowtool.errors import DecodeError

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The metadata of an attribute that is no field of its message: its bytes are messages of their own, which follow.
FOLLOWS: Final[Mapping[str, bool]] = {"follows": True}


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """A protocol version. A host and a device of the same major version work together."""

    major: int
    minor: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"


V1_0: Final = Version(1, 0)
V1_1: Final = Version(1, 1)
V1_2: Final = Version(1, 2)
V1_3: Final = Version(1, 3)
V1_4: Final = Version(1, 4)
PROTOCOL_VERSION: Final = V1_4

#: The last millisecond of the year 2099: no host's clock says more.
LATEST_UNIX_MS: Final = 4_102_444_799_999

#: The latest device time: a hundred years after power-on. 64-bit arithmetic is far from its limits there.
LATEST_DEVICE_US: Final = 100 * 366 * 86_400 * 1_000_000

#: The latest time that a roller may report: it was set to the latest, and ran on. Every calendar can hold it.
LATEST_TOLD_UNIX_MS: Final = LATEST_UNIX_MS + LATEST_DEVICE_US // 1000


@dataclass(frozen=True, slots=True)
class Wire:
    """The wire format of one field: struct code, meaning, unit and the closed range of its raw value.

    `also` is a single value outside the range with a meaning of its own.
    """

    code: ClassVar[str]
    lowest: ClassVar[int]
    highest: ClassVar[int]

    doc: str
    unit: str = ""
    low: int | None = None
    high: int | None = None
    since: Version = V1_0
    also: int | None = None

    @property
    def minimum(self) -> int:
        """The smallest allowed raw value."""
        return self.lowest if self.low is None else self.low

    @property
    def maximum(self) -> int:
        """The largest allowed raw value."""
        return self.highest if self.high is None else self.high

    @property
    def size(self) -> int:
        """Width in bytes."""
        return struct.calcsize("<" + self.code)

    def allows(self, value: int) -> bool:
        """Tell whether a raw value is in the range."""
        return self.minimum <= value <= self.maximum or value == self.also

    @property
    def allowed(self) -> str:
        """The range, in words that follow "it must be"."""
        return f"{self.minimum} to {self.maximum}" + (f" or {self.also}" if self.also is not None else "")


class U8(Wire):
    """Unsigned, one byte."""

    code, lowest, highest = "B", 0, 0xFF


class U16(Wire):
    """Unsigned, two bytes, little-endian."""

    code, lowest, highest = "H", 0, 0xFFFF


class U32(Wire):
    """Unsigned, four bytes, little-endian."""

    code, lowest, highest = "I", 0, 0xFFFF_FFFF


class U64(Wire):
    """Unsigned, eight bytes, little-endian."""

    code, lowest, highest = "Q", 0, 0xFFFF_FFFF_FFFF_FFFF


class I8(Wire):
    """Signed, one byte, two's complement."""

    code, lowest, highest = "b", -0x80, 0x7F


class I16(Wire):
    """Signed, two bytes, little-endian, two's complement."""

    code, lowest, highest = "h", -0x8000, 0x7FFF


class I32(Wire):
    """Signed, four bytes, little-endian, two's complement."""

    code, lowest, highest = "i", -0x8000_0000, 0x7FFF_FFFF


@dataclass(frozen=True, slots=True)
class FieldLayout:
    """One field of a message: its name, its place, its wire format and its enumeration, if any.

    `low` and `high` are the wire's closed range, stored for the codec.
    """

    name: str
    offset: int
    wire: Wire
    enumeration: type[enum.IntEnum | enum.IntFlag] | None
    low: int
    high: int


class Message:
    """Base of all fixed-size messages. Subclasses are frozen dataclasses with annotated fields."""


M = TypeVar("M", bound=Message)


# Plain dictionaries instead of `functools.cache`: to a type checker, a class of dataclasses is not hashable.
_LAYOUTS: dict[type[Message], tuple[FieldLayout, ...]] = {}
_PACKERS: dict[type[Message], struct.Struct] = {}


def layout(kind: type[Message]) -> tuple[FieldLayout, ...]:
    """Return the fields of a message class in wire order, with their byte offsets."""
    if kind not in _LAYOUTS:
        _LAYOUTS[kind] = _derive_layout(kind)
    return _LAYOUTS[kind]


def _derive_layout(kind: type[Message]) -> tuple[FieldLayout, ...]:
    hints = get_type_hints(kind, include_extras=True)
    found: list[FieldLayout] = []
    offset = 0
    for item in fields(kind):  # type: ignore[arg-type]  # every Message subclass is a dataclass
        if item.metadata == FOLLOWS:
            continue
        hint = hints[item.name]
        if get_origin(hint) is not Annotated:
            raise TypeError(f"{kind.__name__}.{item.name} has no wire annotation")
        base, wire = get_args(hint)[:2]
        enumeration = base if issubclass(base, (enum.IntEnum, enum.IntFlag)) else None
        found.append(FieldLayout(item.name, offset, wire, enumeration, wire.minimum, wire.maximum))
        offset += wire.size
    return tuple(found)


def packer(kind: type[Message]) -> struct.Struct:
    """Return the compiled struct of a message class, made once; it checks no ranges."""
    if kind not in _PACKERS:
        _PACKERS[kind] = struct.Struct("<" + "".join(item.wire.code for item in layout(kind)))
    return _PACKERS[kind]


def size_of(kind: type[Message]) -> int:
    """Return the encoded size of a message class in bytes."""
    return packer(kind).size


def encode(message: Message) -> bytes:
    """Encode a message; raises `ValueError` naming the field, the value and what is allowed."""
    kind = type(message)
    values = [int(getattr(message, item.name)) for item in layout(kind)]
    for item, value in zip(layout(kind), values, strict=True):
        if not item.low <= value <= item.high and not item.wire.allows(value):
            raise ValueError(
                f"{kind.__name__}.{item.name} is {value}; it must be {item.wire.allowed}"
                + (f" ({item.wire.unit})" if item.wire.unit else "")
            )
    return packer(kind).pack(*values)


def decode(kind: type[M], data: bytes | bytearray | memoryview, *, exact: bool = False) -> M:
    """Decode the head of `data` as one message; raises `DecodeError` with the field and the value.

    Minor versions add fields at the end of messages, so trailing bytes are ignored unless `exact`.
    """
    packed = packer(kind)
    if len(data) < packed.size or (exact and len(data) != packed.size):
        wanted = f"{packed.size}" if exact else f"at least {packed.size}"
        raise DecodeError(f"{kind.__name__}: got {len(data)} bytes, expected {wanted}")
    converted: dict[str, int] = {}
    for item, value in zip(layout(kind), packed.unpack_from(data), strict=True):
        if not item.low <= value <= item.high and not item.wire.allows(value):
            raise DecodeError(
                f"{kind.__name__}.{item.name} at byte {item.offset} is {value}; it must be {item.wire.allowed}"
            )
        converted[item.name] = _as_enumeration(kind, item, value)
    return kind(**converted)


def _as_enumeration(kind: type[Message], item: FieldLayout, value: int) -> int:
    if item.enumeration is None:
        return value
    try:
        return item.enumeration(value)
    except ValueError as error:
        known = ", ".join(f"{int(member)}={member.name}" for member in item.enumeration)
        raise DecodeError(
            f"{kind.__name__}.{item.name} at byte {item.offset} is {value}; it must be one of {known}"
        ) from error
