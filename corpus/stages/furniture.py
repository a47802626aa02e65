"""Take out the lines that recur on many pages of one site: furniture that reads like prose.

    stages:
      - stage: clean
      - stage: furniture
        pages: 4              # on so many pages of a site a line must stand
        share: 0.05           # and on so great a share of them
        min_characters: 200   # articles with less than that left go

What a newsletter says of itself, who may copy what, who writes here: each page by itself gives no
hint that this is not the article. So put it behind `clean`. Only documents that were taken out of
pages are looked at, and only sites with enough of them. Pages that say the same anyway, versions of
one story, do not make furniture of what they share: see `corpus.articles.recurring`.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field

from corpus.documents import TEXT, column, optional
from corpus.stages.base import CorpusStage
from corpus.stages.clean import REMOVED_RATIO
from corpus.stages.observed import Observation, Observed

if TYPE_CHECKING:
    from corpus.articles.recurring import Recurring
    from corpus.articles.site_lines import SiteLines

FURNITURE_LINES = "furniture_lines"
CUT = "cut"

MOST_SHOWN = 20
"""Of how many lines, those on the most pages, the text is told."""

MOST_CHARACTERS = 200
"""How much of a line is shown."""

MOST_TOLD = 5_000
"""Of how many lines the hash is told, so that `corpus explain` knows them again."""

NONE = pa.scalar(None, pa.string())

_FACTS = b"facts"


class Furniture(CorpusStage):
    """Take out the lines that recur on many pages of one site."""

    changes_text: ClassVar[bool] = True
    adds: ClassVar[pa.Schema] = pa.schema(
        [(FURNITURE_LINES, pa.int32()), (REMOVED_RATIO, pa.float32())]
    )
    reasons: ClassVar[dict[str, str]] = {
        "furniture": "every line of it stands on many pages of its site (the evidence)",
        "too_short": "without the lines that recur it has fewer characters than min_characters",
    }

    stage: Literal["furniture"] = "furniture"

    pages: int = Field(4, ge=2)
    """On so many pages of a site a line must stand; a site of fewer pages is left as it is."""

    share: float = Field(0.05, gt=0, le=1)
    """On so great a share of the site's pages a line must stand."""

    min_characters: int = Field(0, ge=0)
    """A document that has lost lines goes if fewer characters than these are left."""

    texts: bool = False
    """Look at documents as well that were read as `text`: their sites leave furniture in them."""

    @property
    def _lines(self) -> SiteLines:
        from corpus.articles.site_lines import SiteLines

        return SiteLines(texts=self.texts)

    def observes(self) -> tuple[Observation, ...]:
        """Return the site and the lines of each page."""
        return (self._lines,)

    def kernels(self) -> None:
        """Compile, or load from the cache, what deciding calls."""
        from corpus.articles.recurring import warm

        warm()

    def decide(self, corpus: Observed) -> pa.RecordBatch:
        """Return which lines of each document go, and which documents with them."""
        from corpus.articles.recurring import recurring

        found = recurring(corpus, self._lines, pages=self.pages, share=self.share)
        counts = pc.list_value_length(found.cut).to_numpy(zero_copy_only=False)
        short = (counts > 0) & (found.left < max(self.min_characters, 1))
        gone, empty = pa.array(short), pa.array(short & (found.left == 0))
        said = {
            "reason": pc.if_else(empty, "furniture", pc.if_else(gone, "too_short", NONE)),
            "evidence": _sites(found, gone),
            "score": pa.nulls(len(counts), pa.float64()),
            FURNITURE_LINES: _counted(found, counts),
            CUT: found.cut,
        }
        facts = {
            "sites": found.large,
            "recurring": len(found.hashes),
            "cut_from": int((counts > 0).sum()),
            **_told(corpus, found),
        }
        return pa.record_batch(said).replace_schema_metadata({_FACTS: json.dumps(facts).encode()})

    def facts(self, decisions: pa.RecordBatch) -> dict[str, object]:
        """Return how many lines went, out of how many documents, and which were the commonest."""
        return dict(json.loads((decisions.schema.metadata or {}).get(_FACTS, b"{}")))

    def apply(self, documents: pa.RecordBatch, decisions: pa.RecordBatch) -> pa.RecordBatch:
        """Return the documents without the lines; those that go keep their texts as they were."""
        texts = documents.column(TEXT)
        stays = pc.is_null(decisions.column("reason"))
        cut = decisions.column(CUT)
        rows = pc.indices_nonzero(pc.and_(stays, pc.greater(pc.list_value_length(cut), 0)))
        said = {row: without(texts[row].as_py(), set(cut[row].as_py())) for row in rows.to_pylist()}
        before = optional(documents, REMOVED_RATIO, pa.float32())
        ratios = {row: _ratio(before[row].as_py(), texts[row].as_py(), said[row]) for row in said}
        documents = column(documents, TEXT, _put(texts, said), texts.type)
        told = column(decisions, REMOVED_RATIO, _put(before, ratios), pa.float32())
        return super().apply(documents, told)


