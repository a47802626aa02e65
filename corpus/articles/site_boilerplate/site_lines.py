"""Which site each page is of, and which lines stand on it: what is to be known to tell boilerplate.

A site is the host of a page's address, without its `www.`; where there is no address its publisher,
and where there is none either the folder that its file is in. Two lines are the same if they have
the same words; a line without any (`* * *`) is none. Numbers stay numbers: with all of them taken
for one, the rows of tables and the scores of matches would recur.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from corpus.documents import ARTICLE, CONTENT, PUBLISHER, SOURCE, TEXT, URL, column, optional
from corpus.observations import Observation
from corpus.similarity.lines import Lines

PAGES = ("page", ARTICLE)
"""What a document's text is (`_content`) where it was taken out of a page, or is one still."""

_HOST = r"^[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#@]*@)?(?:[Ww]{3}\.)?(?P<host>[^/?#:@]+)"
_LINES = Lines(words=1)


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


class SiteLines(Observation):
    """The site of each page, and its lines."""

    texts: bool = False
    """Whether documents that were never pages are seen as well."""

    @property
    def names(self) -> tuple[str, str]:
        """Return the names of its columns."""
        return f"site_{self.texts:d}", f"site_lines_{self.texts:d}"

    def columns(self, documents: pa.RecordBatch) -> dict[str, pa.Array]:
        """Return the site (string, null where a document does not count) and its lines."""
        content = pc.fill_null(optional(documents, CONTENT, pa.string()), "text")
        seen = pc.is_in(content, pa.array(PAGES))
        if self.texts:
            seen = pc.not_equal(content, "html")
        none = pa.scalar(None, documents.column(TEXT).type)
        texts = pc.if_else(seen, documents.column(TEXT), none)
        lines = _LINES.columns(column(documents, TEXT, texts, texts.type))[_LINES.lines]
        site = pc.if_else(seen, sites(documents), pa.scalar(None, pa.string()))
        return dict(zip(self.names, (site, lines), strict=True))


def line_of(text: str, upper: int) -> str:
    """Return the first line of a text whose hash begins with these eight bytes."""
    (found,) = _LINES.columns(pa.record_batch({TEXT: pa.array([text])}))[_LINES.lines].to_pylist()
    line = next(each for each in found if int.from_bytes(each["hash"][:8], "big") == upper)
    return text[line["begin"] : line["begin"] + line["characters"]].strip()
