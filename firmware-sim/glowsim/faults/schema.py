"""The JSON Schema of a fault in a scenario: which parameters each name allows."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from glowsim.faults.kind import Choice, Kind, Number
from glowsim.faults.kinds import KINDS

if TYPE_CHECKING:
    from pydantic.config import JsonDict


def complete_schema(schema: JsonDict) -> None:
    """Complete the JSON Schema of a fault in a scenario: which parameters each name allows."""
    shared = cast("JsonDict", schema.pop("properties"))
    shared.pop("name")
    schema.pop("additionalProperties", None)
    schema["oneOf"] = [_row(kind, shared) for kind in KINDS]


def _row(kind: Kind, shared: JsonDict) -> JsonDict:
    timing = {name: node for name, node in shared.items() if not (kind.moment and name == "for_s")}
    row: JsonDict = {
        "properties": {"name": {"const": kind.name, "description": kind.device}, **timing, **_nodes(kind)},
        "required": ["name"],
        "additionalProperties": False,
    }
    if not kind.moment:
        # A lasting fault that repeats must end in between.
        row["dependentRequired"] = {"rate_per_min": ["for_s"]}
    return row


def _nodes(kind: Kind) -> JsonDict:
    return {parameter.name: _node(parameter) for parameter in kind.parameters}


def _node(parameter: Number | Choice) -> JsonDict:
    if isinstance(parameter, Choice):
        return {"enum": list(parameter.options), "default": parameter.default}
    bounds: JsonDict = {"minimum": parameter.low, "maximum": parameter.high, "default": parameter.default}
    return {"type": "number", "description": parameter.unit, **bounds}
