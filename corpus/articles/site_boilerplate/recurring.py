"""Find lines that recur on many pages of one site: boilerplate, even if it reads like prose.

A line on enough pages of a site is boilerplate if the rest of those pages differs. Versions of one
story also share lines, and quotations recur. So each page counts by its originality, the share of
its text that is its own. If a line is on *n* pages of the site (and *n* reaches the minimum), one
*n*th of it counts as own text on each of them; any other line counts in full. Five versions of one
story then count as one page, and five pages with one line in common as nearly five.

Counts are exact and in whole numbers, so the result does not depend on the order of pages or on how
they are split into parts. Most lines are on too few pages. A sketch of hashed counters, which never
underestimates a count, rules them out first (Cormode and Muthukrishnan, "An improved data stream
summary: the count-min sketch", 2005).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from corpus.articles.site_boilerplate.site_lines import SiteLines
from corpus.articles.site_boilerplate.site_pages import (
    Flags,
    Hashes,
    Numbers,
    SitePages,
    group_sums,
)
from corpus.documents import CUT_LINES_TYPE, KEY, halves
from corpus.kernels import njit_without_allocation
from corpus.observations import CorpusView

FULL_ORIGINALITY = 1 << 16
"""The originality of a page that shares no line; originality is summed in whole numbers."""

MIN_DISTINCT_PAGES = 0.6
"""Minimum sum of the originality of the pages with a line, as a share of `min_pages`."""

MIN_MEAN_ORIGINALITY = 0.2
"""Minimum mean originality of the pages with a line; versions of one story have less."""

MAX_SKETCH_BYTES = 1 << 28

MAX_LINES_SORTED = 1 << 24
"""About how many lines are sorted at a time, which bounds the memory."""


@dataclass(frozen=True)
class RecurringLines:
    """The lines that recur, sorted by key."""

    keys: Hashes
    """The hash of each line, combined with that of its site."""

    sites: Numbers
    """The site of each line, as an index into `site_pages.names`."""

    pages: Numbers
    """The number of pages of its site that have each line."""

    rows: Numbers
    """The document with the lowest key among those with the line."""

    site_pages: SitePages


@dataclass(frozen=True)
class Cuts:
    """The lines to cut from each document."""

    lists: pa.Array
    """The lines to cut from documents that are kept (`corpus.documents.CUT_LINES_TYPE`)."""

    counts: Numbers
    """The number of recurring lines in each document (int64[n_documents])."""

    left: Numbers
    """The number of characters in the other lines of each document (int64[n_documents])."""


@njit_without_allocation
def _count_keys(keys: Hashes, counters: NDArray[np.uint8]) -> None:
    """Increment the counter that each key hashes to; a counter stops at 255."""
    mask = np.uint64(counters.size - 1)
    for i in range(keys.size):
        slot = keys[i] & mask
        if counters[slot] < 255:
            counters[slot] += 1


def compile_kernels() -> None:
    """Compile the kernel, or load it from the cache."""
    _count_keys(np.zeros(1, np.uint64), np.zeros(1, np.uint8))


def find_recurring_lines(
    corpus: CorpusView, observation: SiteLines, *, min_pages: int, min_share: float
) -> RecurringLines:
    """Return the lines on at least `min_pages` pages and `min_share` of all pages of their site.

    Pages count by their originality.
    """
    site_pages = SitePages(corpus, observation, min_pages)
    keys, counts = _frequent_lines(site_pages)
    originality = _originality(site_pages, keys, counts)
    totals, sites, rows = (np.zeros(len(keys), np.int64) for _ in range(3))
    lowest = np.full(len(keys), np.iinfo(np.uint64).max)
    for lines, part in zip(site_pages.parts(), corpus.parts, strict=True):
        index, is_frequent = _look_up(keys, lines.keys)
        index, part_rows = _unique_lines(index, lines.rows[is_frequent])
        sites[index] = site_pages.sites[lines.documents][part_rows]
        upper = halves(part.column(KEY))[part_rows, 0]
        np.minimum.at(lowest, index, upper)
        is_lowest = upper == lowest[index]
        rows[index[is_lowest]] = part_rows[is_lowest] + lines.documents.start
        totals += group_sums(index, originality[lines.documents][part_rows], len(keys))
    counted = site_pages.sites >= 0
    site_totals = group_sums(site_pages.sites[counted], originality[counted], len(site_pages.names))
    minimum = np.maximum(MIN_DISTINCT_PAGES * min_pages, MIN_MEAN_ORIGINALITY * counts)
    minimum = np.maximum(minimum * FULL_ORIGINALITY, min_share * site_totals[sites])
    recurs = totals >= minimum
    return RecurringLines(keys[recurs], sites[recurs], counts[recurs], rows[recurs], site_pages)


def _frequent_lines(site_pages: SitePages) -> tuple[Hashes, Numbers]:
    """Return the keys of lines on at least `min_pages` pages, rising, and their numbers of pages.

    If the sketch leaves many lines, they are sorted in several passes, each over a range of keys.
    """
    n_lines = sum(len(lines.keys) for lines in site_pages.parts())
    size = max(1 << 16, 1 << (2 * n_lines).bit_length())
    counters = np.zeros(min(MAX_SKETCH_BYTES, size), np.uint8)
    for lines in site_pages.parts():
        _count_keys(lines.keys, counters)
    may_recur = counters >= min(site_pages.min_pages, 255)
    mask = np.uint64(len(may_recur) - 1)
    n_left = sum(int(may_recur[lines.keys & mask].sum()) for lines in site_pages.parts())
    shift = (n_left // MAX_LINES_SORTED).bit_length()
    frequent, counts = [np.zeros(0, np.uint64)], [np.zeros(0, np.int64)]
    for range_number in range(1 << shift):
        keys_of_range = [np.zeros(0, np.uint64)]
        for lines in site_pages.parts():
            chosen = may_recur[lines.keys & mask]
            if shift:
                chosen &= lines.keys >> np.uint64(64 - shift) == range_number
            keys_of_range.append(_unique_lines(lines.keys[chosen], lines.rows[chosen])[0])
        keys, pages = np.unique(np.concatenate(keys_of_range), return_counts=True)
        frequent.append(keys[pages >= site_pages.min_pages])
        counts.append(pages[pages >= site_pages.min_pages])
    return np.concatenate(frequent), np.concatenate(counts)


def _originality(site_pages: SitePages, keys: Hashes, counts: Numbers) -> Numbers:
    """Return the originality of each document (int64[n_documents]), at most `FULL_ORIGINALITY`."""
    originality = np.zeros(len(site_pages.sites), np.int64)
    for lines in site_pages.parts():
        index, is_frequent = _look_up(keys, lines.keys)
        weights = lines.sizes * FULL_ORIGINALITY
        weights[is_frequent] //= counts[index]
        all_lines = np.ones(len(is_frequent), np.bool_)
        sizes = lines.sums(lines.sizes, all_lines)
        originality[lines.documents] = lines.sums(weights, all_lines) // np.maximum(sizes, 1)
    return originality


def cut_recurring_lines(recurring: RecurringLines, *, min_characters: int) -> Cuts:
    """Return the lines to cut; none from a document that would have less than `min_characters`."""
    site_pages = recurring.site_pages
    n_documents = len(site_pages.sites)
    counts, left = np.zeros(n_documents, np.int64), np.zeros(n_documents, np.int64)
    lists = []
    for lines, part in zip(site_pages.parts(), site_pages.corpus.parts, strict=True):
        index, recurs = _look_up(recurring.keys, lines.keys)
        counts[lines.documents] = lines.sums(np.ones_like(lines.rows), recurs)
        left[lines.documents] = lines.sums(lines.sizes, ~recurs)
        is_cut = (left[lines.documents] >= min_characters)[lines.rows[recurs]]
        positions = pa.array(lines.positions[recurs][is_cut])
        details = part.column(site_pages.lines_column).flatten().take(positions)
        values = [
            *(details.field(name) for name in ("begin", "characters", "hash")),
            pa.array(recurring.pages[index[is_cut]]),
            pa.nulls(len(details), pa.string()),
        ]
        ones = np.ones(int(is_cut.sum()), np.int64)
        cuts_per_document = group_sums(lines.rows[recurs][is_cut], ones, part.num_rows)
        offsets = np.append(0, np.cumsum(cuts_per_document)).astype(np.int32)
        cuts = pa.StructArray.from_arrays(values, fields=list(CUT_LINES_TYPE.value_type))
        lists.append(pa.ListArray.from_arrays(pa.array(offsets), cuts))
    return Cuts(pa.concat_arrays(lists), counts, left)


def _look_up(keys: Hashes, wanted: Hashes) -> tuple[Numbers, Flags]:
    """Return the index in the rising `keys` of each wanted key that is there, and which are."""
    index = np.searchsorted(keys, wanted)
    is_there = index < len(keys)
    is_there[is_there] = keys[index[is_there]] == wanted[is_there]
    return index[is_there], is_there


def _unique_lines(lines: NDArray[Any], rows: Numbers) -> tuple[NDArray[Any], Numbers]:
    """Return each line of a document once, however often it occurs in it."""
    order = np.lexsort((lines, rows))
    lines, rows = lines[order], rows[order]
    is_new = np.append(True, (lines[1:] != lines[:-1]) | (rows[1:] != rows[:-1]))[: len(rows)]
    return lines[is_new], rows[is_new]
