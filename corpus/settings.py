"""What all settings share: frozen models without unknown names, and sizes as people write them."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


class Settings(BaseModel):
    """A part of the config: frozen, without unknown names; the text under a field describes it."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


_UNITS = {"b": 1} | {
    prefix + unit: base**power
    for power, prefix in enumerate("kmgt", 1)
    for unit, base in (("b", 1000), ("ib", 1024))
}
_SIZE = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,15})?) ?([A-Za-z]+)")
_PATTERN = r"^[0-9]+(\.[0-9]+)? ?([KkMmGgTt][Ii]?)?[Bb]$"


def size(value: Any) -> Any:
    """Return the bytes that a text such as `256MB` stands for; anything else as it is."""
    if not isinstance(value, str):
        return value
    found = _SIZE.fullmatch(value.strip())
    if found is None or found[2].lower() not in _UNITS:
        raise ValueError(f"must be a size such as 256MB or 1GiB, not {value!r}")
    return int(float(found[1]) * _UNITS[found[2].lower()])


Size = Annotated[
    int,
    Field(gt=0),
    BeforeValidator(size, json_schema_input_type=int | Annotated[str, Field(pattern=_PATTERN)]),
]
"""A number of bytes: in a config a number, or a text with its unit."""

Text = Annotated[str, Field(min_length=1)]
"""Text that is not empty."""
