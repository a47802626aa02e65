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
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from article_fitting import Fitting
from article_making import read_clean, read_cut, read_parts, read_with_teasers
from article_pages import SYNTHETIC, VIEWS, Page, read_gold, read_weak
from article_scores import means, score_of
from article_small_pages import read_small
from article_wcxb import read_made, read_wcxb, read_with_tables
from block_pages import word_score

from corpus.arrow_buffers import texts
from corpus.articles.lines.decoding import expected_f1
from corpus.articles.lines.model import PATH, Model, pack
from corpus.articles.lines.selection import DECODINGS, choose
from corpus.articles.normalise.kernels import EVERY_STEP, LAYOUT
from corpus.articles.normalise.normalise import normalise

MADE_OF_NEWS = (read_gold, read_with_teasers, read_clean, read_cut, read_parts)
BODY = "body"
"""The view of an article without its page."""


class Result(NamedTuple):
    """A page, and what was extracted from it."""

    page: Page
    text: str
    expected_f1: float
    """The F1 that the model expects of the text, before it is calibrated."""


def is_measured(page: Page) -> bool:
    """Return whether the labels of a page are good enough to measure on."""
    return page.source not in SYNTHETIC or page.source == "clean"


def view_of(page: Page) -> str:
    """Return how a page was turned into text."""
    return BODY if page.source == "clean" else page.view


def extracted(pages: Sequence[Page], model: Model, keep: str) -> Iterator[Result]:
    """Yield what the model extracts from each page."""
    column = pa.array([page.text for page in pages], pa.large_string())
    data, offsets = texts(normalise(column, steps=EVERY_STEP & ~LAYOUT))
    bounds = list(zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True))
    for page, lines in zip(pages, choose(data, bounds, model, DECODINGS[keep]), strict=True):
        sizes = (lines.spans[:, 1] - lines.spans[:, 0]).astype(np.float32)
        kept = [data[start:stop].tobytes().decode() for start, stop in lines.spans[lines.kept]]
        yield Result(page, "\n".join(kept), expected_f1(lines.probabilities, sizes, lines.kept))


def print_scores(keep: str, results: Sequence[Result]) -> None:
    """Print cross-validated F1: of 4-grams on news by view, of words on WCXB by kind of page."""
    for view in (*VIEWS, BODY):
        own = [row for row in results if view_of(row.page) == view]
        news = [score_of(r.page.body, r.text) for r in own if r.page.source != "wcxb"]
        if news:
            score = means(news)
            print(f"{keep} news {view}: cross-validated F1 %.4f P %.4f R %.4f" % score, flush=True)
    pages = [r for r in results if (r.page.source, r.page.view) == ("wcxb", "page_text")]
    for kind in ("", *sorted({row.page.kind for row in pages})):
        own = [row for row in pages if kind in ("", row.page.kind)]
        scores = [word_score(row.page.body, row.text) for row in own]
        if scores:
            name = f"{keep} WCXB {kind or 'all'}: cross-validated {len(scores)}"
            print(f"{name} P %.4f R %.4f F1 %.4f" % tuple(np.mean(scores, 0)), flush=True)


def write_results(path: Path, results: dict[str, list[Result]]) -> None:
    """Write the extracted texts as JSON Lines, without the gold texts."""
    with path.open("w", encoding="utf-8") as stream:
        for keep, own in results.items():
            for page, text, expected in own:
                row = {"id": page.id, "view": view_of(page), "keep": keep, "text": text}
                stream.write(json.dumps(row | {"expected_f1": expected}) + "\n")


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
    pages += read_weak(options.weak) if options.weak else ()
    pages += read_with_tables(options.news)
    pages += read_wcxb(options.wcxb)
    pages += read_made(options.wcxb, options.news)
    pages += read_small(options.wcxb, options.news)
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
        print_scores(keep, results[keep])
    if options.results:
        write_results(options.results, results)


if __name__ == "__main__":
    main()
