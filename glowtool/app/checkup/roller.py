"""The checks of the roller and the way to it: who uses it, the bond on both sides, a second of telemetry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.app.checkup.findings import Check, Finding, failed, failed_by, not_applicable, passed, warned
from glowtool.app.routines import proposed_for
from glowtool.drivers.gr1.examination import OUR_PROTOCOL, SUBSCRIPTIONS, Examination
from glowtool.errors import (
    DeviceNotFoundError,
    InUseError,
    LinkError,
    MissingExtraError,
    NotOfferedError,
    NotPairedError,
    ProtocolError,
)
from glowtool.model.state import FAULTS, Fault

if TYPE_CHECKING:
    from glowtool.errors import GlowtoolError
    from glowtool.store.rollers.known import KnownRoller

#: The smallest MTU that carries a telemetry frame in one packet, and the one that glowtool asks for.
_MTU_LEAST: Final = 23
_MTU_WANTED: Final = 185

#: A massage sets the clock; a larger error means that the roller's clock runs badly, or that somebody else set it.
_CLOCK_S: Final = 5.0

_BATTERY_PERCENT: Final = 10
_FEW_FRAMES_LOST: Final = 0.02


@dataclass(frozen=True, slots=True)
class RollerFacts:
    """A known roller, and what was found on the way to it; None for steps that were not reached.

    `none_because` says why there is no roller to check, `named` whether the person named one, `in_use` who uses it,
    `no_radio` that there is no adapter, `bonded` whether this computer keeps a bond, `error` what stopped the check,
    `not_offered` that it is a device of another maker, which only its own driver could examine.
    """

    known: KnownRoller | None = None
    named: bool = False
    none_because: GlowtoolError | None = None
    in_use: InUseError | None = None
    no_radio: bool = False
    bonded: bool | None = None
    heard: bool = False
    error: GlowtoolError | None = None
    not_offered: NotOfferedError | None = None
    found: Examination | None = None


def _known(facts: RollerFacts) -> Finding:
    if facts.known is not None:
        firmware = f", firmware {facts.known.firmware}" if facts.known.firmware else ""
        return passed(f"{facts.known.spoken} ({facts.known.address}){firmware}")
    if facts.none_because is None:
        return not_applicable("no roller is known")
    if facts.named:
        return failed_by(facts.none_because)
    return not_applicable(str(facts.none_because))


def _use(facts: RollerFacts) -> Finding:
    if facts.known is None:
        return not_applicable("no roller to look at")
    if facts.in_use is None:
        return passed("no other glowtool with this data directory uses it")
    return warned(facts.in_use.says, facts.in_use.advice)


def _bond_here(facts: RollerFacts) -> Finding:
    if facts.bonded is None:
        return not_applicable(_why_not(facts))
    if facts.bonded:
        return passed("kept by this computer")
    advice = f"`glowtool pair {facts.known.address}`" if facts.known else "`glowtool pair`"
    return failed(NotPairedError, "this computer keeps no bond with it", advice)


def _near(facts: RollerFacts) -> Finding:
    if facts.heard:
        return passed("heard")
    if isinstance(facts.error, DeviceNotFoundError):
        finding = failed_by(facts.error)
        return finding if facts.named else warned(finding.says, finding.advice)
    if isinstance(facts.error, MissingExtraError):
        return failed_by(facts.error)
    return not_applicable(_why_not(facts))


def _connection(facts: RollerFacts) -> Finding:
    if facts.found is not None or (facts.heard and isinstance(facts.error, NotPairedError | ProtocolError)):
        return passed("made")
    if facts.heard and facts.error is not None:
        return failed_by(facts.error)
    return not_applicable(_why_not(facts))


def _bond_there(facts: RollerFacts) -> Finding:
    if facts.found is not None or (facts.heard and isinstance(facts.error, ProtocolError)):
        return passed("the roller accepts it")
    if facts.bonded and isinstance(facts.error, NotPairedError):
        return failed_by(facts.error)
    return not_applicable(_why_not(facts))


def _protocol(facts: RollerFacts) -> Finding:
    if facts.found is not None:
        feature, identity = facts.found.feature, facts.found.identity
        return passed(f"the roller speaks {feature.version}, glowtool {OUR_PROTOCOL}; firmware {identity.firmware}")
    if facts.heard and isinstance(facts.error, ProtocolError):
        return failed_by(facts.error)
    return not_applicable(_why_not(facts))


def _mtu(facts: RollerFacts) -> Finding:
    if facts.found is None:
        return not_applicable(_why_not(facts))
    said = f"{facts.found.mtu} bytes"
    if facts.found.mtu <= _MTU_LEAST:
        return warned(f"{said}, the smallest possible", "telemetry goes in small pieces: use a newer adapter or BlueZ")
    return passed(said) if facts.found.mtu >= _MTU_WANTED else warned(said, "telemetry may lose frames at full rate")


def _subscriptions(facts: RollerFacts) -> Finding:
    if facts.found is None:
        return not_applicable(_why_not(facts))
    held = facts.found.subscribed
    if len(held) == len(SUBSCRIPTIONS):
        return passed(f"{len(held)} of {len(SUBSCRIPTIONS)} at the same time")
    missing = ", ".join(each.name for each in SUBSCRIPTIONS if each not in held)
    why = f" ({facts.found.refusal})" if facts.found.refusal is not None else ""
    return failed(LinkError, f"{len(held)} of {len(SUBSCRIPTIONS)}, without {missing}{why}", "close other programs")


def _telemetry(facts: RollerFacts) -> Finding:
    found = facts.found
    if found is None or len(found.subscribed) < len(SUBSCRIPTIONS):
        return not_applicable(_why_not(facts))
    if found.refusal is not None:
        return failed_by(found.refusal)
    lost = found.frames_sent - found.frames_received
    said = f"{found.frames_received} of {found.frames_sent} frames arrived"
    if found.frames_sent == 0:
        return failed(LinkError, "the roller sent no frame in a second", "switch it off and on")
    if lost > found.frames_sent * _FEW_FRAMES_LOST:
        return warned(said, "bring the roller nearer, and away from other radios")
    return passed(said)


def _clock(facts: RollerFacts) -> Finding:
    if facts.found is None:
        return not_applicable(_why_not(facts))
    ahead_s = facts.found.clock_ahead_s
    if ahead_s is None:
        return passed(f"nobody has set the roller's clock since it was switched on; {_sets_the_clock(facts.found)}")
    way = "ahead of" if ahead_s > 0 else "behind"
    said = f"the roller's clock is {abs(ahead_s):.1f} s {way} this computer's"
    return passed(said) if abs(ahead_s) <= _CLOCK_S else warned(said, _sets_the_clock(facts.found))


def _sets_the_clock(found: Examination) -> str:
    proposal = proposed_for(found.feature.limits)
    return "a massage sets it" if proposal.routine is None else f"`{proposal.command}` sets it"


def _battery(facts: RollerFacts) -> Finding:
    if facts.found is None:
        return not_applicable(_why_not(facts))
    said = f"{facts.found.status.battery_percent} %"
    low = facts.found.status.battery_percent < _BATTERY_PERCENT
    return warned(said, "charge it: current is refused under 10 %") if low else passed(said)


def _faults(facts: RollerFacts) -> Finding:
    if facts.found is None:
        return not_applicable(_why_not(facts))
    faults = [FAULTS[flag] for flag in Fault if flag in facts.found.status.faults]
    if not faults:
        return passed("none")
    return warned(", ".join(faults), "switch the roller off and on; if the fault stays, have the roller repaired")


def _why_not(facts: RollerFacts) -> str:
    if facts.known is None:
        return "no roller to look at"
    if facts.no_radio:
        return "there is no adapter to reach it with"
    if facts.in_use is not None:
        return "not checked while the roller is in use"
    if facts.not_offered is not None:
        return facts.not_offered.says
    return "not connected"


ROLLER_CHECKS: Final[tuple[Check[RollerFacts], ...]] = (
    Check("roller", "Roller", _known),
    Check("in-use", "In use", _use),
    Check("bond-here", "Bond here", _bond_here),
    Check("in-reach", "In reach", _near),
    Check("connection", "Connection", _connection),
    Check("bond-there", "Bond there", _bond_there),
    Check("protocol", "Protocol", _protocol),
    Check("mtu", "MTU", _mtu),
    Check("subscriptions", "Notifications", _subscriptions),
    Check("telemetry", "Telemetry", _telemetry),
    Check("clock", "Clock", _clock),
    Check("battery", "Battery", _battery),
    Check("faults", "Faults", _faults),
)
