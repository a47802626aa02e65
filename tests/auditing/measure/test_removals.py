"""What was removed is counted in the ledger, shown in a few examples, and compared anew."""

from __future__ import annotations

import json
from collections import Counter

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import corpus
from corpus.auditing.measure.counting import measure
from corpus.auditing.measure.examples import EXAMPLES, Changed, changed, excerpts, joined
from corpus.auditing.measure.near_duplicates import likeness
from corpus.auditing.measure.removals import BINS, kept_texts, removals
from corpus.auditing.measure.text_sample import hold
from corpus.auditing.measure.topics import LEAST, topics
from corpus.documents import KEY, RECORD_HASH, TEXT, column
from corpus.pipeline.engine import Serial
from corpus.words.definition import jaccard, shingles

STORY = (
    "The ferry to the island was late again on Monday because the tide had taken the buoys and the "
    "pilot would not leave without them, said the harbour master, who had seen it all before and "
    "expects to see it again before the summer is over and the visitors have gone home by train."
)


def test_clusters_and_scores_are_those_of_the_ledger(tiny_build):
    """Documents, clusters, sizes and scores are what one counts in the ledger by hand."""
    folder, manifest, _ = tiny_build
    found = removals(folder, manifest)["duplicates"]
    rows = pq.read_table(folder / "ledger" / "removed.parquet").to_pylist()
    rows = [row for row in rows if row["stage"] == "deduplicate"]
    sizes = Counter(row["evidence"] for row in rows)
    assert found["documents"] == len(rows) == sum(found["reasons"].values())
    assert found["clusters"] == len(sizes) == sum(found["sizes"]["clusters"])
    assert found["largest_cluster"] == max(sizes.values()) + 1
    assert [(c["id"], c["documents"] - 1) for c in found["largest"]] == sizes.most_common()
    bins = Counter(int(row["score"] * BINS) for row in rows)
    assert found["scores"] == [bins[i] for i in range(BINS)]
    assert found["closest"][0]["score"] == min(row["score"] for row in rows)
    assert removals(folder, manifest)["leaks"] is None


def test_the_kept_text_stands_beside_its_copy(tiny_build):
    """Texts that are named as evidence are read from the shards, and no others."""
    folder, manifest, _ = tiny_build
    found = kept_texts(folder, manifest, {"train-6-0", "not-there"})
    assert list(found) == ["train-6-0"]
    assert "text of train-6-0" in found["train-6-0"]
    example = {"id": "x", "source": "s", "stage": "deduplicate", "reason": "r", "score": 1.0}
    told = removals(
        folder, manifest, [example | {"evidence": "train-6-0", "excerpt": "mail a@b.example"}]
    )
    assert told["examples"][0]["beside"] == found["train-6-0"]
    assert told["examples"][0]["excerpt"] == "mail x@x.xxxxxxx"


def test_a_few_of_each_reason_are_kept_whatever_the_cut(documents):
    """The documents with the smallest keys have their beginnings kept, and no more of them."""
    batch = documents(*(f"text {i}" for i in range(20)))
    because = ["short" if i % 2 else "long" for i in range(20)]
    found = excerpts(batch, pa.array(because)).to_pylist()
    keys = batch.column(KEY).to_pylist()
    for reason in ("short", "long"):
        mine = sorted((keys[i], i) for i in range(20) if because[i] == reason)
        kept = {i for i in range(20) if because[i] == reason and found[i]}
        assert kept == {i for _, i in mine[:EXAMPLES]}


def test_what_a_stage_changed_is_kept_before_and_after(documents):
    """A changed text is told with the lines that went; cut in two, the choice is the same."""
    before = documents(*(f"Menu\nstory {i}\nDismiss" for i in range(12)))
    texts = [f"story {i}" if i else f"Menu\nstory {i}\nDismiss" for i in range(12)]
    after = column(before, TEXT, texts, before.schema.field(TEXT).type)
    whole: Changed = {}
    changed("clean", before, after, whole)
    parts: list[Changed] = [{}, {}]
    for part, start in zip(parts, (0, 5), strict=True):
        changed(
            "clean",
            before.slice(start, 5 + 2 * (start > 0)),
            after.slice(start, 7 if start else 5),
            part,
        )
    assert joined(parts) == joined(reversed(parts)) == whole
    rows = whole["clean"]
    assert len(rows) == EXAMPLES
    assert all(row["gone"] == ["Menu", "Dismiss"] for row in rows)
    assert all(
        row["digest"] in {d.hex() for d in before.column(RECORD_HASH).to_pylist()} for row in rows
    )
    untouched: Changed = {}
    changed("clean", before, before, untouched)
    assert untouched == {}


