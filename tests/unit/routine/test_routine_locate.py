"""The locator finds the line of every key that tomllib reads, whatever the layout."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glowtool.kit.text.toml_lines import Place, key_lines, line_of

KEYS = st.sampled_from(["a", "b-1", '"quoted key"', "'literal'", '"with.dot"'])
VALUES = st.sampled_from(
    [
        "1",
        '"# no comment"',
        "'[x]'",
        '"""\n[[a]]\nb = 1\n"""',
        "'''\n# x\n'''",
        "[1,\n# ]\n2]",
        '{ p = 1, q = "}" }',
        '"\\""',
        '"""a"b\\""""',
    ]
)


@pytest.mark.parametrize(
    ("text", "place", "line"),
    [
        ("a = 1\nb = 2\n", ("b",), 2),
        ("\n# c = 1\n\nc = 1", ("c",), 4),
        ("a.b.c = 1", ("a", "b", "c"), 1),
        ("x = '''\n[y]\n'''\n[y]\nz = 1", ("y", "z"), 5),
        ("[[s]]\n[[s]]\n[s.t]\nu = 1", ("s", 1, "t", "u"), 4),
        ("[[s]]\n[[s.t]]\n[[s.t]]\nv = 1\n[[s]]\n[[s.t]]\nv = 1", ("s", 1, "t", 0, "v"), 7),
        ("[[s]]\na = { b = 1 }", ("s", 0, "a", "b"), 2),
        ("s = [\n {a = 1},\n {a = 2},\n]", ("s", 1, "a"), 1),
        ("a = 1", ("b",), None),
        ('a = """x\\\n  y"""\nb = 1', ("b",), 3),
        ("a = 1\r\nb = 2\r\n", ("b",), 2),
        ("[ a . 'b' ] # x\nc = 1", ("a", "b", "c"), 2),
    ],
)
def test_lines(text: str, place: Place, line: int | None) -> None:
    tomllib.loads(text)
    assert line_of(key_lines(text), place) == line


@given(st.lists(st.tuples(KEYS, VALUES, st.sampled_from(["", "  # note [", "\n\n# gap"])), max_size=6), st.booleans())
def test_every_key_is_found_on_its_line(rows: list[tuple[str, str, str]], in_tables: bool) -> None:
    lines: list[str] = []
    wanted: dict[Place, int] = {}
    for number, (key, value, rest) in enumerate(rows):
        table: Place = ("steps", number) if in_tables else (f"t{number}",)
        lines.append("[[steps]]" if in_tables else f"[t{number}]")
        wanted[*table, key.strip("\"'")] = len(lines) + 1
        lines.extend(f"{key} = {value}{rest}".split("\n"))
    text = "\n".join(lines)
    tomllib.loads(text)
    found = key_lines(text)
    assert {place: line_of(found, place) for place in wanted} == wanted


@given(st.text(alphabet="ab=[]{}\"'.#\n\\ 1", max_size=60))
def test_no_text_that_is_toml_upsets_it(text: str) -> None:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    for line in key_lines(text).values():
        assert 1 <= line <= text.count("\n") + 1
