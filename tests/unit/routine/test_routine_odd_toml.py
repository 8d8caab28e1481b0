"""A file that an editor or a phone has spoiled is refused with its fault, and the next file is read."""

from __future__ import annotations

import json
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from glowsim.scene.scenario import load
from glowtool import routine
from glowtool.cli.app import cli
from glowtool.errors import InputError, RoutineError, ScenarioError
from glowtool.kit.text.toml import parse_toml
from glowtool.store.routines.load import load_routine

if TYPE_CHECKING:
    from collections.abc import Callable

TEXT = Path(routine.__file__).with_name("library").joinpath("first-glow.toml").read_text("utf-8")


def replaced(old: str, new: str) -> Callable[[], bytes]:
    assert old in TEXT
    return lambda: TEXT.replace(old, new, 1).encode()


SPOILT: dict[str, tuple[Callable[[], bytes], str]] = {
    "curly": (replaced('"Left cheek"', "“Left cheek”"), "not quotation marks of TOML"),
    "comma": (replaced("frequency_hz = 75", "frequency_hz = 75,5"), "write a decimal with a point: 75.5"),
    "comma in a list": (replaced("[2.0, 5.0]", "[2,0, 5,0]"), "write a decimal with a point, as in 2.5"),
    "number in quotes": (replaced("duration_s = 15", 'duration_s = "15"'), "leave out the quotation marks"),
    "whole number in quotes": (replaced("peak_ua = 80", 'peak_ua = "80"'), "leave out the quotation marks"),
    "odd space": (replaced("ramp_s = 4", "ramp_s\N{NO-BREAK SPACE}= 4"), "TOML needs plain spaces"),
    "other encoding": (partial(TEXT.encode, "utf-16"), "save it as UTF-8"),
    "hexadecimal": (replaced("ramp_s = 4", "ramp_s = 0x" + "f" * 6000), "longer than 64 bits"),
    "digits": (replaced("ramp_s = 4", "ramp_s = " + "9" * 6000), "too many digits"),
    "depth": (("x = " + "[" * 1500 + "]" * 1500).encode, "nested too deeply"),
}


@pytest.mark.parametrize("what", SPOILT)
def test_what_is_wrong_is_said_and_the_next_file_is_read(tmp_path: Path, what: str) -> None:
    spoil, words = SPOILT[what]
    (tmp_path / "spoilt.toml").write_bytes(spoil())
    (tmp_path / "good.toml").write_bytes(b"\xef\xbb\xbf" + TEXT.encode())
    files = [str(tmp_path / name) for name in ("spoilt.toml", "good.toml")]
    done = CliRunner().invoke(cli, ["routines", "validate", *files, "--json"])
    spoilt, good, *_ = (json.loads(line) for line in done.stdout.splitlines())
    assert good["ok"]
    assert not spoilt["ok"]
    assert words in " ".join(spoilt["problems"])


values = st.recursive(
    st.sampled_from(["0x" + "f" * 17, "-9223372036854775809", "1e999", "nan", '"75"', "1979-05-27", "'", "“x”", "2,5"])
    | st.integers(-(2**70), 2**70).map(str)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4).map(lambda items: f"[{', '.join(items)}]"),
    max_leaves=6,
)
texts = st.lists(st.tuples(st.sampled_from(["a", "a.b", "[x]\nb", "steps", "[[s]]\nc"]), values), max_size=5).map(
    lambda lines: "\n".join(f"{key} = {value}" for key, value in lines)
)


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("odd") / "odd.toml"


@given(text=texts)
def test_any_text_is_read_or_refused_in_words_as_toml_as_a_routine_and_as_a_scenario(odd: Path, text: str) -> None:
    odd.write_text(text, "utf-8")
    with suppress(InputError):
        json.dumps(parse_toml(text), default=str)
    with pytest.raises(RoutineError, match=r"odd\.toml"):
        load_routine(str(odd))
    with suppress(ScenarioError):
        load(str(odd))
