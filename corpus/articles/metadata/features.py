"""What is known of each line that may be an article's title, byline or date.

Such lines stand above the article, among menus and share buttons, or at its very start or end. Not
the words of a title give it away but its place: below the last menu, above the byline, about the
same thing as the article. So each line is described by its own counters, by what its words are
(`vocabulary`), by the words it shares with the article, and by what lies between it and the first
full paragraph.

"""

# ruff: noqa: FURB136  (numba compiles min and max anew for each pair of types)

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corpus.array_types import Bytes, Flags, Numbers, Offsets, Sums, Words
from corpus.articles.lines.counters import (
    BLANK_AFTER,
    BLANK_BEFORE,
    CAPITALISED,
    COUNTERS,
    DIGITS,
    ENDS,
    LENGTH,
    SYMBOLS,
    TIMED,
    WORDS,
)
from corpus.articles.lines.scan import measure
from corpus.articles.metadata.cue_words import BY, KINDS, ROLE
from corpus.articles.metadata.nearby_lines import (
    BODY,
    FAR,
    FULL,
    LONGEST,
    SLOTS,
    blank_between,
    distances,
    holds,
    meaning,
    paragraph,
    raw_words,
    rows_around,
    sketched,
    slot,
    start_hash,
    words_held,
)
from corpus.kernels import njit

BESIDE = 4
"""Lines before and after a line that may say the same and more."""
NEAR = (-3, -2, -1, 1, 2, 3)
OF_NEIGHBOURS = ("words", "timed", "capitalised", "name", "chance", "by", "digits")
OF_PLACE = (
    "lines after the article's start",
    "lines after its first full paragraph",
    "lines before it on the page",
    "lines after it on the page",
    "lines after the article's end",
    "words until the paragraph",
    "short lines until the paragraph",
    "headlines until the paragraph",
    "longest line until the paragraph",
    "kept",
    "chance",
    "shared words",
    "number of shared words",
    "shared words less those of the best line",
    "shared words with the lead",
    "lines that start alike",
    "lines beside it that start alike",
    "looks like a name",
    "short lines in a row before it",
    "lines until a date",
    "lines since a date",
    "lines until a byline",
    "lines since a byline",
    "lines until a name",
    "lines since a name",
    "where a line beside it holds it",
    "where a line beside it is held by it",
)
NAMES = (
    *COUNTERS,
    *OF_PLACE,
    *(f"holds a word: {kind}" for kind in KINDS),
    *(f"starts with a word: {kind}" for kind in KINDS),
    *(f"{name} of {at:+d}" for at in NEAR for name in OF_NEIGHBOURS),
)
"""What each column of the table is."""


