"""Every fault of sensors and skin has one check of what the device does and the host is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from glowsim.faults.kind import Part
from glowsim.faults.kinds import KINDS
from glowtool.model.state import Fault, Interlock, State
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.vocabulary import Result
from support.device import firmware_bench
from support.device.dry_massage import Dry

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def _cell_stuck(_path: Path) -> None:
    dry = Dry()
    dry.board.start("cell-stuck", cell="rf")
    stuck, others = set(), set()
    for _ in range(200):
        dry.bench.run(0.005)
        stuck.add(dry.bench.sensed.cells_raw[2])
        others.add(dry.bench.sensed.cells_raw[0])
    assert len(stuck) == 1
    assert len(others) > 1
    dry.board.stop("cell-stuck")
    dry.run(0.5)
    assert dry.bench.drive.amplitude > 0


def _cell_stuck_noisy(_path: Path) -> None:
    dry = Dry()
    dry.board.start("cell-stuck-noisy", cell="all", at_kpa=6.5, noise_kpa=0.05)
    read: list[int] = []
    for _ in range(100):
        dry.bench.run(0.005)
        read.append(dry.bench.sensed.cells_raw[3])
    assert len(set(read)) > 4
    assert abs(sum(read) / len(read) - 650) < 3
    dry.body.press(0.2)
    assert Interlock.NO_CONTACT in dry.run(1.0), "the contact changes, and the cells stand still"
    dry.board.stop("cell-stuck-noisy")
    dry.board.start("cell-stuck-noisy", cell="lf")
    assert 300 < dry.board.sense(firmware_bench.SKIN).cells_raw[0] < 400, "where it stands"


def _cell_noisy(_path: Path) -> None:
    dry = Dry()
    dry.board.start("cell-noisy", cell="lf", noise_kpa=8.0)
    assert dry.run(2.0) & (Interlock.PRESSURE_CAUTION | Interlock.PRESSURE_HALF | Interlock.PRESSURE_ZERO)


def _cell_saturated(_path: Path) -> None:
    dry = Dry()
    dry.board.start("cell-saturated", cell="lr", for_s=1.0)
    assert Interlock.PRESSURE_ZERO in dry.run(0.1)
    assert dry.bench.drive.quiet
    assert dry.bench.sensed.cells_raw[1] == 4000
    dry.run(2.0)
    assert dry.bench.drive.amplitude > 0, "it goes on by itself, softly, once the fault is over"


def _cell_drifting(_path: Path) -> None:
    dry = Dry()
    dry.board.start("cell-drifting", cell="all", rate_kpa_per_min=60.0)
    assert Interlock.PRESSURE_ZERO in dry.run(14.0)
    assert dry.bench.drive.quiet


def _cell_dead(_path: Path) -> None:
    dry = Dry()
    dry.board.start("cell-dead", cell="lf")
    assert dry.run(0.5) & (Interlock.CURRENT_DENSITY | Interlock.NO_CONTACT)
    assert dry.bench.sensed.cells_raw[0] == 0
    assert dry.bench.drive.peak_ua == 0
    assert dry.bench.drive.amplitude > 0


def _thermistor_broken(_path: Path) -> None:
    dry = Dry()
    dry.board.start("thermistor-broken", head="right")
    dry.run(0.05)
    assert (dry.bench.state, dry.bench.firmware.status(dry.bench.now_us).faults) == (
        State.FAULT,
        Fault.TEMPERATURE_SENSOR,
    )
    assert dry.bench.drive.quiet
    assert dry.bench.result(Opcode.START) is Result.WRONG_STATE


def _impedance_stuck(_path: Path) -> None:
    dry = Dry()
    dry.board.start("impedance-stuck", noise_share=0.02)
    dry.bench.run(0.005)
    held = dry.bench.sensed.impedance_raw
    dry.body.press(9.0)
    read = set()
    for _ in range(100):
        dry.bench.run(0.005)
        read.add(dry.bench.sensed.impedance_raw)
    assert len(read) > 4
    assert 0.9 * held < min(read) <= max(read) < 1.1 * held
    assert Interlock.NO_CONTACT in dry.run(0.5), "the source sees another load"
    assert dry.bench.drive.peak_ua == 0
    assert dry.bench.drive.amplitude > 0
    dry.board.start("impedance-stuck", at_ohm=20_000)
    assert dry.board.sense(firmware_bench.SKIN).impedance_raw == 2000


def _impedance_noisy(_path: Path) -> None:
    dry = Dry()
    dry.board.start("impedance-noisy", noise_share=0.5)
    read = set()
    for _ in range(100):
        dry.bench.run(0.005)
        read.add(dry.bench.sensed.impedance_raw)
    assert max(read) > 2 * min(read)
    assert dry.bench.drive.peak_ua == 0
    assert dry.bench.drive.amplitude > 0


def _source_sense_stuck(_path: Path) -> None:
    dry = Dry()
    dry.board.start("source-sense-stuck")
    read = set()
    for _ in range(200):
        dry.bench.run(0.005)
        read.add(dry.bench.sensed.source_raw)
    assert len(read - {(0, 0)}) == 1
    dry.body.press(1.0)
    assert Interlock.NO_CONTACT in dry.run(1.0), "the contact changed, and the reading did not"
    assert dry.bench.drive.peak_ua == 0
    assert dry.bench.drive.amplitude > 0


def _source_sense_noisy(_path: Path) -> None:
    dry = Dry()
    dry.board.start("source-sense-noisy", noise_share=0.02)
    read = set()
    for _ in range(100):
        dry.bench.run(0.005)
        read.add(dry.bench.sensed.source_raw[1])
    assert len(read) > 10
    dry.board.start("source-sense-noisy", noise_share=0.5)
    assert Interlock.NO_CONTACT in dry.run(0.5)
    assert dry.bench.drive.peak_ua == 0
    assert dry.bench.drive.amplitude > 0


def _source_sense_dead(_path: Path) -> None:
    dry = Dry()
    dry.board.start("source-sense-dead")
    dry.run(0.05)
    assert dry.bench.sensed.source_raw == (0, 0)
    assert Interlock.NO_CONTACT in dry.run(0.5)
    assert dry.bench.drive.peak_ua == 0
    assert dry.bench.drive.amplitude > 0


def _gel_drying(_path: Path) -> None:
    dry = Dry()
    before = dry.bench.sensed.impedance_raw
    dry.board.start("gel-drying", minutes=0.4)
    assert Interlock.NO_CONTACT not in dry.run(3.0)
    assert dry.bench.sensed.impedance_raw > 1.1 * before
    dry.board.start("gel-drying", minutes=0.02)
    assert Interlock.NO_CONTACT in dry.run(3.0), "no gel dries so fast: it looks like cells that stand still"


def _electrode_lifting(_path: Path) -> None:
    dry = Dry()
    dry.board.start("electrode-lifting", head="left")
    assert Interlock.NO_CONTACT in dry.run(0.5)
    assert dry.bench.sensed.impedance_raw == 0xFFFF
    assert dry.bench.drive.peak_ua == 0
    assert dry.bench.drive.amplitude > 0


def _over_temperature(_path: Path) -> None:
    dry = Dry()
    dry.board.start("over-temperature", celsius=45.0, for_s=1.0)
    assert Interlock.HEAD_TEMPERATURE in dry.run(1.2)
    assert dry.bench.drive.quiet
    dry.body.heat_heads(30.0)
    dry.run(2.0)
    assert not dry.bench.drive.quiet


CHECKS: dict[str, Callable[[Path], None]] = {
    "cell-stuck": _cell_stuck,
    "cell-stuck-noisy": _cell_stuck_noisy,
    "cell-noisy": _cell_noisy,
    "cell-saturated": _cell_saturated,
    "cell-drifting": _cell_drifting,
    "cell-dead": _cell_dead,
    "thermistor-broken": _thermistor_broken,
    "impedance-stuck": _impedance_stuck,
    "impedance-noisy": _impedance_noisy,
    "source-sense-stuck": _source_sense_stuck,
    "source-sense-noisy": _source_sense_noisy,
    "source-sense-dead": _source_sense_dead,
    "gel-drying": _gel_drying,
    "electrode-lifting": _electrode_lifting,
    "over-temperature": _over_temperature,
}


@pytest.mark.parametrize("name", [kind.name for kind in KINDS if kind.part in (Part.SENSOR, Part.BODY)])
def test_fault(name: str, tmp_path: Path) -> None:
    CHECKS[name](tmp_path)
