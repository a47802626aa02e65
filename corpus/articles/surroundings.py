# ruff: noqa: FURB136  (numba compiles min and max anew for each pair of types)
"""Where the article of a page seems to be, and how each line lies and speaks beside it."""

from __future__ import annotations

import numpy as np

from corpus.articles.arrays import Flags, Numbers, Offsets, Sums, Words
from corpus.articles.lexicon import mix
from corpus.kernels import njit

FURNITURE_WORDS = 12
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
def alike(words: Words, firsts: Offsets, most: int) -> Numbers:
    """Return how many other lines have the same first `most` words (float32[n_lines])."""
    n_lines = firsts.size - 1
    hashes = np.empty(n_lines, np.uint32)
    for i in range(n_lines):
        hashed = np.uint32(5)
        for j in range(firsts[i], firsts[i + 1]):
            if j - firsts[i] == most:
                break
            hashed = mix(hashed, words[j])
        hashes[i] = hashed ^ (hashed >> np.uint32(16))
    mask = 1
    while mask < 2 * n_lines:
        mask *= 2
    mask -= 1
    counts = np.zeros(mask + 1, np.int32)
    for i in range(n_lines):
        counts[np.int64(hashes[i]) & mask] += 1
    found = np.empty(n_lines, np.float32)
    for i in range(n_lines):
        found[i] = counts[np.int64(hashes[i]) & mask] - 1
    return found


@njit
def shared(words: Words, firsts: Offsets, first: int, stop: int) -> Numbers:
    """Return the share of each line's words that the core's other paragraphs hold.

    Words in more than a third of the paragraphs count a fifth: they are any text's.
    """
    n_lines = firsts.size - 1
    holders = np.zeros(SLOTS, np.int32)
    last = np.zeros(SLOTS, np.int64)  # the line that was the last to hold a word, counted from 1
    paragraphs = 0
    for i in range(first, stop):
        if firsts[i + 1] - firsts[i] < FURNITURE_WORDS:
            continue
        paragraphs += 1
        for j in range(firsts[i], firsts[i + 1]):
            at = np.int64((words[j] ^ (words[j] >> np.uint32(13))) & np.uint32(SLOTS - 1))
            if last[at] != i + 1:
                last[at] = i + 1
                holders[at] += 1
    last[:] = 0
    common = paragraphs if paragraphs > 3 else 3
    found = np.zeros(n_lines, np.float32)
    for i in range(n_lines):
        own = first <= i < stop and firsts[i + 1] - firsts[i] >= FURNITURE_WORDS
        total = held = 0.0
        for j in range(firsts[i], firsts[i + 1]):
            at = np.int64((words[j] ^ (words[j] >> np.uint32(13))) & np.uint32(SLOTS - 1))
            if last[at] == i + 1:
                continue
            last[at] = i + 1
            others = holders[at] - own
            worth = 1.0 if others * 3 <= common else 0.2
            total += worth
            held += worth if others > 0 else 0.0
        if total > 0:
            found[i] = held / total
    return found


@njit
def runs(short: Flags, full: Flags, order: int) -> tuple[Numbers, Numbers]:
    """Return, walking in `order` (+1 or -1): short lines in a row, and lines since a full one."""
    n_lines = short.size
    row, since = np.zeros(n_lines, np.float32), np.zeros(n_lines, np.float32)
    in_row, distance = np.float32(0), np.float32(FAR)
    for step in range(n_lines):
        i = step if order > 0 else n_lines - 1 - step
        in_row = in_row + 1 if short[i] else np.float32(0)
        distance = np.float32(0) if full[i] else distance + 1
        row[i], since[i] = in_row, distance
    return row, since


@njit
def towards(
    middle: int,
    order: int,
    cues: Numbers,
    counts: Numbers,
    rows: Numbers,
    worst: Numbers,
    gap: Numbers,
) -> None:
    """Fill what lies between the core's middle and each line on one side of it.

    `worst`: the lowest cue of a short line; `gap`: the longest run of short lines.
    """
    n_lines = cues.size
    low, high = np.float32(0), np.float32(0)
    i = middle if order > 0 else middle - 1
    while 0 <= i < n_lines:
        if counts[i] < FURNITURE_WORDS:
            low = cues[i] if cues[i] < low else low
        high = rows[i] if rows[i] > high else high
        worst[i], gap[i] = low, high
        i += order
