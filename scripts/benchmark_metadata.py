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

On text pages the classifiers are cross-validated over sites and trained as in
`train_metadata_model.py`, with MORE and WCXB. `--shipped` uses the classifiers that ship, which saw
the pages. HTML pages are read as they are built; the HTML may also be in PAGES (`html`).
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, get_args

import numpy as np
from article_pages import html_of, key_of, rows
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

VALUES = ("title", "author", "date", "publisher")
MIN_TITLE_LETTERS = 12
MIN_SHARED_LETTERS = 5


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
        (ranked,) = rank_lines(raw, [page.lines], characters=characters, classifiers=classifiers)
        yield page, read_metadata(page.page, ranked).metadata


def read_html_page(record: dict[str, Any], folder: Path | None, engine: Engine) -> ArticleMetadata:
    """Return the metadata of an HTML page, which is in the record or in the folder."""
    html = record.get("html") or (html_of(record, folder) if folder else "")
    return read_html(html, engine=engine).metadata


def results(options: argparse.Namespace) -> Iterable[tuple[dict[str, Any], ArticleMetadata, str]]:
    """Yield each record of PAGES, the metadata read from it, and its text."""
    if options.content == "html":
        for record in rows(options.pages):
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
        group = str(record.get(options.by))
        in_text = occurs_in_text(record, text)
        for name, verdict in verdicts(record, extracted).items():
            counts[group, name, verdict] += 1
            counts[group, name, "in the text"] += in_text.get(name, False)
            if name == "title" and key_of(record["title"]) == key_of(extracted.title or ""):
                counts[group, name, "exact"] += 1
            if name == options.show and verdict != "right":
                values = [record.get(name), str(getattr(extracted, name))]
                print(json.dumps([record["id"], verdict, *values], ensure_ascii=False))
    print(f"{options.by:14} {'value':10} known right wrong missing exact in the text")
    for group in sorted({group for group, _, _ in counts}):
        for name in VALUES:
            row = {key: counts[group, name, key] for key in ("right", "wrong", "missing")}
            known = sum(row.values())
            if known:
                exact, in_text_count = (counts[group, name, x] for x in ("exact", "in the text"))
                share = row["right"] / known
                print(f"{group:14} {name:10} {known:5} {row['right']:5} {row['wrong']:5}"
                      f" {row['missing']:7} {exact:5} {in_text_count:5}   {share:.3f}")  # fmt: skip


if __name__ == "__main__":
    main()
