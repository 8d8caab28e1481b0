"""The JSON Schema of a routine's file, and the words for what it allows at a place."""

from __future__ import annotations

import copy
import enum
import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, cast

from pydantic.json_schema import GenerateJsonSchema

from glowtool.model.names import name_of
from glowtool.routine.written.models import KINDS, WrittenRoutine

if TYPE_CHECKING:
    from glowtool.kit.text.toml_lines import Place

#: One node of a JSON Schema.
Node = Mapping[str, object]

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

#: The unit that the suffix of a key names.
_UNITS: Final = {
    "_per_min": "a minute",
    "_percent": "%",
    "_kpa": "kPa",
    "_ua": "µA",
    "_hz": "Hz",
    "_s": "s",
}


#: The order of a step's keys, for people and their editors; models inherit most of them, and pydantic puts those first.
KEY_ORDER: Final = (
    *("name", "title", "goal", "description", "sources", "evidence"),
    *("include", "repeat", "mirror", "rest_s"),
    *("zone", "side", "direction", "duration_s", "technique", "return", "band_kpa", "strokes_per_min", "cue"),
    *("vibration", "microcurrent", "ramp_s", "keyframes", "cues", "steps"),
)
_RANKS: Final = {key: rank for rank, key in enumerate(KEY_ORDER)}


class _Generator(GenerateJsonSchema):
    """Pydantic's schema, but with defaults by name and without titles made from keys."""

    def encode_default(self, dft: object) -> object:
        return name_of(dft) if isinstance(dft, enum.Enum) else super().encode_default(dft)

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002  # the base class passes it
        return False


@functools.cache
def _schema() -> dict[str, object]:
    made = WrittenRoutine.model_json_schema(schema_generator=_Generator)
    tables = cast("dict[str, dict[str, object]]", made["$defs"])
    for table in (made, *tables.values()):
        if isinstance(keys := table.get("properties"), dict):
            table["properties"] = in_order(keys)
    return {"$schema": _DIALECT, **made}


def in_order(table: Mapping[str, object]) -> dict[str, object]:
    """Return a table with its keys in the order in which people read them."""
    return {key: table[key] for key in sorted(table, key=lambda key: _RANKS.get(key, len(_RANKS)))}


def routine_json_schema() -> dict[str, object]:
    """Return the JSON Schema (2020-12) of a routine's file, for editors that complete and check TOML."""
    return copy.deepcopy(_schema())


def unit_of(key: str) -> str:
    """Return the unit that a key's suffix names, in people's words; empty for a key without one."""
    return next((unit for suffix, unit in _UNITS.items() if key.endswith(suffix)), "")


def _schema_of(model: str) -> Node:
    return cast("Mapping[str, Node]", _schema()["$defs"])[model]


def resolve(node: Node) -> Node:
    """Follow references and look through "or null" to the node that describes a value."""
    if "$ref" in node:
        target = _schema_of(str(node["$ref"]).removeprefix("#/$defs/"))
        return {**target, **{key: value for key, value in node.items() if key != "$ref"}}
    for choice in cast("list[Node]", node.get("anyOf", [])):
        if choice.get("type") != "null":
            return {**resolve(choice), **{key: value for key, value in node.items() if key != "anyOf"}}
    return node


def properties(node: Node) -> Mapping[str, Node]:
    """Return the keys of a table's node with their nodes; empty for any other node."""
    return cast("Mapping[str, Node]", resolve(node).get("properties", {}))


def node_at(place: Place) -> Node | None:
    """Return the node that describes a place in a routine's file; None if the format has none.

    A place may hold the tags that tell the kind of an item.
    """
    node: Node | None = _schema()
    for part in place:
        if node is None:
            return None
        if part in KINDS:
            node = _schema_of(KINDS[str(part)][1].__name__)
            continue
        node = resolve(node)
        if isinstance(part, str):
            node = properties(node).get(part)
        else:
            items = cast("list[Node]", node.get("prefixItems", []))
            node = items[part] if part < len(items) else cast("Node | None", node.get("items"))
    return None if node is None else resolve(node)


def allowed_at(place: Place) -> str:
    """Return in words what a place allows: "10 to 400 µA in steps of 10", or the list of names."""
    node = node_at(place)
    key = next((part for part in reversed(place) if isinstance(part, str)), "")
    return "" if node is None else allowed_by(node, unit_of(key))


def allowed_by(node: Node, unit: str = "") -> str:
    """Return in words what a node allows."""
    if "x-allowed" in node:
        return str(node["x-allowed"])
    if "enum" in node:
        return ", ".join(map(str, cast("list[object]", node["enum"])))
    if "properties" in node:
        return "a table with " + ", ".join(properties(node))
    kind = node.get("type")
    if kind in {"number", "integer"}:
        return _numbers(node, unit)
    if kind == "array":
        return _items(node)
    plain = " without control characters" if "pattern" in node else ""
    return (f"text of {node['minLength']} to {node['maxLength']} characters" if "minLength" in node else "text") + plain


def _numbers(node: Node, unit: str) -> str:
    low = f"{node['minimum']:g}" if "minimum" in node else f"above {node['exclusiveMinimum']:g}"
    high = f"{node['maximum']:g}" if "maximum" in node else f"below {node['exclusiveMaximum']:g}"
    words = f"{low} to {high} {unit}".rstrip()
    if node.get("type") == "integer":
        words = f"whole numbers, {words}"
    return f"{words} in steps of {node['multipleOf']}" if "multipleOf" in node else words


def _items(node: Node) -> str:
    inside = cast("Node", node.get("items", {}))
    what = "tables" if "$ref" in inside or "oneOf" in inside else "texts"
    if "minItems" in node:
        return f"{node['minItems']} to {node['maxItems']} {what}"
    return f"at most {node['maxItems']} {what}" if "maxItems" in node else f"a list of {what}"
