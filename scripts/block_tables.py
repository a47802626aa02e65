"""The tables of the report on the main content of HTML pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from article_scores import Score, means, resampled
from block_causes import CAUSE_OF_PAGE, CAUSES
from block_pages import word_score

from corpus.languages.identify import identify

Row = dict[str, Any]
OURS = "`clean`"
N_RESAMPLES = 2000
N_WORST = 3
"""Pages of each kind in the list of the worst."""
GROUP_TOOLS = (OURS, "trafilatura", "readability", "resiliparse", "jusText")
"""The tools in the tables by language and by source."""
Texts = Mapping[str, Mapping[str, str]]
"""What each tool extracts, by the id of the page; ours is the first."""


def by_kind(wcxb: Sequence[Row], texts: Texts) -> Iterator[str]:
    """Yield the table of word F1 by kind of page."""
    yield f"| kind | pages | {' | '.join(texts)} | our precision | our recall |"
    yield "|---|--:" + "|--:" * (len(texts) + 2) + "|"
    for kind in ("all", *sorted({row["type"] for row in wcxb})):
        own = [row for row in wcxb if kind in ("all", row["type"])]
        scores = {name: np.array([word_score(row["body"], found.get(row["id"], "")) for row in own])
                  for name, found in texts.items()}  # fmt: skip
        figures = " | ".join(f"{score[:, 2].mean():.3f}" for score in scores.values())
        precision, recall, _ = scores[OURS].mean(0)
        yield f"| {kind} | {len(own)} | {figures} | {precision:.3f} | {recall:.3f} |"


def snippets(wcxb: Sequence[Row], texts: Texts) -> Iterator[str]:
    """Yield how many of the snippets that reviewers marked are kept and left, by tool.

    WCXB has a few words of each page that the main content must have, and a few of its boilerplate.
    """
    yield "| tool | marked content kept | marked boilerplate left out | pages without text |"
    yield "|---|--:|--:|--:|"
    for name, found in texts.items():
        kept, left, empty = [], [], 0
        for row in wcxb:
            text = _key(found.get(row["id"], ""))
            empty += not text
            kept += [_key(snippet) in text for snippet in row["with"]]
            left += [_key(snippet) not in text for snippet in row["without"]]
        yield f"| {name} | {np.mean(kept):.3f} | {np.mean(left):.3f} | {empty} |"


def _key(text: str) -> str:
    """Return a text in lower case with single spaces."""
    return " ".join(text.lower().split())


def on_news(news: Sequence[Row], scores: Mapping[str, list[Score]]) -> Iterator[str]:
    """Yield the table of F1 of 4-grams on news."""
    yield "| tool | F1 | precision | recall | difference to ours, 95 % interval |"
    yield "|---|--:|--:|--:|---|"
    sites = [row["site"] for row in news]
    for name, own in scores.items():
        draws = resampled(scores[OURS], sites) - resampled(own, sites)
        low, high = np.quantile(draws, [0.025, 0.975])
        interval = "" if name == OURS else f"{low:+.3f} to {high:+.3f}"
        f1, precision, recall = means(own)
        yield f"| {name} | {f1:.3f} | {precision:.3f} | {recall:.3f} | {interval} |"


def news_by_group(
    news: Sequence[Row], scores: Mapping[str, list[Score]], column: str
) -> Iterator[str]:
    """Yield the table of F1 of 4-grams on news by language or source."""
    yield f"| {column} | pages | sites | {' | '.join(GROUP_TOOLS)} | our precision | our recall |"
    yield "|---|--:|--:" + "|--:" * (len(GROUP_TOOLS) + 2) + "|"
    for value, n in Counter(row[column] for row in news).most_common():
        own = [i for i, row in enumerate(news) if row[column] == value]
        sites = len({news[i]["site"] for i in own})
        figures = [means([scores[name][i] for i in own])[0] for name in GROUP_TOOLS]
        cells = " | ".join(
            f"{f:.3f}" for f in [*figures, *means([scores[OURS][i] for i in own])[1:]]
        )
        yield f"| {value} | {n} | {sites} | {cells} |"


def wcxb_by_language(wcxb: Sequence[Row], texts: Texts) -> Iterator[str]:
    """Yield the table of word F1 on WCXB by the language of the main content."""
    bodies = pa.array([row["body"] for row in wcxb], pa.large_string())
    languages = identify(bodies).language.to_pylist()
    yield f"| language | pages | {' | '.join(GROUP_TOOLS)} |"
    yield "|---|--:" + "|--:" * len(GROUP_TOOLS) + "|"
    for language, n in Counter(languages).most_common():
        own = [row for row, other in zip(wcxb, languages, strict=True) if other == language]
        figures = [
            np.mean([word_score(row["body"], texts[name].get(row["id"], ""))[2] for row in own])
            for name in GROUP_TOOLS
        ]
        yield f"| {language} | {n} | {' | '.join(f'{figure:.3f}' for figure in figures)} |"
    yield ""
    yield "`und` is a text whose language is uncertain: names, prices, code or a few words."


def differences(wcxb: Sequence[Row], texts: Texts) -> Iterator[str]:
    """Yield the differences in word F1 on WCXB, by paired bootstrap over sites."""
    yield "| pages | compared with | difference in F1 | 95 % interval |"
    yield "|---|---|--:|---|"
    for kind in ("all", "article"):
        own = [row for row in wcxb if kind in ("all", row["type"])]
        names, site = np.unique([row["site"] for row in own], return_inverse=True)
        draws = np.random.default_rng(0).multinomial(
            len(names), np.full(len(names), 1 / len(names)), N_RESAMPLES
        )
        f1 = {name: np.array([word_score(row["body"], found.get(row["id"], ""))[2] for row in own])
              for name, found in texts.items()}  # fmt: skip
        for name in list(texts)[1:]:
            change = f1[OURS] - f1[name]
            sums = np.bincount(site, change, len(names)) @ draws.T
            samples = sums / (np.bincount(site, minlength=len(names)) @ draws.T)
            low, high = np.quantile(samples, [0.025, 0.975])
            yield f"| {kind} | {name} | {change.mean():+.3f} | {low:+.3f} to {high:+.3f} |"


def worst(wcxb: Sequence[Row], texts: Texts) -> Iterator[str]:
    """Yield the pages of each kind with our lowest F1, and what went wrong."""
    used = set()
    yield "| kind | site | F1 | precision | recall | trafilatura | what went wrong |"
    yield "|---|---|--:|--:|--:|--:|---|"
    for kind in sorted({row["type"] for row in wcxb}):
        own = [row for row in wcxb if row["type"] == kind]
        scores = {row["id"]: word_score(row["body"], texts[OURS].get(row["id"], "")) for row in own}
        for row in sorted(own, key=lambda row: (scores[row["id"]][2], row["id"]))[:N_WORST]:
            precision, recall, f1 = scores[row["id"]]
            other = word_score(row["body"], texts["trafilatura"].get(row["id"], ""))[2]
            cause = CAUSE_OF_PAGE.get(row["id"], "not looked at")
            used.add(cause)
            yield (
                f"| {kind} | {row['site']} | {f1:.2f} | {precision:.2f} | {recall:.2f} "
                f"| {other:.2f} | {cause} |"
            )
    yield ""
    yield from (f"- *{cause}*: {meaning}." for cause, meaning in CAUSES.items() if cause in used)
