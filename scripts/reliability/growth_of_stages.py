"""What comes after the readers and `clean`: how its CPU time grows with hostile input.

Each case has a function that returns what to run for an input of about `n` bytes. Measured are the
other stages (on one document, and on many), word counts, the YAML of a config, the card with what
people wrote into it, and the audit with its page.
"""

from __future__ import annotations

import contextlib
import functools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import stress_articles
import tokenizers
import tokenizers.models
import tokenizers.pre_tokenizers

from corpus.api import audit
from corpus.card.write import card_and_hash
from corpus.config.load import load_config
from corpus.documents import DATE, ID, KEY, TEXT
from corpus.errors import CorpusError
from corpus.observations import in_memory
from corpus.stages import CorpusStage, DocumentStage, Stage, make_stage
from corpus.words.count import count_words
from reliability.builds import build_here, write_corpus
from reliability.growth import Action

Make = Callable[[int], Action]

STAGES: list[dict[str, Any]] = [
    {"stage": "filter", "words": {"min": 5, "max": 9}, "columns": {"publisher": ["a", "b"]}},
    {"stage": "language", "keep": ["en"]},
    {"stage": "language", "keep": ["en"], "paragraphs": True},
    {"stage": "deduplicate_lines", "words": 1},
    {"stage": "deduplicate"},
    {"stage": "containment"},
    {"stage": "site_boilerplate"},
    {"stage": "split", "test": 0.5},
    {"stage": "quality", "c4": True, "gopher": True, "fineweb": True, "fineweb2": True},
    {"stage": "redact"},
    {"stage": "decontaminate", "benchmarks": [{"name": "own", "path": "items.jsonl"}]},
    {"stage": "tokens", "tokenizer": "tokenizer.json"},
    {"stage": "mix", "by": "publisher", "temperature": 0.5},
]
MANY = 500
"""Bytes of one of many documents."""

YAML: dict[str, str] = {
    "lists": "[", "maps": "{a: ", "nested": "- ", "quotes": "'\n", "keys": "? a\n", "tags": "!a ",
    "anchors": "&a ", "aliases": "*a ", "literals": "|\n", "comments": "#\n", "spaces": "  \n",
    "the same key": "name: a\n", "colons": "a:", "sources": "  - path: a\n", "escapes": '"\\',
    "documents": "---\n", "tabs": "\t", "control characters": "\x85", "typed": "- stage: filtre\n",
}  # fmt: skip
"""Pieces that are repeated until a config has about `n` bytes."""

README: dict[str, str] = {
    "keys": "a: b\n", "front matter": "---\n", "comments": "<!--", "fences": "```\n",
    "lists": "- ", "carriage returns": "\r\n",
    "markers": "<!-- corpus: generated, edits here are overwritten -->\n",
    "code": "`", "links": "[a](", "tables": "|a|\n", "blank lines": "\n",
}  # fmt: skip
"""Pieces of a card that people have edited."""


def cases(scratch: Path) -> Iterator[tuple[str, Make]]:
    """Yield the name of each case, and the function that makes its action."""
    _write_files(scratch)
    for settings in STAGES:
        stage, _ = make_stage(settings, scratch).prepare(scratch)
        stage.kernels()
        named = (str(settings[key]) for key in settings if key not in ("columns", "benchmarks"))
        name = " ".join(["stage", *named])
        for text, make in stress_articles.PAGE.items():
            yield f"{name}, one document: {text}", functools.partial(_one, stage, make)
        yield f"{name}, many documents that are equal", functools.partial(_many, stage, "equal")
        yield f"{name}, many documents of own words", functools.partial(_many, stage, "own")
        yield f"{name}, many documents of one template", functools.partial(_many, stage, "near")
    for text, make in stress_articles.PAGE.items():
        yield f"words: {text}", functools.partial(_words, make)
    for text, piece in YAML.items():
        yield f"config: {text}", functools.partial(_config, scratch / "config.yaml", piece)
    yield "config: unknown keys", functools.partial(_unknown_keys, scratch / "config.yaml")
    yield from _audits(scratch)
    yield from _cards(scratch)


