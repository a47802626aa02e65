"""Statistics are the same however a corpus is cut, and right."""

from __future__ import annotations

import datetime as dt
import json
import random
from functools import reduce

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.auditing.measure import name_counts as tallies
from corpus.auditing.measure.columns import LENGTHS, hosts, words
from corpus.auditing.measure.counting import measure
from corpus.auditing.measure.statistics import SAMPLE, Statistics

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


def counted(documents: list[dict[str, object]], *, seed: int = 0) -> Statistics:
    """Count rows, split by split."""
    found = Statistics()
    for split in sorted({str(row["split"]) for row in documents}):
        of = [row for row in documents if row["split"] == split]
        found = found.merge(measure(pa.Table.from_pylist(of, SCHEMA), split=split, seed=seed))
    return found


def as_text(found: Statistics) -> str:
    """Return audit.json as it would be written."""
    return json.dumps(found.to_json())


@settings(max_examples=40, deadline=None)
@given(documents=st.lists(rows, max_size=60), cut=st.integers(1, 20), seed=st.integers(0, 3))
def test_the_statistics_do_not_depend_on_how_the_corpus_is_cut_or_ordered(documents, cut, seed):
    """Any parts in any order, added up in any order, give the same JSON as the whole."""
    numbered = [{"id": f"doc-{i}", **row} for i, row in enumerate(documents)]
    whole = counted(numbered, seed=seed)
    shuffled = random.Random(seed).sample(numbered, len(numbered))
    parts = [counted(shuffled[i : i + cut], seed=seed) for i in range(0, len(shuffled), cut)]
    left = reduce(Statistics.merge, parts, Statistics())
    right = reduce(lambda a, b: b.merge(a), reversed(parts), Statistics())
    assert as_text(left) == as_text(whole) == as_text(right)


@settings(max_examples=40, deadline=None)
@given(documents=st.lists(rows, max_size=30))
def test_the_totals_are_those_of_plain_python(documents):
    """Documents, characters, bytes and words are what one would count by hand."""
    found = counted([{"id": str(i), **row} for i, row in enumerate(documents)]).to_json()
    texts = [row["text"] or "" for row in documents]
    assert found["documents"] == len(texts)
    assert found["characters"] == sum(len(text) for text in texts)
    assert found["bytes"] == sum(len(text.encode()) for text in texts)
    white = dict.fromkeys(range(0x21), " ")
    assert found["words"] == sum(len(text.translate(white).split(" ")) for text in texts) - sum(
        text.translate(white).split(" ").count("") for text in texts
    )


@settings(max_examples=30, deadline=None)
@given(documents=st.lists(rows, max_size=30))
def test_every_table_sums_to_the_whole(documents):
    """Names told, others and unknown sum to the totals; bins and months sum to their split."""
    found = counted([{"id": str(i), **row} for i, row in enumerate(documents)]).to_json()
    for table in ("languages", "sources", "publishers", "hosts"):
        for key in tallies.MEASURES:
            told = sum(row[key] for row in found[table]["rows"])
            rest = found[table]["others"][key] + found[table]["unknown"][key]
            assert told + rest == found[key]
    for split in found["splits"].values():
        assert sum(split["lengths"]) == split["documents"]
        assert sum(split["scores"]) + split["unscored"] == split["documents"]
        dated = sum(split["months"].values()) + split["undated"] + split["implausible"]
        assert dated == split["documents"]


