"""Statistics are correct, and the same however a corpus is split into parts."""

from __future__ import annotations

import datetime as dt
import json
import pickle
import random
from functools import reduce

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.auditing.measure import name_counts
from corpus.auditing.measure.columns import LENGTH_EDGES, hosts
from corpus.auditing.measure.counting import measure
from corpus.auditing.measure.statistics import SAMPLE_DOCUMENTS, Statistics
from corpus.stages.filter import Filter
from corpus.words.definition import words

UTC = dt.UTC

names = st.one_of(st.none(), st.sampled_from(["", "a", "b", "Straße", "<b>"]))
rows = st.fixed_dictionaries(
    {
        "text": st.one_of(st.none(), st.text(max_size=30)),
        "title": names,
        "publisher": names,
        "url": st.one_of(st.none(), st.sampled_from(["https://A.example/x", "mailto:a", "//b"])),
        "date": st.one_of(
            st.none(),
            st.datetimes(dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31)),  # noqa: DTZ001
        ),
        "source": st.sampled_from(["x.jsonl", "y.jsonl"]),
        "language": st.one_of(st.none(), st.sampled_from(["en", "no", "und"])),
        "language_score": st.one_of(st.none(), st.floats(0, 1)),
        "split": st.sampled_from(["train", "test"]),
    }
)
SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("text", pa.large_string()),
        ("title", pa.string()),
        ("publisher", pa.string()),
        ("url", pa.string()),
        ("date", pa.timestamp("us", "UTC")),
        ("source", pa.string()),
        ("language", pa.string()),
        ("language_score", pa.float64()),
    ]
)


def measure_rows(documents: list[dict[str, object]], *, seed: int = 0) -> Statistics:
    """Return the statistics of rows, measured split by split."""
    statistics = Statistics()
    for split in sorted({str(row["split"]) for row in documents}):
        part = [row for row in documents if row["split"] == split]
        table = pa.Table.from_pylist(part, SCHEMA)
        statistics = statistics.merge(measure(table, split=split, seed=seed))
    return statistics


def as_text(statistics: Statistics) -> str:
    """Return the statistics as they would be written to audit.json."""
    return json.dumps(statistics.to_json())


@settings(max_examples=40, deadline=None)
@given(documents=st.lists(rows, max_size=60), cut=st.integers(1, 20), seed=st.integers(0, 3))
def test_statistics_do_not_depend_on_parts_or_order(documents, cut, seed):
    """Any parts, merged in any order, give the same JSON as the whole corpus."""
    numbered = [{"id": f"doc-{i}", **row} for i, row in enumerate(documents)]
    whole = measure_rows(numbered, seed=seed)
    shuffled = random.Random(seed).sample(numbered, len(numbered))
    parts = [measure_rows(shuffled[i : i + cut], seed=seed) for i in range(0, len(shuffled), cut)]
    left = reduce(Statistics.merge, parts, Statistics())
    right = reduce(lambda a, b: b.merge(a), reversed(parts), Statistics())
    assert as_text(left) == as_text(whole) == as_text(right)


@settings(max_examples=40, deadline=None)
@given(documents=st.lists(rows, max_size=30))
def test_totals_match_plain_python(documents):
    """Documents, characters, bytes and words are what plain Python counts."""
    report = measure_rows([{"id": str(i), **row} for i, row in enumerate(documents)]).to_json()
    texts = [row["text"] or "" for row in documents]
    assert report["documents"] == len(texts)
    assert report["characters"] == sum(len(text) for text in texts)
    assert report["bytes"] == sum(len(text.encode()) for text in texts)
    assert report["words"] == sum(len(words(text)) for text in texts)


@settings(max_examples=30, deadline=None)
@given(documents=st.lists(rows, max_size=30))
def test_every_table_sums_to_the_corpus(documents):
    """Rows, others and unknown sum to the totals; bins and months sum to their split."""
    report = measure_rows([{"id": str(i), **row} for i, row in enumerate(documents)]).to_json()
    for table in ("languages", "sources", "publishers", "hosts"):
        for key in name_counts.MEASURES:
            listed = sum(row[key] for row in report[table]["rows"])
            rest = report[table]["others"][key] + report[table]["unknown"][key]
            assert listed + rest == report[key]
    for split in report["splits"].values():
        assert sum(split["lengths"]) == split["documents"]
        assert sum(split["scores"]) + split["unscored"] == split["documents"]
        dated = sum(split["months"].values()) + split["undated"] + split["implausible"]
        assert dated == split["documents"]


def test_a_known_batch_has_known_counts(documents):
    """The measures by split and by name are those of a batch counted by hand."""
    batch = documents(
        "one two",
        "",
        "三",
        publisher=["P", "P", None],
        url=["https://user@www.a.example:80/x?y", "http://[::1]/", None],
        date=[dt.datetime(2023, 5, 22, tzinfo=UTC), None, None],
        language=["en", "en", "zh"],
        language_score=[1.0, 0.2, 0.9],
    )
    report = measure(batch, split="train").to_json()
    assert report["splits"]["train"]["words"] == 3
    assert report["splits"]["train"]["months"] == {"2023-05": 1}
    assert report["splits"]["train"]["undated"] == 2
    assert report["publishers"]["rows"] == [
        {
            "name": "P",
            "documents": 2,
            "characters": 7,
            "bytes": 7,
            "words": 2,
            "doubtful": 1,
            "splits": {"train": 2},
        }
    ]
    assert [row["name"] for row in report["hosts"]["rows"]] == ["[::1]", "www.a.example"]
    assert {row["name"]: row["missing"] for row in report["columns"]}["text"] == 1
    assert report["longest"][0]["id"] == "doc-0"
    assert report["shortest"][0]["id"] == "doc-1"


