"""Benchmarks are read from the usual formats, and nothing of them is lost silently."""

from __future__ import annotations

import gzip
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError

from corpus.contamination.benchmark import Benchmark
from corpus.contamination.files import hashed_files
from corpus.contamination.items import read_items
from corpus.errors import InputError


def items(folder, *, path="b.jsonl", **settings):
    """Return the items of a benchmark, as (question, answer)."""
    benchmark = Benchmark(name="quiz", path=path, **settings)
    return [(item.question, item.answer) for item in read_items(hashed_files(benchmark, folder))]


def write(folder, *records, name="b.jsonl"):
    """Write records as JSON lines."""
    (folder / name).write_text("\n".join(map(json.dumps, records)), encoding="utf-8")


@pytest.mark.parametrize(
    ("record", "item"),
    [
        ({"question": "Why so?", "answer": "Because."}, (("Why so?",), ("Because.",))),
        (
            {"prompt": "def f():", "canonical_solution": "  return 1"},
            (("def f():",), ("  return 1",)),
        ),
        ({"input": "not ( True )", "target": "False"}, (("not ( True )",), ("False",))),
        ({"question": "Q?", "choices": ["x", "y"], "answer": 1}, (("Q?", "x", "y"), ())),
        ({"question": "Q?", "options": "A. x\nB. y", "answer": "B. y"}, (("Q?", "x", "y"), ())),
        (
            {"question": "Q?", "choices": {"text": ["x", "y"], "label": ["A", "B"]}},
            (("Q?", "x", "y", "A", "B"), ()),
        ),
        ({"ctx": "He", "endings": ["x", "y"], "label": "0"}, (("He", "x", "y"), ())),
    ],
    ids=["gsm8k", "humaneval", "bbh", "mmlu", "lines", "arc", "hellaswag"],
)
def test_the_usual_columns_are_found(tmp_path, record, item):
    """Question, options and answer are in the columns that well-known benchmarks have."""
    write(tmp_path, record)
    assert items(tmp_path) == [item]


def test_columns_can_be_named(tmp_path):
    """A config can name the columns, several for a question."""
    write(
        tmp_path, {"passage": "P.", "question": "Q?", "A": "x", "B": "y", "text": "t", "key": "z"}
    )
    named = items(tmp_path, question=("passage", "question"), choices=("A", "B"), answer="key")
    assert named == [(("P.", "Q?", "x", "y"), ("z",))]


@pytest.mark.parametrize("first", [{}, {"question": None}, {"question": 17}, {"question": {}}])
def test_columns_are_chosen_by_the_whole_file(tmp_path, first):
    """A text after thousands of records without one shows where the questions are."""
    write(tmp_path, *[first | {"n": i} for i in range(2500)], {"question": "Q?", "answer": "It."})
    assert items(tmp_path)[-1] == (("Q?",), ("It.",))
    assert len(items(tmp_path)) == 2501


@pytest.mark.parametrize(
    ("record", "item"),
    [
        ({"question": {"stem": "Q?", "choices": [{"text": "x"}]}}, (("Q?", "x"), ())),
        ({"question": ["Q?", "R?"]}, (("Q?", "R?"), ())),
        ({"question": 17, "prompt": "Q?"}, (("Q?",), ())),
        ({"question": "Q?", "answer": 3, "solution": "It is."}, (("Q?",), ("It is.",))),
        ({"question": "Q?", "choices": 4, "options": ["x"]}, (("Q?", "x"), ())),
        ({"title": ["T"], "id": {"a": 1}, "question": "Q?"}, (("Q?",), ())),
    ],
    ids=["object", "list", "number", "answer", "options", "other columns"],
)
@pytest.mark.parametrize("name", ["b.jsonl", "b.parquet", "b.json"])
def test_another_type_in_a_usual_column_is_no_fault(tmp_path, name, record, item):
    """Texts in lists and objects count; a column without any text is not the one."""
    if name == "b.parquet":
        pq.write_table(pa.Table.from_pylist([record]), tmp_path / name)
    else:
        wrapped = [{"version": 1, "data": [record | {"sentence": "S."}]}]
        write(tmp_path, *([record, {"n": 1}] if name == "b.jsonl" else wrapped), name=name)
    assert items(tmp_path, path=name)[0] == item


def test_a_record_of_another_type_is_an_item(tmp_path):
    """Where other records have a text, one with an object has the texts in it."""
    write(tmp_path, {"question": "Q?"}, {"question": {"stem": "R?"}}, {"question": 3})
    assert [question for question, _ in items(tmp_path)] == [("Q?",), ("R?",), ("",)]


def test_a_field_of_a_column_can_be_named(tmp_path):
    """A dot selects a nested field, for each of the settings."""
    record = {"q": {"stem": "Q?", "options": ["x"]}, "a": {"text": "It.", "label": "A"}}
    write(tmp_path, record)
    named = items(tmp_path, question="q.stem", choices="q.options", answer="a.text")
    assert named == [(("Q?", "x"), ("It.",))]


