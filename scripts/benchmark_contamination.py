"""Measure recall, false alarms and speed of the stage `decontaminate`.

    python scripts/benchmark_contamination.py NEWS CONFIG --seed 1

NEWS is a JSON Lines file of clean articles (.zst allowed), CONFIG a YAML file with a list of
benchmarks, as in the settings of the stage. Items are planted in articles in several forms; the
recall of a form is the share of items that the stage finds in it. Items that are not searched for
are not planted; their number is printed. An article that the stage marks without a planted item is
a false alarm.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import yaml

from corpus.contamination.files import hashed_files
from corpus.contamination.items import Item, read_items
from corpus.contamination.matching import find_overlaps
from corpus.stages.decontaminate import Decontaminate

LONG_WORDS = 100_000
LONG_DOCUMENTS = 20
FAR_WORDS = 5_000
"""Words between a question and its answer."""


def parts_of(item: Item) -> list[str]:
    """Return the segments of the question and options."""
    return [segment for segment in item.question if segment.strip()]


def edited(item: Item, rng: random.Random, vocabulary: list[str]) -> str:
    """Return an item in which one to three words are replaced, inserted or deleted."""
    words = " \n ".join(parts_of(item)).split(" ")
    for _ in range(rng.randint(1, 3)):
        place = rng.randrange(len(words))
        kind = rng.choice(("replace", "insert", "delete"))
        if kind == "insert":
            words.insert(place, rng.choice(vocabulary))
        elif kind == "replace":
            words[place] = rng.choice(vocabulary)
        elif len(words) > 1:
            del words[place]
    return " ".join(words)


def reordered(item: Item, rng: random.Random) -> str:
    """Return an item with its options in another order, with labels."""
    question, *options = parts_of(item)
    rng.shuffle(options)
    return "\n".join([question, *(f"({chr(97 + i % 26)}) {o}" for i, o in enumerate(options))])


def forms(rng: random.Random, news: list[str]) -> dict[str, Callable[[Item], str]]:
    """Return how an item is written in each form."""
    vocabulary = " ".join(news[:200]).split()
    far = " ".join(" ".join(news[:100]).split()[:FAR_WORDS])
    return {
        "verbatim": lambda item: "\n".join(parts_of(item)),
        "other case": lambda item: "\n".join(parts_of(item)).swapcase(),
        "options reordered": lambda item: reordered(item, rng),
        "1 to 3 words edited": lambda item: edited(item, rng, vocabulary),
        "split by line breaks": lambda item: "\n".join(" ".join(parts_of(item)).split()),
        "answer far away": lambda item: "\n".join([*parts_of(item), far, *item.answer]),
    }


def planted(article: str, text: str, rng: random.Random) -> str:
    """Return an article with a text between two of its sentences."""
    sentences = article.split(". ")
    place = rng.randrange(len(sentences) + 1)
    return ". ".join([*sentences[:place], text, *sentences[place:]])


def found(stage: Decontaminate, texts: list[str], wanted: list[int]) -> np.ndarray:
    """Return for each text whether the text of the index that is wanted in it is found."""
    observation = stage._overlap()  # noqa: SLF001
    overlaps = find_overlaps(
        pa.array(texts, pa.large_string()),
        observation.opened(),
        words=stage.words,
        fewest=stage.shortest - stage.words + 1,
    )
    hits = (np.array(wanted)[overlaps.documents] == overlaps.texts) & (
        overlaps.shares >= stage.share
    )
    result = np.zeros(len(texts), np.bool_)
    result[overlaps.documents[hits]] = True
    return result


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("news", type=Path)
    parser.add_argument("config", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--items", type=int, default=1000, help="maximum for each benchmark")
    options = parser.parse_args()
    rng = random.Random(options.seed)  # noqa: S311  no secret depends on it
    compression = "zstd" if options.news.suffix == ".zst" else None
    lines = pa.input_stream(str(options.news), compression=compression).read().splitlines()
    news = [json.loads(line)["text"] or "" for line in lines]
    described = yaml.safe_load(options.config.read_text())
    stage = Decontaminate.model_validate_json(
        json.dumps({"benchmarks": described}), context={"folder": options.config.parent}
    )
    index = stage._overlap().opened()  # noqa: SLF001
    text_of = {
        int(owner): text
        for text in np.flatnonzero(index.sizes).tolist()
        for owner in index.owners[index.starts[text] : index.starts[text + 1]].tolist()
    }
    stage.apply(documents(news[:1]))
    started = time.process_time()
    judged = stage.apply(documents(news))
    seconds = time.process_time() - started
    size = sum(len(text.encode()) for text in news) / 1e6
    marked = judged.column("contaminated_by").drop_null().to_pylist()
    print(f"news: {len(news):,} articles, {size:.1f} MB, {size / seconds:.0f} MB/s of CPU time")
    print(f"false alarms: {len(marked)} {marked[:5]}")
    first = 0
    for row, benchmark in zip(index.summary["coverage"], stage.benchmarks, strict=True):
        items = list(enumerate(read_items(hashed_files(benchmark, options.config.parent)), first))
        first += len(items)
        usable = [(item, text_of[2 * n]) for n, item in items if 2 * n in text_of]
        chosen = rng.sample(usable, min(options.items, len(usable)))
        recall = {}
        for name, write in forms(rng, news).items():
            texts = [planted(rng.choice(news), write(item), rng) for item, _ in chosen]
            recall[name] = found(stage, texts, [text for _, text in chosen]).mean()
        some = chosen[:LONG_DOCUMENTS]
        hits = []
        for item, text in some:  # one long document at a time, for the sake of memory
            words = " ".join(rng.sample(news, 600)).split()[:LONG_WORDS]
            place = rng.randrange(len(words))
            long = " ".join([*words[:place], *parts_of(item), *words[place:]])
            hits.append(found(stage, [long], [text])[0])
        recall["in 100,000 words"] = np.mean(hits)
        figures = ", ".join(f"{name} {share:.3f}" for name, share in recall.items())
        print(f"{row['benchmark']}: {row['items']:,} items, {len(chosen):,} planted: {figures}")


def documents(texts: list[str]) -> pa.RecordBatch:
    """Return a batch of documents with these texts."""
    ids = [str(i) for i in range(len(texts))]
    keys = [i.to_bytes(16, "big") for i in range(len(texts))]
    return pa.record_batch(
        {
            "id": pa.array(ids),
            "_key": pa.array(keys, pa.binary(16)),
            "text": pa.array(texts, pa.large_string()),
        }
    )


if __name__ == "__main__":
    main()
