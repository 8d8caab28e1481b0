"""Other makers' drivers are announced by an installed package and found by the models that they know."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from bleak.backends.scanner import AdvertisementData

from glowtool.drivers.kinds import GR1, DriverKind, installed, kind_for
from glowtool.errors import MissingExtraError

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


def test_a_driver_that_cannot_be_loaded_keeps_no_other_from_its_devices(package: Path) -> None:
    announce(package, "facebrush:KIND\nash = nowhere:KIND")
    assert kind_for("BR-7").name == "brush"
    failures: list[MissingExtraError] = []
    assert [kind.name for kind in installed(failures.append)] == ["gr1", "brush"]
    assert [str(failure).startswith("the driver 'ash' cannot be loaded") for failure in failures] == [True]


def test_a_driver_that_fails_on_a_model_does_not_know_it() -> None:
    def knows(model: str) -> bool:
        raise ZeroDivisionError(model)

    assert not replace(GR1, name="odd", knows=knows).is_for("BR-7")


def test_the_page_for_authors_announces_a_kind_that_works() -> None:
    page = (Path(__file__).parents[3] / "docs/how-to/drive-another-device.md").read_text("utf-8")
    names: dict[str, object] = {}
    exec(page.split("```python\n")[1].split("```")[0], names)  # noqa: S102 - our own page
    kind = names["KIND"]
    assert isinstance(kind, DriverKind)
    heard = AdvertisementData("Brush 00AF", {}, {}, [str(names["SERVICE"])], None, -50, ())
    said = kind.recognises(heard, "Brush 00AF")
    assert said is not None
    assert said.announcement is not None
    assert said.announcement.serial_tail == "00af"
    assert kind.recognises(heard._replace(service_uuids=[]), None) is None
    assert [kind.is_for(model) for model in ("BR-7", "GR-1")] == [True, False]
