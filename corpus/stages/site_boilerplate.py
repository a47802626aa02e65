"""Take out the lines that recur on many pages of one site: boilerplate that reads like prose.

    stages:
      - stage: clean
      - stage: site_boilerplate
        pages: 4              # on so many pages of a site a line must stand
        share: 0.05           # and on so great a share of them
        min_characters: 200   # articles with less than that left go

What a newsletter says of itself, who may copy what, who writes here: each page by itself gives no
hint that this is not the article. So put it behind `clean`. Only documents that were taken out of
pages are looked at, and only sites with enough of them. Pages that say the same anyway, versions of
one story, do not make boilerplate of what they share: see
`corpus.articles.site_boilerplate.recurring`.
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
from corpus.stages.base import CUTS, CorpusStage
from corpus.stages.clean import REMOVED_RATIO
from corpus.stages.cut_lines import without_cuts

if TYPE_CHECKING:
    from corpus.articles.site_boilerplate.recurring import Recurring
    from corpus.articles.site_boilerplate.site_lines import SiteLines

BOILERPLATE_LINES = "boilerplate_lines"

MOST_SHOWN = 20
"""Of how many lines, those on the most pages, the text is told."""

MOST_CHARACTERS = 200
"""How much of a line is shown."""

NONE = pa.scalar(None, pa.string())

_METRICS = b"metrics"


class SiteBoilerplate(CorpusStage):
    """Take out the lines that recur on many pages of one site."""

    changes_text: ClassVar[bool] = True
    adds: ClassVar[pa.Schema] = pa.schema(
        [(BOILERPLATE_LINES, pa.int32()), (REMOVED_RATIO, pa.float32())]
    )
    reasons: ClassVar[dict[str, str]] = {
        "site_boilerplate": "every line of it stands on many pages of its site (the evidence)",
        "too_short": "without the lines that recur it has fewer characters than min_characters",
    }

    stage: Literal["site_boilerplate"] = "site_boilerplate"

    pages: int = Field(4, ge=2)
    """On so many pages of a site a line must stand; a site of fewer pages is left as it is."""

    share: float = Field(0.05, gt=0, le=1)
    """On so great a share of the site's pages a line must stand."""

    min_characters: int = Field(0, ge=0)
    """A document that has lost lines goes if fewer characters than these are left."""

    texts: bool = False
    """Look at documents as well that were read as `text`: their sites leave boilerplate in them."""

    @property
    def _lines(self) -> SiteLines:
        from corpus.articles.site_boilerplate.site_lines import SiteLines

        return SiteLines(texts=self.texts)

    def observes(self) -> tuple[Observation, ...]:
        """Return the site and the lines of each page."""
        return (self._lines,)

    def kernels(self) -> None:
        """Compile, or load from the cache, what deciding calls."""
        from corpus.articles.site_boilerplate.recurring import warm

        warm()

    def decide(self, corpus: CorpusView) -> pa.RecordBatch:
        """Return which lines of each document go, and which documents with them."""
        from corpus.articles.site_boilerplate.recurring import cut, recurring

        found = recurring(corpus, self._lines, pages=self.pages, share=self.share)
        least = max(self.min_characters, 1)
        told = cut(found, least=least)
        short = (told.counts > 0) & (told.left < least)
        gone, empty = pa.array(short), pa.array(short & (told.left == 0))
        seen = pc.is_valid(found.site.encoded)
        said = {
            "reason": pc.if_else(empty, "site_boilerplate", pc.if_else(gone, "too_short", NONE)),
            "evidence": _sites(found, gone),
            "score": pa.nulls(len(short), pa.float64()),
            BOILERPLATE_LINES: pc.if_else(seen, pa.array(told.counts, pa.int32()), None),
            CUTS: told.lists,
        }
        metrics = {
            "sites": found.site.large,
            "recurring": len(found.keys),
            "cut": len(told.lists.flatten()),
            "cut_from": int(((told.counts > 0) & ~short).sum()),
            "commonest": _commonest(corpus, found),
        }
        return pa.record_batch(said).replace_schema_metadata(
            {_METRICS: json.dumps(metrics).encode()}
        )

    def metrics(self, decisions: pa.RecordBatch) -> dict[str, object]:
        """Return how many lines went, from how many documents, and which were the commonest."""
        return dict(json.loads((decisions.schema.metadata or {}).get(_METRICS, b"{}")))

    def apply(self, documents: pa.RecordBatch, decisions: pa.RecordBatch) -> pa.RecordBatch:
        """Return the documents without the lines; those that go keep their texts as they were."""
        texts = documents.column(TEXT)
        left = without_cuts(texts, decisions.column(CUTS))
        ratios = _ratios(optional(documents, REMOVED_RATIO, pa.float32()), texts, left)
        documents = column(documents, TEXT, left, texts.type)
        return super().apply(documents, column(decisions, REMOVED_RATIO, ratios, pa.float32()))


def _sites(found: Recurring, where: pa.Array) -> pa.Array:
    """Return the names of some documents' sites; null for the others."""
    encoded = found.site.encoded
    none = pa.scalar(None, encoded.indices.type)
    return encoded.dictionary.take(pc.if_else(where, encoded.indices, none))


def _ratios(before: pa.Array, texts: pa.Array, left: pa.Array) -> pa.Array:
    """Return the share of each page that is gone now (float32); null where none was told before."""
    had, has = (pc.cast(pc.binary_length(column), pa.float64()) for column in (texts, left))
    stays = pc.divide(has, pc.max_element_wise(had, 1.0))
    now = pc.subtract(1.0, pc.multiply(pc.subtract(1.0, pc.cast(before, pa.float64())), stays))
    return pc.if_else(pc.less(has, had), pc.cast(now, pa.float32()), before)


def _commonest(corpus: CorpusView, found: Recurring) -> list[dict[str, object]]:
    """Return the lines that stand on the most pages, with their sites."""
    from corpus.articles.site_boilerplate.site_lines import line_of

    site = found.site
    names = np.array(site.names, object)[found.sites]
    order = np.lexsort((found.keys, names, -found.pages))[:MOST_SHOWN]
    texts = corpus.documents(found.rows[order], [TEXT]).column(TEXT).to_pylist()
    hashes = (found.keys[order] ^ site.salts[found.sites[order]]).tolist() if len(order) else []
    return [
        {
            "site": names[at],
            "line": line_of(text, upper)[:MOST_CHARACTERS],
            "pages": int(found.pages[at]),
        }
        for at, text, upper in zip(order.tolist(), texts, hashes, strict=True)
    ]
