"""Sensors between body and firmware that lie for a time: alone, one after the other, or several at once."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from chaos.judge.truth import Truth
from glowsim.physics.body import Body
from glowsim.physics.types import IMPEDANCE_OPEN

if TYPE_CHECKING:
    import random

    from glowsim.physics.body import BodyParameters
    from glowsim.physics.types import Delivered, Drive, Sensed

CELL_FULL: Final = 4000

#: In place of the number of a cell: all four of them.
ALL_CELLS: Final = 4


class Kind(enum.StrEnum):
    """In which way a channel lies."""

    CELL_STUCK = "cell stuck"
    CELL_NOISY = "cell noisy"
    CELL_DRIFTING = "cell drifting"
    CELL_DEAD = "cell dead"
    CELL_SATURATED = "cell saturated"
    IMPEDANCE_STUCK = "impedance stuck"
    IMPEDANCE_OPEN = "impedance open"
    TEMPERATURE_STUCK = "temperature stuck"
    TEMPERATURE_HOT = "temperature hot"
    TEMPERATURE_BROKEN = "temperature broken"
    BATTERY_LOW = "battery low"
    CELL_STUCK_NOISY = "cell stuck, but noisy"
    IMPEDANCE_STUCK_NOISY = "impedance stuck, but noisy"
    IMPEDANCE_NOISY = "impedance noisy"
    SOURCE_STUCK = "source's sense stuck"
    SOURCE_NOISY = "source's sense noisy"
    SOURCE_DEAD = "source's sense dead"


CELL_KINDS: Final = frozenset({
    Kind.CELL_STUCK, Kind.CELL_NOISY, Kind.CELL_DRIFTING, Kind.CELL_DEAD, Kind.CELL_SATURATED, Kind.CELL_STUCK_NOISY,
})  # fmt: skip
_OF_THE_LOOP: Final = frozenset({
    Kind.IMPEDANCE_STUCK, Kind.IMPEDANCE_OPEN, Kind.IMPEDANCE_STUCK_NOISY, Kind.IMPEDANCE_NOISY,
})  # fmt: skip
_OF_THE_SOURCE: Final = frozenset({Kind.SOURCE_STUCK, Kind.SOURCE_NOISY, Kind.SOURCE_DEAD})

#: Noise, r.m.s.: of a cell that is stuck, in counts; of impedance and source, as shares of what they read.
STUCK_NOISE: Final = 2.0
_NOISE: Final = 0.05


class Event(enum.Enum):
    """What the roller's two heads do."""

    LANDING = enum.auto()
    LIFTING = enum.auto()


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a channel from `start_us` to `end_us`; `value` is in the channel's counts.

    With `after` it begins `late_us` after the first such event since `start_us`.
    """

    kind: Kind
    start_us: int
    end_us: int
    channel: int
    value: int
    after: Event | None = None
    late_us: int = 0

    @property
    def cells(self) -> range:
        """The cells that it strikes, if it strikes cells."""
        return range(4) if self.channel == ALL_CELLS else range(self.channel, self.channel + 1)


class FaultyBody(Body):
    """The body, seen through sensors of which some lie; `truth` is how it really was at the last tick."""

    def __init__(self, parameters: BodyParameters, seed: int, faults: tuple[Fault, ...], chance: random.Random) -> None:
        super().__init__(parameters, seed)
        self._faults = faults
        self._random = chance
        self._held: Sensed | None = None
        self._touched = False
        self.met: set[str] = set()
        self.truth_now = Truth()

    def update(self, time_us: int, drive: Drive) -> tuple[Sensed, Delivered]:
        sensed, delivered = super().update(time_us, drive)
        touches = delivered.contact_area_cm2 > 0.0
        if touches is not self._touched:
            self._touched = touches
            self._happen(Event.LANDING if touches else Event.LIFTING, time_us)
        on = [fault for fault in self._faults if fault.after is None and fault.start_us <= time_us < fault.end_us]
        self.truth_now = self._truth(on)
        if not on:
            self._held = sensed
            return sensed, delivered
        if len({_sort(fault.kind) for fault in on}) > 1:
            self.met.add("sensor: several lie at once")
        for fault in on:
            everywhere = ", all cells" if fault.kind in CELL_KINDS and fault.channel == ALL_CELLS else ""
            self.met.add(f"sensor: {fault.kind}{everywhere}")
            sensed = self._lied(fault, time_us, sensed)
        return sensed, delivered

    def _truth(self, on: list[Fault]) -> Truth:
        lying = {cell for fault in on if fault.kind in CELL_KINDS for cell in fault.cells}
        loop_told = all(fault.kind not in _OF_THE_LOOP for fault in on)
        hand = self._hand
        return Truth(hand.left_kpa, hand.right_kpa, not {0, 1} <= lying, not {2, 3} <= lying, loop_told)

    def _happen(self, event: Event, time_us: int) -> None:
        """Settle the start of the faults that waited for this event."""
        self._faults = tuple(
            replace(fault, after=None, start_us=time_us + fault.late_us)
            if fault.after is event and fault.start_us <= time_us
            else fault
            for fault in self._faults
        )

    def _lied(self, fault: Fault, time_us: int, sensed: Sensed) -> Sensed:
        held = self._held or sensed
        if fault.kind in _OF_THE_LOOP:
            return replace(sensed, impedance_raw=self._loop(fault, sensed.impedance_raw, held.impedance_raw))
        if fault.kind in _OF_THE_SOURCE:
            return replace(sensed, source_raw=self._source_sense(fault, sensed, held))
        match fault.kind:
            case Kind.BATTERY_LOW:
                return replace(sensed, battery_percent=fault.value % 12)
            case Kind.TEMPERATURE_STUCK | Kind.TEMPERATURE_HOT | Kind.TEMPERATURE_BROKEN:
                left, right = sensed.head_temp_raw
                raw = self._temperature(fault, held)
                return replace(sensed, head_temp_raw=(raw, right) if fault.channel % 2 == 0 else (left, raw))
            case _:
                cells = list(sensed.cells_raw)
                for cell in fault.cells:
                    cells[cell] = self._cell(fault, time_us, cells[cell], held.cells_raw[cell])
                a, b, c, d = cells
                return replace(sensed, cells_raw=(a, b, c, d))

    def _loop(self, fault: Fault, raw: int, held_raw: int) -> int:
        if fault.kind is Kind.IMPEDANCE_OPEN:
            return IMPEDANCE_OPEN
        at_raw = raw if fault.kind is Kind.IMPEDANCE_NOISY else held_raw
        if fault.kind is Kind.IMPEDANCE_STUCK or at_raw >= IMPEDANCE_OPEN:
            return at_raw
        return min(IMPEDANCE_OPEN, max(0, round(at_raw * (1.0 + self._random.gauss(0.0, _NOISE)))))

    def _source_sense(self, fault: Fault, sensed: Sensed, held: Sensed) -> tuple[int, int]:
        if fault.kind is Kind.SOURCE_DEAD or not any(sensed.source_raw):
            return 0, 0
        if fault.kind is Kind.SOURCE_STUCK:
            return held.source_raw if any(held.source_raw) else sensed.source_raw
        volt, ua = (max(0, round(raw * (1.0 + self._random.gauss(0.0, _NOISE)))) for raw in sensed.source_raw)
        return volt, ua

    def _temperature(self, fault: Fault, held: Sensed) -> int:
        if fault.kind is Kind.TEMPERATURE_STUCK:
            return held.head_temp_raw[fault.channel % 2]
        return 440 if fault.kind is Kind.TEMPERATURE_HOT else 1250

    def _cell(self, fault: Fault, time_us: int, raw: int, held_raw: int) -> int:
        match fault.kind:
            case Kind.CELL_STUCK:
                raw = fault.value if fault.value % 2 else held_raw
            case Kind.CELL_STUCK_NOISY:
                at_raw = fault.value if fault.value % 2 else held_raw
                raw = at_raw + round(self._random.gauss(0.0, STUCK_NOISE))
            case Kind.CELL_NOISY:
                raw += round(self._random.gauss(0.0, fault.value))
            case Kind.CELL_DRIFTING:
                raw += round((fault.value - CELL_FULL // 4) * (time_us - fault.start_us) / 10e6)
            case Kind.CELL_DEAD:
                raw = 0
            case _:
                raw = CELL_FULL
        return min(CELL_FULL, max(0, raw))


def _sort(kind: Kind) -> str:
    """Return the sort of sensor that a fault strikes."""
    return kind.partition(" ")[0]


def draw_faults(chance: random.Random, duration_s: float) -> tuple[Fault, ...]:
    """Draw none to three faults that follow one another, or some that lie together."""
    if chance.random() < 0.15:
        return _draw_together(chance, duration_s)
    faults, at_us = [], 0
    for _ in range(chance.choice((0, 0, 1, 1, 2, 3))):
        at_us += round(1e6 * chance.uniform(0.0, duration_s / 2))
        end_us = at_us + round(1e6 * chance.choice((0.05, 0.5, 3.0, 20.0)))
        kind = chance.choice(tuple(Kind))
        faults.append(Fault(kind, at_us, end_us, chance.randrange(ALL_CELLS + 1), chance.randrange(20, 2000)))
        at_us = end_us
    return tuple(faults)


def _draw_together(chance: random.Random, duration_s: float) -> tuple[Fault, ...]:
    """Draw two or three faults of different sensors that begin about the same moment: of a landing, a lift, or any."""
    of_cells = (Kind.CELL_STUCK, Kind.CELL_STUCK_NOISY, Kind.CELL_STUCK_NOISY, Kind.CELL_DRIFTING, Kind.CELL_NOISY)
    of_the_loop = (Kind.IMPEDANCE_STUCK, Kind.IMPEDANCE_STUCK_NOISY, Kind.IMPEDANCE_NOISY)
    # Where all of them stick together there is no witness left.
    of_the_source = (Kind.SOURCE_NOISY, Kind.SOURCE_DEAD, None, None)
    kinds = [chance.choice(of_cells), chance.choice(of_the_loop), chance.choice(of_the_source)]
    chance.shuffle(kinds)
    start_us, lasts_us = round(1e6 * chance.uniform(0.0, duration_s / 2)), round(1e6 * chance.choice((3, 20, 100)))
    after, late_us = chance.choice((None, *Event)), chance.randrange(0, 300_000)
    return tuple(
        Fault(kind, start_us, start_us + lasts_us, ALL_CELLS, chance.randrange(20, 900), after, late_us)
        for kind in kinds[: chance.choice((2, 3))]
        if kind is not None
    )


def draw_faults_of_all_cells(chance: random.Random, duration_s: float) -> tuple[Fault, ...]:
    """Draw one to three faults that follow one another, in each of which all four cells stick or drift together.

    Many begin in the middle of a landing, where nothing is known yet of the contact, or in the air.
    """
    faults, at_us = [], 0
    for _ in range(chance.choice((1, 2, 3))):
        at_us += round(1e6 * chance.uniform(0.0, duration_s / 3))
        end_us = at_us + round(1e6 * chance.choice((0.3, 3.0, 20.0, duration_s)))
        kind = chance.choice((Kind.CELL_STUCK, Kind.CELL_STUCK_NOISY, Kind.CELL_DRIFTING))
        after, late_us = chance.choice((None, Event.LANDING, Event.LIFTING)), chance.randrange(0, 300_000)
        faults.append(Fault(kind, at_us, end_us, ALL_CELLS, chance.randrange(20, 2000), after, late_us))
        at_us = end_us
    return tuple(faults)
