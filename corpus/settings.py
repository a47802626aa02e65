"""The base class of all settings, and types for sizes, amounts and texts.

A command starts faster if it does not prepare what it does not use: a class is built when it first
validates something, and the docstrings of fields are read only for the JSON Schema.
"""

from __future__ import annotations

import ast
import inspect
import re
from itertools import pairwise
from textwrap import dedent
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def field_descriptions(cls: type[BaseModel]) -> dict[str, str]:
    """Return the docstring below each field of a class, by the field's name in a config."""
    described: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        if issubclass(base, BaseModel) and base is not BaseModel:
            described |= _field_docstrings(base)
    return {
        field.alias or name: described[name]
        for name, field in cls.model_fields.items()
        if name in described
    }


def _describe_fields(schema: dict[str, Any], cls: type[BaseModel]) -> None:
    """Add the descriptions of the fields to the JSON Schema of a class."""
    for name, description in field_descriptions(cls).items():
        schema["properties"][name]["description"] = description


def _field_docstrings(cls: type[BaseModel]) -> dict[str, str]:
    """Return the docstring below each field of a class; none if its source is not there."""
    try:
        (tree,) = ast.parse(dedent(inspect.getsource(cls))).body
    except (OSError, SyntaxError):
        return {}
    body = tree.body if isinstance(tree, ast.ClassDef) else []
    return {
        field.target.id: inspect.cleandoc(docstring.value.value)
        for field, docstring in pairwise(body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(docstring, ast.Expr)
        and isinstance(docstring.value, ast.Constant)
        and isinstance(docstring.value.value, str)
    }


LAZY = ConfigDict(defer_build=True, json_schema_extra=_describe_fields)
"""Build a class of settings when it is first used, and describe its fields in the schema alone."""


class Settings(BaseModel):
    """A section of the config: frozen, without unknown names; docstrings describe its fields."""

    model_config = ConfigDict(frozen=True, extra="forbid") | LAZY


_UNITS = {"b": 1} | {
    prefix + unit: base**power
    for power, prefix in enumerate("kmgt", 1)
    for unit, base in (("b", 1000), ("ib", 1024))
}
_SIZE = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,15})?) ?([A-Za-z]+)")
_PATTERN = r"^[0-9]+(\.[0-9]+)? ?([KkMmGgTt][Ii]?)?[Bb]$"


def parse_size(value: Any) -> Any:
    """Return the number of bytes for a text such as `256MB`; return other values unchanged."""
    if not isinstance(value, str):
        return value
    match = _SIZE.fullmatch(value.strip())
    if match is None or match[2].lower() not in _UNITS:
        raise ValueError(f"must be a size such as 256MB or 1GiB, not {value!r}")
    return int(float(match[1]) * _UNITS[match[2].lower()])


Size = Annotated[
    int,
    Field(gt=0),
    BeforeValidator(
        parse_size, json_schema_input_type=int | Annotated[str, Field(pattern=_PATTERN)]
    ),
]
"""A number of bytes; in a config, a number or a text with a unit."""

_AMOUNT = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,15})?) ?([KkMmBbTt]?)")
_AMOUNT_PATTERN = r"^[0-9]+(\.[0-9]+)? ?[KkMmBbTt]?$"
_THOUSANDS = {"": 0, "k": 1, "m": 2, "b": 3, "t": 4}


def parse_amount(value: Any) -> Any:
    """Return the number that a text such as `10M` means; return other values unchanged."""
    if not isinstance(value, str):
        return value
    match = _AMOUNT.fullmatch(value.strip())
    if match is None:
        raise ValueError(f"must be a number such as 5000, 250K, 10M or 1.5B, not {value!r}")
    return round(float(match[1]) * 1000 ** _THOUSANDS[match[2].lower()])


Amount = Annotated[
    int,
    Field(ge=0),
    BeforeValidator(
        parse_amount, json_schema_input_type=int | Annotated[str, Field(pattern=_AMOUNT_PATTERN)]
    ),
]
"""A number of words, tokens or documents; in a config, a number or a text such as `10M`."""

Text = Annotated[str, Field(min_length=1)]
"""A text that is not empty."""
