"""Each test has a copy of a recording that it may damage."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from support.logs.damaged import recording


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(recording(), tmp_path / recording().name))
