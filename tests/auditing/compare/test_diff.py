"""The difference of two builds is complete, and says why."""

from __future__ import annotations

import copy
import hashlib
import json
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpus.auditing.compare.diff import diff
from corpus.documents import REJECTED, REMOVED
from corpus.errors import InputError


def write(folder, manifest, audit, removed=(), rejected=()):
    """Finish a build: its manifest, its audit and its ledgers."""
    (folder / "audit").mkdir(exist_ok=True)
    (folder / "ledger").mkdir(exist_ok=True)
    ledger = pa.Table.from_pylist(list(removed), REMOVED)
    pq.write_table(ledger, folder / "ledger" / "removed.parquet")
    unread = pa.Table.from_pylist(list(rejected), REJECTED)
    pq.write_table(unread, folder / "ledger" / "rejected.parquet")
    (folder / "audit" / "audit.json").write_text(json.dumps(audit))
    (folder / "manifest.json").write_text(json.dumps(manifest))


@pytest.fixture
def two(tiny_build, tmp_path):
    """Return the folders of two equal builds, and the manifest and audit of both."""
    folder, manifest, audit = tiny_build
    write(folder, manifest, audit)
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    return folder, other, copy.deepcopy(manifest), audit


def rewrite(folder, manifest, split, table):
    """Put another table in place of the last shard of a split."""
    path = manifest["splits"][split]["shards"][-1]
    pq.write_table(table, folder / path)
    told = manifest["files"][path]
    told["sha256"] = hashlib.sha256((folder / path).read_bytes()).hexdigest()
    told["rows"] = len(table)


def test_equal_builds_have_no_difference(two):
    """Of a build and its copy, there is nothing to say."""
    folder, other, *_ = two
    found = diff(folder, other)
    assert not found
    assert str(found) == ""
    assert json.loads(json.dumps(found.told)) == found.told


def test_documents_that_went_and_came_have_a_reason(two):
    """What went is looked up in the new ledger, what came in the old one, else it was not read."""
    folder, other, manifest, audit = two
    shard = pq.read_table(folder / manifest["splits"]["test"]["shards"][0])
    new = shard.set_column(0, "id", pa.array(["new-1", "new-2"]))
    rewrite(other, manifest, "test", new)
    manifest["counts"]["removed"] += 1
    ids = shard["id"].to_pylist()
    leak = {"id": ids[0], "stage": "split", "reason": "leak", "score": 0.6}
    write(other, manifest, audit, [leak])
    found = diff(folder, other)
    assert found
    documents = found.told["documents"]
    assert documents["came"]["ids"] == ["new-1", "new-2"]
    assert documents["came"]["why"] == [{"stage": None, "reason": None, "documents": 2}]
    assert documents["went"]["ids"] == sorted(ids)
    assert {(why["stage"], why["documents"]) for why in documents["went"]["why"]} == {
        ("split", 1),
        (None, 1),
    }
    assert "1 removed in b by split: leak" in str(found)
    assert "2 not read by a" in str(found)
    back = diff(other, folder).told["documents"]
    assert back["came"]["ids"] == documents["went"]["ids"]
    assert back["went"]["ids"] == documents["came"]["ids"]


def test_documents_that_could_not_be_read_have_that_as_their_reason(two):
    """Of each file as many as the other build rejected there; it did not read the rest."""
    folder, other, manifest, audit = two
    shard = pq.read_table(folder / manifest["splits"]["test"]["shards"][0])
    (source,) = set(shard["source"].to_pylist())
    rewrite(other, manifest, "test", shard.slice(0, 0))
    bad = {"source": source, "record": 3, "reason": "no JSON\x1b"}
    write(other, manifest, audit, rejected=[bad, bad | {"source": "another.jsonl"}])
    found = diff(folder, other)
    assert found.told["documents"]["went"]["why"] == [
        {"stage": None, "reason": "no JSON\x1b", "documents": 1},
        {"stage": None, "reason": None, "documents": 1},
    ]
    assert "1 could not be read by b: no JSON" in str(found)
    assert "\x1b" not in str(found)
    whole = {"source": source, "record": None, "reason": "the file breaks off"}
    write(other, manifest, audit, rejected=[whole])
    (why,) = diff(folder, other).told["documents"]["went"]["why"]
    assert why == {"stage": None, "reason": "the file breaks off", "documents": 2}


def test_the_stage_whose_code_is_another_is_named(two):
    """Equal settings and other code: which stage's; and what no stage is made of, as that."""
    folder, other, manifest, audit = two
    code = {"read": "1", "deduplicate": "2", "corpus": "3"}
    write(folder, manifest | {"code": code}, audit)
    write(other, manifest | {"code": code | {"deduplicate": "4", "corpus": "5"}}, audit)
    assert "other code\n  deduplicate" in str(diff(folder, other))
    write(other, manifest | {"code": code | {"corpus": "5"}}, audit)
    assert "not of reading or of any stage" in str(diff(folder, other))
    del code["deduplicate"]
    write(other, manifest | {"code": code}, audit)
    assert "other code" not in str(diff(folder, other))