def _sites(found: Recurring, where: pa.Array) -> pa.Array:
    """Return the names of some documents' sites; null for the others."""
    number = pc.if_else(where, found.site.indices, pa.scalar(None, found.site.indices.type))
    return found.site.dictionary.take(number)


def _counted(found: Recurring, counts: NDArray[np.int32]) -> pa.Array:
    """Return how many lines each document lost; null where it was not looked at."""
    return pc.if_else(pc.is_valid(found.site), pa.array(counts, pa.int32()), None)


def without(text: str, lines: Collection[int]) -> str:
    """Return a text without some of its lines that say something, counted from 0.

    Where a line went between two blank ones, one of them goes as well.
    """
    from corpus.articles.site_lines import visible_lines

    numbers = [number for number, _ in visible_lines(text)]
    goes = {numbers[line] for line in lines}
    kept: list[str] = []
    after = False
    for number, line in enumerate(text.split("\n")):
        if number in goes:
            after = True
        elif line.strip() or not after or (kept and kept[-1].strip()):
            kept.append(line)
            after = after and not line.strip()
    return "\n".join(kept).strip("\n")


def _ratio(before: float | None, text: str, left: str) -> float | None:
    """Return the share of a page that is gone now, if a share of it was gone before."""
    if before is None:
        return None
    return 1 - (1 - before) * len(left.encode()) / max(len(text.encode()), 1)


def _put(values: pa.Array, new: dict[int, Any]) -> pa.Array:
    """Return the values, those of some rows replaced."""
    where = np.zeros(len(values), np.bool_)
    where[list(new)] = True
    put = pa.array([new[row] for row in sorted(new)], values.type)
    return pc.replace_with_mask(values, pa.array(where), put)


def _told(corpus: Observed, found: Recurring) -> dict[str, object]:
    """Return the commonest lines, a few with their texts, the others by their hashes."""
    from corpus.articles.site_lines import line_hash, visible_lines

    order = np.lexsort((found.hashes, -found.pages))
    names = np.array(found.names, object)[found.sites]
    order = order[np.lexsort((names[order], -found.pages[order]))][:MOST_TOLD]
    texts = corpus.documents(found.rows[order[:MOST_SHOWN]], [TEXT]).column(TEXT).to_pylist()
    hashes = [int(value).to_bytes(8, "little") for value in found.hashes[order]]
    shown = []
    for at, mine, text in zip(order.tolist(), hashes, texts, strict=False):
        line = next(line for _, line in visible_lines(text) if line_hash(line) == mine)
        site, pages = found.names[found.sites[at]], int(found.pages[at])
        shown.append({"site": site, "line": line[:MOST_CHARACTERS], "pages": pages})
    told: dict[str, dict[str, int]] = {}
    for at, mine in zip(order.tolist(), hashes, strict=True):
        told.setdefault(found.names[found.sites[at]], {})[mine.hex()] = int(found.pages[at])
    return {"commonest": shown, "told": told}
