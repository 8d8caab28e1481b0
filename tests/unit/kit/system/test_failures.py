"""When several tasks fail together, the first error comes out as itself."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glowtool.kit.system.failures import bare


class TaskError(Exception):
    """What one of several tasks raises."""


LEAVES = st.builds(TaskError, st.text(max_size=3))
GROUPS = st.recursive(LEAVES, lambda inner: st.builds(ExceptionGroup, st.just("several"), st.lists(inner, min_size=1)))


def first(error: Exception) -> Exception:
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error


@given(GROUPS)
def test_the_first_error_of_any_group_comes_out_with_its_group_as_cause(error: Exception) -> None:
    with pytest.raises(TaskError) as caught, bare():
        raise error
    assert caught.value is first(error)
    assert caught.value.__cause__ is (error if isinstance(error, ExceptionGroup) else None)


def test_notes_of_the_group_are_not_lost() -> None:
    group = ExceptionGroup("several", [TaskError("one"), TaskError("two")])
    group.add_note("the roller has stopped")
    with pytest.raises(TaskError, match="one") as caught, bare():
        raise group
    assert caught.value.__notes__ == ["the roller has stopped"]


async def test_so_it_is_with_tasks() -> None:
    async def fail() -> None:
        raise TaskError

    with pytest.raises(TaskError), bare():
        async with asyncio.TaskGroup() as group:
            group.create_task(fail())
