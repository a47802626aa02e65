"""The comparison of two builds is complete, and gives reasons."""

from __future__ import annotations

import copy
import hashlib
import json
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpus.auditing.compare.diff import Difference, diff
from corpus.documents import REJECTED, REMOVED
from corpus.errors import InputError


def finish(folder, manifest, audit, removed=(), rejected=()):
    """Write the manifest, the audit and the ledgers of a build."""
    (folder / "audit").mkdir(exist_ok=True)
    (folder / "ledger").mkdir(exist_ok=True)
    ledger = pa.Table.from_pylist(list(removed), REMOVED)
    pq.write_table(ledger, folder / "ledger" / "removed.parquet")
    unread = pa.Table.from_pylist(list(rejected), REJECTED)
    pq.write_table(unread, folder / "ledger" / "rejected.parquet")
    (folder / "audit" / "audit.json").write_text(json.dumps(audit))
    (folder / "manifest.json").write_text(json.dumps(manifest))


@pytest.fixture
def builds(tiny_build, tmp_path):
    """Return the folders of two equal builds, and the manifest and audit of both."""
    folder, manifest, audit = tiny_build
    finish(folder, manifest, audit)
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    return folder, other, copy.deepcopy(manifest), audit


def rewrite(folder, manifest, split, table):
    """Replace the last shard of a split."""
    path = manifest["splits"][split]["shards"][-1]
    pq.write_table(table, folder / path)
    entry = manifest["files"][path]
    entry["sha256"] = hashlib.sha256((folder / path).read_bytes()).hexdigest()
    entry["rows"] = len(table)


def test_equal_builds_have_no_difference(builds):
    """A build and its copy have no differences."""
    folder, other, *_ = builds
    difference = diff(folder, other)
    assert not difference
    assert str(difference) == ""
    assert json.loads(json.dumps(difference.as_dict())) == difference.as_dict()


def test_a_difference_has_a_short_repr_and_is_escaped_in_a_notebook(builds):
    """The repr counts the differences; HTML has the text, escaped."""
    folder, other, manifest, audit = builds
    assert repr(diff(folder, other)) == "<Difference: none>"
    assert diff(folder, other)._repr_html_() == "<pre>no difference</pre>"
    manifest["config"]["card"]["pretty_name"] = "<script>\u202e"
    finish(other, manifest, audit)
    difference = diff(folder, other)
    assert isinstance(difference, Difference)
    assert repr(difference) == "<Difference: settings 1>"
    markup = difference._repr_html_()
    assert "&lt;script&gt;" in markup
    assert "<script>" not in markup
    assert "\u202e" not in markup


def test_missing_and_added_documents_have_a_reason(builds):
    """The ledger of the other build has the reason; without one, the document was not read."""
    folder, other, manifest, audit = builds
    shard = pq.read_table(folder / manifest["splits"]["test"]["shards"][0])
    new = shard.set_column(0, "id", pa.array(["new-1", "new-2"]))
    rewrite(other, manifest, "test", new)
    manifest["counts"]["removed"] += 1
    ids = shard["id"].to_pylist()
    leak = {"id": ids[0], "stage": "split", "reason": "leak", "score": 0.6}
    finish(other, manifest, audit, [leak])
    difference = diff(folder, other)
    assert difference
    documents = difference.as_dict()["documents"]
    assert documents["came"]["ids"] == ["new-1", "new-2"]
    assert documents["came"]["why"] == [{"stage": None, "reason": None, "documents": 2}]
    assert documents["went"]["ids"] == sorted(ids)
    assert {(why["stage"], why["documents"]) for why in documents["went"]["why"]} == {
        ("split", 1),
        (None, 1),
    }
    assert "1 removed in b by split: leak" in str(difference)
    assert "2 not among the records of a" in str(difference)
    back = diff(other, folder).as_dict()["documents"]
    assert back["came"]["ids"] == documents["went"]["ids"]
    assert back["went"]["ids"] == documents["came"]["ids"]


