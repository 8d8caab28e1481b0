"""The delivered record: what the electrodes and the motor really did, tick by tick, on disk.

`delivered.bin` holds packed little-endian records, one for each tick while anything is driven or moves, and one for
the first tick at zero after that. `delivered.json` beside it describes the fields of a record, and says when each
power cycle began. Readers ignore an incomplete last record, which a kill leaves; the next writer removes it.

A tick has two times. `unix_us` is when it was due by the device's own clock. `done_unix_us` is when this machine did
it, which is later if the process was held up and had to catch up. Compare the latter with the wall clock.
"""

from __future__ import annotations

import asyncio
import json
import logging
import struct
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Self

import numpy as np
from numpy.lib import recfunctions

from glowtool.errors import LogDamagedError, LogNotFoundError
from glowtool.kit.storage.files import write_atomic
from glowtool.kit.storage.privacy import open_private

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

    import numpy.typing as npt

    from glowsim.physics.types import Delivered, Drive

_LOG: Final = logging.getLogger(__name__)

FORMAT: Final = 2
RECORD_NAME: Final = "delivered.bin"
SIDECAR_NAME: Final = "delivered.json"

#: Name, numpy type, meaning. `drive_…` is what the firmware asked for; the rest is what was really delivered.
FIELDS: Final[tuple[tuple[str, str, str], ...]] = (
    ("time_us", "<u8", "device clock since power-on, µs"),
    ("power_cycle", "<u4", "index into the power cycles of the sidecar"),
    ("drive_amplitude", "<f4", "vibration asked for, share of full"),
    ("drive_peak_ua", "<f4", "microcurrent peak asked for, µA"),
    ("amplitude", "<f4", "vibration, share of full"),
    ("vibration_hz", "<f4", "vibration frequency, Hz"),
    ("acceleration_ms2", "<f4", "acceleration of the heads, r.m.s., m/s²"),
    ("peak_ua", "<f4", "microcurrent peak through the skin, µA"),
    ("current_hz", "<f4", "microcurrent frequency asked for, Hz"),
    ("charge_positive_uc", "<f4", "charge of the positive phase, µC"),
    ("charge_negative_uc", "<f4", "charge of the negative phase, counted positive, µC"),
    ("density_rms_ua_cm2", "<f4", "current density at the smaller contact, r.m.s., µA/cm²"),
    ("contact_area_cm2", "<f4", "area of the smaller contact, cm²"),
    ("done_unix_us", "<i8", "UTC at which this machine did the tick, µs since 1970"),
)

DTYPE: Final = np.dtype([(name, kind) for name, kind, _ in FIELDS])

_FLUSH_EVERY_S: Final = 0.25

_PACKER: Final = struct.Struct("<QI11fq")


