"""Compare our extraction from text with trafilatura, resiliparse, jusText and the rules of C4.

    python scripts/benchmark_articles.py PAGES.jsonl.zst RESULTS.jsonl HTML [--wcxb WCXB.jsonl.zst]
        [--news NEWS.jsonl.zst] [--report docs/articles.md]

PAGES has one page per line: `id`, `site`, `source`, `lang`, `body` (the article), the page as text
(`page_text`, `page_rmain`) and the path of its HTML below HTML (`html_path`). RESULTS is the output
of `train_article_model.py --results`: the text extracted from each page by a model that has not
seen its site. WCXB has pages of seven kinds: `id`, `site`, `type`, `body` and `html`. NEWS has
articles that are already clean (`text`); the shipped model reads them as pages.

The report contains names of sites and figures, but no text of the pages. Times are CPU times.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import article_baselines as baselines
import numpy as np
import pyarrow as pa
import text_speed
from article_pages import html_of, rows
from article_scores import means, score_of, words_of
from article_tables import (
    KEEP,
    OURS,
    Row,
    Scores,
    by_group,
    by_kind,
    differences,
    overall,
    worst,
)
from block_pages import word_score
from report_targets import Target, command_line, target_table

from corpus.articles.lines.extraction import read_pages
from corpus.articles.normalise.kernels import EVERY_STEP, LAYOUT
from corpus.articles.normalise.normalise import normalise


def read_results(gold: Sequence[Row], path: Path) -> dict[tuple[str, str], dict[str, str]]:
    """Return the articles that our model extracted, by (keep, view) and id of the page."""
    texts: dict[tuple[str, str], dict[str, str]] = {}
    for row in rows(path):
        texts.setdefault((row["keep"], row["view"]), {})[row["id"]] = row["text"]
    missing = {row["id"] for row in gold} - texts[KEEP, "body"].keys()
    if missing:
        raise SystemExit(f"{path}: {len(missing)} pages have no result, for example {min(missing)}")
    return texts


def scores_of(gold: Sequence[Row], options: argparse.Namespace) -> tuple[Scores, dict[str, str]]:
    """Return the scores of every method on every input, and our articles from `page_text`."""
    results = read_results(gold, options.results)
    scores: Scores = {}
    for (keep, view), texts in results.items():
        name = OURS if keep == KEEP else f"{OURS}, keep: {keep}"
        scores[name, view] = [score_of(row["body"], texts.get(row["id"], "")) for row in gold]
    for view in ("page_text", "page_rmain", "body"):
        scores["C4 rules", view] = [score_of(r["body"], baselines.c4(r[view])) for r in gold]
        scores["no extraction", view] = [score_of(r["body"], r[view]) for r in gold]
    extractors: dict[str, Callable[[str, Row], str]] = {
        "trafilatura": lambda html, _: baselines.trafilatura(html),
        "resiliparse": lambda html, _: baselines.resiliparse(html),
        "jusText": lambda html, row: baselines.justext(html, row["lang"]),
    }
    for name in extractors:
        scores[name, "HTML"] = []
    for row in gold:
        html = html_of(row, options.html)
        for name, extract in extractors.items():
            scores[name, "HTML"].append(score_of(row["body"], extract(html, row)))
    return scores, results[KEEP, "page_text"]


def wcxb_f1(path: Path, results: Path) -> dict[str, float]:
    """Return the mean word F1 of the pages of WCXB, of all kinds and of articles."""
    texts = {
        row["id"]: row["text"]
        for row in rows(results)
        if (row["view"], row["keep"]) == ("page_text", KEEP)
    }
    pages = list(rows(path))
    f1 = np.array([word_score(page["body"], texts.get(page["id"], ""))[2] for page in pages])
    articles = np.array([page["type"] == "article" for page in pages])
    return {"all kinds": float(f1.mean()), "articles": float(f1[articles].mean())}


class CleanNews(NamedTuple):
    """What is kept of clean articles that the model reads as pages."""

    n_texts: int
    recall: float
    """Share of the 4-grams that is kept."""
    kept_whole: float
    """Share of the texts of which every word is kept."""


def read_clean_news(path: Path) -> CleanNews:
    """Return how much of clean articles is kept if the model reads them as pages."""
    news = [row["text"] for row in rows(path) if row["text"].strip()]
    column = normalise(pa.array(news, pa.large_string()), steps=EVERY_STEP & ~LAYOUT)
    texts = [result.text for result in read_pages(column, metadata=False)]
    recall = means([score_of(a, b) for a, b in zip(news, texts, strict=True)])[2]
    whole = np.mean([words_of(a) == words_of(b) for a, b in zip(news, texts, strict=True)])
    return CleanNews(len(news), recall, float(whole))


def clean_news_text(clean: CleanNews) -> Iterator[str]:
    """Yield what is kept of clean articles."""
    yield (
        f"{clean.n_texts} clean news texts read as pages by the shipped model: {clean.recall:.3f} "
        f"of the 4-grams are kept, and {clean.kept_whole:.1%} of the texts are kept whole."
    )


def targets(
    scores: Scores, wcxb: dict[str, float], clean: CleanNews | None, mb_per_second: float
) -> Iterator[str]:
    """Yield the table of targets; WCXB and clean news only if they are given."""
    limits = {"all kinds": (0.815, 0.85), "articles": (0.93, 0.945)}
    found = [
        Target(
            "news, `page_text`, F1 of 4-grams", means(scores[OURS, "page_text"])[0], 0.922, 0.935
        ),
        Target(
            "news, `page_rmain`, F1 of 4-grams", means(scores[OURS, "page_rmain"])[0], 0.922, 0.935
        ),
        Target(
            "articles of these pages, 4-grams kept", means(scores[OURS, "body"])[2], 0.985, 0.99
        ),
        Target("MB of pages per second and core, with metadata", mb_per_second, 15, 30, 1),
    ]
    found += [Target(f"WCXB, {kind}, word F1", f1, *limits[kind]) for kind, f1 in wcxb.items()]
    if clean:
        found.append(Target("clean news, 4-grams kept", clean.recall, 0.994, 0.999))
    yield from target_table(found)


def report(options: argparse.Namespace) -> Iterator[str]:
    """Yield the lines of the report."""
    gold = [row for row in rows(options.pages) if row["body"].strip()]
    sites = [row["site"] for row in gold]
    scores, texts = scores_of(gold, options)
    wcxb = wcxb_f1(options.wcxb, options.results) if options.wcxb else {}
    clean = read_clean_news(options.news) if options.news else None
    speed = text_speed.measure_speed([row["page_text"] for row in gold] * 2)
    yield "# Quality of article extraction"
    yield ""
    yield "Printed by"
    yield ""
    yield command_line()
    yield ""
    yield (
        "The results are those of `python scripts/train_article_model.py --news PAGES --wcxb WCXB "
        "--weak WEAK --results RESULTS`, with the same pages: each page is read by models that "
        "have not seen its site."
    )
    yield ""
    yield (
        f"{len(gold)} pages of {len(set(sites))} sites have an article that was labelled by hand, "
        "or extracted by a parser written for the publisher. "
        "F1 is computed from the mean precision and the mean recall of 4-grams of words.\n\n"
        "The inputs are `page_text` (the whole page as text), `page_rmain` (without navigation), "
        "`page_lxml` (one line per block), `HTML`, and `body` (only the article). "
        f"{OURS} is cross-validated over sites in five folds. ± is the standard deviation over "
        "bootstrap samples of sites. `clean` on HTML is measured in [html.md](html.md)."
    )
    sections = {
        "Targets": targets(scores, wcxb, clean, speed.with_metadata),
        "All methods": overall(scores, sites),
        "Differences": differences(scores, sites),
        "By source": by_group(scores, gold, "source"),
        "By language": by_group(scores, gold, "lang"),
        "The worst pages": worst(scores, gold, texts),
        "Speed": text_speed.speed_text(speed),
    }
    if options.wcxb:
        sections["Pages of all kinds as text (WCXB)"] = by_kind(options.wcxb, options.results)
    if clean:
        sections["Clean articles"] = clean_news_text(clean)
    for title, lines in sections.items():
        yield from ("", f"## {title}", "", *lines)


def main() -> None:
    """Print the report, and write it to a file if asked."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("pages", type=Path)
    parser.add_argument("results", type=Path)
    parser.add_argument("html", type=Path)
    parser.add_argument("--wcxb", type=Path)
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
