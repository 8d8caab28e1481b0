"""`glowtool safety status`: what somebody had today, and what is left of the day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from glowtool import app
from glowtool.cli.commands.safety.amounts import a8_text, dose_object, minutes_text
from glowtool.cli.options import Options, pass_options
from glowtool.cli.terminal.output import Printer
from glowtool.model.ceilings import CeilingId, limit
from glowtool.safety.dose import ACTION_MS2

if TYPE_CHECKING:
    from glowtool.safety.dose import Dose
    from glowtool.safety.limits import PersonalMax
    from glowtool.store.people.people import KnownPerson


@click.command(short_help="Show what was had today, what is left, and what is allowed.")
@pass_options
def status(options: Options) -> None:
    """Show what somebody had today of whatever roller, what is left of the day, and what is allowed now.

    With --json: {person, today: {current_s, vibration_s, charge_mc, a8_ms2}, left: {current_s, vibration_s}, allowed:
    {peak_ua, amplitude_percent}, whole}. Charge and A(8) are upper estimates. A massage that still runs, or was cut off
    without a log, counts as all that it may deliver; whole is false when ledger or audit are not as they were written.
    """
    output, place = Printer(options), options.place
    known = app.keeping.chosen(place)
    dose, bounds = app.doses.dose_today(place, known.id), app.who.bounds_here(place)
    bad = [each for each in app.proving.prove(place) if not each.whole]
    if output.json:
        output.json_object(_object(known, dose, bounds, whole=not bad))
    for line in _lines(known, dose, bounds):
        output.prose(line)
    for each in bad:
        output.problem(f"glowtool: {each.path}: {each.why}")


def _object(known: KnownPerson, dose: Dose, bounds: PersonalMax, *, whole: bool) -> dict[str, object]:
    return {
        "person": known.name,
        "today": dose_object(dose),
        "left": {
            "current_s": round(max(0.0, limit(CeilingId.DAY_CURRENT) - dose.current_s), 1),
            "vibration_s": round(max(0.0, limit(CeilingId.DAY_VIBRATION) - dose.vibration_s), 1),
        },
        "allowed": {"peak_ua": bounds.peak_ua, "amplitude_percent": round(100 * bounds.amplitude)},
        "whole": whole,
    }


def _lines(known: KnownPerson, dose: Dose, bounds: PersonalMax) -> tuple[str, ...]:
    vibration = f"{_of(dose.vibration_s, limit(CeilingId.DAY_VIBRATION))}; {a8_text(dose)} at most"
    return (
        f"{known.name}, today, of all rollers:",
        f"Microcurrent  {_of(dose.current_s, limit(CeilingId.DAY_CURRENT))}; at most {dose.charge_mc:.1f} mC",
        f"Vibration     {vibration}, where hands are to be spared from {ACTION_MS2:g} m/s² on",
        (
            f"Allowed now   microcurrent {_unless_spent(f'{bounds.peak_ua:g} µA', bounds.day_current_s)}, "
            f"vibration {_unless_spent(f'{100 * bounds.amplitude:.0f} %', bounds.day_vibration_s)}"
        ),
    )


def _unless_spent(level: str, left_s: float) -> str:
    return level if left_s > 0 else "none, the day is spent"


def _of(had_s: float, most_s: float) -> str:
    return f"{minutes_text(had_s)} of {minutes_text(most_s)}, {minutes_text(max(0.0, most_s - had_s))} left"
