"""Documents elsewhere: what a build compares with them, and that a change of them is noticed."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpus.config.load import load_config
from corpus.errors import InputError
from corpus.pipeline.build import build

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
    """Return the config in a folder, to compare with the documents at a path."""
    (folder / name).write_text(CONFIG.replace("AGAINST", against), encoding="utf-8")
    return load_config(folder / name)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with three new documents: one is in `old.jsonl` as well."""
    write(tmp_path / "old.jsonl", f"{BODY} and the end", "some words of another document")
    write(tmp_path / "new.jsonl", BODY, "what nobody has said before", OTHER)
    pq.write_table(pa.table({"text": [None, BODY.upper()]}), tmp_path / "bench.parquet")
    return tmp_path


def removed(made) -> list[dict[str, object]]:
    """Return the ledger of a build."""
    columns = ["id", "reason", "evidence"]
    return pq.read_table(made.path / "ledger/removed.parquet", columns=columns).to_pylist()


def test_what_a_file_or_a_build_has_goes(folder):
    """JSONL, Parquet and an earlier build are read alike; paths are relative to the config."""
    gone = {"id": "new-0", "reason": "seen_elsewhere", "evidence": "old-0"}
    assert removed(build(config(folder, "old.jsonl"))) == [gone]
    (bench,) = removed(build(config(folder, "bench.parquet")))
    assert (bench["id"], bench["reason"]) == ("new-0", "seen_elsewhere")

    other = folder / "later"
    other.mkdir()
    write(other / "new.jsonl", OTHER, "what nobody has said before today")
    (again,) = removed(build(config(other, "../build/news")))
    assert again == {"id": "new-0", "reason": "seen_elsewhere", "evidence": "new-2"}


def test_a_manifest_of_others_makes_no_build(folder):
    """A folder of files that some other tool wrote a manifest into is read as what it is."""
    other = folder / "theirs"
    other.mkdir()
    write(other / "theirs.jsonl", BODY)
    (other / "manifest.json").write_text('{"manifest_version": 3}', encoding="utf-8")
    (gone,) = removed(build(config(folder, "theirs")))
    assert (gone["id"], gone["reason"]) == ("new-0", "seen_elsewhere")


def test_a_change_elsewhere_is_another_build(folder):
    """The same config is built anew as soon as what it compares with has changed."""
    wanted = config(folder, "old.jsonl")
    first = build(wanted)
    assert build(wanted).unchanged
    write(folder / "old.jsonl", "nothing that anybody has")
    second = build(wanted)
    assert not second.unchanged
    assert removed(second) == []
    assert first.manifest["identity"] != second.manifest["identity"]


def test_nothing_to_compare_with_is_told(folder):
    """A path where nothing is, or nothing with a text, stops the build."""
    with pytest.raises(InputError, match=r"missing\.jsonl"):
        build(config(folder, "missing.jsonl"))
    (folder / "empty.jsonl").write_text('{"question": "why?"}\n', encoding="utf-8")
    with pytest.raises(InputError, match="no document could be read there to compare with"):
        build(config(folder, "empty.jsonl"))


def test_what_cannot_be_read_elsewhere_stops_the_build(folder):
    """A damaged record might be the very text to remove: it is named, and nothing is published."""
    with (folder / "old.jsonl").open("a", encoding="utf-8") as old:
        old.write('{"id": "old-2", "text": "cut of\n')
    with pytest.raises(InputError, match=r"old\.jsonl, record 3: .*must all be readable"):
        build(config(folder, "old.jsonl"))


def test_the_clone_of_a_data_set_is_compared_with(folder):
    """Its README and metadata are no documents; a change of them makes no other build."""
    (folder / "clone" / "data").mkdir(parents=True)
    pq.write_table(pa.table({"text": [BODY]}), folder / "clone" / "data" / "test-0.parquet")
    for name in ("README.md", "LICENSE", "requirements.txt", "croissant.json"):
        (folder / "clone" / name).write_text('{\n  "about": "the data"\n}\n', encoding="utf-8")
    wanted = config(folder, "clone")
    assert [gone["id"] for gone in removed(build(wanted))] == ["new-0"]
    (folder / "clone" / "README.md").write_text("Anew.", encoding="utf-8")
    assert build(wanted).unchanged


def test_two_stages_may_compare_with_the_same_documents(folder):
    """Each observes them in its own way."""
    twice = "  - {stage: deduplicate, against: old.jsonl, words: 3, threshold: 0.5}\n"
    config(folder, "old.jsonl", "twice.yaml")
    text = (folder / "twice.yaml").read_text(encoding="utf-8")
    (folder / "twice.yaml").write_text(
        text.replace("  - stage: split", twice + "  - stage: split"), encoding="utf-8"
    )
    made = build(load_config(folder / "twice.yaml"))
    assert [gone["id"] for gone in removed(made)] == ["new-0"]


ENGLISH = (
    "The council said on Tuesday that the old bridge over the river will be closed to lorries "
    "from next month, because the inspection in the spring had found more rust than anybody feared."
)


@pytest.mark.parametrize(("theirs", "gone"), [("en", ["new-0"]), ("de", []), (None, ["new-0"])])
def test_scopes_hold_in_a_file(folder, theirs, gone):
    """`within` asks for a column that other documents have, even one that a stage of ours fills."""
    row = {"id": "old-0", "text": ENGLISH} | ({"language": theirs} if theirs else {})
    (folder / "old.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    write(folder / "new.jsonl", ENGLISH)
    config(folder, "old.jsonl\n    within: [language]", "scoped.yaml")
    text = (folder / "scoped.yaml").read_text(encoding="utf-8")
    text = text.replace("stages:", "stages:\n  - stage: language", 1)
    (folder / "scoped.yaml").write_text(text, encoding="utf-8")
    wanted = load_config(folder / "scoped.yaml")
    if gone:
        with pytest.raises(InputError, match="nothing is left"):
            build(wanted)
    else:
        assert removed(build(wanted)) == []
