"""The base class of all settings, and types for sizes, amounts and texts."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


class Settings(BaseModel):
    """A section of the config: frozen, without unknown names; docstrings describe its fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


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
