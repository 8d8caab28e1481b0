"""The table of words that shells complete from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from glowtool.cli.app import cli
from glowtool.cli.completion.tree import tree_of

if TYPE_CHECKING:
    from collections.abc import Mapping


def render_words() -> str:
    """Return `glowtool/cli/completion/words.json`: a line for each command, so that a change of one shows as one."""
    return f"{_node(tree_of(cli), 0)}\n"


def _node(node: Mapping[str, object], depth: int) -> str:
    pad = "  " * (depth + 1)
    commands = node.get("commands")
    own = {key: value for key, value in node.items() if key != "commands"}
    if not isinstance(commands, dict):
        return json.dumps(own, ensure_ascii=False)
    below = ",\n".join(f'{pad}  "{name}": {_node(child, depth + 1)}' for name, child in commands.items())
    return f'{{\n{pad}"commands": {{\n{below}\n{pad}}},\n{pad}{json.dumps(own, ensure_ascii=False)[1:]}'
