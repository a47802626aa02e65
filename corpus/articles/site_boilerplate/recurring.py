"""Tell which lines recur on many pages of one site: boilerplate, even where they read like prose.

A line that stands on enough pages of a site is boilerplate if those pages differ otherwise: versions
of one story say the same lines too, and quotes are quoted again. So each page counts by how much
of it is its own. A line that stands on *n* pages of the site is one *n*th its own on each, a line
on fewer pages than would do is all its own. Five versions of one story count as one page, five
pages with one line in common as nearly five.

Counted exactly and in whole numbers, so that neither the order of pages nor their cut into parts
matters. Lines that stand on too few pages, which is nearly all of them, are left out by a sketch
first: a hashed counter never counts less than there is (Cormode and Muthukrishnan, "An improved
data stream summary: the count-min sketch", 2005).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from corpus.articles.site_boilerplate.site_lines import SiteLines
from corpus.documents import CUT_LINES_TYPE, KEY, halves
from corpus.kernels import njit
from corpus.observations import CorpusView

WHOLE = 1 << 16
"""A page that is all its own, in the whole numbers that are summed."""

DIFFERENT = 0.6
"""How many pages' worth of text of their own the pages need, of those that a line must be on."""

OWN = 0.2
"""How much of these pages must be their own, on average: of versions of one story less is."""

MOST_SKETCHED = 1 << 28
"""Bytes of the sketch, at the most."""

AT_ONCE = 1 << 24
"""How many lines are sorted at once."""

Hashes = NDArray[np.uint64]
Rows = NDArray[np.int64]


class Lines(NamedTuple):
    """The lines of a part's pages: of each its hash with its site's, its document, its size."""

    keys: Hashes
    rows: Rows
    """Rising, counted from the first document of the part."""

    sizes: Rows
    """In characters."""

    places: Rows
    """Where each is among all lines of the part."""

    documents: slice
    """The documents of the part, among all."""

    def sums(self, values: Rows, where: NDArray[np.bool_]) -> Rows:
        """Return the sum of the values of some lines for each document of the part."""
        return _sums(self.rows[where], values[where], self.documents.stop - self.documents.start)


@dataclass(frozen=True)
class Recurring:
    """The lines that recur."""

    keys: Hashes
    """Rising; each is the line's hash and its site's as one."""

    sites: Rows
    """Of each, the number of its site in `site.names`."""

    pages: Rows
    """On how many pages of its site each stands."""

    rows: Rows
    """Of each, the first document by key that it stands in."""

    site: Sites


@dataclass(frozen=True)
class Cut:
    """What goes from each document."""

    lists: pa.Array
    """What is cut from the texts that stay (`corpus.documents.CUT_LINES_TYPE`)."""

    counts: Rows
    """int64[n_documents]: how many lines."""

    left: Rows
    """int64[n_documents]: how many characters the other lines have."""


@njit
def _sketch(keys: Hashes, counts: NDArray[np.uint8]) -> None:
    """Count each key in the counter that it hashes to; a full one stays full."""
    mask = np.uint64(counts.size - 1)
    for i in range(keys.size):
        at = keys[i] & mask
        if counts[at] < 255:
            counts[at] += 1


def warm() -> None:
    """Compile the kernel, or load it from the cache."""
    _sketch(np.zeros(1, np.uint64), np.zeros(1, np.uint8))


class Sites:
    """The pages of sites that are large enough, and their lines, part by part."""

    def __init__(self, corpus: CorpusView, observed: SiteLines, pages: int) -> None:
        self.corpus, self.pages = corpus, pages
        self.site, self.lines = observed.names
        encoded = corpus.column(self.site).cast(pa.string()).dictionary_encode()
        self.encoded = encoded.unify_dictionaries().combine_chunks()
        self.names: list[str] = self.encoded.dictionary.to_pylist()
        number = pc.fill_null(self.encoded.indices, -1).to_numpy(zero_copy_only=False)
        self.number = np.where(corpus.alive, number.astype(np.int64), -1)
        on = np.bincount(self.number[self.number >= 0], minlength=len(self.names) + 1)
        self.large = int((on >= pages).sum())
        self.number[on[self.number] < pages] = -1  # the last entry, of none, is 0
        digests = [hashlib.sha256(name.encode()).digest()[:8] for name in self.names]
        self.salts = np.frombuffer(b"".join(digests), "<u8")

    def parts(self) -> Iterator[Lines]:
        """Yield the lines of each part's pages."""
        starts = self.corpus.starts.tolist()
        for first, last, part in zip(starts[:-1], starts[1:], self.corpus.parts, strict=True):
            lists = part.column(self.lines)
            number = self.number[first:last]
            rows = np.repeat(np.arange(last - first), lists.value_lengths().to_numpy())
            places = np.flatnonzero(number[rows] >= 0)
            found, rows = lists.flatten(), rows[places]
            upper = halves(found.field("hash"))[places, 0]
            sizes = found.field("characters").to_numpy()[places]
            yield Lines(upper ^ self.salts[number[rows]], rows, sizes, places, slice(first, last))


