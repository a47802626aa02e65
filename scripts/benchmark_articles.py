"""Measure how well articles are found beside trafilatura, resiliparse, jusText and C4's rules.

    python scripts/benchmark_articles.py PAGES.jsonl.zst FOUND.jsonl HTML [--news NEWS.jsonl.zst]
        [--report docs/articles.md]

PAGES holds one page a line: `id`, `site`, `source`, `lang`, `body` (the article), the page dumped
to text (`page_text`, `page_rmain`) and where its HTML lies below HTML (`html_path`). FOUND is what
`train_article_model.py --found --html` wrote: what our model made of each page without having seen
its site. NEWS holds articles that are clean already (`text`): the model that ships reads them as
pages.

The report holds names of sites and figures alone, nothing of the pages' texts. Time is CPU time.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import article_rivals as rivals
import numpy as np
import pyarrow as pa
from article_pages import html_of, label, rows
from article_scores import Score, means, resampled, score_of, words_of

from corpus.articles.lines.extraction import DECODINGS, read_pages
from corpus.articles.normalise.kernels import EVERY_STEP, LAYOUT
from corpus.articles.normalise.normalise import normalise

OURS = "`clean`"
KEEP = "balanced"
WORST = 20
BAD = 0.8
Row = dict[str, Any]
Scores = dict[tuple[str, str], list[Score]]
"""Of each method and what it read: the scores of all pages, in their order."""


def ours_from_text(gold: Sequence[Row], found: Path) -> dict[tuple[str, str], dict[str, str]]:
    """Return what our model found on pages whose sites it had not seen, by (keep, view) and id."""
    texts: dict[tuple[str, str], dict[str, str]] = {}
    for row in rows(found):
        texts.setdefault((row["keep"], row["view"]), {})[row["id"]] = row["text"]
    missing = {row["id"] for row in gold} - texts[KEEP, "body"].keys()
    if missing:
        raise SystemExit(f"{found}: {len(missing)} pages have no result, one is {min(missing)}")
    return texts


def scores_of(gold: Sequence[Row], options: argparse.Namespace) -> tuple[Scores, dict[str, str]]:
    """Return the scores of every method on every kind of input, and what ours found in text."""
    found = ours_from_text(gold, options.found)
    scores: Scores = {}
    for (keep, read), texts in found.items():
        view, _, engine = read.partition(", ")
        name = OURS if keep == KEEP else f"{OURS}, keep: {keep}"
        name += ", engine: resiliparse" if engine == "resiliparse" else ""
        scores[name, view] = [score_of(row["body"], texts.get(row["id"], "")) for row in gold]
    for view in ("page_text", "page_rmain", "body"):
        scores["C4's rules", view] = [score_of(r["body"], rivals.c4(r[view])) for r in gold]
        scores["nothing done", view] = [score_of(r["body"], r[view]) for r in gold]
    readers: dict[str, Callable[[str, Row], str]] = {
        "trafilatura": lambda html, _: rivals.trafilatura(html),
        "resiliparse": lambda html, _: rivals.resiliparse(html),
        "jusText": lambda html, row: rivals.justext(html, row["lang"]),
    }
    for name in readers:
        scores[name, "HTML"] = []
    for row in gold:
        html = html_of(row, options.html)
        for name, read in readers.items():
            scores[name, "HTML"].append(score_of(row["body"], read(html, row)))
    return scores, found[KEEP, "page_text"]


def overall(scores: Scores, sites: Sequence[str]) -> Iterator[str]:
    """Yield the table of all methods."""
    yield "| input | method | F1 | ± | precision | recall | mean F1 of a page | pages below .8 |"
    yield "|---|---|---|---|---|---|---|---|"
    order = ("page_text", "page_rmain", "page_lxml", "HTML", "body")
    for name, view in sorted(scores, key=lambda pair: (order.index(pair[1]), pair[0] != OURS)):
        own = scores[name, view]
        pages = [score.f1 for score in own]
        f1, precision, recall = means(own)
        yield (
            f"| {view} | {name} | {f1:.3f} | {resampled(own, sites).std():.3f} | {precision:.3f} "
            f"| {recall:.3f} | {np.mean(pages):.3f} | {np.mean(np.array(pages) < BAD):.1%} |"
        )


PAIRS = (
    ((OURS, "page_text"), ("C4's rules", "page_text")),
    ((OURS, "page_text"), ("jusText", "HTML")),
    ((OURS, "page_text"), ("resiliparse", "HTML")),
    ((OURS, "page_text"), ("trafilatura", "HTML")),
    ((OURS, "page_rmain"), ("trafilatura", "HTML")),
    ((OURS, "HTML"), ("trafilatura", "HTML")),
    ((OURS, "HTML"), ("resiliparse", "HTML")),
)


def differences(scores: Scores, sites: Sequence[str]) -> Iterator[str]:
    """Yield the table of differences between two methods, each with its paired bootstrap."""
    yield "| | against | difference of F1 | 95 % of draws of sites | draws above 0 |"
    yield "|---|---|---|---|---|"
    for one, other in PAIRS:
        draws = resampled(scores[one], sites) - resampled(scores[other], sites)
        low, high = np.quantile(draws, [0.025, 0.975])
        change = means(scores[one])[0] - means(scores[other])[0]
        yield (
            f"| {' of '.join(one)} | {' of '.join(other)} | {change:+.3f} "
            f"| {low:+.3f} to {high:+.3f} | {np.mean(draws > 0):.1%} |"
        )


def parts(scores: Scores, gold: Sequence[Row], column: str) -> Iterator[str]:
    """Yield the table by language or source."""
    shown = (
        (OURS, "page_text"), (OURS, "page_rmain"), ("C4's rules", "page_text"), (OURS, "HTML"),
        ("trafilatura", "HTML"),
    )  # fmt: skip
    yield f"| {column} | pages | {' | '.join(' of '.join(pair) for pair in shown)} |"
    yield "|---|---" + "|---" * len(shown) + "|"
    for value, n in Counter(row[column] for row in gold).most_common():
        own = [i for i, row in enumerate(gold) if row[column] == value]
        figures = [means([scores[pair][i] for i in own])[0] for pair in shown]
        yield f"| {value} | {n} | {' | '.join(f'{figure:.3f}' for figure in figures)} |"


def worst(scores: Scores, gold: Sequence[Row], found: Mapping[str, str]) -> Iterator[str]:
    """Yield the table of the pages that our model reads worst, and what went wrong there."""
    yield (
        "| page | source | language | F1 | trafilatura | lines lost of | lines too many of "
        "| words lost | words too many |"
    )
    yield "|---|---|---|---|---|---|---|---|---|"
    pages = [score.f1 for score in scores[OURS, "page_text"]]
    lost_share = sum(sorted(1 - f1 for f1 in pages)[-len(pages) // 20 :]) / sum(
        1 - f1 for f1 in pages
    )
    for i in sorted(range(len(gold)), key=lambda i: (pages[i], gold[i]["id"]))[:WORST]:
        row = gold[i]
        lines = [line for line in row["page_text"].split("\n") if words_of(line)]
        wanted, kept = label(lines, row["body"]) > 0, label(lines, found[row["id"]]) > 0
        counts = np.array([len(words_of(line)) for line in lines])
        lost, extra = wanted & ~kept, kept & ~wanted
        yield (
            f"| {row['site']} | {row['source']} | {row['lang']} | {pages[i]:.2f} "
            f"| {scores['trafilatura', 'HTML'][i].f1:.2f} | {lost.sum()} of {wanted.sum()} "
            f"| {extra.sum()} of {(~wanted).sum()} | {counts[lost].sum()} | {counts[extra].sum()} |"
        )
    yield ""
    yield f"The worst twentieth of the pages carries {lost_share:.0%} of what is lost."


def clean_news(path: Path) -> Iterator[str]:
    """Yield how much of articles that are clean already the model leaves when it reads pages."""
    news = [row["text"] for row in rows(path) if row["text"].strip()]
    column = pa.array(news, pa.large_string())
    start = time.process_time()
    column = normalise(column, steps=EVERY_STEP & ~LAYOUT)
    middle = time.process_time()
    found = [read.text for read in read_pages(column, metadata=False)]
    stop = time.process_time()
    size = sum(len(text.encode()) for text in news) / 1e6
    recall = means([score_of(a, b) for a, b in zip(news, found, strict=True)])[2]
    whole = np.mean([words_of(a) == words_of(b) for a, b in zip(news, found, strict=True)])
    yield (
        f"Of {len(news)} clean news texts read as pages, {recall:.3f} of the 4-grams stay; "
        f"{whole:.1%} of the texts stay whole. "
        f"{size:.0f} MB: normalisation {size / (middle - start):.0f} MB/s, page model "
        f"{size / (stop - middle):.0f} MB/s, both {size / (stop - start):.1f} MB/s."
    )


def speed(gold: Sequence[Row]) -> Iterator[str]:
    """Yield how fast pages are read, on one core."""
    texts = [row["page_text"] for row in gold] * 2
    column = pa.array(texts, pa.large_string())
    size = sum(len(text.encode()) for text in texts) / 1e6
    list(read_pages(column[:2], metadata=False))
    normalise(column[:2], steps=EVERY_STEP & ~LAYOUT)
    best = [float("inf")] * 2
    for _ in range(3):
        start = time.process_time()
        ready = normalise(column, steps=EVERY_STEP & ~LAYOUT)
        middle = time.process_time()
        for _read in read_pages(ready, metadata=False, decoding=DECODINGS[KEEP]):
            pass
        best = [min(best[0], middle - start), min(best[1], time.process_time() - middle)]
    yield (
        f"{size:.0f} MB of pages on one core: normalisation {size / best[0]:.0f} MB/s, page model "
        f"{size / best[1]:.1f} MB/s, both {size / sum(best):.1f} MB/s."
    )


def report(options: argparse.Namespace) -> Iterator[str]:
    """Yield the lines of the report."""
    gold = [row for row in rows(options.pages) if row["body"].strip()]
    sites = [row["site"] for row in gold]
    scores, found = scores_of(gold, options)
    yield "# How well articles are found"
    yield ""
    yield (
        f"Printed by `scripts/benchmark_articles.py`: {len(gold)} pages of {len(set(sites))} sites "
        "with articles by hand or by a parser for the publisher. F1 is that of the mean precision "
        "and the mean recall of 4-grams of words. `page_text` is the whole page dumped, "
        "`page_rmain` with navigation already gone, `page_lxml` block by block, `body` the article "
        f"alone. {OURS} is cross-validated over sites in five folds. ± is the standard deviation "
        "over draws of sites."
    )
    sections = {
        "All methods": overall(scores, sites),
        "Differences": differences(scores, sites),
        "By source": parts(scores, gold, "source"),
        "By language": parts(scores, gold, "lang"),
        "The worst pages": worst(scores, gold, found),
        "Speed": speed(gold),
    }
    if options.news:
        sections["Clean texts"] = clean_news(options.news)
    for title, lines in sections.items():
        yield from ("", f"## {title}", "", *lines)


def main() -> None:
    """Print the report, and write it where that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("pages", type=Path)
    parser.add_argument("found", type=Path)
    parser.add_argument("html", type=Path)
    parser.add_argument("--news", type=Path)
    parser.add_argument("--report", type=Path)
    options = parser.parse_args()
    text = ""
    for line in report(options):
        print(line, flush=True)
        text += line + "\n"
    if options.report:
        options.report.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
