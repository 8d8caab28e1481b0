"""The example and the page for programs written for bleak run as printed, with their types."""

from __future__ import annotations

import importlib.resources
import re
import subprocess
import sys
from pathlib import Path

import pytest
from bleak import BleakClient, BleakScanner

from glowtool.link.adapters import AdapterSpec, open_adapter

ROOT = Path(__file__).parents[3]


def test_the_example_runs_as_it_is() -> None:
    done = subprocess.run(  # noqa: S603 - our own example
        [sys.executable, str(ROOT / "docs/examples/bleak_on_a_virtual_roller.py")],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert re.search(r"^heard GR-1 ", done.stdout, re.MULTILINE)
    assert "Model Number: GR-1" in done.stdout
    assert "MTU 247" in done.stdout
    assert done.stderr == ""


async def test_the_page_runs_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs/how-to/use-bleak.md").read_text("utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    names: dict[str, object] = {}
    exec(compile(code, "use-bleak.md", "exec"), names)  # noqa: S102 - our own page
    assert await names["read_the_model"]() == b"GR-1"  # type: ignore[operator]  # it is the page's function


async def test_the_systems_adapter_leaves_the_choice_to_bleak(tmp_path: Path) -> None:
    async with open_adapter(
        AdapterSpec.parse("auto"), bonds_dir=tmp_path, state_dir=tmp_path, announce=print
    ) as adapter:
        assert (adapter.scanner_backend, adapter.client_backend) == (None, None)
        BleakScanner(backend=adapter.scanner_backend)
        BleakClient("F0:F1:00:00:00:01", backend=adapter.client_backend)


@pytest.mark.parametrize("package", ["glowtool", "glowsim"])
def test_types_come_with_the_package(package: str) -> None:
    assert importlib.resources.files(package).joinpath("py.typed").is_file()
