"""Train the line model, which separates the main content of a page of text from the rest.

    python scripts/train_article_model.py --news NEWS.jsonl.zst --wcxb WCXB.jsonl.zst
        [--weak MORE.jsonl.zst] [--results RESULTS.jsonl] [--save]

NEWS has one page per line: `id`, `site`, `source`, `body` (the article, labelled by hand) and the
page as text in up to three ways (`page_text`, `page_rmain`, `page_lxml`). WCXB has pages of seven
kinds: `id`, `site`, `type`, `body` (the main content, reviewed by people) and `html`, which is
dumped to text as the news pages are. MORE has pages with the output of another extractor
(`trafilatura`) and segments that the article must and must not contain (`with`, `without`). If the
output agrees with the segments, it is a weak label.

The figures are cross-validated over sites: every page is scored by models that have not seen its
site. RESULTS receives the texts that were extracted that way, for `benchmark_articles.py`, and the
F1 that the model expects of each, for `fit_confidence.py`. Training needs LightGBM:
`pip install -e .[training]`.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from article_fitting import Fitting
from article_making import read_clean, read_cut, read_parts, read_with_teasers
from article_pages import SYNTHETIC, VIEWS, Page, read_gold, read_weak
from article_scores import means, score_of
from article_wcxb import read_wcxb, read_with_tables
from block_pages import word_score

from corpus.articles.lines.extraction import DECODINGS, read_pages
from corpus.articles.lines.model import PATH, Model, pack
from corpus.articles.normalise.kernels import EVERY_STEP, LAYOUT
from corpus.articles.normalise.normalise import normalise

MADE_OF_NEWS = (read_gold, read_with_teasers, read_with_tables, read_clean, read_cut, read_parts)
BODY = "body"
"""The view of an article without its page."""
Result = tuple[Page, str, float]
"""A page, the text that was extracted from it, and the F1 that the model expects of it."""


def is_measured(page: Page) -> bool:
    """Return whether the labels of a page are good enough to measure on."""
    return page.source not in SYNTHETIC or page.source == "clean"


def view_of(page: Page) -> str:
    """Return how a page was turned into text."""
    return BODY if page.source == "clean" else page.view


def extracted(pages: Sequence[Page], model: Model, keep: str) -> Iterator[Result]:
    """Yield what the model extracts from each page."""
    column = pa.array([page.text for page in pages], pa.large_string())
    column = normalise(column, steps=EVERY_STEP & ~LAYOUT)
    results = read_pages(column, model=model, decoding=DECODINGS[keep], metadata=False)
    for page, result in zip(pages, results, strict=True):
        yield page, result.text, result.expected_f1 or 0.0


def print_scores(keep: str, results: Sequence[Result], how: str) -> None:
    """Print F1 of 4-grams on news by view, and word F1 on WCXB by kind of page."""
    for view in (*VIEWS, BODY):
        own = [(page, text) for page, text, _ in results if view_of(page) == view]
        news = [score_of(page.body, text) for page, text in own if page.source != "wcxb"]
        if news:
            score = means(news)
            print(f"{keep} news {view}: {how} F1 %.4f P %.4f R %.4f" % score, flush=True)
    pages = [row for row in results if row[0].source == "wcxb" and view_of(row[0]) == "page_text"]
    for kind in ("", *sorted({page.kind for page, *_ in pages})):
        scores = [word_score(p.body, text) for p, text, _ in pages if kind in ("", p.kind)]
        if scores:
            name = f"{keep} WCXB {kind or 'all'}: {how} {len(scores)}"
            print(f"{name} P %.4f R %.4f F1 %.4f" % tuple(np.mean(scores, 0)), flush=True)


def write_results(path: Path, results: dict[str, list[Result]]) -> None:
    """Write the extracted texts as JSON Lines, without the gold texts."""
    with path.open("w", encoding="utf-8") as stream:
        for keep, own in results.items():
            for page, text, expected in own:
                row: dict[str, Any] = {"id": page.id, "view": view_of(page), "keep": keep}
                row |= {"text": text, "expected_f1": expected}
                stream.write(json.dumps(row) + "\n")


def main() -> None:
    """Cross-validate over sites, train on everything and save."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--news", type=Path, required=True)
    parser.add_argument("--wcxb", type=Path, required=True)
    parser.add_argument("--weak", type=Path)
    parser.add_argument("--results", type=Path)
    parser.add_argument("--save", type=Path, nargs="?", const=PATH)
    options = parser.parse_args()
    pages = [page for read in MADE_OF_NEWS for page in read(options.news)]
    pages += read_wcxb(options.wcxb)
    pages += read_weak(options.weak) if options.weak else ()
    print(f"{len(pages)} pages, {sum(len(page.labels) for page in pages)} lines, "
          f"{time.process_time():.0f} s", flush=True)  # fmt: skip
    models = Fitting(pages).fit(whole=bool(options.save))
    print(f"{time.process_time():.0f} s", flush=True)
    if options.save:
        arrays: dict[str, Any] = dict(pack(models[None]))
        np.savez_compressed(options.save, **arrays)
        print(f"{options.save.stat().st_size} bytes", flush=True)
    measured = [page for page in pages if is_measured(page)]
    results: dict[str, list[Result]] = {}
    for keep in DECODINGS:
        results[keep] = [
            result
            for fold, model in models.items()
            if fold is not None
            for result in extracted([p for p in measured if p.fold == fold], model, keep)
        ]
        print_scores(keep, results[keep], "cross-validated")
        if options.save:
            shipped = list(extracted(measured, models[None], keep))
            print_scores(keep, shipped, "trained-on")
    if options.results:
        write_results(options.results, results)


if __name__ == "__main__":
    main()
