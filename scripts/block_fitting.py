"""Fit the parts of the block model, so that no page is scored by a part that has seen its site.

Two lexicons score a block by its words and by the class names around it (cues). The trees of the
first pass use the cues, and those of the second use the scores of the first. The training data of a
model must look like its later input, so the cues and scores of a training page come from models
that did not see its fold.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from article_pages import CHARACTER_TABLES, FOLDS
from block_pages import BlockPage
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from tree_fitting import fit_forest

from corpus.articles.blocks.class_names import TABLE_SIZE, ClassLexicon, class_slots
from corpus.articles.blocks.features import fill_features
from corpus.articles.blocks.model import BlockModel, class_cues, second_table, word_cues
from corpus.articles.blocks.tree_features import Paths
from corpus.articles.lines import lexicon
from corpus.articles.lines.model import MAX_SCORE, probabilities_of
from corpus.trees import Forest, predict

SETTINGS: dict[str, Any] = {
    "num_iterations": 150, "num_leaves": 28, "learning_rate": 0.12, "feature_fraction": 0.3,
    "min_data_in_leaf": 60, "lambda_l2": 2.0, "bagging_fraction": 0.7, "bagging_freq": 1,
}  # fmt: skip
N_SEEDS = 3
"""Forests of each pass, whose mean is the score."""
WORD_PENALTY, CLASS_PENALTY = 0.1, 0.05
"""Inverse strength of the regularisation of the lexicons."""
LEXICON_WEIGHT = 3.0
"""Factor of the weight of a synthetic page in the lexicons: boilerplate is rare on real pages, and
its words and class names must be learned from the others."""
PROBABILITIES = (1 / (1 + np.exp(-np.linspace(-MAX_SCORE, MAX_SCORE, 1025)))).astype(np.float32)
Fold = int | None
"""The fold that a model has not seen; None for a model of all pages."""


def rounded(model: LogisticRegression) -> tuple[Any, Any, Any]:
    """Return the weights of a linear model in 8 bits, their unit, and the bias."""
    coefficients = model.coef_[0]
    scale = np.abs(coefficients).max() / 127
    weights = np.round(coefficients / scale).astype(np.int8)
    return weights, np.float32(scale), np.float32(model.intercept_[0])


class BlockFitting:
    """Fits models to all pages except those of a fold; each part is fitted once."""

    def __init__(self, pages: Sequence[BlockPage]) -> None:
        self.pages = [page for page in pages if len(page.texts)]
        self.samples = [page.sampled() for page in self.pages]
        self.word_rows = [self._word_rows(i) for i in range(len(self.pages))]
        self.class_rows = [self._class_rows(i) for i in range(len(self.pages))]
        self.paths: list[Paths] = []
        self.wide: list[Any] = []
        self.models: dict[Fold, BlockModel] = {}

    def _word_rows(self, i: int) -> Any:
        """Return the hashed words of the sampled blocks of a page, as a sparse matrix."""
        page = self.pages[i].page
        columns, pointers, values = lexicon.slot_matrix(page.words, page.word_offsets)
        shape = (len(page.table), 2 * lexicon.TABLE_SIZE)
        return csr_matrix((values, columns, pointers), shape=shape)[self.samples[i][0]]

    def _class_rows(self, i: int) -> Any:
        """Return the hashed class names of the sampled blocks of a page, as a sparse matrix."""
        page, (rows, _) = self.pages[i].page, self.samples[i]
        nodes = page.blocks.node[rows]
        columns, pointers = class_slots(page.walk.parent, page.walk.tag, page.names, nodes)
        values = np.ones(len(columns), np.float32)
        return csr_matrix((values, columns, pointers), shape=(len(rows), TABLE_SIZE))

    def training(self, fold: Fold) -> list[int]:
        """Return the pages to train on, without those of a fold."""
        return [i for i, p in enumerate(self.pages) if p.fold != fold and p.is_trained_on]

    def labels(self, chosen: Sequence[int]) -> tuple[Any, Any]:
        """Return the labels and weights of the sampled blocks of some pages."""
        labels = np.concatenate([self.pages[i].labels[self.samples[i][0]] for i in chosen])
        weights = np.concatenate([self.samples[i][1] for i in chosen])
        return labels, weights / weights.mean()

    def fit_lexicon(self, rows: Sequence[Any], fold: Fold, penalty: float) -> tuple[Any, Any, Any]:
        """Return the weights of a lexicon."""
        from scipy.sparse import vstack

        chosen = self.training(fold)
        labels, weights = self.labels(chosen)
        sizes = [len(self.samples[i][0]) for i in chosen]
        is_made = np.repeat([self.pages[i].source == "made" for i in chosen], sizes)
        weights = np.where(is_made, LEXICON_WEIGHT, 1.0) * weights
        model = LogisticRegression(C=penalty, max_iter=100, tol=1e-3)
        return rounded(model.fit(vstack([rows[i] for i in chosen]), labels, sample_weight=weights))

    def fit_trees(self, tables: Sequence[Any], fold: Fold) -> Forest:
        """Return boosted trees over the sampled blocks."""
        chosen = self.training(fold)
        labels, weights = self.labels(chosen)
        table = np.concatenate([tables[i][self.samples[i][0]] for i in chosen])
        return fit_forest(table, labels, weights, SETTINGS, n_seeds=N_SEEDS)

    def fit(self, *, whole: bool = True) -> None:
        """Fit a model for each fold, and one of all pages; and score each page without its fold."""
        folds: list[Fold] = [*range(FOLDS), *([None] if whole else [])]
        words = {
            f: lexicon.Lexicon(*self.fit_lexicon(self.word_rows, f, WORD_PENALTY)) for f in folds
        }
        names = {
            f: ClassLexicon(*self.fit_lexicon(self.class_rows, f, CLASS_PENALTY)) for f in folds
        }
        print("lexicons", flush=True)
        for page in self.pages:
            cues = word_cues(page.page, words[page.fold]), class_cues(page.page, names[page.fold])
            self.paths.append(fill_features(page.page, *cues))
        tables = [page.page.table for page in self.pages]
        first = {f: self.fit_trees(tables, f) for f in folds}
        print("first pass", flush=True)
        self.first_scores = [predict(p.page.table, first[p.fold]) for p in self.pages]
        self.wide = [
            second_table(p.page, paths, scores, PROBABILITIES)
            for p, paths, scores in zip(self.pages, self.paths, self.first_scores, strict=True)
        ]
        second = {f: self.fit_trees(self.wide, f) for f in folds}
        print("second pass", flush=True)
        self.second_scores = [
            predict(wide, second[p.fold]) for p, wide in zip(self.pages, self.wide, strict=True)
        ]
        for f in folds:
            self.models[f] = BlockModel(
                CHARACTER_TABLES, words[f], names[f], first[f], second[f], PROBABILITIES
            )

    def probabilities(self, scores: Sequence[Any]) -> list[Any]:
        """Return the probabilities of the blocks of each page."""
        return [probabilities_of(own, PROBABILITIES) for own in scores]
