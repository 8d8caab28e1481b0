"""Times in files, limited to those that a clock in any time zone can show."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Annotated, Final

from pydantic import AfterValidator, AwareDatetime

#: Days away from the limits of a `datetime`, so that no time zone leads beyond them. A board whose clock was never set
#: begins with 1970; Windows, whose machines have clocks, shows no earlier local time.
EARLIEST_UTC: Final = datetime(1970, 1, 3 if os.name == "nt" else 1, tzinfo=UTC)
LATEST_UTC: Final = datetime(9998, 12, 31, tzinfo=UTC)


def _within(moment: datetime) -> datetime:
    if not EARLIEST_UTC <= moment <= LATEST_UTC:
        raise ValueError(f"it is not a time between {EARLIEST_UTC.year} and {LATEST_UTC.year}")
    return moment


#: A time with its zone, for fields of pydantic models.
Moment = Annotated[AwareDatetime, AfterValidator(_within)]


def moment_of_us(unix_us: int) -> datetime:
    """Return the UTC time of a unix time in µs, or the nearest allowed one."""
    low, high = (round(each.timestamp() * 1e6) for each in (EARLIEST_UTC, LATEST_UTC))
    return datetime.fromtimestamp(min(max(unix_us, low), high) / 1e6, UTC)
