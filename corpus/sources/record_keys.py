"""Ids, record hashes and keys: what identifies a document.

A document's key never depends on its position, so an added line or file changes no other key. The
key is the hash of the id. A record without an id gets the hash of its file's name, its source's
settings and its raw bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any, NamedTuple, TypeAlias

import orjson

from corpus.sources.json.text import describe_type
from corpus.sources.settings import Source

RawRecord: TypeAlias = bytes | Iterable[bytes]
"""The bytes of a record, or its parts in their order: joining them would copy a large record."""


class RecordHash(NamedTuple):
    """What is kept of a raw record: the record itself may be large, and is not kept."""

    hash: bytes
    """16 bytes."""

    size: int
    """Bytes of the record."""


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


class RecordHasher:
    """Hashes the records of a source, each with its file's name and the source's settings."""

    def __init__(self, source: Source) -> None:
        settings = {
            "constants": source.constants,
            "columns": source.columns,
            "content": source.content,
        }
        self._suffix = b"\0" + orjson.dumps(settings, option=orjson.OPT_SORT_KEYS) + b"\0"
        self._file_name: str | None = None
        self._prefix = hashlib.blake2b(digest_size=16)

    def hash(self, raw: RawRecord, file_name: str) -> RecordHash:
        """Return hash and size of a record of a file."""
        self._start_file(file_name)
        record_hash, size = self._prefix.copy(), 0
        for part in (raw,) if isinstance(raw, bytes) else raw:
            record_hash.update(part)
            size += len(part)
        return RecordHash(record_hash.digest(), size)

    def hash_slices(
        self, data: bytes, begins: Iterable[int], ends: Iterable[int], file_name: str
    ) -> list[bytes]:
        """Return the hashes of records that are parts of some data of a file."""
        self._start_file(file_name)
        copy, view, hashes = self._prefix.copy, memoryview(data), []
        for begin, end in zip(begins, ends, strict=True):
            record_hash = copy()
            record_hash.update(view[begin:end])
            hashes.append(record_hash.digest())
        return hashes

    def _start_file(self, file_name: str) -> None:
        """Hash what the records of a file have in common, unless it is the file before."""
        if file_name is not self._file_name:
            prefix = b"record\0" + file_name.encode() + self._suffix
            self._file_name, self._prefix = file_name, hashlib.blake2b(prefix, digest_size=16)


def document_key(id: str) -> bytes:
    """Return the 16-byte key of the document with this id."""
    return hashlib.blake2b(b"id\0" + id.encode(), digest_size=16).digest()
