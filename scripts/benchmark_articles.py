"""Measure the stage `clean` on pages whose article is known: what it finds, and how fast.

    python scripts/benchmark_articles.py PAGES.jsonl.zst [--field page_text] [--content page]
        [--keep balanced] [--folder HTML] [--out FOUND.jsonl]

PAGES holds one page a line: `id`, `body` (the article) and a text to clean. `--field body` cleans
articles that are clean already: their recall is what cleaning harms. `--content html` reads each
page's `html_path` below HTML. F1 is that of the mean precision and the mean recall of 4-grams of
words. Time is CPU time of one core, kernels compiled beforehand. FOUND gets `id` and `text` of
each page, for other scorers.
"""

from __future__ import annotations

import argparse
import gzip
import json
import time
from pathlib import Path

import pyarrow as pa
from article_pages import f1, rows

from corpus.documents import CONTENT, DATE, DOCUMENT, TEXT, TITLE, optional, reasons
from corpus.stages.clean import Clean

BATCH = 200


def read_page(row: dict[str, str], options: argparse.Namespace) -> str:
    """Return the text of a page to clean, or its HTML."""
    if options.content != "html":
        return row[options.field]
    raw = (options.folder / row["html_path"]).read_bytes()
    raw = gzip.decompress(raw) if row["html_path"].endswith(".gz") else raw
    return raw.decode("utf-8", "replace")


def main() -> None:
    """Clean every page, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("pages", type=Path)
    parser.add_argument("--field", default="page_text")
    parser.add_argument("--content", default="page", choices=["page", "text", "html"])
    parser.add_argument("--keep", default="balanced", choices=["precision", "balanced", "recall"])
    parser.add_argument("--folder", type=Path, default=Path())
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    gold = [row for row in rows(options.pages) if row["body"].strip()]
    texts = [read_page(row, options) for row in gold]
    stage = Clean(keep=options.keep)
    stage.kernels()
    batches = [
        pa.record_batch(
            {
                TEXT: pa.array(texts[i : i + BATCH], pa.large_string()),
                CONTENT: pa.repeat(options.content, len(texts[i : i + BATCH])),
            }
        )
        for i in range(0, len(texts), BATCH)
    ]
    start = time.process_time()
    cleaned = [stage.apply(batch) for batch in batches]
    seconds = time.process_time() - start
    found: list[str] = []
    removed: dict[str, int] = {}
    for batch in cleaned:
        why = reasons(batch).to_pylist()
        found += [
            "" if reason else text
            for text, reason in zip(batch.column(TEXT).to_pylist(), why, strict=True)
        ]
        for reason in filter(None, why):
            removed[reason] = removed.get(reason, 0) + 1
    megabytes = sum(len(text.encode()) for text in texts) / 1e6
    score, precision, recall = f1(
        [(row["body"], text) for row, text in zip(gold, found, strict=True)]
    )
    print(f"{len(gold)} pages: F1 {score:.4f} precision {precision:.4f} recall {recall:.4f}")
    print(f"{megabytes / seconds:.1f} MB/s, removed {removed or 'none'}")
    for name in (TITLE, DATE):
        columns = [optional(batch, name, DOCUMENT.field(name).type) for batch in cleaned]
        print(f"{name} found on {sum(len(x) - x.null_count for x in columns)}")
    if options.out:
        with options.out.open("w") as stream:
            for row, text in zip(gold, found, strict=True):
                stream.write(json.dumps({"id": row["id"], "text": text}) + "\n")


if __name__ == "__main__":
    main()
