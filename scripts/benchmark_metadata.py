"""Measure how well title, author, date and publisher are read from pages.

    python scripts/benchmark_metadata.py PAGES.jsonl.zst [--field page_text] [--by source|lang|site]
        [--content page|html] [--folder HTML] [--more MORE.jsonl.zst] [--wcxb WCXB.jsonl.zst]
        [--shipped] [--show title]

PAGES has one page per line: `id`, `site`, `source`, `lang`, the page, and the known `title`,
`author` and `date`. For each value, the table has the number of pages where it is right, wrong,
missing, and where it occurs in the text at all. A title is right if it contains the known one or
the reverse, word for word (at least 12 letters); *exact* if they are equal. An author is right if
one of the known authors is named, a date if it is the known day. The publisher of a page is not
known. It is right if its name shares five letters in a row with the site, or its initials are the
site's name.

A date is stored in UTC. *any zone* also counts a known day that the stored moment has in another
time zone, as for an article that appeared in New York late in the evening.

On text pages the classifiers are cross-validated over sites and trained as in
`train_metadata_model.py`, with MORE and WCXB. `--shipped` uses the classifiers that ship, which saw
the pages. HTML pages are read as they are built: those of WCXB, and those of PAGES with metadata by
a parser for the publisher (`fundus`). Their sites are split into two halves by hash. Rules for HTML
are made while looking at the half *develop* only, and are judged on the half *judge*.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any, get_args

import numpy as np
from article_pages import digest_of, html_of, key_of, rows
from train_metadata_model import (
    LabelledPage,
    authors_of,
    classifiers_of_folds,
    read_labelled,
    read_wcxb,
)

from corpus.articles.html.extract import Engine, read_html
from corpus.articles.lines.model import load
from corpus.articles.metadata.classifiers import load as load_classifiers
from corpus.articles.metadata.classifiers import rank_lines
from corpus.articles.metadata.metadata import ArticleMetadata, read_metadata
from corpus.articles.metadata.nearby_lines import LinesOfPages

VALUES = ("title", "author", "date", "publisher")
MIN_TITLE_LETTERS = 12
MIN_SHARED_LETTERS = 5
HTML_SOURCES = ("fundus", "wcxb")
"""Sources whose metadata is checked on HTML pages: that of others was extracted by programs."""
DAY_START, DAY_END = timedelta(hours=-12), timedelta(hours=14)
"""The westernmost and the easternmost time zone, from UTC."""


def same_title(known: str, extracted: str) -> bool:
    """Return whether one of two titles contains the other."""
    known_key, extracted_key = key_of(known), key_of(extracted)
    return bool(extracted_key) and (
        known_key in extracted_key
        or (len(extracted_key) > MIN_TITLE_LETTERS and extracted_key in known_key)
    )


def matches_site(publisher: str, site: str) -> bool:
    """Return whether the name of a publisher resembles that of a site."""
    host = re.sub(r"[^a-z0-9]", "", site.rsplit(".", 1)[0].casefold())
    name = re.sub(r"[\W_]", "", publisher.casefold())
    initials = "".join(word[0] for word in key_of(publisher).split())
    starts = range(max(1, len(name) - MIN_SHARED_LETTERS + 1))
    shares_letters = any(name[i : i + MIN_SHARED_LETTERS] in host for i in starts)
    return shares_letters or host in (name, initials)


def verdicts(record: dict[str, Any], extracted: ArticleMetadata) -> dict[str, str]:
    """Return `right`, `wrong` or `missing` for each value that is known."""
    by_value: dict[str, str] = {}
    title, authors, day = (
        record.get("title"),
        authors_of(record),
        str(record.get("date") or "")[:10],
    )
    if title:
        by_value["title"] = _verdict(
            extracted.title, extracted.title and same_title(title, extracted.title)
        )
    if authors:
        named = any(name in key_of(extracted.author or "") for name in authors)
        by_value["author"] = _verdict(extracted.author, named)
    if day:
        by_value["date"] = _verdict(extracted.date, str(extracted.date)[:10] == day)
    if record.get("site"):
        right = extracted.publisher and matches_site(extracted.publisher, record["site"])
        by_value["publisher"] = _verdict(extracted.publisher, right)
    return by_value


def _verdict(value: object, right: object) -> str:
    return "missing" if value is None else "right" if right else "wrong"


def is_day_somewhere(moment: datetime | None, day: str) -> bool:
    """Return whether a moment is on the day in some time zone; one at midnight has only a day."""
    if moment is None:
        return False
    zones = (timedelta(0),) if moment.time() == time.min else (timedelta(0), DAY_START, DAY_END)
    return any(str(moment + zone)[:10] == day for zone in zones)


def half_of(site: str) -> str:
    """Return the half of a site: rules for HTML are made on one, and judged on the other."""
    return "judge" if digest_of(site) >> 120 & 1 else "develop"


def occurs_in_text(record: dict[str, Any], text: str) -> dict[str, bool]:
    """Return whether the known title and author occur in a text at all."""
    key = f" {key_of(text)} "
    title, authors = key_of(record.get("title") or ""), authors_of(record)
    return {"title": bool(title) and title in key, "author": any(name in key for name in authors)}


def read_text_pages(
    pages: Sequence[LabelledPage], *, shipped: bool
) -> Iterable[tuple[LabelledPage, ArticleMetadata]]:
    """Yield the metadata of each page, read by classifiers trained without its site."""
    model = load()
    characters = model.characters
    folds = None if shipped else classifiers_of_folds(pages)
    for page in pages:
        classifiers = folds[page.fold] if folds else load_classifiers()
        raw = np.frombuffer(page.page.data, np.uint8)
        (ranked,) = rank_lines(
            raw, LinesOfPages.of_one(page.lines), characters=characters, classifiers=classifiers
        )
        yield page, read_metadata(page.page, ranked).metadata


def read_html_page(record: dict[str, Any], folder: Path | None, engine: Engine) -> ArticleMetadata:
    """Return the metadata of an HTML page, which is in the record or in the folder."""
    html = record.get("html") or (html_of(record, folder) if folder else "")
    return read_html(html, engine=engine).metadata


def html_records(pages: Path, wcxb: Path | None) -> Iterator[dict[str, Any]]:
    """Yield the records with HTML whose metadata is checked."""
    for record in rows(pages):
        if record.get("source") in HTML_SOURCES:
            yield record
    for record in rows(wcxb) if wcxb else ():
        yield record | {"source": "wcxb"}


def results(options: argparse.Namespace) -> Iterable[tuple[dict[str, Any], ArticleMetadata, str]]:
    """Yield each record of PAGES, the metadata read from it, and its text."""
    if options.content == "html":
        for record in html_records(options.pages, options.wcxb):
            extracted = read_html_page(record, options.folder, options.engine)
            yield record, extracted, record.get(options.field) or record["body"]
        return
    pages = [*read_labelled(options.pages, options.folder)]
    measured = {page.record["id"] for page in pages}
    pages += read_labelled(options.more, None) if options.more else ()
    pages += read_wcxb(options.wcxb) if options.wcxb else ()
    known = {row["id"]: row for row in rows(options.pages)}
    for page, extracted in read_text_pages(pages, shipped=options.shipped):
        if page.view == options.field and page.record["id"] in measured:
            yield known[page.record["id"]], extracted, page.page.data.decode()


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("pages", type=Path)
    parser.add_argument("--more", type=Path)
    parser.add_argument("--wcxb", type=Path)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--field", default="page_text")
    parser.add_argument("--content", default="page", choices=["page", "html"])
    parser.add_argument("--engine", default="blocks", choices=get_args(Engine))
    parser.add_argument("--by", default="source")
    parser.add_argument("--shipped", action="store_true")
    parser.add_argument("--show", choices=VALUES, help="print the wrong and missing values")
    options = parser.parse_args()
    counts: Counter[tuple[str, str, str]] = Counter()
    for record, extracted, text in results(options):
        own, half = str(record.get(options.by)), half_of(record["site"])
        groups = [own] if options.content == "page" else [f"{x} {half}" for x in (own, "all")]
        for group in groups:
            count(counts, group, record, extracted, text)
        verdict = verdicts(record, extracted).get(options.show, "right")
        if verdict != "right" and (options.content == "page" or half == "develop"):
            values = [record.get(options.show), str(getattr(extracted, options.show))]
            print(json.dumps([record["id"], verdict, *values], ensure_ascii=False))
    print_table(counts, options.by)


def count(
    counts: Counter[tuple[str, str, str]],
    group: str,
    record: dict[str, Any],
    extracted: ArticleMetadata,
    text: str,
) -> None:
    """Count the verdicts on one page in the table, by group, value and column."""
    in_text = occurs_in_text(record, text)
    for name, verdict in verdicts(record, extracted).items():
        counts[group, name, verdict] += 1
        counts[group, name, "in the text"] += in_text.get(name, False)
        if name == "title":
            counts[group, name, "exact"] += key_of(record["title"]) == key_of(extracted.title or "")
        if name == "date":
            day = str(record["date"])[:10]
            counts[group, name, "any zone"] += is_day_somewhere(extracted.date, day)


def print_table(counts: Counter[tuple[str, str, str]], by: str) -> None:
    """Print the table of counts, with the share of known values that are right."""
    columns = ("right", "wrong", "missing", "exact", "in the text", "any zone")
    print(f"{by:20} {'value':9} known {' '.join(columns)}")
    for group in sorted({group for group, _, _ in counts}):
        for name in VALUES:
            row = [counts[group, name, column] for column in columns]
            if known := sum(row[:3]):
                numbers = " ".join(
                    f"{number:{len(column)}}" for number, column in zip(row, columns, strict=True)
                )
                print(f"{group:20} {name:9} {known:5} {numbers}   {row[0] / known:.3f}")


if __name__ == "__main__":
    main()
