"""A whole virtual roller: body, firmware and radio, running in real time on a virtual air."""

from __future__ import annotations

from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from glowsim.air.air import Air
from glowsim.air.conditions import LinkConditions
from glowsim.air.controller import VirtualController
from glowsim.evidence.defects import note_defect
from glowsim.evidence.truth import write_truth
from glowsim.faults.board import Board
from glowsim.faults.faulty_body import FaultyBody
from glowsim.firmware.firmware import Firmware
from glowsim.firmware.flash.chip import PowerLostError
from glowsim.firmware.flash.records import FlashBrokenError, FlashFullError
from glowsim.firmware.outage import ResetCause
from glowsim.peripheral.pairing.bonds import Bonds
from glowsim.peripheral.pairing.window import PairingWindow
from glowsim.peripheral.peripheral import Peripheral
from glowsim.peripheral.wires import Wires
from glowsim.roller.assembly import Assembly, assembled
from glowsim.roller.fuel_gauge import FuelGauge
from glowsim.roller.machine import Machine, MachineWires
from glowsim.roller.parts import facts, passkeys
from glowsim.roller.plant import RollerPlant
from glowsim.roller.radios import RealRadio, VirtualRadio
from glowsim.roller.sleep import fall_asleep, wake
from glowsim.roller.state_dir import seeded
from glowsim.time.background import background
from glowsim.time.pacing import paced
from glowsim.time.virtual_time import unix_us
from glowtool.errors import InputError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
    from pathlib import Path

    from glowsim.firmware.retained.memory import Memory
    from glowsim.peripheral.hci import Radio
    from glowsim.peripheral.pairing.screen import Screen
    from glowsim.physics.body import Body
    from glowsim.physics.types import Delivered
    from glowsim.scene.scenario import Scenario

#: A press of at least this length opens the pairing window.
LONG_PRESS_S: Final = 2.0


