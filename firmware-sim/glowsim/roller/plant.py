"""The roller, as faults strike it: body, power, link, bonds and clock, each through its public interface."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from glowsim.faults.flash import corrupt, empty, fill
from glowsim.faults.kind import Part
from glowsim.faults.sensors import heads_of
from glowsim.firmware.outage import BOOT_US, OUTPUT_STAGE_US, PROCESSOR_WATCHDOG_US, Outage, ResetCause

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from glowsim.faults.fault import Active
    from glowsim.firmware.retained.memory import Memory
    from glowsim.peripheral.pairing.bonds import Bonds
    from glowsim.physics.body import Body
    from glowsim.roller.machine import Machine

#: The charge of the battery after a person has charged it from empty.
CHARGED_PERCENT: Final = 20.0


class Radio(Protocol):
    """The effects of faults on the radio."""

    def cut(self) -> None:
        """Drop every connection; on the virtual air silently, so that the host sees a supervision timeout."""
        ...

    def degrade(self, *, loss: float, delay_s: float, jitter_s: float, duplicate: float) -> None:
        """Make the link worse than usual by these values; all zero: as usual; a loss of one: nothing is heard."""
        ...

    def go_away(self, distance_m: float | None) -> None:
        """Carry the roller this far from its host, in m; None: back to its usual place."""
        ...

    def fall_silent(self, *, silent: bool) -> None:
        """Stop advertising, or go on with it."""
        ...

    def refuse_pairing(self, *, refuse: bool) -> None:
        """Refuse every pairing, or go on as usual."""
        ...

    def limit_mtu(self, *, limit: bool) -> None:
        """Agree to no MTU above the smallest, or go on as usual; from the next connection on."""
        ...


class RollerPlant:
    """Turns faults into acts on the roller. Machine and radio are attached later, and get the faults that are on."""

    def __init__(self, body: Body, memory: Memory | None = None, bonds: Bonds | None = None) -> None:
        self._body = body
        self._memory = memory
        self._bonds = bonds
        self._names: frozenset[str] = frozenset()
        self._of_the_link: dict[str, Active] = {}
        self.machine: Machine | None = None
        self._out_at_first: Outage | None = None
        self.radio: Radio | None = None
        self._strikes: dict[str, Callable[[Active], None]] = {
            "lost-bond": lambda _fault: self._forget_bonds(),
            "low-battery": lambda fault: self._body.set_battery(fault.number("percent")),
            "brown-out": lambda fault: self.power_cycle(ResetCause.BROWN_OUT, fault.number("off_s")),
            "reboot": lambda _fault: self.power_cycle(ResetCause.SOFTWARE),
            "hang": lambda _fault: self._hang(),
            "flash-corrupted": self._corrupt_flash,
            "clock-jump": lambda fault: self._jump(fault.number("by_s")),
        }

    def strike(self, fault: Active) -> None:
        """Let a momentary fault happen."""
        self._strikes[fault.kind.name](fault)

    def stand(self, faults: Sequence[Active]) -> None:
        """Switch these lasting faults on, and all others off."""
        names = frozenset(fault.kind.name for fault in faults)
        begun, over = names - self._names, self._names - names
        self._names = names
        lifting = [heads_of(fault) for fault in faults if fault.kind.name == "electrode-lifting"]
        self._body.lift_electrodes(any(left for left, _ in lifting), any(right for _, right in lifting))
        self._of_the_link = {fault.kind.name: fault for fault in faults if fault.kind.part is Part.LINK}
        self._spoil()
        if "flash-full" in begun | over:
            self._fill_flash(full="flash-full" in begun)
        if "dead-battery" in begun:
            self._die()
        if "dead-battery" in over:
            self._revive()

    def switch_on(self, machine: Machine) -> None:
        """Take the machine after its first tick; a loss of power that was due in that tick happens here."""
        self.machine = machine
        if self._out_at_first is not None:
            machine.go_out(self._out_at_first)

    def attach(self, radio: Radio) -> None:
        """Go on the air, with the link faults that are already on; silently during an outage."""
        self.radio = radio
        self._spoil()
        if self.machine is not None and self.machine.out:
            radio.fall_silent(silent=True)

    def carry_on(self, faults: Sequence[Active], dt_s: float) -> None:
        """Let gel dry, and keep heads hot, for `dt_s`."""
        for fault in faults:
            if fault.kind.name == "gel-drying":
                self._body.wet_skin(max(0.0, self._body.moisture - dt_s / (60.0 * fault.number("minutes"))))
            elif fault.kind.name == "over-temperature":
                self._body.heat_heads(fault.number("celsius"))

    def power_cycle(self, cause: ResetCause, off_s: float = 0.0) -> None:
        """Cut the power for `off_s`, then boot."""
        self._go_out(Outage(cause, round(off_s * 1e6) + BOOT_US))

    def on_outage(self, outage: Outage | None) -> None:
        """Note that the firmware has stopped running, or, with None, runs again."""
        if self.radio is not None:
            if outage is not None:
                self.radio.cut()
            self.radio.fall_silent(silent=outage is not None)

    def go_away(self, distance_m: float | None) -> None:
        """Carry the roller this far from its host, in m; None: back to its usual place."""
        if self.radio is not None:
            self.radio.go_away(distance_m)

    def _spoil(self) -> None:
        faults = self._of_the_link
        if self.radio is None:
            return

        def number(fault: str, name: str) -> float:
            return faults[fault].number(name) if fault in faults else 0.0

        self.radio.refuse_pairing(refuse="refused-bond" in faults)
        self.radio.limit_mtu(limit="mtu-23" in faults)
        self.radio.degrade(
            loss=1.0 if "link-loss" in faults else number("packet-loss", "share"),
            delay_s=number("delay", "ms") / 1000.0,
            jitter_s=number("delay", "jitter_ms") / 1000.0,
            duplicate=number("duplication", "share"),
        )

    def _forget_bonds(self) -> None:
        if self._bonds is not None:
            self._bonds.forget()

    def _go_out(self, outage: Outage) -> None:
        if self.machine is None:
            self._out_at_first = outage
        else:
            self.machine.go_out(outage)

    def _hang(self) -> None:
        self._go_out(Outage(ResetCause.WATCHDOG, PROCESSOR_WATCHDOG_US + BOOT_US, OUTPUT_STAGE_US))

    def _die(self) -> None:
        self._body.set_battery(0.0)
        self._go_out(Outage(ResetCause.POWER_ON, None))

    def _revive(self) -> None:
        self._body.set_battery(CHARGED_PERCENT)
        if self.machine is not None:
            self.machine.come_back()

    def _fill_flash(self, *, full: bool) -> None:
        if self._memory is not None:
            (fill if full else empty)(self._memory.records)

    def _corrupt_flash(self, fault: Active) -> None:
        if self._memory is not None:
            corrupt(self._memory.chip, round(fault.number("bytes")), f"flash/{fault.since_us}")

    def _jump(self, by_s: float) -> None:
        if self.machine is not None:
            self.machine.jump_clock(round(by_s * 1000))
