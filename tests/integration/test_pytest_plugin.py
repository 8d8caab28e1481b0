"""The pytest plugin as a firmware engineer uses it: in a project of its own, in a few lines."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

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


def run(folder: Path, tests: str, *options: str) -> subprocess.CompletedProcess[str]:
    (folder / "pytest.ini").write_text(_INI)
    (folder / "test_mine.py").write_text(tests)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
    return subprocess.run(  # noqa: S603 - pytest itself
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=120
    )


def test_a_project_tests_against_the_roller_in_three_lines(tmp_path: Path) -> None:
    from glowtool.protocol.gatt import STATUS

    done = run(tmp_path, _TESTS.format(status=STATUS.uuid))
    assert "6 passed" in done.stdout, done.stdout + done.stderr


def test_what_goes_wrong_is_said_in_the_test(tmp_path: Path) -> None:
    done = run(
        tmp_path,
        "import pytest\n"
        "@pytest.mark.glowsim(scenario='no-such-scenario')\n"
        "async def test_it(roller): pass\n"
        "async def test_failing(glow_client, virtual_time): assert not glow_client.is_connected\n",
    )
    assert "1 failed, 1 error" in done.stdout, done.stdout + done.stderr
    assert "no-such-scenario" in done.stdout


def test_a_marker_that_would_be_ignored_is_an_error(tmp_path: Path) -> None:
    done = run(
        tmp_path,
        "import pytest\n@pytest.mark.glowsim(scenari='gentle')\nasync def test_mistyped(roller): pass\n",
    )
    assert "1 error" in done.stdout, done.stdout + done.stderr
    assert "glowsim(scenario=None, seed=1): " in done.stdout
    assert "'scenari'" in done.stdout


def test_a_scenario_is_found_beside_the_test_wherever_pytest_runs(tmp_path: Path) -> None:
    below = tmp_path / "below"
    below.mkdir()
    (below / "mine.toml").write_text('[device]\ndisplay = "none"\n')
    (below / "test_it.py").write_text(
        "import pytest\n@pytest.mark.glowsim('mine.toml', seed=2)\nasync def test_it(roller): assert roller.name\n"
    )
    done = run(tmp_path, "", "below")
    assert "1 passed" in done.stdout, done.stdout + done.stderr


def test_a_test_that_is_not_marked_is_told_how_to_run_in_virtual_time(tmp_path: Path) -> None:
    done = run(tmp_path, "def test_it(virtual_time): pass\n", "-o", "asyncio_mode=strict", "-W", "ignore")
    assert "mark it with pytest.mark.asyncio" in done.stdout, done.stdout + done.stderr


def test_the_plugin_costs_a_suite_that_does_not_use_it_nothing(tmp_path: Path) -> None:
    done = run(
        tmp_path,
        "import sys\n"
        "def test_light():\n"
        "    heavy = {'bumble', 'bleak', 'numpy', 'pydantic', 'scipy', 'pyarrow'} & set(sys.modules)\n"
        "    assert not heavy, heavy\n",
    )
    assert "1 passed" in done.stdout, done.stdout + done.stderr


def test_the_marker_and_the_fixtures_are_listed(tmp_path: Path) -> None:
    assert "@pytest.mark.glowsim(scenario=None, seed=1)" in run(tmp_path, "", "--markers").stdout
    listed = run(tmp_path, "", "--fixtures").stdout
    for name in ("air", "glow_client", "roller", "virtual_time"):
        assert name in listed


def test_the_fixtures_work_beside_parametrised_tests(tmp_path: Path) -> None:
    done = run(
        tmp_path,
        "import pytest\n"
        "@pytest.mark.glowsim(seed=2)\n"
        "@pytest.mark.parametrize('held_s', [0.1, 3.0])\n"
        "async def test_button(roller, virtual_time, held_s): roller.press_button(held_s)\n",
    )
    assert "2 passed" in done.stdout, done.stdout + done.stderr
