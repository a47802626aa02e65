"""What there is to count in a corpus, counted shard by shard and added up.

    found = measure(train, split="train").merge(measure(test, split="test"))   # audit.counting
    found.to_json()          # audit.json: every number on the audit page and the card

Adding is associative and commutative, and every choice of documents depends on their ids alone:
however a corpus is cut, and in whatever order its parts are counted, the JSON is the same. Memory
is bounded. No document is looked at from Python, but for the few that are quoted.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from corpus.auditing.measure.bottom_k import Choice
from corpus.auditing.measure.columns import LENGTHS, SCORES
from corpus.auditing.measure.name_counts import MEASURES, Tally, nothing
from corpus.auditing.measure.repeats import Repeats
from corpus.auditing.measure.sample_statistics import closely
from corpus.auditing.measure.text_sample import Held

FORMAT = 1
"""The version of audit.json: it grows where a number changes its meaning or goes."""

DOUBTFUL = 0.8
"""A language with a score below this is in doubt: more than one in five of them may be wrong."""

SAMPLE, OUTLIERS, UNSURE = 20, 5, 10
"""Documents that are quoted: at random, as longest and as shortest, with the lowest scores."""

HISTOGRAMS = {"lengths": "length", "words_each": "word", "tokens_each": "token"}
"""What documents are long in: their histograms have the same bins."""

SPLITS = {"train": 0, "validation": 1, "test": 2}
"""The order in which splits are told; others come after, by name."""

BYTES_A_TOKEN = 4
"""Bytes of text for which a tokenizer of today needs a token, about, in most languages."""

NAMES = ("language", "source", "publisher", "host")

BETWEEN = "\x1f"
"""Stands between a language and a source where both are counted together."""

COUNTED = (*NAMES, "language_of_source")

Count = tuple[str, str, str]
"""(what, split, which): `("month", "train", "2023-05")`."""


@dataclass(frozen=True)
class Statistics:
    """What was counted in some documents; that of none is `Statistics()`."""

    counts: Counter[Count] = field(default_factory=Counter)
    names: dict[str, Tally] = field(default_factory=lambda: {name: nothing() for name in COUNTED})
    sample: Choice = field(default_factory=lambda: Choice(SAMPLE))
    longest: Choice = field(default_factory=lambda: Choice(OUTLIERS))
    shortest: Choice = field(default_factory=lambda: Choice(OUTLIERS))
    doubtful: Choice = field(default_factory=lambda: Choice(UNSURE))
    urls: Repeats = field(default_factory=Repeats)
    texts: Repeats | None = None
    """The very same texts, where they are looked for."""

    held: Held = field(default_factory=Held)

    def merge(self, other: Statistics) -> Statistics:
        """Return what was counted in the documents of both."""
        counts = self.counts.copy()
        counts.update(other.counts)
        return Statistics(
            counts,
            {name: self.names[name].merge(other.names[name]) for name in COUNTED},
            self.sample.merge(other.sample),
            self.longest.merge(other.longest),
            self.shortest.merge(other.shortest),
            self.doubtful.merge(other.doubtful),
            self.urls.merge(other.urls),
            self.texts.merge(other.texts)
            if self.texts and other.texts
            else self.texts or other.texts,
            self.held.merge(other.held),
        )

    def to_json(self) -> dict[str, Any]:
        """Return audit.json: plain numbers and strings, keys and rows in a fixed order."""
        splits = {split: self._split(split) for split in self._keys("total")}
        totals = {key: sum(split[key] for split in splits.values()) for key in MEASURES}
        return {
            "format": FORMAT,
            **totals,
            "tokens": self._tokens(totals["bytes"], *splits),
            "splits": splits,
            "columns": self._columns(),
            "lengths": {"edges": list(LENGTHS), "bytes_a_token": BYTES_A_TOKEN},
            "scores": {"edges": [bin / SCORES for bin in range(SCORES)], "doubtful": DOUBTFUL},
            **{f"{name}s": self.names[name].to_json(totals) for name in NAMES},
            "sample": self.sample.to_json(),
            "longest": self.longest.to_json(),
            "shortest": self.shortest.to_json(),
            "unsure": self.doubtful.to_json(),
            "languages_of_sources": self._languages_of_sources(totals),
            "same": {
                "url": self.urls.to_json(),
                "text": self.texts.to_json() if self.texts else None,
            },
            "close": closely(self.held),
        }

    def _languages_of_sources(self, totals: dict[str, int]) -> list[dict[str, Any]]:
        """Return how many documents of each source have each language, the commonest pairs."""
        found = self.names["language_of_source"].to_json(totals)["rows"]
        pairs = [(*row.pop("name").split(BETWEEN, 1), row) for row in found]
        return [{"language": a, "source": b, **row} for a, b, row in pairs]

    def _keys(self, what: str) -> list[str]:
        found = {split for said, split, _ in self.counts if said == what}
        return sorted(found, key=lambda split: (SPLITS.get(split, len(SPLITS)), split))

    def _split(self, split: str) -> dict[str, Any]:
        of = {(what, which): n for (what, where, which), n in self.counts.items() if where == split}
        months = {which: n for (what, which), n in of.items() if what == "month" and n}
        return {
            **{measure: of.get(("total", measure), 0) for measure in MEASURES},
            "tokens": self._tokens(of.get(("total", "bytes"), 0), split),
            **{
                key: [of.get((what, str(bin)), 0) for bin in range(len(LENGTHS))]
                for key, what in HISTOGRAMS.items()
            },
            "scores": [of.get(("score", str(bin)), 0) for bin in range(SCORES)],
            "unscored": of.get(("total", "unscored"), 0),
            "months": dict(sorted(months.items())),
            "undated": of.get(("total", "undated"), 0),
            "implausible": of.get(("total", "implausible"), 0),
        }

    def _tokens(self, size: int, *splits: str) -> int:
        """Return the tokens of some splits with `size` bytes: counted, or else estimated."""
        counted = [self.counts.get(("total", split, "tokens")) for split in splits]
        known = [n for n in counted if n is not None]
        return sum(known) if known else size // BYTES_A_TOKEN

    def _columns(self) -> list[dict[str, Any]]:
        """Return each column with how many documents have no value there: null, or empty.

        A column that no document fills is none: a build does not publish it.
        """
        filled: Counter[str] = Counter()
        documents = 0
        for (what, _, which), n in self.counts.items():
            if what == "filled":
                filled[which] += n
            documents += n if (what, which) == ("total", "documents") else 0
        return [{"name": name, "missing": documents - filled[name]} for name in sorted(+filled)]
