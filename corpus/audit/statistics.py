"""What there is to count in a corpus, counted shard by shard and added up.

    found = measure(train, split="train", seed=17).merge(measure(test, split="test", seed=17))
    found.to_json()          # audit.json: every number on the audit page and the card

Adding is associative and commutative, and every choice of documents depends on their ids alone:
however a corpus is cut, and in whatever order its parts are counted, the JSON is the same. Memory
is bounded. No document is looked at from Python, but for the few that are quoted.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from corpus.audit.choice import Choice, choose, hashed
from corpus.audit.closely import closely
from corpus.audit.held import BUILD, Held, hold
from corpus.audit.measures import (
    LENGTHS,
    SCORES,
    dates_of,
    filled,
    hosts,
    length_bins,
    months,
    score_bins,
    undated,
    words,
)
from corpus.audit.repeats import Repeats, repeats
from corpus.audit.tally import MEASURES, Tally, nothing, tally
from corpus.buffers import texts
from corpus.documents import ID, TEXT, URL, optional

FORMAT = 1
"""The version of audit.json: it grows where a number changes its meaning or goes."""

DOUBTFUL = 0.8
"""A language with a score below this is in doubt: more than one in five of them may be wrong."""

SAMPLE, OUTLIERS, UNSURE = 20, 5, 10
"""Documents that are quoted: at random, as longest and as shortest, with the lowest scores."""

HISTOGRAMS = {"lengths": "length", "words_each": "word", "tokens_each": "token"}
"""What documents are long in: their histograms have the same bins."""

BATCH = 8 << 20
"""Bytes of text that are looked at together: what fits a processor's cache."""

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
            "tokens": totals["bytes"] // BYTES_A_TOKEN,
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
            "tokens": of.get(("total", "bytes"), 0) // BYTES_A_TOKEN,
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


def measure(
    documents: pa.Table | pa.RecordBatch,
    *,
    split: str,
    seed: int = 0,
    budget: int = BUILD,
    exactly: bool = False,
) -> Statistics:
    """Return what there is to count in these documents, which all are in this split.

    They need a column `text`, and should have `id`; the other columns of a document count where
    they are there. `seed` chooses which documents are quoted; `budget` is how many bytes of text
    are held for a close look; `exactly` looks for equal texts as well.
    """
    batches = [documents] if isinstance(documents, pa.RecordBatch) else documents.to_batches()
    parts = [part for batch in batches for part in _parts(batch)]
    measured = [_measured(part) for part in parts]
    found, hashes = Statistics(), list[NDArray[np.uint64]]()
    for part, rows in zip(parts, measured, strict=True):
        hashes.append(hashed(optional(part, ID, pa.string()), seed=seed))
        found = found.merge(_counted(part, rows, split, hashes[-1], exactly=exactly))
    if not parts:
        return found
    whole = pa.concat_tables(measured)
    return replace(
        found,
        names={name: tally(whole, name, split) for name in COUNTED},
        held=hold(parts, hashes, split=split, budget=budget),
    )


def _parts(documents: pa.RecordBatch) -> list[pa.RecordBatch]:
    """Cut a batch where another `BATCH` bytes of text are full."""
    _, offsets = texts(optional(documents, TEXT, pa.large_string()))
    steps = np.arange(offsets[0], offsets[-1], BATCH)
    cuts = np.unique([*np.searchsorted(offsets, steps).tolist(), 0, documents.num_rows])
    pairs = zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True)
    return [documents.slice(start, stop - start) for start, stop in pairs]


def _measured(documents: pa.RecordBatch) -> pa.Table:
    """Return the names and the measures of each document, one row for each."""
    text = optional(documents, TEXT, pa.large_string())
    score = optional(documents, "language_score", pa.float64())
    names = {name: optional(documents, name, pa.string()) for name in NAMES if name != "host"}
    names["language_of_source"] = pc.binary_join_element_wise(
        names["language"], names["source"], BETWEEN
    )
    measures = {
        "documents": pa.array(np.ones(len(text), np.int64)),
        "characters": pc.fill_null(pc.utf8_length(text), 0).cast(pa.int64()),
        "bytes": pc.fill_null(pc.binary_length(text), 0),
        "words": pa.array(words(text)),
        "doubtful": pc.fill_null(pc.less(score, DOUBTFUL), fill_value=False).cast(pa.int64()),
    }
    return pa.table({**names, "host": hosts(optional(documents, URL, pa.string())), **measures})


def _counted(
    documents: pa.RecordBatch,
    measured: pa.Table,
    split: str,
    hashes: NDArray[np.uint64],
    *,
    exactly: bool,
) -> Statistics:
    """Return everything but the tallies of names."""
    characters = measured["characters"].combine_chunks()
    score = optional(documents, "language_score", pa.float64())
    dates = dates_of(documents)
    totals = {key: pc.sum(measured[key]).as_py() or 0 for key in MEASURES}
    counts: Counter[Count] = Counter()
    for what, numbers in (
        ("total", totals | undated(dates) | {"unscored": score.null_count}),
        ("month", months(dates)),
        ("length", length_bins(characters)),
        ("word", length_bins(measured["words"].combine_chunks())),
        ("token", length_bins(pc.divide(measured["bytes"].combine_chunks(), BYTES_A_TOKEN))),
        ("score", score_bins(score)),
        ("filled", filled(documents)),
    ):
        counts.update({(what, split, which): n for which, n in numbers.items()})
    url = optional(documents, URL, pa.string())
    return replace(
        _quoted(documents, characters, hashes, split),
        counts=counts,
        urls=repeats(hashed(url, seed=0), pc.greater(pc.binary_length(url), 0), split),
        texts=_same(documents, split) if exactly else None,
    )


def _quoted(
    documents: pa.RecordBatch, characters: pa.Array, hashes: NDArray[np.uint64], split: str
) -> Statistics:
    """Return the documents to be quoted: the sample, the longest, the shortest, the doubtful."""
    lengths = characters.to_numpy().astype(np.int64)
    more = {"split": split, "characters": characters}
    score = optional(documents, "language_score", pa.float64())
    low = np.nan_to_num(pc.fill_null(score, 1.0).to_numpy(), nan=1.0)
    below = np.flatnonzero(low < DOUBTFUL)
    few = documents.take(pa.array(below))
    unsure = more | {"characters": characters.take(pa.array(below)), "score": score.take(below)}
    return Statistics(
        sample=choose(documents, hashes, hashes, size=SAMPLE, **more),
        longest=choose(documents, -lengths, hashes, size=OUTLIERS, **more),
        shortest=choose(documents, lengths, hashes, size=OUTLIERS, **more),
        doubtful=choose(
            few, (low[below] * 10**6).astype(np.int64), hashes[below], size=UNSURE, **unsure
        ),
    )


def _same(documents: pa.RecordBatch, split: str) -> Repeats:
    """Return how often each text stands, by a hash of it; empty ones are not counted."""
    text = optional(documents, TEXT, pa.large_string())
    data, offsets = texts(text)
    raw, bounds = data.data, offsets.tolist()
    digests = b"".join(
        hashlib.blake2b(raw[start:stop], digest_size=8).digest() for start, stop in pairwise(bounds)
    )
    hashes = np.frombuffer(digests, np.uint64)
    return repeats(hashes, pc.greater(pc.binary_length(text), 0), split)
