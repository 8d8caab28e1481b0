"""A whole virtual roller: body, firmware and radio, running in real time on a virtual air."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Final

from glowsim.air.air import Air
from glowsim.air.conditions import LinkConditions
from glowsim.air.controller import VirtualController
from glowsim.evidence.defects import note_defect
from glowsim.evidence.record import DeliveredRecorder
from glowsim.evidence.truth import keeping_truth, write_truth
from glowsim.faults.board import Board
from glowsim.faults.wrapped import FaultyBody
from glowsim.firmware.display import GR1
from glowsim.firmware.flash.chip import PowerLostError
from glowsim.firmware.flash.records import FlashBrokenError, FlashFullError
from glowsim.firmware.mind import Firmware
from glowsim.firmware.outage import ResetCause
from glowsim.firmware.retained.memory import Memory
from glowsim.peripheral.advertising.privacy import PrivateAddress
from glowsim.peripheral.pairing.bonds import Bonds
from glowsim.peripheral.pairing.window import PairingWindow
from glowsim.peripheral.peripheral import Peripheral
from glowsim.roller.flash_file import flash_file
from glowsim.roller.machine import Machine
from glowsim.roller.parts import FUEL_GAUGE, body_of, facts, passkeys
from glowsim.roller.plant import RollerPlant
from glowsim.roller.radios import RealRadio, VirtualRadio
from glowsim.roller.rest import fall_asleep, wake
from glowsim.roller.state import StateDir, seeded
from glowsim.time.background import background
from glowsim.time.pacing import paced
from glowsim.time.virtual_time import unix_us
from glowtool.errors import InputError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from glowsim.faults.active import Plan
    from glowsim.firmware.display import Variant
    from glowsim.peripheral.hci import Radio
    from glowsim.peripheral.pairing.screen import Screen
    from glowsim.physics.body import Body
    from glowsim.physics.types import Delivered
    from glowsim.roller.state import Identity
    from glowsim.scene.scenario import Scenario

#: Holding the button at least this long opens the pairing window.
LONG_PRESS_S: Final = 2.0

_SAVE_EVERY_S: Final = 1.0
_FLUSH_EVERY_S: Final = 0.25
_FLASH: Final = "flash.bin"


class Roller:
    """A roller that is switched on; open it with `Roller.open`."""

    def __init__(
        self,
        identity: Identity,
        body: Body,
        recorder: DeliveredRecorder,
        clock: Callable[[], float],
        *,
        memory: Memory,
        faults: tuple[Plan, ...] = (),
        seed: int = 1,
        on_air: bool = True,
        variant: Variant = GR1,
        private: PrivateAddress | None = None,
    ) -> None:
        self._identity = identity
        self._body = body
        self._recorder = recorder
        self._memory = memory
        self._virtual = on_air
        self._private = private
        self._bonds = Bonds(memory, vouched_for=variant.display.authenticates)
        self._bonds.drop_what_nobody_vouched_for()
        self._plant = RollerPlant(body, memory, self._bonds)
        self._faults = Board(faults, seed, self._plant, on_air=on_air)
        self._faulty = faulty = FaultyBody(body, self._faults)
        firmware = Firmware(memory, identity.serial, variant.display.capability, note_defect, variant.model)
        slept_s = wake(memory)
        self._machine = Machine(firmware, faulty, recorder, facts(identity, variant.model), clock)
        firmware.sleep_through(slept_s * 1_000_000)
        self._bonds.on_power_lost = lambda: self._plant.power_cycle(ResetCause.BROWN_OUT)
        self._bonds.on_gone = self._machine.forget_host
        self._plant.switch_on(self._machine)
        self._saved_percent = -1
        self._wall_clock_us = unix_us
        self.peripheral: Peripheral | None = None

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
        """Switch a roller on for the time of the block; its state stays in the directory.

        `display` takes what the display shows; `on_attempt` is called when a host begins to pair,
        `on_link` with the address of a host that has connected, and with None when it is gone. With a seed,
        identity, passkeys and body are reproducible. `wall_clock_us` returns UTC in µs since 1970, by default that of
        the running loop. What the hand really did is written into the folder `truth` at the end, if one is given.
        Raises AdapterUnavailableError when the directory is in use, InputError when a file in it is damaged.
        """
        clock = asyncio.get_running_loop().time
        variant = scenario.device.variant
        window = PairingWindow(passkeys(seeded(seed, "passkeys")), display, variant.display)
        with StateDir.locked(state_dir) as files, flash_file(state_dir / _FLASH) as chip:
            identity = files.identity(seeded(seed, "identity"))
            power_on_unix_us = wall_clock_us()
            if scenario.link.model_fields_set and isinstance(air, Air):
                air.set_conditions(LinkConditions(**scenario.link.model_dump()), identity.address)
            memory = Memory(chip)
            Bonds(memory).take_in(files)
            body = body_of(memory, scenario, seed, power_on_unix_us)
            about = {"scenario": scenario.title, "seed": str(scenario.seed if seed is None else seed)}
            with (
                DeliveredRecorder(state_dir, power_on_unix_us, wall_clock_us) as recorder,
                keeping_truth(truth, body, {**about, "serial": identity.serial}),
            ):
                roller = cls(
                    identity,
                    body,
                    recorder,
                    clock,
                    memory=memory,
                    faults=tuple(fault.plan for fault in scenario.faults),
                    seed=scenario.seed if seed is None else seed,
                    on_air=isinstance(air, Air),
                    variant=variant,
                    private=PrivateAddress(identity.irk, seeded(seed, "addresses")) if variant.privacy else None,
                )
                roller._wall_clock_us = wall_clock_us
                async with roller.running(air, window) as peripheral:
                    peripheral.desk.on_attempt = on_attempt
                    peripheral.on_link = on_link
                    yield roller

    @asynccontextmanager
    async def running(self, air: Radio, window: PairingWindow) -> AsyncIterator[Peripheral]:
        """Let body, firmware and radio run for the time of the block; afterwards everything is at rest and saved."""
        with self._powered():
            async with (
                self._on_air(air, window) as peripheral,
                background(peripheral.run(), paced(partial(self._turn, peripheral)), self._keep(), self._flush()),
            ):
                yield peripheral

    @contextmanager
    def _powered(self) -> Iterator[None]:
        try:
            yield
        finally:
            self._machine.stop()
            self._recorder.flush()
            self._keep_charge()
            if not self._machine.out:
                # Without power no crystal runs.
                with suppress(FlashFullError, FlashBrokenError, PowerLostError):
                    fall_asleep(self._memory)

    @asynccontextmanager
    async def _on_air(self, air: Radio, window: PairingWindow) -> AsyncIterator[Peripheral]:
        address, irk = self._identity.address, self._identity.irk
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
                    private=self._private,
                ) as peripheral,
            ):
                self.peripheral = peripheral
                if isinstance(port, VirtualController):
                    self._plant.attach(VirtualRadio(port, self.address, peripheral))
                    peripheral.on_address = partial(port.air.goes_by, self.address)
                    port.air.goes_by(self.address, peripheral.address)
                else:
                    self._plant.attach(RealRadio(peripheral))
                self._machine.send_frames = peripheral.send_frames
                if not peripheral.bonded:
                    peripheral.open_window()
                yield peripheral
        finally:
            self.peripheral = None

    @property
    def name(self) -> str:
        """The name that the roller advertises."""
        return self._machine.facts.local_name

    @property
    def address(self) -> str:
        """The random static address of the roller, its identity."""
        return self._identity.address

    @property
    def air_address(self) -> str:
        """The address by which it goes at present: with privacy a resolvable private one, else its identity."""
        return self.address if self.peripheral is None else self.peripheral.address

    def renew_address(self) -> None:
        """Go by another private address as soon as nobody is connected; InputError without privacy."""
        if self.peripheral is None or not self.peripheral.renew_address():
            raise InputError(
                "this roller goes by its identity address; a scenario with `[device] privacy = true` has others"
            )

    @property
    def machine(self) -> Machine:
        """Body and firmware, for those who look inside: tests and consoles."""
        return self._machine

    @property
    def body(self) -> Body:
        """The body, for the person who holds the roller."""
        return self._body

    @property
    def memory(self) -> Memory:
        """The flash: `memory.chip.cut` fails the power in a write, `memory.records` are the firmware's own."""
        return self._memory

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
        """Take the power away for `off_s`, then boot: outputs zero, the link gone, device time from zero again."""
        self._plant.power_cycle(cause, off_s)

    def go_away(self, distance_m: float | None) -> None:
        """Carry the roller so far from its host, in m; None: back to where it usually is.

        On a real controller it is in reach or not: InputError for a distance that would be.
        """
        if distance_m is not None and not self._virtual and LinkConditions(distance_m=distance_m).in_reach:
            raise InputError(
                f"at {distance_m:g} m it is in reach, and a weaker signal needs the virtual air; ignored with --radio"
            )
        self._plant.go_away(distance_m)

    def write_truth(self, folder: Path) -> None:
        """Write what the hand really did until now into a folder; InputError when it cannot be written."""
        write_truth(folder, *self._body.truth(), {"serial": self._identity.serial})

    @property
    def connected(self) -> bool:
        """Whether a host is connected."""
        return self.peripheral is not None and self.peripheral.connected

    def press_button(self, held_s: float) -> None:
        """Press the button for `held_s`; held long, or on a roller without bonds, it opens the pairing window.

        While the display shows a number to compare, and nothing runs, it answers: yes, or held long no. Nothing
        happens while the power is out or the firmware hangs.
        """
        if self._machine.out:
            return
        long = held_s >= LONG_PRESS_S
        if self._comparing and self._machine.at_rest:
            self.confirm(same=not long)
            return
        self._machine.press_button(held_s)
        if self.peripheral is not None and (long or not self.peripheral.bonded):
            self.peripheral.open_window()

    def confirm(self, *, same: bool = True) -> None:
        """Say whether the host shows the number on the display; InputError when there is nothing to compare."""
        if self.peripheral is None or not self.peripheral.desk.confirm(same=same):
            raise InputError("there is no number to compare; a host has to begin to pair first")

    def update_table(self) -> None:
        """Change the table of attributes as an update of the firmware does, so that handles move; again: back.

        A host that is connected, or else in its next connection, is told by Service Changed, and has to subscribe anew.
        """
        if self.peripheral is not None:
            self.peripheral.update_table()

    @property
    def pairing_open(self) -> bool:
        """Whether the pairing window is open."""
        return self.peripheral is not None and self.peripheral.desk.open

    @property
    def _comparing(self) -> bool:
        return self.peripheral is not None and self.peripheral.desk.comparing

    def _turn(self, peripheral: Peripheral) -> float:
        """Do the ticks that are due and tell the host what is new; returns when to go on, by the loop's clock."""
        machine = self._machine
        done = machine.catch_up()
        status = machine.take_status()
        if status is not None:
            peripheral.send_status(status)
        return machine.due_at_s if done else 0.0

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(_SAVE_EVERY_S)
            if int(self._body.battery_percent) != self._saved_percent:
                self._keep_charge()

    async def _flush(self) -> None:
        while True:
            await asyncio.sleep(_FLUSH_EVERY_S)
            self._recorder.flush()

    def _keep_charge(self) -> None:
        """Let the fuel gauge keep its charge; a flash that takes nothing shows in the firmware, not here."""
        percent = self._body.battery_percent
        self._saved_percent = int(percent)
        with suppress(FlashFullError, FlashBrokenError, PowerLostError):
            self._memory.save({FUEL_GAUGE: {"percent": percent, "unix_s": self._wall_clock_us() / 1e6}})
