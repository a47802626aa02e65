"""Take the article out of each page, and write its text as it should be written.

    stages:
      - stage: clean
        keep: balanced              # precision: fewer lines, recall: more of them
        min_words: 20               # shorter articles go
        normalise:
          soft_hyphens: false       # every step has a switch
        html:
          engine: resiliparse       # ten times as fast as trafilatura, and less exact

What is done depends on what a document's text is (the source's `content`). A `page`, dumped to
text with all its boilerplate, loses the lines that are not the article; `html` is read by an HTML
extractor with the line model behind it; `text` is the article already. All three are then
normalised, so that cleaning twice is cleaning once; so are title, author and publisher. A column of
the source that has no title, author, publisher, date or address takes what the page says, never
against the source.

Nothing is emptied in silence: a page without an article is removed, with its text as it was.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, ConfigDict, Field

from corpus.documents import (
    ARTICLE,
    AUTHOR,
    CONTENT,
    DATE,
    DOCUMENT,
    PUBLISHER,
    TEXT,
    TITLE,
    URL,
    column,
    optional,
    remove,
)
from corpus.stages.base import DocumentStage

if TYPE_CHECKING:
    from corpus.articles.lines.extraction import Line
    from corpus.articles.result import Read

REMOVED_RATIO = "removed_ratio"
CONFIDENCE = "clean_confidence"


class Normalise(BaseModel):
    """Which steps a text takes; `corpus.articles.normalise.normalise` says more about each."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    mojibake: bool = True
    """Mend text that was decoded with the wrong encoding, where it looks like it."""
    entities: bool = True
    """Turn HTML entities left in a text into what they stand for."""
    composed: bool = True
    """Write a letter and its marks as one code point where there is one (Unicode NFC)."""
    lines: bool = True
    """Make every line end a line feed."""
    controls: bool = True
    """Remove control characters."""
    zero_width: bool = True
    """Remove characters without width, except joiners where the script needs them."""
    soft_hyphens: bool = True
    """Remove hyphenation hints."""
    spaces: bool = True
    """Make runs of spaces of any kind one plain space, and take them off the ends of lines."""
    blank_lines: bool = True
    """Leave at most one blank line in a row, and none at the ends of a text."""