def recurring(corpus: CorpusView, observed: SiteLines, *, pages: int, share: float) -> Recurring:
    """Return the lines on at least `pages` pages, and a `share` of all, of a site with so many."""
    site = Sites(corpus, observed, pages)
    keys, counts = _frequent(site)
    own = _originality(site, keys, counts)
    worth, sites, where = (np.zeros(len(keys), np.int64) for _ in range(3))
    lowest = np.full(len(keys), np.iinfo(np.uint64).max)
    for lines, part in zip(site.parts(), corpus.parts, strict=True):
        at, known = _places(keys, lines.keys)
        at, rows = _once(at, lines.rows[known])
        sites[at] = site.number[lines.documents][rows]
        upper = halves(part.column(KEY))[rows, 0]
        np.minimum.at(lowest, at, upper)
        where[at[upper == lowest[at]]] = rows[upper == lowest[at]] + lines.documents.start
        worth += _sums(at, own[lines.documents][rows], len(keys))
    of = site.number >= 0
    of_site = _sums(site.number[of], own[of], len(site.names))
    least = np.maximum(DIFFERENT * pages, OWN * counts) * WHOLE
    enough = worth >= np.maximum(least, share * of_site[sites])
    keys, counts, sites, where = keys[enough], counts[enough], sites[enough], where[enough]
    return Recurring(keys, sites, counts, where, site)


def _frequent(site: Sites) -> tuple[Hashes, Rows]:
    """Return the lines that stand on enough pages of their site, rising, and on how many."""
    total = sum(len(lines.keys) for lines in site.parts())
    counters = np.zeros(min(MOST_SKETCHED, max(1 << 16, 1 << (2 * total).bit_length())), np.uint8)
    for lines in site.parts():
        _sketch(lines.keys, counters)
    likely = counters >= min(site.pages, 255)
    mask = np.uint64(len(likely) - 1)
    chosen = sum(int(likely[lines.keys & mask].sum()) for lines in site.parts())
    shift = (chosen // AT_ONCE).bit_length()
    found, counts = [np.zeros(0, np.uint64)], [np.zeros(0, np.int64)]
    for turn in range(1 << shift):
        some = [np.zeros(0, np.uint64)]
        for lines in site.parts():
            here = likely[lines.keys & mask]
            if shift:
                here &= lines.keys >> np.uint64(64 - shift) == turn
            some.append(_once(lines.keys[here], lines.rows[here])[0])
        keys, on = np.unique(np.concatenate(some), return_counts=True)
        found.append(keys[on >= site.pages])
        counts.append(on[on >= site.pages])
    return np.concatenate(found), np.concatenate(counts)


def _originality(site: Sites, keys: Hashes, counts: Rows) -> Rows:
    """Return how much of each document is its own, int64[n_documents], `WHOLE` for all of it."""
    own = np.zeros(len(site.number), np.int64)
    for lines in site.parts():
        at, known = _places(keys, lines.keys)
        weights = lines.sizes * WHOLE
        weights[known] //= counts[at]
        every = np.ones(len(known), np.bool_)
        size = lines.sums(lines.sizes, every)
        own[lines.documents] = lines.sums(weights, every) // np.maximum(size, 1)
    return own


def cut(found: Recurring, *, least: int) -> Cut:
    """Return what goes from each document; nothing is cut where fewer characters would be left."""
    site = found.site
    n = len(site.number)
    lists, counts, left = [], np.zeros(n, np.int64), np.zeros(n, np.int64)
    for lines, part in zip(site.parts(), site.corpus.parts, strict=True):
        at, goes = _places(found.keys, lines.keys)
        counts[lines.documents] = lines.sums(np.ones_like(lines.rows), goes)
        left[lines.documents] = lines.sums(lines.sizes, ~goes)
        stays = (left[lines.documents] >= least)[lines.rows[goes]]
        told = part.column(site.lines).flatten().take(pa.array(lines.places[goes][stays]))
        values = [
            *(told.field(name) for name in ("begin", "characters", "hash")),
            pa.array(found.pages[at[stays]]),
            pa.nulls(len(told), pa.string()),
        ]
        held = _sums(lines.rows[goes][stays], np.ones(int(stays.sum()), np.int64), part.num_rows)
        ends = np.append(0, np.cumsum(held)).astype(np.int32)
        each = pa.StructArray.from_arrays(values, fields=list(CUT_LINES_TYPE.value_type))
        lists.append(pa.ListArray.from_arrays(pa.array(ends), each))
    return Cut(pa.concat_arrays(lists), counts, left)


def _places(keys: Hashes, sought: Hashes) -> tuple[Rows, NDArray[np.bool_]]:
    """Return where in the rising keys each hash is that is among them, and which are."""
    at = np.searchsorted(keys, sought)
    known = at < len(keys)
    known[known] = keys[at[known]] == sought[known]
    return at[known], known


def _once(lines: NDArray[Any], rows: Rows) -> tuple[NDArray[Any], Rows]:
    """Return each line of a document once, however often it stands there."""
    order = np.lexsort((lines, rows))
    lines, rows = lines[order], rows[order]
    new = np.append(True, (lines[1:] != lines[:-1]) | (rows[1:] != rows[:-1]))[: len(rows)]
    return lines[new], rows[new]


def _sums(places: Rows, values: Rows, n: int) -> Rows:
    """Return the sum of the values in each place: exact, as all are whole and below 2**53."""
    return np.bincount(places, weights=values, minlength=n).astype(np.int64)
