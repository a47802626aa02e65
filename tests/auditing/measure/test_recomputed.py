"""Every number of an audit, counted once more in plain Python."""

from __future__ import annotations

import bisect
import json
import math
import random
import re
from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import corpus
from corpus.auditing.measure.statistics import DOUBTFUL
from corpus.words.definition import jaccard, shingles

WORDS = ["tide", "pilot", "buoy", "ferry", "harbour", "wall", "boat", "crew", "storm", "sheep"]
"""Words of which the commonest come first."""

Row = dict[str, Any]


def made(n: int, split: str, seed: int) -> list[Row]:
    """Return documents that have something of everything, some of them twice."""
    chance = random.Random(seed)
    weights = [1 / (i + 1) for i in range(len(WORDS))]
    rows = []
    for i in range(n):
        said = " ".join(chance.choices(WORDS, weights, k=chance.randint(1, 90)))
        rows.append({
            "id": f"{split}-{i}",
            "text": f"{said}\nRead more here\n{said[::-1]}" if i % 3 else said,
            "title": f"Title {i}" if i % 2 else "",
            "publisher": chance.choice(["Wire", "Post", "Bell", None]),
            "url": f"https://www.{chance.choice('abc')}.example/{i % 9}" if i % 4 else None,
            "date": chance.choice(["2023-05-22", "2024-01-01", None]),
            "source": chance.choice(["one.jsonl", "two.jsonl"]),
            "language": chance.choice(["en", "de", None]),
            "language_score": chance.choice([0.11, 0.55, 0.97, None]),
        })  # fmt: skip
    rows[1] |= {"text": rows[0]["text"]}
    rows[4] |= {"text": rows[3]["text"] + " and so on"}
    return rows


@pytest.fixture(scope="module")
def found(tmp_path_factory) -> tuple[dict[str, list[Row]], dict[str, Any]]:
    """Return the documents by split, and their audit."""
    folder: Path = tmp_path_factory.mktemp("made")
    rows = {"train": made(50, "train", 1), "test": made(12, "test", 2)}
    rows["test"][0] |= {"text": rows["train"][9]["text"]}
    for split, held in rows.items():
        pq.write_table(pa.Table.from_pylist(held), folder / f"{split}.parquet")
    return rows, json.loads(json.dumps(corpus.audit(folder).statistics))


def every(rows: dict[str, list[Row]]) -> list[Row]:
    """Return the documents of all splits."""
    return [row | {"split": split} for split, held in rows.items() for row in held]


def measured(rows: list[Row]) -> dict[str, int]:
    """Return the measures of some documents."""
    return {
        "documents": len(rows),
        "characters": sum(len(row["text"]) for row in rows),
        "bytes": sum(len(row["text"].encode()) for row in rows),
        "words": sum(len(row["text"].split()) for row in rows),
        "doubtful": sum((row["language_score"] or 1) < DOUBTFUL for row in rows),
    }


def binned(values: list[int], edges: list[int]) -> list[int]:
    """Return a histogram."""
    bins = Counter(bisect.bisect_right(edges, value) - 1 for value in values)
    return [bins[i] for i in range(len(edges))]


