"""The tables of docs/reference/protocol.md, copied by hand for the independent decoder.

Nothing here comes from glowtool: a mistake in the page, in the vectors or in the package shows as a disagreement.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Enumeration:
    """The numbers that a field may hold; another one is an error."""

    name: str
    numbers: frozenset[int]


@dataclass(frozen=True, slots=True)
class Bits:
    """The bits that a field may hold; other bits are ignored."""

    name: str
    known: int


@dataclass(frozen=True, slots=True)
class Field:
    """One integer: its name, its struct code and, when the page links one, its domain."""

    name: str
    code: str
    domain: Enumeration | Bits | None = None


Layout = tuple[Field, ...]


def _numbers(name: str, first: int, last: int) -> Enumeration:
    return Enumeration(name, frozenset(range(first, last + 1)))


STATE = _numbers("State", 0x00, 0x06)
RESULT = _numbers("Result", 0x00, 0x0F)
ZONE = _numbers("Zone", 0x01, 0x0F)
DIRECTION = _numbers("Direction", 0x00, 0x04)
PATTERN = _numbers("Pattern", 0x00, 0x03)
WAVEFORM = _numbers("Waveform", 0x00, 0x03)
STREAM = _numbers("Stream", 0x01, 0x02)
QUANTITY = _numbers("Quantity", 0x01, 0x06)
PLACE = _numbers("Place", 0x00, 0x07)
UNIT = Enumeration("Unit", frozenset({0x2700, 0x2701, 0x2704, 0x2724, 0x272A, 0x272F}))
FORMAT = Enumeration("Format", frozenset({0x04, 0x06, 0x0E}))
INTERLOCK = Bits("Interlock", 0x3FFF)
FAULT = Bits("Fault", 0x003F)
DIAGNOSTIC = _numbers("Diagnostic", 0x01, 0x16)
MASSAGE_END = _numbers("MassageEnd", 0x00, 0x04)
CAPABILITY = Bits("Capability", 0x01FF)
ADVERTISING_FLAG = Bits("AdvertisingFlag", 0x1F)
CHANNEL_FLAG = Bits("ChannelFlag", 0x07)
ENUMERATIONS = (
    STATE, RESULT, ZONE, DIRECTION, PATTERN, WAVEFORM, STREAM, QUANTITY, PLACE, UNIT, FORMAT, DIAGNOSTIC, MASSAGE_END,
)  # fmt: skip
BIT_FIELDS = (INTERLOCK, FAULT, CAPABILITY, ADVERTISING_FLAG, CHANNEL_FLAG)

SUCCESS = 0x00
FAST, SLOW = 0x01, 0x02
PROGRAM_DATA = 0x02
RECORD_READ = 0x52
MASSAGE_FORMAT = 1
ANSWER_MARKER = 0x80
NAME_SIZE = 15
TABLE_FORMAT = 1
RAW_CODES = {0x04: "B", 0x06: "H", 0x0E: "h"}

ADVERTISEMENT: Layout = (
    Field("major", "B"),
    Field("model", "B"),
    Field("flags", "B", ADVERTISING_FLAG),
    Field("battery_percent", "B"),
    Field("serial_tail", "H"),
)
FEATURE_HEAD: Layout = (
    Field("major", "B"),
    Field("minor", "B"),
    Field("capabilities", "I", CAPABILITY),
    Field("head_size", "B"),
    Field("row_size", "B"),
    Field("ceilings", "B"),
    Field("rates", "B"),
)
CEILING_ROW: Layout = (Field("id", "B"), Field("value", "i"))
REQUEST_HEAD: Layout = (Field("opcode", "B"), Field("sequence", "B"))
ANSWER_HEAD: Layout = (
    Field("marker", "B"),
    Field("opcode", "B"),
    Field("sequence", "B"),
    Field("result", "B", RESULT),
    Field("state", "B", STATE),
    Field("step", "B"),
    Field("interlocks", "H", INTERLOCK),
    Field("amplitude_permille", "H"),
    Field("vibration_dhz", "H"),
    Field("peak_ua", "H"),
    Field("current_dhz", "H"),
)
STEP: Layout = (
    Field("zone", "B", ZONE),
    Field("direction", "B", DIRECTION),
    Field("pattern", "B", PATTERN),
    Field("waveform", "B", WAVEFORM),
    Field("duration_ms", "I"),
    Field("amplitude_permille", "H"),
    Field("vibration_dhz", "H"),
    Field("pattern_period_ms", "H"),
    Field("peak_ua", "H"),
    Field("current_dhz", "H"),
    Field("ramp_ms", "H"),
    Field("band_low", "H"),
    Field("band_high", "H"),
)
KEYFRAME_MARK = 0xF0
KEYFRAME: Layout = (
    Field("mark", "B"),
    Field("reserved_1", "B"),
    Field("reserved_2", "H"),
    Field("at_ms", "I"),
    Field("amplitude_permille", "H"),
    Field("vibration_dhz", "H"),
    Field("reserved_12", "H"),
    Field("peak_ua", "H"),
    Field("current_dhz", "H"),
    Field("reserved_18", "H"),
    Field("reserved_20", "I"),
)
STATUS: Layout = (
    Field("state", "B", STATE),
    Field("step", "B"),
    Field("steps", "B"),
    Field("battery_percent", "B"),
    Field("interlocks", "H", INTERLOCK),
    Field("faults", "H", FAULT),
    Field("amplitude_permille", "H"),
    Field("vibration_dhz", "H"),
    Field("peak_ua", "H"),
    Field("current_dhz", "H"),
    Field("step_elapsed_ms", "I"),
    Field("massage_elapsed_ms", "I"),
    Field("vibration_percent", "B"),
    Field("current_percent", "B"),
    Field("device_time_us", "Q"),
    Field("unix_ms", "Q"),
)
TABLE_HEAD: Layout = (Field("format", "B"), Field("rows", "B"), Field("row_size", "B"))
CHANNEL_ROW: Layout = (
    Field("number", "B"),
    Field("stream", "B", STREAM),
    Field("quantity", "B", QUANTITY),
    Field("place", "B", PLACE),
    Field("format", "B", FORMAT),
    Field("flags", "B", CHANNEL_FLAG),
    Field("unit", "H", UNIT),
    Field("multiplier", "h"),
    Field("exponent", "b"),
    Field("offset", "i"),
    Field("raw_minimum", "i"),
    Field("raw_maximum", "i"),
)
FRAME_HEADER: Layout = (
    Field("kind", "B", STREAM),
    Field("count", "B"),
    Field("sequence", "H"),
    Field("device_time_us", "I"),
    Field("first_sample", "I"),
)

MASSAGE_HEAD: Layout = (
    Field("format", "B"),
    Field("head_size", "B"),
    Field("row_size", "B"),
    Field("steps", "B"),
    Field("end", "B", MASSAGE_END),
    Field("interlocks", "H", INTERLOCK),
    Field("start_unix_ms", "Q"),
    Field("program_crc32", "I"),
    Field("current_ms", "I"),
    Field("vibration_ms", "I"),
)
MASSAGE_STEP: Layout = (
    Field("elapsed_ms", "I"),
    Field("contact_ms", "I"),
    Field("mean_pressure", "H"),
    Field("peak_pressure", "H"),
)

# Sizes as the page's prose gives them, so that a slip in a layout above cannot hide.
STATED_SIZES: tuple[tuple[str, Layout, int], ...] = (
    ("advertisement", ADVERTISEMENT, 6),
    ("feature head", FEATURE_HEAD, 10),
    ("ceiling row", CEILING_ROW, 5),
    ("answer", ANSWER_HEAD, 16),
    ("step", STEP, 24),
    ("keyframe", KEYFRAME, 24),
    ("status", STATUS, 42),
    ("channel row", CHANNEL_ROW, 23),
    ("frame header", FRAME_HEADER, 12),
    ("massage head", MASSAGE_HEAD, 27),
    ("massage step", MASSAGE_STEP, 12),
)

OPERANDS: dict[int, Layout] = {
    0x01: (Field("steps", "B"), Field("length", "H"), Field("crc32", "I")),
    0x02: (Field("offset", "H"),),
    0x03: (),
    0x04: (),
    0x05: (),
    0x10: (),
    0x11: (),
    0x12: (),
    0x13: (),
    0x14: (Field("extra_ms", "I"),),
    0x15: (Field("vibration_percent", "B"), Field("current_percent", "B")),
    0x20: (),
    0x21: (),
    0x22: (),
    0x23: (),
    0x30: (Field("unix_ms", "Q"),),
    0x31: (),
    0x32: (),
    0x33: (),
    0x34: (Field("setting", "B"),),
    0x35: (Field("setting", "B"), Field("value", "i")),
    0x36: (Field("item", "B", DIAGNOSTIC),),
    0x37: (),
    0x38: (),
    0x40: (Field("rate_hz", "H"), Field("channel_mask", "I")),
    0x41: (),
    0x50: (),
    0x51: (Field("index", "H"),),
    0x52: (Field("record", "H"), Field("offset", "H")),
    0x53: (Field("record", "H"),),
    0x54: (Field("record", "H"), Field("crc32", "I")),
}

PAYLOADS: dict[int, Layout] = {
    # The page links no enumeration here, so all sixteen bits are kept.
    0x32: (Field("failed", "H"),),
    0x34: (Field("value", "i"),),
    0x35: (Field("value", "i"),),
    0x40: (Field("samples_per_frame", "B"), Field("bytes_per_second", "H")),
    0x36: (Field("value", "I"),),
    0x41: (Field("frames_sent", "I"),),
    0x50: (Field("count", "H"), Field("lost", "H")),
    0x51: (Field("record", "H"), Field("length", "H")),
    0x52: (Field("size", "B"),),
    0x53: (Field("crc32", "I"),),
}