def _write_files(folder: Path) -> None:
    """Write the files that the settings of the stages name."""
    item = {"question": " ".join(f"word{number}" for number in range(40)), "answer": "42"}
    (folder / "items.jsonl").write_text(json.dumps(item))
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordLevel({"?": 0}, unk_token="?"))  # noqa: S106  no secret
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))


def _documents(texts: list[str]) -> pa.RecordBatch:
    keys = [number.to_bytes(16, "big") for number in range(len(texts))]
    return pa.record_batch(
        {
            ID: pa.array([f"a{number}" for number in range(len(texts))]),
            KEY: pa.array(keys, pa.binary(16)),
            TEXT: pa.array(texts, pa.large_string()),
            "publisher": pa.array([text[:50] for text in texts]),
            DATE: pa.nulls(len(texts), pa.timestamp("us", "UTC")),
        }
    )


def _run(stage: Stage, documents: pa.RecordBatch) -> None:
    """Run a stage alone on a batch."""
    if isinstance(stage, DocumentStage):
        stage.apply(documents)
    elif isinstance(stage, CorpusStage):
        stage.apply(documents, stage.decide(in_memory(documents, stage.observes())))


def _one(stage: Stage, make: Callable[[int], str], size: int) -> Action:
    return functools.partial(_run, stage, _documents([make(size)]))


def _many(stage: Stage, kind: str, size: int) -> Action:
    base = " ".join(f"word{number}" for number in range(MANY // 8))
    texts = []
    for number in range(size // MANY):
        own = " ".join(f"own{number}x{word}" for word in range(MANY // 10))
        texts.append({"equal": base, "near": f"{base}\n{base} {number}", "own": own}[kind])
    return functools.partial(_run, stage, _documents(texts))


def _words(make: Callable[[int], str], size: int) -> Action:
    return functools.partial(count_words, pa.array([make(size)], pa.large_string()))


def _config(path: Path, piece: str, size: int) -> Action:
    text = "name: a\nsources:\n" + piece * (size // len(piece)) + "\n"
    return functools.partial(_load, path, text)


def _unknown_keys(path: Path, size: int) -> Action:
    return functools.partial(_load, path, "".join(f"surces{n}: 1\n" for n in range(size // 14)))


def _load(path: Path, text: str) -> None:
    """Load a config; it may be refused, but in time."""
    path.write_bytes(text.encode())
    with contextlib.suppress(CorpusError):
        load_config(path)


def _audits(scratch: Path) -> Iterator[tuple[str, Make]]:
    """Yield audits of files whose documents have hostile texts and metadata of their own."""
    path = scratch / "audited.jsonl"

    def run(make: Callable[[int], str], size: int) -> Action:
        rows = []
        for number in range(size // MANY):
            own = f"{make(100)} {number}"
            row = {"id": own, "text": make(MANY), "publisher": own, "author": own, "url": own}
            rows.append(json.dumps(row | {"title": own, "date": f"{number % 9999:04}-01-01"}))
        path.write_text("\n".join(rows))
        return functools.partial(audit, path, topics=False, progress=False)

    for text in ("one letter", "tags", "URLs on one line", "one letter per line", "ampersands"):
        yield f"audit: {text}", functools.partial(run, stress_articles.PAGE[text])


def _cards(scratch: Path) -> Iterator[tuple[str, Make]]:
    """Yield cards into which people wrote something, in the head and in the text."""
    build_here(write_corpus(scratch / "card", files=1, per_file=9))
    built = scratch / "card" / "work" / "wagons"
    manifest = json.loads((built / "manifest.json").read_bytes())
    measured = json.loads((built / "audit" / "audit.json").read_bytes())
    own = (built / "README.md").read_text(encoding="utf-8")

    def run(before: str, piece: str, after: str, size: int) -> Action:
        previous = before + piece * (size // len(piece)) + after
        return functools.partial(card_and_hash, manifest, measured, {}, previous)

    for text, piece in README.items():
        yield f"card, head: {text}", functools.partial(run, "---\n", piece, f"\n---\n{own}")
        yield f"card, text: {text}", functools.partial(run, f"{own}\n", piece, "")
