"""Removals are counted in the ledger and shown with examples; near duplicates are report again."""

from __future__ import annotations

import json
import re
from collections import Counter

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import corpus
from corpus.auditing.measure.counting import measure
from corpus.auditing.measure.examples import (
    EXCERPT_CHARACTERS,
    MAX_EXAMPLES,
    Changes,
    merge_changes,
    record_changes,
    removal_excerpts,
)
from corpus.auditing.measure.near_duplicates import near_duplicates
from corpus.auditing.measure.personal_data import EVERYTHING, wanted_in
from corpus.auditing.measure.removals import (
    SCORE_BINS,
    _masked_change,
    _masked_example,
    kept_excerpts,
    removals,
)
from corpus.auditing.measure.text_sample import sample_texts
from corpus.auditing.measure.topics import MIN_DOCUMENTS, topics
from corpus.documents import KEY, RECORD_HASH, TEXT, column
from corpus.pipeline.engine import Serial
from corpus.words.definition import jaccard, shingles

STORY = (
    "The ferry to the island was late again on Monday because the tide had taken the buoys and the "
    "pilot would not leave without them, said the harbour master, who had seen it all before and "
    "expects to see it again before the summer is over and the visitors have gone home by train."
)


def test_clusters_and_scores_match_the_ledger(tiny_build):
    """Documents, clusters, sizes and scores are what plain Python counts in the ledger."""
    folder, manifest, _ = tiny_build
    report = removals(folder, manifest)["duplicates"]
    rows = pq.read_table(folder / "ledger" / "removed.parquet").to_pylist()
    rows = [row for row in rows if row["stage"] == "deduplicate"]
    sizes = Counter(row["evidence"] for row in rows)
    assert report["documents"] == len(rows) == sum(report["reasons"].values())
    assert report["clusters"] == len(sizes) == sum(report["sizes"]["clusters"])
    assert report["largest_cluster"] == max(sizes.values()) + 1
    assert [(c["id"], c["documents"] - 1) for c in report["largest"]] == sizes.most_common()
    bins = Counter(int(row["score"] * SCORE_BINS) for row in rows)
    assert report["scores"] == [bins[i] for i in range(SCORE_BINS)]
    assert report["closest"][0]["score"] == min(row["score"] for row in rows)
    assert removals(folder, manifest)["leaks"] is None


def test_the_kept_text_is_shown_next_to_its_copy(tiny_build):
    """Texts that are named as evidence are read from the shards, and no others."""
    folder, manifest, _ = tiny_build
    excerpts = kept_excerpts(folder, manifest, {"train-6-0", "not-there"})
    assert list(excerpts) == ["train-6-0"]
    assert "text of train-6-0" in excerpts["train-6-0"]
    example = {"id": "x", "source": "s", "stage": "deduplicate", "reason": "r", "score": 1.0}
    report = removals(
        folder, manifest, [example | {"evidence": "train-6-0", "excerpt": "mail a@b.example"}]
    )
    assert report["examples"][0]["beside"] == excerpts["train-6-0"]
    assert report["examples"][0]["excerpt"] == "mail x@x.xxxxxxx"


def test_excerpts_are_kept_of_a_few_documents_for_each_reason(documents):
    """Excerpts are kept of the documents with the smallest keys for each reason, and no others."""
    batch = documents(*(f"text {i}" for i in range(20)))
    because = ["short" if i % 2 else "long" for i in range(20)]
    excerpts, beyond = removal_excerpts(batch, pa.array(because))
    assert beyond.is_valid().equals(excerpts.is_valid())
    excerpts = excerpts.to_pylist()
    keys = batch.column(KEY).to_pylist()
    for reason in ("short", "long"):
        smallest = sorted((keys[i], i) for i in range(20) if because[i] == reason)
        kept = {i for i in range(20) if because[i] == reason and excerpts[i]}
        assert kept == {i for _, i in smallest[:MAX_EXAMPLES]}


def test_changed_texts_are_recorded_before_and_after(documents):
    """A changed text has the lines that were removed; for any parts, the choice is the same."""
    before = documents(*(f"Menu\nstory {i}\nDismiss" for i in range(12)))
    texts = [f"story {i}" if i else f"Menu\nstory {i}\nDismiss" for i in range(12)]
    after = column(before, TEXT, texts, before.schema.field(TEXT).type)
    whole: Changes = {}
    record_changes("clean", before, after, whole)
    parts: list[Changes] = [{}, {}]
    for part, start in zip(parts, (0, 5), strict=True):
        record_changes(
            "clean",
            before.slice(start, 5 + 2 * (start > 0)),
            after.slice(start, 7 if start else 5),
            part,
        )
    assert merge_changes(parts) == merge_changes(reversed(parts)) == whole
    rows = whole["clean"]
    assert len(rows) == MAX_EXAMPLES
    assert all(row["gone"] == ["Menu", "Dismiss"] for row in rows)
    assert all(
        row["digest"] in {d.hex() for d in before.column(RECORD_HASH).to_pylist()} for row in rows
    )
    untouched: Changes = {}
    record_changes("clean", before, before, untouched)
    assert untouched == {}


