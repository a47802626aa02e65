"""Train the forests that tell which line of a page is its article's title, byline or date.

    python scripts/train_metadata_model.py PAGES.jsonl.zst [--more MORE.jsonl.zst]
        [--folder HTML] [--save]

PAGES and MORE hold one page a line: `site`, `title`, `author`, `date`, and the page dumped to text
(`page_text`, `page_rmain`). What a page of PAGES does not tell is read from its HTML (`html_path`
below HTML). A line is a title if it is the title word for word, a byline if it names an author, a
date line if it names the day. Pages that say nothing of a role are not learned from for that role.

Figures are cross-validated over sites, in five folds; see `scripts/benchmark_metadata.py`, which
prints them for a model and the rules that read its lines.
"""

from __future__ import annotations

import argparse
import gzip
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lxml.html
import numpy as np
import pyarrow as pa
from article_fitting import fit_forest
from article_pages import FOLDS, fold_of, key_of, rows

from corpus.articles.html.extract import read_html
from corpus.articles.lines.extraction import BALANCED, choose
from corpus.articles.lines.model import load
from corpus.articles.metadata import dates
from corpus.articles.metadata.classifiers import PATH, ROLES, Judges, chosen, pack
from corpus.articles.metadata.cue_words import meanings
from corpus.articles.metadata.features import describe
from corpus.articles.metadata.metadata import Page
from corpus.articles.normalise.kernels import EVERY_STEP, LAYOUT
from corpus.articles.normalise.normalise import normalise

VIEWS = ("page_text", "page_rmain")
LONGEST_BYLINE = 25
"""Words of a byline."""
SHORTEST_TITLE = 6
"""Characters of a title that a line is compared with."""
TRUST = 0.7
"""What a page weighs whose title, author and date nobody checked."""
SHAPE: dict[str, Any] = {
    "min_data_in_leaf": 25, "lambda_l2": 2.0, "feature_fraction_bynode": 0.3,
}  # fmt: skip
FORESTS: dict[str, dict[str, Any]] = {
    "title": {"num_iterations": 100, "num_leaves": 12, "learning_rate": 0.1},
    "byline": {"num_iterations": 60, "num_leaves": 12, "learning_rate": 0.12},
    "date": {"num_iterations": 40, "num_leaves": 8, "learning_rate": 0.2},
}


@dataclass
class Known:
    """A page with what is known of it, its lines that are asked about, and what they are."""

    record: dict[str, Any]
    view: str
    page: Page
    chances: Any
    table: Any
    asked: tuple[Any, ...]
    labels: tuple[Any, ...]

    @property
    def fold(self) -> int:
        """The fold of its site."""
        return fold_of(self.record["site"])


def authors_of(record: dict[str, Any]) -> list[str]:
    """Return the keys of the authors of a record."""
    said = record.get("author") or []
    return [key_of(name) for name in ([said] if isinstance(said, str) else said) if key_of(name)]


