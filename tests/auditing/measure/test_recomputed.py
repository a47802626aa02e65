"""Every number of an audit, counted again in plain Python."""

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
from corpus.auditing.measure.statistics import DOUBTFUL_CONFIDENCE, DOUBTFUL_SCORE
from corpus.words.definition import jaccard, shingles

WORDS = ["tide", "pilot", "buoy", "ferry", "harbour", "wall", "boat", "crew", "storm", "sheep"]
"""Words, the most frequent first."""

SCORE_EDGES = list(range(0, 100, 5))
"""The bins of scores, in hundredths."""

Row = dict[str, Any]


def make_rows(n: int, split: str, seed: int) -> list[Row]:
    """Return documents with all kinds of values and gaps, some of them duplicates."""
    generator = random.Random(seed)
    weights = [1 / (i + 1) for i in range(len(WORDS))]
    rows = []
    for i in range(n):
        text = " ".join(generator.choices(WORDS, weights, k=generator.randint(1, 90)))
        rows.append({
            "id": f"{split}-{i}",
            "text": f"{text}\nRead more here\n{text[::-1]}" if i % 3 else text,
            "title": f"Title {i}" if i % 2 else "",
            "publisher": generator.choice(["Wire", "Post", "Bell", None]),
            "url": f"https://www.{generator.choice('abc')}.example/{i % 9}" if i % 4 else None,
            "date": generator.choice(["2023-05-22", "2024-01-01", None]),
            "source": generator.choice(["one.jsonl", "two.jsonl"]),
            "language": generator.choice(["en", "de", None]),
            "language_score": generator.choice([0.11, 0.55, 0.97, None]),
            "content_kind": generator.choice(["article", "forum", None]),
            "clean_confidence": generator.choice([0.31, 0.69, 0.95, None]),
        })  # fmt: skip
    rows[1] |= {"text": rows[0]["text"]}
    rows[4] |= {"text": rows[3]["text"] + " and so on"}
    return rows


@pytest.fixture(scope="module")
def audited(tmp_path_factory) -> tuple[dict[str, list[Row]], dict[str, Any]]:
    """Return the documents by split, and their audit."""
    folder: Path = tmp_path_factory.mktemp("recomputed")
    rows = {"train": make_rows(50, "train", 1), "test": make_rows(12, "test", 2)}
    rows["test"][0] |= {"text": rows["train"][9]["text"]}
    for split, documents in rows.items():
        pq.write_table(pa.Table.from_pylist(documents), folder / f"{split}.parquet")
    return rows, json.loads(json.dumps(corpus.audit(folder).statistics))


def all_rows(rows: dict[str, list[Row]]) -> list[Row]:
    """Return the documents of all splits."""
    return [row | {"split": split} for split, documents in rows.items() for row in documents]


def totals(rows: list[Row]) -> dict[str, int]:
    """Return the totals of some documents."""
    return {
        "documents": len(rows),
        "characters": sum(len(row["text"]) for row in rows),
        "bytes": sum(len(row["text"].encode()) for row in rows),
        "words": sum(len(row["text"].split()) for row in rows),
        "doubtful": sum((row["language_score"] or 1) < DOUBTFUL_SCORE for row in rows),
    }


def histogram(values: list[int], edges: list[int]) -> list[int]:
    """Return a histogram."""
    bins = Counter(bisect.bisect_right(edges, value) - 1 for value in values)
    return [bins[i] for i in range(len(edges))]


