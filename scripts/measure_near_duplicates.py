"""Hold deduplicate and split to their definitions on real texts and on sets made by known edits.

    python scripts/measure_near_duplicates.py FILE.jsonl[.zst] ...  [--languages LANGUAGES.jsonl]

Each line of FILE has `id` and `text`, and `gold` (the cluster) if you know it. From LANGUAGES
(`text`, `lang`, `kind`) a set is made for each of zh, ja, hi and th: articles and copies with known
edits. The truth is computed in plain Python, from `corpus.words.definition`, for every pair that
shares a shingle. Printed for each set:

    pairs     at the threshold of 0.8 or over
    missed    of these, pairs that were both kept
    wrong     documents removed without a kept one at the threshold
    lost      clusters of `gold` of which nothing is left
    leaks     documents of train at 0.5 or over with one held out, after a split of 0.2
    CPU s     of the stage deduplicate, observing included
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import Counter, defaultdict
from typing import Any

import numpy as np
import pyarrow as pa

from corpus.documents import ID, KEY, TEXT
from corpus.observations import in_memory
from corpus.stages.deduplicate import Deduplicate
from corpus.stages.split import Split
from corpus.words.definition import jaccard, shingles

Rows = list[dict[str, Any]]
COMMON = 400
"""A shingle of more documents than this tells no pair that others do not."""


def records(path: str) -> Rows:
    """Return the records of a JSONL file, packed or not."""
    with pa.input_stream(path, compression="zstd" if path.endswith(".zst") else None) as file:
        return [json.loads(line) for line in file.read().splitlines()]


def batch_of(rows: Rows) -> pa.RecordBatch:
    """Return the records as documents."""
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
    """Return the Jaccard of every pair that shares a shingle which is not all too common."""
    owners = defaultdict(list)
    for k, found in enumerate(sets):
        for shingle in found:
            owners[shingle].append(k)
    shared = Counter()
    for held in owners.values():
        if 1 < len(held) <= COMMON:
            shared.update((a, b) for i, a in enumerate(held) for b in held[i + 1 :])
    return {pair: jaccard(sets[pair[0]], sets[pair[1]]) for pair in shared}


def measure(rows: Rows, *, threshold: float = 0.8, test: float = 0.2) -> dict[str, Any]:
    """Return the figures of one set."""
    batch, stage = batch_of(rows), Deduplicate(threshold=threshold)
    stage.kernels()
    began = time.process_time()
    corpus = in_memory(batch, stage.observes())
    decided = stage.decide(corpus)
    seconds = time.process_time() - began
    stays = decided["reason"].is_null().to_numpy(zero_copy_only=False)
    sets = [shingles(row["text"]) for row in rows]
    pairs = similarities(sets)
    near = [pair for pair, score in pairs.items() if score >= threshold]
    reached = np.zeros(len(rows), np.bool_)
    for one, other in near:
        reached[one] |= stays[other]
        reached[other] |= stays[one]
    found = {
        "documents": len(rows),
        "kept": int(stays.sum()),
        "pairs": len(near),
        "missed": sum(bool(stays[a] and stays[b]) for a, b in near),
        "wrong": sum(not stays[k] and not reached[k] and bool(sets[k]) for k in range(len(rows))),
    }
    if "gold" in rows[0]:
        kept = {row["gold"] for row, stay in zip(rows, stays, strict=True) if stay}
        found["lost"] = len({row["gold"] for row in rows} - kept)
    splitting = Split(test=test)
    rest = batch.filter(pa.array(stays))
    divided = splitting.decide(in_memory(rest, splitting.observes()))
    place = dict(zip(rest[ID].to_pylist(), divided.to_pylist(), strict=True))
    told = [place.get(id, {"reason": "gone"}) for id in batch[ID].to_pylist()]
    split = [None if row["reason"] else row["split"] for row in told]
    found["leaks"] = sum(
        score >= 0.5 and {split[a], split[b]} == {"train", "test"}
        for (a, b), score in pairs.items()
    )
    return found | {"CPU s": round(seconds, 2)}


# --- copies by known edits, in scripts with and without spaces


def edited(text: str, others: str, kind: str, draw: random.Random) -> str:
    """Return a copy of a text: boilerplate around it, sentences in another order, typos, ..."""
    ends = "\u3002\uff01\uff1f\u0964!?\n" if any(m in text for m in "\u3002\u0964") else " \n"
    sentences = [""]
    for char in text:
        sentences[-1] += char
        if char in ends and len(sentences[-1]) > 20:
            sentences.append("")
    some = others[draw.randrange(max(1, len(others) - 200)) :]
    match kind:
        case "format":
            return "".join(f"{part} \n" for part in sentences)
        case "site_boilerplate":
            return f"{some[:30]}\n{text}\n{some[40:90]}"
        case "headline":
            return f"{some[:25]}\n2021\n{text}"
        case "reorder":
            cut = len(sentences) // 2
            return "".join(sentences[cut:] + sentences[:cut])
        case "typos" | "more typos":
            share = 0.002 if kind == "typos" else 0.02
            return "".join(draw.choice(some) if draw.random() < share else c for c in text)
        case "cut 90 %" | "cut 60 %":
            return text[: int(len(text) * int(kind[4:6]) / 100)]
        case _:
            return text


KINDS = (
    *("exact", "format", "site_boilerplate", "headline", "reorder"),
    *("typos", "more typos", "cut 90 %", "cut 60 %"),
)


def made(rows: Rows, language: str, *, bases: int = 600) -> Rows:
    """Return a set made from the texts of one language: articles, and copies of most of them."""
    draw = random.Random(20)  # noqa: S311  (no secret)
    held = [row for row in rows if row["lang"].split("-")[0] == language]
    articles = [r["text"] for r in held if r["kind"] == "article" and len(r["text"]) > 200]
    short = [r["text"] for r in held if len(r["text"]) <= 200]
    draw.shuffle(short)
    while len(short) > 8 and len(articles) < bases:  # sentences in a row, each used once
        articles.append(" ".join(short.pop() for _ in range(8)))
    found, everything = [], " ".join(articles)
    for gold, text in enumerate(articles[:bases]):
        kinds = draw.sample(KINDS, draw.randint(0, 4))
        found += [{"text": text, "gold": gold}]
        found += [{"text": edited(text, everything, k, draw), "gold": gold} for k in kinds]
    draw.shuffle(found)
    return [row | {"id": str(k)} for k, row in enumerate(found)]


def main() -> None:
    """Print the figures of every set."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*")
    parser.add_argument("--languages")
    said = parser.parse_args()
    for path in said.files:
        print(path.rsplit("/", 1)[-1], json.dumps(measure(records(path))))
    if said.languages:
        rows = records(said.languages)
        for language in ("zh", "ja", "hi", "th"):
            print(language, json.dumps(measure(made(rows, language))))


if __name__ == "__main__":
    main()