def test_unreadable_documents_have_the_reject_as_their_reason(builds):
    """Each reject of a file explains one missing document; the rest were not read."""
    folder, other, manifest, audit = builds
    shard = pq.read_table(folder / manifest["splits"]["test"]["shards"][0])
    (source,) = set(shard["source"].to_pylist())
    rewrite(other, manifest, "test", shard.slice(0, 0))
    bad = {"source": source, "record": 3, "reason": "no JSON\x1b"}
    finish(other, manifest, audit, rejected=[bad, bad | {"source": "another.jsonl"}])
    difference = diff(folder, other)
    assert difference.as_dict()["documents"]["went"]["why"] == [
        {"stage": None, "reason": "no JSON\x1b", "documents": 1},
        {"stage": None, "reason": None, "documents": 1},
    ]
    assert "1 could not be read in b: no JSON" in str(difference)
    assert "\x1b" not in str(difference)
    whole = {"source": source, "record": None, "reason": "the file breaks off"}
    finish(other, manifest, audit, rejected=[whole])
    (why,) = diff(folder, other).as_dict()["documents"]["went"]["why"]
    assert why == {"stage": None, "reason": "the file breaks off", "documents": 2}


def test_stages_with_changed_code_are_named(builds):
    """If the code of a stage changed, the stage is named; other code is named as such."""
    folder, other, manifest, audit = builds
    code = {"read": "1", "deduplicate": "2", "corpus": "3"}
    finish(folder, manifest | {"code": code}, audit)
    finish(other, manifest | {"code": code | {"deduplicate": "4", "corpus": "5"}}, audit)
    assert "changed code\n  deduplicate" in str(diff(folder, other))
    finish(other, manifest | {"code": code | {"corpus": "5"}}, audit)
    assert "neither in a stage nor in the readers" in str(diff(folder, other))
    del code["deduplicate"]
    finish(other, manifest | {"code": code}, audit)
    assert "changed code" not in str(diff(folder, other))


def test_changed_texts_and_changed_columns_are_separate(builds):
    """Another text is `changed`; the same text with another language is `retagged`."""
    folder, other, manifest, audit = builds
    shard = pq.read_table(folder / manifest["splits"]["train"]["shards"][-1])
    rows = shard.to_pylist()
    rows[0]["text"] += "!"
    rows[1]["language"] = "de"
    rewrite(other, manifest, "train", pa.Table.from_pylist(rows, shard.schema))
    finish(other, manifest, audit)
    documents = diff(folder, other).as_dict()["documents"]
    assert documents["changed"]["ids"] == [rows[0]["id"]]
    assert documents["retagged"]["ids"] == [rows[1]["id"]]
    assert not documents["came"]["documents"]
    assert not documents["moved"]["documents"]


def test_a_document_in_another_split_has_moved(builds):
    """Documents in another split are counted by old and new split."""
    folder, other, manifest, audit = builds
    test_shard, train_shard = (
        manifest["splits"][split]["shards"][-1] for split in ("test", "train")
    )
    tables = [pq.read_table(folder / path) for path in (test_shard, train_shard)]
    rewrite(other, manifest, "test", pa.concat_tables([tables[0], tables[1].slice(0, 1)]))
    rewrite(other, manifest, "train", tables[1].slice(1))
    finish(other, manifest, audit)
    moved = diff(folder, other).as_dict()["documents"]["moved"]
    assert moved["documents"] == 1
    assert moved["ways"] == [{"from": "train", "to": "test", "documents": 1}]


