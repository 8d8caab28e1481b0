"""`glowtool person`: the people whom this computer knows, and which of them is massaged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from glowtool import app
from glowtool.cli.commands.people.cleaning import cleaned
from glowtool.cli.commands.people.data import erase, export
from glowtool.cli.commands.people.maximum import maximum
from glowtool.cli.commands.people.vault import decrypt, encrypt
from glowtool.cli.groups import SuggestingGroup
from glowtool.cli.options import Options, pass_options
from glowtool.cli.terminal.news_words import shown_by
from glowtool.cli.terminal.output import Printer
from glowtool.model.output import Output

if TYPE_CHECKING:
    from glowtool.app.people.who import Meant
    from glowtool.app.place import Place
    from glowtool.store.people.people import KnownPerson


@click.group(cls=SuggestingGroup)
def person() -> None:
    """Enter people, choose who is massaged, and take away or erase what is kept of them."""


for command in (maximum, cleaned, export, erase, encrypt, decrypt):
    person.add_command(command)


@person.command(short_help="Enter a person.")
@click.argument("name")
@pass_options
def new(options: Options, name: str) -> None:
    """Enter a person under a NAME that only this computer knows.

    With --json: {name, id}; id is the pseudonym under which all else is kept.
    """
    output = Printer(options)
    known = app.keeping.enter(options.place, name, shown_by(output))
    if output.json:
        output.json_object({"name": known.name, "id": known.id})
    output.result(f"{known.name} is entered.")
    output.note("Next: `glowtool safety screening`, which is asked before the first output.")


@person.command("list", short_help="List the people.")
@pass_options
def list_people(options: Options) -> None:
    """List the people whom this computer knows.

    With --json: {people: [{name, id, since_utc, in_use}]}.
    """
    output, people = Printer(options), app.who.people_of(options.place)
    everybody, meant = people.all(), people.in_use()
    if output.json:
        rows = [
            {"name": each.name, "id": each.id, "since_utc": each.since_utc.isoformat(), "in_use": each == meant}
            for each in everybody
        ]
        output.json_object({"people": rows})
    elif not everybody:
        output.result("Nobody is known yet; `glowtool person new NAME` enters somebody.")
    else:
        output.table(
            ("Person", "In use", "Since"),
            [
                (each.name, "yes" if each == meant else "", f"{each.since_utc.astimezone():%Y-%m-%d}")
                for each in everybody
            ],
        )


@person.command(short_help="Show what is in force for a person today.")
@click.argument("name", required=False)
@pass_options
def show(options: Options, name: str | None) -> None:
    """Show a person: screening, own maxima, gentle start, and what is in force today.

    NAME may be left out for the person in use. With --json: {name, id, days, maximum: {peak_ua, amplitude_percent},
    today: {peak_ua, amplitude_percent}, microcurrent, vibration, massages_since_cleaning}; the outputs are {allowed,
    because}. A maximum that was not set is null; days counts those with a massage.
    """
    output = Printer(options)
    known = app.keeping.chosen(options.place, name or options.person)
    who = app.keeping.as_meant(options.place, known)
    if output.json:
        output.json_object(_object(options.place, known, who))
        return
    for line in _lines(options.place, known, who):
        output.prose(line)


def _object(place: Place, known: KnownPerson, who: Meant) -> dict[str, object]:
    profile, bounds = app.keeping.profile_of(who), app.who.bounds_now(place, who)
    against = {each: app.admitting.refusal(who, each) for each in Output}
    return {
        "name": known.name,
        "id": known.id,
        "days": len(profile.days),
        "maximum": {
            "peak_ua": profile.peak_ua,
            "amplitude_percent": None if profile.amplitude is None else round(100 * profile.amplitude),
        },
        "today": {"peak_ua": bounds.peak_ua, "amplitude_percent": round(100 * bounds.amplitude)},
        **{each.value: {"allowed": why is None, "because": why and why.says} for each, why in against.items()},
        "massages_since_cleaning": profile.massages_since,
    }


def _lines(place: Place, known: KnownPerson, who: Meant) -> list[str]:
    profile, bounds = app.keeping.profile_of(who), app.who.bounds_now(place, who)
    own_ua = "not set" if profile.peak_ua is None else f"{profile.peak_ua:g} µA"
    own = "not set" if profile.amplitude is None else f"{100 * profile.amplitude:.0f} %"
    lines = [
        f"{known.name}, {len(profile.days)} {'day' if len(profile.days) == 1 else 'days'} with a massage",
        f"Own maximum: current {own_ua}, vibration {own}",
        f"In force today: current {bounds.peak_ua:g} µA, vibration {100 * bounds.amplitude:.0f} %"
        + (" (gentle start)" if app.who.starts_gently(who) else ""),
    ]
    for each in Output:
        why = app.admitting.refusal(who, each)
        lines.append(f"{each.value.capitalize()}: {'yes' if why is None else f'no; {why}'}")
    return lines


@person.command(short_help="Choose who is massaged by default.")
@click.argument("name")
@pass_options
def use(options: Options, name: str) -> None:
    """Choose who is massaged where no --person says otherwise.

    With --json: {name, id}.
    """
    output, people = Printer(options), app.who.people_of(options.place)
    known = people.find(name)
    people.use(known)
    if output.json:
        output.json_object({"name": known.name, "id": known.id})
    output.result(f"{known.name} is massaged by default.")
