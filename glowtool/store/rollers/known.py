"""The record of a paired roller: its identity, how it was paired, and its state when last seen."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from glowtool.link.pairing import PairingMethod, SecurityLevel
from glowtool.store.times import Moment

_BY: Final[dict[PairingMethod | None, str]] = {
    PairingMethod.PASSKEY: "by passkey",
    PairingMethod.COMPARISON: "by comparing digits",
}


class Paired(BaseModel):
    """How a roller was paired. A fact that is unknown, because an older glowtool paired it, is None."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    method: Annotated[PairingMethod | None, Field(description="how it was checked which roller it is")] = None
    level: Annotated[SecurityLevel, Field(description="what the bond proves")]
    since_utc: Annotated[Moment | None, Field(description="when it was paired like that")] = None


class KnownRoller(BaseModel):
    """One roller that was paired."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    address: Annotated[str, Field(description="identity address, or the platform's identifier where it hides that")]
    name: Annotated[str, Field(description="name as advertised")]
    serial: Annotated[str, Field(description="serial number")] = ""
    model: Annotated[str, Field(description="model number")] = ""
    firmware: Annotated[str, Field(description="revision of the firmware when it last answered")] = ""
    alias: Annotated[str | None, Field(description="the name that its owner gave it")] = None
    first_seen_utc: Annotated[Moment | None, Field(description="when it was first paired, where known")] = None
    last_seen_utc: Annotated[Moment, Field(description="when it last answered")]
    battery_percent: Annotated[int | None, Field(description="charge when it last answered", ge=0, le=100)] = None
    paired: Annotated[Paired | None, Field(description="how it was paired, where known")] = None

    @property
    def spoken(self) -> str:
        """Its name for a person."""
        return self.alias or self.name

    @property
    def how_paired(self) -> str:
        """How it was paired, in words that follow "was"."""
        if self.paired is None:
            return "paired by an older glowtool, which did not note how"
        checked = "with" if self.paired.level is SecurityLevel.AUTHENTICATED else "without"
        how = _BY.get(self.paired.method, f"{checked} a check of digits")
        since = self.paired.since_utc
        return f"paired {how}" + (f" on {since.astimezone():%Y-%m-%d}" if since else "")

    def gives_up(self, level: SecurityLevel) -> bool:
        """Tell whether a new bond of that level is weaker than the known earlier one."""
        is_weak = self.paired is not None and self.paired.level is SecurityLevel.UNAUTHENTICATED
        return level is SecurityLevel.UNAUTHENTICATED and not is_weak