class Roller:
    """A roller that is switched on; open it with `Roller.open`."""

    def __init__(self, parts: Assembly) -> None:
        self._parts = parts
        body, memory = parts.body, parts.memory
        self.peripheral: Peripheral | None = None
        variant = parts.variant
        self._bonds = Bonds(
            memory,
            vouched_for=variant.display.authenticates,
            on_power_lost=self._lose_power,
            on_gone=self._forget_host,
        )
        self._plant = RollerPlant(body, memory, self._bonds)
        self._faults = Board(parts.faults, parts.seed, self._plant, on_air=parts.on_air)
        self._faulty = faulty = FaultyBody(body, self._faults)
        firmware = Firmware(memory, parts.identity.serial, variant.display.capability, note_defect, variant.model)
        slept_s = wake(memory)
        about = facts(parts.identity, variant.model)
        wires = MachineWires(self._send_frames, self._plant.on_outage)
        self._machine = Machine(firmware, faulty, parts.recorder, about, parts.clock, wires=wires)
        firmware.sleep_through(slept_s * 1_000_000)
        self._plant.switch_on(self._machine)
        self._gauge = FuelGauge(memory, body, parts.wall_clock_us)

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        air: Radio,
        state_dir: Path,
        scenario: Scenario,
        *,
        seed: int | None = None,
        display: Callable[[Screen], None] = lambda _screen: None,
        on_attempt: Callable[[], None] = lambda: None,
        on_link: Callable[[str | None], None] = lambda _address: None,
        wall_clock_us: Callable[[], int] = unix_us,
        truth: Path | None = None,
    ) -> AsyncIterator[Roller]:
        """Switch a roller on for the time of the block; its state is kept in the directory.

        `display` takes the content of the display; `on_attempt` is called when a host begins to pair, `on_link` with
        the address of a host that has connected, and with None when the host is gone. With a seed, identity, passkeys
        and body are reproducible. `wall_clock_us` returns UTC in µs since 1970, by default the running loop's. At the
        end, the truth about the hand is written into the folder `truth`, if one is given. Raises
        AdapterUnavailableError when the directory is in use, InputError when a file in it is damaged.
        """
        window = PairingWindow(passkeys(seeded(seed, "passkeys")), display, scenario.device.variant.display)
        with assembled(air, state_dir, scenario, seed=seed, wall_clock_us=wall_clock_us, truth=truth) as parts:
            roller = cls(parts)
            async with roller.running(air, window, Wires(on_attempt, on_link)):
                yield roller

    @asynccontextmanager
    async def running(self, air: Radio, window: PairingWindow, wires: Wires) -> AsyncIterator[Peripheral]:
        """Run body, firmware and radio for the time of the block; afterwards everything is at rest and saved."""
        with self._powered():
            async with (
                self._on_air(air, window, wires) as peripheral,
                background(*self._works(peripheral)),
            ):
                yield peripheral

    @contextmanager
    def _powered(self) -> Iterator[None]:
        try:
            yield
        finally:
            self._machine.stop()
            self._parts.recorder.flush()
            self._gauge.keep()
            if not self._machine.out:
                # Without power no crystal runs.
                with suppress(FlashFullError, FlashBrokenError, PowerLostError):
                    fall_asleep(self._parts.memory)

    @asynccontextmanager
    async def _on_air(self, air: Radio, window: PairingWindow, wires: Wires) -> AsyncIterator[Peripheral]:
        address, irk = self._parts.identity.address, self._parts.identity.irk
        if isinstance(air, Air):
            wires = replace(wires, on_address=partial(air.goes_by, address))
        try:
            async with (
                air.attach(self.name) as port,
                Peripheral.on_air(
                    port,
                    address=address,
                    irk=irk,
                    mind=self._machine,
                    bonds=self._bonds,
                    window=window,
                    private=self._parts.private,
                    wires=wires,
                ) as peripheral,
            ):
                self.peripheral = peripheral
                if isinstance(port, VirtualController):
                    self._plant.attach(VirtualRadio(port, self.address, peripheral))
                    port.air.goes_by(self.address, peripheral.address)
                else:
                    self._plant.attach(RealRadio(peripheral))
                if not peripheral.bonded:
                    peripheral.open_window()
                yield peripheral
        finally:
            self.peripheral = None

    @property
    def name(self) -> str:
        """The advertised name."""
        return self._machine.facts.local_name

    @property
    def address(self) -> str:
        """The random static address of the roller, its identity."""
        return self._parts.identity.address

    @property
    def air_address(self) -> str:
        """The present address: with privacy a resolvable private one, otherwise the identity address."""
        return self.address if self.peripheral is None else self.peripheral.address

    def renew_address(self) -> None:
        """Change to another private address once no host is connected; InputError without privacy."""
        if self.peripheral is None or not self.peripheral.renew_address():
            raise InputError(
                "this roller uses its identity address; only a scenario with `[device] privacy = true` has others"
            )

    @property
    def machine(self) -> Machine:
        """Body and firmware, for tests and consoles that look inside."""
        return self._machine

    @property
    def body(self) -> Body:
        """The body, for the acts of the person who holds the roller."""
        return self._parts.body

    @property
    def memory(self) -> Memory:
        """The flash: `memory.chip.cut` fails the power during a write, `memory.records` are the firmware's own."""
        return self._parts.memory

    @property
    def bonds(self) -> Bonds:
        """The bonds in the flash: `bonds.addresses`, `bonds.drop(address)`, `bonds.forget()` for all of them."""
        return self._bonds

    @property
    def delivered(self) -> Delivered:
        """What electrode and motor really did in the last tick."""
        return self._faulty.delivered

    @property
    def faults(self) -> Board:
        """The board of faults: `roller.faults.start("cell-stuck", cell="lf", for_s=3)`."""
        return self._faults

    def power_cycle(self, cause: ResetCause = ResetCause.POWER_ON, off_s: float = 0.0) -> None:
        """Cut the power for `off_s`, then boot: outputs are zero, the link is lost, device time restarts at zero."""
        self._plant.power_cycle(cause, off_s)

    def go_away(self, distance_m: float | None) -> None:
        """Carry the roller this far from its host, in m; None: back to its usual place.

        A real controller is either in reach or not: InputError for a distance that is in reach.
        """
        if distance_m is not None and not self._parts.on_air and LinkConditions(distance_m=distance_m).in_reach:
            raise InputError(
                f"at {distance_m:g} m it is in reach, and a weaker signal needs the virtual air; ignored with --radio"
            )
        self._plant.go_away(distance_m)

    def write_truth(self, folder: Path) -> None:
        """Write the truth about the hand so far into a folder; InputError when it cannot be written."""
        write_truth(folder, *self._parts.body.truth(), {"serial": self._parts.identity.serial})

    @property
    def connected(self) -> bool:
        """Whether a host is connected."""
        return self.peripheral is not None and self.peripheral.connected

    def press_button(self, held_s: float) -> None:
        """Press the button for `held_s`; a long press, or any press without bonds, opens the pairing window.

        While the display shows a number to compare and nothing runs, a press answers: a short one yes, a long one no.
        Nothing happens while the power is out or the firmware hangs.
        """
        if self._machine.out:
            return
        long = held_s >= LONG_PRESS_S
        if self.peripheral is not None and self.peripheral.desk.comparing and self._machine.at_rest:
            self.confirm(same=not long)
            return
        self._machine.press_button(held_s)
        if self.peripheral is not None and (long or not self.peripheral.bonded):
            self.peripheral.open_window()

    def confirm(self, *, same: bool = True) -> None:
        """Answer whether the host shows the number on the display; InputError when there is nothing to compare."""
        if self.peripheral is None or not self.peripheral.desk.confirm(same=same):
            raise InputError("there is no number to compare; a host must begin to pair first")

    def update_table(self) -> None:
        """Change the attribute table as a firmware update does, so that handles move; again: change it back.

        Service Changed tells the host, at once or in its next connection, and the host must subscribe again.
        """
        if self.peripheral is not None:
            self.peripheral.update_table()

    @property
    def pairing_open(self) -> bool:
        """Whether the pairing window is open."""
        return self.peripheral is not None and self.peripheral.desk.open

    def _works(self, peripheral: Peripheral) -> tuple[Coroutine[None, None, None], ...]:
        turns = paced(partial(self._turn, peripheral))
        return peripheral.run(), turns, self._gauge.run(), self._parts.recorder.keep_flushed()

    def _turn(self, peripheral: Peripheral) -> float:
        """Do the ticks that are due and tell the host the news; return when to continue, by the loop's clock."""
        machine = self._machine
        done = machine.catch_up()
        status = machine.take_status()
        if status is not None:
            peripheral.reports.send_status(status)
        return machine.due_at_s if done else 0.0

    def _send_frames(self, frames: list[bytes]) -> None:
        if self.peripheral is not None:
            self.peripheral.reports.send_frames(frames)

    def _lose_power(self) -> None:
        self.power_cycle(ResetCause.BROWN_OUT)

    def _forget_host(self, host: str) -> None:
        # In the first tick there is no machine yet, and so no host.
        if self._plant.machine is not None:
            self._plant.machine.forget_host(host)
        if self.peripheral is not None:
            self.peripheral.drop_unbonded()