def test_totals_and_splits(found):
    """Measures, histograms, months and scores, of each split and in all."""
    rows, audit = found
    whole = measured(every(rows))
    assert {key: audit[key] for key in whole} == whole
    assert audit["tokens"] == whole["bytes"] // 4
    edges = audit["lengths"]["edges"]
    for split, held in rows.items():
        told = audit["splits"][split]
        mine = measured(held)
        assert {key: told[key] for key in mine} == mine
        assert told["tokens"] == mine["bytes"] // 4
        texts = [row["text"] for row in held]
        assert told["lengths"] == binned([len(t) for t in texts], edges)
        assert told["words_each"] == binned([len(t.split()) for t in texts], edges)
        assert told["tokens_each"] == binned([len(t.encode()) // 4 for t in texts], edges)
        scores = [row["language_score"] for row in held if row["language_score"] is not None]
        assert told["scores"] == binned([int(100 * s) for s in scores], list(range(0, 100, 5)))
        assert told["unscored"] == len(held) - len(scores)
        assert told["months"] == Counter(row["date"][:7] for row in held if row["date"])
        assert told["undated"] == sum(row["date"] is None for row in held)
        assert told["implausible"] == 0
    missing = {row["name"]: row["missing"] for row in audit["columns"]}
    assert missing == {name: sum(not row[name] for row in every(rows)) for name in rows["test"][0]}


@pytest.mark.parametrize("name", ["language", "source", "publisher", "host"])
def test_names(found, name):
    """Names by documents, what is not known, and how concentrated they are."""
    rows, audit = found
    held = every(rows)
    for row in held:
        row["host"] = re.sub(r"https://([^/]*).*", r"\1", row["url"]) if row["url"] else None
    names = Counter(row[name] for row in held if row[name])
    told = audit[f"{name}s"]
    assert (told["names"], told["exact"], told["others"]["documents"]) == (len(names), True, 0)
    for row in [*told["rows"], {"name": None, **told["unknown"]}]:
        of = [one for one in held if one[name] == row["name"]]
        assert {key: row[key] for key in measured(of)} == measured(of)
        assert row["splits"] == Counter(one["split"] for one in of)
    whole = names.total()
    assert told["concentration"] == {
        "largest": round(max(names.values()) / whole, 4),
        "ten": 1.0,
        "effective": round(whole**2 / sum(n * n for n in names.values()), 2),
    }


def test_pairs_repeats_and_choices(found):
    """Languages by source; addresses and texts that repeat; who is quoted."""
    rows, audit = found
    held = every(rows)
    pairs = Counter((row["language"], row["source"]) for row in held if row["language"])
    told = audit["languages_of_sources"]
    assert {(row["language"], row["source"]): row["documents"] for row in told} == pairs
    for key in ("url", "text"):
        values = Counter(row[key] for row in held if row[key])
        across = [v for v in values if len({r["split"] for r in held if r[key] == v}) > 1]
        assert audit["same"][key] == {
            "exact": True,
            "values": len(values),
            "documents": values.total(),
            "repeated": values.total() - len(values),
            "largest": max(values.values()),
            "across_splits": len(across),
            "documents_across_splits": sum(values[v] for v in across),
        }
    lengths = sorted(len(row["text"]) for row in held)
    assert [row["characters"] for row in audit["shortest"]] == lengths[:5]
    assert [row["characters"] for row in audit["longest"]] == lengths[:-6:-1]
    low = sorted(row["language_score"] for row in held if (row["language_score"] or 1) < DOUBTFUL)
    assert [row["score"] for row in audit["unsure"]] == low[:10]
    assert len({row["id"] for row in audit["sample"]}) == 20
    assert audit["unread"] == {"records": 0, "share": 0.0, "first": [], "skipped": []}
    assert set(audit["files"]) == {"parquet"}
    assert (audit["tokenizer"], audit["removals"]) == (None, None)


def test_words(found):
    """Zipf, growth, and what sets the splits apart."""
    rows, audit = found
    told = audit["close"]["words"]
    said = {split: " ".join(row["text"] for row in held).split() for split, held in rows.items()}
    words = Counter(said["train"]) + Counter(said["test"])
    ranked = sorted(words.values(), reverse=True)
    assert told["words"] == words.total()
    assert (told["distinct"], told["once"]) == (len(ranked), ranked.count(1))
    assert told["zipf"]["ranks"] == [[rank, ranked[rank - 1]] for rank, _ in told["zipf"]["ranks"]]
    assert told["growth"][-1] == [words.total(), len(words)]
    here = Counter(said["test"])
    n, whole = here.total(), words.total()
    score = {}
    for word, total in words.items():
        mine, rest = here[word], total - here[word]
        expected = total * n / whole
        if total >= 5 and mine > expected:
            there = rest * math.log(rest / (total - expected)) if rest else 0
            score[word] = 2 * (mine * math.log(mine / expected) + there)
    best = sorted(score, key=lambda word: -round(score[word], 6))[:3]
    assert [row["text"] for row in told["telling"]["splits"]["test"]][:3] == best


def test_near_duplicates_and_leaks(found):
    """What is alike is what exact Jaccard of every pair says."""
    rows, audit = found
    held = every(rows)
    sets = [shingles(row["text"]) for row in held]
    scores = {(a, b): jaccard(sets[a], sets[b]) for a, b in combinations(range(len(held)), 2)}
    gone = {b for (_, b), score in scores.items() if score >= 0.8}
    leaks = {
        a
        for (a, b), score in scores.items()
        if score >= 0.5 and held[a]["split"] == "train" and held[b]["split"] == "test"
    }
    near = audit["near"]
    assert (near["documents"], near["duplicates"], near["leaks"]) == (62, len(gone), len(leaks))
    assert 0 < near["clusters"] <= len(gone)
    assert sum(row["documents"] - 1 for row in near["largest"]) == len(gone)
    left = [score for score in scores.values() if score < 0.8]
    highest = max((score for score in left if score >= 0.6), default=0.0)  # less is not looked for
    assert near["highest_left"] == pytest.approx(highest, abs=1e-6)


def test_nothing_is_forgotten(found):
    """Whatever stands in an audit is counted here, or in a test of its own that is named here."""
    _, audit = found
    reference_documents = {
        "format", "status", "checks",  # test_checks, test_schema
        "close", "topics",  # characters, lines, personal, outliers: test_close; test_removals
    }  # fmt: skip
    here = {
        "documents", "characters", "bytes", "words", "doubtful", "tokens", "splits", "columns",
        "lengths", "scores", "languages", "sources", "publishers", "hosts", "sample", "longest",
        "shortest", "unsure", "languages_of_sources", "same", "near", "unread", "files",
        "tokenizer", "removals",
    }  # fmt: skip
    assert set(audit) == here | reference_documents
    assert set(audit["close"]) == {
        "documents", "bytes", "whole", "lines", "read", "words", "characters", "personal",
        "outliers",
    }  # fmt: skip
    assert audit["topics"]["documents"] == sum(c["documents"] for c in audit["topics"]["clusters"])
