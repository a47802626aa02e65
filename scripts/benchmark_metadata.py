"""Measure what is read off pages about their articles: title, author, date and publisher.

    python scripts/benchmark_metadata.py PAGES.jsonl.zst [--field page_text] [--by source|lang|site]
        [--content page|html] [--folder HTML] [--more MORE.jsonl.zst] [--shipped] [--show title]

PAGES holds one page a line: `id`, `site`, `source`, `lang`, the page, and `title`, `author` and
`date` as they are known. Of each value: right, wrong, missing, and on how many pages it stands in
the text at all. A title is right if one holds the other, word for word (12 letters at least);
*exact* if they are equal. An author is right if one of the known ones is named; a date, if it is
the day. Nothing tells who publishes a page, so a publisher is right if its name and the site's
share five letters in a row, or its abbreviation.

Of pages of text, the forests are cross-validated over sites, trained as `train_metadata_model.py`
does, with MORE; `--shipped` takes those that ship, which saw the pages.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from article_pages import key_of, rows
from train_metadata_model import Known, authors_of, judges_of_folds, read_known

from corpus.articles.html.extract import Engine, read_html
from corpus.articles.lines.model import load
from corpus.articles.metadata import classifiers as judging
from corpus.articles.metadata.metadata import Found, read_about

WHAT = ("title", "author", "date", "publisher")
SHORTEST = 12
SHARED = 5


def same_title(known: str, found: str) -> bool:
    """Return whether two titles are one, but for what stands around one of them."""
    one, other = key_of(known), key_of(found)
    return bool(other) and (one in other or (len(other) > SHORTEST and other in one))


def of_site(publisher: str, site: str) -> bool:
    """Return whether a publisher's name and a site's look alike."""
    host = re.sub(r"[^a-z0-9]", "", site.rsplit(".", 1)[0].casefold())
    name = re.sub(r"[\W_]", "", publisher.casefold())
    initials = "".join(word[0] for word in key_of(publisher).split())
    alike = any(name[i : i + SHARED] in host for i in range(max(1, len(name) - SHARED + 1)))
    return alike or host in (name, initials)


def judged(record: dict[str, Any], found: Found) -> dict[str, str]:
    """Return of each value that is known whether it was found: right, wrong or missing."""
    told: dict[str, str] = {}
    title, authors, day = (
        record.get("title"),
        authors_of(record),
        str(record.get("date") or "")[:10],
    )
    if title:
        told["title"] = _told(found.title, found.title and same_title(title, found.title))
    if authors:
        named = any(name in key_of(found.author or "") for name in authors)
        told["author"] = _told(found.author, named)
    if day:
        told["date"] = _told(found.date, str(found.date)[:10] == day)
    if record.get("site"):
        right = found.publisher and of_site(found.publisher, record["site"])
        told["publisher"] = _told(found.publisher, right)
    return told


def _told(value: object, right: object) -> str:
    return "missing" if value is None else "right" if right else "wrong"


def stands(record: dict[str, Any], text: str) -> dict[str, bool]:
    """Return of title and author whether they stand in a text at all."""
    key = f" {key_of(text)} "
    title, authors = key_of(record.get("title") or ""), authors_of(record)
    return {"title": bool(title) and title in key, "author": any(name in key for name in authors)}


def of_text(pages: Sequence[Known], *, shipped: bool) -> Iterable[tuple[Known, Found]]:
    """Yield what is read off each page, by forests that did not see its site."""
    model = load()
    folds = None if shipped else judges_of_folds(pages)
    for page in pages:
        judges = folds[page.fold] if folds else judging.load()
        raw, lines = np.frombuffer(page.page.data, np.uint8), page.page
        (likely,) = judging.ask(
            raw,
            [(lines.spans, page.chances, lines.kept)],
            kinds=model.characters.classes,
            falls=model.characters.lowercase_offsets,
            judges=judges,
        )
        yield page, read_about(page.page, likely).found


def of_html(record: dict[str, Any], folder: Path, engine: Engine) -> Found:
    """Return what is read off a page of HTML."""
    raw = (folder / record["html_path"]).read_bytes()
    raw = gzip.decompress(raw) if record["html_path"].endswith(".gz") else raw
    return read_html(raw.decode("utf-8", "replace"), engine=engine).metadata


def results(options: argparse.Namespace) -> Iterable[tuple[dict[str, Any], Found, str]]:
    """Yield each record of PAGES, what was found on it, and its text."""
    if options.content == "html":
        for record in rows(options.pages):
            yield record, of_html(record, options.folder, options.engine), record[options.field]
        return
    pages = [*read_known(options.pages, options.folder)]
    measured = {page.record["id"] for page in pages}
    pages += read_known(options.more, None) if options.more else ()
    known = {row["id"]: row for row in rows(options.pages)}
    for page, found in of_text(pages, shipped=options.shipped):
        if page.view == options.field and page.record["id"] in measured:
            yield known[page.record["id"]], found, page.page.data.decode()


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("pages", type=Path)
    parser.add_argument("--more", type=Path)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--field", default="page_text")
    parser.add_argument("--content", default="page", choices=["page", "html"])
    parser.add_argument("--engine", default="trafilatura", choices=["trafilatura", "resiliparse"])
    parser.add_argument("--by", default="source")
    parser.add_argument("--shipped", action="store_true")
    parser.add_argument("--show", choices=WHAT, help="print what was not found right")
    options = parser.parse_args()
    counts: Counter[tuple[str, str, str]] = Counter()
    for record, found, text in results(options):
        group = str(record.get(options.by))
        told = judged(record, found)
        there = stands(record, text)
        for what, how in told.items():
            counts[group, what, how] += 1
            counts[group, what, "in the text"] += there.get(what, False)
            if what == "title" and key_of(record["title"]) == key_of(found.title or ""):
                counts[group, what, "exact"] += 1
            if what == options.show and how != "right":
                print(json.dumps([record["id"], how, record.get(what), str(getattr(found, what))],
                                 ensure_ascii=False))  # fmt: skip
    print(f"{options.by:14} {'what':10} known right wrong missing exact in the text")
    for group in sorted({group for group, _, _ in counts}):
        for what in WHAT:
            row = {how: counts[group, what, how] for how in ("right", "wrong", "missing")}
            known = sum(row.values())
            if known:
                exact, there = (counts[group, what, how] for how in ("exact", "in the text"))
                share = row["right"] / known
                print(f"{group:14} {what:10} {known:5} {row['right']:5} {row['wrong']:5}"
                      f" {row['missing']:7} {exact:5} {there:5}   {share:.3f}")  # fmt: skip


if __name__ == "__main__":
    main()
