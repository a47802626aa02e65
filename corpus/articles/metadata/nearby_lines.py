"""The lines around an article's start: which to look at, what their words are, what lies near.

Only these are looked at, each for its first `LONGEST` bytes, so that the cost has a bound.
"""

# ruff: noqa: FURB136  (numba compiles min and max anew for each pair of types)

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corpus.array_types import Bytes, Flags, Numbers, Offsets, Words
from corpus.articles.lines.scan import measure
from corpus.articles.metadata.cue_words import GATE
from corpus.kernels import njit

BEFORE, AFTER, TAIL = 80, 12, 6
"""Lines before the first full paragraph, from it on, and after the article."""
LONGEST = 300
"""Bytes of a line that are looked at; a title of Han or Cyrillic letters has as many."""
FULL = 20
"""Words of a full paragraph."""
SEARCHED = 50
"""Lines of an article among which its first full paragraph is."""
LEAD, BODY = 100, 800
"""Words of an article that its title is compared with: its first, and more of them."""
MOST_OF_A_LINE = 4000
"""Bytes of a line of the article of which words are taken."""
SLOTS = 1 << 12
FAR = 20
SAYING = 10
"""Bytes of a line that is looked for in other lines: a menu's words are in many."""
STARTS = 24
"""Bytes by which two lines start alike."""
_BASIS, _PRIME = np.uint32(2166136261), np.uint32(16777619)


@njit
def meaning(hashed: np.uint32, hashes: Words, bits: NDArray[np.int32], gate: Flags) -> np.int32:
    """Return what kinds of word a hash is, as bits."""
    if not gate[np.int64(hashed) & (GATE - 1)]:
        return np.int32(0)
    low, high = 0, hashes.size
    while low < high:
        middle = (low + high) // 2
        if hashes[middle] < hashed:
            low = middle + 1
        else:
            high = middle
    return bits[low] if low < hashes.size and hashes[low] == hashed else np.int32(0)


@njit
def start_hash(data: Bytes, start: int, stop: int) -> np.uint32:
    """Return a hash of how a line starts, after its bullet."""
    hashed, taken = _BASIS, 0
    for at in range(start, stop):
        byte = data[at]
        if taken == 0 and (byte < 0x30 or byte in (0xC2, 0xE2, 0x80, 0xA2, 0xB7)):
            continue
        hashed = np.uint32((hashed ^ np.uint32(byte | 0x20)) * _PRIME)
        taken += 1
        if taken == STARTS:
            break
    return hashed


@njit
def blank_between(data: Bytes, start: int, stop: int) -> bool:
    """Return whether there is a blank line between two lines."""
    ends = 0
    for at in range(start, stop):
        ends += data[at] == 10
    return ends > 1


@njit
def holds(data: Bytes, start: int, stop: int, other: int, end: int) -> bool:
    """Return whether `data[start:stop]` holds `data[other:end]` and more: at least `SAYING` bytes.

    A path through the site ends with the title; a caption stands again with its credit.
    """
    size = end - other
    if size < SAYING or size >= stop - start:
        return False
    for at in range(start, stop - size + 1):
        same = 0
        while same < size and data[at + same] == data[other + same]:
            same += 1
        if same == size:
            return True
    return False


@njit
def slot(hashed: np.uint32) -> np.int64:
    """Return where a word falls in a table of words seen: collisions blur, they do not break."""
    return np.int64((hashed ^ (hashed >> np.uint32(13))) & np.uint32(SLOTS - 1))


@njit
def paragraph(
    data: Bytes,
    spans: Offsets,
    kept: Flags,
    first: int,
    kinds: NDArray[np.uint16],
    falls: NDArray[np.int32],
    words: Words,
    row: Numbers,
) -> int:
    """Return the first full paragraph among the kept lines from `first` on, else `first`.

    `words` and `row` have room for what `measure` says of a line.
    """
    stop = min(kept.size, first + SEARCHED)
    for i in range(first, stop):
        if kept[i]:
            start, end = spans[i, 0], spans[i, 1]
            end = min(start + LONGEST, end)
            if measure(data, start, end, kinds, falls, words, 0, row)[0] >= FULL:
                return i
    return first