def test_near_duplicates_and_leaks_are_found_anew(documents):
    """Of a text and its near copy one is a duplicate; across splits it is a leak as well."""
    copy = STORY.replace("Monday", "Sunday")
    train = documents(STORY, copy, "Another story altogether.", id=["a", "b", "c"])
    test = documents(copy.replace("pilot", "captain"), id=["d"])
    hashes = np.arange(3, dtype=np.uint64)
    held = hold([train], [hashes], split="train", budget=1 << 20)
    held = held.merge(hold([test], [np.array([9], np.uint64)], split="test", budget=1 << 20))
    found = likeness(held)
    pairs = [
        jaccard(shingles(STORY), shingles(t)) for t in (copy, copy.replace("pilot", "captain"))
    ]
    assert pairs[0] >= 0.8 > pairs[1] or found["duplicates"] == 2
    assert found["clusters"] == 1
    assert found["largest"][0]["members"][0]["score"] == pytest.approx(
        min(p for p in pairs if p >= 0.8), abs=1e-4
    )
    assert found["leaks"] == 2
    assert found["leaking"][0]["beside"]["id"] == "d"


def test_a_map_of_topics_repeats(documents):
    """The same documents give the same map, with each of them in one cluster."""
    words = {"sea": "ship harbour pilot buoy tide ", "hill": "sheep farmer barn wool fence "}
    texts = [f"{words[kind] * 6} {kind} {i}" for i in range(LEAST) for kind in words]
    batch = documents(*texts)
    found = [topics(measure(batch, split="train").held) for _ in range(2)]
    assert found[0] == found[1]
    assert (
        sum(c["documents"] for c in found[0]["clusters"]) == len(texts) == len(found[0]["points"])
    )
    assert {"ship", "sheep"} & {word for c in found[0]["clusters"] for word in c["words"]}
    assert topics(measure(batch.slice(0, LEAST - 1), split="train").held) is None


def test_a_build_quotes_what_it_removed_and_changed(tmp_path):
    """Built with one worker, the audit holds examples; a page with 1 MB titles stays small."""
    hostile = "<script>alert(1)</script></style>\u202e\x1b[31m" * 20_000
    rows = [
        {"id": "long", "text": f"{STORY} {STORY[::-1]}", "title": hostile},
        {"id": "copy", "text": f"{STORY} {STORY[::-1]} Yes.", "title": hostile},
        {"id": "short", "text": "Too short: write to me@papers.example."},
    ]
    (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, rows)))
    config = (
        "name: told\nsources: [{path: in.jsonl}]\nstages:\n- {stage: filter, words: {min: 9}}\n"
    )
    (tmp_path / "told.yaml").write_text(f"{config}- {{stage: deduplicate}}\n")
    built = corpus.build(corpus.load_config(tmp_path / "told.yaml"), engine=Serial())
    audit = json.loads((built.path / "audit" / "audit.json").read_bytes())
    told = {row["reason"]: row for row in audit["removals"]["examples"]}
    assert told["words"]["excerpt"] == "Too short: write to xx@xxxxxx.xxxxxxx."
    assert told["near_duplicate"]["evidence"] in ("long", "copy")
    assert told["near_duplicate"]["beside"].startswith("The ferry")
    for name in ("audit/index.html", "README.md"):
        text = (built.path / name).read_text(encoding="utf-8")
        assert len(text) < 500_000
        assert not {"\u202e", "\x1b"} & set(text)
        assert "<script>" not in text.replace("`", "").partition("```json")[0]
    again = str(corpus.audit(built.path, topics=False))
    assert not {"\u202e", "\x1b"} & set(again)


def test_clusters_and_near_misses_are_shown_with_both_texts(tmp_path):
    """Both texts are told of clusters, of removals near the threshold, and of pairs that stay."""
    other = " ".join(reversed(STORY.split()))
    rows = {
        "kept": f"{STORY} {STORY.upper()} And that was that, write to me@papers.example for more.",
        "copy": f"{STORY} {STORY.upper()} And that was that, write to me@papers.example.",
        "missed": f"{other} to the quay",
        "nearly": f"{other} with a boat",
    }
    lines = [json.dumps({"id": id, "text": text}) for id, text in rows.items()]
    (tmp_path / "in.jsonl").write_text("\n".join(lines))
    (tmp_path / "told.yaml").write_text(
        "name: told\nsources: [{path: in.jsonl}]\nstages: [{stage: deduplicate, threshold: 0.9}]\n"
    )
    built = corpus.build(corpus.load_config(tmp_path / "told.yaml"), engine=Serial())
    audit = json.loads((built.path / "audit" / "audit.json").read_bytes())
    found = audit["removals"]["duplicates"]
    (cluster,) = found["largest"]
    assert (cluster["id"], cluster["excerpt"][:20]) == ("kept", STORY[:20])
    assert cluster["members"][0]["id"] == "copy"
    assert cluster["members"][0]["excerpt"] == rows["copy"][:400]
    assert found["closest"][0]["excerpt"] == rows["copy"][:400]
    assert found["closest"][0]["beside"] == rows["kept"][:400]
    pair = found["near_misses"]["nearest"][0]
    assert {pair["id"], pair["other"]} == {"missed", "nearly"}
    exact = jaccard(shingles(rows["missed"]), shingles(rows["nearly"]))
    assert pair["score"] == pytest.approx(exact, abs=1e-6)
    assert {pair["excerpt"], pair["beside"]} == {rows["missed"][:400], rows["nearly"][:400]}
    assert corpus.audit(built.path).statistics["removals"] == audit["removals"]
    page = (built.path / "audit" / "index.html").read_text()
    assert "Near misses: not alike enough, but nearly; the nearest of " in page
