"""Count what is in some documents of one split, and return it as `Statistics`.

    measure(train, split="train", seed=17).merge(measure(test, split="test", seed=17))

No document is read in Python, except the few that are quoted.
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
from corpus.auditing.measure.bottom_k import BottomK, bottom_k, hash_strings
from corpus.auditing.measure.columns import (
    documents_by_month,
    filled_counts,
    hosts,
    length_histogram,
    parse_dates,
    score_histogram,
    undated_counts,
)
from corpus.auditing.measure.name_counts import MEASURES, count_names
from corpus.auditing.measure.repeats import Repeats, count_repeats
from corpus.auditing.measure.statistics import (
    BYTES_PER_TOKEN,
    COUNTED_NAMES,
    DOUBTFUL_CONFIDENCE,
    DOUBTFUL_SCORE,
    EXTREME_DOCUMENTS,
    NAMES,
    PAIR_SEPARATOR,
    SAMPLE_DOCUMENTS,
    UNSURE_DOCUMENTS,
    CountKey,
    Statistics,
)
from corpus.auditing.measure.text_sample import BUILD_SAMPLE_BYTES, sample_texts
from corpus.documents import ID, TEXT, URL, optional
from corpus.tokens.tokenizer import Tokenizer

SLICE_BYTES = 8 << 20
"""Bytes of text that are measured together: about what fits into a processor's cache."""

MAX_LANGUAGE_CHARACTERS = 40
"""Maximum length of a language in the counts by source. A longer value is not a language code."""


def measure(
    documents: pa.Table | pa.RecordBatch | Sequence[pa.RecordBatch],
    *,
    split: str,
    seed: int = 0,
    sample_bytes: int = BUILD_SAMPLE_BYTES,
    compare_texts: bool = False,
    tokenizer: Tokenizer | None = None,
    token_column: str | None = None,
) -> Statistics:
    """Return the statistics of some documents, all of them in one split.

    The documents need a column `text`, and should have `id`; other columns are optional. `seed`
    chooses the documents that are quoted. `sample_bytes` limits the sample of texts.
    `compare_texts` also counts equal texts. `tokenizer` counts tokens, or they
    are in the column `token_column`; without both they are estimated.
    """
    batches = [documents] if isinstance(documents, pa.RecordBatch) else documents
    batches = batches.to_batches() if isinstance(batches, pa.Table) else batches
    parts = [part for batch in batches for part in _slices(batch)]
    measured = [_measure_each(part, tokenizer, token_column) for part in parts]
    statistics, hashes = Statistics(), list[NDArray[np.uint64]]()
    for part, rows in zip(parts, measured, strict=True):
        hashes.append(hash_strings(optional(part, ID, pa.string()), seed=seed))
        counts = _count(part, rows, split, hashes[-1], compare_texts=compare_texts)
        statistics = statistics.merge(counts)
        if tokenizer is not None or token_column is not None:
            tokens = pc.sum(rows["tokens"]).as_py() or 0
            statistics = statistics.merge(Statistics(Counter({("total", split, "tokens"): tokens})))
    if not parts:
        return statistics
    rows = pa.concat_tables(measured)
    return replace(
        statistics,
        names={name: count_names(rows, name, split) for name in COUNTED_NAMES},
        text_sample=sample_texts(parts, hashes, split=split, max_bytes=sample_bytes),
    )


def _slices(documents: pa.RecordBatch) -> list[pa.RecordBatch]:
    """Cut a batch into slices of about `SLICE_BYTES` bytes of text."""
    _, offsets = texts(optional(documents, TEXT, pa.large_string()))
    steps = np.arange(offsets[0], offsets[-1], SLICE_BYTES)
    cuts = np.unique([*np.searchsorted(offsets, steps).tolist(), 0, documents.num_rows])
    pairs = zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True)
    return [documents.slice(start, stop - start) for start, stop in pairs]


def _measure_each(
    documents: pa.RecordBatch, tokenizer: Tokenizer | None, token_column: str | None
) -> pa.Table:
    """Return the names and measures of each document, one row per document."""
    from corpus.words.count import count_words

    text = optional(documents, TEXT, pa.large_string())
    score = optional(documents, "language_score", pa.float64())
    names = {name: optional(documents, name, pa.string()) for name in NAMES if name != "host"}
    code = pc.utf8_slice_codeunits(names["language"], 0, MAX_LANGUAGE_CHARACTERS)
    code = pc.replace_substring(code, PAIR_SEPARATOR, "")
    names["language_of_source"] = pc.binary_join_element_wise(code, names["source"], PAIR_SEPARATOR)
    doubtful = pc.fill_null(pc.less(score, DOUBTFUL_SCORE), fill_value=False)
    measures = {
        "documents": pa.array(np.ones(len(text), np.int64)),
        "characters": pc.fill_null(pc.utf8_length(text), 0).cast(pa.int64()),
        "bytes": pc.fill_null(pc.binary_length(text), 0),
        "words": pa.array(count_words(text)),
        "tokens": _token_counts(text, tokenizer)
        if token_column is None
        else optional(documents, token_column, pa.int64()).fill_null(0),
        "doubtful": doubtful.cast(pa.int64()),
    }
    return pa.table({**names, "host": hosts(optional(documents, URL, pa.string())), **measures})


