"""The site of each page and the lines on it, observed to find boilerplate.

The site of a page is the host of its URL without `www.`; without a URL, its publisher; without
both, the folder of its file. Two lines are equal if they have the same words. A line without words
(`* * *`) does not count. Numbers count as words: otherwise the rows of tables and the scores of
matches would recur.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from corpus.documents import ARTICLE, CONTENT, PUBLISHER, SOURCE, TEXT, URL, column, optional
from corpus.observations import Observation
from corpus.similarity.lines import Lines

PAGE_CONTENTS = ("page", ARTICLE)
"""The values of `_content` for a text that is a page or was extracted from one."""

_HOST = r"^[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#@]*@)?(?:[Ww]{3}\.)?(?P<host>[^/?#:@]+)"
_LINES = Lines(words=1)


def sites(documents: pa.RecordBatch) -> pa.Array:
    """Return the name of each document's site (string[n_documents], never null)."""
    url = pc.extract_regex(optional(documents, URL, pa.string()), _HOST)
    host = pc.utf8_lower(pc.struct_field(url, "host"))
    publisher = pc.utf8_trim_whitespace(optional(documents, PUBLISHER, pa.string()))
    publisher = pc.if_else(pc.equal(publisher, ""), pa.scalar(None, pa.string()), publisher)
    source = pc.fill_null(optional(documents, SOURCE, pa.string()), "")
    folder = pc.replace_substring_regex(source, r"/?[^/]*$", "")
    publisher = pc.binary_join_element_wise("publisher", publisher, " ")
    return pc.coalesce(host, publisher, pc.binary_join_element_wise("folder", folder, " "))


class SiteLines(Observation):
    """The site of each page, and its lines."""

    texts: bool = False
    """Whether to include documents that never were pages."""

    @property
    def names(self) -> tuple[str, str]:
        """Return the names of the two columns."""
        return f"site_{self.texts:d}", f"site_lines_{self.texts:d}"

    def columns(self, documents: pa.RecordBatch) -> dict[str, pa.Array]:
        """Return the site (string, null where a document does not count) and its lines."""
        content = pc.fill_null(optional(documents, CONTENT, pa.string()), "text")
        counts = pc.is_in(content, pa.array(PAGE_CONTENTS))
        if self.texts:
            counts = pc.not_equal(content, "html")
        null_text = pa.scalar(None, documents.column(TEXT).type)
        texts = pc.if_else(counts, documents.column(TEXT), null_text)
        lines = _LINES.columns(column(documents, TEXT, texts, texts.type))[_LINES.lines]
        site = pc.if_else(counts, sites(documents), pa.scalar(None, pa.string()))
        return dict(zip(self.names, (site, lines), strict=True))


def line_with_hash(text: str, upper: int) -> str:
    """Return the first line of a text whose hash starts with these eight bytes."""
    (lines,) = _LINES.columns(pa.record_batch({TEXT: pa.array([text])}))[_LINES.lines].to_pylist()
    line = next(line for line in lines if int.from_bytes(line["hash"][:8], "big") == upper)
    return text[line["begin"] : line["begin"] + line["characters"]].strip()