def test_files_that_are_not_read_are_counted(tmp_path):
    """A benchmark knows the kinds of the files beside those that are read."""
    (tmp_path / "hub").mkdir()
    for name in ("README.md", "paper.pdf", "other.pdf", ".hidden"):
        (tmp_path / "hub" / name).write_text("x")
    write(tmp_path / "hub", {"question": "Q?"})
    skipped = hashed_files(Benchmark(name="quiz", path="hub"), tmp_path).skipped
    assert skipped == ((".pdf", 2), ("dataset metadata", 1), ("hidden", 1))


def test_a_file_that_changes_after_it_was_hashed_is_refused(tmp_path):
    """Nothing is read of a content that is not the one that the hash is of."""
    write(tmp_path, {"question": "One?"})
    contents = hashed_files(Benchmark(name="quiz", path="b.jsonl"), tmp_path)
    write(tmp_path, {"question": "Two?"})
    with pytest.raises(InputError, match=r"b\.jsonl: changed while it was read"):
        list(read_items(contents))


def test_all_formats_of_sources_are_read(tmp_path):
    """JSON lines, an object around a list, Parquet, CSV and gzip give the same items."""
    record = {"question": "Q?", "answer": "It is so."}
    expected = [(("Q?",), ("It is so.",))]
    write(tmp_path, record)
    (tmp_path / "b.json").write_text(json.dumps({"canary": "x", "examples": [record]}))
    (tmp_path / "b.csv").write_text("question,answer\nQ?,It is so.\n")
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(json.dumps(record).encode()))
    pq.write_table(pa.Table.from_pylist([record]), tmp_path / "b.parquet")
    for name in ("b.jsonl", "b.json", "b.csv", "b.jsonl.gz", "b.parquet"):
        assert items(tmp_path, path=name) == expected, name


def test_a_folder_is_read_without_its_metadata(tmp_path):
    """In the clone of a dataset from the Hub, README and metadata are not items."""
    (tmp_path / "hub/data").mkdir(parents=True)
    (tmp_path / "hub/README.md").write_text("---\nlicense: mit\n---\n")
    (tmp_path / "hub/dataset_infos.json").write_text("{}")
    pq.write_table(pa.table({"question": ["One?"]}), tmp_path / "hub/data/test-0.parquet")
    pq.write_table(pa.table({"question": ["Two?"]}), tmp_path / "hub/data/train-0.parquet")
    assert items(tmp_path, path="hub") == [(("One?",), ()), (("Two?",), ())]


def test_records_are_numbered_in_their_files(tmp_path):
    """An item has the number of its record, also after one without a question."""
    write(tmp_path, {"question": "One?"}, {"question": None}, {"question": "Three?"})
    found = list(read_items(hashed_files(Benchmark(name="quiz", path="b.jsonl"), tmp_path)))
    assert [(item.record, item.question) for item in found] == [
        (1, ("One?",)),
        (2, ("",)),
        (3, ("Three?",)),
    ]


@pytest.mark.parametrize(
    ("content", "settings", "message"),
    [
        ("", {}, "b.jsonl: the file is empty"),
        ("[]", {}, "no column with questions"),
        ('{"question": "Q?"}\n{"question": "Q', {}, "b.jsonl:2: invalid JSON"),
        ('{"title": "T", "n": 3}', {}, "its columns: n, title.*name it with `question`"),
        ('{"question": "Q?"}', {"question": "frage"}, "no column 'frage'.*correct `question`"),
        ('{"question": "Q?"}', {"answer": "key"}, "no column 'key'.*correct `answer`"),
    ],
    ids=["empty", "no items", "damaged", "no question", "misspelled", "missing"],
)
def test_unreadable_benchmarks_are_refused(tmp_path, content, settings, message):
    """A benchmark that cannot be read completely is an error that names file and record."""
    (tmp_path / "b.jsonl").write_text(content)
    with pytest.raises(InputError, match=message):
        items(tmp_path, **settings)


def test_a_missing_benchmark_is_refused(tmp_path):
    """A path that matches nothing is an error."""
    with pytest.raises(InputError, match=r"nowhere\.jsonl"):
        items(tmp_path, path="nowhere.jsonl")


def test_a_uri_is_refused():
    """A benchmark must be local: what a build depends on must not change elsewhere."""
    with pytest.raises(ValidationError, match="must be local: download the benchmark"):
        Benchmark(name="quiz", path="https://example.org/b.jsonl")


def test_the_version_is_that_of_the_content(tmp_path):
    """Without a configured version, it changes with the content, and not with the place."""
    for folder, text in (("a", "Q?"), ("b", "Q?"), ("c", "Other?")):
        (tmp_path / folder).mkdir()
        write(tmp_path / folder, {"question": text})
    benchmark = Benchmark(name="quiz", path="b.jsonl")
    a, b, c = (hashed_files(benchmark, tmp_path / folder).version for folder in "abc")
    assert a == b != c
    assert (
        hashed_files(benchmark.model_copy(update={"version": "1.2"}), tmp_path / "a").version
        == "1.2"
    )
