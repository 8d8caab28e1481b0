"""`glowtool info`: a roller's identity, its state, and what it allows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from glowtool import app
from glowtool.cli.options import Options, pass_options
from glowtool.cli.runtime import run_async
from glowtool.cli.terminal.news_words import shown_by
from glowtool.cli.terminal.output import Printer
from glowtool.model.ceilings import CEILINGS, CeilingId
from glowtool.model.names import key_of, keys_in, member_of
from glowtool.model.state import FAULTS, INTERLOCKS, Fault, Interlock
from glowtool.units import MILLISECONDS_PER_SECOND, SHARE

#: Ceilings so short that they are shown in ms.
_SHORT: Final = frozenset(
    {CeilingId.SOFT_START, CeilingId.CONTACT_LOSS, CeilingId.PRESSURE_HALF_AFTER, CeilingId.HOST_SILENCE}
)

if TYPE_CHECKING:
    from glowtool.app.errands.asking import Answers
    from glowtool.store.rollers.known import KnownRoller


@click.command(short_help="Show a roller's identity, state and limits.")
@click.argument("device", required=False)
@pass_options
def info(options: Options, device: str | None) -> None:
    """Show a roller's identity and state; with -v also the ceilings that it enforces.

    DEVICE may be left out when one roller is known, or a default is set. With --json: {address, name, alias, serial,
    model, hardware, firmware, protocol, battery_percent, state, interlocks, faults, capabilities, rates_hz, ceilings:
    [{id, name, value, unit}]}.
    """
    output = Printer(options)
    known = app.finding.known_roller(options.place, device)
    answers = run_async(options, app.asking.ask(options.place, known, shown_by(output)))
    shown = _object(answers, known)
    if output.json:
        output.json_object(shown)
        return
    _print(output, shown, ceilings=options.verbosity > 0)


def _object(answers: Answers, known: KnownRoller) -> dict[str, object]:
    identity, limits, status = answers.identity, answers.limits, answers.status
    ceilings = [_ceiling(which, value) for which, value in limits.ceilings.items()]
    return {
        "address": known.address,
        "name": known.name,
        "alias": known.alias,
        "serial": identity.serial,
        "model": identity.model,
        "hardware": identity.hardware,
        "firmware": identity.firmware,
        "protocol": answers.protocol,
        "battery_percent": answers.battery_percent,
        "state": key_of(status.state),
        "interlocks": keys_in(status.interlocks),
        "faults": keys_in(status.faults),
        "capabilities": keys_in(limits.capabilities),
        "rates_hz": list(answers.rates_hz),
        "ceilings": ceilings,
    }


def _ceiling(which: CeilingId, value: float) -> dict[str, object]:
    """Return a ceiling in people's units: a share in percent, a short time in ms."""
    unit = CEILINGS[which].unit
    if unit == SHARE:
        value, unit = round(value * 100, 6), "%"
    elif which in _SHORT:
        value, unit = round(value * MILLISECONDS_PER_SECOND), "ms"
    return {"id": which.value, "name": key_of(which), "value": value, "unit": unit}


def _print(output: Printer, said: dict[str, object], *, ceilings: bool) -> None:
    """Print what fits on a screen; the ceilings, which nobody needs every day, only on request."""
    alias = f" “{said['alias']}”" if said["alias"] else ""
    output.result(f"{said['name']}{alias}, {said['address']}")
    kinds = ", ".join(f"{kind} {said[kind]}" for kind in ("serial", "hardware", "firmware", "protocol"))
    output.result(f"{said['model']}, {kinds}")
    output.result(f"Battery {said['battery_percent']} %; {said['state']}")
    for name in _names(said["interlocks"]):
        output.result(f"Held back: {INTERLOCKS[member_of(Interlock, name)]}")
    for name in _names(said["faults"]):
        output.result(f"Broken: {FAULTS[member_of(Fault, name)]}")
    rates = said["rates_hz"]
    output.result(f"Sampling rates {', '.join(map(str, rates)) if isinstance(rates, list) else ''} Hz")
    rows = said["ceilings"] if isinstance(said["ceilings"], list) else []
    if not ceilings:
        output.result(f"It enforces {len(rows)} ceilings; -v lists them.")
        return
    output.result("Ceilings that it enforces:")
    for row in rows:
        output.result(f"  {row['name'].replace('_', ' '):<22} {row['value']:>6g} {row['unit']}")


def _names(said: object) -> list[str]:
    return said if isinstance(said, list) else []
