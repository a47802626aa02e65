"""Write values as JSON text. Equal values give equal text, whatever batch they are in."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import orjson

MAX_DEPTH = 1024
"""Maximum nesting of a record: orjson parses no deeper."""

_TYPE_NAMES = {
    type(None): "null",
    bool: "a boolean",
    int: "a number",
    float: "a number",
    str: "a string",
    list: "a list",
    dict: "an object",
}


def dumps(value: Any) -> str:
    """Return the JSON text of a value, with keys in their original order."""
    try:
        return orjson.dumps(value, default=to_json_value).decode()
    except (TypeError, orjson.JSONEncodeError):  # integers beyond 64 bits, or nested over 254 deep
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(max(limit, 4 * MAX_DEPTH))
        try:
            return json.dumps(
                value, ensure_ascii=False, separators=(",", ":"), default=to_json_value
            )
        finally:
            sys.setrecursionlimit(limit)


def canonical(row: Mapping[str, Any]) -> bytes:
    """Return the JSON text of a record with sorted keys: equal records have equal bytes."""
    try:
        return orjson.dumps(row, default=to_json_value, option=orjson.OPT_SORT_KEYS)
    except (TypeError, orjson.JSONEncodeError):
        return dumps({name: row[name] for name in sorted(row)}).encode()


def to_json_value(value: Any) -> Any:
    """Return a value of a type that JSON lacks (bytes, dates, decimals, ...) as a string."""
    if isinstance(value, bytes):
        return bytes_to_text(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)


def bytes_to_text(value: bytes) -> str:
    """Return bytes decoded as UTF-8, or `base64:...` if they are not valid UTF-8."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        import base64

        return "base64:" + base64.b64encode(value).decode()


def describe_type(value: Any) -> str:
    """Return the type of a JSON value in words, such as "a list"."""
    return _TYPE_NAMES.get(type(value), f"a {type(value).__name__}")
