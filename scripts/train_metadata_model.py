"""Train the classifiers that find the title, the byline and the date line of an article.

    python scripts/train_metadata_model.py PAGES.jsonl.zst [--more MORE.jsonl.zst]
        [--folder HTML] [--wcxb WCXB.jsonl.zst] [--save]

PAGES and MORE have one page per line: `site`, `title`, `author`, `date`, and the page dumped to
text (`page_text`, `page_rmain`). Values that a page of PAGES lacks are read from its HTML
(`html_path`, relative to HTML). WCXB has HTML pages of many kinds with `title`, `author` and
`date`; their visible text is the dump. A line is a title if it equals the title word for word, a
byline if it names an author, a date line if it has the date. A page without a line for a role is
not used to train it.

`scripts/benchmark_metadata.py` prints the results, cross-validated over sites in five folds.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lxml.html
import numpy as np
import pyarrow as pa
from article_pages import FOLDS, fold_of, html_of, key_of, rows
from tree_fitting import fit_forest

from corpus.articles.blocks.extraction import extract_blocks
from corpus.articles.html.blocks import place_of
from corpus.articles.html.limits import DEFAULT_LIMITS, refusal
from corpus.articles.html.markup_metadata import markup_metadata
from corpus.articles.html.visible_text import parsable, visible_text
from corpus.articles.lines.model import load
from corpus.articles.lines.selection import BALANCED, choose
from corpus.articles.metadata import dates
from corpus.articles.metadata.classifiers import (
    MODEL_PATH,
    ROLES,
    Classifiers,
    candidate_rows,
    pack,
)
from corpus.articles.metadata.cue_words import cue_word_table
from corpus.articles.metadata.features import describe_lines
from corpus.articles.metadata.metadata import MetadataResult, Page
from corpus.articles.metadata.nearby_lines import LinesOfPages, PageLines
from corpus.articles.normalise.kernels import EVERY_STEP, LAYOUT
from corpus.articles.normalise.normalise import normalise
from corpus.articles.result import NO_METADATA

VIEWS = ("page_text", "page_rmain")
MAX_BYLINE_WORDS = 25
MIN_TITLE_CHARACTERS = 6
"""Shorter titles are not compared with lines."""
WEAK_LABEL_WEIGHT = 0.7
"""The weight of a page with unchecked title, author and date."""
WCXB_WEIGHT = 0.3
"""The weight of a page of WCXB: many are no articles, and their titles are those of their data."""
TREE_PARAMETERS: dict[str, Any] = {
    "min_data_in_leaf": 25, "lambda_l2": 2.0, "feature_fraction_bynode": 0.3,
}  # fmt: skip
FOREST_PARAMETERS: dict[str, dict[str, Any]] = {
    "title": {"num_iterations": 100, "num_leaves": 12, "learning_rate": 0.1},
    "byline": {"num_iterations": 60, "num_leaves": 12, "learning_rate": 0.12},
    "date": {"num_iterations": 40, "num_leaves": 8, "learning_rate": 0.2},
}


@dataclass
class LabelledPage:
    """A page with its known metadata, and the features and labels of its lines."""

    record: dict[str, Any]
    view: str
    page: Page
    lines: PageLines
    table: Any
    candidates: tuple[Any, ...]
    """For each role, the rows of `table` that are classified."""
    labels: tuple[Any, ...]
    """For each role, whether each row of `table` has it."""

    weight: float = 1.0
    """Weight in the training data."""

    @property
    def fold(self) -> int:
        """Return the fold of its site."""
        return fold_of(self.record["site"])


def authors_of(record: dict[str, Any]) -> list[str]:
    """Return the keys of the authors of a record."""
    author = record.get("author") or []
    names = _LIST.split(author) if isinstance(author, str) else author
    return [key_of(name) for name in names if key_of(name)]


_LIST = re.compile(r",|;|&| and ")


def filled_from_html(record: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return the record with its missing values read from the markup of its HTML."""
    html = html_of(record, folder)
    extraction = extract_blocks(html)
    about = markup_metadata(
        extraction.page.markup,
        extraction.headings(),
        place_of(extraction),
        lambda: MetadataResult(NO_METADATA, {}),  # labels do not depend on the model itself
        as_of=None,
    )
    authors = (about.author or "").split("; ") if about.author else None
    values = {"title": about.title, "author": authors, "date": about.date and str(about.date)}
    filled = {name: record.get(name) or value for name, value in values.items()}
    titles = [about.title or "", record.get("title") or "", *titles_of(html)]
    return record | filled | {"titles": titles}


def titles_of(html: str) -> list[str]:
    """Return the titles in the metadata of an HTML page, and headings that share their words."""
    tree = lxml.html.fromstring(
        html.encode("utf-8", "replace"), parser=lxml.html.HTMLParser(encoding="utf-8")
    )
    titles = tree.xpath("//meta[@property='og:title' or @name='twitter:title']/@content")
    plain = tree.xpath("//title/text()")[:1]
    titles += [part for text in plain for part in (text, _BEFORE_SITE_NAME.split(text)[0])]
    words = [set(key_of(text).split()) for text in titles]
    headings = [" ".join(heading.text_content().split()) for heading in tree.xpath("//h1")]
    for heading in headings:
        own = set(key_of(heading).split())
        is_similar = (2 * len(own & other) >= min(len(own), len(other)) for other in words if other)
        if len(own) > 1 and any(is_similar):
            titles.append(heading)
    return [text for text in titles if len(key_of(text)) >= MIN_TITLE_CHARACTERS]


