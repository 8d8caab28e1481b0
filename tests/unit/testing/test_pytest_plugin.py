"""The pytest plugin works in a firmware engineer's own project, with a few lines."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from support.processes.console import Said, command

HOW_TO = Path(__file__).parents[3] / "docs/how-to/test-against-the-roller.md"

_INI = """
[pytest]
asyncio_mode = auto
asyncio_default_fixture_loop_scope = function
filterwarnings = error
"""

_TESTS = """
import asyncio, time

import pytest


STATUS = "{status}"


async def test_three_lines(glow_client, virtual_time):
    status = await glow_client.read_gatt_char(STATUS)
    assert len(status) > 20


async def test_a_minute_goes_by_at_once(roller, virtual_time):
    began_s, began = virtual_time.time(), time.monotonic()
    await asyncio.sleep(60)
    assert virtual_time.time() - began_s == 60
    assert roller.machine.now_us == pytest.approx(60e6, abs=10_000)
    assert time.monotonic() - began < 50


@pytest.mark.glowsim(scenario="nominal", seed=3)
async def test_a_roller_of_its_own(roller):
    assert roller.name.startswith("GR-1 ")
    assert not hasattr(asyncio.get_running_loop(), "jump_to")


@pytest.mark.glowsim(seed=4)
async def test_in_real_time_as_well(roller, glow_client):
    assert glow_client.is_connected and roller.connected


@pytest.mark.glowsim(scenario="private-address")
async def test_under_a_private_address(roller, glow_client, virtual_time):
    assert glow_client.is_connected and roller.air_address != roller.address


def test_that_wants_nothing_of_it():
    pass
"""


def run(folder: Path, tests: str, *options: str, afresh: bool = False) -> Said:
    (folder / "pytest.ini").write_text(_INI)
    (folder / "test_mine.py").write_text(tests)
    # A process that has loaded the plugin's package already has nothing to rewrite in it, and pytest would say so.
    loaded = () if afresh else ("-W", "ignore::pytest.PytestAssertRewriteWarning")
    words = ("-q", "-p", "no:cacheprovider", *loaded, *options)
    with command("pytest", *words, folder=folder, patience_s=120, afresh=afresh) as running:
        return running.finish()


_MASSAGES = """
import asyncio

import pytest

from glowsim.testing.massages import step
from glowtool.errors import CommandRefusedError
from glowtool.protocol.commands.opcode import Opcode
from glowtool.model.state import State


@pytest.mark.glowsim(scenario="old-phone")
async def test_steps_follow_each_other_over_the_smallest_mtu_too(roller, massage, virtual_time):
    for _ in range(2):
        async with massage(step(duration_ms=2000), step(peak_ua=0)) as running:
            await asyncio.sleep(3)
            assert roller.machine.status().step == 1
            assert (await running.send(Opcode.PAUSE)).head.state is State.PAUSED
        status = roller.machine.status()
        assert status.state is State.READY and status.outputs.zero


async def test_heartbeats_go_on_and_can_stop(roller, massage, virtual_time):
    async with massage() as running:
        await asyncio.sleep(30)
        assert roller.machine.status().state is State.RUNNING
        running.fall_silent()
        await asyncio.sleep(1.5)
        assert roller.machine.status().state is State.PAUSED


@pytest.mark.parametrize("happens", [
    lambda roller: roller.go_away(1000),
    lambda roller: roller.power_cycle(),
    lambda roller: roller.faults.start("hang"),
    lambda roller: roller.body.place_on_charger(charging=True),
    lambda roller: roller.press_button(0.2),
])
async def test_whatever_happens_it_says_nothing_by_itself(roller, massage, virtual_time, happens):
    async with massage():
        await asyncio.sleep(1)
        happens(roller)
        await asyncio.sleep(10)
        assert roller.delivered.peak_ua == 0


async def test_a_roller_that_does_not_start_says_why(roller, massage, virtual_time):
    roller.body.place_on_charger(charging=True)
    await asyncio.sleep(0.1)
    with pytest.raises(CommandRefusedError, match="PROGRAM_BEGIN: LOCKED"):
        async with massage():
            pytest.fail("it must not run")


async def test_what_cannot_be_a_step_is_refused(massage, virtual_time):
    with pytest.raises(ValueError, match="peak_ua is 401"):
        async with massage(peak_ua=401):
            pass
    with pytest.raises(TypeError, match="a step has no peak; it has zone, .*peak_ua"):
        async with massage(peak=100):
            pass
    with pytest.raises(ValueError, match="not both: peak_ua"):
        async with massage(step(), peak_ua=100):
            pass
    async with massage():
        pass


