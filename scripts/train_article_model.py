"""Train the model that tells an article's lines from the rest of a page, and measure it.

    python scripts/train_article_model.py PAGES.jsonl.zst [--weak MORE.jsonl.zst] [--save]

PAGES holds one page a line: `site`, `source`, `body` (the article, by hand) and the page dumped to
text in up to three ways (`page_text`, `page_rmain`, `page_lxml`). MORE holds pages with another
extractor's output (`trafilatura`) and segments that the article must and must not hold (`with`,
`without`): where the output agrees with the segments it serves as a weak label.

Figures are cross-validated over sites: no page is
judged by a model that saw its site, in any of its steps.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from article_pages import (
    FALLS,
    FOLDS,
    KINDS,
    MADE,
    VIEWS,
    Page,
    f1,
    read_clean,
    read_gold,
    read_weak,
    read_with_teasers,
)
from scipy.sparse import csr_matrix
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from corpus.articles import lexicon
from corpus.articles.extraction import BALANCED, read_pages
from corpus.articles.forest import MOST_LEAVES, Forest, place_of
from corpus.articles.model import ODDS, PATH, Model, pack
from corpus.articles.normalise import normalise
from corpus.articles.survey import EVERY_STEP, LAYOUT

ALL_LEAVES = 0xFFFFFFFF
FORESTS: tuple[dict[str, Any], ...] = (
    {"max_iter": 150, "max_leaf_nodes": 24, "learning_rate": 0.1, "max_features": 0.3,
     "min_samples_leaf": 60, "l2_regularization": 1.0},
    {"max_iter": 200, "max_leaf_nodes": 16, "learning_rate": 0.08, "max_features": 0.2,
     "min_samples_leaf": 100, "l2_regularization": 5.0},
)  # fmt: skip
"""Two forests that differ in how they grow: their mean is better than each."""


def joined(pages: Sequence[Page], name: str) -> Any:
    """Return one attribute of all pages, end to end."""
    return np.concatenate([getattr(page, name) for page in pages])


def fit_lexicon(pages: Sequence[Page]) -> tuple[Any, Any, Any]:
    """Return the lexicon fitted to the pages: int8 weights, their unit, and the bias."""
    columns, pointers, values = zip(*(page.slots for page in pages), strict=True)
    lengths = np.concatenate([np.diff(pointer) for pointer in pointers])
    matrix = csr_matrix(
        (np.concatenate(values), np.concatenate(columns), np.append(0, np.cumsum(lengths))),
        shape=(len(lengths), 2 * lexicon.SIZE),
    )
    weights = joined(pages, "weights")
    model = LogisticRegression(C=0.03, max_iter=60, tol=1e-3)
    model.fit(matrix, joined(pages, "labels"), sample_weight=weights / weights.mean())
    found = model.coef_[0]
    unit = np.abs(found).max() / 127
    return np.round(found / unit).astype(np.int8), np.float32(unit), np.float32(model.intercept_[0])


def flatten(model: HistGradientBoostingClassifier) -> Forest:
    """Return the trees as flat arrays: inner nodes, and leaves at the places of their bits."""
    trees = [tree.nodes for (tree,) in model._predictors]  # noqa: SLF001, there is no public way
    inner: list[tuple[int, float, int]] = []
    leaves = np.zeros((len(trees), MOST_LEAVES), np.float32)
    starts = [0]

    def walk(nodes: Any, i: int, tree: int, seen: int) -> int:
        """Note the nodes from `i` down; return how many leaves there are with the `seen` before."""
        node = nodes[i]
        if node["is_leaf"]:
            leaves[tree, place_of(np.uint32(1 << seen))] = node["value"]
            return seen + 1
        middle = walk(nodes, node["left"], tree, seen)
        left = (1 << middle) - (1 << seen)
        inner.append((int(node["feature_idx"]), float(node["num_threshold"]), ALL_LEAVES ^ left))
        return walk(nodes, node["right"], tree, middle)

    for tree, nodes in enumerate(trees):
        walk(nodes, 0, tree, 0)
        starts.append(len(inner))
    column, limit, left_over = zip(*inner, strict=True)
    return Forest(
        np.array(column, np.uint16),
        np.array(limit, np.float32),
        np.array(left_over, np.uint32),
        np.array(starts, np.int32),
        leaves,
        np.float32(np.ravel(model._baseline_prediction)[0]),  # noqa: SLF001
    )


def fit_forest(tables: Any, labels: Any, weights: Any) -> Forest:
    """Return the boosted trees fitted to the features: several forests that are averaged."""
    forests = []
    for recipe in FORESTS:
        model = HistGradientBoostingClassifier(
            **recipe, max_bins=63, early_stopping=False, random_state=0
        )
        forests.append(flatten(model.fit(tables, labels, sample_weight=weights)))
    return average(forests)


def average(forests: Sequence[Forest]) -> Forest:
    """Return one forest whose score is the mean of the scores of several."""
    sizes = np.cumsum([0, *(len(forest.column) for forest in forests)])
    starts = [forest.starts[:-1] + size for forest, size in zip(forests, sizes, strict=False)]
    return Forest(
        np.concatenate([forest.column for forest in forests]),
        np.concatenate([forest.limit for forest in forests]),
        np.concatenate([forest.left_over for forest in forests]),
        np.concatenate([*starts, sizes[-1:]]).astype(np.int32),
        np.concatenate([forest.leaves for forest in forests]) / np.float32(len(forests)),
        np.float32(np.mean([forest.base for forest in forests])),
    )


def fit(pages: Sequence[Page], cues: dict[frozenset[int], Any], without: frozenset[int]) -> Model:
    """Return the model fitted to the pages of all folds but `without`.

    The cues of a page that the forest learns from come from a lexicon that did not see its site.
    """
    seen = [page for page in pages if page.fold not in without]
    for out in {without, *(without | {page.fold} for page in seen)}:
        if out not in cues:
            cues[out] = fit_lexicon([page for page in pages if page.fold not in out])
    tables = np.concatenate([page.table(cues[without | {page.fold}]) for page in seen])
    forest = fit_forest(tables, joined(seen, "labels"), joined(seen, "weights"))
    steps = np.linspace(-ODDS, ODDS, 1025)
    chances = (1 / (1 + np.exp(-steps))).astype(np.float32)
    return Model(KINDS, FALLS, *cues[without], forest, chances)


def found_by(model: Model, pages: Sequence[Page]) -> list[tuple[str, str]]:
    """Return (gold, found) of each page."""
    column = pa.array([page.text for page in pages], pa.large_string())
    column = normalise(column, steps=EVERY_STEP & ~LAYOUT)
    read = read_pages(column, model=model, decoding=BALANCED, metadata=False)
    return [(page.body, one.text) for page, one in zip(pages, read, strict=True)]


def main() -> None:
    """Cross-validate over sites, then train on everything and save."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("gold", type=Path)
    parser.add_argument("--weak", type=Path)
    parser.add_argument("--save", type=Path, nargs="?", const=PATH)
    parser.add_argument("--quick", action="store_true", help="no cross-validation")
    options = parser.parse_args()
    pages = [*read_gold(options.gold), *read_with_teasers(options.gold), *read_clean(options.gold)]
    pages += read_weak(options.weak) if options.weak else ()
    print(f"{len(pages)} pages, {sum(len(page.labels) for page in pages)} lines", flush=True)
    gold = [page for page in pages if page.source not in MADE]
    clean = [page for page in pages if page.source == "clean"]
    cues: dict[frozenset[int], Any] = {}
    if not options.quick:
        pairs: dict[str, list[tuple[str, str]]] = {view: [] for view in (*VIEWS, "clean")}
        for out in range(FOLDS):
            model = fit(pages, cues, frozenset({out}))
            for view in VIEWS:
                held_out = [page for page in gold if page.fold == out and page.view == view]
                pairs[view] += found_by(model, held_out)
            pairs["clean"] += found_by(model, [page for page in clean if page.fold == out])
        for view, held in pairs.items():
            print(f"{view}: cross-validated F1 %.4f P %.4f R %.4f" % f1(held), flush=True)
    model = fit(pages, cues, frozenset())
    for view in VIEWS:
        score = f1(found_by(model, [page for page in gold if page.view == view]))
        print(f"{view}: trained-on F1 %.4f P %.4f R %.4f" % score)
    if options.save:
        np.savez_compressed(options.save, **pack(model))
        print(f"{options.save.stat().st_size} bytes, {time.process_time():.0f} s")


if __name__ == "__main__":
    main()
