"""The tables of the report on the extraction of articles from text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from article_pages import label, rows
from article_scores import Score, means, resampled, words_of
from block_pages import word_score

OURS = "`clean`"
KEEP = "balanced"
N_WORST = 20
MAX_LOW_F1 = 0.8
Row = dict[str, Any]
Scores = dict[tuple[str, str], list[Score]]
"""The scores of all pages, in their order, by method and input."""


def overall(scores: Scores, sites: Sequence[str]) -> Iterator[str]:
    """Yield the table of all methods."""
    yield (
        "| input | method | F1 | ± | precision | recall | mean F1 of a page "
        "| pages with F1 below .8 |"
    )
    yield "|---|---|---|---|---|---|---|---|"
    order = ("page_text", "page_rmain", "page_lxml", "HTML", "body")
    for name, view in sorted(scores, key=lambda pair: (order.index(pair[1]), pair[0] != OURS)):
        own = scores[name, view]
        pages = [score.f1 for score in own]
        f1, precision, recall = means(own)
        yield (
            f"| {view} | {name} | {f1:.3f} | {resampled(own, sites).std():.3f} | {precision:.3f} "
            f"| {recall:.3f} | {np.mean(pages):.3f} | {np.mean(np.array(pages) < MAX_LOW_F1):.1%} |"
        )


PAIRS = (
    ((OURS, "page_text"), ("C4 rules", "page_text")),
    ((OURS, "page_text"), ("jusText", "HTML")),
    ((OURS, "page_text"), ("resiliparse", "HTML")),
    ((OURS, "page_text"), ("trafilatura", "HTML")),
    ((OURS, "page_rmain"), ("trafilatura", "HTML")),
)


def differences(scores: Scores, sites: Sequence[str]) -> Iterator[str]:
    """Yield the table of differences between two methods, by paired bootstrap over sites."""
    yield "| method | compared with | difference in F1 | 95 % interval | samples above 0 |"
    yield "|---|---|---|---|---|"
    for method, compared in PAIRS:
        draws = resampled(scores[method], sites) - resampled(scores[compared], sites)
        low, high = np.quantile(draws, [0.025, 0.975])
        change = means(scores[method])[0] - means(scores[compared])[0]
        yield (
            f"| {' on '.join(method)} | {' on '.join(compared)} | {change:+.3f} "
            f"| {low:+.3f} to {high:+.3f} | {np.mean(draws > 0):.1%} |"
        )


def by_group(scores: Scores, gold: Sequence[Row], column: str) -> Iterator[str]:
    """Yield the table by language or source."""
    pairs = (
        (OURS, "page_text"), (OURS, "page_rmain"), ("C4 rules", "page_text"),
        ("trafilatura", "HTML"),
    )  # fmt: skip
    yield f"| {column} | pages | {' | '.join(' on '.join(pair) for pair in pairs)} |"
    yield "|---|---" + "|---" * len(pairs) + "|"
    for value, n in Counter(row[column] for row in gold).most_common():
        own = [i for i, row in enumerate(gold) if row[column] == value]
        figures = [means([scores[pair][i] for i in own])[0] for pair in pairs]
        yield f"| {value} | {n} | {' | '.join(f'{figure:.3f}' for figure in figures)} |"


def by_kind(path: Path, results: Path) -> Iterator[str]:
    """Yield the table of the pages of WCXB by kind, and the standard deviation over sites."""
    pages = list(rows(path))
    texts: dict[str, dict[str, str]] = {}
    for row in rows(results):
        if row["view"] == "page_text":
            texts.setdefault(row["keep"], {})[row["id"]] = row["text"]
    scores = {
        keep: np.array([word_score(page["body"], own.get(page["id"], "")) for page in pages])
        for keep, own in texts.items()
    }
    names, site = np.unique(np.array([page["site"] for page in pages]), return_inverse=True)
    draws = np.random.default_rng(0).multinomial(
        len(names), np.full(len(names), 1 / len(names)), 2000
    )
    sums = (
        np.bincount(site, scores[KEEP][:, 2], len(names)),
        np.bincount(site, minlength=len(names)),
    )
    deviation = ((draws @ sums[0]) / (draws @ sums[1])).std()
    yield f"| kind | pages | {' | '.join(f'keep: {keep}' for keep in scores)} |"
    yield "|---|---" + "|---" * len(scores) + "|"
    for kind, n in [("all", len(pages)), *Counter(page["type"] for page in pages).most_common()]:
        chosen = np.array([kind in ("all", page["type"]) for page in pages])
        cells = ("{2:.3f} ({0:.3f}, {1:.3f})".format(*x[chosen].mean(0)) for x in scores.values())
        yield f"| {kind} | {n} | {' | '.join(cells)} |"
    yield ""
    yield (
        "Word F1 (precision, recall), mean over pages, cross-validated over sites. Over bootstrap "
        f"samples of sites, the F1 of all pages has a standard deviation of {deviation:.3f}."
    )


def worst(scores: Scores, gold: Sequence[Row], texts: Mapping[str, str]) -> Iterator[str]:
    """Yield the table of the pages with our lowest F1, and the errors on each."""
    yield (
        "| page | source | language | F1 | trafilatura | article lines lost "
        "| boilerplate lines kept | words lost | boilerplate words kept |"
    )
    yield "|---|---|---|---|---|---|---|---|---|"
    pages = [score.f1 for score in scores[OURS, "page_text"]]
    lost_share = sum(sorted(1 - f1 for f1 in pages)[-len(pages) // 20 :]) / sum(
        1 - f1 for f1 in pages
    )
    for i in sorted(range(len(gold)), key=lambda i: (pages[i], gold[i]["id"]))[:N_WORST]:
        row = gold[i]
        lines = [line for line in row["page_text"].split("\n") if words_of(line)]
        article, kept = label(lines, row["body"]) > 0, label(lines, texts[row["id"]]) > 0
        counts = np.array([len(words_of(line)) for line in lines])
        lost, extra = article & ~kept, kept & ~article
        yield (
            f"| {row['site']} | {row['source']} | {row['lang']} | {pages[i]:.2f} "
            f"| {scores['trafilatura', 'HTML'][i].f1:.2f} | {lost.sum()} of {article.sum()} "
            f"| {extra.sum()} of {(~article).sum()} | {counts[lost].sum()} "
            f"| {counts[extra].sum()} |"
        )
    yield ""
    yield f"The worst 5% of the pages account for {lost_share:.0%} of the lost F1."
