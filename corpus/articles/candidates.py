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

from corpus.articles.arrays import Bytes, Flags, Numbers, Offsets, Words
from corpus.articles.counters import (
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
from corpus.articles.lines import measure
from corpus.articles.vicinity import (
    FAR,
    FULL,
    LONGEST,
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
from corpus.articles.vocabulary import BY, KINDS, ROLE
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

    `data` is the page, `spans` its lines; at least one line is kept. At most 94 are described.
    """
    n = kept.size
    first, last = 0, n - 1
    while not kept[first]:
        first += 1
    while not kept[last]:
        last -= 1
    start = paragraph(data, spans, kept, first, kinds, falls)
    rows = rows_around(n, start, last)
    m = rows.size
    body, lead, total = words_held(data, spans, kept, start)
    common = 2 + total // 80
    counters = np.zeros((m, len(COUNTERS)), np.float32)
    words = np.empty(LONGEST + 1, np.uint32)
    table = np.zeros((m, len(NAMES)), np.float32)
    ends = np.empty((m, 2), np.int64)
    alike = np.zeros(m, np.uint32)
    means, starts = np.zeros(m, np.int32), np.zeros(m, np.int32)
    named, dated, signed = np.zeros(m, np.bool_), np.zeros(m, np.bool_), np.zeros(m, np.bool_)
    best = np.float32(0)
    every, inner = np.zeros(m, np.uint64), np.zeros(m, np.uint64)
    OWN = len(COUNTERS)
    for k in range(m):
        i = rows[k]
        begin, end = spans[i, 0], spans[i, 1]
        end = end if end < begin + LONGEST else begin + LONGEST
        ends[k, 0], ends[k, 1] = begin, end
        row = counters[k]
        n_words, _, _ = measure(data, begin, end, kinds, falls, words, 0, row)
        row[BLANK_BEFORE] = i == 0 or blank_between(data, spans[i - 1, 1], begin)
        row[BLANK_AFTER] = i + 1 == n or blank_between(data, spans[i, 1], spans[i + 1, 0])
        alike[k] = start_hash(data, begin, end)
        own = np.int32(kept[i] and i >= start)
        held = held_lead = weighed = 0.0
        for j in range(n_words):
            meant = meaning(words[j], hashes, bits, gate)
            means[k] |= meant
            if j == 0:
                starts[k] = meant
        n_raw = raw_words(data, begin, end, words)
        every[k], inner[k] = sketched(words, 0, n_raw), sketched(words, 1, n_raw - 1)
        for j in range(n_raw):
            at = slot(words[j])
            worth = 1.0 if body[at] <= common else 0.2
            weighed += worth
            held += worth if body[at] > own else 0.0
            held_lead += worth if lead[at] > own else 0.0
        line = table[k]
        line[OWN + 11] = held / (weighed + 3)
        line[OWN + 12] = held
        line[OWN + 14] = held_lead / (weighed + 3)
        if i < start + 2 and n_words <= 30 and line[OWN + 11] > best:
            best = line[OWN + 11]
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
    words_to, short_to, headlines_to = np.zeros(m + 1), np.zeros(m + 1), np.zeros(m + 1)
    for k in range(m):
        count = counters[k, WORDS]
        words_to[k + 1] = words_to[k] + count
        short_to[k + 1] = short_to[k] + (count < 10)
        headlines_to[k + 1] = headlines_to[k] + (4 <= count <= 20 and counters[k, ENDS] == 0)
    until_date, since_date = distances(dated, -1), distances(dated, 1)
    until_by, since_by = distances(signed, -1), distances(signed, 1)
    until_name, since_name = distances(named, -1), distances(named, 1)
    longest = np.float32(0)
    for step in range(place):
        k = place - 1 - step
        table[k, OWN + 8] = longest
        longest = counters[k, WORDS] if counters[k, WORDS] > longest else longest
    longest = np.float32(0)
    for k in range(place, m):
        table[k, OWN + 8] = longest
        longest = counters[k, WORDS] if counters[k, WORDS] > longest else longest
    in_row = 0
    for k in range(m):
        i = rows[k]
        line = table[k]
        for j in range(OWN):
            line[j] = counters[k, j]
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
            near, far = (ends[k, 0], ends[k, 1]), (ends[other, 0], ends[other, 1])
            if not inner[k] & ~every[other] and holds(data, *far, *near):
                line[OWN + 25] = other - k
            elif not inner[other] & ~every[k] and holds(data, *near, *far):
                line[OWN + 26] = other - k
        line[OWN + 17] = named[k]
        line[OWN + 18] = in_row if in_row < FAR else FAR
        in_row = in_row + 1 if counters[k, WORDS] <= 3 else 0
        line[OWN + 19], line[OWN + 20] = until_date[k], since_date[k]
        line[OWN + 21], line[OWN + 22] = until_by[k], since_by[k]
        line[OWN + 23], line[OWN + 24] = until_name[k], since_name[k]
        column = OWN + len(OF_PLACE)
        for kind in range(len(KINDS)):
            line[column + kind] = (means[k] >> kind) & 1
            line[column + len(KINDS) + kind] = (starts[k] >> kind) & 1
        column += 2 * len(KINDS)
        for away in NEAR:
            other = k + away
            if 0 <= other < m:
                line[column] = counters[other, WORDS]
                line[column + 1] = counters[other, TIMED]
                line[column + 2] = counters[other, CAPITALISED]
                line[column + 3] = named[other]
                line[column + 4] = chances[rows[other]]
                line[column + 5] = (means[other] & (BY | ROLE)) > 0
                line[column + 6] = counters[other, DIGITS]
            column += len(OF_NEIGHBOURS)
    return rows, table
