"""Train the model of the content kind of pages (article, forum, product ...), and measure it.

    python scripts/train_content_kind.py --wcxb WCXB.jsonl.zst --news NEWS.jsonl.zst --html FOLDER
        [--results RESULTS.jsonl] [--save]

The inputs are those of `train_block_model.py`. The kind of a WCXB page is its `type`; a news page
is an article. There are two models: one for HTML, one for pages dumped to text. The figures are
cross-validated over sites: no page is judged by a model that has seen its site. RESULTS receives
the cross-validated probabilities of each page, for `fit_confidence.py`.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from article_pages import CHARACTER_TABLES, FOLDS, VIEWS, fold_of, html_of, rows
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression

from corpus.articles.blocks.extraction import page_bytes
from corpus.articles.blocks.features import ReadPage, fill_features, read_page
from corpus.articles.content_kind import html_page, text_page
from corpus.articles.content_kind.description import TABLE_SIZE, PageDescription
from corpus.articles.content_kind.html_page import describe_html
from corpus.articles.content_kind.linear import LinearModel
from corpus.articles.content_kind.model import (
    KINDS,
    PATH,
    ContentKindModel,
    kind_probabilities,
    pack,
)
from corpus.articles.content_kind.text_page import describe_text
from corpus.articles.html.visible_text import visible_text
from corpus.articles.lines.model import MAX_SCORE
from corpus.articles.lines.scan import scan
from corpus.articles.normalise.kernels import EVERY_STEP, LAYOUT
from corpus.articles.normalise.normalise import normalise

GROUP_SCALES = {
    "address": 1.0, "title": 1.0, "class names": 1.0, "words": 2.0, "markup": 1.0,
    "first words of lines": 1.0,
}  # fmt: skip
RANGES = 5
RANGE_SCALE, SHAPE_SCALE = 0.1, 0.2
"""Values of the range that a column is in, for most columns and for the few of the page's shape. A
larger value is regularised less."""
PENALTY = 30.0
"""Inverse strength of the regularisation."""
NEWS_WEIGHT = 0.5
"""Weight of a news page: all of them are articles, and WCXB has many already."""
BINS = 10
"""Bins of confidence in which the calibration is measured."""
TABLE = (1 / (1 + np.exp(-np.linspace(-MAX_SCORE, MAX_SCORE, 1025)))).astype(np.float32)


class Example(NamedTuple):
    """A page, or one way to dump it to text, whose kind is known."""

    id: str
    site: str
    source: str
    language: str
    kind: int
    view: str
    weight: float
    page: PageDescription


def html_example(row: dict[str, Any], source: str, html: str) -> Example | None:
    """Return the description of an HTML page; None if it has no blocks."""
    page = read_page(page_bytes(html), CHARACTER_TABLES)
    if not len(page.table):
        return None
    return example(row, source, "html", described_html(page), 1.0)


def described_html(page: ReadPage) -> PageDescription:
    """Return the description of a page; the model uses no cues, so any will do."""
    no_cues = np.zeros(len(page.table), np.float32)
    fill_features(page, no_cues, no_cues)
    return describe_html(page)


def example(
    row: dict[str, Any], source: str, view: str, page: PageDescription, weight: float
) -> Example:
    """Return an example of the page of a row."""
    kind = KINDS.index(row["type"] if source == "wcxb" else "article")
    weight *= 1.0 if source == "wcxb" else NEWS_WEIGHT
    language = (row.get("lang") or "?")[:2]
    return Example(row["id"], row["site"], source, language, kind, view, weight, page)


def text_examples(row: dict[str, Any], source: str, html: str) -> Iterator[Example]:
    """Yield the description of each way to dump a page to text."""
    if source == "news":
        views = {view: row[view] for view in VIEWS if row.get(view, "").strip()}
    else:
        page = read_page(page_bytes(html), CHARACTER_TABLES)
        raw = page.blocks.text.tobytes()
        texts = [raw[a:b].decode("utf-8", "replace") for a, b in page.blocks.spans.tolist()]
        views = {"visible": visible_text(html), "blocks": "\n".join(texts)}
        views = {view: text for view, text in views.items() if text.strip()}
    for view, text in views.items():
        column = normalise(pa.array([text], pa.large_string()), steps=EVERY_STEP & ~LAYOUT)
        raw_text = np.frombuffer(column[0].as_py().encode(), np.uint8)
        lines = scan(raw_text, 0, raw_text.size, CHARACTER_TABLES)
        if len(lines.counters):
            page_of_text = describe_text(lines.counters, lines.words, lines.word_offsets)
            yield example(row, source, view, page_of_text, 1 / len(views))


class Layout(NamedTuple):
    """The names of the parts of a description."""

    groups: Sequence[str]
    columns: Sequence[str]

    def range_scales(self) -> Any:
        """Return the value of the range of each column."""
        is_shape = [name in html_page.SHAPE_COLUMNS for name in self.columns]
        return np.where(is_shape, SHAPE_SCALE, RANGE_SCALE)


LAYOUTS = {
    "html": Layout(html_page.GROUPS, html_page.COLUMNS),
    "text": Layout(text_page.GROUPS, text_page.COLUMNS),
}


def matrix(examples: Sequence[Example], scales: Any, range_scales: Any, edges: Any) -> Any:
    """Return the examples as a sparse matrix: a column for each slot, and for each range."""
    pages = [example.page for example in examples]
    sizes = [np.diff(page.slot_offsets) for page in pages]
    token_values = [np.repeat(scales / np.sqrt(np.maximum(n, 1)), n) for n in sizes]
    pointers = np.cumsum([0, *(len(page.slots) for page in pages)])
    parts = (np.concatenate(token_values), np.concatenate([page.slots for page in pages]), pointers)
    tokens = csr_matrix(parts, shape=(len(pages), TABLE_SIZE))
    columns = np.stack([page.columns for page in pages])
    at = np.stack([np.searchsorted(own, columns[:, j]) for j, own in enumerate(edges)], 1)
    at += np.arange(len(edges)) * RANGES
    pointers = np.arange(len(pages) + 1) * len(edges)
    values = np.tile(range_scales, len(pages))
    ranges = csr_matrix((values, at.ravel(), pointers), shape=(len(pages), RANGES * len(edges)))
    return hstack([tokens, ranges]).tocsr()


def edges_of(examples: Sequence[Example]) -> Any:
    """Return the upper ends of the ranges of each column: quantiles, each only once."""
    columns = np.stack([example.page.columns for example in examples])
    edges = np.full((columns.shape[1], RANGES - 1), np.inf, np.float32)
    for j, column in enumerate(columns.T):
        shares = np.arange(1, RANGES) / RANGES
        own = np.unique(np.quantile(column, shares, method="lower"))
        edges[j, : len(own)] = own
    return edges


def even_weights(examples: Sequence[Example]) -> Any:
    """Return the weight of each example, so that all kinds weigh the same together.

    Half of the pages are articles. With their own frequencies, a page of a rare kind counts as an
    article in every doubt.
    """
    kinds, weights = np.array([e.kind for e in examples]), np.array([e.weight for e in examples])
    totals = np.bincount(kinds, weights, len(KINDS))
    return weights * (weights.sum() / len(KINDS) / totals)[kinds]


def rounded(weights: Any) -> tuple[Any, float]:
    """Return weights as numbers of 8 bits, and their unit."""
    unit = float(np.abs(weights).max()) / 127
    return np.round(weights / unit).astype(np.int8), unit


def fit(examples: Sequence[Example], layout: Layout) -> LinearModel:
    """Return a model fitted to the examples, with weights of 8 bits.

    Tokens and ranges have a unit of their own: the weights of ranges are small, and many of them
    are added up.
    """
    scales = np.array([GROUP_SCALES[name] for name in layout.groups], np.float32)
    edges, range_scales = edges_of(examples), layout.range_scales()
    table = matrix(examples, scales, range_scales, edges)
    labels, weights = [example.kind for example in examples], even_weights(examples)
    fitted = LogisticRegression(C=PENALTY, max_iter=300).fit(table, labels, sample_weight=weights)
    tokens, unit = rounded(fitted.coef_[:, :TABLE_SIZE].T)
    by_range = fitted.coef_[:, TABLE_SIZE:].T.reshape(len(edges), RANGES, len(KINDS))
    ranges, range_unit = rounded(by_range * range_scales[:, None, None])
    return LinearModel(
        np.ascontiguousarray(tokens),
        scales,
        edges,
        np.ascontiguousarray(ranges),
        np.float32(range_unit / unit),
        np.float32(unit),
        fitted.intercept_.astype(np.float32),
    )


def sharpened(model: LinearModel, factor: float) -> LinearModel:
    """Return the model with all scores multiplied by a factor."""
    scale, bias = np.float32(model.scale * factor), (model.bias * factor).astype(np.float32)
    return model._replace(scale=scale, bias=bias)


def predicted(examples: Sequence[Example], model: LinearModel) -> Any:
    """Return the probabilities of the kinds of each example."""
    return np.array([kind_probabilities(example.page, model, TABLE) for example in examples])


def log_loss(examples: Sequence[Example], probabilities: Any) -> Any:
    """Return the log loss of each example."""
    own = probabilities[np.arange(len(examples)), [example.kind for example in examples]]
    return -np.log(np.maximum(own, 1e-6))


def best_factor(examples: Sequence[Example], probabilities: Any) -> float:
    """Return the factor of the scores that gives the smallest log loss."""
    log_odds, weights = np.log(np.maximum(probabilities, 1e-6)), [e.weight for e in examples]

    def loss(factor: float) -> float:
        scores = np.exp(log_odds * factor)
        table = scores / scores.sum(1, keepdims=True)
        return float(np.average(log_loss(examples, table), weights=weights))

    return float(round(minimize_scalar(loss, bounds=(0.3, 3), method="bounded").x, 3))


def cross_validated(examples: Sequence[Example], layout: Layout) -> tuple[Any, float]:
    """Return the probabilities of each example without its fold, and the factor of the scores.

    The factor of a fold is chosen on the other folds.
    """
    folds = np.array([fold_of(example.site) for example in examples])
    raw = np.zeros((len(examples), len(KINDS)), np.float32)
    models = {}
    rows = {fold: np.flatnonzero(folds == fold).tolist() for fold in range(FOLDS)}
    others = {fold: np.flatnonzero(folds != fold).tolist() for fold in range(FOLDS)}
    for fold in range(FOLDS):
        models[fold] = fit([examples[i] for i in others[fold]], layout)
        raw[rows[fold]] = predicted([examples[i] for i in rows[fold]], models[fold])
    probabilities = raw.copy()
    for fold in range(FOLDS):
        factor = best_factor([examples[i] for i in others[fold]], raw[others[fold]])
        model = sharpened(models[fold], factor)
        probabilities[rows[fold]] = predicted([examples[i] for i in rows[fold]], model)
    return probabilities, best_factor(examples, raw)


def print_scores(name: str, examples: Sequence[Example], probabilities: Any) -> None:
    """Print accuracy, log loss and calibration, and the confusion of kinds."""
    kinds = np.array([example.kind for example in examples])
    best, highest = probabilities.argmax(1), probabilities.max(1)
    is_right, loss = best == kinds, log_loss(examples, probabilities)
    sources = np.array([example.source for example in examples])
    for source in ("wcxb", "news"):
        own = sources == source
        error = calibration_error(highest[own], is_right[own])
        print(f"{name} {source} {own.sum()} accuracy {is_right[own].mean():.3f} "
              f"log loss {loss[own].mean():.3f} calibration error {error:.3f}")  # fmt: skip
    own = sources == "wcxb"
    shares = np.bincount(kinds[own], minlength=len(KINDS)) / own.sum()
    even = (1 / len(KINDS) / shares)[kinds[own]]
    mean = np.average(is_right[own], weights=even), np.average(loss[own], weights=even)
    print(f"{name} wcxb, all kinds equally frequent: accuracy {mean[0]:.3f} log loss {mean[1]:.3f}")
    for kind, kind_name in enumerate(KINDS):
        row = " ".join(f"{np.sum(best[own & (kinds == kind)] == k):5d}" for k in range(len(KINDS)))
        recall = is_right[own & (kinds == kind)].mean()
        precision = is_right[own & (best == kind)].mean()
        print(f"{name} {kind_name:14} {row}  recall {recall:.3f} precision {precision:.3f}")
    for low in np.arange(BINS) / BINS:
        within = own & (highest >= low) & (highest < low + 1 / BINS + (low > 0.89))
        if within.any():
            print(f"{name} probability {low:.1f}: {within.sum()} pages, "
                  f"mean {highest[within].mean():.3f}, "
                  f"right {is_right[within].mean():.3f}")  # fmt: skip
    for language in sorted({example.language for example in examples if example.source == "news"}):
        chosen = [e.source == "news" and e.language == language for e in examples]
        print(f"{name} news {language} {sum(chosen)} article {is_right[chosen].mean():.3f}")


def calibration_error(probabilities: Any, is_right: Any) -> float:
    """Return the expected calibration error over bins of equal size."""
    order = np.array_split(np.argsort(probabilities, kind="stable"), BINS)
    gaps = [abs(probabilities[rows].mean() - is_right[rows].mean()) for rows in order if len(rows)]
    return float(np.mean(gaps))


def main() -> None:
    """Cross-validate over sites, train on everything and save."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--wcxb", type=Path, required=True)
    parser.add_argument("--news", type=Path, required=True)
    parser.add_argument("--html", type=Path, required=True)
    parser.add_argument("--results", type=Path)
    parser.add_argument("--save", type=Path, nargs="?", const=PATH)
    options = parser.parse_args()
    examples: dict[str, list[Example]] = {"html": [], "text": []}
    sources: list[tuple[str, Path, Callable[[Any], str]]] = [
        ("wcxb", options.wcxb, lambda row: str(row["html"])),
        ("news", options.news, lambda row: html_of(row, options.html)),
    ]
    for source, path, html in sources:
        for row in rows(path):
            if row["body"].strip():
                found = html_example(row, source, html(row))
                examples["html"] += [found] if found else []
                examples["text"] += text_examples(row, source, html(row))
    print(f"{len(examples['html'])} pages, {len(examples['text'])} texts, "
          f"{time.process_time():.0f} s", flush=True)  # fmt: skip
    models, lines = {}, []
    for name, layout in LAYOUTS.items():
        probabilities, factor = cross_validated(examples[name], layout)
        print(f"{name} factor {factor}")
        print_scores(name, examples[name], probabilities)
        print(f"{time.process_time():.0f} s", flush=True)
        lines += [
            {"id": e.id, "view": e.view, "kinds": dict(zip(KINDS, own.tolist(), strict=True))}
            for e, own in zip(examples[name], probabilities, strict=True)
        ]
        if options.save:
            models[name] = sharpened(fit(examples[name], layout), factor)
    if options.results:
        with options.results.open("w", encoding="utf-8") as stream:
            stream.writelines(json.dumps(line) + "\n" for line in lines)
    if options.save:
        model = ContentKindModel(models["html"], models["text"], TABLE)
        arrays: dict[str, Any] = dict(pack(model))
        np.savez_compressed(options.save, **arrays)
        print(f"{options.save.stat().st_size} bytes, {time.process_time():.0f} s", flush=True)


if __name__ == "__main__":
    main()
