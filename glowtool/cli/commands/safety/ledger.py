"""`glowtool safety ledger`: every massage of somebody with its dose, or the doses of the last seven days."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import click

from glowtool import app
from glowtool.cli.commands.safety.amounts import dose_object, minutes_text
from glowtool.cli.options import Options, pass_options
from glowtool.cli.terminal.output import Printer
from glowtool.kit.text.local_time import local_time
from glowtool.safety.dose import NO_DOSE
from glowtool.store.ledger.book import NOBODY
from glowtool.store.ledger.lines import Source

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from glowtool.app.ledger.doses import DayDose
    from glowtool.safety.dose import Dose
    from glowtool.store.ledger.lines import Massage

_WEEK_DAYS: Final = 7

_FROM: Final[dict[Source | None, str]] = {
    Source.SAMPLES: "its log",
    Source.STATUSES: "the roller's statuses",
    Source.RECORD: "the roller's record",
    Source.PLAN: "its plan: no log is left",
    Source.NOTHING: "it never began",
    None: "its plan: it may still run",
}


@click.command(short_help="List the doses of all massages, or of the last seven days.")
@click.option("--week", is_flag=True, help="The last seven days instead, day by day.")
@click.option("--nobody", is_flag=True, help="Massages by the button of which nobody knows whose they were.")
@pass_options
def ledger(options: Options, *, week: bool, nobody: bool) -> None:
    """List the dose of each massage, of whatever roller, or with --week of each of the last seven days.

    With --json: {person, massages: [{massage, started_utc, ended_utc, roller, routine, source, current_s, vibration_s,
    charge_mc, a8_ms2}]}, or {person, days: [{day, current_s, vibration_s, charge_mc, a8_ms2}]}. A roller that was
    forgotten is null, and so is a time that nobody knows. Charge and A(8) are upper estimates.
    """
    output, place = Printer(options), options.place
    known = None if nobody else app.keeping.chosen(place)
    whose, name = (NOBODY, None) if known is None else (known.id, known.name)
    if week:
        _tell_days(output, name, app.doses.days(place, whose, _WEEK_DAYS))
        return
    massages = app.doses.massages(place, whose)
    rollers = app.pseudonyms.known_rollers(place) if massages else {}
    if output.json:
        output.json_object({"person": name, "massages": [_object(each, rollers) for each in massages]})
        return
    if not massages:
        output.note(f"There is no massage of {name or 'nobody in particular'} in the ledger.")
        return
    headers = ("Started", "Roller", "Routine", "Current min", "Vibration min", "Charge mC", "A(8) m/s²", "By")
    output.table(headers, [_row(each, rollers) for each in massages], whole=frozenset({0}))


def _tell_days(output: Printer, name: str | None, days: Sequence[DayDose]) -> None:
    if output.json:
        output.json_object(
            {"person": name, "days": [{"day": each.day.isoformat(), **dose_object(each.dose)} for each in days]}
        )
        return
    rows = [(f"{each.day:%a %Y-%m-%d}", *_amounts(each.dose)) for each in days]
    total = sum((each.dose for each in days), NO_DOSE)
    output.table(("Day", "Current min", "Vibration min", "Charge mC", "A(8) m/s²"), rows, whole=frozenset({0}))
    output.result(
        f"Together {minutes_text(total.current_s)} of microcurrent and {minutes_text(total.vibration_s)} of vibration."
    )


def _row(massage: Massage, rollers: Mapping[str, str]) -> tuple[str, ...]:
    started = massage.started_us
    return (
        "–" if started is None else local_time(_moment(started)),
        rollers.get(massage.roller, "forgotten"),
        massage.routine or "–",
        *_amounts(massage.dose),
        _FROM[massage.source],
    )


def _amounts(dose: Dose) -> tuple[str, ...]:
    return f"{dose.current_s / 60:.1f}", f"{dose.vibration_s / 60:.1f}", f"{dose.charge_mc:.1f}", f"{dose.a8_ms2:.2f}"


def _object(massage: Massage, rollers: Mapping[str, str]) -> dict[str, object]:
    return {
        "massage": massage.massage,
        "started_utc": _utc(massage.started_us),
        "ended_utc": _utc(massage.ended_us),
        "roller": rollers.get(massage.roller),
        "routine": massage.routine or None,
        "source": None if massage.source is None else massage.source.value,
        **dose_object(massage.dose),
    }


def _utc(time_us: int | None) -> str | None:
    return None if time_us is None else _moment(time_us).isoformat()


def _moment(time_us: int) -> datetime:
    return datetime.fromtimestamp(time_us / 1e6, UTC)
