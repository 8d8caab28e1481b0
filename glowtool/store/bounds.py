"""The limits of a log: no damaged or malicious folder takes more memory or time than these.

They are far beyond the needs of a massage: at 200 samples a second `SAMPLES_MAX` is two hours and three quarters, and a
massage ends after twenty minutes. `docs/reference/log-format.md` shows them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_KIB: Final = 1 << 10
_MIB: Final = 1 << 20

SAMPLES_MAX: Final = 2_000_000
STROKES_MAX: Final = 100_000
EVENTS_MAX: Final = 200_000
COLUMNS_MAX: Final = 256
CHANNELS_MAX: Final = 64
CEILINGS_MAX: Final = 256
STEPS_MAX: Final = 10_000
CLOCK_LINES_MAX: Final = 2_000
EVENT_TEXT_MAX_BYTES: Final = 64 * _KIB

MANIFEST_MAX_BYTES: Final = 1 * _MIB
SAMPLES_MAX_BYTES: Final = 384 * _MIB
EVENTS_MAX_BYTES: Final = 64 * _MIB
STROKES_MAX_BYTES: Final = 16 * _MIB
MASSAGE_MAX_BYTES: Final = 1 * _MIB

#: The size of a message of a journal; its head (with the schema's own data) may be this large.
MESSAGE_MAX_BYTES: Final = 32 * _MIB
MESSAGE_HEAD_MAX_BYTES: Final = 1 * _MIB
#: The journal writes at most this many samples as one batch.
BATCH_ROWS_MAX: Final = 65_536

#: The largest number in a field: exact in a float, and far from the limits of 64 bits.
NUMBER_MAX: Final = (1 << 53) - 1
#: The last sample that can be missing: at 1 Hz, its time in µs is still such a number.
MISSING_SAMPLE_MAX: Final = NUMBER_MAX // 1_000_000
RATE_MAX_HZ: Final = 10_000


@dataclass(frozen=True, slots=True)
class Bound:
    """One row of the page of the format."""

    what: str
    most: str


SHOWN: Final[tuple[Bound, ...]] = (
    Bound("`manifest.json`, a massage by the button", f"{MANIFEST_MAX_BYTES // _MIB} MiB each"),
    Bound("samples", f"{SAMPLES_MAX} rows, {SAMPLES_MAX_BYTES // _MIB} MiB"),
    Bound("events", f"{EVENTS_MAX} rows, {EVENTS_MAX_BYTES // _MIB} MiB"),
    Bound("the data of one event", f"{EVENT_TEXT_MAX_BYTES // _KIB} KiB"),
    Bound("strokes", f"{STROKES_MAX} rows, {STROKES_MAX_BYTES // _MIB} MiB"),
    Bound("one message of a journal", f"{MESSAGE_MAX_BYTES // _MIB} MiB"),
    Bound("columns of a table, channels, steps", f"{COLUMNS_MAX}, {CHANNELS_MAX}, {STEPS_MAX}"),
    Bound("ceilings of a roller", f"{CEILINGS_MAX}"),
    Bound("lines of a clock model", f"{CLOCK_LINES_MAX}"),
)
