"""The screening: what a person is asked before the first output, what blocks one, and what asks a professional first.

There is no way past it: an output without a valid screening is none. Days are counted as `date.toordinal` does.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from glowtool.model.output import Output

#: Answers are asked for again after as many days.
VALID_DAYS: Final = 90

#: An answer may be dated a day ahead, since people travel; one further ahead is of a clock that was set back.
_AHEAD_DAYS: Final = 1


class Flag(enum.StrEnum):
    """What a person is asked about."""

    IMPLANT = "implant"
    EPILEPSY = "epilepsy"
    PREGNANCY = "pregnancy"
    CANCER = "cancer"
    UNDER_18 = "under-18"
    SURGERY = "surgery"
    BODY_WORN = "body-worn"
    CAROTID = "carotid"
    BLOOD_PRESSURE = "blood-pressure"
    FAINTING = "fainting"
    THYROID = "thyroid"
    NECK_SURGERY = "neck-surgery"
    FILLERS = "fillers"
    SKIN = "skin"
    THROMBOSIS = "thrombosis"
    COAGULATION = "coagulation"
    SENSATION = "sensation"
    METAL = "metal"
    CARE = "care"


class Consequence(enum.StrEnum):
    """The consequence of a yes for one output."""

    BLOCKS = "blocks"
    ASKS = "asks a professional first"


class Reply(enum.StrEnum):
    """An answer: no, yes, or yes and a professional agreed to the use of this roller."""

    NO = "no"
    YES = "yes"
    AGREED = "agreed"


@dataclass(frozen=True, slots=True)
class Question:
    """One row of the list: what is asked, and what a yes means for each output; None: nothing."""

    flag: Flag
    asks: str
    current: Consequence | None
    vibration: Consequence | None = None

    def consequence(self, output: Output) -> Consequence | None:
        """Return what a yes means for an output."""
        return self.current if output is Output.MICROCURRENT else self.vibration


_B: Final = Consequence.BLOCKS
_A: Final = Consequence.ASKS

#: The list of the current; those with a last column are the shorter list of vibration.
QUESTIONS: Final[tuple[Question, ...]] = (
    Question(
        Flag.IMPLANT, "Implanted electronics: a pacemaker, defibrillator, stimulator, cochlear implant, pump", _B, _A
    ),
    Question(Flag.EPILEPSY, "Epilepsy, or a seizure at any time", _B),
    Question(Flag.PREGNANCY, "Pregnant, or possibly so", _B),
    Question(Flag.CANCER, "Cancer on face or neck, active or suspected", _B, _B),
    Question(Flag.UNDER_18, "Younger than 18", _B),
    Question(Flag.SURGERY, "Surgery on the face in the last months, or a wound there", _B, _B),
    Question(Flag.BODY_WORN, "A device worn on the body: an insulin pump, a monitor, a hearing aid", _A),
    Question(Flag.CAROTID, "A disease of the carotid arteries, or a stroke at any time", _A, _A),
    Question(Flag.BLOOD_PRESSURE, "Blood pressure that is not stable", _A),
    Question(Flag.FAINTING, "Fainting now and then", _A),
    Question(Flag.THYROID, "A disease of the thyroid", _A),
    Question(Flag.NECK_SURGERY, "Surgery on the neck at any time", _A, _A),
    Question(Flag.FILLERS, "Fillers or botulinum in the face in the last months", _A, _A),
    Question(Flag.SKIN, "A disease of the skin on the face, or an inflammation there", _A, _A),
    Question(Flag.THROMBOSIS, "Thrombosis, now or earlier", _A, _A),
    Question(Flag.COAGULATION, "A disorder of coagulation, or medicine that thins the blood", _A, _A),
    Question(Flag.SENSATION, "Diabetes, or less feeling in the face", _A, _A),
    Question(Flag.METAL, "Metal in face, jaw or neck: plates, screws, implants of teeth", _A),
    Question(Flag.CARE, "Under a physician's care for anything else", _A),
)

#: Each question by its flag.
BY_FLAG: Final[Mapping[Flag, Question]] = {question.flag: question for question in QUESTIONS}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person said to one question, and on which day."""

    reply: Reply
    day: int

    def valid(self, today: int) -> bool:
        """Return whether it counts today."""
        return -_AHEAD_DAYS <= today - self.day < VALID_DAYS


Answers = Mapping[Flag, Answer]


@dataclass(frozen=True, slots=True)
class Screened:
    """What the answers of a person say about one output today: allowed when nothing stands against it."""

    output: Output
    blocked_by: tuple[Question, ...] = ()
    to_ask_about: tuple[Question, ...] = ()
    unanswered: tuple[Question, ...] = ()
    outdated: tuple[Question, ...] = ()

    @property
    def allowed(self) -> bool:
        """Whether the output may be given."""
        return not (self.blocked_by or self.to_ask_about or self.unanswered or self.outdated)

    @property
    def incomplete(self) -> bool:
        """Whether questions are to be answered, and no answer stands against the output so far."""
        return bool(self.unanswered or self.outdated) and not (self.blocked_by or self.to_ask_about)


def asked_for(output: Output) -> tuple[Question, ...]:
    """Return the list of an output; that of the current holds all that vibration asks."""
    return tuple(question for question in QUESTIONS if question.consequence(output) is not None)


def screened(answers: Answers, output: Output, today: int) -> Screened:
    """Return what the answers say about an output; a yes counts until it is answered anew, however old it is."""
    blocked, asks, unanswered, outdated = list[Question](), list[Question](), list[Question](), list[Question]()
    for question in asked_for(output):
        answer = answers.get(question.flag)
        if answer is None:
            unanswered.append(question)
        elif answer.reply is not Reply.NO and question.consequence(output) is Consequence.BLOCKS:
            blocked.append(question)
        elif answer.reply is Reply.YES:
            asks.append(question)
        elif not answer.valid(today):
            outdated.append(question)
    return Screened(output, tuple(blocked), tuple(asks), tuple(unanswered), tuple(outdated))
