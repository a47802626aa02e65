"""Measure the sample of texts: words, characters, repeated lines, personal data, outliers."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from corpus.auditing.measure.distinctive_words import distinctive_words
from corpus.auditing.measure.outliers import outliers
from corpus.auditing.measure.personal_data import personal_data
from corpus.auditing.measure.text_quality import character_statistics, repeated_lines
from corpus.auditing.measure.text_sample import TextSample
from corpus.auditing.measure.vocabulary import split_words, vocabulary
from corpus.auditing.report import SampleSize, SampleStatistics

MAX_WORD_BYTES = 4 << 20
"""Bytes of text that are read word by word; with more, the numbers would hardly change."""


def sample_statistics(sample: TextSample) -> SampleStatistics:
    """Return what is measured on a sample of the texts.

    `documents`, `bytes` and `whole` give the size of the sample in which repeated lines are
    counted, and whether it is the whole corpus. `read` gives the same for all other counts.
    """
    trimmed = sample.trimmed()
    part = TextSample(MAX_WORD_BYTES, trimmed.rows, trimmed.complete).trimmed()
    rows, text = part.rows, _array(part.rows["text"])
    words = split_words(text)
    return {
        **_size(trimmed),
        "lines": repeated_lines(_array(trimmed.rows["text"]), _array(trimmed.rows["source"])),
        "read": _size(part),
        "words": {
            **vocabulary(words),
            "telling": {
                "splits": distinctive_words(words, _array(rows["split"])),
                "languages": distinctive_words(words, _array(rows["language"])),
            },
        },
        "characters": character_statistics(text),
        "personal": personal_data(text),
        "outliers": outliers(rows, words),
    }


def _size(sample: TextSample) -> SampleSize:
    n = pc.sum(sample.rows["bytes"]).as_py() or 0
    return {"documents": sample.rows.num_rows, "bytes": n, "whole": sample.complete}


def _array(column: pa.ChunkedArray) -> pa.Array:
    """Return a column as one array."""
    combined = column.combine_chunks()
    return pa.concat_arrays(combined.chunks) if isinstance(combined, pa.ChunkedArray) else combined
