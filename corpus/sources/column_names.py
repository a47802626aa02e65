"""What columns and documents are called: whose name is whose, and the key a document is known by.

A document's key never depends on where it stands: an added line or file changes no other
document's. A given id makes it, or else the file's name, the source's constants and the raw record.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import orjson

from corpus.documents import DATE, ID, RESERVED, TEXT
from corpus.sources.settings import Source

OURS = (ID, TEXT, "title", "author", "publisher", "url", DATE)
"""The columns of a document that a source may fill."""

_WORDS = {
    bool: "true or false",
    int: "a number",
    float: "a number",
    list: "a list",
    dict: "an object",
}


def theirs(source: Source, name: str) -> str:
    """Return what the source calls our column `name`."""
    return source.columns.get(name, name)


def consumed(source: Source) -> set[str]:
    """Return the source's names for columns that become ours, or are renamed."""
    return {theirs(source, name) for name in OURS} | set(source.columns.values())


def others(names: Collection[str], source: Source) -> dict[str, str]:
    """Return the other columns to keep: the source's name for each, and ours."""
    kept = set(names) - consumed(source)
    if source.extra_columns is not None:
        kept &= set(source.extra_columns)
    return {name: spare(name, source) for name in sorted(kept)}


def renamed(source: Source) -> dict[str, str]:
    """Return the columns, not ours, that the config renames: the source's name and the new one."""
    return {theirs: ours for ours, theirs in source.columns.items() if ours not in OURS}


def spare(name: str, source: Source) -> str:
    """Return the name of another column: its own, with `_source` behind it where that is taken.

    A name that such a column would then get moves on by the same rule, so that no two ever meet.
    """
    taken = RESERVED | {""} | source.columns.keys()
    stem = name
    while stem not in taken and stem.endswith("_source"):
        stem = stem.removesuffix("_source")
    return f"{name}_source" if stem in taken else name


def distinct(names: Iterable[str]) -> list[str]:
    """Return the names of columns in their order; one that comes again gets a number behind it."""
    found: list[str] = []
    for name in names:
        free, again = name, 2
        while free in found:
            free, again = f"{name}_{again}", again + 1
        found.append(free)
    return found


def kind_of(value: Any) -> str:
    """Return what a value is, in words."""
    return _WORDS.get(type(value), f"a {type(value).__name__}")


def identifier(value: Any) -> str | None:
    """Return an id as text, None where there is none; raises TypeError where it cannot be one."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return repr(value)
    raise TypeError(f"the id is {kind_of(value)}, not text or a number")


def digests(raws: Sequence[bytes], names: Sequence[str], source: Source) -> list[bytes]:
    """Return 16 bytes for each record: a hash of file name, how it is read, and its raw bytes."""
    read = {"constants": source.constants, "columns": source.columns, "content": source.content}
    constants = b"\0" + orjson.dumps(read, option=orjson.OPT_SORT_KEYS) + b"\0"
    found, made, last = [], hashlib.blake2b(digest_size=16), None
    for raw, name in zip(raws, names, strict=True):
        if name is not last:
            made = hashlib.blake2b(b"record\0" + name.encode() + constants, digest_size=16)
            last = name
        digest = made.copy()
        digest.update(raw)
        found.append(digest.digest())
    return found


def key(id: str) -> bytes:
    """Return the 16 bytes that the document with an id is known by, its own id or one of ours."""
    return hashlib.blake2b(b"id\0" + id.encode(), digest_size=16).digest()