_BEFORE_SITE_NAME = re.compile("\\s[|\u2013\u2014\u00b7\u00bb:-]\\s")


def read_labelled(path: Path, folder: Path | None) -> Iterable[LabelledPage]:
    """Yield the pages of a file that have an article, in both views, with their labels."""
    for plain in rows(path):
        has_html = folder is not None and "html_path" in plain
        record = filled_from_html(plain, folder) if has_html and folder else plain
        yield from labelled(record, weight=1.0 if plain.get("source") else WEAK_LABEL_WEIGHT)


def labelled(record: dict[str, Any], *, weight: float) -> Iterable[LabelledPage]:
    """Yield the views of a page that have an article, with their labels."""
    model = load()
    characters = model.characters
    for view in VIEWS:
        if (record.get(view) or "").strip():
            column = pa.array([record[view]], pa.large_string())
            text = normalise(column, steps=EVERY_STEP & ~LAYOUT)[0].as_py()
            raw = np.frombuffer(text.encode(), np.uint8)
            (lines,) = choose(raw, [(0, raw.size)], model, BALANCED)
            if lines.kept.any():
                page = Page(raw.tobytes(), lines.spans, lines.kept)
                pages = LinesOfPages.of_one(lines)
                rows_, _, table = describe_lines(raw, pages, characters, cue_word_table())
                candidates = tuple(candidate_rows(role, table) for role in range(len(ROLES)))
                labels = labels_of(record, [page.line(row) for row in rows_], text)
                yield LabelledPage(record, view, page, lines, table, candidates, labels, weight)


def read_wcxb(path: Path) -> Iterable[LabelledPage]:
    """Yield the pages of WCXB as dumps of their visible text, with their labels."""
    for record in rows(path):
        html = record.pop("html")
        if refusal(html.encode("utf-8", "replace"), limits=DEFAULT_LIMITS) is None:
            dump = record | {"page_text": visible_text(parsable(html)), "titles": titles_of(html)}
            yield from labelled(dump, weight=WCXB_WEIGHT)


def labels_of(record: dict[str, Any], lines: Sequence[str], text: str) -> tuple[Any, ...]:
    """Return which lines are the title, name an author, and have the date."""
    titles = {key_of(title) for title in [record.get("title") or "", *record.get("titles", [])]}
    authors, day = authors_of(record), str(record.get("date") or "")[:10]
    keys = [key_of(line) for line in lines]
    day_first = dates.infer_day_first(text)
    return (
        np.array([key in titles - {""} for key in keys]),
        np.array(
            [
                len(key.split()) <= MAX_BYLINE_WORDS
                and any(f" {x} " in f" {key} " for x in authors)
                for key in keys
            ]
        ),
        np.array(
            [
                any(str(x.day) == day for x in dates.find_dates(line, day_first=day_first))
                for line in lines
            ]
        ),
    )


def fit(pages: Sequence[LabelledPage]) -> Classifiers:
    """Return the classifiers trained on the pages."""
    forests = []
    for role, name in enumerate(ROLES):
        examples = [(x, x.candidates[role], x.labels[role][x.candidates[role]]) for x in pages]
        examples = [(page, rows, labels) for page, rows, labels in examples if labels.any()]
        table = np.concatenate([page.table[rows] for page, rows, _ in examples])
        labels = np.concatenate([labels for _, _, labels in examples])
        page_weights = [page.weight for page, _, _ in examples]
        weights = np.repeat(page_weights, [len(rows) for _, rows, _ in examples])
        forests.append(
            fit_forest(table, labels, weights, TREE_PARAMETERS | FOREST_PARAMETERS[name])
        )
    return Classifiers(*forests)


def classifiers_of_folds(pages: Sequence[LabelledPage]) -> list[Classifiers]:
    """Return for each fold the classifiers that were trained without its sites."""
    return [fit([page for page in pages if page.fold != fold]) for fold in range(FOLDS)]


def main() -> None:
    """Train on everything and save."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("pages", type=Path)
    parser.add_argument("--more", type=Path)
    parser.add_argument("--wcxb", type=Path)
    parser.add_argument("--folder", type=Path, help="folder with the HTML of the pages")
    parser.add_argument("--save", type=Path, nargs="?", const=MODEL_PATH)
    options = parser.parse_args()
    pages = [*read_labelled(options.pages, options.folder)]
    pages += read_labelled(options.more, None) if options.more else ()
    pages += read_wcxb(options.wcxb) if options.wcxb else ()
    print(f"{len(pages)} pages, {sum(len(page.table) for page in pages)} lines", flush=True)
    for role, name in enumerate(ROLES):
        print(f"{name}: {sum(bool(page.labels[role].any()) for page in pages)} pages to train on")
    if options.save:
        arrays: dict[str, Any] = {**pack(fit(pages))}
        np.savez_compressed(options.save, **arrays)
        print(f"{options.save.stat().st_size} bytes")


if __name__ == "__main__":
    main()
