"""Several rollers on one air, each with its own state directory, identity and body."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Final

from glowsim.roller.roller import Roller
from glowtool.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from glowsim.peripheral.hci import Radio
    from glowsim.peripheral.pairing.screen import Screen
    from glowsim.scene.scenario import Scenario

#: More do not keep up in real time on one core; see tests/measure/times/twenty_rollers.py.
MOST: Final = 100


def _ignore(_number: int, _what: object) -> None:
    pass


@asynccontextmanager
async def rollers_on(
    air: Radio,
    state_dir: Path,
    scenario: Scenario,
    count: int,
    seed: int | None = None,
    *,
    display: Callable[[int, Screen], None] = _ignore,
    on_link: Callable[[int, str | None], None] = _ignore,
    truth: Path | None = None,
) -> AsyncIterator[list[Roller]]:
    """Switch `count` rollers on for the time of the block and yield them.

    A single roller keeps its state in `state_dir` itself; several keep it in `roller-1`, `roller-2`, … below it. With a
    seed, roller n has the seed `seed + n - 1`. `display` and `on_link` get the number of the roller, from 1, before the
    arguments of `Roller.open`. The truth about each hand is written into folders below `truth`, for a single roller
    into `truth` itself. Raises UsageError for a count that is not 1 to 100, and the errors of `Roller.open`.
    """
    if not 1 <= count <= MOST:
        raise UsageError(f"{count} rollers cannot be served; allowed: 1 to {MOST}")
    async with AsyncExitStack() as stack:
        rollers = []
        for number in range(1, count + 1):
            own = "" if count == 1 else f"roller-{number}"
            roller = await stack.enter_async_context(
                Roller.open(
                    air,
                    state_dir / own,
                    scenario,
                    seed=None if seed is None else seed + number - 1,
                    display=lambda screen, number=number: display(number, screen),  # type: ignore[misc]  # bound early
                    on_link=lambda address, number=number: on_link(number, address),  # type: ignore[misc]  # as above
                    truth=None if truth is None else truth / own,
                )
            )
            rollers.append(roller)
        yield rollers
