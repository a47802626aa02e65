"""Statistics on disk: restored, they are what they were."""

from __future__ import annotations

import json

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from corpus.auditing.measure.counting import measure
from corpus.auditing.measure.statistics import Statistics
from corpus.auditing.measure.stored_statistics import restore, store

documents = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.text(min_size=1, max_size=8),
            "text": st.text(max_size=60),
            "url": st.none() | st.sampled_from(["https://a.example/1", "https://b.example/2"]),
            "language": st.none() | st.sampled_from(["de", "en"]),
            "language_score": st.none() | st.floats(0, 1),
            "source": st.sampled_from(["a", "b"]),
        }
    ),
    min_size=1,
    max_size=9,
)
SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("id", "url", "language", "source")),
        ("text", pa.large_string()),
        ("language_score", pa.float64()),
    ]
)


def measured(rows, **options):
    """Return the statistics of these documents."""
    return measure(pa.Table.from_pylist(rows, SCHEMA), split="train", **options)


def stored(statistics):
    """Return statistics that were written as JSON and read again."""
    numbers, tables = store(statistics)
    return restore(json.loads(json.dumps(numbers)), tables)


@given(documents, documents, st.booleans())
def test_restored_statistics_are_those_that_were_stored(one, two, compare):
    """Their report is the same, and so is what they are merged to with others."""
    first, second = (measured(rows, compare_texts=compare) for rows in (one, two))
    assert stored(first).to_json() == first.to_json()
    assert stored(first).merge(stored(second)).to_json() == first.merge(second).to_json()
    assert stored(stored(first)) == stored(first)


def test_the_statistics_of_nothing_are_stored():
    """As those of a partition without a kept document."""
    assert stored(Statistics()).to_json() == Statistics().to_json()
