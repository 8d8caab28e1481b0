"""Other makers' drivers are announced by an installed package and found by the models that they know."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from glowtool.drivers.kinds import GR1, kind_for
from glowtool.errors import MissingExtraError

if TYPE_CHECKING:
    from pathlib import Path

BODY = """
from glowtool.drivers.kinds import DriverKind
KIND = DriverKind("brush", lambda model: model == "BR-7", lambda client_for, gate, patience: None)
OTHER = 7
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "facebrush.py").write_text(BODY)
    (tmp_path / "facebrush-1.0.dist-info").mkdir()
    (tmp_path / "facebrush-1.0.dist-info/METADATA").write_text("Metadata-Version: 2.1\nName: facebrush\nVersion: 1.0\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def announce(package: Path, place: str) -> None:
    (package / "facebrush-1.0.dist-info/entry_points.txt").write_text(f"[glowtool.drivers]\nbrush = {place}\n")


def test_a_model_of_another_maker_is_driven_by_the_package_that_knows_it(package: Path) -> None:
    announce(package, "facebrush:KIND")
    assert kind_for("BR-7").name == "brush"
    assert kind_for("BR-8") is GR1


@pytest.mark.parametrize("model", ["", "GR-1", "GR-1 mini"])
def test_our_own_models_never_wait_for_a_foreign_package(package: Path, model: str) -> None:
    announce(package, "nowhere:KIND")
    assert kind_for(model) is GR1


@pytest.mark.parametrize(
    ("place", "said"),
    [("nowhere:KIND", "No module named 'nowhere'"), ("facebrush:OTHER", "is int, but must be a Driver")],
)
def test_a_driver_that_cannot_be_used_is_named_with_what_to_do(package: Path, place: str, said: str) -> None:
    announce(package, place)
    with pytest.raises(MissingExtraError, match=f"the driver 'brush' .*{said}.* the package that brings it"):
        kind_for("BR-7")
