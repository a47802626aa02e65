"""Remove lines that recur on many pages of one site: boilerplate that reads like prose.

    stages:
      - stage: clean
      - stage: site_boilerplate
        pages: 4              # minimum number of pages of a site with the line
        share: 0.05           # and minimum share of the pages of the site
        min_characters: 200   # remove articles with less text left

A newsletter notice, a copyright line or an author's biography looks like part of the article on a
single page. Only the comparison with other pages of the site shows that it is boilerplate. Put this
stage after `clean`. It examines only documents that were extracted from pages, and only sites with
enough pages. Versions of one story share lines that are not boilerplate;
`corpus.articles.site_boilerplate.recurring` describes how they are recognised.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from corpus.documents import TEXT, column, optional
from corpus.observations import CorpusView, Observation
from corpus.stages.base import CUT_LINES_COLUMN, CorpusStage, QuotedMetric
from corpus.stages.clean import REMOVED_RATIO
from corpus.stages.cut_lines import without_cuts

if TYPE_CHECKING:
    from corpus.articles.site_boilerplate.recurring import RecurringLines
    from corpus.articles.site_boilerplate.site_lines import SiteLines

BOILERPLATE_LINES = "boilerplate_lines"

MAX_LINES_SHOWN = 20
"""Maximum number of lines in the metrics, the most frequent first."""

MAX_CHARACTERS_SHOWN = 200
"""Maximum number of characters of a line in the metrics."""

_METRICS = b"metrics"


class SiteBoilerplate(CorpusStage):
    """Remove lines that recur on many pages of one site."""

    changes_text: ClassVar[bool] = True
    adds: ClassVar[pa.Schema] = pa.schema(
        [(BOILERPLATE_LINES, pa.int32()), (REMOVED_RATIO, pa.float32())]
    )
    reasons: ClassVar[dict[str, str]] = {
        "site_boilerplate": "all of its lines recur on many pages of its site (the evidence)",
        "too_short": "without the recurring lines, it has fewer than min_characters characters",
    }

    quoted_metrics: ClassVar[tuple[QuotedMetric, ...]] = (
        QuotedMetric("commonest", "line", MAX_CHARACTERS_SHOWN),
    )

    stage: Literal["site_boilerplate"] = "site_boilerplate"

    pages: int = Field(4, ge=2)
    """Minimum number of pages of a site with the line; smaller sites are not changed."""

    share: float = Field(0.05, gt=0, le=1)
    """Minimum share of the pages of a site with the line."""

    min_characters: int = Field(0, ge=0)
    """Minimum number of characters left in a document that lost lines; shorter ones are removed."""

    texts: bool = False
    """Also examine documents that were read as `text`: some sources leave boilerplate in them."""

    @property
    def _lines(self) -> SiteLines:
        from corpus.articles.site_boilerplate.site_lines import SiteLines

        return SiteLines(texts=self.texts)

    def observes(self) -> tuple[Observation, ...]:
        """Return the site and the lines of each page."""
        return (self._lines,)

    def kernels(self) -> None:
        """Compile the kernels, or load them from the cache."""
        from corpus.articles.site_boilerplate.recurring import compile_kernels

        compile_kernels()

    def decide(self, corpus: CorpusView) -> pa.RecordBatch:
        """Return which lines to remove from each document, and which documents to remove."""
        from corpus.articles.site_boilerplate.recurring import (
            cut_recurring_lines,
            find_recurring_lines,
        )

        lines = find_recurring_lines(
            corpus, self._lines, min_pages=self.pages, min_share=self.share
        )
        min_characters = max(self.min_characters, 1)
        cuts = cut_recurring_lines(lines, min_characters=min_characters)
        short = (cuts.counts > 0) & (cuts.left < min_characters)
        removed, empty = pa.array(short), pa.array(short & (cuts.left == 0))
        short_reason = pc.if_else(removed, "too_short", pa.scalar(None, pa.string()))
        examined = pc.is_valid(lines.site_pages.encoded)
        decisions = {
            "reason": pc.if_else(empty, "site_boilerplate", short_reason),
            "evidence": _sites(lines, removed),
            "score": pa.nulls(len(short), pa.float64()),
            BOILERPLATE_LINES: pc.if_else(examined, pa.array(cuts.counts, pa.int32()), None),
            CUT_LINES_COLUMN: cuts.lists,
        }
        metrics = {
            "sites": lines.site_pages.n_large_sites,
            "recurring": len(lines.keys),
            "cut": len(cuts.lists.flatten()),
            "cut_from": int(((cuts.counts > 0) & ~short).sum()),
            "commonest": _most_frequent(corpus, lines),
        }
        return pa.record_batch(decisions).replace_schema_metadata(
            {_METRICS: json.dumps(metrics).encode()}
        )

    def metrics(self, decisions: pa.RecordBatch) -> dict[str, object]:
        """Return how many lines were removed, from how many documents, and the most frequent."""
        return dict(json.loads((decisions.schema.metadata or {}).get(_METRICS, b"{}")))

    def apply(self, documents: pa.RecordBatch, decisions: pa.RecordBatch) -> pa.RecordBatch:
        """Return the documents without the lines; removed documents keep their original text."""
        texts = documents.column(TEXT)
        left = without_cuts(texts, decisions.column(CUT_LINES_COLUMN))
        ratios = _ratios(optional(documents, REMOVED_RATIO, pa.float32()), texts, left)
        documents = column(documents, TEXT, left, texts.type)
        return super().apply(documents, column(decisions, REMOVED_RATIO, ratios, pa.float32()))


def _sites(lines: RecurringLines, where: pa.Array) -> pa.Array:
    """Return the site of the documents at `where`; null for the others."""
    encoded = lines.site_pages.encoded
    none = pa.scalar(None, encoded.indices.type)
    return encoded.dictionary.take(pc.if_else(where, encoded.indices, none))


def _ratios(before: pa.Array, texts: pa.Array, left: pa.Array) -> pa.Array:
    """Return the removed share of each page (float32); null if it was null before."""
    size_before, size_after = (
        pc.cast(pc.binary_length(column), pa.float64()) for column in (texts, left)
    )
    kept_share = pc.divide(size_after, pc.max_element_wise(size_before, 1.0))
    now = pc.subtract(1.0, pc.multiply(pc.subtract(1.0, pc.cast(before, pa.float64())), kept_share))
    return pc.if_else(pc.less(size_after, size_before), pc.cast(now, pa.float32()), before)


def _most_frequent(corpus: CorpusView, lines: RecurringLines) -> list[dict[str, object]]:
    """Return the lines that occur on the most pages, with their sites."""
    from corpus.articles.site_boilerplate.site_lines import line_with_hash

    site_pages = lines.site_pages
    names = np.array(site_pages.names, object)[lines.sites]
    order = np.lexsort((lines.keys, names, -lines.pages))[:MAX_LINES_SHOWN]
    texts = corpus.documents(lines.rows[order], [TEXT]).column(TEXT).to_pylist()
    hashes = (
        (lines.keys[order] ^ site_pages.salts[lines.sites[order]]).tolist() if len(order) else []
    )
    return [
        {
            "site": names[at],
            "line": line_with_hash(text, upper)[:MAX_CHARACTERS_SHOWN],
            "pages": int(lines.pages[at]),
        }
        for at, text, upper in zip(order.tolist(), texts, hashes, strict=True)
    ]
