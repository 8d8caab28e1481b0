"""The suite runs on bumble, or on the stacks in $GLOWTOOL_RADIO_STACKS; on BlueZ only inside the guest.

Bumble alone needs nothing from outside this process, so it runs in virtual time: how busy the machine is changes
nothing. BlueZ has a clock of its own, and whatever runs beside it has to keep real time.

Tests of BlueZ alone are in files named `test_bluez_*.py`, which are not collected anywhere else.
"""

from __future__ import annotations

import asyncio
import functools
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from glowsim.air.air import Air
from glowsim.time.virtual_time import VirtualTimeLoop
from radio.stacks.holder import Holder
from radio.stacks.stack import Stack, StackKind, open_bumble_stack

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

#: Set by whoever starts the guest, for example to `bluez` or `bumble,bluez`.
STACKS_VARIABLE: Final = "GLOWTOOL_RADIO_STACKS"

#: No test may hang. Twenty connections on BlueZ take half a minute, and twice that on a busy machine.
LIMIT_S: Final = 150.0

_HERE: Final = Path(__file__).parent
_STACKS: Final = [StackKind(name) for name in os.environ.get(STACKS_VARIABLE, "bumble").split(",")]
_BLUEZ_ONLY: Final = "test_bluez_"

collect_ignore_glob = [] if StackKind.BLUEZ in _STACKS else [f"{_BLUEZ_ONLY}*.py"]


def pytest_asyncio_loop_factories(item: pytest.Item) -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Choose the clock of a test."""
    del item
    return {"real": asyncio.new_event_loop} if StackKind.BLUEZ in _STACKS else {"virtual": VirtualTimeLoop}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "stack" in metafunc.fixturenames:
        only_bluez = metafunc.definition.path.name.startswith(_BLUEZ_ONLY)
        metafunc.parametrize("stack", [StackKind.BLUEZ] if only_bluez else _STACKS, indirect=True, ids=str)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if isinstance(item, pytest.Function) and _HERE in item.path.parents:
            item.obj = _limited(item.obj)


def _limited(test: Callable[..., Any]) -> Callable[..., Any]:
    if not asyncio.iscoroutinefunction(test):
        return test

    @functools.wraps(test)
    async def limited(*args: object, **kwargs: object) -> None:
        async with asyncio.timeout(LIMIT_S):
            await test(*args, **kwargs)

    return limited


@pytest.fixture
async def stack(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stack]:
    """A host on an air of its own. No test may leave traces; `await stack.no_traces()` also says when."""
    if request.param is StackKind.BLUEZ:
        from radio.stacks.bluez_stack import open_bluez_stack

        opening = open_bluez_stack(Air(), tmp_path)
    else:
        opening = open_bumble_stack(Air(), tmp_path)
    held = await Holder.open(opening)
    try:
        yield held.value
        await held.value.no_traces()
    finally:
        await held.close()