class DeliveredRecorder:
    """Appends to `<state_dir>/delivered.bin`, of which it is the only writer, and begins power cycles."""

    def __init__(self, state_dir: Path, power_on_unix_us: int, wall_clock_us: Callable[[], int] | None = None) -> None:
        """Begin a power cycle; `power_on_unix_us` is UTC at device time 0, until `synchronise` corrects it.

        `wall_clock_us` returns UTC in µs; without it, every tick is done when it is due. A record by another version is
        set aside.
        """
        path = state_dir / RECORD_NAME
        _set_aside(state_dir)
        self._wall_clock_us = wall_clock_us
        cycles = _power_cycles(state_dir) if path.exists() else []
        self._cycle = len(cycles)
        self._state_dir = state_dir
        self._cycles = [*cycles, power_on_unix_us]
        _write_sidecar(state_dir, self._cycles)
        self._file = open_private(path, "ab")
        self._file.truncate(self._file.tell() // DTYPE.itemsize * DTYPE.itemsize)
        self._was_on = False

    def synchronise(self, time_us: int) -> None:
        """Note that the device clock shows `time_us` now; call it when the clock starts, and at every restart."""
        if self._wall_clock_us is not None:
            self._cycles[-1] = self._wall_clock_us() - time_us
            _write_sidecar(self._state_dir, self._cycles)

    def record(self, time_us: int, drive: Drive, delivered: Delivered) -> None:
        """Record one tick, if anything is driven or moves, or if it is the first tick at zero after that."""
        on = not (drive.quiet and delivered.quiet)
        if not (on or self._was_on):
            return
        self._was_on = on
        self._file.write(
            _PACKER.pack(
                time_us,
                self._cycle,
                drive.amplitude,
                drive.peak_ua,
                delivered.amplitude,
                delivered.vibration_hz,
                delivered.acceleration_ms2,
                delivered.peak_ua,
                drive.current_hz,
                *delivered.phase_charge_uc,
                delivered.density_rms_ua_cm2,
                delivered.contact_area_cm2,
                self._cycles[-1] + time_us if self._wall_clock_us is None else self._wall_clock_us(),
            )
        )

    def begin_cycle(self, after_us: int) -> None:
        """Begin another power cycle at `after_us` of the present one: device time counts from zero again."""
        self._cycles.append(self._cycles[-1] + after_us)
        _write_sidecar(self._state_dir, self._cycles)
        self._cycle += 1

    def flush(self) -> None:
        """Write the recorded ticks to the operating system."""
        self._file.flush()

    async def keep_flushed(self) -> None:
        """Flush four times a second, until cancelled."""
        while True:
            await asyncio.sleep(_FLUSH_EVERY_S)
            self.flush()

    def close(self) -> None:
        """Flush and close."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.close()
        except OSError as own:
            if error is None:
                raise
            # The error already being raised says more, such as that the roller has stopped.
            _LOG.warning("the delivered record is not whole: %s", own)


def read_delivered(path: Path) -> npt.NDArray[np.void]:
    """Return the records of `delivered.bin`, or of the folder that contains it, shape (n,).

    The fields are those of `FIELDS`, and `unix_us` (i8), when the tick was due. Raises `LogNotFoundError` or
    `LogDamagedError`.
    """
    file = path / RECORD_NAME if path.is_dir() else path
    if not file.exists():
        raise LogNotFoundError(f"{file}: no delivered record is here; it is written once the virtual roller runs")
    data = file.read_bytes()
    whole = len(data) // DTYPE.itemsize
    records = np.frombuffer(data, dtype=DTYPE, count=whole)
    cycles = np.asarray(_power_cycles(file.parent), dtype=np.int64)
    if whole and (not len(cycles) or int(records["power_cycle"].max()) >= len(cycles)):
        raise LogDamagedError(f"{file}: holds records of power cycles that {SIDECAR_NAME} does not know")
    unix_us = cycles[records["power_cycle"]] + records["time_us"].astype(np.int64) if whole else np.zeros(0, np.int64)
    joined: npt.NDArray[np.void] = recfunctions.append_fields(records, "unix_us", unix_us, usemask=False)
    return joined


def _set_aside(state_dir: Path) -> None:
    """Rename a record of another version, whose records differ in size, so that nothing is appended to it."""
    try:
        found = json.loads((state_dir / SIDECAR_NAME).read_text("utf-8"))
    except (OSError, ValueError):
        return
    if isinstance(found, dict) and found.get("record_size", DTYPE.itemsize) != DTYPE.itemsize:
        for name in (RECORD_NAME, SIDECAR_NAME):
            with suppress(FileNotFoundError):
                (state_dir / name).replace(state_dir / f"old-{name}")


def _power_cycles(state_dir: Path) -> list[int]:
    sidecar = state_dir / SIDECAR_NAME
    try:
        content = json.loads(sidecar.read_text("utf-8"))
        if content.get("record_size", DTYPE.itemsize) != DTYPE.itemsize:
            raise LogDamagedError(
                f"{sidecar}: its records have {content['record_size']} bytes, this glowsim reads {DTYPE.itemsize}; "
                "another version wrote it; it is set aside when the roller runs again"
            )
        return [int(cycle["power_on_unix_us"]) for cycle in content["power_cycles"]]
    except FileNotFoundError as error:
        raise LogDamagedError(
            f"{sidecar}: is missing beside {RECORD_NAME}", advice="move the record away to begin anew"
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LogDamagedError(f"{sidecar}: does not say when power cycles began ({error})") from error


def _write_sidecar(state_dir: Path, cycles: list[int]) -> None:
    content = {
        "format": FORMAT,
        "record_size": DTYPE.itemsize,
        "fields": [{"name": name, "dtype": kind, "meaning": meaning} for name, kind, meaning in FIELDS],
        "power_cycles": [{"power_on_unix_us": cycle} for cycle in cycles],
    }
    text = json.dumps(content, indent=2)
    write_atomic(state_dir / SIDECAR_NAME, lambda stream: stream.write(text.encode()))
