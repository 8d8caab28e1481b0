"""A judge of massages whose connection was lost: of their outputs, books, ending and log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.analysis.log import analyse_log
from glowtool.model.ceilings import CeilingId
from glowtool.model.ending import Ending
from glowtool.model.event import EventKind
from glowtool.protocol.ceilings import ceiling
from glowtool.store.logs.log import SessionLog
from glowtool.store.tables.state import LogState
from support.device.delivered_judge import PEAK_UA, STEP_UA, Rise
from support.stack.losses import Answer, Case, Kind

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from glowtool.session.plan import SessionResult
    from support.stack.losses import Ran, Watch

#: The roller's watchdog, with the tick in which it bites.
WATCHDOG_US: Final = ceiling(CeilingId.HOST_SILENCE) * 1000 + 10_000


@dataclass
class Verdict:
    """The verdict on a case; `wrong` is empty when it went as it must."""

    case: Case
    ending: Ending
    confirmed: bool
    reason: str
    losses: int
    zero_after_s: float
    sent: int
    received: int
    lost: int
    duplicate: int
    late: int
    unsettled: int
    really_sent: int
    took_s: float
    wrong: list[str]

    @property
    def resumed(self) -> bool:
        """Whether the massage was gone on with to its end."""
        return self.ending is Ending.COMPLETED


def verdict_of(ran: Ran) -> Verdict:
    """Return the verdict on a case that was run."""
    wrong = list(ran.left_behind)
    zero_after_s = _judge_outputs(ran.watch, ran.record, wrong)
    result, books = ran.result, ran.result.counters
    verdict = Verdict(
        ran.case, result.ending, result.confirmed, result.reason, result.losses, zero_after_s,
        books.sent, books.received, books.lost, books.duplicate, books.late, books.unsettled,
        ran.really_sent, ran.took_s, wrong,
    )  # fmt: skip
    _judge_books(verdict)
    _judge_ending(verdict)
    _judge_log(verdict, result)
    return verdict


def _judge_outputs(watch: Watch, record: npt.NDArray[np.void], wrong: list[str]) -> float:
    """Hold the outputs against the watchdog, the soft start and the end; return the longest time to zero in s."""
    driven = (record["drive_peak_ua"] > 0) | (record["drive_amplitude"] > 0) | (record["peak_ua"] > 0)
    times_us = record["unix_us"]
    longest_us = 0
    for lost_us in watch.lost_us:
        until_us = min((at_us for at_us in watch.resumed_us if at_us >= lost_us), default=2**62)
        after = times_us[driven & (times_us >= lost_us) & (times_us < until_us)]
        longest_us = max(longest_us, int(after.max()) - lost_us if len(after) else 0)
    if longest_us > WATCHDOG_US:
        wrong.append(f"outputs were on {longest_us / 1e6:.3f} s after a loss")
    if len(driven) and driven[-1]:
        wrong.append("outputs are on at the end")
    amplitude, current = Rise(1.0, 0.0), Rise(PEAK_UA, STEP_UA)
    for row in record[:: max(1, len(record) // 20_000)]:
        at_us = int(row["unix_us"])
        if not amplitude.check(at_us, float(row["drive_amplitude"])):
            wrong.append(f"the vibration rose too fast at {at_us}")
            break
        if not current.check(at_us, float(row["drive_peak_ua"])):
            wrong.append(f"the current rose too fast at {at_us}")
            break
    return longest_us / 1e6


def _judge_books(verdict: Verdict) -> None:
    if verdict.received + verdict.lost + verdict.duplicate + verdict.late != verdict.sent:
        verdict.wrong.append("the books do not add up")
    numbered = verdict.sent - verdict.duplicate
    if not verdict.unsettled and numbered != verdict.really_sent:
        verdict.wrong.append(f"the books say {numbered} frames, the roller sent {verdict.really_sent}")
    if numbered > verdict.really_sent:
        verdict.wrong.append(f"the books have {numbered} frames, more than the {verdict.really_sent} of the roller")
    asked = verdict.case.kind not in {Kind.REBOOT, Kind.BEYOND, Kind.CTRL_C}
    if verdict.unsettled and asked and verdict.confirmed:
        verdict.wrong.append("the roller was there, and its number of frames was not asked for")


def _judge_ending(verdict: Verdict) -> None:
    case = verdict.case
    if not verdict.confirmed and case.kind in {Kind.CUT, Kind.REBOOT, Kind.TWICE}:
        verdict.wrong.append("the roller was there, and did not confirm that its outputs are zero")
    goes_on = case.answer in {Answer.RESUME, Answer.YES} and case.kind in {Kind.CUT, Kind.FADE, Kind.AWAY, Kind.TWICE}
    if verdict.losses and goes_on and not verdict.resumed:
        verdict.wrong.append(f"it was not gone on with: {verdict.reason}")
    # A Ctrl-C may come when the massage goes on again.
    others = {Ending.STOPPED} if case.kind is Kind.CTRL_C else set[Ending]()
    if verdict.losses and not goes_on and verdict.ending not in {Ending.LINK_LOST, *others}:
        verdict.wrong.append(f"it ended as {verdict.ending}")


def _judge_log(verdict: Verdict, result: SessionResult) -> None:
    log = SessionLog.open(result.path)
    if log.manifest.state is not LogState.FINISHED or log.manifest.ending is not verdict.ending:
        verdict.wrong.append("the log is not finished")
    analyse_log(log)
    changes = [event.data["change"] for event in log.events() if event.kind is EventKind.LINK]
    if changes.count("lost") < verdict.losses:
        verdict.wrong.append(f"the log shows {changes} for {verdict.losses} losses")
    worked_s = sum(span.end_us - span.start_us for span in result.steps) / 1e6
    noticed_s = 4.5 * verdict.losses  # a step is marked as over when the host notices, the roller stopped before
    program_s = verdict.case.program_s
    if verdict.resumed and not program_s - 1.5 * verdict.losses - 0.2 <= worked_s <= program_s + noticed_s + 0.2:
        verdict.wrong.append(f"its steps lasted {worked_s:.1f} s, the program {program_s} s")