def shown(before: str, after: str, documents, stages=()) -> dict:
    """Return what the audit shows of a text that a stage changed."""
    batch = documents(before)
    changes: Changes = {}
    field = batch.schema.field(TEXT)
    record_changes("clean", batch, column(batch, TEXT, [after], field.type), changes)
    return _masked_change("clean", changes["clean"][0], wanted_in({"stages": [*stages]}))


ADDRESS = "ada.lovelace@post.example.org"


@pytest.mark.parametrize("before_cut", range(2, len(ADDRESS) + 2, 3))
def test_an_address_at_the_cut_of_an_excerpt_is_masked(documents, before_cut):
    """Also of an address that the excerpt cuts, nothing is shown, wherever the cut is."""
    filling = "word " * 100
    text = filling[: EXCERPT_CHARACTERS - before_cut] + f" {ADDRESS} {filling}"
    row = {"id": "x", "source": "s", "stage": "filter", "reason": "words", "evidence": None}
    batch = documents(text)
    excerpts, beyond = removal_excerpts(batch, pa.array(["words"]))
    row |= {"excerpt": excerpts[0].as_py(), "beyond": beyond[0].as_py()}
    example = _masked_example(row, EVERYTHING)["excerpt"]
    change = shown(text, text + "more", documents)
    for excerpt in (example, change["before"], change["after"]):
        assert len(excerpt) == EXCERPT_CHARACTERS
        assert not re.search("ada|love|post", excerpt)


def test_removed_lines_are_masked_with_what_stands_around_them(documents):
    """A number that the line before names, a key over many lines, and a cut address are masked."""
    key = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"
    lines = ["Telefon", "30 145671 90", "-----BEGIN PRIVATE KEY-----", key, "z" + key, "and so on"]
    lines += ["- " * 98 + ADDRESS, "2023-10-15"]
    change = shown("\n".join(lines), "", documents)
    masked = re.sub("[0-9]", "0", re.sub("[A-Za-z]", "x", key))
    assert change["gone"] == [
        "Telefon", "00 000000 00", "-----xxxxx xxxxxxx xxx-----", masked, f"x{masked}",
        "and so on", "- " * 98 + "xxx.", "2023-10-15",
    ]  # fmt: skip


def test_the_regions_of_redact_count_in_excerpts(documents):
    """What the stage replaces by its settings is masked, also where an earlier stage removed it."""
    stage = {"stage": "redact", "types": {"phone": {"regions": ["BR"]}}}
    text = "Tel 11 91234 5678 and more"
    assert shown(text, "", documents)["gone"] == ["Tel 11 00000 0000 and more"]
    assert shown(text, "", documents, [stage])["gone"] == ["Tel 00 00000 0000 and more"]


def test_near_duplicates_and_leaks_are_found_again(documents):
    """One of a text and its near copy is a duplicate; across splits it is also a leak."""
    copy = STORY.replace("Monday", "Sunday")
    train = documents(STORY, copy, "Another story altogether.", id=["a", "b", "c"])
    test = documents(copy.replace("pilot", "captain"), id=["d"])
    hashes = np.arange(3, dtype=np.uint64)
    sample = sample_texts([train], [hashes], split="train", max_bytes=1 << 20)
    last = np.array([9], np.uint64)
    sample = sample.merge(sample_texts([test], [last], split="test", max_bytes=1 << 20))
    report = near_duplicates(sample)
    pairs = [
        jaccard(shingles(STORY), shingles(t)) for t in (copy, copy.replace("pilot", "captain"))
    ]
    assert pairs[0] >= 0.8 > pairs[1] or report["duplicates"] == 2
    assert report["clusters"] == 1
    assert report["largest"][0]["members"][0]["score"] == pytest.approx(
        min(p for p in pairs if p >= 0.8), abs=1e-4
    )
    assert report["leaks"] == 2
    assert report["leaking"][0]["beside"]["id"] == "d"


