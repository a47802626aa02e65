"""Repeated ids: no record is lost because another one has its id, and every id becomes unique."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpus.auditing.explain.explain import explain
from corpus.builds.verify import verify
from corpus.cli.build_summary import summary
from corpus.config.load import load_config
from corpus.pipeline.build import build
from corpus.pipeline.engine import Serial
from corpus.sources.record_keys import document_key

WORDS = ("barge", "lock", "canal", "wharf", "gate", "heron", "reed", "silt", "winch", "bow")
STAGES = "[{stage: clean}, {stage: language}, {stage: deduplicate}, {stage: split, test: 0.1}]"


def story(name: str) -> str:
    """Return a text of its own for each name."""
    choose = random.Random(name)
    lines = [" ".join(choose.choices(WORDS, k=12)).capitalize() + "." for _ in range(9)]
    return f"The story of {name} begins here.\n\n" + "\n\n".join(lines)


def built_from(
    folder: Path,
    files: dict[str, list[dict]],
    *,
    stages: str = STAGES,
    more: str = "",
    source: str = "",
):
    """Write each file as JSONL and build all of them."""
    for name, rows in files.items():
        path = folder / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    config = folder / "canal.yaml"
    config.write_text(
        f"name: canal\nsources: [{{path: in/, {source}}}]\n"
        f"stages: {stages}\noutput: {{path: out}}\n{more}",
        encoding="utf-8",
    )
    return build(load_config(config), engine=Serial())


def kept(built) -> dict[str, dict]:
    """Return the kept documents by id."""
    shards = [name for split in built.manifest["splits"].values() for name in split["shards"]]
    rows = [row for name in shards for row in pq.read_table(built.path / name).to_pylist()]
    assert max(Counter(row["id"] for row in rows).values()) == 1
    return {row["id"]: row for row in rows}


def removed(built) -> list[dict]:
    """Return the ledger of removals."""
    return pq.read_table(built.path / "ledger" / "removed.parquet").to_pylist()


def data(built) -> dict[str, bytes]:
    """Return the bytes of shards and ledgers."""
    files = [*built.path.glob("data/**/*.parquet"), *built.path.glob("ledger/*.parquet")]
    return {str(path.relative_to(built.path)): path.read_bytes() for path in files}


def numbered(prefix: str, n: int) -> list[dict]:
    """Return records that are numbered from 0."""
    return [{"id": i, "text": story(f"{prefix}{i}")} for i in range(n)]


def test_an_id_in_two_sources_is_made_unique_by_its_source(tmp_path):
    """All documents are kept, with the original in `id_source`; other ids stay as they are."""
    built = built_from(tmp_path, {"en.jsonl": numbered("e", 4), "xx.jsonl": numbered("x", 3)})

    counts = built.manifest["counts"]
    assert (counts["read"], counts["kept"], counts["rejected"]) == (7, 7, 0)
    documents = kept(built)
    assert set(documents) == {f"{i}@{name}.jsonl" for i in range(3) for name in ("en", "xx")} | {
        "3"
    }
    assert {row["id_source"] for row in documents.values()} == {"0", "1", "2", "3"}
    assert documents["1@xx.jsonl"]["text"] == story("x1")
    assert verify(built.path).differences == ()


def test_renamed_ids_are_reported(tmp_path):
    """The manifest has their number, their column and examples."""
    built = built_from(tmp_path, {"en.jsonl": numbered("e", 4), "xx.jsonl": numbered("x", 3)})
    renamed = built.manifest["renamed_ids"]

    assert (renamed["column"], renamed["documents"]) == ("id_source", 6)
    assert len(renamed["examples"]) == 3
    for example in renamed["examples"]:
        assert example["id"].startswith(example["id_source"] + "@")


def test_renamed_ids_are_in_the_summary_and_the_audit(tmp_path):
    """Both say how many there are, with an example and the column of the original ids."""
    built = built_from(tmp_path, {"en.jsonl": numbered("e", 4), "xx.jsonl": numbered("x", 3)})
    example = built.manifest["renamed_ids"]["examples"][0]["id"]
    (check,) = [c for c in built.audit.statistics["checks"] if c["id"] == "renamed_ids"]

    for text in (summary(built, load_config(tmp_path / "canal.yaml").card), check["reason"]):
        words = " ".join(text.split())
        assert "6 documents share their id with another one" in words
        assert f"such as '{example}'; the original ids are in the column id_source" in words
    assert check["status"] == "warn"


def test_unique_ids_are_not_reported(tmp_path):
    """Without a repeated id, there is neither a column nor an entry in the manifest."""
    built = built_from(tmp_path, {"en.jsonl": numbered("e", 4)})

    assert "renamed_ids" not in built.manifest
    assert "id_source" not in next(iter(kept(built).values()))


def test_an_id_repeated_in_one_file_gets_the_hash_of_its_record(tmp_path):
    """Two documents of one file with the same id are kept under different ids."""
    rows = [{"id": "a", "text": story("one")}, {"id": "a", "text": story("two")}]
    built = built_from(tmp_path, {"en.jsonl": rows, "xx.jsonl": [{"id": "a", "text": story("3")}]})
    documents = kept(built)

    assert {row["text"] for row in documents.values()} == {story("one"), story("two"), story("3")}
    assert sorted(len(id) for id in documents) == [10, 27, 27]
    assert {row["id_source"] for row in documents.values()} == {"a"}


SAME = {"id": "twin", "text": story("twin"), "n": 1}


@pytest.mark.parametrize(
    "files",
    [
        {"a.jsonl": [SAME, SAME, SAME]},
        {"a.jsonl": [SAME], "b.jsonl": [SAME, SAME]},
        {"a.jsonl": [SAME, dict(reversed(SAME.items())), SAME | {"title": None}]},
    ],
    ids=["one file", "two files", "other order of keys"],
)
def test_the_same_record_again_is_an_exact_duplicate(tmp_path, files):
    """It is removed with the kept one as evidence, and on_error allows nothing."""
    files = {"other.jsonl": numbered("o", 3)} | files
    built = built_from(tmp_path, files, stages="[{stage: language}]", more="on_error: 0\n")

    assert "twin" in kept(built)
    assert [(row["stage"], row["reason"], row["evidence"]) for row in removed(built)] == [
        ("read", "exact_duplicate", "twin")
    ] * 2
    assert {row["id"] for row in removed(built)} == {"twin#2", "twin#3"}
    assert built.manifest["counts"]["rejected"] == 0
    assert "renamed_ids" not in built.manifest
    assert verify(built.path).differences == ()


def test_duplicates_and_other_contents_of_one_id_are_told_apart(tmp_path):
    """Of each content, one document is kept."""
    other = SAME | {"text": story("other")}
    built = built_from(tmp_path, {"a.jsonl": [SAME, other, SAME], "b.jsonl": [other]})

    assert sorted(row["text"] for row in kept(built).values()) == sorted(
        [SAME["text"], other["text"]]
    )
    assert {row["reason"] for row in removed(built)} == {"exact_duplicate"}
    ids = {row["id"] for row in removed(built)}
    assert len(ids) == 2
    assert {row["evidence"] for row in removed(built)} == set(kept(built))


def test_the_order_of_records_and_files_does_not_matter(tmp_path):
    """Shards and ledgers have the same bytes for any order of lines."""
    rows = [*numbered("p", 9), *numbered("q", 9), *numbered("p", 9)]
    first = built_from(tmp_path / "1", {"a.jsonl": rows, "b.jsonl": numbered("r", 5)})
    second = built_from(tmp_path / "2", {"a.jsonl": rows[::-1], "b.jsonl": numbered("r", 5)[::-1]})

    assert data(first) == data(second)


def test_stages_after_a_second_pass_see_the_new_ids(tmp_path):
    """A document stage behind a corpus stage needs another pass; the result is still in order."""
    stages = "[{stage: language}, {stage: deduplicate}, {stage: clean}, {stage: split, test: 0.3}]"
    files = {"a.jsonl": numbered("e", 30), "b.jsonl": [*numbered("x", 20), *numbered("x", 5)]}
    first = built_from(tmp_path / "1", files, stages=stages)
    backwards = {name: rows[::-1] for name, rows in files.items()}
    second = built_from(tmp_path / "2", backwards, stages=stages)

    assert first.manifest["counts"]["kept"] == 50
    assert kept(first)["3@b.jsonl"]["id_source"] == "3"
    assert data(first) == data(second)


def test_a_new_id_never_equals_a_given_one(tmp_path):
    """An id that looks like a new one keeps its document, and the new one becomes longer."""
    taken = [{"id": "0@a.jsonl", "text": story("taken")}, {"id": "t#2", "text": story("number")}]
    twins = [{"id": "t", "text": story("t")}] * 2
    files = {"a.jsonl": numbered("a", 1), "b.jsonl": numbered("b", 1), "c.jsonl": taken + twins}
    built = built_from(tmp_path, files)
    documents = kept(built)

    assert documents["0@a.jsonl"]["text"] == story("taken")
    assert documents["t#2"]["text"] == story("number")
    assert len(documents) == 5
    ids = [*documents, *(row["id"] for row in removed(built))]
    assert len({document_key(id) for id in ids}) == 6


def test_a_column_that_is_already_called_id_source_is_kept(tmp_path):
    """The original ids then go to `id_source_source`."""
    files = {
        f"{name}.jsonl": [row | {"key": row["id"], "id": "own"} for row in numbered(name, 2)]
        for name in "ab"
    }
    built = built_from(tmp_path, files, source="columns: {id: key}")
    document = kept(built)["0@a.jsonl"]

    assert (document["id_source"], document["id_source_source"]) == ("own", "0")


def test_an_id_that_equals_a_generated_one_is_repeated(tmp_path):
    """Both documents are kept."""
    plain = [{"text": story(f"n{i}")} for i in range(3)]
    generated = next(iter(kept(built_from(tmp_path / "1", {"a.jsonl": plain}))))
    again = [{"id": generated, "text": story("given")}]
    built = built_from(tmp_path / "2", {"a.jsonl": plain, "b.jsonl": again})

    assert built.manifest["counts"]["kept"] == 4
    assert kept(built)[f"{generated}@b.jsonl"]["id_source"] == generated
    assert kept(built)[f"{generated}@a.jsonl"]["id_source"] is None


def test_explain_reads_the_record_of_a_renamed_document(tmp_path):
    """It is found in its own source, also if that has the id twice."""
    rows = [*numbered("e", 2), {"id": 0, "text": story("second 0")}]
    built = built_from(tmp_path, {"en.jsonl": rows, "xx.jsonl": numbered("x", 2)})
    ids = {row["text"]: id for id, row in kept(built).items()}

    for name in ("e0", "second 0", "x0", "x1"):
        text = "\n".join(explain(built.path, ids[story(name)]).lines)
        assert f"read: record {3 if name == 'second 0' else int(name[-1]) + 1} " in text
        assert "cannot be read" not in text
        assert "the code has changed" not in text


def test_explain_compares_a_repeated_record_with_the_kept_one(tmp_path):
    """The reason is explained, and the ledger's id leads to the record."""
    built = built_from(tmp_path, {"a.jsonl": [SAME, SAME], "b.jsonl": numbered("b", 2)})
    text = str(explain(built.path, "twin#2"))

    assert "removed by read: exact_duplicate, evidence 'twin'" in text
    assert "the same id and the same content" in text
    assert "kept: split" in str(explain(built.path, "twin"))


def test_a_number_that_is_missing_is_no_id(tmp_path):
    """NaN in a column of ids, as pandas writes it, does not make documents share an id."""
    (tmp_path / "in").mkdir()
    ids = pa.array([1.0, float("nan"), float("nan")])
    rows = pa.table({"id": ids, "text": [story(name) for name in "abc"]})
    pq.write_table(rows, tmp_path / "in" / "a.parquet")
    built = built_from(tmp_path, {})

    assert "renamed_ids" not in built.manifest
    assert "1.0" in kept(built)
    assert len(kept(built)) == 3
