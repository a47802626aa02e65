"""Read and write JSON text. Equal values give equal text, whatever batch they are in.

orjson parses records. Text that orjson rejects or would round, but that has a clear meaning, is
parsed by Python's own parser: NaN and Infinity become null, integers beyond 64 bits are exact. If a
key is repeated, its last value counts.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from contextlib import suppress
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
_DIGITS_TO_ZERO = bytes.maketrans(b"123456789", b"000000000")
_LONG_INTEGERS = (b"0" * 20, b"-" + b"0" * 19)  # digits of integers that may not fit in 64 bits


def parse(line: bytes) -> Any:
    """Return the value on a line; raises ValueError with the reason if there is none."""
    if not may_have_long_integer(line):
        with suppress(orjson.JSONDecodeError):  # the error has the line as a string
            return orjson.loads(line)
    return _parse_exactly(line)


def may_have_long_integer(line: bytes) -> bool:
    """Return whether the line may have an integer beyond 64 bits, which orjson would round."""
    zeros = line.translate(_DIGITS_TO_ZERO)
    return any(digits in zeros for digits in _LONG_INTEGERS)


def _parse_exactly(line: bytes) -> Any:
    """Return the value that Python's parser reads; raises ValueError with the reason if none."""
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        byte = line[error.start]
        raise ValueError(
            f"byte {error.start + 1:,} of the line (0x{byte:02x}) is not valid UTF-8; if the whole "
            "file is in another encoding, set `encoding`"
        ) from None
    try:
        value = json.loads(text, parse_constant=lambda _: None)
        json.dumps(value, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        message = error.msg.removesuffix(" at")
        raise ValueError(f"invalid JSON: {message} at character {error.pos + 1:,}") from None
    except UnicodeEncodeError:
        raise ValueError("a string has a lone surrogate, such as \\ud800") from None
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return value


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
