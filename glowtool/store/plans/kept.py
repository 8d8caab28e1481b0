"""The plan that a person follows, and those that they followed before: one JSON file a person.

The plan is kept in full, so that a plan that was begun stays as it was when a later glowtool brings another one.
"""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from glowtool.errors import LogDamagedError, StoreError
from glowtool.kit.storage.files import make_folder, storing, write_atomic
from glowtool.kit.storage.lock import alone
from glowtool.kit.storage.privacy import read_private
from glowtool.routine.plans.models import Plan
from glowtool.store.times import Moment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FORMAT_VERSION: Final = 1

#: Where nobody is named: a computer with one person who gave no name.
_NOBODY: Final = "everyone"

_MOST_BYTES: Final = 4 * 1024 * 1024
_MOST_EARLIER: Final = 100
_SUFFIX: Final = ".json"


class BegunPlan(BaseModel):
    """A plan that a person began: the plan in full, its first day, and the time zone in which its days are counted."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    plan_id: Annotated[str, Field(pattern="^[0-9a-f]{8,32}$", description="random; names its events in calendars")]
    plan: Annotated[Plan, Field(description="the plan as it was when it was begun")]
    begins: Annotated[date, Field(description="its first day")]
    zone: Annotated[str | None, Field(description="IANA name of the time zone; null: the computer's own")] = None
    made_utc: Annotated[Moment, Field(description="when it was set up")]
    ended: Annotated[date | None, Field(description="when the person gave it up or began another; null: not yet")] = (
        None
    )


class _Content(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    format_version: Annotated[int, Field(ge=1)] = FORMAT_VERSION
    current: BegunPlan | None = None
    earlier: tuple[BegunPlan, ...] = ()


class KeptPlans:
    """The plans of one person; `who` is None where people are not told apart."""

    def __init__(self, folder: Path, who: str | None) -> None:
        self.path = folder / f"{_NOBODY if who is None else _named(who)}{_SUFFIX}"

    def current(self) -> BegunPlan | None:
        """Return the plan that the person follows; raises `StoreError` when the file is damaged."""
        return self._read().current

    def earlier(self) -> tuple[BegunPlan, ...]:
        """Return the plans that the person followed before, oldest first."""
        return self._read().earlier

    def begin(self, plan: BegunPlan, *, today: date) -> None:
        """Follow a plan from now on; one that was followed so far ends today."""
        with self._alone():
            self._write(_Content(current=plan, earlier=self._ended(self._read(), today)))

    def end(self, today: date) -> BegunPlan | None:
        """Follow no plan any more, and return the one that was followed."""
        with self._alone():
            before = self._read()
            if before.current is not None:
                self._write(_Content(earlier=self._ended(before, today)))
        return before.current

    def take_over(self, other: KeptPlans) -> None:
        """Make the plans of another one one's own, if there are any and one has none."""
        if self.path.exists() or not other.path.exists():
            return
        with self._alone():
            if not self.path.exists():
                other.path.replace(self.path)

    def erase(self) -> bool:
        """Remove everything that is kept of the person's plans; return whether there was anything."""
        with storing(f"erase {self.path}"):
            there = self.path.exists()
            self.path.unlink(missing_ok=True)
        return there

    @staticmethod
    def _ended(before: _Content, today: date) -> tuple[BegunPlan, ...]:
        if before.current is None:
            return before.earlier
        ended = before.current.model_copy(update={"ended": today})
        return (*before.earlier, ended)[-_MOST_EARLIER:]

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with storing(f"change {self.path}", kept="the plan is unchanged"):
            make_folder(self.path.parent)
            with alone(self.path.parent / ".lock"):
                yield

    def _read(self) -> _Content:
        with storing(f"read {self.path}"):
            try:
                content = read_private(self.path, _MOST_BYTES)
            except FileNotFoundError:
                return _Content()
        try:
            found = _Content.model_validate_json(content)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"])) or "the whole file"
            raise LogDamagedError(
                f"{self.path} is damaged at {where}: {first['msg']}",
                advice="move it away, and begin the plan again",
            ) from error
        if found.format_version > FORMAT_VERSION:
            raise StoreError(
                f"{self.path} has format version {found.format_version}; this glowtool reads up to {FORMAT_VERSION}",
                advice="update glowtool",
            )
        return found

    def _write(self, content: _Content) -> None:
        text = json.dumps(content.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"
        write_atomic(self.path, lambda stream: stream.write(text.encode()))


def _named(who: str) -> str:
    """Return a person's key as part of a file's name, different for different persons."""
    return "of-" + re.sub("[^0-9A-Za-z-]", lambda odd: f"_{ord(odd[0]):x}_", who)
