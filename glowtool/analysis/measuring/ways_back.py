"""The movements that only carry the tool back to the start of the next stroke; a step is judged without them.

Until a routine says how the tool comes back, rolling back and lifting are both right. Rolling out and rolling back look
alike, and only the place where the tool was set down tells them apart: the first movement from there goes out, the next
one in the other direction comes back, and so on until the tool is lifted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from glowtool.units import MICROSECONDS_PER_SECOND

if TYPE_CHECKING:
    from glowtool.analysis.recordings.recording import Bools, Ints, Strokes

#: The longest rest, in s, after which a movement in the other direction still counts as the way back.
RETURN_S: Final = 1.0

#: The rule in words, for the page.
RULE: Final = (
    "Ways back are not judged: movements the other way than the stroke before them, which begin within "
    f"{RETURN_S:g} s after it without a lift between; just after a change of step, a pause or a gap, where it is not "
    "known which way was out, any movement against the asked direction"
)


@dataclass(frozen=True, slots=True)
class Between:
    """The gaps between each stroke and the one before it, each of shape (n − 1,).

    `lifted`: a sample without contact; `hidden`: a gap that may hide a stroke or a lift; `changed`: another step, or
    another stretch of the same one.
    """

    lifted: Bools
    hidden: Bools
    changed: Bools


def ways_back(strokes: Strokes, asked_sign: Ints, between: Between) -> Bools:
    """Return a mask, shape (n,), of the strokes that are ways back, in the order of their start.

    `asked_sign`, shape (n,), is the sign of travel asked for, 0 for none.
    """
    if not len(strokes):
        return np.zeros(0, np.bool_)
    is_positive = strokes.length_mm > 0
    turned = (is_positive[1:] != is_positive[:-1]).tolist()
    against = (asked_sign * strokes.length_mm < 0).tolist()
    rested = strokes.start_us[1:] - strokes.end_us[:-1] > RETURN_S * MICROSECONDS_PER_SECOND
    afresh = (between.lifted | (rested & ~between.hidden)).tolist()
    back = [False]
    for at, is_unsure in enumerate((between.hidden | between.changed).tolist()):
        if afresh[at]:
            back.append(False)
        elif is_unsure:
            back.append(against[at + 1])
        else:
            back.append(back[at] is not turned[at])
    return np.array(back, np.bool_)
