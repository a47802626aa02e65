"""Ids, record hashes and keys: what identifies a document.

A document's key never depends on its position, so an added line or file changes no other key. The
key is the hash of the id. A record without an id gets the hash of its file's name, its source's
settings and its raw bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, TypeAlias

import orjson

from corpus.sources.json.text import describe_type
from corpus.sources.settings import Source

RawRecord: TypeAlias = bytes | tuple[bytes, ...]
"""The bytes of a record, or its parts in their order: joining them would copy a large record."""

_WRAPPERS = ("$oid", "$uuid", "$numberLong", "$numberInt")
"""Keys of MongoDB's extended JSON, such as `{"$oid": "5f1a"}`, whose value may be an id."""


def parse_id(value: Any) -> str | None:
    """Return an id as a string, or None if the record has none.

    Raises TypeError for a value that is neither a string nor a number.
    """
    if isinstance(value, dict) and len(value) == 1:
        value = next((value[key] for key in _WRAPPERS if key in value), value)
    if value is None or value == "" or value != value:  # noqa: PLR0124  NaN is a missing number
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return repr(value)
    raise TypeError(f"the id is {describe_type(value)}, not a string or a number")


def record_hashes(
    raw_records: Sequence[RawRecord], file_names: Sequence[str], source: Source
) -> list[bytes]:
    """Return a 16-byte hash per record, of its file's name, its source's settings and its bytes."""
    settings = {"constants": source.constants, "columns": source.columns, "content": source.content}
    suffix = b"\0" + orjson.dumps(settings, option=orjson.OPT_SORT_KEYS) + b"\0"
    hashes: list[bytes] = []
    prefix, last_name = hashlib.blake2b(digest_size=16), None
    for raw, name in zip(raw_records, file_names, strict=True):
        if name is not last_name:
            prefix = hashlib.blake2b(b"record\0" + name.encode() + suffix, digest_size=16)
            last_name = name
        record_hash = prefix.copy()
        for part in raw if isinstance(raw, tuple) else (raw,):
            record_hash.update(part)
        hashes.append(record_hash.digest())
    return hashes


def raw_size(raw: RawRecord) -> int:
    """Return the number of bytes of a record."""
    return sum(map(len, raw)) if isinstance(raw, tuple) else len(raw)


def document_key(id: str) -> bytes:
    """Return the 16-byte key of the document with this id."""
    return hashlib.blake2b(b"id\0" + id.encode(), digest_size=16).digest()