class Html(BaseModel):
    """How HTML is read, and what one page of it may cost."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    engine: Literal["trafilatura", "resiliparse"] = "trafilatura"
    """What finds the article: `trafilatura` (more exact) or `resiliparse` (ten times as fast)."""
    most_bytes: int = Field(default=8_000_000, gt=0)
    """A page of more bytes is removed as too large; articles have a hundredth of it."""
    most_tags: int = Field(default=100_000, gt=0)
    """A page of more tags is removed as too large: it would take ten seconds and more."""
    most_depth: int = Field(default=250, gt=0, le=250)
    """A page whose tags nest deeper is removed as bad: parsers stop there and lose the rest."""


class Clean(DocumentStage):
    """Take the article out of each page, normalise it, and fill in what the page says about it."""

    adds: ClassVar[pa.Schema] = pa.schema(
        [(REMOVED_RATIO, pa.float32()), (CONFIDENCE, pa.float32())]
    )
    reasons: ClassVar[dict[str, str]] = {
        "empty": "there is no visible text",
        "no_article": "nothing on the page looks like an article",
        "too_short": "the article has fewer words than min_words",
        "bad_html": "the HTML cannot be read",
        "too_large": "the HTML has more bytes or tags than the limits allow",
    }

    stage: Literal["clean"] = "clean"

    keep: Literal["precision", "balanced", "recall"] = "balanced"
    """How sure a line of a page must be: `precision` for clean text, `recall` for complete text."""

    min_words: int = Field(default=0, ge=0)
    """Articles of fewer words are removed; in scripts without spaces each character is a word."""

    metadata: bool = True
    """Fill title, author, publisher, date and url from the page where the source has none."""

    as_of: date | None = None
    """No article is dated later than this day; dates read off pages that are, are not believed."""

    normalise: Normalise = Normalise()
    """Which steps of normalisation a text takes: all, unless switched off."""

    html: Html = Html()
    """How HTML is read."""

    def kernels(self) -> None:
        """Compile or load everything that reading a page and a text needs, and load the model."""
        from corpus.articles.html.extract import refusal
        from corpus.articles.html.lines import together

        pages = ["A line\nAnother line of the page, with more words.", "caf\u00c3\u00a9\u00a0"]
        self.apply(pa.record_batch({TEXT: pa.array(pages), CONTENT: pa.array(["page", "text"])}))
        refusal(b"<p>")
        together(pages[0], pages[0])  # what HTML calls, without the parsers: few builds have any

    def apply(self, documents: pa.RecordBatch) -> pa.RecordBatch:
        """Return the documents with their articles as `text`, and `_content` saying so."""
        from corpus.articles.normalise.normalise import normalise

        original = documents.column(TEXT).cast(pa.large_string()).fill_null("")
        content = optional(documents, CONTENT, pa.string()).fill_null("text")
        read = self._read(original, content)
        clean = normalise(_told(read, original, "text"), steps=self._steps())
        unknown = pa.nulls(len(original), pa.string())
        reason = _told(read, unknown, "reason")
        blank = pc.and_(pc.is_null(reason), pc.equal(pc.binary_length(clean), 0))
        reason = pc.if_else(blank, pa.scalar("empty", pa.string()), reason)
        text = pc.if_else(pc.is_null(reason), clean, original)
        ratio = _told(read, optional(documents, REMOVED_RATIO, pa.float32()), "removed_ratio")
        sure = _told(read, optional(documents, CONFIDENCE, pa.float32()), "confidence")
        if self.metadata:
            documents = _mended(documents, self._steps())
            documents = _mended(_filled(documents, read), self._steps()) if read else documents
        documents = column(documents, TEXT, text, pa.large_string())
        documents = column(documents, CONTENT, _known_as(content, read), pa.string())
        documents = column(documents, REMOVED_RATIO, ratio, pa.float32())
        documents = column(documents, CONFIDENCE, sure, pa.float32())
        evidence = _told(read, unknown, "evidence")
        for why in sorted(set(reason.drop_null().to_pylist())):
            documents = remove(documents, pc.equal(reason, why), because=why, evidence=evidence)
        return self._without_short(documents) if self.min_words else documents

    def reads_lines(self, content: str | None) -> bool:
        """Return whether every visible line of such a document is judged by the line model."""
        return content == "page" or (content == "html" and self.html.engine == "trafilatura")

    def lines(self, page: str, content: str = "page") -> list[Line]:
        """Return each visible line of a page that `reads_lines`, and what the model makes of it."""
        from corpus.articles.html import extract
        from corpus.articles.lines.extraction import DECODINGS, lines
        from corpus.articles.normalise.kernels import LAYOUT
        from corpus.articles.normalise.normalise import normalise

        if content == "html":
            return extract.lines(page, decoding=DECODINGS[self.keep])
        (text,) = normalise(pa.array([page]), steps=self._steps() & ~LAYOUT).to_pylist()
        return lines(text, decoding=DECODINGS[self.keep], as_of=self.as_of)

    def _without_short(self, documents: pa.RecordBatch) -> pa.RecordBatch:
        """Return the documents, those of fewer words than `min_words` marked."""
        from corpus.words.count import count_words

        texts = documents.column(TEXT)
        count = pc.if_else(pc.is_valid(texts), pa.array(count_words(texts)), pa.scalar(None))
        short = pc.less(count, self.min_words)
        return remove(documents, short, because="too_short", evidence=count.cast(pa.string()))

    def _steps(self) -> int:
        """Return the steps of normalisation as bits."""
        from corpus.articles.normalise.kernels import STEPS

        return sum(bit for name, bit in STEPS.items() if getattr(self.normalise, name))

    def _read(self, texts: pa.Array, content: pa.Array) -> dict[int, Read]:
        """Return what came of each page, of text or of HTML, by its row."""
        read: dict[int, Read] = {}
        pages = _rows(content, "page")
        if pages:
            from corpus.articles.lines.extraction import DECODINGS, read_pages
            from corpus.articles.normalise.kernels import LAYOUT
            from corpus.articles.normalise.normalise import normalise

            column = normalise(texts.take(pa.array(pages)), steps=self._steps() & ~LAYOUT)
            found = read_pages(
                column,
                decoding=DECODINGS[self.keep],
                metadata=self.metadata,
                as_of=self.as_of,
            )
            read |= zip(pages, found, strict=True)
        hypertexts = _rows(content, "html")
        if hypertexts:
            from corpus.articles.html.extract import Limits, read_html
            from corpus.articles.lines.extraction import DECODINGS

            limits = Limits(self.html.most_bytes, self.html.most_tags, self.html.most_depth)
            for row in hypertexts:
                read[row] = read_html(
                    texts[row].as_py(),
                    engine=self.html.engine,
                    limits=limits,
                    decoding=DECODINGS[self.keep],
                    as_of=self.as_of,
                )
        return read


def _known_as(content: pa.Array, read: dict[int, Read]) -> pa.Array:
    """Return what the texts are now: the article, out of a page; or text, as they came."""
    where = np.zeros(len(content), np.bool_)
    where[list(read)] = True
    article = pc.or_(pa.array(where), pc.equal(content, ARTICLE))
    return pc.if_else(article, ARTICLE, "text")


def _rows(content: pa.Array, kind: str) -> list[int]:
    """Return the rows whose text is of a kind."""
    return pc.indices_nonzero(pc.equal(content, kind)).to_pylist()


def _told(read: dict[int, Read], before: pa.Array, name: str) -> pa.Array:
    """Return the column with what came of each page that was read in its row."""
    rows = sorted(read)
    where = np.zeros(len(before), np.bool_)
    where[rows] = True
    values = pa.array([getattr(read[row], name) for row in rows], before.type)
    return pc.replace_with_mask(before, pa.array(where), values)


def _mended(documents: pa.RecordBatch, steps: int) -> pa.RecordBatch:
    """Return the documents, their titles and authors written as their texts are."""
    from corpus.articles.normalise.normalise import normalise

    for name in (TITLE, AUTHOR, PUBLISHER):
        type = DOCUMENT.field(name).type
        before = optional(documents, name, type)
        if before.null_count < len(before):
            after = normalise(before.cast(pa.large_string()).fill_null(""), steps=steps)
            said = pc.if_else(pc.is_null(before), pa.scalar(None, type), after.cast(type))
            documents = column(documents, name, said, type)
    return documents


def _filled(documents: pa.RecordBatch, read: dict[int, Read]) -> pa.RecordBatch:
    """Return the documents with what their pages say, in columns that are null there.

    A title of the source's loses the name of the site, where the page has it without.
    """
    from corpus.articles.metadata.titles import without_site

    for name in (TITLE, AUTHOR, PUBLISHER, DATE, URL):
        type = DOCUMENT.field(name).type
        before = optional(documents, name, type)
        said = [None] * len(before)
        for row, page in read.items():
            said[row] = getattr(page.found, name)
        if name == TITLE:
            titles = enumerate(before.to_pylist())
            shorter = [without_site(title, said[row]) if title else title for row, title in titles]
            before = pa.array(shorter, type)
        documents = column(documents, name, pc.coalesce(before, pa.array(said, type)), type)
    return documents