def test_the_measures_are_told_by_split_and_name(documents):
    """A known batch gives known counts."""
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
    found = measure(batch, split="train").to_json()
    assert found["splits"]["train"]["words"] == 3
    assert found["splits"]["train"]["months"] == {"2023-05": 1}
    assert found["splits"]["train"]["undated"] == 2
    assert found["publishers"]["rows"] == [
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
    assert [row["name"] for row in found["hosts"]["rows"]] == ["[::1]", "www.a.example"]
    assert {row["name"]: row["missing"] for row in found["columns"]}["text"] == 1
    assert found["longest"][0]["id"] == "doc-0"
    assert found["shortest"][0]["id"] == "doc-1"


def test_a_few_hundred_columns_and_internal_ones_are_told_apart(documents):
    """Columns of the run, which begin with an underscore, are not columns of the corpus."""
    found = measure(documents("a"), split="train").to_json()
    assert not [row for row in found["columns"] if row["name"].startswith("_")]


def test_past_the_limit_what_is_told_is_still_exact_and_independent_of_the_cut(documents):
    """With too many names some go, the same whatever the cut; the others' counts are right."""
    texts = ["x"] * 300
    publishers = [f"p{i % 100}" for i in range(300)]
    batch = documents(*texts, publisher=publishers)

    def count(batch: pa.RecordBatch) -> tallies.Tally:
        ones = dict.fromkeys(tallies.MEASURES, pa.array([1] * batch.num_rows))
        measured = pa.table({"publisher": batch.column("publisher"), **ones})
        return tallies.tally(measured, "publisher", "train", kept=10)

    totals = dict.fromkeys(tallies.MEASURES, 300)
    whole = count(batch).to_json(totals)
    parts = [count(batch.slice(start, 7)) for start in range(0, 300, 7)]
    assert reduce(tallies.Tally.merge, parts, tallies.nothing(kept=10)).to_json(totals) == whole
    assert not whole["exact"]
    assert len(whole["rows"]) == 10
    assert {row["documents"] for row in whole["rows"]} == {3}
    assert 30 < whole["names"] < 300
    assert whole["others"]["documents"] == 270


def test_many_names_are_told_by_their_documents(documents):
    """Of more names than are told, those with the most documents are, equal ones by name."""
    publishers = [f"p{i:03}" for i in range(300)] + ["big"] * 2
    batch = documents(*["x"] * 302, publisher=publishers)
    found = measure(batch, split="train").to_json()["publishers"]
    assert [row["name"] for row in found["rows"][:3]] == ["big", "p000", "p001"]
    assert found["names"] == 301
    assert found["others"]["documents"] == 302 - sum(row["documents"] for row in found["rows"])


def test_the_sample_depends_on_the_seed_and_the_ids_alone(documents):
    """Another seed quotes other documents; the same quotes the same."""
    texts = [f"text {i}" for i in range(200)]
    ids = [
        {
            found["id"]
            for found in measure(documents(*texts), split="a", seed=seed).to_json()["sample"]
        }
        for seed in (1, 1, 2)
    ]
    assert ids[0] == ids[1] != ids[2]
    assert len(ids[0]) == SAMPLE


def test_every_document_is_as_likely_to_be_quoted(documents):
    """Over many seeds, ids that differ in one digit are quoted about equally often."""
    texts = ["x"] * 100
    quoted = dict.fromkeys((f"doc-{i}" for i in range(100)), 0)
    for seed in range(100):
        for found in measure(documents(*texts), split="a", seed=seed).sample.to_json():
            quoted[found["id"]] += 1
    assert 5 <= min(quoted.values()) <= max(quoted.values()) <= 45


def test_a_long_batch_is_measured_in_parts_with_the_same_result(documents, monkeypatch):
    """Cutting a batch by its bytes changes nothing."""
    batch = documents(*[f"word {i} " * i for i in range(50)], None, "")
    whole = measure(batch, split="a").to_json()
    monkeypatch.setattr("corpus.auditing.measure.counting.BATCH", 100)
    assert measure(batch, split="a").to_json() == whole
    sliced = pa.Table.from_batches([batch.slice(0, 20), batch.slice(20)])
    assert measure(sliced, split="a").to_json() == whole


@pytest.mark.parametrize(
    ("text", "expected"), [("", 0), (" ", 0), ("a", 1), (" a\tb\nc ", 3), ("été là", 2), (None, 0)]
)
def test_words_are_runs_between_white_space(text, expected):
    """A run of characters between white space is a word."""
    assert words(pa.array(["z", text, "y z"], pa.large_string())).tolist() == [1, expected, 2]


def test_hosts_are_found_in_urls_and_nothing_else():
    """A URL without a host has none; a host is lower case, without user or port."""
    urls = ["HTTPS://U:p@WWW.Example.ORG:8080/a", "mailto:x@y", "/a/b", None, "http://a?b"]
    assert hosts(pa.array(urls)).to_pylist() == ["www.example.org", None, None, None, "a"]


def test_the_bins_of_length_rise():
    """The lower ends of the bins of length are rising whole numbers."""
    assert list(LENGTHS) == sorted(set(LENGTHS))


def test_dates_that_no_calendar_has_are_implausible(documents):
    """A date far outside the calendar has no month and is counted."""
    batch = documents("a", "b")
    far = pa.array([2**62, 0], pa.int64()).cast(pa.timestamp("us", "UTC"))
    batch = batch.set_column(batch.schema.get_field_index("date"), "date", far)
    found = measure(batch, split="a").to_json()["splits"]["a"]
    assert (found["implausible"], found["months"]) == (1, {"1970-01": 1})