def test_settings_inputs_counts_and_columns_are_compared(builds):
    """Settings, inputs, counts and columns that differ have both values."""
    folder, other, manifest, audit = builds
    manifest["config"]["stages"][0]["threshold"] = 0.7
    manifest["config"]["stages"].append({"stage": "deduplicate", "threshold": 0.9})
    manifest["config"]["stages"][0]["within"] = ["language", "\x1b"]
    manifest["versions"]["python"] = "3.12"
    manifest["inputs"][0]["sha256"] = "1" * 64
    manifest["inputs"].append(dict(manifest["inputs"][0], source="new\x1b.txt"))
    manifest["counts"]["read"] += 5
    manifest["columns"].append({"name": "topic", "type": "string"})
    audit = copy.deepcopy(audit)
    audit["languages"]["rows"][0]["documents"] = 99
    finish(other, manifest, audit)
    differences = diff(folder, other).as_dict()
    assert {row["name"]: (row["a"], row["b"]) for row in differences["settings"]} == {
        "stages.deduplicate.threshold": (0.8, 0.7),
        "stages.deduplicate.within": (None, ["language", "\x1b"]),
        "stages.deduplicate[2].stage": (None, "deduplicate"),
        "stages.deduplicate[2].threshold": (None, 0.9),
    }
    assert differences["versions"] == [{"name": "python", "a": "3.11", "b": "3.12"}]
    assert differences["inputs"]["changed"] == ["a\n# b|c.jsonl"]
    assert differences["inputs"]["came"] == ["new\x1b.txt"]
    assert {row["name"]: row["b"] for row in differences["counts"]} == {
        "read": 25,
        "language en": 99,
    }
    assert differences["columns"] == [{"name": "topic", "a": None, "b": "string"}]
    text = str(diff(folder, other))
    assert "stages.deduplicate.threshold: 0.8 -> 0.7" in text
    assert 'stages.deduplicate.within: nothing -> ["language", ' in text
    assert "\x1b" not in text


@pytest.mark.parametrize("without", ["a", "b", "ab"])
def test_without_an_audit_only_what_the_manifests_count_is_compared(builds, without):
    """If `audit/` was deleted, nothing counts as 0, and the text says what is not compared."""
    folder, other, manifest, audit = builds
    manifest["counts"]["read"] += 7
    finish(other, manifest, audit)
    for side, build in (("a", folder), ("b", other)):
        if side in without:
            shutil.rmtree(build / "audit")
    difference = diff(folder, other)
    assert [row["name"] for row in difference.as_dict()["counts"]] == ["read"]
    assert difference.as_dict()["unaudited"] == list(without)
    subject = {"a": "a has", "b": "b has", "ab": "a and b have"}[without]
    assert f"\n{subject} no audit: words, lengths and languages are not compared" in str(difference)


def test_a_deleted_audit_is_no_difference(builds):
    """Builds are compared as they were built; `verify` reports missing files."""
    folder, other, *_ = builds
    shutil.rmtree(other / "audit")
    assert str(diff(folder, other)) == str(diff(other, folder)) == ""


def test_lengths_are_compared_over_the_same_bins(builds):
    """If document lengths differ, both histograms have the same bins."""
    folder, other, manifest, audit = builds
    audit = copy.deepcopy(audit)
    lengths = audit["splits"]["train"]["lengths"]
    lengths[:] = [*lengths[1:], lengths[0]]
    audit["characters"] += 11 * audit["documents"]
    finish(other, manifest, audit)
    differences = diff(folder, other).as_dict()
    assert (
        sum(differences["lengths"]["a"]) == sum(differences["lengths"]["b"]) == audit["documents"]
    )
    assert {row["name"]: row["b"] - row["a"] for row in differences["counts"]} == {
        "characters": 11 * audit["documents"],
        "characters each": 11,
    }
    assert "lengths in characters, from" in str(diff(folder, other))


def test_a_folder_without_a_build_is_an_error(tmp_path):
    """A folder without a manifest is not a build."""
    with pytest.raises(InputError, match="not a build of corpus"):
        diff(tmp_path, tmp_path)


def test_a_damaged_shard_is_named(builds):
    """A shard that cannot be read is an input error, with what to do."""
    folder, other, manifest, audit = builds
    path = manifest["splits"]["test"]["shards"][0]
    (other / path).write_bytes(b"PAR1")
    manifest["files"][path]["sha256"] = "2" * 64
    finish(other, manifest, audit)
    with pytest.raises(InputError, match="corpus verify"):
        diff(folder, other)
