"""The reference pages of scenarios and faults, and the JSON Schema of a scenario, written from the declarations."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, cast

from glowsim.faults.kinds import KINDS
from glowsim.scene.scenario import Scenario, built_in, load

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from glowsim.faults.kind import Kind

Node = dict[str, object]

_SCENARIOS: Final = """\
# Scenarios

This page is generated from `firmware-sim/glowsim`; do not edit it.

A scenario says who holds the virtual roller, on what skin, how full the battery is, how good the radio is, and what
goes wrong when. It is a TOML file: `glowsim serve --scenario NAME|FILE`, `glowtool --adapter sim:NAME`. Everything left
out is as in `nominal`. The same scenario, seed and commands give the same readings. A key that is not on this page is
an error, and so is a value out of range. Editors that know TOML use
[scenario.schema.json](scenario.schema.json) to complete and check, if the file's first line says where it is:

```toml
#:schema ./scenario.schema.json
title = "A dry face, and a cell that sticks"

[skin]
moisture = 0.2

[[faults]]
name = "cell-stuck"
at_s = 20
```

## Built-in scenarios

`glowsim scenarios` lists them.

| name | what it is | what it is for |
|---|---|---|
"""

_ON_SCHEDULE: Final = """
## Faults

Each fault has its own `[[faults]]` table: its `name`, when it begins (`at_s`, in s since power-on), for how long
(`for_s`; without it, to the end), or how often at random (`rate_per_min`), and its own parameters: see
[faults](faults.md).
"""

_FAULTS: Final = """\
# Faults

This page is generated from the tables in `firmware-sim/glowsim/faults/`; do not edit it. Each row has a test of its
own: `pytest tests/integration/roller/faults -k NAME`.

Each fault can be switched in three ways:

- in a [scenario](scenarios.md), at a time, for a time, or again and again at random:

  ```toml
  [[faults]]
  name = "cell-stuck"
  at_s = 20
  for_s = 3
  cell = "lf"

  [[faults]]
  name = "brown-out"
  rate_per_min = 1
  ```

- at the console of `glowsim serve`, or from another terminal: `glowsim ctl fault cell-stuck cell=lf for_s=3`,
  `glowsim ctl fault cell-stuck off`, `glowsim ctl faults`;
- from Python: `roller.faults.start("cell-stuck", cell="lf", for_s=3)`, `roller.faults.stop("cell-stuck")`.

*Moment* means that the fault happens and is over at once; the others last for their time, or until they are stopped.
After every fault, outputs come back only as the interlocks allow: softly, and after a lost link or a reboot only when a
person starts again.

A roller on a real controller (`glowsim serve --radio`) cannot do what needs the virtual air: the console refuses it,
and `serve` says when it starts which parts of the scenario it ignores. There the roller itself causes a lost link, an
outage and `walk-away`: it ends the connection (reason 0x13 or 0x15 in place of 0x08) and does not advertise.

A fault in which a firmware update does not boot will come with firmware updates.

| fault | strikes | lasts | parameters (default) | what the device does | what the host is told |
|---|---|---|---|---|---|
"""

_TABLES: Final = (
    ("The scenario", "At the top of the file.", ""),
    ("Device", "In `[device]`: which model it is, and how it pairs ([protocol](protocol.md), *Security*).", "device"),
    ("Hand", "In `[hand]`. A persona sets what is not set here.", "hand"),
    ("Skin", "In `[skin]`.", "skin"),
    ("Cells", "In `[cells]` ([body](body.md), also below). Cells without noise may count as stuck.", "cells"),
    ("Motor", "In `[motor]`.", "motor"),
    ("Heat", "In `[heat]`: how the heads get warm.", "heat"),
    ("Battery", "In `[battery]`: its state at power-on in the first three, the cell in the others.", "battery"),
    ("Link", "In `[link]`: the radio between roller and host; without it, everything arrives at once.", "link"),
)


def render_scenarios() -> str:
    """Return `docs/reference/scenarios.md`."""
    rows = (
        f"| `{name}` | {one.title} | {one.purpose} |\n" for name, one in ((name, load(name)) for name in built_in())
    )
    parts = [_SCENARIOS + "".join(rows)]
    schema = cast("Node", Scenario.model_json_schema())
    for heading, place, key in _TABLES:
        rows = (f"| `{name}` | {allowed} | {default} |\n" for name, allowed, default in _keys(schema, key))
        parts.append(f"\n## {heading}\n\n{place}\n\n| key | allowed | default |\n|---|---|---|\n" + "".join(rows))
    parts.append(_ON_SCHEDULE)
    return "".join(parts)


def render_faults() -> str:
    """Return `docs/reference/faults.md`."""
    return _FAULTS + "".join(_row(kind) for kind in KINDS)


def scenario_schema() -> str:
    """Return `docs/reference/scenario.schema.json`: the JSON Schema (draft 2020-12) of a scenario."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **Scenario.model_json_schema()}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _row(kind: Kind) -> str:
    parameters = "; ".join(f"`{row.name}` {row.allowed} ({row.default})" for row in kind.parameters) or "none"
    lasts = "moment" if kind.moment else "yes"
    part = f"{kind.part} (needs the virtual air)" if kind.needs_air else kind.part
    return f"| `{kind.name}` | {part} | {lasts} | {parameters} | {kind.device} | {kind.host} |\n"


def _keys(schema: Node, table: str) -> Iterator[tuple[str, str, str]]:
    definitions = cast("Mapping[str, Node]", schema["$defs"])
    node = schema if not table else definitions[table.title()]
    for name, described in cast("Mapping[str, Node]", node["properties"]).items():
        if "$ref" not in described and name != "faults":
            yield name, _allowed(described), _default(described)


def _allowed(node: Node) -> str:
    for choice in cast("list[Node]", node.get("anyOf", [])):
        if choice.get("type") != "null":
            return _allowed(choice)
    if "enum" in node:
        return ", ".join(f"`{word}`" for word in cast("list[str]", node["enum"]))
    if "minimum" in node or "exclusiveMinimum" in node:
        low, high = _bound(node, "inimum"), _bound(node, "aximum")
        return f"{low} to {high}{', a whole number' if node.get('type') == 'integer' else ''}"
    return "`true`, `false`" if node.get("type") == "boolean" else "text"


def _bound(node: Node, which: str) -> str:
    inclusive = "m" + which
    if inclusive in node:
        return f"{cast('float', node[inclusive]):.10g}"
    value = cast("float", node["exclusiveM" + which])
    return f"{'more' if which == 'inimum' else 'less'} than {value:.10g}"


def _default(node: Node) -> str:
    value = node.get("default")
    if value in (None, ""):
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value).lower()
