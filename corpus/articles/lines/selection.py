"""Choose the lines of each page to keep.

A page is decoded as a whole up to 1 MB or 16,384 lines. A longer page is decoded in stretches, each
like a page of its own, so that memory is bounded.
"""

# ruff: noqa: FURB136  (numba compiles min and max again for each pair of types)

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from corpus.array_types import Bytes, Flags, Numbers, Offsets, Sums
from corpus.articles.content_kind.model import text_kinds
from corpus.articles.lines.decoding import threshold, viterbi
from corpus.articles.lines.model import Model, score_of, score_pages
from corpus.articles.metadata.nearby_lines import LinesOfPages, PageLines
from corpus.kernels import njit

MAX_STRETCH_BYTES = 1 << 20
MAX_STRETCH_LINES = 1 << 14
MAX_GAIN = 5.0
"""Maximum gain or loss of one line, in log-odds, to be weighed against the cost of a gap."""
_LINE_FEED = 10


class Decoding(NamedTuple):
    """How high the probability of a line must be for the line to be kept."""

    min_threshold: float = 0.3
    max_threshold: float = 0.5
    """Bounds of the threshold, which depends on the page."""
    gap_cost: float = 0.1
    """Cost of each line of a gap within the main content, in log-odds; less for a short line.
    A higher cost would force one contiguous article, and so lose posts of a forum, parts of a list
    and split articles."""


BALANCED = Decoding()
DECODINGS = {
    "precision": Decoding(0.55, 0.75),
    "balanced": BALANCED,
    "recall": Decoding(0.1, 0.25),
}


class ChosenPages(NamedTuple):
    """The lines of several pages, which of them to keep, and the kind of each page."""

    pages: LinesOfPages
    kinds: list[Numbers | None]
    """The probability of each kind, read from the beginning of a page; None if it has none."""


@njit
def stretch_end(data: Bytes, start: int, stop: int) -> int:
    """Return where a stretch that begins at `start` ends: after a line feed, or at `stop`.

    It has at most `MAX_STRETCH_BYTES` and `MAX_STRETCH_LINES`, unless a single line is longer.
    """
    lines, end = 0, start
    for at in range(start, stop):
        if data[at] == _LINE_FEED:
            end = at + 1
            lines += 1
            if lines == MAX_STRETCH_LINES:
                return end
        if at - start >= MAX_STRETCH_BYTES and end > start:
            return end
    return stop


@njit
def _decode_lines(
    probabilities: Numbers,
    counts: Numbers,
    table: Numbers,
    decoding: Decoding,
    gains: Sums,
    previous: Bytes,
    kept: Flags,
) -> None:
    """Fill in what `decode_lines` returns; `gains` and `previous` are buffers."""
    limit = threshold(probabilities, counts, decoding.min_threshold, decoding.max_threshold)
    score = score_of(limit, table)
    for i in range(probabilities.size):
        gain = score_of(probabilities[i], table) - score
        gains[i] = MAX_GAIN if gain > MAX_GAIN else -MAX_GAIN if gain < -MAX_GAIN else gain
    viterbi(gains, counts, decoding.gap_cost, previous, kept)


@njit
def _decode_pages(
    probabilities: Numbers,
    counts: Numbers,
    line_offsets: Offsets,
    table: Numbers,
    decoding: Decoding,
    gains: Sums,
    previous: Bytes,
    kept: Flags,
) -> None:
    """Fill in what `decode_lines` returns; `gains` and `previous` are buffers."""
    for page in range(line_offsets.size - 1):
        first, stop = line_offsets[page], line_offsets[page + 1]
        _decode_lines(
            probabilities[first:stop],
            counts[first:stop],
            table,
            decoding,
            gains[first:stop],
            previous[first:stop],
            kept[first:stop],
        )


def decode_lines(
    probabilities: Numbers,
    counts: Numbers,
    line_offsets: Offsets,
    table: Numbers,
    decoding: Decoding,
) -> Flags:
    """Return which lines to keep, given their probabilities and their numbers of words.

    `line_offsets` is where the lines of each page start, `table` is `Model.probabilities`.
    """
    n = probabilities.size
    gains, previous, kept = np.empty(n), np.empty((n, 4), np.uint8), np.empty(n, np.bool_)
    _decode_pages(probabilities, counts, line_offsets, table, decoding, gains, previous, kept)
    return kept


def choose_lines(
    probabilities: Numbers,
    counts: Numbers,
    line_offsets: Offsets,
    table: Numbers,
    decoding: Decoding,
) -> Flags:
    """Return which lines to keep: also those that a stricter setting keeps.

    A lower threshold alone would not keep them: two passages that are far apart cost a gap, so a
    longer and less certain passage could replace a short one.
    """
    kept = decode_lines(probabilities, counts, line_offsets, table, decoding)
    for stricter in DECODINGS.values():
        if stricter.min_threshold > decoding.min_threshold:
            kept |= decode_lines(probabilities, counts, line_offsets, table, stricter)
    return kept


def choose_pages(
    data: Bytes, bounds: Iterable[tuple[int, int]], model: Model, decoding: Decoding
) -> ChosenPages:
    """Return the lines of each page, and which of them to keep.

    `bounds` is where each page starts and stops, in bytes.
    """
    stretches = [_stretches(data, *bound) for bound in bounds]
    first_stretches = [0, *itertools.accumulate(map(len, stretches))]
    every_stretch = np.array([*itertools.chain.from_iterable(stretches)], np.int64).reshape(-1, 2)
    parts: list[PageLines] = []
    kinds: list[Numbers | None] = []
    sizes = [np.zeros(1, np.int64)]
    for scored in score_pages(data, every_stretch, model):
        probabilities, counts, spans, line_offsets, descriptions = scored
        kept = choose_lines(probabilities, counts, line_offsets, model.probabilities, decoding)
        parts.append(PageLines(spans, probabilities, kept))
        sizes.append(np.diff(line_offsets))
        kinds += text_kinds(descriptions)
    lines = (
        parts[0] if len(parts) == 1 else PageLines(*map(np.concatenate, zip(*parts, strict=True)))
    )
    offsets = np.concatenate(sizes).cumsum()[first_stretches]
    kinds_of_pages = [kinds[first] for first in first_stretches[:-1]]
    return ChosenPages(LinesOfPages(lines, offsets), kinds_of_pages)


def choose(
    data: Bytes, bounds: Iterable[tuple[int, int]], model: Model, decoding: Decoding
) -> Iterator[PageLines]:
    """Yield the lines of each page, and which of them to keep, as `choose_pages` does."""
    (spans, probabilities, kept), offsets = choose_pages(data, bounds, model, decoding).pages
    for first, stop in itertools.pairwise(offsets.tolist()):
        yield PageLines(spans[first:stop], probabilities[first:stop], kept[first:stop])


def _stretches(data: Bytes, start: int, stop: int) -> list[tuple[int, int]]:
    """Return where the stretches of a page start and stop; there is at least one."""
    if stop - start < MAX_STRETCH_LINES:  # so it cannot have as many lines
        return [(start, stop)]
    stretches = [(start, stretch_end(data, start, stop))]
    while stretches[-1][1] < stop:
        end = stretches[-1][1]
        stretches.append((end, stretch_end(data, end, stop)))
    return stretches
