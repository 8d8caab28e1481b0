"""The verdict on a zone, from the shares of its contact below, in and above the band, and over caution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.analysis.summary import Verdict

if TYPE_CHECKING:
    from glowtool.analysis.measuring.metrics import Values
    from glowtool.analysis.measuring.parts import HeadPart

#: From this share of the contact over the caution pressure on, that is the verdict.
CAUTION_SHARE: Final = 0.1

#: From this share of the contact in the band on, the verdict is `in_band`.
IN_BAND_SHARE: Final = 0.5

#: The rule in words, for the page.
RULE: Final = (
    f"`missed` without contact; `over_caution` when more than {100 * CAUTION_SHARE:.0f} % of the contact time is over "
    f"the caution pressure; `in_band` when at least {100 * IN_BAND_SHARE:.0f} % of the samples in contact are in the "
    "band of their step; else `below` or `above`, whichever has the larger share."
)


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares of the contact, 0 to 1; all None without contact, or without a band."""

    below: float | None
    inside: float | None
    above: float | None
    over_caution: float | None


def shares_of(part: HeadPart, values: Values) -> Shares:
    """Return the shares of a part's contact; `values` are its metrics."""
    return Shares(
        values["time_below_band_share"],
        values["time_in_band_share"],
        values["time_above_band_share"],
        part.over_caution_s / part.contact_s if part.contact_s > 0 else None,
    )


def verdict(shares: Shares) -> Verdict:
    """Return the verdict on a zone."""
    if shares.inside is None or shares.below is None or shares.above is None:
        return Verdict.MISSED
    if (shares.over_caution or 0.0) > CAUTION_SHARE:
        return Verdict.OVER_CAUTION
    if shares.inside >= IN_BAND_SHARE:
        return Verdict.IN_BAND
    return Verdict.BELOW if shares.below >= shares.above else Verdict.ABOVE
