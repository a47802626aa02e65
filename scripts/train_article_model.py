"""Train the model that tells an article's lines from the rest of a page, and measure it.

    python scripts/train_article_model.py PAGES.jsonl.zst [--weak MORE.jsonl.zst]
        [--found FOUND.jsonl] [--html FOLDER] [--save]

PAGES holds one page a line: `site`, `source`, `body` (the article, by hand) and the page dumped to
text in up to three ways (`page_text`, `page_rmain`, `page_lxml`). MORE holds pages with another
extractor's output (`trafilatura`) and segments that the article must and must not hold (`with`,
`without`): where the output agrees with the segments it serves as a weak label.

Figures are cross-validated over sites: no page is judged by a model that saw its site, in any of
its steps. FOUND gets what was found of each page that way, for `benchmark_articles.py`; with
FOLDER, where the HTML of the pages lies, of that too. Needs JAX and LightGBM:
`pip install -e .[training]`.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
from article_fitting import Fitting
from article_making import read_clean, read_cut, read_parts, read_with_teasers
from article_pages import FOLDS, MADE, VIEWS, Page, fold_of, html_of, read_gold, read_weak, rows
from article_scores import means, score_of

from corpus.articles.html.extract import read_html
from corpus.articles.lines.extraction import DECODINGS, read_pages
from corpus.articles.lines.model import PATH, Model, pack
from corpus.articles.normalise.kernels import EVERY_STEP, LAYOUT
from corpus.articles.normalise.normalise import normalise

ENGINES: tuple[Literal["trafilatura", "resiliparse"], ...] = ("trafilatura", "resiliparse")


def found_by(model: Model, pages: Sequence[Page], keep: str) -> Iterator[dict[str, str]]:
    """Yield what is found of each page."""
    column = pa.array([page.text for page in pages], pa.large_string())
    column = normalise(column, steps=EVERY_STEP & ~LAYOUT)
    read = read_pages(column, model=model, decoding=DECODINGS[keep], metadata=False)
    for page, one in zip(pages, read, strict=True):
        view = "body" if page.source == "clean" else page.view
        yield {"id": page.id, "view": view, "keep": keep, "gold": page.body, "text": one.text}


def found_in_html(model: Model, pages: Path, folder: Path, fold: int) -> Iterator[dict[str, str]]:
    """Yield what is found in the HTML of each page of a fold, behind either engine."""
    for row in rows(pages):
        if fold_of(row["site"]) == fold and row["body"].strip():
            for engine in ENGINES:
                text = read_html(html_of(row, folder), engine=engine, model=model).text
                told = {"id": row["id"], "keep": "balanced", "gold": row["body"], "text": text}
                yield told | {"view": f"HTML, {engine}"}


def cross_validated(
    fitting: Fitting, measured: Sequence[Page], options: argparse.Namespace
) -> Iterator[dict[str, str]]:
    """Yield what is found of each page by a model that saw none of its site."""
    for out in range(FOLDS):
        model = fitting.model(frozenset({out}))
        held_out = [page for page in measured if page.fold == out]
        for keep in DECODINGS:
            yield from found_by(model, held_out, keep)
        if options.html:
            yield from found_in_html(model, options.gold, options.html, out)


def tell(found: Sequence[dict[str, str]], how: str) -> None:
    """Print the figures of each view and each way to keep."""
    for keep in DECODINGS:
        for view in (*VIEWS, "body", *(f"HTML, {engine}" for engine in ENGINES)):
            own = [row for row in found if (row["keep"], row["view"]) == (keep, view)]
            if own:
                score = means([score_of(row["gold"], row["text"]) for row in own])
                print(f"{keep} {view}: {how} F1 %.4f P %.4f R %.4f" % score, flush=True)


def main() -> None:
    """Cross-validate over sites, then train on everything and save."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("gold", type=Path)
    parser.add_argument("--weak", type=Path)
    parser.add_argument("--found", type=Path)
    parser.add_argument("--html", type=Path)
    parser.add_argument("--save", type=Path, nargs="?", const=PATH)
    parser.add_argument("--quick", action="store_true", help="no cross-validation")
    options = parser.parse_args()
    pages = [page for read in (read_gold, read_with_teasers, read_clean, read_cut, read_parts)
             for page in read(options.gold)]  # fmt: skip
    pages += read_weak(options.weak) if options.weak else ()
    print(f"{len(pages)} pages, {sum(len(page.labels) for page in pages)} lines", flush=True)
    measured = [page for page in pages if page.source not in MADE or page.source == "clean"]
    fitting = Fitting(pages)
    if options.save:
        model = fitting.model(frozenset())
        np.savez_compressed(options.save, **pack(model))
        print(f"{options.save.stat().st_size} bytes, {time.process_time():.0f} s", flush=True)
        tell(list(found_by(model, measured, "balanced")), "trained-on")
    if not options.quick:
        found = list(cross_validated(fitting, measured, options))
        tell(found, "cross-validated")
        if options.found:
            with options.found.open("w", encoding="utf-8") as stream:
                for row in found:
                    told = {name: row[name] for name in ("id", "view", "keep", "text")}
                    stream.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
