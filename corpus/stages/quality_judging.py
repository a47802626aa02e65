"""Mark documents whose signals are outside the bounds of a rule."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpus.arrow_buffers import number_column
from corpus.documents import LANGUAGE, optional, reasons, remove
from corpus.signals.fineweb2 import LANGUAGES
from corpus.signals.names import STOP_WORDS_BY_LANGUAGE, column_name
from corpus.sources.columns.observation import Column
from corpus.stages.quality_rules import RuleInUse
from corpus.terminal import format_bound, format_number

OBSERVED_LANGUAGE = Column(name=LANGUAGE, kind="text")
"""The language of a document before this stage."""


def languages_of(measured: pa.RecordBatch) -> pa.Array:
    """Return the language that an earlier stage decided, or else the observed one."""
    observed = optional(measured, OBSERVED_LANGUAGE.column, pa.string())
    return pc.coalesce(optional(measured, LANGUAGE, pa.string()), observed)


def rows_in(
    measured: pa.RecordBatch, languages: tuple[str, ...] | None
) -> pa.Array | pa.Scalar | None:
    """Return which rows are in one of these languages; None if no row is."""
    if languages is None:
        return pa.scalar(True)
    where = pc.is_in(languages_of(measured), pa.array(languages, pa.string()))
    return where if pc.any(where).as_py() else None


def mark_broken(
    measured: pa.RecordBatch, each: RuleInUse, where: pa.Array | pa.Scalar
) -> pa.RecordBatch:
    """Return the measurements; those at `where` that break the rule are marked.

    The evidence has the signal, its value and the bound; the score is the value.
    """
    values = _values(measured, each.rule.signal)
    for bound, broken, side in (
        (each.rule.min, pc.less, "at least"),
        (each.rule.max, pc.greater, "at most"),
    ):
        if bound is None:
            continue
        out = pc.and_(pc.fill_null(broken(values, bound), fill_value=False), where)
        out = pc.and_(out, pc.is_null(reasons(measured)))  # the others keep their evidence
        if not pc.any(out).as_py():
            continue
        evidence = evidence_of(each.rule.signal, values, out, bound=bound, side=side)
        measured = remove(measured, out, because=each.reason, evidence=evidence, score=values)
    return measured


def evidence_of(name: str, values: pa.Array, out: pa.Array, *, bound: float, side: str) -> pa.Array:
    """Return the evidence of the rows at `out`: `words=3, at least 50`; null for the others."""
    encoded = values.filter(out).dictionary_encode()  # many documents have the same value
    texts = [
        f"{name}={format_number(value, (bound,))}, {side} {format_bound(bound)}"
        for value in encoded.dictionary.to_pylist()
    ]
    evidence = pa.array(texts, pa.string()).take(encoded.indices)
    return pc.replace_with_mask(pa.nulls(len(out), pa.string()), out, evidence)


def _values(measured: pa.RecordBatch, signal: str) -> pa.Array:
    """Return the values of a signal, as numbers."""
    name, _, language = signal.partition("_fineweb2_")
    if name != "stop_words" or not language:
        return measured.column(column_name(signal))
    packed = measured.column(column_name(STOP_WORDS_BY_LANGUAGE))
    counts = np.frombuffer(packed.buffers()[1], np.uint8).reshape(-1, len(LANGUAGES))
    rows = counts[packed.offset : packed.offset + len(packed)]
    return number_column(rows[:, LANGUAGES.index(language)].astype(np.int64))
