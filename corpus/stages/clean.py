"""Extract the main content of each page, and normalise its text.

    stages:
      - stage: clean
        keep: balanced              # precision: fewer lines; recall: more lines
        markup: plain               # or markdown, for pages of HTML
        min_words: 20               # remove shorter articles
        normalise:
          soft_hyphens: false       # each step can be switched off
        html:
          engine: blocks            # the block model; or trafilatura, or resiliparse

The `content` of the source decides what happens. A `page`, dumped to text with its boilerplate,
loses the lines that are not main content. `html` is cut into blocks, and the block model keeps
those of the main content; code keeps its indentation, and formulas are written in TeX. `text` is
the article alone. All three are then normalised, and so are title, author and publisher; cleaning
twice gives the same text as cleaning once. If the source has no title, author, publisher, date or
URL, they are read from the page; values of the source are never replaced.

A page without an article is removed, with its original text; no document is emptied silently.

Each page gets a `content_kind`: article, forum, product, collection, listing, documentation or
service, with its probability. To keep only some kinds, filter after `clean`:

    stages:
      - stage: clean
      - stage: filter
        columns:
          content_kind: [article, forum]
          content_kind_probability: {min: 0.5}
          clean_confidence: {min: 0.7, missing: keep}

`clean_confidence` is the word F1 that the extraction is likely to have. Kind and confidence are
null for documents that are not pages, and for HTML with an engine other than `blocks`; the kind is
null, too, for a page of fewer than ten words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Literal, Self

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, model_validator

from corpus.documents import (
    ARTICLE,
    CONTENT,
    CRAWLED,
    TEXT,
    column,
    optional,
    remove,
)
from corpus.stages.base import DocumentStage
from corpus.stages.clean_settings import Html, Normalise
from corpus.stages.page_columns import filled, new_content, normalised, values_of

if TYPE_CHECKING:
    from corpus.articles.lines.extraction import Line
    from corpus.articles.result import PageResult

_AHEAD = timedelta(hours=14)
_LAST_TIME = datetime(9999, 1, 1, tzinfo=UTC)

_CODE = r"(?m)^[ \t]+\S|\S {2,}\S|\t|^[> ]*```"
"""What only code and nested lists have, once an article is laid out: indentation, spaces in a row,
and the fences of Markdown."""

_SENTENCES = (
    "The ferry to the island was late on Monday, because fog had covered the harbour since dawn. "
    "Most passengers waited in the hall, where the owner of the kiosk gave them tea and bread."
)
"""What the model keeps, so that each kernel runs once."""

_PAGE = f"A line\n{_SENTENCES}\n{_SENTENCES}\n\n"
"""A page. The line feeds at its end are searched for a publisher."""

REMOVED_RATIO = "removed_ratio"
CONFIDENCE = "clean_confidence"
TEXT_SOURCE = "clean_text_source"
CONTENT_KIND, CONTENT_KIND_PROBABILITY = "content_kind", "content_kind_probability"
_MEASURES = {
    REMOVED_RATIO: "removed_ratio",
    CONFIDENCE: "confidence",
    TEXT_SOURCE: "text_source",
    CONTENT_KIND: "content_kind",
    CONTENT_KIND_PROBABILITY: "content_kind_probability",
}
"""Columns that describe the extraction of a page, and the field of `PageResult` that has each."""


class Clean(DocumentStage):
    """Extract the article of each page, normalise it, and fill in its metadata."""

    adds: ClassVar[pa.Schema] = pa.schema(
        [
            (REMOVED_RATIO, pa.float32()),
            (CONFIDENCE, pa.float32()),
            (TEXT_SOURCE, pa.string()),
            (CONTENT_KIND, pa.string()),
            (CONTENT_KIND_PROBABILITY, pa.float32()),
        ]
    )

    reasons: ClassVar[dict[str, str]] = {
        "empty": "the text has no visible characters",
        "no_article": "no part of the page looks like an article",
        "too_short": "the article has fewer words than min_words",
        "bad_html": "the HTML cannot be parsed",
        "too_large": "the HTML has more bytes or tags than the limits allow",
    }

    stage: Literal["clean"] = "clean"

    keep: Literal["precision", "balanced", "recall"] = "balanced"
    """Which lines of a page to keep: `precision` for clean text, `recall` for complete text. It is
    one threshold: `recall` keeps all that `balanced` keeps, and `balanced` all that `precision`
    keeps."""

    markup: Literal["plain", "markdown"] = "plain"
    """How the text of an HTML page is laid out. In both, code keeps its indentation and line ends,
    and each list item and each row of a table is a line of its own, with its cells separated by
    ` | `. With `markdown`, headings, lists, quotes, tables and code have their marks; bold text and
    links have none, and prose is not escaped. Pages dumped to text have no markup to keep: they
    stay plain. Needs `html.engine: blocks`."""

    min_words: int = Field(default=0, ge=0)
    """Minimum number of words; shorter articles are removed. In scripts without spaces, each
    character is a word."""

    metadata: bool = True
    """Read title, author, publisher, date and URL from the page if the source has none."""

    as_of: date | None = None
    """Latest possible date of an article; later dates read from pages are discarded. A page from a
    WARC file cannot be later than its `crawled`, either."""

    normalise: Normalise = Normalise()
    """Steps of text normalisation; all are on by default."""

    html: Html = Html()
    """How to read HTML."""

    @model_validator(mode="after")
    def _agree(self) -> Self:
        """Refuse what only the block engine can do from another engine."""
        if self.markup == "markdown" and self.html.engine != "blocks":
            raise ValueError(
                f"markup: markdown needs html.engine: blocks, not {self.html.engine}; "
                "choose one of the two"
            )
        if self.html.text_from_scripts and self.html.engine != "blocks":
            raise ValueError(
                f"html.text_from_scripts needs html.engine: blocks, not {self.html.engine}; "
                "choose one of the two"
            )
        return self

    def required_modules(self, contents: AbstractSet[str]) -> tuple[str, ...]:
        """Return the HTML extractor, if a source contains HTML."""
        has_parser = "html" in contents and self.html.engine != "blocks"
        return (self.html.engine,) if has_parser else ()

    def kernels(self) -> None:
        """Compile or load the kernels for pages and texts, and load the model."""
        self.kernels_for({"text", "page", "html"})

    def kernels_for(self, contents: AbstractSet[str]) -> None:
        """Load what these contents need: texts need neither a model nor a reader of HTML."""
        self._load("text", "two\u00a0words" if contents == {"text"} else "caf\u00c3\u00a9\u00a0")
        if "page" in contents:
            self._load("page", _PAGE)
        if "html" in contents:
            self._read_example_page(metadata=True)

    def kernel_parts(self) -> tuple[Callable[[], None], ...]:
        """Return what compiles the kernels for HTML, and those for text and metadata."""
        html = partial(self._read_example_page, metadata=False)
        return html, partial(self.kernels_for, {"text", "page"})

    def _load(self, content: str, text: str) -> None:
        self.apply(pa.record_batch({TEXT: [text], CONTENT: [content]}))

    def _read_example_page(self, *, metadata: bool) -> None:
        """Read an HTML page that needs all kernels for HTML."""
        from corpus.articles.html.extract import read_html
        from corpus.articles.html.limits import refusal

        refusal(b"<p>")
        table = f"<table><tr><td>&amp;{_PAGE}<td>2</table><p class=a>{_PAGE}"
        read_html(table, metadata=metadata)

    def apply(self, documents: pa.RecordBatch) -> pa.RecordBatch:
        """Return the documents with their articles as `text`; pages without one are marked."""
        original = documents.column(TEXT).cast(pa.large_string()).fill_null("")
        content = optional(documents, CONTENT, pa.string()).fill_null("text")
        read = self._read(original, content, self._latest_dates(documents))
        laid_out = pc.or_(pc.equal(content, "html"), pc.equal(content, ARTICLE))
        clean = self._normalised_texts(values_of(read, original, "text"), laid_out)
        unknown = pa.nulls(len(original), pa.string())
        reason = values_of(read, unknown, "reason")
        blank = pc.and_(pc.is_null(reason), pc.equal(pc.binary_length(clean), 0))
        reason = pc.if_else(blank, pa.scalar("empty", pa.string()), reason)
        text = pc.if_else(pc.is_null(reason), clean, original)
        if self.metadata:
            documents = normalised(documents, self._steps())
            documents = normalised(filled(documents, read), self._steps()) if read else documents
        documents = column(documents, TEXT, text, pa.large_string())
        documents = column(documents, CONTENT, new_content(content, read), pa.string())
        for field in self.adds:
            before = optional(documents, field.name, field.type)
            values = values_of(read, before, _MEASURES[field.name])
            documents = column(documents, field.name, values, field.type)
        evidence = values_of(read, unknown, "evidence")
        for why in sorted(set(reason.drop_null().to_pylist())):
            documents = remove(documents, pc.equal(reason, why), because=why, evidence=evidence)
        return self._without_short(documents) if self.min_words else documents

    def _normalised_texts(self, texts: pa.Array, laid_out: pa.Array) -> pa.Array:
        """Return the texts normalised; code is verbatim in articles that are already laid out.

        An article read from HTML has single spaces and no indentation, except in code. Its entities
        are replaced; code that still has some is about them.
        """
        from corpus.articles.normalise.kernels import ENTITIES, LAYOUT
        from corpus.articles.normalise.normalise import normalise

        if not pc.any(laid_out).as_py():
            return normalise(texts, steps=self._steps())
        has_code = pc.and_(laid_out, pc.match_substring_regex(texts, _CODE))
        rows = pc.indices_nonzero(has_code)
        clean = normalise(texts, steps=self._steps())
        if not len(rows):
            return clean
        code = normalise(texts.take(rows), steps=self._steps() & ~(LAYOUT | ENTITIES))
        return pc.replace_with_mask(clean, has_code, code)

    def reads_lines(self, content: str | None) -> bool:
        """Return whether a model judges every visible line or block of such a document."""
        return content == "page" or (content == "html" and self.html.engine == "blocks")

    def lines(
        self, page: str, content: str = "page", *, crawled: datetime | None = None
    ) -> list[Line]:
        """Return each visible line of a page that `reads_lines`, with the model's prediction.

        `crawled` is when the page was fetched, as in the column of that name.
        """
        from corpus.articles.html import extract
        from corpus.articles.lines.extraction import lines
        from corpus.articles.lines.selection import DECODINGS
        from corpus.articles.normalise.kernels import LAYOUT
        from corpus.articles.normalise.normalise import normalise

        if content == "html":
            return extract.lines(
                page,
                keep=self.keep,
                markup=self.markup,
                text_from_scripts=self.html.text_from_scripts,
            )
        (text,) = normalise(pa.array([page]), steps=self._steps() & ~LAYOUT).to_pylist()
        latest = self._latest_date(crawled)
        return lines(text, decoding=DECODINGS[self.keep], as_of=latest)

    def _without_short(self, documents: pa.RecordBatch) -> pa.RecordBatch:
        """Return the documents; those with fewer than `min_words` words are marked."""
        from corpus.words.count import count_words

        texts = documents.column(TEXT)
        count = pc.if_else(pc.is_valid(texts), pa.array(count_words(texts)), pa.scalar(None))
        short = pc.less(count, self.min_words)
        return remove(documents, short, because="too_short", evidence=count.cast(pa.string()))

    def _steps(self) -> int:
        """Return the normalisation steps as a bit mask."""
        from corpus.articles.normalise.kernels import STEPS

        return sum(bit for name, bit in STEPS.items() if getattr(self.normalise, name))

    def _latest_dates(self, documents: pa.RecordBatch) -> list[date | None]:
        """Return the latest possible date of each article: `as_of`, or when it was crawled."""
        type = pa.timestamp("us", "UTC")
        if CRAWLED not in documents.schema.names or documents.column(CRAWLED).type != type:
            return [self.as_of] * documents.num_rows
        return [self._latest_date(crawled) for crawled in documents.column(CRAWLED).to_pylist()]

    def _latest_date(self, crawled: datetime | None) -> date | None:
        """Return the latest possible date of an article that was fetched at a time.

        A page may give its date in local time, which is up to 14 hours ahead of UTC.
        """
        fetched = None if crawled is None else (min(crawled, _LAST_TIME) + _AHEAD).date()
        return min((day for day in (self.as_of, fetched) if day), default=None)

    def _read(
        self, texts: pa.Array, content: pa.Array, latest: Sequence[date | None]
    ) -> dict[int, PageResult]:
        """Return the extraction result of each page, text or HTML, by row."""
        read: dict[int, PageResult] = {}
        pages = _rows(content, "page")
        if pages:
            from corpus.articles.lines.extraction import read_pages
            from corpus.articles.lines.selection import DECODINGS
            from corpus.articles.normalise.kernels import LAYOUT
            from corpus.articles.normalise.normalise import normalise

            column = normalise(texts.take(pa.array(pages)), steps=self._steps() & ~LAYOUT)
            results = read_pages(
                column,
                decoding=DECODINGS[self.keep],
                metadata=self.metadata,
                as_of=[latest[row] for row in pages],
            )
            read |= zip(pages, results, strict=True)
        html_rows = _rows(content, "html")
        if html_rows:
            from corpus.articles.html.extract import read_html
            from corpus.articles.html.limits import Limits, size_refusal
            from corpus.articles.result import PageResult

            sizes = pc.binary_length(texts).to_pylist()
            limits = Limits(self.html.most_bytes, self.html.most_tags, self.html.most_depth)
            for row in html_rows:
                if refused := size_refusal(sizes[row], limits):  # no string of a large page
                    read[row] = PageResult(reason=refused[0], evidence=refused[1])
                    continue
                read[row] = read_html(
                    texts[row].as_py(),
                    engine=self.html.engine,
                    limits=limits,
                    keep=self.keep,
                    as_of=latest[row],
                    markup=self.markup,
                    text_from_scripts=self.html.text_from_scripts,
                    metadata=self.metadata,
                )
        return read


def _rows(content: pa.Array, kind: str) -> list[int]:
    """Return the rows with this content type."""
    return pc.indices_nonzero(pc.equal(content, kind)).to_pylist()