@njit(error_model="numpy")
def _describe(
    data: Bytes,
    spans: Offsets,
    kept: Flags,
    chances: Numbers,
    kinds: NDArray[np.uint16],
    falls: NDArray[np.int32],
    hashes: Words,
    bits: NDArray[np.int32],
    gate: Flags,
    rows: Offsets,
    first: int,
    start: int,
    last: int,
    held_by: NDArray[np.int32],
    total: int,
    words: Words,
    ends: Offsets,
    sketches: NDArray[np.uint64],
    alike: Words,
    meant: NDArray[np.int32],
    flags: Flags,
    sums: Sums,
    far: Numbers,
    table: Numbers,
) -> None:
    """Fill in the table that `describe` returns, with room for what is known on the way."""
    n, m = kept.size, rows.size
    body, lead = held_by[0], held_by[1]
    common = 2 + total // 80
    means, starts = meant[0], meant[1]
    named, dated, signed = flags[0], flags[1], flags[2]
    every, inner = sketches[0], sketches[1]
    best = np.float32(0)
    OWN = len(COUNTERS)
    for k in range(m):
        i = rows[k]
        begin, end = spans[i, 0], spans[i, 1]
        end = end if end < begin + LONGEST else begin + LONGEST
        ends[k, 0], ends[k, 1] = begin, end
        row = table[k]
        n_words, _, _ = measure(data, begin, end, kinds, falls, words, 0, row)
        row[BLANK_BEFORE] = i == 0 or blank_between(data, spans[i - 1, 1], begin)
        row[BLANK_AFTER] = i + 1 == n or blank_between(data, spans[i, 1], spans[i + 1, 0])
        alike[k] = start_hash(data, begin, end)
        own = np.int32(kept[i] and i >= start)
        held = held_lead = weighed = 0.0
        for j in range(n_words):
            bit = meaning(words[j], hashes, bits, gate)
            means[k] |= bit
            if j == 0:
                starts[k] = bit
        n_raw = raw_words(data, begin, end, words)
        every[k], inner[k] = sketched(words, 0, n_raw), sketched(words, 1, n_raw - 1)
        for j in range(n_raw):
            at = slot(words[j])
            worth = 1.0 if body[at] <= common else 0.2
            weighed += worth
            held += worth if body[at] > own else 0.0
            held_lead += worth if lead[at] > own else 0.0
        row[OWN + 11] = held / (weighed + 3)
        row[OWN + 12] = held
        row[OWN + 14] = held_lead / (weighed + 3)
        if i < start + 2 and n_words <= 30 and row[OWN + 11] > best:
            best = row[OWN + 11]
        named[k] = (
            2 <= n_words <= 5
            and row[CAPITALISED] >= 0.75
            and row[DIGITS] == 0
            and row[ENDS] == 0
            and row[SYMBOLS] == 0
            and row[LENGTH] < 50
        )
        dated[k] = row[TIMED] > 0 and row[DIGITS] > 0.08 and n_words <= FULL
        signed[k] = starts[k] & (BY | ROLE) and n_words <= 12 and row[CAPITALISED] > 0.4
    place = 0
    while rows[place] != start:
        place += 1
    words_to, short_to, headlines_to = sums[0], sums[1], sums[2]
    for k in range(m):
        count = table[k, WORDS]
        words_to[k + 1] = words_to[k] + count
        short_to[k + 1] = short_to[k] + (count < 10)
        headlines_to[k + 1] = headlines_to[k] + (4 <= count <= 20 and table[k, ENDS] == 0)
    distances(dated, far[0], far[1])
    distances(signed, far[2], far[3])
    distances(named, far[4], far[5])
    longest = np.float32(0)
    for step in range(place):
        k = place - 1 - step
        table[k, OWN + 8] = longest
        longest = table[k, WORDS] if table[k, WORDS] > longest else longest
    longest = np.float32(0)
    for k in range(place, m):
        table[k, OWN + 8] = longest
        longest = table[k, WORDS] if table[k, WORDS] > longest else longest
    in_row = 0
    for k in range(m):
        i = rows[k]
        line = table[k]
        line[OWN] = i - first
        line[OWN + 1] = i - start
        line[OWN + 2] = i
        line[OWN + 3] = n - i
        line[OWN + 4] = i - last
        line[OWN + 5] = words_to[place] - words_to[k]
        line[OWN + 6] = short_to[place] - short_to[k]
        line[OWN + 7] = headlines_to[place] - headlines_to[k]
        line[OWN + 9] = kept[i]
        line[OWN + 10] = chances[i]
        line[OWN + 13] = line[OWN + 11] - best
        same = -1
        for other in range(m):
            same += alike[other] == alike[k]
        line[OWN + 15] = same
        for other in range(k - 2, k + 3):
            if 0 <= other < m and other != k and alike[other] == alike[k]:
                line[OWN + 16] = other - k
        for other in range(k - BESIDE, k + BESIDE + 1):
            if not 0 <= other < m or other == k:
                continue
            here, there = (ends[k, 0], ends[k, 1]), (ends[other, 0], ends[other, 1])
            if not inner[k] & ~every[other] and holds(data, *there, *here):
                line[OWN + 25] = other - k
            elif not inner[other] & ~every[k] and holds(data, *here, *there):
                line[OWN + 26] = other - k
        line[OWN + 17] = named[k]
        line[OWN + 18] = in_row if in_row < FAR else FAR
        in_row = in_row + 1 if table[k, WORDS] <= 3 else 0
        for j in range(6):
            line[OWN + 19 + j] = far[j, k]
        column = OWN + len(OF_PLACE)
        for kind in range(len(KINDS)):
            line[column + kind] = (means[k] >> kind) & 1
            line[column + len(KINDS) + kind] = (starts[k] >> kind) & 1
        column += 2 * len(KINDS)
        for away in NEAR:
            other = k + away
            if 0 <= other < m:
                line[column] = table[other, WORDS]
                line[column + 1] = table[other, TIMED]
                line[column + 2] = table[other, CAPITALISED]
                line[column + 3] = named[other]
                line[column + 4] = chances[rows[other]]
                line[column + 5] = (means[other] & (BY | ROLE)) > 0
                line[column + 6] = table[other, DIGITS]
            column += len(OF_NEIGHBOURS)


def describe(
    data: Bytes,
    spans: Offsets,
    kept: Flags,
    chances: Numbers,
    kinds: NDArray[np.uint16],
    falls: NDArray[np.int32],
    hashes: Words,
    bits: NDArray[np.int32],
    gate: Flags,
) -> tuple[Offsets, Numbers]:
    """Return the lines to ask about (int64[n]) and what is known of each: float32[n, n_features].

    `data` is the page, `spans` its lines; at least one line is kept. At most 98 are described.
    Room is made here: an array of another type costs numba a tenth of a second in a kernel.
    """
    places = np.flatnonzero(kept)
    first, last = int(places[0]), int(places[-1])
    words, table = np.empty(BODY, np.uint32), np.empty((1, len(COUNTERS)), np.float32)
    start = paragraph(data, spans, kept, first, kinds, falls, words, table[0])
    rows = rows_around(kept.size, start, last)
    m = rows.size
    held_by = np.zeros((2, SLOTS), np.int32)
    total = words_held(data, spans, kept, start, words, held_by)
    table = np.zeros((m, len(NAMES)), np.float32)
    room = (
        words[: LONGEST + 1],
        np.empty((m, 2), np.int64),
        np.empty((2, m), np.uint64),
        np.empty(m, np.uint32),
        np.zeros((2, m), np.int32),
        np.empty((3, m), np.bool_),
        np.zeros((3, m + 1)),
        np.empty((6, m), np.float32),
    )
    words_known, around = (hashes, bits, gate), (rows, first, start, last, held_by, total)
    _describe(data, spans, kept, chances, kinds, falls, *words_known, *around, *room, table)
    return rows, table
