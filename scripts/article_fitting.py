"""Fit the parts of the line model, so that no page is scored by a part that has seen its site.

Four models build on each other. The lexicon scores lines by their words (cues). The trees of the
first pass use the cues, those of the second use the scores of the first, and those over pages use
the probabilities of the second. The training data of a model must look like its later input, so the
cues and scores of a training page come from models that did not see its fold.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
from article_pages import CHARACTER_TABLES, FOLDS, Page
from scipy.sparse import csr_matrix, vstack
from sklearn.linear_model import LogisticRegression
from tree_fitting import fit_forest

from corpus.articles.lines import lexicon
from corpus.articles.lines.decoding import MAX_COUNTED_WORDS
from corpus.articles.lines.model import (
    MAX_SCORE,
    Model,
    line_cues,
    probabilities_of,
    second_table,
)
from corpus.articles.lines.selection import BALANCED, decode_lines
from corpus.articles.lines.whole_page import page_features
from corpus.trees import Forest, predict

LINE_SETTINGS: dict[str, Any] = {
    "num_iterations": 150, "num_leaves": 24, "learning_rate": 0.1, "feature_fraction": 0.3,
    "min_data_in_leaf": 40, "lambda_l2": 1.0,
}  # fmt: skip
PAGE_SETTINGS: dict[str, Any] = {
    "num_iterations": 160, "num_leaves": 16, "learning_rate": 0.08, "feature_fraction": 0.4,
    "min_data_in_leaf": 15, "lambda_l2": 2.0, "bagging_fraction": 0.6, "bagging_freq": 1,
}  # fmt: skip
N_SEEDS = 4
"""The forest over pages is the mean of one per seed, because few pages decide what it learns."""
PENALTY = 0.03
"""Inverse strength of the regularisation of the lexicon."""
PROBABILITIES = (1 / (1 + np.exp(-np.linspace(-MAX_SCORE, MAX_SCORE, 1025)))).astype(np.float32)
WITHOUT_BOILERPLATE = ("clean", "clean_wcxb", "cut", "part")
"""Sources that lexicon and lines are not trained on: they must learn to recognise boilerplate."""
NOT_FOR_PAGE_FOREST = ("weak",)
PAGE_WEIGHTS = {"part": 0.3, "cut": 0.2, "clean": 80.0, "clean_wcxb": 10.0, "made": 0.3,
                "small": 0.3}  # fmt: skip
"""Weight of the pages of a source for the forest over pages, if not 1."""
BOILERPLATE_PIECE_WEIGHT = 0.05
"""Weight of a piece of boilerplate for the forest over pages."""
MIN_PAGE_WEIGHT = 0.1
"""Added to the weight of a page, which is how much F1 depends on whether it is kept whole."""
MIN_ARTICLE_SHARE = 0.6
"""Minimum share of the article in the words of a page that is better kept whole."""
Fold = int | None
"""The fold that a model has not seen; None for a model of all pages."""
Part = TypeVar("Part")


def fit_lexicon(slots: Any, labels: Any, weights: Any) -> lexicon.Lexicon:
    """Return the lexicon fitted to lines, its weights rounded to 8 bits."""
    model = LogisticRegression(C=PENALTY, max_iter=60, tol=1e-3)
    model.fit(slots, labels, sample_weight=weights)
    coefficients = model.coef_[0]
    scale = np.abs(coefficients).max() / 127
    return lexicon.Lexicon(
        np.round(coefficients / scale).astype(np.int8),
        np.float32(scale),
        np.float32(model.intercept_[0]),
    )


def gain_of_whole(page: Page, probabilities: Any) -> float:
    """Return how much F1 increases if the page is kept whole rather than decoded line by line.

    A page with much boilerplate is never better kept whole, even if decoding would lose all of a
    short article, because people would mostly read boilerplate.
    """
    counts = np.diff(page.word_offsets).astype(np.float32)
    one_page = np.array([0, counts.size])
    kept = decode_lines(probabilities, counts, one_page, PROBABILITIES, BALANCED)
    sizes = np.minimum(counts, MAX_COUNTED_WORDS)
    article, right = sizes @ page.labels, sizes @ (page.labels * kept)
    if article <= MIN_ARTICLE_SHARE * sizes.sum():
        return float(article / max(sizes.sum(), 1) - 1)
    by_lines = 2 * right / (article + sizes @ kept)
    return float(2 * article / (article + sizes.sum()) - by_lines)


def page_weight(page: Page, gain: float) -> float:
    """Return the weight of a page for the forest over pages."""
    weight = PAGE_WEIGHTS.get(page.source, 1.0)
    if page.source == "part" and not page.labels.any():
        weight = BOILERPLATE_PIECE_WEIGHT
    return weight * (abs(gain) + MIN_PAGE_WEIGHT)


class Fitting:
    """Fits a model for each fold, without its pages, and one of all pages."""

    def __init__(self, pages: Sequence[Page]) -> None:
        self.pages = [page for page in pages if len(page.labels)]
        self.samples = [page.sampled for page in self.pages]

    def training(self, fold: Fold, excluded: Sequence[str]) -> list[int]:
        """Return the pages to train on, without those of a fold and of some sources."""
        return [
            i for i, page in enumerate(self.pages)
            if page.fold != fold and page.is_trained_on and page.source not in excluded
        ]  # fmt: skip

    def each(self, folds: Sequence[Fold], fit: Callable[[Fold], Part]) -> dict[Fold, Part]:
        """Return what `fit` returns for each fold, and print when it is done."""
        parts = {fold: fit(fold) for fold in folds}
        print(fit.__name__, flush=True)
        return parts

    def of_lines(self, values: Sequence[Any], chosen: Sequence[int]) -> tuple[Any, Any, Any]:
        """Return the values, labels and weights of the sampled lines of some pages."""
        rows = [self.samples[i][0] for i in chosen]
        own = [values[i][row] for i, row in zip(chosen, rows, strict=True)]
        labels = [self.pages[i].labels[row] for i, row in zip(chosen, rows, strict=True)]
        weights = np.concatenate([self.samples[i][1] for i in chosen])
        joined = np.concatenate(own) if isinstance(own[0], np.ndarray) else vstack(own)
        return joined, np.concatenate(labels), weights / weights.mean()

    def fit(self, *, whole: bool = True) -> dict[Fold, Model]:
        """Return the model of each fold, and that of all pages if `whole`, under None."""
        folds: list[Fold] = [*range(FOLDS), *([None] if whole else [])]
        slots = [self._slots(page) for page in self.pages]

        def lexicons(fold: Fold) -> lexicon.Lexicon:
            return fit_lexicon(*self.of_lines(slots, self.training(fold, WITHOUT_BOILERPLATE)))

        def trees(fold: Fold) -> Forest:
            chosen = self.training(fold, WITHOUT_BOILERPLATE)
            return fit_forest(*self.of_lines(tables, chosen), LINE_SETTINGS)

        words = self.each(folds, lexicons)
        cues = [line_cues(p.words, p.word_offsets, words[p.fold]) for p in self.pages]
        described = [page.table(own) for page, own in zip(self.pages, cues, strict=True)]
        tables = [table for table, _ in described]
        first = self.each(folds, trees)
        tables = [
            second_table(table, predict(table, first[page.fold]), PROBABILITIES)
            for page, table in zip(self.pages, tables, strict=True)
        ]
        second = self.each(folds, trees)
        probabilities = [
            probabilities_of(predict(table, second[page.fold]), PROBABILITIES)
            for page, table in zip(self.pages, tables, strict=True)
        ]
        counters = [counters for _, counters in described]
        about = list(map(page_features, counters, cues, probabilities))
        gains = list(map(gain_of_whole, self.pages, probabilities))

        def whole_pages(fold: Fold) -> Forest:
            chosen = self.training(fold, NOT_FOR_PAGE_FOREST)
            weights = np.array([page_weight(self.pages[i], gains[i]) for i in chosen])
            keep_whole = np.array([gains[i] >= 0 for i in chosen])
            examples = np.concatenate([about[i] for i in chosen]), keep_whole, weights
            return fit_forest(*examples, PAGE_SETTINGS, n_seeds=N_SEEDS)

        pages = self.each(folds, whole_pages)
        return {
            f: Model(CHARACTER_TABLES, words[f], first[f], second[f], pages[f], PROBABILITIES)
            for f in folds
        }

    @staticmethod
    def _slots(page: Page) -> Any:
        """Return the hashed words of the lines of a page, as a sparse matrix."""
        columns, pointers, values = page.slots
        shape = (len(page.labels), 2 * lexicon.TABLE_SIZE)
        return csr_matrix((values, columns, pointers), shape=shape)