def test_totals_and_splits_match(audited):
    """Totals, histograms, months and scores of each split match."""
    rows, audit = audited
    whole = totals(all_rows(rows))
    assert {key: audit[key] for key in whole} == whole
    assert audit["tokens"] == whole["bytes"] // 4
    edges = audit["lengths"]["edges"]
    for split, documents in rows.items():
        report = audit["splits"][split]
        expected = totals(documents)
        assert {key: report[key] for key in expected} == expected
        assert report["tokens"] == expected["bytes"] // 4
        texts = [row["text"] for row in documents]
        assert report["lengths"] == histogram([len(t) for t in texts], edges)
        assert report["words_each"] == histogram([len(t.split()) for t in texts], edges)
        assert report["tokens_each"] == histogram([len(t.encode()) // 4 for t in texts], edges)
        scores = [row["language_score"] for row in documents if row["language_score"] is not None]
        assert report["scores"] == histogram([int(100 * s) for s in scores], SCORE_EDGES)
        known = [row["clean_confidence"] for row in documents if row["clean_confidence"]]
        assert report["confidences"] == histogram([int(100 * c) for c in known], SCORE_EDGES)
        assert report["unscored"] == len(documents) - len(scores)
        assert report["months"] == Counter(row["date"][:7] for row in documents if row["date"])
        assert report["undated"] == sum(row["date"] is None for row in documents)
        assert report["implausible"] == 0
    missing = {row["name"]: row["missing"] for row in audit["columns"]}
    assert missing == {
        name: sum(not row[name] for row in all_rows(rows)) for name in rows["test"][0]
    }


@pytest.mark.parametrize("name", ["language", "source", "publisher", "host", "content_kind"])
def test_names_match(audited, name):
    """Documents by name, unknown names, and the concentration of names match."""
    rows, audit = audited
    documents = all_rows(rows)
    for row in documents:
        row["host"] = re.sub(r"https://([^/]*).*", r"\1", row["url"]) if row["url"] else None
    names = Counter(row[name] for row in documents if row[name])
    report = audit[f"{name}s"]
    assert (report["names"], report["exact"], report["others"]["documents"]) == (
        len(names),
        True,
        0,
    )
    for row in [*report["rows"], {"name": None, **report["unknown"]}]:
        named = [each for each in documents if each[name] == row["name"]]
        assert {key: row[key] for key in totals(named)} == totals(named)
        assert row["splits"] == Counter(each["split"] for each in named)
    whole = names.total()
    assert report["concentration"] == {
        "largest": round(max(names.values()) / whole, 4),
        "ten": 1.0,
        "effective": round(whole**2 / sum(n * n for n in names.values()), 2),
    }


def test_pairs_repeats_and_quoted_documents_match(audited):
    """Languages of sources, repeated URLs and texts, and the quoted documents match."""
    rows, audit = audited
    documents = all_rows(rows)
    pairs = Counter((row["language"], row["source"]) for row in documents if row["language"])
    report = audit["languages_of_sources"]
    assert {(row["language"], row["source"]): row["documents"] for row in report} == pairs
    for key in ("url", "text"):
        values = Counter(row[key] for row in documents if row[key])
        across = [v for v in values if len({r["split"] for r in documents if r[key] == v}) > 1]
        assert audit["same"][key] == {
            "exact": True,
            "values": len(values),
            "documents": values.total(),
            "repeated": values.total() - len(values),
            "largest": max(values.values()),
            "across_splits": len(across),
            "documents_across_splits": sum(values[v] for v in across),
        }
    lengths = sorted(len(row["text"]) for row in documents)
    assert [row["characters"] for row in audit["shortest"]] == lengths[:5]
    assert [row["characters"] for row in audit["longest"]] == lengths[:-6:-1]
    low = sorted(
        row["language_score"] for row in documents if (row["language_score"] or 1) < DOUBTFUL_SCORE
    )
    assert [row["score"] for row in audit["unsure"]] == low[:10]
    assert len({row["id"] for row in audit["sample"]}) == 20
    assert audit["unread"] == {"records": 0, "share": 0.0, "first": [], "skipped": []}
    assert set(audit["files"]) == {"parquet"}
    assert (audit["tokenizer"], audit["removals"]) == (None, None)


def test_the_confidence_in_extractions_matches(audited):
    """The confidences, the doubtful extractions, and the documents with the lowest match."""
    rows, audit = audited
    known = [row["clean_confidence"] for row in all_rows(rows) if row["clean_confidence"]]
    doubtful = sorted(confidence for confidence in known if confidence < DOUBTFUL_CONFIDENCE)
    report = audit["extraction"]
    assert report["edges"] == audit["scores"]["edges"]
    assert report["confidences"] == histogram([int(100 * c) for c in known], SCORE_EDGES)
    assert report["unscored"] == audit["documents"] - len(known)
    assert (report["doubtful_below"], report["doubtful"]) == (DOUBTFUL_CONFIDENCE, len(doubtful))
    assert [row["score"] for row in report["lowest"]] == doubtful[:10]


def test_words_match(audited):
    """Word frequencies, vocabulary growth and distinctive words match."""
    rows, audit = audited
    report = audit["close"]["words"]
    by_split = {
        split: " ".join(row["text"] for row in documents).split()
        for split, documents in rows.items()
    }
    words = Counter(by_split["train"]) + Counter(by_split["test"])
    ranked = sorted(words.values(), reverse=True)
    assert report["words"] == words.total()
    assert (report["distinct"], report["once"]) == (len(ranked), ranked.count(1))
    assert report["zipf"]["ranks"] == [
        [rank, ranked[rank - 1]] for rank, _ in report["zipf"]["ranks"]
    ]
    assert report["growth"][-1] == [words.total(), len(words)]
    here = Counter(by_split["test"])
    n, whole = here.total(), words.total()
    score = {}
    for word, total in words.items():
        mine, rest = here[word], total - here[word]
        expected = total * n / whole
        if total >= 5 and mine > expected:
            there = rest * math.log(rest / (total - expected)) if rest else 0
            score[word] = 2 * (mine * math.log(mine / expected) + there)
    best = sorted(score, key=lambda word: -round(score[word], 6))[:3]
    assert [row["text"] for row in report["telling"]["splits"]["test"]][:3] == best


def test_near_duplicates_and_leaks_match(audited):
    """Near duplicates and leaks match the exact Jaccard similarity of every pair."""
    rows, audit = audited
    documents = all_rows(rows)
    sets = [shingles(row["text"]) for row in documents]
    scores = {(a, b): jaccard(sets[a], sets[b]) for a, b in combinations(range(len(documents)), 2)}
    duplicates = {b for (_, b), score in scores.items() if score >= 0.8}
    leaks = {
        a
        for (a, b), score in scores.items()
        if score >= 0.5 and documents[a]["split"] == "train" and documents[b]["split"] == "test"
    }
    near = audit["near"]
    assert near["documents"] == 62
    assert (near["duplicates"], near["leaks"]) == (len(duplicates), len(leaks))
    assert 0 < near["clusters"] <= len(duplicates)
    assert sum(row["documents"] - 1 for row in near["largest"]) == len(duplicates)
    left = [score for score in scores.values() if score < 0.8]
    searched = [score for score in left if score >= 0.6]  # lower ones are not searched
    highest = max(searched, default=0.0)
    assert near["highest_left"] == pytest.approx(highest, abs=1e-6)


def test_every_key_of_the_report_is_tested(audited):
    """Every key of a report is counted here, or in another test that is named here."""
    _, audit = audited
    in_other_tests = {
        "format", "status", "checks",  # test_checks, test_schema
        "close", "topics",  # test_sample_statistics, test_removals
        "skipped",  # tests/pipeline/test_skipped_records
        "skipped_files",  # tests/pipeline/test_skipped_files
        "contamination",  # tests/pipeline/test_decontamination
        "redactions",  # tests/pipeline/test_redaction_ledger
        "mixture",  # tests/mixture
    }  # fmt: skip
    here = {
        "documents", "characters", "bytes", "words", "doubtful", "tokens", "splits", "columns",
        "lengths", "scores", "languages", "sources", "publishers", "hosts", "sample", "longest",
        "shortest", "unsure", "languages_of_sources", "same", "near", "unread", "files",
        "tokenizer", "removals", "content_kinds", "extraction",
    }  # fmt: skip
    assert set(audit) == here | in_other_tests
    assert set(audit["close"]) == {
        "documents", "bytes", "whole", "lines", "read", "words", "characters", "personal",
        "outliers",
    }  # fmt: skip
    assert audit["topics"]["documents"] == sum(c["documents"] for c in audit["topics"]["clusters"])
