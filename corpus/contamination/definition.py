"""The definition of overlap with a benchmark item in plain Python. The kernels must agree with it.

A part of an item (its question with its options, or its answer) is a list of segments. Its shingles
are those of its segments, so the order of options does not matter; a segment with fewer words than
a shingle has none. The overlap of a part with a text is the largest share of its distinct shingles
that stand within one window of the text. The length of the window is a multiple of the number of
words of the part. This is containment, not Jaccard similarity: a short item in a long document has
an overlap of 1.

    overlap("Quiz: what is the longest river of Asia? The Yangtze.",
            ["What is the longest river of Asia?"], size=3, shortest=5)         -> 1.0
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import ceil

from corpus.words.definition import words


def shingles_in_order(text: str, size: int) -> list[str]:
    """Return the shingles of a text in order, repeated ones included; none if it is too short."""
    sequence = words(text)
    return [" ".join(sequence[i : i + size]) for i in range(len(sequence) - size + 1)]


def shingles_of_part(segments: Sequence[str], size: int) -> set[str]:
    """Return the distinct shingles of the segments of a part."""
    return {shingle for segment in segments for shingle in shingles_in_order(segment, size)}


def window_of_part(segments: Sequence[str], size: int, window: float) -> int:
    """Return the number of consecutive shingles of a text that are one window for a part."""
    n_words = sum(len(words(segment)) for segment in segments)
    return max(1, ceil(window * n_words) - size + 1)


def matching(
    text: str, segments: Sequence[str], *, size: int, window: float, common: Collection[str] = ()
) -> tuple[int, int]:
    """Return how many shingles of a part are in the best window of a text, and how many it has.

    `common` shingles do not count.
    """
    wanted = shingles_of_part(segments, size) - set(common)
    length = window_of_part(segments, size, window)
    sequence = shingles_in_order(text, size)
    starts = range(max(1, len(sequence) - length + 1))
    return max(len(wanted & set(sequence[i : i + length])) for i in starts), len(wanted)


def overlap(
    text: str,
    segments: Sequence[str],
    *,
    size: int = 4,
    shortest: int = 8,
    window: float = 2.0,
    common: Collection[str] = (),
) -> float:
    """Return the overlap of a part with a text, 0 to 1.

    It is 0 unless the window has at least as many shingles of the part as `shortest` words in a row
    have. So a part with fewer shingles overlaps with nothing, and a part with exactly as many must
    match exactly.
    """
    matched, total = matching(text, segments, size=size, window=window, common=common)
    return matched / total if matched >= shortest - size + 1 else 0.0
