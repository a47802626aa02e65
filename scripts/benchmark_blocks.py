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
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import article_baselines as baselines
import html_speed
import numpy as np
from article_pages import html_of, rows
from article_scores import Score, means, score_of
from block_pages import word_score
from block_tables import (
    OURS,
    Row,
    Texts,
    by_kind,
    differences,
    news_by_group,
    on_news,
    snippets,
    wcxb_by_language,
    worst,
)
from report_targets import Target, command_line, target_table

TOOLS: dict[str, Callable[[Row], str]] = {
    "trafilatura": lambda row: baselines.trafilatura(row["html"]),
    "trafilatura, precision": lambda row: baselines.trafilatura(row["html"], favor_precision=True),
    "trafilatura, recall": lambda row: baselines.trafilatura(row["html"], favor_recall=True),
    "trafilatura, fast": lambda row: baselines.trafilatura(row["html"], fast=True),
    "readability": lambda row: baselines.readability(row["html"]),
    "resiliparse": lambda row: baselines.resiliparse(row["html"]),
    "jusText": lambda row: baselines.justext(row["html"], row.get("lang", "en")),
}


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


def scores_on_news(news: Sequence[Row], texts: Texts) -> dict[str, list[Score]]:
    """Return the scores of all pages of news, in their order, by tool."""
    return {
        name: [score_of(row["body"], found.get(row["id"], "")) for row in news]
        for name, found in texts.items()
    }


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
