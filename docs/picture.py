"""Turn a captured terminal screen into an SVG.

tmux capture-pane -p -e | python docs/picture.py > docs/live-view.svg
"""

from __future__ import annotations

import io
import sys

from rich.console import Console
from rich.text import Text

COLUMNS = 80
_MARGIN_COLUMNS = 2

#: rich's own picture loads a font from the network; this one takes what the reader's machine has.
FRAME = """\
<svg class="rich-terminal" viewBox="0 0 {terminal_width} {terminal_height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace;
  font-size: {char_height}px; line-height: {line_height}px; }}
{styles}
</style>
<defs><clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/></clipPath>
{lines}</defs>
<rect fill="#1d1f21" width="100%" height="100%" rx="8"/>
<g transform="translate(9, 12)">{backgrounds}<g class="{unique_id}-matrix">{matrix}</g></g>
</svg>
"""


def svg_of(screen: str, columns: int = COLUMNS, rows: int | None = None) -> str:
    """Return the SVG of a screen with its colours, as a terminal of that size shows it."""
    # The frame takes a margin at the left from the width, so that the last column needs one at the right.
    console = Console(record=True, width=columns + _MARGIN_COLUMNS, file=io.StringIO(), force_terminal=True)
    console.print(Text.from_ansi(screen), soft_wrap=True)
    for _ in range(max(1, 0 if rows is None else rows - len(screen.splitlines()))):
        console.print()  # room at the foot, where rich's own frame would be
    return console.export_svg(title="", code_format=FRAME, unique_id="live")


def main() -> None:
    """Read a screen with its colours from standard input and write the SVG to standard output."""
    sys.stdout.write(svg_of(sys.stdin.read().rstrip("\n")))


if __name__ == "__main__":
    main()
