"""`glowtool tell`: steer a massage that runs in another terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from glowtool import app
from glowtool.cli.groups import SuggestingGroup
from glowtool.cli.options import Options, pass_options
from glowtool.cli.runtime import run_async
from glowtool.cli.steering.sentences import told_sentence
from glowtool.cli.steering.table import BY_WISH
from glowtool.cli.terminal.news_words import shown_by
from glowtool.cli.terminal.outlet import never_wait
from glowtool.cli.terminal.output import Printer
from glowtool.session.wishes import EXTRA_S, Ask, By, Wish

if TYPE_CHECKING:
    from glowtool.store.rollers.in_use import Holder


@click.group(cls=SuggestingGroup, short_help="Steer a massage that runs in another terminal.")
def tell() -> None:
    """Steer a massage that runs in another terminal, or by a program: what its keys do, from here.

    DEVICE may be left out when one massage runs. The newest level wins, and none goes beyond the routine's own. A wish
    that is refused, by the limits or by the roller, changes nothing; the exit status is 16. With --json: {address,
    name, pid, asked, done, why, vibration_percent, current_percent, step, step_s}.
    """


def _tell(options: Options, device: str | None, ask: Ask) -> None:
    output, holder = Printer(options), app.telling.massage_on(options.place, device)
    told = run_async(options, app.telling.tell(holder, ask))
    if output.json:
        output.json_object(
            {
                **_of(holder),
                "asked": ask.wish.value,
                "done": told.done,
                "why": told.why,
                "vibration_percent": told.vibration_percent,
                "current_percent": told.current_percent,
                "step": told.step,
                "step_s": told.step_s,
            }
        )
        return
    output.result(f"{holder.roller or holder.address}: {told_sentence(ask, told)}")


def _of(holder: Holder) -> dict[str, object]:
    return {"address": holder.address, "name": holder.roller, "pid": holder.pid}


def _command(wish: Wish, words: str) -> click.Command:
    """Return the command of a wish that needs nothing but the massage that is meant."""

    @click.command(wish.value, help=words)
    @click.argument("device", required=False)
    @pass_options
    def command(options: Options, device: str | None) -> None:
        _tell(options, device, Ask(wish, By.TERMINAL))

    return command


for _wish, _row in BY_WISH.items():
    if _row.told:
        tell.add_command(_command(_wish, _row.told))


@tell.command()
@click.argument("device", required=False)
@click.option("--by", "extra_s", type=click.FloatRange(1, 300), default=EXTRA_S, show_default=True, metavar="SECONDS")
@pass_options
def extend(options: Options, device: str | None, extra_s: float) -> None:
    """Lengthen the step in progress, as far as the limits allow."""
    _tell(options, device, Ask(Wish.EXTEND, By.TERMINAL, extra_s=extra_s))


@tell.command()
@click.argument("text", required=False, default="")
@click.argument("device", required=False)
@pass_options
def mark(options: Options, text: str, device: str | None) -> None:
    """Note this moment in the log, with TEXT if you like."""
    _tell(options, device, Ask(Wish.MARK, By.TERMINAL, text))


@tell.command()
@click.argument("device", required=False)
@pass_options
def stop(options: Options, device: str | None) -> None:
    """Stop the massage, as `glowtool stop` does."""
    never_wait(as_json=options.json)
    output, place = Printer(options), options.place
    holder = app.telling.massage_on(place, device)
    target = app.stopping.Target(holder.address, holder.roller or holder.address)
    (zeroed,) = run_async(options, app.stopping.stop(place, [target], shown_by(output)))
    if output.json:
        output.json_object({**_of(holder), "asked": "stop", "confirmed": True, "stop_ms": zeroed.stop_ms})


@tell.command("emergency-stop", short_help="Stop at once and latch; only a re-arming ends that.")
@click.argument("device", required=False)
@pass_options
def emergency_stop(options: Options, device: str | None) -> None:
    """Stop at once and latch, until `glowtool rearm`.

    The roller refuses everything meanwhile, also when it is switched off and on.
    """
    never_wait(as_json=options.json)
    output, holder = Printer(options), app.telling.massage_on(options.place, device)
    latched = run_async(options, app.telling.emergency_stop(holder))
    if output.json:
        said = {"asked": "emergency-stop", "confirmed": True, "stop_ms": latched.stop_ms}
        output.json_object({**_of(holder), **said})
        return
    name = holder.roller or holder.address
    output.result(f"{name}: emergency stop; its outputs were confirmed zero after {latched.stop_ms:.0f} ms.")
    output.note("It refuses everything now; once it is safe, run `glowtool rearm`.")
