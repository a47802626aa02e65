"""Compare deduplicate and split with their definitions, on real texts and on known edits.

    python scripts/measure_near_duplicates.py FILE.jsonl[.zst] ...  [--languages LANGUAGES.jsonl]

Each line of FILE has `id` and `text`, and `gold` (the cluster) if it is known. From LANGUAGES
(`text`, `lang`, `kind`) the script makes one set each for zh, ja, hi and th: articles, and copies
with known edits. The truth is computed in plain Python, from `corpus.words.definition`, for every
pair that shares a shingle. For each set it prints:

    pairs     pairs with a Jaccard similarity of at least 0.8
    missed    of these, pairs with both documents kept
    wrong     documents removed without a kept document at the threshold
    lost      clusters of `gold` without a kept document
    leaks     pairs of a training and a test document with a similarity of at least 0.5, after a
              split with 0.2 in test
    CPU s     processor time of the stage deduplicate, including observing
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import defaultdict
from typing import Any

import numpy as np
import pyarrow as pa

from corpus.documents import ID, KEY, TEXT
from corpus.observations import in_memory
from corpus.stages.deduplicate import Deduplicate
from corpus.stages.split import Split
from corpus.words.definition import jaccard, shingles

Rows = list[dict[str, Any]]
MAX_SHINGLE_DOCUMENTS = 400
"""Shingles in more documents are ignored: rarer ones reveal the same pairs."""


def records(path: str) -> Rows:
    """Return the records of a JSONL file, which may be compressed."""
    with pa.input_stream(path, compression="zstd" if path.endswith(".zst") else None) as file:
        return [json.loads(line) for line in file.read().splitlines()]


def batch_of(rows: Rows) -> pa.RecordBatch:
    """Return the records as a batch of documents."""
    ids = [str(row.get("id", k)) for k, row in enumerate(rows)]
    keys = [id.encode()[-16:].rjust(16) for id in ids]
    return pa.record_batch(
        {
            ID: ids,
            KEY: pa.array(keys, pa.binary(16)),
            TEXT: pa.array([row["text"] for row in rows], pa.large_string()),
        }
    )


def similarities(sets: list[set[str]]) -> dict[tuple[int, int], float]:
    """Return the Jaccard similarity of every pair that shares a shingle that is not too common."""
    owners = defaultdict(list)
    for k, shingle_set in enumerate(sets):
        for shingle in shingle_set:
            owners[shingle].append(k)
    shared: set[tuple[int, int]] = set()
    for documents in owners.values():
        if 1 < len(documents) <= MAX_SHINGLE_DOCUMENTS:
            shared.update((a, b) for i, a in enumerate(documents) for b in documents[i + 1 :])
    return {pair: jaccard(sets[pair[0]], sets[pair[1]]) for pair in shared}


def measure(rows: Rows, *, threshold: float = 0.8, test: float = 0.2) -> dict[str, Any]:
    """Return the figures of one set."""
    batch, stage = batch_of(rows), Deduplicate(threshold=threshold)
    stage.kernels()
    start = time.process_time()
    corpus = in_memory(batch, stage.observes())
    decisions = stage.decide(corpus)
    seconds = time.process_time() - start
    kept = decisions["reason"].is_null().to_numpy(zero_copy_only=False)
    sets = [shingles(row["text"]) for row in rows]
    pairs = similarities(sets)
    near = [pair for pair, score in pairs.items() if score >= threshold]
    explained = np.zeros(len(rows), np.bool_)
    for a, b in near:
        explained[a] |= kept[b]
        explained[b] |= kept[a]
    figures: dict[str, Any] = {
        "documents": len(rows),
        "kept": int(kept.sum()),
        "pairs": len(near),
        "missed": sum(bool(kept[a] and kept[b]) for a, b in near),
        "wrong": sum(not kept[k] and not explained[k] and bool(sets[k]) for k in range(len(rows))),
    }
    if "gold" in rows[0]:
        left = {row["gold"] for row, is_kept in zip(rows, kept, strict=True) if is_kept}
        figures["lost"] = len({row["gold"] for row in rows} - left)
    figures["leaks"] = count_leaks(batch, kept, pairs, test=test)
    return figures | {"CPU s": round(seconds, 2)}


def count_leaks(
    batch: pa.RecordBatch,
    kept: np.ndarray[Any, np.dtype[np.bool_]],
    pairs: dict[tuple[int, int], float],
    *,
    test: float,
) -> int:
    """Return how many similar pairs have one document in train and one in test after a split."""
    stage = Split(test=test)
    remaining = batch.filter(pa.array(kept))
    decisions = stage.decide(in_memory(remaining, stage.observes())).to_pylist()
    splits = {
        id: None if row["reason"] else row["split"]
        for id, row in zip(remaining[ID].to_pylist(), decisions, strict=True)
    }
    split = [splits.get(id) for id in batch[ID].to_pylist()]
    return sum(
        score >= 0.5 and {split[a], split[b]} == {"train", "test"}
        for (a, b), score in pairs.items()
    )


# --- copies with known edits, in scripts with and without spaces


def edited(text: str, others: str, kind: str, draw: random.Random) -> str:
    """Return an edited copy of a text: with boilerplate, reordered sentences, typos, ..."""
    ends = "\u3002\uff01\uff1f\u0964!?\n" if any(m in text for m in "\u3002\u0964") else " \n"
    sentences = [""]
    for char in text:
        sentences[-1] += char
        if char in ends and len(sentences[-1]) > 20:
            sentences.append("")
    other = others[draw.randrange(max(1, len(others) - 200)) :]
    match kind:
        case "format":
            return "".join(f"{part} \n" for part in sentences)
        case "site_boilerplate":
            return f"{other[:30]}\n{text}\n{other[40:90]}"
        case "headline":
            return f"{other[:25]}\n2021\n{text}"
        case "reorder":
            cut = len(sentences) // 2
            return "".join(sentences[cut:] + sentences[:cut])
        case "typos" | "more typos":
            share = 0.002 if kind == "typos" else 0.02
            return "".join(draw.choice(other) if draw.random() < share else c for c in text)
        case "cut 90 %" | "cut 60 %":
            return text[: int(len(text) * int(kind[4:6]) / 100)]
        case _:
            return text


KINDS = (
    *("exact", "format", "site_boilerplate", "headline", "reorder"),
    *("typos", "more typos", "cut 90 %", "cut 60 %"),
)


def make_set(rows: Rows, language: str, *, bases: int = 600) -> Rows:
    """Return a set made from the texts of one language: articles, and copies of most of them."""
    draw = random.Random(20)  # noqa: S311  (no secret)
    texts = [row for row in rows if row["lang"].split("-")[0] == language]
    articles = [r["text"] for r in texts if r["kind"] == "article" and len(r["text"]) > 200]
    short = [r["text"] for r in texts if len(r["text"]) <= 200]
    draw.shuffle(short)
    while len(short) > 8 and len(articles) < bases:  # consecutive sentences, each used once
        articles.append(" ".join(short.pop() for _ in range(8)))
    documents: Rows = []
    everything = " ".join(articles)
    for gold, text in enumerate(articles[:bases]):
        kinds = draw.sample(KINDS, draw.randint(0, 4))
        documents += [{"text": text, "gold": gold}]
        documents += [{"text": edited(text, everything, k, draw), "gold": gold} for k in kinds]
    draw.shuffle(documents)
    return [row | {"id": str(k)} for k, row in enumerate(documents)]


def main() -> None:
    """Print the figures of every set."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("files", nargs="*")
    parser.add_argument("--languages")
    arguments = parser.parse_args()
    for path in arguments.files:
        print(path.rsplit("/", 1)[-1], json.dumps(measure(records(path))))
    if arguments.languages:
        rows = records(arguments.languages)
        for language in ("zh", "ja", "hi", "th"):
            print(language, json.dumps(measure(make_set(rows, language))))


if __name__ == "__main__":
    main()