def _token_counts(text: pa.Array, tokenizer: Tokenizer | None) -> pa.Array:
    """Return the number of tokens of each text: counted, or estimated from its bytes."""
    if tokenizer is not None:
        return pa.array(tokenizer(text))
    return pc.divide(pc.fill_null(pc.binary_length(text), 0), BYTES_PER_TOKEN)


def _count(
    documents: pa.RecordBatch,
    measured: pa.Table,
    split: str,
    hashes: NDArray[np.uint64],
    *,
    compare_texts: bool,
) -> Statistics:
    """Return all statistics except the counts by name."""
    characters = measured["characters"].combine_chunks()
    score = optional(documents, "language_score", pa.float64())
    confidence = optional(documents, "clean_confidence", pa.float64())
    dates = parse_dates(documents)
    totals = {key: pc.sum(measured[key]).as_py() or 0 for key in MEASURES}
    counts: Counter[CountKey] = Counter()
    for kind, numbers in (
        ("total", totals | undated_counts(dates) | {"unscored": score.null_count}),
        ("total", _extraction_counts(confidence)),
        ("month", documents_by_month(dates)),
        ("length", length_histogram(characters)),
        ("word", length_histogram(measured["words"].combine_chunks())),
        ("token", length_histogram(measured["tokens"].combine_chunks())),
        ("score", score_histogram(score)),
        ("confidence", score_histogram(confidence)),
        ("filled", filled_counts(documents)),
    ):
        counts.update({(kind, split, key): n for key, n in numbers.items()})
    url = optional(documents, URL, pa.string())
    return replace(
        _choose_quoted(documents, characters, hashes, split),
        counts=counts,
        urls=count_repeats(hash_strings(url, seed=0), pc.greater(pc.binary_length(url), 0), split),
        texts=_equal_texts(documents, split) if compare_texts else None,
    )


def _extraction_counts(confidence: pa.Array) -> dict[str, int]:
    """Return how many documents were not extracted, and how many extractions are doubtful."""
    doubtful = pc.sum(pc.less(confidence, DOUBTFUL_CONFIDENCE)).as_py() or 0
    return {"not_extracted": confidence.null_count, "doubtful_extraction": doubtful}


def _choose_quoted(
    documents: pa.RecordBatch, characters: pa.Array, hashes: NDArray[np.uint64], split: str
) -> Statistics:
    """Return the documents to quote: a sample, the longest, the shortest, the doubtful."""
    lengths = characters.to_numpy().astype(np.int64)
    fields = {"split": split, "characters": characters}

    def lowest(name: str, limit: float) -> BottomK:
        """Return the documents with the lowest values of a column, below a limit."""
        score = optional(documents, name, pa.float64())
        filled = np.nan_to_num(pc.fill_null(score, 1.0).to_numpy(), nan=1.0)
        low = np.flatnonzero(filled < limit)
        rows = pa.array(low)
        own = fields | {"characters": characters.take(rows), "score": score.take(rows)}
        keys = (filled[low] * 10**6).astype(np.int64)
        return bottom_k(documents.take(rows), keys, hashes[low], size=UNSURE_DOCUMENTS, **own)

    return Statistics(
        sample=bottom_k(documents, hashes, hashes, size=SAMPLE_DOCUMENTS, **fields),
        longest=bottom_k(documents, -lengths, hashes, size=EXTREME_DOCUMENTS, **fields),
        shortest=bottom_k(documents, lengths, hashes, size=EXTREME_DOCUMENTS, **fields),
        doubtful=lowest("language_score", DOUBTFUL_SCORE),
        least_confident=lowest("clean_confidence", DOUBTFUL_CONFIDENCE),
    )


def _equal_texts(documents: pa.RecordBatch, split: str) -> Repeats:
    """Return how often each text occurs, by a hash of it; empty texts are not counted."""
    text = optional(documents, TEXT, pa.large_string())
    data, offsets = texts(text)
    raw, bounds = data.data, offsets.tolist()
    # Processors have instructions for SHA-256: it is three times as fast as BLAKE2 on an article.
    digests = b"".join(hashlib.sha256(raw[a:b]).digest() for a, b in pairwise(bounds))
    hashes = np.frombuffer(digests, np.uint64)[::4]
    return count_repeats(hashes, pc.greater(pc.binary_length(text), 0), split)
