"""Count what is in some documents: one batch or table of a split, as `Statistics`.

    found = measure(train, split="train", seed=17).merge(measure(test, split="test", seed=17))

No document is looked at from Python, but for the few that are quoted.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from corpus.arrow_buffers import texts
from corpus.auditing.measure.bottom_k import choose, hashed
from corpus.auditing.measure.columns import (
    dates_of,
    filled,
    hosts,
    length_bins,
    months,
    score_bins,
    undated,
    words,
)
from corpus.auditing.measure.name_counts import MEASURES, tally
from corpus.auditing.measure.repeats import Repeats, repeats
from corpus.auditing.measure.statistics import (
    BETWEEN,
    BYTES_A_TOKEN,
    COUNTED,
    DOUBTFUL,
    NAMES,
    OUTLIERS,
    SAMPLE,
    UNSURE,
    Count,
    Statistics,
)
from corpus.auditing.measure.text_sample import BUILD, hold
from corpus.auditing.measure.tokens import Tokenizer
from corpus.documents import ID, TEXT, URL, optional

BATCH = 8 << 20
"""Bytes of text that are looked at together: what fits a processor's cache."""

CODE = 40
"""Characters of a language that are told beside a source: what is longer is no code of one."""


def measure(
    documents: pa.Table | pa.RecordBatch | Sequence[pa.RecordBatch],
    *,
    split: str,
    seed: int = 0,
    budget: int = BUILD,
    exactly: bool = False,
    tokenizer: Tokenizer | None = None,
) -> Statistics:
    """Return what there is to count in these documents, which all are in this split.

    They need a column `text`, and should have `id`; the other columns of a document count where
    they are there. `seed` chooses which documents are quoted; `budget` is how many bytes of text
    are held for a close look; `exactly` looks for equal texts as well;
    `tokenizer` counts tokens, which else are estimated.
    """
    batches = [documents] if isinstance(documents, pa.RecordBatch) else documents
    batches = batches.to_batches() if isinstance(batches, pa.Table) else batches
    parts = [part for batch in batches for part in _parts(batch)]
    measured = [_measured(part, tokenizer) for part in parts]
    found, hashes = Statistics(), list[NDArray[np.uint64]]()
    for part, rows in zip(parts, measured, strict=True):
        hashes.append(hashed(optional(part, ID, pa.string()), seed=seed))
        found = found.merge(_counted(part, rows, split, hashes[-1], exactly=exactly))
        if tokenizer is not None:
            tokens = pc.sum(rows["tokens"]).as_py() or 0
            found = found.merge(Statistics(Counter({("total", split, "tokens"): tokens})))
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


def _measured(documents: pa.RecordBatch, tokenizer: Tokenizer | None) -> pa.Table:
    """Return the names and the measures of each document, one row for each."""
    text = optional(documents, TEXT, pa.large_string())
    score = optional(documents, "language_score", pa.float64())
    names = {name: optional(documents, name, pa.string()) for name in NAMES if name != "host"}
    short = pc.replace_substring(pc.utf8_slice_codeunits(names["language"], 0, CODE), BETWEEN, "")
    names["language_of_source"] = pc.binary_join_element_wise(short, names["source"], BETWEEN)
    measures = {
        "documents": pa.array(np.ones(len(text), np.int64)),
        "characters": pc.fill_null(pc.utf8_length(text), 0).cast(pa.int64()),
        "bytes": pc.fill_null(pc.binary_length(text), 0),
        "words": pa.array(words(text)),
        "tokens": _tokens(text, tokenizer),
        "doubtful": pc.fill_null(pc.less(score, DOUBTFUL), fill_value=False).cast(pa.int64()),
    }
    return pa.table({**names, "host": hosts(optional(documents, URL, pa.string())), **measures})


def _tokens(text: pa.Array, tokenizer: Tokenizer | None) -> pa.Array:
    """Return the tokens of each text: counted, or estimated from its bytes."""
    if tokenizer is not None:
        return pa.array(tokenizer(text))
    return pc.divide(pc.fill_null(pc.binary_length(text), 0), BYTES_A_TOKEN)


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
        ("token", length_bins(measured["tokens"].combine_chunks())),
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
    # processors have instructions for SHA-256: thrice as fast as BLAKE2 on an article
    digests = b"".join(hashlib.sha256(raw[a:b]).digest() for a, b in pairwise(bounds))
    hashes = np.frombuffer(digests, np.uint64)[::4]
    return repeats(hashes, pc.greater(pc.binary_length(text), 0), split)
