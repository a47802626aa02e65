"""The statistics of a corpus, counted shard by shard and merged.

    statistics = measure(train, split="train").merge(measure(test, split="test"))
    statistics.to_json()     # every number of audit.json that is counted from the documents

Merging is associative and commutative, and every choice of documents depends only on their ids. So
the JSON is the same however a corpus is split into parts, and in whatever order they are counted.
Memory is bounded. No document is read in Python, except the few that are quoted.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, cast

from corpus.auditing.measure.bottom_k import BottomK
from corpus.auditing.measure.columns import LENGTH_EDGES, SCORE_BINS
from corpus.auditing.measure.name_counts import MEASURES, NameCounts, no_names
from corpus.auditing.measure.repeats import Repeats
from corpus.auditing.measure.sample_statistics import sample_statistics
from corpus.auditing.measure.text_sample import TextSample
from corpus.auditing.report import (
    Column,
    Counts,
    Documents,
    Extraction,
    LanguageOfSource,
    SampleStatistics,
    ScoredDocument,
    Split,
    Totals,
)

FORMAT = 1
"""The version of audit.json. It increases when a key changes its meaning or is removed."""

DOUBTFUL_SCORE = 0.8
"""A language with a lower score is doubtful: more than one in five of them may be wrong."""

DOUBTFUL_CONFIDENCE = 0.7
"""An extraction with a lower `clean_confidence` is doubtful: three in four of them have a word F1
below 0.8."""

SAMPLE_DOCUMENTS, EXTREME_DOCUMENTS, UNSURE_DOCUMENTS = 20, 5, 10
"""Documents quoted: at random, as longest and as shortest, with the lowest language scores."""

HISTOGRAMS = {"lengths": "length", "words_each": "word", "tokens_each": "token"}
"""Histograms of document length, all with the same bins: key in the report, kind of count."""

SPLIT_ORDER = {"train": 0, "validation": 1, "test": 2}
"""The order of the splits; all others follow, by name."""

BYTES_PER_TOKEN = 4
"""About how many bytes of text a current tokenizer encodes as one token, in most languages."""

NAMES = ("language", "source", "publisher", "host", "content_kind")

PAIR_SEPARATOR = "\x1f"
"""Separates a language from a source where pairs of them are counted."""

COUNTED_NAMES = (*NAMES, "language_of_source")

CountKey = tuple[str, str, str]
"""(kind, split, key): `("month", "train", "2023-05")`."""


@dataclass(frozen=True)
class Statistics:
    """The statistics of some documents; `Statistics()` are those of none."""

    counts: Counter[CountKey] = field(default_factory=Counter)
    names: dict[str, NameCounts] = field(
        default_factory=lambda: {name: no_names() for name in COUNTED_NAMES}
    )
    sample: BottomK = field(default_factory=lambda: BottomK(SAMPLE_DOCUMENTS))
    longest: BottomK = field(default_factory=lambda: BottomK(EXTREME_DOCUMENTS))
    shortest: BottomK = field(default_factory=lambda: BottomK(EXTREME_DOCUMENTS))
    doubtful: BottomK = field(default_factory=lambda: BottomK(UNSURE_DOCUMENTS))
    least_confident: BottomK = field(default_factory=lambda: BottomK(UNSURE_DOCUMENTS))
    urls: Repeats = field(default_factory=Repeats)
    texts: Repeats | None = None
    """Repeated texts, if they are counted."""

    text_sample: TextSample = field(default_factory=TextSample)

    def merge(self, other: Statistics) -> Statistics:
        """Return the statistics of the documents of both."""
        counts = self.counts.copy()
        counts.update(other.counts)
        return Statistics(
            counts,
            {name: self.names[name].merge(other.names[name]) for name in COUNTED_NAMES},
            self.sample.merge(other.sample),
            self.longest.merge(other.longest),
            self.shortest.merge(other.shortest),
            self.doubtful.merge(other.doubtful),
            self.least_confident.merge(other.least_confident),
            self.urls.merge(other.urls),
            self.texts.merge(other.texts)
            if self.texts and other.texts
            else self.texts or other.texts,
            self.text_sample.merge(other.text_sample),
        )

    def to_json(self, close: SampleStatistics | None = None) -> Counts:
        """Return plain numbers and strings, with keys and rows in a fixed order.

        `close` are the `sample_statistics` of the text sample, if another process has them.
        """
        splits = {split: self._split(split) for split in self._splits()}
        totals = cast(
            "Totals",
            {key: sum(cast("Any", split)[key] for split in splits.values()) for key in MEASURES},
        )
        return {
            "format": FORMAT,
            **totals,
            "tokens": self._tokens(totals["bytes"], *splits),
            "splits": splits,
            "columns": self._columns(),
            "lengths": {"edges": list(LENGTH_EDGES), "bytes_a_token": BYTES_PER_TOKEN},
            "scores": {
                "edges": [bin / SCORE_BINS for bin in range(SCORE_BINS)],
                "doubtful": DOUBTFUL_SCORE,
            },
            "languages": self.names["language"].to_json(totals),
            "sources": self.names["source"].to_json(totals),
            "publishers": self.names["publisher"].to_json(totals),
            "hosts": self.names["host"].to_json(totals),
            "content_kinds": self.names["content_kind"].to_json(totals),
            "extraction": self._extraction(),
            "sample": cast("Documents", self.sample.to_json()),
            "longest": cast("Documents", self.longest.to_json()),
            "shortest": cast("Documents", self.shortest.to_json()),
            "unsure": cast("list[ScoredDocument]", self.doubtful.to_json()),
            "languages_of_sources": self._languages_of_sources(totals),
            "same": {
                "url": self.urls.to_json(),
                "text": self.texts.to_json() if self.texts else None,
            },
            "close": sample_statistics(self.text_sample) if close is None else close,
        }

    def _extraction(self) -> Extraction:
        """Return how confident `clean` is in its extractions, over all splits."""
        counts: Counter[tuple[str, str]] = Counter()
        for (kind, _, key), n in self.counts.items():
            counts[kind, key] += n
        return {
            "edges": [bin / SCORE_BINS for bin in range(SCORE_BINS)],
            "confidences": [counts["confidence", str(bin)] for bin in range(SCORE_BINS)],
            "unscored": counts["total", "not_extracted"],
            "doubtful_below": DOUBTFUL_CONFIDENCE,
            "doubtful": counts["total", "doubtful_extraction"],
            "lowest": cast("list[ScoredDocument]", self.least_confident.to_json()),
        }

    def _languages_of_sources(self, totals: Totals) -> list[LanguageOfSource]:
        """Return the number of documents of each source in each language, largest first."""
        rows: list[Any] = list(self.names["language_of_source"].to_json(totals)["rows"])
        pairs = [(*row.pop("name").split(PAIR_SEPARATOR, 1), row) for row in rows]
        named = [{"language": a, "source": b, **row} for a, b, row in pairs]
        return cast("list[LanguageOfSource]", named)

    def _splits(self) -> list[str]:
        splits = {split for kind, split, _ in self.counts if kind == "total"}
        return sorted(splits, key=lambda split: (SPLIT_ORDER.get(split, len(SPLIT_ORDER)), split))

    def _split(self, split: str) -> Split:
        counts = {(kind, key): n for (kind, where, key), n in self.counts.items() if where == split}
        months = {key: n for (kind, key), n in counts.items() if kind == "month" and n}
        report = {
            **{measure: counts.get(("total", measure), 0) for measure in MEASURES},
            "tokens": self._tokens(counts.get(("total", "bytes"), 0), split),
            **{
                key: [counts.get((kind, str(bin)), 0) for bin in range(len(LENGTH_EDGES))]
                for key, kind in HISTOGRAMS.items()
            },
            "scores": [counts.get(("score", str(bin)), 0) for bin in range(SCORE_BINS)],
            "unscored": counts.get(("total", "unscored"), 0),
            "confidences": [counts.get(("confidence", str(bin)), 0) for bin in range(SCORE_BINS)],
            "months": dict(sorted(months.items())),
            "undated": counts.get(("total", "undated"), 0),
            "implausible": counts.get(("total", "implausible"), 0),
        }
        return cast("Split", report)

    def _tokens(self, size: int, *splits: str) -> int:
        """Return the tokens of some splits with `size` bytes: counted, or else estimated."""
        counted = [self.counts.get(("total", split, "tokens")) for split in splits]
        known = [n for n in counted if n is not None]
        return sum(known) if known else size // BYTES_PER_TOKEN

    def _columns(self) -> list[Column]:
        """Return each column, with the number of documents whose value is null or empty.

        Columns without any value are left out: a build does not publish them.
        """
        filled: Counter[str] = Counter()
        documents = 0
        for (kind, _, key), n in self.counts.items():
            if kind == "filled":
                filled[key] += n
            documents += n if (kind, key) == ("total", "documents") else 0
        return [{"name": name, "missing": documents - filled[name]} for name in sorted(+filled)]
