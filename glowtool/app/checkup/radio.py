"""The checks of the adapter: is it there, may it be used, is it on, does it do what pairing and telemetry need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowtool.app.checkup.findings import (
    Check,
    Finding,
    failed,
    failed_by,
    not_applicable,
    passed,
    warned,
)
from glowtool.errors import AdapterUnavailableError
from glowtool.link.radio import Block, Obstacle, RadioFacts

if TYPE_CHECKING:
    from glowtool.errors import GlowtoolError

#: The version that bleak asks for, and the one that reports the MTU.
_BLUEZ_LEAST: Final = (5, 55)
_BLUEZ_WANTED: Final = (5, 62)

#: This version brought LE Secure Connections and the data length extension.
_CORE_WANTED: Final = "4.2"

_NO_ADAPTER: Final = "there is no adapter to check"
_UNTOLD: Final = "this system does not tell"


def _there(facts: RadioFacts) -> bool:
    return facts.trouble is None or facts.powered is not None


def _service(facts: RadioFacts) -> Finding:
    said = " ".join(filter(None, (facts.stack, facts.stack_version)))
    if facts.trouble is not None and facts.trouble.obstacle is Obstacle.NO_SERVICE:
        return _no_service(facts.trouble.error, facts.others)
    if facts.trouble is not None and facts.trouble.obstacle is Obstacle.CANNOT_OPEN:
        return not_applicable("the adapter cannot be opened")
    if facts.stack != "BlueZ":
        return passed(said)
    if facts.stack_version is None:
        return warned("BlueZ runs, but does not report its version", f"it should be {_dotted(_BLUEZ_LEAST)} or later")
    found = _numbers(facts.stack_version)
    if found < _BLUEZ_LEAST:
        return failed(AdapterUnavailableError, said, f"update it: {_dotted(_BLUEZ_LEAST)} or later is needed")
    if found < _BLUEZ_WANTED:
        return warned(said, f"from {_dotted(_BLUEZ_WANTED)} on, it reports the size of packets: update it if you can")
    return passed(said)


def _no_service(error: GlowtoolError, adapters: tuple[str, ...]) -> Finding:
    if not adapters:
        return failed_by(error)
    names = ", ".join(adapters)
    return failed(
        AdapterUnavailableError,
        f"the kernel has {names}, but the Bluetooth service does not answer",
        "start D-Bus and BlueZ, for example with `systemctl start bluetooth`, or use the adapter without them: "
        "`--adapter bumble:hci-socket:0`",
    )


def _permission(facts: RadioFacts) -> Finding:
    if facts.stack != "BlueZ" and facts.trouble is None:
        return not_applicable("this adapter asks no service of the system")
    if facts.trouble is None or facts.trouble.obstacle is Obstacle.NO_ADAPTER:
        return passed("this user may use Bluetooth")
    if facts.trouble.obstacle is Obstacle.DENIED:
        return failed_by(facts.trouble.error)
    return not_applicable("no service to ask")


def _adapter(facts: RadioFacts) -> Finding:
    if facts.trouble is None:
        also = f" (also there: {', '.join(facts.others)})" if facts.others else ""
        return passed(" ".join(filter(None, (facts.name, facts.address))) + also)
    if facts.trouble.obstacle is Obstacle.NO_ADAPTER:
        finding = failed_by(facts.trouble.error)
        if not facts.others:
            return finding
        return failed(AdapterUnavailableError, finding.says, f"name one of: {', '.join(facts.others)}")
    if facts.trouble.obstacle is Obstacle.CANNOT_OPEN:
        return failed_by(facts.trouble.error)
    return not_applicable("only the Bluetooth service can tell")


def _block(facts: RadioFacts) -> Finding:
    match facts.block:
        case Block.SOFTWARE:
            return failed(AdapterUnavailableError, "blocked by software (rfkill)", "`rfkill unblock bluetooth`")
        case Block.SWITCH:
            return failed(
                AdapterUnavailableError, "blocked by a switch (rfkill)", "use the switch or key of this machine"
            )
    if not facts.can_be_blocked or facts.stack != "BlueZ":
        return not_applicable("this system cannot block this radio")
    return passed("not blocked (rfkill)") if _there(facts) else not_applicable(_NO_ADAPTER)


def _power(facts: RadioFacts) -> Finding:
    if not _there(facts):
        return not_applicable(_NO_ADAPTER)
    if facts.powered is None:
        return not_applicable(_UNTOLD)
    if facts.powered:
        return passed("on")
    first = "unblock it first, then " if facts.block is not None else ""
    return failed(AdapterUnavailableError, "the adapter is switched off", f"{first}`bluetoothctl power on`")


def _low_energy(facts: RadioFacts) -> Finding:
    if facts.low_energy is None:
        return not_applicable(_UNTOLD if _there(facts) else _NO_ADAPTER)
    if facts.low_energy:
        return passed("can be a central of Bluetooth LE")
    return failed(AdapterUnavailableError, "the adapter has no Bluetooth LE", "use one of Bluetooth 4.2 or later")


def _secure_connections(facts: RadioFacts) -> Finding:
    if facts.secure_connections is None:
        return not_applicable(_UNTOLD if _there(facts) else _NO_ADAPTER)
    if facts.secure_connections:
        return passed("LE Secure Connections")
    return failed(
        AdapterUnavailableError,
        "the adapter lacks LE Secure Connections: a roller refuses to pair",
        "use an adapter of Bluetooth 4.2 or later",
    )


def _controller(facts: RadioFacts) -> Finding:
    if facts.core_version is None:
        return not_applicable(_UNTOLD if _there(facts) else _NO_ADAPTER)
    lacks = ", ".join(facts.absent_features or ())
    said = f"Bluetooth {facts.core_version}" + (f", without {lacks}" if lacks else "")
    if facts.core_version[:1].isdigit() and _numbers(facts.core_version) < _numbers(_CORE_WANTED):
        return warned(said, "telemetry may lose frames: use an adapter of Bluetooth 4.2 or later")
    return warned(said, "telemetry may be slow") if lacks else passed(said)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int("".join(filter(str.isdigit, part)) or 0) for part in text.split("."))


def _dotted(numbers: tuple[int, ...]) -> str:
    return ".".join(map(str, numbers))


RADIO_CHECKS: Final[tuple[Check[RadioFacts], ...]] = (
    Check("bluetooth-service", "Bluetooth service", _service),
    Check("bluetooth-permission", "Permission", _permission),
    Check("adapter", "Adapter", _adapter),
    Check("adapter-block", "Blocked", _block),
    Check("adapter-power", "Power", _power),
    Check("low-energy", "Bluetooth LE", _low_energy),
    Check("secure-connections", "Secure Connections", _secure_connections),
    Check("controller", "Controller", _controller),
)