def told_by_html(record: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return the record, with what its HTML says where it says nothing itself."""
    raw = (folder / record["html_path"]).read_bytes()
    raw = gzip.decompress(raw) if record["html_path"].endswith(".gz") else raw
    found = read_html(raw.decode("utf-8", "replace")).metadata
    authors = (found.author or "").split("; ") if found.author else None
    told = {"title": found.title, "author": authors, "date": found.date and str(found.date)}
    filled = {name: record.get(name) or value for name, value in told.items()}
    titles = [found.title or "", record.get("title") or "", *titles_of(raw)]
    return record | filled | {"titles": titles}


def titles_of(raw: bytes) -> list[str]:
    """Return what a page of HTML calls itself, and the headings that say much the same."""
    tree = lxml.html.fromstring(raw, parser=lxml.html.HTMLParser(encoding="utf-8"))
    named = tree.xpath("//meta[@property='og:title' or @name='twitter:title']/@content")
    plain = tree.xpath("//title/text()")[:1]
    named += [part for text in plain for part in (text, _SITE.split(text)[0])]
    words = [set(key_of(text).split()) for text in named]
    headings = [" ".join(heading.text_content().split()) for heading in tree.xpath("//h1")]
    for heading in headings:
        own = set(key_of(heading).split())
        alike = (2 * len(own & other) >= min(len(own), len(other)) for other in words if other)
        if len(own) > 1 and any(alike):
            named.append(heading)
    return [text for text in named if len(key_of(text)) >= SHORTEST_TITLE]


_SITE = re.compile("\\s[|\u2013\u2014\u00b7\u00bb:-]\\s")


def read_known(path: Path, folder: Path | None) -> Iterable[Known]:
    """Yield the pages of a file with what is known of them."""
    model = load()
    for plain in rows(path):
        has_html = folder is not None and "html_path" in plain
        record = told_by_html(plain, folder) if has_html and folder else plain
        for view in VIEWS:
            if (record.get(view) or "").strip():
                column = pa.array([record[view]], pa.large_string())
                text = normalise(column, steps=EVERY_STEP & ~LAYOUT)[0].as_py()
                raw = np.frombuffer(text.encode(), np.uint8)
                ((spans, chances, kept),) = choose(raw, [(0, raw.size)], model, BALANCED)
                if kept.any():
                    page = Page(raw.tobytes(), spans, kept)
                    words = meanings()
                    lines, table = describe(
                        raw,
                        spans,
                        kept,
                        chances,
                        *model.characters,
                        *words,
                    )
                    asked = tuple(chosen(role, table) for role in range(len(ROLES)))
                    texts = [page.line(row) for row in lines]
                    labels = labels_of(record, texts, text)
                    yield Known(record, view, page, chances, table, asked, labels)


def labels_of(record: dict[str, Any], lines: Sequence[str], text: str) -> tuple[Any, ...]:
    """Return which lines are the title, name an author, and name the day."""
    titles = {key_of(title) for title in [record.get("title") or "", *record.get("titles", [])]}
    authors, day = authors_of(record), str(record.get("date") or "")[:10]
    keys = [key_of(line) for line in lines]
    day_first = dates.day_first(text)
    return (
        np.array([key in titles - {""} for key in keys]),
        np.array(
            [
                len(key.split()) <= LONGEST_BYLINE and any(f" {x} " in f" {key} " for x in authors)
                for key in keys
            ]
        ),
        np.array(
            [
                any(str(found.day) == day for found in dates.find_all(line, day_first=day_first))
                for line in lines
            ]
        ),
    )


def fit(pages: Sequence[Known]) -> Judges:
    """Return the forests fitted to the pages."""
    forests = []
    for role, name in enumerate(ROLES):
        asked = [(page, page.asked[role], page.labels[role][page.asked[role]]) for page in pages]
        asked = [(page, rows, labels) for page, rows, labels in asked if labels.any()]
        tables = np.concatenate([page.table[rows] for page, rows, _ in asked])
        found = np.concatenate([labels for _, _, labels in asked])
        trusts = [1.0 if page.record.get("source") else TRUST for page, _, _ in asked]
        weights = np.repeat(trusts, [len(rows) for _, rows, _ in asked])
        forests.append(fit_forest(tables, found, weights, SHAPE | FORESTS[name]))
    return Judges(*forests)


def judges_of_folds(pages: Sequence[Known]) -> list[Judges]:
    """Return for each fold the forests that did not see its sites."""
    return [fit([page for page in pages if page.fold != fold]) for fold in range(FOLDS)]


def main() -> None:
    """Train on everything and save."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("pages", type=Path)
    parser.add_argument("--more", type=Path)
    parser.add_argument("--folder", type=Path, help="where the HTML of the pages is")
    parser.add_argument("--save", type=Path, nargs="?", const=PATH)
    options = parser.parse_args()
    pages = [*read_known(options.pages, options.folder)]
    pages += read_known(options.more, None) if options.more else ()
    print(f"{len(pages)} pages, {sum(len(page.table) for page in pages)} lines", flush=True)
    for role, name in enumerate(ROLES):
        print(f"{name}: {sum(bool(page.labels[role].any()) for page in pages)} pages to learn from")
    if options.save:
        np.savez_compressed(options.save, **pack(fit(pages)))
        print(f"{options.save.stat().st_size} bytes")


if __name__ == "__main__":
    main()