@njit
def raw_words(data: Bytes, start: int, stop: int, out: Words) -> int:
    """Fill `out` with hashes of the words of some bytes, at most as many as fit; return how many.

    Words are compared with each other alone, so bytes do: ASCII and Latin letters without their
    case, what is neither as it stands. Han and Kana are words each; signs part words.
    """
    n, at, length, hashed = 0, start, 0, _BASIS
    while at < stop and n < out.size:
        byte = data[at]
        if byte < 0x80:
            at += 1
            if 0x61 <= (byte | 0x20) <= 0x7A or 0x30 <= byte <= 0x39:
                hashed = np.uint32((hashed ^ np.uint32(byte | 0x20)) * _PRIME)
                length += 1
            elif length:
                out[n] = hashed
                n += 1
                length, hashed = 0, _BASIS
            continue
        alone, letter = 0xE3 <= byte <= 0xE9, byte >= 0xC3 and byte not in (0xE2, 0xEF)
        if length and (alone or not letter):
            out[n] = hashed
            n += 1
            length, hashed = 0, _BASIS
        width = 1 if byte < 0xC0 else 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
        if letter and n < out.size:
            for step in range(at, at + width if at + width < stop else stop):
                hashed = np.uint32((hashed ^ np.uint32(data[step] | 0x20)) * _PRIME)
            length += 1
            if alone:
                out[n] = hashed
                n += 1
                length, hashed = 0, _BASIS
        at += width
    if length and at == stop and n < out.size:  # a word that is cut within a letter is none
        out[n] = hashed
        n += 1
    return n


@njit
def sketched(words: Words, first: int, stop: int) -> np.uint64:
    """Return a bit for each of some words: a line that holds them all has all of these bits.

    A line's first and last word may be parts of longer ones where another line holds it; so only
    those between are asked for before `holds` goes through the bytes.
    """
    bits = np.uint64(0)
    for j in range(first, stop):
        bits |= np.uint64(1) << np.uint64(slot(words[j]) & 63)
    return bits


@njit
def words_held(
    data: Bytes,
    spans: Offsets,
    kept: Flags,
    start: int,
    words: Words,
    found: NDArray[np.int32],
) -> int:
    """Count how often the article and its lead hold the words of each slot; return how many words.

    `found` is int32[2, SLOTS], of the article and of its lead; `words` has room for `BODY`.
    """
    body, lead, total = found[0], found[1], 0
    for i in range(start, kept.size):
        if not kept[i]:
            continue
        most = spans[i, 0] + MOST_OF_A_LINE
        n = raw_words(data, spans[i, 0], spans[i, 1] if spans[i, 1] < most else most, words)
        for j in range(n):
            body[slot(words[j])] += 1
            lead[slot(words[j])] += total <= LEAD
        total += n
        if total > BODY:
            break
    return total


def rows_around(n_lines: int, start: int, last: int) -> Offsets:
    """Return the lines to look at: around the first full paragraph, and after the article."""
    high = min(n_lines, start + AFTER)
    after = max(high, last + 1)
    around = np.arange(max(start - BEFORE, 0), high)
    return np.append(around, np.arange(after, min(n_lines, after + TAIL)))


@njit
def distances(flags: Flags, until: Numbers, since: Numbers) -> None:
    """Fill in how many lines on, and how many back, the next flagged line is (at most `FAR`)."""
    for side in range(2):
        found = since if side else until
        away = np.float32(FAR)
        for step in range(flags.size):
            i = step if side else flags.size - 1 - step
            found[i] = away
            away = np.float32(1) if flags[i] else away + 1 if away < FAR else np.float32(FAR)
