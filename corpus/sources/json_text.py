"""Values as JSON text: the same value gives the same text, whatever batch it stands in."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import orjson

DEEPEST = 1024
"""How deep a record may be nested: orjson reads no deeper."""


def dumps(value: Any) -> str:
    """Return the JSON text of a value, keys in the record's own order."""
    try:
        return orjson.dumps(value, default=plain).decode()
    except (TypeError, orjson.JSONEncodeError):  # integers beyond 64 bits, or nested over 254 deep
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(max(limit, 4 * DEEPEST))
        try:
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=plain)
        finally:
            sys.setrecursionlimit(limit)


def canonical(row: Mapping[str, Any]) -> bytes:
    """Return the JSON text of a record, names in order: equal records have equal bytes."""
    try:
        return orjson.dumps(row, default=plain, option=orjson.OPT_SORT_KEYS)
    except (TypeError, orjson.JSONEncodeError):
        return dumps({name: row[name] for name in sorted(row)}).encode()


def plain(value: Any) -> Any:
    """Return a value that JSON has no word for as one that it has."""
    if isinstance(value, bytes):
        return as_text(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)


def as_text(value: bytes) -> str:
    """Return bytes as the UTF-8 text that they are, or in base64 behind a word that says so."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        import base64

        return "base64:" + base64.b64encode(value).decode()
