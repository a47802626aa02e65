"""Train the line model, which separates the lines of an article from the rest, and measure it.

    python scripts/train_article_model.py PAGES.jsonl.zst [--weak MORE.jsonl.zst]
        [--results RESULTS.jsonl] [--html FOLDER] [--save]

PAGES has one page per line: `site`, `source`, `body` (the article, labelled by hand) and the page
as text in up to three ways (`page_text`, `page_rmain`, `page_lxml`). MORE has pages with the output
of another extractor (`trafilatura`) and segments that the article must and must not contain
(`with`, `without`). If the output agrees with the segments, it is a weak label.

The figures are cross-validated over sites: no part of the model that scores a page has seen its
site. RESULTS receives the articles that were extracted that way, for `benchmark_articles.py`. With
FOLDER, which contains the HTML of the pages, it also receives those extracted from HTML. Training
needs JAX and LightGBM: `pip install -e .[training]`.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from article_fitting import Fitting
from article_making import read_clean, read_cut, read_parts, read_with_teasers
from article_pages import (
    FOLDS,
    SYNTHETIC,
    VIEWS,
    Page,
    fold_of,
    html_of,
    read_gold,
    read_weak,
    rows,
)
from article_scores import means, score_of

from corpus.articles.html.extract import read_html
from corpus.articles.lines.extraction import DECODINGS, read_pages
from corpus.articles.lines.model import PATH, Model, pack
from corpus.articles.normalise.kernels import EVERY_STEP, LAYOUT
from corpus.articles.normalise.normalise import normalise

ENGINES: tuple[Literal["trafilatura", "resiliparse"], ...] = ("trafilatura", "resiliparse")


def results_of_text(model: Model, pages: Sequence[Page], keep: str) -> Iterator[dict[str, str]]:
    """Yield the article that the model extracts from each page."""
    column = pa.array([page.text for page in pages], pa.large_string())
    column = normalise(column, steps=EVERY_STEP & ~LAYOUT)
    results = read_pages(column, model=model, decoding=DECODINGS[keep], metadata=False)
    for page, result in zip(pages, results, strict=True):
        view = "body" if page.source == "clean" else page.view
        yield {"id": page.id, "view": view, "keep": keep, "gold": page.body, "text": result.text}


def results_of_html(model: Model, pages: Path, folder: Path, fold: int) -> Iterator[dict[str, str]]:
    """Yield the article that each engine and the model extract from each HTML page of a fold."""
    for row in rows(pages):
        if fold_of(row["site"]) == fold and row["body"].strip():
            for engine in ENGINES:
                text = read_html(html_of(row, folder), engine=engine, model=model).text
                yield {
                    "id": row["id"],
                    "view": f"HTML, {engine}",
                    "keep": "balanced",
                    "gold": row["body"],
                    "text": text,
                }


def cross_validated(
    fitting: Fitting, measured: Sequence[Page], options: argparse.Namespace
) -> Iterator[dict[str, str]]:
    """Yield the article extracted from each page by a model that has not seen its site."""
    for fold in range(FOLDS):
        model = fitting.model(frozenset({fold}))
        held_out = [page for page in measured if page.fold == fold]
        for keep in DECODINGS:
            yield from results_of_text(model, held_out, keep)
        if options.html:
            yield from results_of_html(model, options.gold, options.html, fold)


def print_scores(results: Sequence[dict[str, str]], how: str) -> None:
    """Print F1, precision and recall for each view and each setting of `keep`."""
    for keep in DECODINGS:
        for view in (*VIEWS, "body", *(f"HTML, {engine}" for engine in ENGINES)):
            own = [row for row in results if (row["keep"], row["view"]) == (keep, view)]
            if own:
                score = means([score_of(row["gold"], row["text"]) for row in own])
                print(f"{keep} {view}: {how} F1 %.4f P %.4f R %.4f" % score, flush=True)


def write_results(path: Path, results: Sequence[dict[str, str]]) -> None:
    """Write the extracted articles as JSON Lines, without the gold articles."""
    with path.open("w", encoding="utf-8") as stream:
        for row in results:
            kept = {name: row[name] for name in ("id", "view", "keep", "text")}
            stream.write(json.dumps(kept) + "\n")


def main() -> None:
    """Cross-validate over sites, then train on everything and save."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("gold", type=Path)
    parser.add_argument("--weak", type=Path)
    parser.add_argument("--results", type=Path)
    parser.add_argument("--html", type=Path)
    parser.add_argument("--save", type=Path, nargs="?", const=PATH)
    parser.add_argument("--quick", action="store_true", help="no cross-validation")
    options = parser.parse_args()
    pages = [page for read in (read_gold, read_with_teasers, read_clean, read_cut, read_parts)
             for page in read(options.gold)]  # fmt: skip
    pages += read_weak(options.weak) if options.weak else ()
    print(f"{len(pages)} pages, {sum(len(page.labels) for page in pages)} lines", flush=True)
    measured = [page for page in pages if page.source not in SYNTHETIC or page.source == "clean"]
    fitting = Fitting(pages)
    if options.save:
        model = fitting.model(frozenset())
        arrays: dict[str, Any] = dict(pack(model))
        np.savez_compressed(options.save, **arrays)
        print(f"{options.save.stat().st_size} bytes, {time.process_time():.0f} s", flush=True)
        print_scores(list(results_of_text(model, measured, "balanced")), "trained-on")
    if not options.quick:
        results = list(cross_validated(fitting, measured, options))
        print_scores(results, "cross-validated")
        if options.results:
            write_results(options.results, results)


if __name__ == "__main__":
    main()