def test_changes_of_text_and_of_other_columns_are_told_apart(two):
    """Another text is `changed`; the same text with another title is `retagged`."""
    folder, other, manifest, audit = two
    shard = pq.read_table(folder / manifest["splits"]["train"]["shards"][-1])
    rows = shard.to_pylist()
    rows[0]["text"] += "!"
    rows[1]["language"] = "de"
    rewrite(other, manifest, "train", pa.Table.from_pylist(rows, shard.schema))
    write(other, manifest, audit)
    documents = diff(folder, other).told["documents"]
    assert documents["changed"]["ids"] == [rows[0]["id"]]
    assert documents["retagged"]["ids"] == [rows[1]["id"]]
    assert not documents["came"]["documents"]
    assert not documents["moved"]["documents"]


def test_a_document_in_another_split_has_moved(two):
    """Documents that are in both builds, in other splits, are told with their ways."""
    folder, other, manifest, audit = two
    one, last = (manifest["splits"][split]["shards"][-1] for split in ("test", "train"))
    tables = [pq.read_table(folder / path) for path in (one, last)]
    rewrite(other, manifest, "test", pa.concat_tables([tables[0], tables[1].slice(0, 1)]))
    rewrite(other, manifest, "train", tables[1].slice(1))
    write(other, manifest, audit)
    moved = diff(folder, other).told["documents"]["moved"]
    assert moved["documents"] == 1
    assert moved["ways"] == [{"from": "train", "to": "test", "documents": 1}]


def test_settings_inputs_counts_and_columns_are_told_side_by_side(two):
    """What was set, read and counted otherwise stands with both values, under its address."""
    folder, other, manifest, audit = two
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
    write(other, manifest, audit)
    told = diff(folder, other).told
    assert {row["name"]: (row["a"], row["b"]) for row in told["settings"]} == {
        "stages.deduplicate.threshold": (0.8, 0.7),
        "stages.deduplicate.within": (None, ["language", "\x1b"]),
        "stages.deduplicate[2].stage": (None, "deduplicate"),
        "stages.deduplicate[2].threshold": (None, 0.9),
    }
    assert told["versions"] == [{"name": "python", "a": "3.11", "b": "3.12"}]
    assert told["inputs"]["changed"] == ["a\n# b|c.jsonl"]
    assert told["inputs"]["came"] == ["new\x1b.txt"]
    assert {row["name"]: row["b"] for row in told["counts"]} == {"read": 25, "language en": 99}
    assert told["columns"] == [{"name": "topic", "a": None, "b": "string"}]
    text = str(diff(folder, other))
    assert "stages.deduplicate.threshold: 0.8 -> 0.7" in text
    assert 'stages.deduplicate.within: nothing -> ["language", ' in text
    assert "\x1b" not in text


@pytest.mark.parametrize("without", ["a", "b", "ab"])
def test_without_an_audit_only_what_the_manifests_count_is_compared(two, without):
    """Where `audit/` was deleted nothing is counted as 0; it is told what is not compared."""
    folder, other, manifest, audit = two
    manifest["counts"]["read"] += 7
    write(other, manifest, audit)
    for side, build in (("a", folder), ("b", other)):
        if side in without:
            shutil.rmtree(build / "audit")
    found = diff(folder, other)
    assert [row["name"] for row in found.told["counts"]] == ["read"]
    assert found.told["unaudited"] == list(without)
    who = {"a": "a has", "b": "b has", "ab": "a and b have"}[without]
    assert f"\n{who} no audit: words, lengths and languages are not compared" in str(found)


def test_a_deleted_audit_is_no_difference(two):
    """Builds are compared as they were built; that a file of one is gone is for `verify` to say."""
    folder, other, *_ = two
    shutil.rmtree(other / "audit")
    assert str(diff(folder, other)) == str(diff(other, folder)) == ""


def test_lengths_are_told_side_by_side(two):
    """Where documents have other lengths, both histograms are told, over the same bins."""
    folder, other, manifest, audit = two
    audit = copy.deepcopy(audit)
    lengths = audit["splits"]["train"]["lengths"]
    lengths[:] = [*lengths[1:], lengths[0]]
    audit["characters"] += 11 * audit["documents"]
    write(other, manifest, audit)
    told = diff(folder, other).told
    assert sum(told["lengths"]["a"]) == sum(told["lengths"]["b"]) == audit["documents"]
    assert {row["name"]: row["b"] - row["a"] for row in told["counts"]} == {
        "characters": 11 * audit["documents"],
        "characters each": 11,
    }
    assert "lengths in characters, from" in str(diff(folder, other))


def test_what_is_no_build_is_refused(tmp_path):
    """A folder without a manifest is named."""
    with pytest.raises(InputError, match="there is no build here"):
        diff(tmp_path, tmp_path)


def test_a_damaged_shard_is_named(two):
    """A shard that cannot be read is an error of the input, with what to do."""
    folder, other, manifest, audit = two
    path = manifest["splits"]["test"]["shards"][0]
    (other / path).write_bytes(b"PAR1")
    manifest["files"][path]["sha256"] = "2" * 64
    write(other, manifest, audit)
    with pytest.raises(InputError, match="corpus verify"):
        diff(folder, other)
