"""Fit the parts of the article model, so that no part scores a page whose site it has seen.

Four models build on each other. The lexicon scores lines by their words (cues). The forest and the
network over lines use the cues, and the forest over pages uses their probabilities. The training
data of a model must look like its later input. So the cues and probabilities of a training page
come from models that did not see its fold.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from article_net import fit as fit_net
from article_pages import CHARACTER_TABLES, Page
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from tree_fitting import fit_forest

from corpus.articles.lines import lexicon
from corpus.articles.lines.convolution import Net
from corpus.articles.lines.decoding import MAX_COUNTED_WORDS
from corpus.articles.lines.extraction import BALANCED, decode_lines
from corpus.articles.lines.model import MAX_SCORE, Model, line_probabilities
from corpus.articles.lines.whole_page import page_features
from corpus.trees import Forest

LINE_SETTINGS: dict[str, Any] = {
    "num_iterations": 150, "num_leaves": 24, "learning_rate": 0.1, "feature_fraction": 0.3,
    "min_data_in_leaf": 40, "lambda_l2": 1.0,
}  # fmt: skip
PAGE_SETTINGS: dict[str, Any] = {
    "num_iterations": 60, "num_leaves": 8, "learning_rate": 0.1, "feature_fraction": 0.4,
    "min_data_in_leaf": 15, "lambda_l2": 2.0,
}  # fmt: skip
SEEDS = range(4)
"""The forest over pages is the mean of one per seed, because few pages decide what it learns."""
PROBABILITIES = (1 / (1 + np.exp(-np.linspace(-MAX_SCORE, MAX_SCORE, 1025)))).astype(np.float32)
NOT_FOR_LINE_FOREST = ("clean", "cut", "part")
"""Sources that the forest over lines is not trained on: it must learn to recognise boilerplate."""
NOT_FOR_LEXICON_AND_NET = ("cut", "part")
NOT_FOR_PAGE_FOREST = ("weak",)
PAGE_WEIGHTS = {"part": 0.3, "cut": 0.2, "clean": 1.5}
"""Weight of the pages of a source for the forest over pages, if not 1."""
BOILERPLATE_PIECE_WEIGHT = 0.05
"""Weight of a piece of boilerplate for the forest over pages."""
MIN_PAGE_WEIGHT = 0.1
"""Added to the weight of a page, which is how much F1 depends on whether it is kept whole."""
MIN_ARTICLE_SHARE = 0.6
"""Minimum share of the article in the words of a page that is better kept whole."""
Folds = frozenset[int]


def joined(pages: Sequence[Page], name: str) -> Any:
    """Return one attribute of all pages, concatenated."""
    return np.concatenate([getattr(page, name) for page in pages])


def fit_lexicon(pages: Sequence[Page]) -> lexicon.Lexicon:
    """Return the lexicon fitted to the pages, its weights rounded to 8 bits."""
    columns, pointers, values = zip(*(page.slots for page in pages), strict=True)
    lengths = np.concatenate([np.diff(pointer) for pointer in pointers])
    matrix = csr_matrix(
        (np.concatenate(values), np.concatenate(columns), np.append(0, np.cumsum(lengths))),
        shape=(len(lengths), 2 * lexicon.TABLE_SIZE),
    )
    weights = joined(pages, "weights")
    model = LogisticRegression(C=0.03, max_iter=60, tol=1e-3)
    model.fit(matrix, joined(pages, "labels"), sample_weight=weights / weights.mean())
    coefficients = model.coef_[0]
    scale = np.abs(coefficients).max() / 127
    return lexicon.Lexicon(
        np.round(coefficients / scale).astype(np.int8),
        np.float32(scale),
        np.float32(model.intercept_[0]),
    )


def average(forests: Sequence[Forest]) -> Forest:
    """Return one forest whose score is the mean score of several."""
    sizes = np.cumsum([0, *(len(forest.feature) for forest in forests)])
    starts = [forest.tree_offsets[:-1] + size for forest, size in zip(forests, sizes, strict=False)]
    return Forest(
        np.concatenate([forest.feature for forest in forests]),
        np.concatenate([forest.threshold for forest in forests]),
        np.concatenate([forest.leaf_mask for forest in forests]),
        np.concatenate([*starts, sizes[-1:]]).astype(np.int32),
        np.concatenate(
            [f.leaf_values / np.float32(len(forests)) for f in forests], dtype=np.float32
        ),
        np.float32(np.mean([forest.base for forest in forests])),
    )


def gain_of_whole(page: Page, probabilities: Any) -> float:
    """Return how much F1 increases if the page is kept whole rather than decoded line by line.

    A page with much boilerplate is never better kept whole, even if decoding would lose all of a
    short article, because people would mostly read boilerplate.
    """
    counts = np.diff(page.word_offsets).astype(np.float32)
    kept = decode_lines(probabilities, counts, PROBABILITIES, BALANCED)
    sizes = np.minimum(counts, MAX_COUNTED_WORDS)
    article, right = sizes @ page.labels, sizes @ (page.labels * kept)
    if article <= MIN_ARTICLE_SHARE * sizes.sum():
        return float(article / max(sizes.sum(), 1) - 1)
    by_lines = 2 * right / (article + sizes @ kept)
    return float(2 * article / (article + sizes.sum()) - by_lines)


class Fitting:
    """Fits models to all pages except those of some folds; shared parts are fitted once."""

    def __init__(self, pages: Sequence[Page]) -> None:
        self.pages = [page for page in pages if len(page.labels)]
        self._lexicons: dict[Folds, lexicon.Lexicon] = {}
        self._lines: dict[Folds, tuple[Forest, Net]] = {}

    def training_pages(self, without: Folds, excluded: Sequence[str]) -> list[Page]:
        """Return the pages of the other folds, except those of excluded sources."""
        return [p for p in self.pages if p.fold not in without and p.source not in excluded]

    def cues(self, page: Page, without: Folds) -> Any:
        """Return the cues of a page, by a lexicon that saw neither its fold nor `without`."""
        without |= {page.fold}
        if without not in self._lexicons:
            pages = self.training_pages(without, NOT_FOR_LEXICON_AND_NET)
            self._lexicons[without] = fit_lexicon(pages)
        return lexicon.cue_scores(page.words, page.word_offsets, self._lexicons[without])

    def lines(self, without: Folds) -> tuple[Forest, Net]:
        """Return the forest and the network over lines."""
        if without not in self._lines:
            sampled, pages = [], []
            for page in self.training_pages(without, NOT_FOR_LEXICON_AND_NET):
                table = page.table(self.cues(page, without))[0]
                pages.append((table, page.labels, page.weights))
                if page.source not in NOT_FOR_LINE_FOREST:
                    rows, weights = page.sampled
                    sampled.append((table[rows], page.labels[rows], weights))
            table, labels, weights = (np.concatenate(x) for x in zip(*sampled, strict=True))
            forest = fit_forest(table, labels, weights, LINE_SETTINGS)
            self._lines[without] = forest, fit_net(pages)
        return self._lines[without]

    def whole_page(self, without: Folds) -> Forest:
        """Return the forest over pages."""
        tables, gains, weights = [], [], []
        for page in self.training_pages(without, NOT_FOR_PAGE_FOREST):
            cues = self.cues(page, without)
            table, counters = page.table(cues)
            models = self.lines(without | {page.fold})
            (probabilities,) = line_probabilities([table], *models, PROBABILITIES)
            tables.append(page_features(counters, cues, probabilities))
            gains.append(gain_of_whole(page, probabilities))
            weight = PAGE_WEIGHTS.get(page.source, 1.0)
            if page.source == "part" and not page.labels.any():
                weight = BOILERPLATE_PIECE_WEIGHT
            weights.append(weight * (abs(gains[-1]) + MIN_PAGE_WEIGHT))
        examples = np.concatenate(tables), np.array(gains) >= 0, np.array(weights)
        return average([fit_forest(*examples, PAGE_SETTINGS | {"seed": seed}) for seed in SEEDS])

    def model(self, without: Folds) -> Model:
        """Return the whole model."""
        words = fit_lexicon(self.training_pages(without, NOT_FOR_LEXICON_AND_NET))
        lines, whole_page = self.lines(without), self.whole_page(without)
        return Model(CHARACTER_TABLES, words, *lines, whole_page, PROBABILITIES)