def test_internal_columns_are_not_reported(documents):
    """Columns that begin with an underscore do not belong to the corpus."""
    report = measure(documents("a"), split="train").to_json()
    assert not [row for row in report["columns"] if row["name"].startswith("_")]


def test_beyond_the_limit_kept_names_are_exact_for_any_parts(documents):
    """With too many names, the same ones are kept for any parts, and all counts are right."""
    texts = ["x"] * 300
    publishers = [f"p{i % 100}" for i in range(300)]
    batch = documents(*texts, publisher=publishers)

    def count(batch: pa.RecordBatch) -> name_counts.NameCounts:
        ones = dict.fromkeys(name_counts.MEASURES, pa.array([1] * batch.num_rows))
        measured = pa.table({"publisher": batch.column("publisher"), **ones})
        return name_counts.count_names(measured, "publisher", "train", max_names=10)

    totals = dict.fromkeys(name_counts.MEASURES, 300)
    whole = count(batch).to_json(totals)
    parts = [count(batch.slice(start, 7)) for start in range(0, 300, 7)]
    merged = reduce(name_counts.NameCounts.merge, parts, name_counts.no_names(max_names=10))
    assert merged.to_json(totals) == whole
    assert not whole["exact"]
    assert len(whole["rows"]) == 10
    assert {row["documents"] for row in whole["rows"]} == {3}
    assert 30 < whole["names"] < 300
    assert whole["others"]["documents"] == 270


def test_the_names_with_the_most_documents_are_listed(documents):
    """If there are more names than rows, the largest are listed, equal ones by name."""
    publishers = [f"p{i:03}" for i in range(300)] + ["big"] * 2
    batch = documents(*["x"] * 302, publisher=publishers)
    table = measure(batch, split="train").to_json()["publishers"]
    assert [row["name"] for row in table["rows"][:3]] == ["big", "p000", "p001"]
    assert table["names"] == 301
    assert table["others"]["documents"] == 302 - sum(row["documents"] for row in table["rows"])


def test_the_sample_depends_only_on_the_seed_and_the_ids(documents):
    """The same seed quotes the same documents, another seed others."""
    texts = [f"text {i}" for i in range(200)]
    ids = [
        {row["id"] for row in measure(documents(*texts), split="a", seed=seed).to_json()["sample"]}
        for seed in (1, 1, 2)
    ]
    assert ids[0] == ids[1] != ids[2]
    assert len(ids[0]) == SAMPLE_DOCUMENTS


def test_every_document_is_equally_likely_to_be_quoted(documents):
    """Over many seeds, ids that differ in one digit are quoted about equally often."""
    texts = ["x"] * 100
    quoted = dict.fromkeys((f"doc-{i}" for i in range(100)), 0)
    for seed in range(100):
        for row in measure(documents(*texts), split="a", seed=seed).sample.to_json():
            quoted[row["id"]] += 1
    assert 5 <= min(quoted.values()) <= max(quoted.values()) <= 45


def test_a_large_batch_is_measured_in_slices_with_the_same_result(documents, monkeypatch):
    """Slicing a batch by its bytes changes nothing."""
    batch = documents(*[f"word {i} " * i for i in range(50)], None, "")
    whole = measure(batch, split="a").to_json()
    monkeypatch.setattr("corpus.auditing.measure.counting.SLICE_BYTES", 100)
    assert measure(batch, split="a").to_json() == whole
    sliced = pa.Table.from_batches([batch.slice(0, 20), batch.slice(20)])
    assert measure(sliced, split="a").to_json() == whole


def test_characters_of_scripts_without_spaces_are_words(documents):
    """The audit counts the same words as the stage `filter`: each Chinese character is one."""
    batch = documents("北京大学 12", "don't")
    assert measure(batch, split="a").to_json()["words"] == 5 + 2
    removed = Filter.model_validate({"words": {"max": 0}}).apply(batch)
    assert removed["_evidence"].to_pylist() == ["5", "2"]


def test_hosts_are_taken_from_urls_only():
    """A host is lower case, without user or port; a URL without a host has none."""
    urls = ["HTTPS://U:p@WWW.Example.ORG:8080/a", "mailto:x@y", "/a/b", None, "http://a?b"]
    assert hosts(pa.array(urls)).to_pylist() == ["www.example.org", None, None, None, "a"]


def test_the_edges_of_the_length_bins_ascend():
    """The lower edges of the bins of length are distinct and ascending."""
    assert list(LENGTH_EDGES) == sorted(set(LENGTH_EDGES))


def test_dates_outside_the_calendar_are_implausible(documents):
    """A date far outside the calendar has no month and is counted as implausible."""
    batch = documents("a", "b")
    far = pa.array([2**62, 0], pa.int64()).cast(pa.timestamp("us", "UTC"))
    batch = batch.set_column(batch.schema.get_field_index("date"), "date", far)
    split = measure(batch, split="a").to_json()["splits"]["a"]
    assert (split["implausible"], split["months"]) == (1, {"1970-01": 1})


def test_statistics_do_not_keep_the_texts_that_they_were_made_from():
    """The sample has the beginning of a large text, and nothing of its neighbours."""
    table = pa.table({"id": ["a", "b"], "text": ["words " * 900_000, "short text"]})
    statistics = measure(table.combine_chunks(), split="train")
    assert statistics.text_sample.rows["id"].to_pylist() == ["a", "b"]
    assert len(pickle.dumps(statistics)) < 200_000