def test_the_map_of_topics_is_reproducible(documents):
    """The same documents give the same map, with each document in one cluster."""
    words = {"sea": "ship harbour pilot buoy tide ", "hill": "sheep farmer barn wool fence "}
    texts = [f"{words[kind] * 6} {kind} {i}" for i in range(MIN_DOCUMENTS) for kind in words]
    batch = documents(*texts)
    maps = [topics(measure(batch, split="train").text_sample) for _ in range(2)]
    assert maps[0] == maps[1]
    assert sum(c["documents"] for c in maps[0]["clusters"]) == len(texts) == len(maps[0]["points"])
    assert {"ship", "sheep"} & {word for c in maps[0]["clusters"] for word in c["words"]}
    assert topics(measure(batch.slice(0, MIN_DOCUMENTS - 1), split="train").text_sample) is None


def test_the_audit_of_a_build_has_masked_examples(tmp_path):
    """A build shows examples of what it removed; with titles of 1 MB its page is still small."""
    hostile = "<script>alert(1)</script></style>\u202e\x1b[31m" * 20_000
    rows = [
        {"id": "long", "text": f"{STORY} {STORY[::-1]}", "title": hostile},
        {"id": "copy", "text": f"{STORY} {STORY[::-1]} Yes.", "title": hostile},
        {"id": "short", "text": "Too short: write to me@papers.example."},
    ]
    (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, rows)))
    config = (
        "name: examples\nsources: [{path: in.jsonl}]\nstages:\n- {stage: filter, words: {min: 9}}\n"
    )
    (tmp_path / "examples.yaml").write_text(f"{config}- {{stage: deduplicate}}\n")
    built = corpus.build(corpus.load_config(tmp_path / "examples.yaml"), engine=Serial())
    audit = json.loads((built.path / "audit" / "audit.json").read_bytes())
    examples = {row["reason"]: row for row in audit["removals"]["examples"]}
    assert examples["words"]["excerpt"] == "Too short: write to xx@xxxxxx.xxxxxxx."
    assert examples["near_duplicate"]["evidence"] in ("long", "copy")
    assert examples["near_duplicate"]["beside"].startswith("The ferry")
    for name in ("audit/index.html", "README.md"):
        text = (built.path / name).read_text(encoding="utf-8")
        assert len(text) < 500_000
        assert not {"\u202e", "\x1b"} & set(text)
        assert "<script>" not in text.replace("`", "").partition("```json")[0]
    again = str(corpus.audit(built.path, topics=False))
    assert not {"\u202e", "\x1b"} & set(again)


def test_clusters_and_near_misses_have_both_texts(tmp_path):
    """Clusters, removals near the threshold and near misses have both texts."""
    other = " ".join(reversed(STORY.split()))
    rows = {
        "kept": f"{STORY} {STORY.upper()} And that was that, write to me@papers.example for more.",
        "copy": f"{STORY} {STORY.upper()} And that was that, write to me@papers.example.",
        "missed": f"{other} to the quay",
        "nearly": f"{other} with a boat",
    }
    lines = [json.dumps({"id": id, "text": text}) for id, text in rows.items()]
    (tmp_path / "in.jsonl").write_text("\n".join(lines))
    (tmp_path / "examples.yaml").write_text(
        "name: examples\nsources: [{path: in.jsonl}]\n"
        "stages: [{stage: deduplicate, threshold: 0.9}]\n"
    )
    built = corpus.build(corpus.load_config(tmp_path / "examples.yaml"), engine=Serial())
    audit = json.loads((built.path / "audit" / "audit.json").read_bytes())
    report = audit["removals"]["duplicates"]
    (cluster,) = report["largest"]
    assert (cluster["id"], cluster["excerpt"][:20]) == ("kept", STORY[:20])
    assert cluster["members"][0]["id"] == "copy"
    assert cluster["members"][0]["excerpt"] == rows["copy"][:400]
    assert report["closest"][0]["excerpt"] == rows["copy"][:400]
    assert report["closest"][0]["beside"] == rows["kept"][:400]
    pair = report["near_misses"]["nearest"][0]
    assert {pair["id"], pair["other"]} == {"missed", "nearly"}
    exact = jaccard(shingles(rows["missed"]), shingles(rows["nearly"]))
    assert pair["score"] == pytest.approx(exact, abs=1e-6)
    assert {pair["excerpt"], pair["beside"]} == {rows["missed"][:400], rows["nearly"][:400]}
    assert corpus.audit(built.path).statistics["removals"] == audit["removals"]
    page = (built.path / "audit" / "index.html").read_text()
    assert "Near misses: pairs just below the threshold, both kept (" in page
