"""The pages of the sites that are large enough to have recurring lines, and the lines on them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from corpus.articles.site_boilerplate.site_lines import SiteLines
from corpus.documents import halves
from corpus.observations import CorpusView

Hashes = NDArray[np.uint64]
Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]


class PartLines(NamedTuple):
    """The lines of the pages in one part of the corpus."""

    keys: Hashes
    """The hash of each line, combined with that of its site."""

    rows: Numbers
    """The document of each line, in rising order, counted from the start of the part."""

    sizes: Numbers
    """The length of each line in characters."""

    positions: Numbers
    """The position of each line among all lines of the part."""

    documents: slice
    """The documents of the part."""

    def sums(self, values: Numbers, where: Flags) -> Numbers:
        """Return for each document of the part the sum of the values of the lines at `where`."""
        n_documents = self.documents.stop - self.documents.start
        return group_sums(self.rows[where], values[where], n_documents)


class SitePages:
    """The pages of the sites that have at least `min_pages` pages, and their lines."""

    def __init__(self, corpus: CorpusView, observation: SiteLines, min_pages: int) -> None:
        self.corpus, self.min_pages = corpus, min_pages
        self.site_column, self.lines_column = observation.names
        column = corpus.column(self.site_column).cast(pa.string()).dictionary_encode()
        self.encoded = column.unify_dictionaries().combine_chunks()
        """The name of each document's site, null if the document does not count."""
        self.names: list[str] = self.encoded.dictionary.to_pylist()
        indices = pc.fill_null(self.encoded.indices, -1).to_numpy(zero_copy_only=False)
        self.sites = np.where(corpus.alive, indices.astype(np.int64), -1)
        """The site of each document as an index into `names`; -1 if its site is too small."""
        pages = np.bincount(self.sites[self.sites >= 0], minlength=len(self.names) + 1)
        self.n_large_sites = int((pages >= min_pages).sum())
        self.sites[pages[self.sites] < min_pages] = -1  # pages[-1] belongs to no site and is 0
        digests = [hashlib.sha256(name.encode()).digest()[:8] for name in self.names]
        self.salts = np.frombuffer(b"".join(digests), "<u8")
        """A hash for each site, which makes the keys of its lines differ from other sites'."""

    def parts(self) -> Iterator[PartLines]:
        """Yield the lines of the pages in each part of the corpus."""
        starts = self.corpus.starts.tolist()
        for first, last, part in zip(starts[:-1], starts[1:], self.corpus.parts, strict=True):
            lists = part.column(self.lines_column)
            sites = self.sites[first:last]
            rows = np.repeat(np.arange(last - first), lists.value_lengths().to_numpy())
            positions = np.flatnonzero(sites[rows] >= 0)
            lines, rows = lists.flatten(), rows[positions]
            upper = halves(lines.field("hash"))[positions, 0]
            sizes = lines.field("characters").to_numpy()[positions]
            keys = upper ^ self.salts[sites[rows]]
            yield PartLines(keys, rows, sizes, positions, slice(first, last))


def group_sums(groups: Numbers, values: Numbers, n_groups: int) -> Numbers:
    """Return the sum of the values in each group: exact, as all are whole and below 2**53."""
    return np.bincount(groups, weights=values, minlength=n_groups).astype(np.int64)
