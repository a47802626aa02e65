"""Refuse HTML pages that would cost too much to parse, before they are parsed.

The cost of a page is measured in bytes, tags and depth, in one pass over its bytes. So no page,
however large or hostile, can stop a run.
"""

# ruff: noqa: FURB136  (numba compiles min and max again for each pair of types)

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.array_types import Bytes
from corpus.kernels import njit_without_allocation

MAX_PARSER_DEPTH = 250
"""libxml2 stops reading at 256 levels and would lose the rest of the page."""

TagCodes = NDArray[np.uint64]
"""Names of tags as numbers: see `_code`."""
_OPEN, _SLASH = 0x3C, 0x2F
_MAX_TAG_BYTES = 8


@dataclass(frozen=True)
class Limits:
    """Maximum size of an HTML page."""

    bytes: int = 8_000_000
    tags: int = 100_000
    depth: int = MAX_PARSER_DEPTH


DEFAULT_LIMITS = Limits()


def _code(name: str) -> int:
    """Return the first eight letters of a tag name as one number, as the kernel reads it."""
    return int.from_bytes(name.encode()[:_MAX_TAG_BYTES], "big")


def _codes(names: str) -> TagCodes:
    """Return the codes of some tag names."""
    return np.array([_code(name) for name in names.split()], np.uint64)


class TagKinds(NamedTuple):
    """Tags that need special treatment when the depth of a page is measured."""

    void: TagCodes
    """Elements without content; and paragraphs, which any block closes."""
    siblings: TagCodes
    """Elements that the next element of the same name closes."""
    raw: TagCodes
    """Elements whose content is not markup."""


_KINDS = TagKinds(
    _codes("area base br col embed hr img input link meta p param source track wbr"),
    _codes("dd dt li option tbody td tfoot th thead tr"),
    _codes("script style"),
)


@njit_without_allocation
def _tag_name(data: Bytes, at: int) -> tuple[np.uint64, int]:
    """Return the code of the tag name at a byte, and where the name ends."""
    code, start = np.uint64(0), at
    while at < data.size:
        byte = data[at] | 0x20
        if not (0x61 <= byte <= 0x7A or 0x30 <= data[at] <= 0x39):
            break
        if at - start < _MAX_TAG_BYTES:
            code = (code << np.uint64(8)) | np.uint64(byte)
        at += 1
    return code, at


@njit_without_allocation
def _contains(codes: TagCodes, code: np.uint64) -> bool:
    """Return whether `code` is one of `codes`."""
    contains = False
    for i in range(codes.size):
        contains = contains or codes[i] == code
    return contains


@njit_without_allocation
def _nesting(data: Bytes, max_depth: int, kinds: TagKinds, open_tags: TagCodes) -> tuple[int, int]:
    """Return what `nesting` returns; `open_tags` is a buffer for `max_depth + 1` codes."""
    depth, deepest, n_tags, at, raw_element = 0, 0, 0, 0, np.uint64(0)
    while at + 1 < data.size:
        if data[at] != _OPEN:
            at += 1
            continue
        closes = data[at + 1] == _SLASH
        code, at = _tag_name(data, at + 1 + closes)
        if code == 0 or (raw_element and not (closes and code == raw_element)):
            continue
        raw_element = np.uint64(0)
        if closes:
            for i in range(depth):
                if open_tags[depth - 1 - i] == code:
                    depth -= i + 1
                    break
            continue
        n_tags += 1
        if _contains(kinds.void, code):
            continue
        if _contains(kinds.raw, code):
            raw_element = code
            continue
        if depth and open_tags[depth - 1] == code and _contains(kinds.siblings, code):
            continue
        if depth > max_depth:
            return n_tags, depth
        open_tags[depth] = code
        depth += 1
        deepest = depth if depth > deepest else deepest
    return n_tags, deepest


@njit_without_allocation
def _count_tags(data: Bytes) -> int:
    """Return how many tags a page opens."""
    n_tags = 0
    for at in range(data.size - 1):
        n_tags += data[at] == _OPEN and 0x61 <= data[at + 1] | 0x20 <= 0x7A
    return n_tags


def nesting(data: bytes, *, max_depth: int) -> tuple[int, int]:
    """Return how many tags a page opens and how deep they nest; stops above `max_depth`."""
    open_tags = np.empty(max_depth + 1, np.uint64)
    return _nesting(np.frombuffer(data, np.uint8), max_depth, _KINDS, open_tags)


def size_refusal(size: int, limits: Limits) -> tuple[str, str] | None:
    """Return why a page of so many bytes is not parsed (reason, evidence), or None if it may be."""
    return ("too_large", f"{size} bytes, at most {limits.bytes}") if size > limits.bytes else None


def refusal(
    data: bytes, *, limits: Limits = DEFAULT_LIMITS, any_depth: bool = False
) -> tuple[str, str] | None:
    """Return why a page is not parsed (reason, evidence), or None if it is within the limits.

    `any_depth` is for parsers that bound the depth themselves.
    """
    if refused := size_refusal(len(data), limits):
        return refused
    if any_depth:
        n_tags = _count_tags(np.frombuffer(data, np.uint8))
        too_many = f"{n_tags} tags, at most {limits.tags}"
        return ("too_large", too_many) if n_tags > limits.tags else None
    max_depth = min(limits.depth, MAX_PARSER_DEPTH)
    n_tags, depth = nesting(data, max_depth=max_depth)
    if n_tags > limits.tags:
        return "too_large", f"{n_tags} tags, at most {limits.tags}"
    if depth > max_depth:
        return "bad_html", f"nested more than {max_depth} deep"
    return None
