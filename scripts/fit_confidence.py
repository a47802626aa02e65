"""Fit the confidence in an extraction to cross-validated extractions, and measure it.

    python scripts/fit_confidence.py --wcxb WCXB.jsonl.zst --news NEWS.jsonl.zst --kinds KINDS.jsonl
        [--blocks BLOCKS.jsonl] [--lines LINES.jsonl] [--save]

BLOCKS and LINES are the results of `train_block_model.py` and `train_article_model.py`: for each
page `id`, `text`, and `expected_f1`, which the model expected of that text. LINES has `view` and
`keep`, too. KINDS are the results of `train_content_kind.py`. All three are cross-validated, by the
same folds over sites. A calibration whose results are not given stays as it is.

The figures are cross-validated as well: the calibration that judges a page has not seen its fold.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from article_pages import FOLDS, fold_of, rows
from block_pages import word_score
from sklearn.linear_model import LogisticRegression

from corpus.articles.confidence.model import (
    HIGHEST,
    LOWEST,
    PATH,
    Calibration,
    ConfidenceModel,
    calibrated,
    load,
    pack,
)
from corpus.articles.content_kind.model import KINDS
from corpus.articles.content_kind.model import load as load_kinds
from corpus.articles.lines.model import score_of

PENALTY = 3.0
"""Inverse strength of the regularisation."""
NEWS_WEIGHT = 0.5
MIN_FOUND = 0.5
"""A gold text of which less than this share of the words is on the page is not of this page."""
GOOD = 0.8
"""Word F1 of a good extraction."""
BINS = 10
TABLE = load_kinds().probabilities


class Extracted(NamedTuple):
    """An extraction, how good it is, and what is known without the gold text."""

    fold: int
    source: str
    kind: str
    f1: float
    expected: float
    kinds: Any
    weight: float


def golds(wcxb: Path, news: Path) -> dict[str, dict[str, Any]]:
    """Return the gold texts, with source, site and kind, by id."""
    pages = {}
    for source, path in (("wcxb", wcxb), ("news", news)):
        for row in rows(path):
            kind = row["type"] if source == "wcxb" else "article"
            pages[row["id"]] = {"source": source, "kind": kind, "site": row["site"],
                                "body": row["body"]}  # fmt: skip
    return pages


def read_kinds(path: Path) -> dict[str, dict[str, Any]]:
    """Return the probabilities of the kinds of each page: by id, then by view."""
    pages: dict[str, dict[str, Any]] = {}
    for row in rows(path):
        kinds = np.array([row["kinds"][kind] for kind in KINDS], np.float32)
        pages.setdefault(row["id"], {})[row["view"]] = kinds
    return pages


def kinds_of(views: dict[str, Any], view: str) -> Any:
    """Return the kinds of a page in a view; a view that is not known is like the others."""
    others = [kinds for name, kinds in views.items() if name != "html"]
    return views[view] if view in views else np.mean(others, 0) if others else None


def extractions(
    path: Path, pages: dict[str, dict[str, Any]], kinds: dict[str, dict[str, Any]]
) -> Iterator[Extracted]:
    """Yield the extractions of results that are cross-validated; those without text are left out.

    So are the views of a page of which the gold text is the whole (`body`).
    """
    for row in rows(path):
        view, page = row.get("view", "html"), pages.get(row["id"])
        is_balanced = row.get("keep", "balanced") == "balanced"
        if page is None or view == "body" or not is_balanced or "expected_f1" not in row:
            continue
        if page["body"].strip() and row["text"].strip() and row.get("oracle_f1", 1.0) > MIN_FOUND:
            f1 = word_score(page["body"], row["text"])[2]
            own = kinds_of(kinds.get(row["id"], {}), view)
            weight = NEWS_WEIGHT if page["source"] == "news" else 1.0
            fold, kind = fold_of(page["site"]), page["kind"]
            yield Extracted(fold, page["source"], kind, f1, row["expected_f1"], own, weight)


def inputs(known: list[Extracted]) -> Any:
    """Return the log-odds of the expected F1, and the probabilities of the kinds."""
    odds = [score_of(min(max(page.expected, LOWEST), HIGHEST), TABLE) for page in known]
    return np.column_stack([odds, np.stack([page.kinds for page in known])])


def fit(pages: list[Extracted]) -> Calibration:
    """Return the calibration with the smallest log loss, where F1 is a probability."""
    known = [page for page in pages if page.kinds is not None]
    f1, weights = np.array([page.f1 for page in known]), np.array([page.weight for page in known])
    model = LogisticRegression(C=PENALTY, max_iter=1000, tol=1e-8, fit_intercept=False)
    table = np.concatenate([inputs(known)] * 2)
    labels = np.repeat([1, 0], len(known))
    model.fit(table, labels, sample_weight=np.concatenate([weights * f1, weights * (1 - f1)]))
    slope, offsets = model.coef_[0, 0], model.coef_[0, 1:]
    mean = np.average(np.stack([page.kinds for page in known]), axis=0, weights=weights) @ offsets
    return Calibration(np.float32(slope), offsets.astype(np.float32), np.float32(mean))


def confidences(pages: list[Extracted], calibration: Calibration) -> Any:
    """Return the confidence in each extraction."""
    return np.array([calibrated(p.expected, p.kinds, calibration, TABLE) for p in pages])


def print_scores(name: str, pages: list[Extracted], values: Any) -> None:
    """Print how well the confidence agrees with F1: by decile, by kind and source."""
    f1 = np.array([page.f1 for page in pages])
    groups = [page.kind if page.source == "wcxb" else page.source for page in pages]
    order = np.array_split(np.argsort(values, kind="stable"), BINS)
    gap = np.mean([abs(values[own].mean() - f1[own].mean()) for own in order])
    error = np.sqrt(np.mean((values - f1) ** 2))
    print(f"{name} {len(pages)} calibration error {gap:.4f}, root mean squared error {error:.4f}, "
          f"correlation {np.corrcoef(values, f1)[0, 1]:.3f}")  # fmt: skip
    for own in order:
        low, high = values[own].min(), values[own].max()
        print(f"{name} {low:.3f} to {high:.3f}: confidence {values[own].mean():.3f} "
              f"F1 {f1[own].mean():.3f} good {(f1[own] >= GOOD).mean():.3f}")  # fmt: skip
    for group in sorted(set(groups)):
        own = np.array([g == group for g in groups])
        print(f"{name} {group} {own.sum()}: confidence {values[own].mean():.3f} "
              f"F1 {f1[own].mean():.3f}")  # fmt: skip
    for limit in (0.5, 0.6, 0.7, 0.8, 0.9):
        own = values < limit
        if own.any():
            print(f"{name} below {limit}: {own.mean():.3f} of pages, F1 {f1[own].mean():.3f}, "
                  f"good {(f1[own] >= GOOD).mean():.3f}")  # fmt: skip


def measure(name: str, pages: list[Extracted]) -> Calibration:
    """Cross-validate the calibration, print the figures, and return one fitted to all pages."""
    values = np.zeros(len(pages))
    for fold in range(FOLDS):
        own = [i for i, page in enumerate(pages) if page.fold == fold]
        calibration = fit([page for page in pages if page.fold != fold])
        values[own] = confidences([pages[i] for i in own], calibration)
    print_scores(f"{name}, as expected", pages, np.array([page.expected for page in pages]))
    print_scores(f"{name}, calibrated", pages, values)
    return fit(pages)


def main() -> None:
    """Fit and measure the calibrations whose results are given, and save."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--wcxb", type=Path, required=True)
    parser.add_argument("--news", type=Path, required=True)
    parser.add_argument("--kinds", type=Path, required=True)
    parser.add_argument("--blocks", type=Path)
    parser.add_argument("--lines", type=Path)
    parser.add_argument("--save", type=Path, nargs="?", const=PATH)
    options = parser.parse_args()
    pages, kinds = golds(options.wcxb, options.news), read_kinds(options.kinds)
    calibrations = {}
    for name in ("blocks", "lines"):
        path = getattr(options, name)
        if path:
            calibrations[name] = measure(name, list(extractions(path, pages, kinds)))
        else:
            calibrations[name] = getattr(load(), name)
    if options.save:
        model = ConfidenceModel(calibrations["blocks"], calibrations["lines"], TABLE)
        arrays: dict[str, Any] = dict(pack(model))
        np.savez_compressed(options.save, **arrays)
        print(f"{options.save.stat().st_size} bytes")


if __name__ == "__main__":
    main()
