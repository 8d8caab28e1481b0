"""A refused start tells a person why and what to do, tells a program the same as JSON, and leaves no log."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from glowsim.scene.scenario import Scenario
from glowsim.scene.scenario_parts import Battery
from glowsim.time.virtual_time import in_virtual_time, unix_us
from glowtool.cli.failure import failure_of
from glowtool.device.refusals import StartRefusedError, why_not_begun
from glowtool.errors import CommandRefusedError, GlowtoolError, joined
from glowtool.model.answer import Reason
from glowtool.model.face import Zone
from glowtool.model.state import Interlock, State
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.vocabulary import Result
from glowtool.session.do.runner import Session
from glowtool.store.logs.catalogue import list_sessions
from support.stack.full_stack import seeded_bench
from support.stack.massage import step

if TYPE_CHECKING:
    from pathlib import Path

#: What only engineers say.
JARGON = re.compile(
    r"[A-Z]{3,}_|opcode|interlock|ceiling|state |“|program|MTU|CRC|"
    + "|".join(
        rf"\b{word.name}\b"
        for word in (*Result, *Reason, *State, *Interlock, *Opcode)
        if word.name and "_" in word.name
    )
)


@pytest.mark.parametrize("refusal", [None, *Reason])
def test_every_refusal_is_said_in_peoples_words_with_what_to_do(refusal: Reason | None) -> None:
    for state in State:
        for held in (Interlock(0), *Interlock):
            why, advice = why_not_begun(refusal, state, held, 42)
            words = joined(why, advice)
            assert not JARGON.search(words)
            assert len(why) > 15
            assert advice.endswith(", then run again")
            assert len(advice) > 20
            assert ("(42 %)" in words) == ("battery" in words)


@pytest.mark.parametrize(
    ("refusal", "state", "held", "words"),
    [
        (Reason.LOCKED, State.LOCKED, Interlock(0), "on its charger, or being updated; take it off the charger"),
        (Reason.LOCKED, State.LOCKED, Interlock.CHARGING, "the roller is on its charger; take it off"),
        (
            Reason.WRONG_STATE,
            State.LATCHED,
            Interlock.EMERGENCY,
            "is on; make sure that all is well, run `glowtool rearm`",
        ),
        (Reason.WRONG_STATE, State.FAULT, Interlock(0), "one of its parts is broken"),
        (Reason.WRONG_STATE, State.RUNNING, Interlock(0), "in the middle of a massage"),
        (Reason.BATTERY_LOW, State.READY, Interlock(0), "the battery of the roller is too low (42 %); charge"),
        (Reason.BATTERY_LOW, State.READY, Interlock.BATTERY_CURRENT, "a routine without microcurrent"),
        (
            Reason.OVER_CEILING,
            State.READY,
            Interlock.DOSE,
            "a zone was worked long enough, or the day's time is used up",
        ),
        (Reason.OVER_CEILING, State.READY, Interlock(0), "allows less than the routine asks for"),
        (Reason.NOT_FROM_THIS_HOST, State.READY, Interlock(0), "another computer or phone is in charge"),
        (Reason.DAMAGED, State.READY, Interlock.NO_CONTACT, "arrived damaged"),
    ],
)
def test_the_reason_is_the_one_that_a_person_can_do_something_about(
    refusal: Reason, state: State, held: Interlock, words: str
) -> None:
    assert words in joined(*why_not_begun(refusal, state, held, 42))


async def refused_by(folder: Path, battery: Battery) -> GlowtoolError:
    async with seeded_bench(folder, 3, Scenario(battery=battery)) as bench:
        plan = replace(bench.plan(step(Zone.CHEEK_LEFT, 5000)), host_clock_us=unix_us)
        with pytest.raises(StartRefusedError) as refused:
            await Session(plan).run()
        assert list_sessions(folder / "logs") == (), "nothing that could become the last session"
        return refused.value


@pytest.mark.parametrize(
    ("battery", "words"),
    [
        (Battery(percent=4.6), "the battery of the roller is too low (4 %); charge the roller, then run again"),
        (Battery(percent=8), "the battery of the roller is too low"),
        (Battery(percent=40, charging=True), "the roller is on its charger"),
    ],
    ids=["four percent", "eight percent", "charger"],
)
def test_a_refused_start_says_why_first_and_keeps_no_session(tmp_path: Path, battery: Battery, words: str) -> None:
    error = in_virtual_time(refused_by)(tmp_path, battery)
    assert str(error).startswith(words)
    assert error.advice.endswith("then run again")
    assert error.advice not in error.says
    assert str(error).endswith("Nothing was started, and no log is kept")
    failure = failure_of(error)
    assert (failure.status, failure.kind) == (CommandRefusedError.exit_code, "CommandRefusedError")
    assert failure.json_object() == {
        "error": {"kind": "CommandRefusedError", "message": str(error), "exit_status": CommandRefusedError.exit_code}
    }
