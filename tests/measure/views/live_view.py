"""Draw the live view in every state and size, from massages on the virtual roller, as pictures to look at.

python tests/measure/views/live_view.py FOLDER [--only WORD] [--png]

Each massage runs over the full stack in virtual time. What is drawn is what a terminal of that size gets. FOLDER has an
SVG of each, and `index.html` with all of them; --png adds PNGs where there is a Chromium.
"""

from __future__ import annotations

import argparse
import html
import logging
import subprocess
import sys
import tempfile
import textwrap
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[3] / "docs"))

from glowsim.time.virtual_time import in_virtual_time
from picture import svg_of
from support.processes.browser import find_browser
from support.stack.filmed import Film, film, lines_of
from support.stack.scenes import SCENES

#: The terminals: name, columns, rows, and whether they have colour.
SCREENS = (
    ("80x24", 80, 24, True),
    ("120x40", 120, 40, True),
    ("40x24", 40, 24, True),
    ("40x10", 40, 10, True),
    ("no-colour", 80, 24, False),
)

_PLAIN_COLUMNS = 80
_CHARACTER_PX, _LINE_PX = 12.2, 24.4


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture: its name and what it shows, the text with its colours, and its size in characters."""

    name: str
    text: str
    columns: int
    rows: int


def pictures_of(taken: Film) -> list[Picture]:
    """Return the pictures of one massage: each of its moments on every screen, and all of it in plain lines."""
    found = [
        Picture(f"{shot.name}-{screen}", shot.drawn(columns, rows, colour=colour), columns, rows)
        for shot in taken.shots
        for screen, columns, rows, colour in SCREENS
    ]
    plain = [line for told in lines_of(taken) for line in textwrap.wrap(told, _PLAIN_COLUMNS, subsequent_indent="  ")]
    return [*found, Picture(f"{taken.name}-plain", "\n".join(plain), _PLAIN_COLUMNS, len(plain) + 1)]


def main() -> int:
    """Make the pictures and print their names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", help="only massages whose name has this word")
    parser.add_argument("--png", action="store_true", help="also as PNG, by Chromium")
    asked = parser.parse_args()
    logging.getLogger("bumble").setLevel(logging.CRITICAL)
    asked.folder = asked.folder.resolve()  # a browser opens no relative path
    asked.folder.mkdir(parents=True, exist_ok=True)
    pictures: list[Picture] = []
    for massage in (each for each in SCENES if asked.only in each.name):
        with tempfile.TemporaryDirectory() as data:
            pictures += pictures_of(in_virtual_time(film)(Path(data), massage))
    for picture in pictures:
        path = asked.folder / f"{picture.name}.svg"
        path.write_text(svg_of(picture.text, picture.columns, picture.rows), "utf-8")
        if asked.png:
            _to_png(path, picture)
        print(path)
    figures = "\n".join(
        f'<figure><img src="{name}.svg" alt="{name}"><figcaption>{name}</figcaption></figure>'
        for name in (html.escape(picture.name) for picture in pictures)
    )
    (asked.folder / "index.html").write_text(f"<!doctype html><title>Live view</title>\n{figures}\n", "utf-8")
    print(f"{len(pictures)} pictures of {len({picture.name.rsplit('-', 1)[0] for picture in pictures})} moments")
    return 0


def _to_png(path: Path, picture: Picture) -> None:
    browser = find_browser()
    if browser is None:
        sys.exit("there is no Chromium here")
    size = f"{round(picture.columns * _CHARACTER_PX) + 40},{round((picture.rows + 1) * _LINE_PX) + 40}"
    subprocess.run(
        [browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--window-size={size}",
         f"--screenshot={path.with_suffix('.png')}", path.as_uri()],
        check=True, capture_output=True,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
