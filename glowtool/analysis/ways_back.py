"""Which movements only take the tool back to where the next stroke begins: a step judges the others alone.

Until a routine says how the tool comes back, rolling back and lifting are both right. Both ways of rolling look alike,
so that what tells them apart is where the tool was set down: the first movement from there goes out, the next one the
other way comes back, and so on until the tool is lifted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from glowtool.units import MICROSECONDS_PER_SECOND

if TYPE_CHECKING:
    from glowtool.analysis.recording import Bools, Ints, Strokes

#: A movement the other way that begins so soon after one is its way back, in s; after a longer rest it is no way back.
RETURN_S: Final = 1.0

#: The rule in words, for the page.
RULE: Final = (
    "Ways back are not judged: movements the other way than the stroke before them, which begin within "
    f"{RETURN_S:g} s after it without a lift between; just after a change of step, a pause or a gap, where it is not "
    "known which way was out, any movement against the asked direction"
)


def ways_back(strokes: Strokes, asked_sign: Ints, lifted: Bools, unsure: Bools) -> Bools:
    """Return which strokes, in the order of their start, are ways back, shape (n,).

    `asked_sign`, shape (n,), is the sign of travel asked for, 0 for none. `lifted` and `unsure`, shape (n − 1,), say of
    each stroke but the first whether the tool was lifted since the one before it, and whether something lies between
    that hides which of the two went out.
    """
    if not len(strokes):
        return np.zeros(0, np.bool_)
    is_positive = strokes.length_mm > 0
    turned = (is_positive[1:] != is_positive[:-1]).tolist()
    against = (asked_sign * strokes.length_mm < 0).tolist()
    rested = strokes.start_us[1:] - strokes.end_us[:-1] > RETURN_S * MICROSECONDS_PER_SECOND
    afresh = (lifted | rested).tolist()
    back = [False]
    for at, is_unsure in enumerate(unsure.tolist()):
        if afresh[at]:
            back.append(False)
        elif is_unsure:
            back.append(against[at + 1])
        else:
            back.append(back[at] is not turned[at])
    return np.array(back, np.bool_)
