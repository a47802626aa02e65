"""Reference documents: what is compared with them, and that a change to them is noticed."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpus.config.load import load_config
from corpus.errors import InputError
from corpus.pipeline.build import build
from corpus.pipeline.reference_documents import fingerprint

BODY = " ".join(f"word{i}" for i in range(50))
OTHER = " ".join(f"other{i}" for i in range(50))
CONFIG = """
name: news
sources: [{path: new.jsonl}]
stages:
  - stage: deduplicate
    against: AGAINST
  - stage: split
    test: 0
"""


def write(path: Path, *texts: str) -> None:
    """Write texts as JSONL."""
    lines = [json.dumps({"id": f"{path.stem}-{k}", "text": t}) for k, t in enumerate(texts)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def config(folder: Path, against: str, name: str = "news.yaml"):
    """Write a config that compares with the documents at a path, and return it loaded."""
    (folder / name).write_text(CONFIG.replace("AGAINST", against), encoding="utf-8")
    return load_config(folder / name)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with three new documents; one of them is also in `old.jsonl`."""
    write(tmp_path / "old.jsonl", f"{BODY} and the end", "some words of another document")
    write(tmp_path / "new.jsonl", BODY, "what nobody has said before", OTHER)
    pq.write_table(pa.table({"text": [None, BODY.upper()]}), tmp_path / "bench.parquet")
    return tmp_path


def removed(made) -> list[dict[str, object]]:
    """Return the ledger of a build."""
    columns = ["id", "reason", "evidence"]
    return pq.read_table(made.path / "ledger/removed.parquet", columns=columns).to_pylist()


def test_documents_in_a_file_or_a_build_are_removed(folder):
    """Documents in a JSONL file, a Parquet file or an earlier build are removed."""
    expected = {"id": "new-0", "reason": "seen_elsewhere", "evidence": "old-0"}
    assert removed(build(config(folder, "old.jsonl"))) == [expected]
    (bench,) = removed(build(config(folder, "bench.parquet")))
    assert (bench["id"], bench["reason"]) == ("new-0", "seen_elsewhere")

    other = folder / "later"
    other.mkdir()
    write(other / "new.jsonl", OTHER, "what nobody has said before today")
    (again,) = removed(build(config(other, "../build/news")))
    assert again == {"id": "new-0", "reason": "seen_elsewhere", "evidence": "new-2"}


def test_a_foreign_manifest_does_not_make_a_build(folder):
    """A folder with the manifest of another tool is read as a folder of files."""
    other = folder / "foreign"
    other.mkdir()
    write(other / "foreign.jsonl", BODY)
    (other / "manifest.json").write_text('{"manifest_version": 3}', encoding="utf-8")
    (row,) = removed(build(config(folder, "foreign")))
    assert (row["id"], row["reason"]) == ("new-0", "seen_elsewhere")


def test_changed_reference_documents_change_the_build(folder):
    """The same config gives a new build when the reference documents have changed."""
    loaded = config(folder, "old.jsonl")
    first = build(loaded)
    assert build(loaded).unchanged
    write(folder / "old.jsonl", "a text that no document has")
    second = build(loaded)
    assert not second.unchanged
    assert removed(second) == []
    assert first.manifest["identity"] != second.manifest["identity"]


def test_the_fingerprint_depends_on_contents_and_not_on_names(tmp_path):
    """The same files under other names, so in another order, have the same fingerprint."""
    for folder, names in (("one", ("a", "b")), ("two", ("b", "a")), ("three", ("a", "c"))):
        (tmp_path / folder).mkdir()
        for name, text in zip(names, (BODY, OTHER), strict=True):
            (tmp_path / folder / f"{name}.jsonl").write_text(json.dumps({"text": text}) + "\n")
    expected = fingerprint("one", tmp_path)
    assert fingerprint("two", tmp_path) == expected
    assert fingerprint("three", tmp_path) == expected
    (tmp_path / "three" / "a.jsonl").write_text('{"text": "another text"}\n')
    assert fingerprint("three", tmp_path) != expected


def test_missing_reference_documents_are_an_error(folder):
    """A path without files, or without any text, stops the build."""
    with pytest.raises(InputError, match=r"missing\.jsonl"):
        build(config(folder, "missing.jsonl"))
    (folder / "empty.jsonl").write_text('{"question": "why?"}\n', encoding="utf-8")
    with pytest.raises(InputError, match="no documents to compare with"):
        build(config(folder, "empty.jsonl"))


def test_an_unreadable_reference_document_stops_the_build(folder):
    """A damaged record may be a text to remove, so it stops the build, with its place."""
    with (folder / "old.jsonl").open("a", encoding="utf-8") as old:
        old.write('{"id": "old-2", "text": "cut of\n')
    with pytest.raises(InputError, match=r"old\.jsonl, record 3: .*must be readable"):
        build(config(folder, "old.jsonl"))


def test_a_cloned_dataset_can_be_a_reference(folder):
    """README and metadata are not documents, and a change to them does not change the build."""
    (folder / "clone" / "data").mkdir(parents=True)
    pq.write_table(pa.table({"text": [BODY]}), folder / "clone" / "data" / "test-0.parquet")
    for name in ("README.md", "LICENSE", "requirements.txt", "croissant.json"):
        (folder / "clone" / name).write_text('{\n  "about": "the data"\n}\n', encoding="utf-8")
    loaded = config(folder, "clone")
    assert [row["id"] for row in removed(build(loaded))] == ["new-0"]
    (folder / "clone" / "README.md").write_text("Changed.", encoding="utf-8")
    assert build(loaded).unchanged


def test_two_stages_may_use_the_same_reference(folder):
    """Two stages with other settings may compare with the same documents."""
    twice = "  - {stage: deduplicate, against: old.jsonl, words: 3, threshold: 0.5}\n"
    config(folder, "old.jsonl", "twice.yaml")
    text = (folder / "twice.yaml").read_text(encoding="utf-8")
    (folder / "twice.yaml").write_text(
        text.replace("  - stage: split", twice + "  - stage: split"), encoding="utf-8"
    )
    made = build(load_config(folder / "twice.yaml"))
    assert [row["id"] for row in removed(made)] == ["new-0"]


ENGLISH = (
    "The council said on Tuesday that the old bridge over the river will be closed to lorries "
    "from next month, because the inspection in the spring had found more rust than anybody feared."
)


@pytest.mark.parametrize(
    ("language", "removed_ids"), [("en", ["new-0"]), ("de", []), (None, ["new-0"])]
)
def test_a_scope_applies_to_reference_documents(folder, language, removed_ids):
    """`within` also compares the column of reference documents, even one that a stage fills."""
    row = {"id": "old-0", "text": ENGLISH} | ({"language": language} if language else {})
    (folder / "old.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    write(folder / "new.jsonl", ENGLISH)
    config(folder, "old.jsonl\n    within: [language]", "scoped.yaml")
    text = (folder / "scoped.yaml").read_text(encoding="utf-8")
    text = text.replace("stages:", "stages:\n  - stage: language", 1)
    (folder / "scoped.yaml").write_text(text, encoding="utf-8")
    loaded = load_config(folder / "scoped.yaml")
    if removed_ids:
        with pytest.raises(InputError, match="nothing is left"):
            build(loaded)
    else:
        assert removed(build(loaded)) == []
