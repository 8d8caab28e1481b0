"""`glowtool person encrypt | decrypt`: a profile that a passphrase opens."""

from __future__ import annotations

import click

from glowtool import app
from glowtool.cli.options import Options, pass_options
from glowtool.cli.passphrase import new_passphrase
from glowtool.cli.terminal.output import Printer


@click.command(short_help="Encrypt a profile with a passphrase.")
@click.argument("name", required=False)
@pass_options
def encrypt(options: Options, name: str | None) -> None:
    """Encrypt a person's profile with a passphrase, which is asked for from then on; again: change the passphrase.

    NAME may be left out for the person in use. Encrypted are the answers of the screening, own maxima, days of
    massages and cleanings. Not encrypted are name, logs, doses and plan: use an encrypted disk for these. Without the
    passphrase nobody can read the profile, and you can only erase it. A script sets GLOWTOOL_PASSPHRASE. With --json:
    {name, encrypted}.
    """
    output, people = Printer(options), app.who.people_of(options.place)
    known = app.keeping.chosen(options.place, name or options.person)
    people.profile(known)  # the present passphrase first
    people.seal(known, new_passphrase(known.name))
    if output.json:
        output.json_object({"name": known.name, "encrypted": True})
    output.result(f"The profile of {known.name} is encrypted. Keep the passphrase: nobody can restore it.")
    output.note("What the disk still holds of the file before, only an encrypted disk protects.")


@click.command(short_help="Keep a profile without a passphrase again.")
@click.argument("name", required=False)
@pass_options
def decrypt(options: Options, name: str | None) -> None:
    """Keep a person's profile without a passphrase again.

    NAME may be left out for the person in use. With --json: {name, encrypted}.
    """
    output, people = Printer(options), app.who.people_of(options.place)
    known = app.keeping.chosen(options.place, name or options.person)
    people.unseal(known)
    if output.json:
        output.json_object({"name": known.name, "encrypted": False})
    output.result(f"The profile of {known.name} is not encrypted now; only you can read the file.")
