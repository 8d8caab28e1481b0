"""The names of an enumeration's members in a routine's file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic_core import PydanticCustomError, core_schema

from glowtool.model.names import name_of

if TYPE_CHECKING:
    import enum

    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue


@dataclass(frozen=True, slots=True)
class Named:
    """The annotation of a model's field whose values are members of an enumeration, written by name."""

    choices: tuple[enum.Enum, ...]
    #: Further names, which a model takes apart before they come here.
    also: tuple[str, ...] = ()

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self._member, serialization=core_schema.plain_serializer_function_ser_schema(name_of)
        )

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "enum": list(dict.fromkeys([*map(name_of, self.choices), *self.also]))}

    def _member(self, value: object) -> enum.Enum:
        for member in self.choices:
            # By identity: an IntEnum equals plain integers, but files use names, not numbers.
            if value is member or (isinstance(value, str) and value == name_of(member)):
                return member
        raise PydanticCustomError("unknown_name", "is not a known name")