async def test_a_failure_in_the_block_is_its_own(massage, virtual_time):
    with pytest.raises(ZeroDivisionError):
        async with massage():
            1 / 0
"""


@pytest.mark.long
def test_a_massage_runs_for_the_time_of_a_block(tmp_path: Path) -> None:
    done = run(tmp_path, _MASSAGES)
    assert "10 passed" in done.out, done.out + done.err


def test_the_how_to_page_says_what_works(tmp_path: Path) -> None:
    examples = re.findall(r"```python\n(.*?)```", HOW_TO.read_text("utf-8"), re.DOTALL)
    done = run(tmp_path, "import pytest\n" + "\n".join(examples))
    assert f"{len(examples)} passed" in done.out, done.out + done.err
    assert len(examples) >= 5


def test_a_project_tests_against_the_roller_in_three_lines(tmp_path: Path) -> None:
    from glowtool.protocol.gatt import STATUS

    done = run(tmp_path, _TESTS.format(status=STATUS.uuid), afresh=True)
    assert "6 passed" in done.out, done.out + done.err


def test_what_goes_wrong_is_said_in_the_test(tmp_path: Path) -> None:
    done = run(
        tmp_path,
        "import pytest\n"
        "@pytest.mark.glowsim(scenario='no-such-scenario')\n"
        "async def test_it(roller): pass\n"
        "async def test_failing(glow_client, virtual_time): assert not glow_client.is_connected\n",
    )
    assert "1 failed, 1 error" in done.out, done.out + done.err
    assert "no-such-scenario" in done.out


@pytest.mark.long
def test_a_marker_that_would_be_ignored_is_an_error(tmp_path: Path) -> None:
    done = run(
        tmp_path,
        "import pytest\n@pytest.mark.glowsim(scenari='gentle')\nasync def test_mistyped(roller): pass\n",
    )
    assert "1 error" in done.out, done.out + done.err
    assert "glowsim(scenario=None, seed=1): " in done.out
    assert "'scenari'" in done.out


@pytest.mark.long
def test_a_scenario_is_found_beside_the_test_wherever_pytest_runs(tmp_path: Path) -> None:
    below = tmp_path / "below"
    below.mkdir()
    (below / "mine.toml").write_text('[device]\ndisplay = "none"\n')
    (below / "test_it.py").write_text(
        "import pytest\n@pytest.mark.glowsim('mine.toml', seed=2)\nasync def test_it(roller): assert roller.name\n"
    )
    done = run(tmp_path, "", "below")
    assert "1 passed" in done.out, done.out + done.err


@pytest.mark.long
def test_a_test_that_is_not_marked_is_told_how_to_run_in_virtual_time(tmp_path: Path) -> None:
    done = run(tmp_path, "def test_it(virtual_time): pass\n", "-o", "asyncio_mode=strict", "-W", "ignore")
    assert "mark it with pytest.mark.asyncio" in done.out, done.out + done.err


@pytest.mark.long
def test_the_plugin_costs_a_suite_that_does_not_use_it_nothing(tmp_path: Path) -> None:
    done = run(
        tmp_path,
        "import sys\n"
        "def test_light():\n"
        "    heavy = {'bumble', 'bleak', 'numpy', 'pydantic', 'scipy', 'pyarrow'} & set(sys.modules)\n"
        "    assert not heavy, heavy\n",
        afresh=True,
    )
    assert "1 passed" in done.out, done.out + done.err


@pytest.mark.long
def test_the_marker_and_the_fixtures_are_listed(tmp_path: Path) -> None:
    assert "@pytest.mark.glowsim(scenario=None, seed=1)" in run(tmp_path, "", "--markers").out
    listed = run(tmp_path, "", "--fixtures").out
    for name in ("air", "glow_client", "massage", "roller", "virtual_time"):
        assert name in listed


@pytest.mark.long
def test_the_fixtures_work_beside_parametrised_tests(tmp_path: Path) -> None:
    done = run(
        tmp_path,
        "import pytest\n"
        "@pytest.mark.glowsim(seed=2)\n"
        "@pytest.mark.parametrize('held_s', [0.1, 3.0])\n"
        "async def test_button(roller, virtual_time, held_s): roller.press_button(held_s)\n",
    )
    assert "2 passed" in done.out, done.out + done.err
