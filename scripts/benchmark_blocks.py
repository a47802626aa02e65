"""Compare our main content of HTML pages with trafilatura, readability, resiliparse and jusText.

    python scripts/benchmark_blocks.py --wcxb WCXB.jsonl.zst --news NEWS.jsonl.zst --html FOLDER
        --results RESULTS.jsonl [--others OTHERS.jsonl] [--report docs/html.md]

WCXB, NEWS and FOLDER are as in `train_block_model.py`. RESULTS is its output: the content of each
page, extracted by a model that has not seen its site. OTHERS keeps what the other tools extract, so
that they run once.

On WCXB the figure is F1 over bags of words, mean over pages; on news F1 of 4-grams. The language of
a WCXB page is the one that `corpus.languages` identifies in its main content. The report has names
of sites and figures, but no text of the pages. Times are CPU times.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import article_baselines as baselines
import html_speed
import numpy as np
import pyarrow as pa
from article_pages import html_of, rows
from article_scores import Score, means, resampled, score_of
from block_causes import CAUSE_OF_PAGE, CAUSES
from block_pages import word_score
from report_targets import Target, command_line, target_table

from corpus.languages.identify import identify

Row = dict[str, Any]
OURS = "`clean`"
TOOLS: dict[str, Callable[[Row], str]] = {
    "trafilatura": lambda row: baselines.trafilatura(row["html"]),
    "trafilatura, precision": lambda row: baselines.trafilatura(row["html"], favor_precision=True),
    "trafilatura, recall": lambda row: baselines.trafilatura(row["html"], favor_recall=True),
    "trafilatura, fast": lambda row: baselines.trafilatura(row["html"], fast=True),
    "readability": lambda row: baselines.readability(row["html"]),
    "resiliparse": lambda row: baselines.resiliparse(row["html"]),
    "jusText": lambda row: baselines.justext(row["html"], row.get("lang", "en")),
}
N_RESAMPLES = 2000
N_WORST = 3
"""Pages of each kind in the list of the worst."""
GROUP_TOOLS = (OURS, "trafilatura", "readability", "resiliparse", "jusText")
"""The tools in the tables by language and by source."""
Texts = Mapping[str, Mapping[str, str]]
"""What each tool extracts, by the id of the page."""


def read_pages(options: argparse.Namespace) -> tuple[list[Row], list[Row]]:
    """Return the pages of WCXB and of news, with their HTML."""
    wcxb = list(rows(options.wcxb))
    news = [row for row in rows(options.news) if row["body"].strip()]
    for row in news:
        row["html"] = html_of(row, options.html)
    return wcxb, news


def others(pages: Sequence[Row], path: Path | None) -> dict[str, dict[str, str]]:
    """Return what the other tools extract; a tool that the file has is not run again."""
    known = {row["tool"]: row["texts"] for row in rows(path)} if path and path.exists() else {}
    texts: dict[str, dict[str, str]] = {}
    for name, extract in TOOLS.items():
        if name in known:
            texts[name] = known[name]
            continue
        texts[name] = {}
        for row in pages:
            try:
                texts[name][row["id"]] = extract(row)
            except Exception as error:  # noqa: BLE001  a tool that fails extracts nothing
                print(f"{name}: {row['id']}: {type(error).__name__}", flush=True)
                texts[name][row["id"]] = ""
    if path:
        lines = (json.dumps({"tool": name, "texts": own}) for name, own in texts.items())
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return texts


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


def scores_on_news(news: Sequence[Row], texts: Texts) -> dict[str, list[Score]]:
    """Return the scores of all pages of news, in their order, by tool."""
    return {
        name: [score_of(row["body"], found.get(row["id"], "")) for row in news]
        for name, found in texts.items()
    }


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


def targets(
    wcxb: Sequence[Row], texts: Texts, news_scores: Sequence[Score], pages_per_second: float
) -> Iterator[str]:
    """Yield the table of targets."""
    f1 = {row["id"]: word_score(row["body"], texts[OURS].get(row["id"], ""))[2] for row in wcxb}
    articles = [f1[row["id"]] for row in wcxb if row["type"] == "article"]
    yield from target_table(
        [
            Target("WCXB, all kinds, word F1", float(np.mean(list(f1.values()))), 0.855, 0.875),
            Target("WCXB, articles, word F1", float(np.mean(articles)), 0.955, 0.965),
            Target("news, F1 of 4-grams", means(news_scores)[0], 0.948, 0.955),
            Target("pages per second and core, with metadata", pages_per_second, 50, 80, 0),
        ]
    )


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
        for name in TOOLS:
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


def report(options: argparse.Namespace) -> Iterator[str]:
    """Yield the lines of the report."""
    wcxb, news = read_pages(options)
    ours = {row["id"]: row["text"] for row in rows(options.results)}
    texts = {OURS: ours, **others([*wcxb, *news], options.others)}
    news_scores = scores_on_news(news, texts)
    sample = [row["html"] for row in [*wcxb, *news][:: html_speed.SPEED_STEP]]
    speeds = html_speed.measure_speed(sample)
    yield "# Quality of main content from HTML"
    yield ""
    yield "Printed by"
    yield ""
    yield command_line()
    yield ""
    yield (
        "The results are those of `python scripts/train_block_model.py --wcxb WCXB --news NEWS "
        "--html FOLDER --results RESULTS`, with the same pages: each page is read by models that "
        "have not seen its site."
    )
    yield ""
    yield (
        "WCXB (Web Content eXtraction Benchmark, by Murrough Foley, CC BY 4.0, development half) "
        f"has {len(wcxb)} pages of seven kinds whose main content was reviewed by people; the "
        "figure is F1 over bags of words, mean over pages. "
        f"The {len(news)} news pages have an article labelled by hand or by a parser written for "
        f"the publisher; the figure is F1 of 4-grams. {OURS} is cross-validated over sites."
    )
    sections = {
        "Targets": targets(
            wcxb, texts, news_scores[OURS], speeds[html_speed.OURS].pages_per_second
        ),
        "WCXB, by kind of page": by_kind(wcxb, texts),
        "WCXB, by language": wcxb_by_language(wcxb, texts),
        "WCXB, marked snippets": snippets(wcxb, texts),
        "WCXB, differences": differences(wcxb, texts),
        "News": on_news(news, news_scores),
        "News, by source": news_by_group(news, news_scores, "source"),
        "News, by language": news_by_group(news, news_scores, "lang"),
        "The worst pages": worst(wcxb, texts),
        "Speed": html_speed.speed_table(speeds, sample),
    }
    for title, lines in sections.items():
        yield from ("", f"## {title}", "", *lines)


def main() -> None:
    """Print the report, and write it to a file if asked."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    for name in ("wcxb", "news", "html", "results"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--others", type=Path)
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
