"""Which site each page is of, and which lines stand on it: what is to be known to tell furniture.

A site is the host of a page's address, without its `www.`; where there is no address its publisher,
and where there is none either the folder that its file is in. A line counts by what is visible of
it; runs of spaces are one space, and a line without a letter or digit (`* * *`) is none. Numbers
stay numbers: with all of them taken for one, the rows of tables and scores of matches would recur.
"""

from __future__ import annotations

import re
from hashlib import blake2b

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpus.documents import ARTICLE, CONTENT, PUBLISHER, SOURCE, TEXT, URL, optional
from corpus.stages.observed import Observation

PAGES = ("page", ARTICLE)
"""What a document's text is (`_content`) where it was taken out of a page, or is one still."""

_HOST = r"^[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#@]*@)?(?:[Ww]{3}\.)?(?P<host>[^/?#:@]+)"
_WORD = re.compile(r"[^\W_]")


def sites(documents: pa.RecordBatch) -> pa.Array:
    """Return the name of each document's site (string[n_documents], never null)."""
    address = pc.extract_regex(optional(documents, URL, pa.string()), _HOST)
    host = pc.utf8_lower(pc.struct_field(address, "host"))
    publisher = pc.utf8_trim_whitespace(optional(documents, PUBLISHER, pa.string()))
    publisher = pc.if_else(pc.equal(publisher, ""), pa.scalar(None, pa.string()), publisher)
    source = pc.fill_null(optional(documents, SOURCE, pa.string()), "")
    folder = pc.replace_substring_regex(source, r"/?[^/]*$", "")
    named = pc.binary_join_element_wise("publisher", publisher, " ")
    return pc.coalesce(host, named, pc.binary_join_element_wise("folder", folder, " "))


def visible_lines(text: str) -> list[tuple[int, str]]:
    """Return each line that says something, its spaces evened out, and its number in the text."""
    found = []
    for number, line in enumerate(text.split("\n")):
        if _WORD.search(line):
            found.append((number, " ".join(line.split())))
    return found


def line_hash(line: str) -> bytes:
    """Return eight bytes that are the same for the same line, whatever the machine."""
    return blake2b(line.encode("utf-8", "replace"), digest_size=8).digest()


class SiteLines(Observation):
    """The site of each page, and its lines as hashes."""

    texts: bool = False
    """Whether documents that were never pages are seen as well."""

    @property
    def names(self) -> tuple[str, str, str]:
        """Return the names of its columns."""
        return tuple(f"{name}_{self.texts:d}" for name in ("site", "lines", "sizes"))  # type: ignore[return-value]

    def columns(self, documents: pa.RecordBatch) -> dict[str, pa.Array]:
        """Return the site (string, null where a document does not count) and its lines.

        Of each line that says something its hash (list of uint64) and its size in characters (list
        of int32).
        """
        content = pc.fill_null(optional(documents, CONTENT, pa.string()), "text")
        seen = pc.is_in(content, pa.array(PAGES))
        if self.texts:
            seen = pc.not_equal(content, "html")
        where = seen.to_numpy(zero_copy_only=False)
        starts, hashes, sizes = np.zeros(documents.num_rows + 1, np.int32), [], []
        texts = documents.column(TEXT)
        for row in range(documents.num_rows):
            if where[row] and (text := texts[row].as_py()):
                for _, line in visible_lines(text):
                    hashes.append(line_hash(line))
                    sizes.append(len(line))
            starts[row + 1] = len(hashes)
        flat = pa.array(np.frombuffer(b"".join(hashes), "<u8"), pa.uint64())
        lists = (pa.array(starts), flat), (pa.array(starts), pa.array(sizes, pa.int32()))
        site = pc.if_else(seen, sites(documents), pa.scalar(None, pa.string()))
        listed = (pa.ListArray.from_arrays(*each) for each in lists)
        return dict(zip(self.names, (site, *listed), strict=True))
