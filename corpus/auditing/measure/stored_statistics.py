"""Store statistics as JSON and Arrow data, and restore them: no pickles, no code.

numbers, tables = store(statistics)       # `numbers` is plain JSON
restore(numbers, tables) == statistics
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from corpus.auditing.measure.bottom_k import BottomK
from corpus.auditing.measure.name_counts import NameCounts
from corpus.auditing.measure.repeats import Repeats
from corpus.auditing.measure.statistics import Statistics
from corpus.auditing.measure.text_sample import TextSample

CHOICES = ("sample", "longest", "shortest", "doubtful", "least_confident")
"""The fields that are a choice of documents."""


def store(statistics: Statistics) -> tuple[dict[str, Any], dict[str, pa.Table]]:
    """Return statistics as plain numbers and strings, and tables by name."""
    tables = {f"names.{name}": counts.rows for name, counts in statistics.names.items()}
    numbers: dict[str, Any] = {
        "counts": [[*key, n] for key, n in statistics.counts.items()],
        "names": {
            name: [counts.max_names, counts.complete] for name, counts in statistics.names.items()
        },
    }
    for name in CHOICES:
        choice: BottomK = getattr(statistics, name)
        numbers[name] = [choice.size, choice.entries]
    for name in ("urls", "texts"):
        repeats: Repeats | None = getattr(statistics, name)
        if repeats is not None:
            tables[name] = repeats.rows
            numbers[name] = [repeats.max_values, repeats.complete]
    sample = statistics.text_sample
    tables["text_sample"] = sample.rows
    numbers["text_sample"] = [sample.max_bytes, sample.complete, sample.is_trimmed]
    return numbers, tables


def restore(numbers: Mapping[str, Any], tables: Mapping[str, pa.Table]) -> Statistics:
    """Return the statistics that `store` got; raises `KeyError`, `TypeError` or `ValueError`."""
    max_bytes, complete, is_trimmed = numbers["text_sample"]
    others: dict[str, Any] = {
        name: BottomK(numbers[name][0], tuple(tuple(entry) for entry in numbers[name][1]))
        for name in CHOICES
    }
    for name in ("urls", "texts"):
        if name in numbers:
            others[name] = Repeats(tables[name], *numbers[name])
    return Statistics(
        Counter({(kind, split, key): n for kind, split, key, n in numbers["counts"]}),
        {
            name: NameCounts(tables[f"names.{name}"], *settings)
            for name, settings in numbers["names"].items()
        },
        **others,
        text_sample=TextSample(max_bytes, tables["text_sample"], complete, is_trimmed),
    )
