# ruff: noqa: FURB136  (numba compiles min and max anew for each pair of types)
"""Where the article of a page seems to be, and how each line lies and speaks beside it."""

from __future__ import annotations

import numpy as np

from corpus.array_types import Flags, Numbers, Offsets, Sums, Words
from corpus.articles.lines.lexicon import mix
from corpus.kernels import njit

BOILERPLATE_WORDS = 12
"""Words a line must have to add to the core rather than take from it."""
SLOTS = 1 << 12
"""Slots of the table of words seen in the core: collisions blur, they do not break."""
FAR = 30


@njit
def core(gains: Sums) -> tuple[int, int]:
    """Return the stretch [first, stop) of the largest sum."""
    best, first, stop, total, start = -np.inf, 0, 0, 0.0, 0
    for i in range(gains.size):
        if total <= 0:
            total, start = 0.0, i
        total += gains[i]
        if total > best:
            best, first, stop = total, start, i + 1
    return first, stop


@njit
def _alike(words: Words, firsts: Offsets, most: int, slots: Offsets, held: Offsets) -> None:
    """Fill in the slot that the first words of each line fall into, and how many a slot holds."""
    for i in range(slots.size):
        hashed = np.uint32(5)
        stop = firsts[i + 1] if firsts[i + 1] - firsts[i] < most else firsts[i] + most
        for j in range(firsts[i], stop):
            hashed = mix(hashed, words[j])
        slot = np.int64(hashed ^ (hashed >> np.uint32(16))) & (held.size - 1)
        slots[i] = slot
        held[slot] += 1


def alike(words: Words, firsts: Offsets, most: int) -> Numbers:
    """Return how many other lines have the same first `most` words (float32[n_lines])."""
    slots = np.empty(firsts.size - 1, np.int64)
    held = np.zeros(1 << (2 * slots.size - 1).bit_length(), np.int64)  # twice as many, or more
    _alike(words, firsts, most, slots, held)
    return (held[slots] - 1).astype(np.float32)


@njit
def _shared(
    words: Words,
    firsts: Offsets,
    first: int,
    stop: int,
    holders: Offsets,
    last: Offsets,
    found: Numbers,
) -> None:
    """Fill in what `shared` returns; `last` is the line that was last to hold a word."""
    paragraphs = 0
    for i in range(first, stop):
        if firsts[i + 1] - firsts[i] < BOILERPLATE_WORDS:
            continue
        paragraphs += 1
        for j in range(firsts[i], firsts[i + 1]):
            at = np.int64((words[j] ^ (words[j] >> np.uint32(13))) & np.uint32(SLOTS - 1))
            if last[at] != i + 1:
                last[at] = i + 1
                holders[at] += 1
    common = paragraphs if paragraphs > 3 else 3
    later = firsts.size  # lines are counted from here on the second time
    for i in range(found.size):
        own = first <= i < stop and firsts[i + 1] - firsts[i] >= BOILERPLATE_WORDS
        total = held = 0.0
        for j in range(firsts[i], firsts[i + 1]):
            at = np.int64((words[j] ^ (words[j] >> np.uint32(13))) & np.uint32(SLOTS - 1))
            if last[at] == later + i:
                continue
            last[at] = later + i
            others = holders[at] - own
            worth = 1.0 if others * 3 <= common else 0.2
            total += worth
            held += worth if others > 0 else 0.0
        if total > 0:
            found[i] = held / total


def shared(words: Words, firsts: Offsets, first: int, stop: int) -> Numbers:
    """Return the share of each line's words that the core's other paragraphs hold.

    Words in more than a third of the paragraphs count a fifth: they are any text's.
    """
    found = np.zeros(firsts.size - 1, np.float32)
    holders, last = np.zeros((2, SLOTS), np.int64)
    _shared(words, firsts, first, stop, holders, last, found)
    return found


@njit
def _sides(middle: int, facts: Numbers, short: Flags, full: Flags, found: Numbers) -> None:
    """Fill in what `sides` returns."""
    for side in range(2):
        order = 1 - 2 * side
        in_row, distance, low, high = np.float32(0), np.float32(FAR), np.float32(0), np.float32(0)
        i = 0 if side == 0 else short.size - 1
        for _ in range(short.size):
            in_row = in_row + np.float32(1) if short[i] else np.float32(0)
            distance = np.float32(0) if full[i] else distance + np.float32(1)
            found[i, 2 + side] = in_row
            found[i, 4 + side] = distance
            i += order
        i = middle - side
        while 0 <= i < short.size:
            if facts[i, 0] < BOILERPLATE_WORDS:
                low = facts[i, 2] if facts[i, 2] < low else low
            high = found[i, 2 + side] if found[i, 2 + side] > high else high
            found[i, 0], found[i, 1] = low, high
            i += order


def sides(middle: int, facts: Numbers, short: Flags, full: Flags) -> Numbers:
    """Return what lies on the side of each line where the core is, or on either side of it.

    float32[n_lines, 6]: the lowest cue of a short line up to the core's `middle`, and the longest
    run of short lines; how many are in a row up to this one, and from it on; lines since a full
    paragraph, and until one. `facts` starts with words, sentence ends and cues.
    """
    found = np.zeros((short.size, 6), np.float32)
    _sides(middle, facts, short, full, found)
    return found
