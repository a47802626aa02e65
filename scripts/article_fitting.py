"""Fit the parts of the article model, so that none judges a page whose site it saw.

Four models stand on each other: the lexicon gives the forest and the net over lines cues, and those
two give the forest over pages chances. What a model learns from has to look like what it will be
given, so the cues and chances of a page that is learned from come from models that did not see its
fold.

LightGBM grows the trees: it takes a fifth of the time of scikit-learn's, and there are 21 forests.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import lightgbm
import numpy as np
from article_net import fit as fit_net
from article_pages import FALLS, KINDS, Page
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from corpus.articles.lines import lexicon
from corpus.articles.lines.convolution import Net
from corpus.articles.lines.decoding import MOST_COUNTED
from corpus.articles.lines.extraction import BALANCED, decode_lines
from corpus.articles.lines.model import ODDS, Model, line_chances
from corpus.articles.lines.whole_page import portrait
from corpus.trees import MAX_LEAVES, Forest, leaf_slot

ALL_LEAVES = 0xFFFFFFFF
TREES = {
    "objective": "binary", "max_bin": 63, "num_threads": 1, "verbose": -1, "seed": 0,
    "deterministic": True, "force_col_wise": True, "use_missing": False,
}  # fmt: skip
LINES: dict[str, Any] = {
    "num_iterations": 150, "num_leaves": 24, "learning_rate": 0.1, "feature_fraction": 0.3,
    "min_data_in_leaf": 40, "lambda_l2": 1.0,
}  # fmt: skip
WHOLE: dict[str, Any] = {
    "num_iterations": 60, "num_leaves": 8, "learning_rate": 0.1, "feature_fraction": 0.4,
    "min_data_in_leaf": 15, "lambda_l2": 2.0,
}  # fmt: skip
SEEDS = range(4)
"""The forest over pages is the mean of one for each seed: few pages decide what it learns."""
CHANCES = (1 / (1 + np.exp(-np.linspace(-ODDS, ODDS, 1025)))).astype(np.float32)
OF_LINES = ("clean", "cut", "part")
"""Sources that the forest over lines does not learn from: it is to find boilerplate."""
OF_NETS = ("cut", "part")
"""Sources that the lexicon and the net do not learn from."""
OF_PAGES = ("weak",)
"""Sources that the forest over pages does not learn from."""
PAGES = {"part": 0.3, "cut": 0.2, "clean": 1.5}
"""What pages of a source weigh for the forest over pages, where it is not one."""
BOILERPLATE_PIECE = 0.05
"""What a piece of boilerplate weighs there."""
LEAST_WORTH = 0.1
"""Added to what a page weighs there, which is how much F1 depends on whether it is kept whole."""
LEAST_SHARE = 0.6
"""Of the words of a page that is better whole, the article has a larger share."""
Folds = frozenset[int]


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


def below(limit: float) -> float:
    """Return the largest float32 that is at most `limit`: the same side for every float32."""
    near = np.float32(limit)
    return float(near if near <= limit else np.nextafter(near, np.float32(-np.inf)))


def flatten(booster: lightgbm.Booster) -> Forest:
    """Return the trees as flat arrays: inner nodes, and leaves at the places of their bits."""
    trees = [tree["tree_structure"] for tree in booster.dump_model()["tree_info"]]
    inner: list[tuple[int, float, int]] = []
    leaves = np.zeros((len(trees), MAX_LEAVES), np.float32)
    starts = [0]

    def walk(node: dict[str, Any], tree: int, seen: int) -> int:
        """Note the nodes from here down; return how many leaves there are with those before."""
        if "split_feature" not in node:
            leaves[tree, leaf_slot(np.uint32(1 << seen))] = node["leaf_value"]
            return seen + 1
        middle = walk(node["left_child"], tree, seen)
        left = (1 << middle) - (1 << seen)
        inner.append((node["split_feature"], below(node["threshold"]), ALL_LEAVES ^ left))
        return walk(node["right_child"], tree, middle)

    for tree, root in enumerate(trees):
        walk(root, tree, 0)
        starts.append(len(inner))
    column, limit, left_over = zip(*inner, strict=True) if inner else ((), (), ())
    return Forest(
        np.array(column, np.uint16),
        np.array(limit, np.float32),
        np.array(left_over, np.uint32),
        np.array(starts, np.int32),
        leaves,
        np.float32(0),  # the first tree's leaves hold it
    )


def grown(tables: Any, labels: Any, weights: Any, recipe: dict[str, Any]) -> Forest:
    """Return the boosted trees fitted to the features."""
    data = lightgbm.Dataset(tables, labels, weight=weights / weights.mean(), params=TREES)
    return flatten(lightgbm.train(TREES | recipe, data))


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


def gain_of_whole(page: Page, chances: Any) -> float:
    """Return by how much F1 is higher if the page is kept whole than if its lines are judged.

    A page with much boilerplate is never better whole, be it that its lines, judged, lose all of a
    short article: what people would read is boilerplate.
    """
    counts = np.diff(page.firsts).astype(np.float32)
    kept = decode_lines(chances, counts, CHANCES, BALANCED)
    sizes = np.minimum(counts, MOST_COUNTED)
    wanted, right = sizes @ page.labels, sizes @ (page.labels * kept)
    if wanted <= LEAST_SHARE * sizes.sum():
        return float(wanted / max(sizes.sum(), 1) - 1)
    by_lines = 2 * right / (wanted + sizes @ kept)
    return float(2 * wanted / (wanted + sizes.sum()) - by_lines)


class Fitting:
    """The models fitted to all pages but those of some folds; what two of them need, once."""

    def __init__(self, pages: Sequence[Page]) -> None:
        self.pages = [page for page in pages if len(page.labels)]
        self._lexicons: dict[Folds, Any] = {}
        self._lines: dict[Folds, tuple[Forest, Net]] = {}

    def seen(self, without: Folds, but: Sequence[str]) -> list[Page]:
        """Return the pages to learn from, but those of some sources."""
        return [p for p in self.pages if p.fold not in without and p.source not in but]

    def cues(self, page: Page, without: Folds) -> Any:
        """Return the cues of a page's lines by a lexicon that did not see it, nor `without`."""
        without |= {page.fold}
        if without not in self._lexicons:
            self._lexicons[without] = fit_lexicon(self.seen(without, OF_NETS))
        return lexicon.scores(page.words, page.firsts, *self._lexicons[without])

    def lines(self, without: Folds) -> tuple[Forest, Net]:
        """Return the forest and the net over lines."""
        if without not in self._lines:
            drawn, whole = [], []
            for page in self.seen(without, OF_NETS):
                table = page.table(self.cues(page, without))[0]
                whole.append((table, page.labels, page.weights))
                if page.source not in OF_LINES:
                    rows, weights = page.drawn
                    drawn.append((table[rows], page.labels[rows], weights))
            parts = (np.concatenate(part) for part in zip(*drawn, strict=True))
            self._lines[without] = grown(*parts, LINES), fit_net(whole)
        return self._lines[without]

    def whole(self, without: Folds) -> Forest:
        """Return the forest over pages."""
        tables, gains, weights = [], [], []
        for page in self.seen(without, OF_PAGES):
            cues = self.cues(page, without)
            table, counters = page.table(cues)
            (chances,) = line_chances([table], *self.lines(without | {page.fold}), CHANCES)
            tables.append(portrait(counters, cues, chances))
            gains.append(gain_of_whole(page, chances))
            worth = PAGES.get(page.source, 1.0)
            if page.source == "part" and not page.labels.any():
                worth = BOILERPLATE_PIECE
            weights.append(worth * (abs(gains[-1]) + LEAST_WORTH))
        examples = np.concatenate(tables), np.array(gains) >= 0, np.array(weights)
        return average([grown(*examples, WHOLE | {"seed": seed}) for seed in SEEDS])

    def model(self, without: Folds) -> Model:
        """Return the whole model."""
        words = fit_lexicon(self.seen(without, OF_NETS))
        return Model(KINDS, FALLS, *words, *self.lines(without), self.whole(without), CHANCES)
