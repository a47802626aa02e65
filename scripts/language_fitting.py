"""The fits of `fit_language_ensemble.py`: weights, typical values and boosted trees."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.ensemble import HistGradientBoostingClassifier

from corpus.languages import ensemble, ensemble_weights
from corpus.languages.codes import LANGUAGES
from corpus.languages.confidence_features import (
    LETTERS,
    OWN_NGRAMS_PER_LETTER,
    ModelScores,
)
from corpus.languages.confidence_trees import TreeNodes
from corpus.languages.ensemble_kernels import (
    LANGDETECT,
    MAX_LETTERS,
    N_MODELS,
    OWN,
    PY3LANGID,
    UNKNOWN,
)
from corpus.languages.scripts import allowed_languages

KNOTS = np.log([5, 12, 30, 100, MAX_LETTERS])
"""Weights are interpolated linearly between these logarithms of the number of letters."""
N_SHORT_KNOTS = 2
"""Texts at the first two knots are short."""
KIND_WEIGHTS = {"article": 4.0, "article-synth": 2.0, "headline": 4.0}
"""The weight of a text of a kind; other kinds have weight 1."""
FIRST_CLOSE_WEIGHT = 2.0
"""The weight of texts in the first of the CLOSE_LANGUAGES, the one that langdetect knows."""
LONG_BIAS_PENALTY = 10.0
"""Penalty of the bias of long texts, relative to that of short texts."""
MIN_QUANTILE_TEXTS = 100
"""With this many texts in a language, the minimum of n-grams per letter is their 1 % quantile."""
MEDIAN_SHARE = 0.4
"""With fewer texts, it is this share of their median."""


class LabelledTexts(NamedTuple):
    """Labelled texts, with the scores that the models give them."""

    scores: ModelScores
    gold: NDArray[np.int64]
    """int64[n]: the correct language, as an index of LANGUAGES; -1 for a language without a tag."""
    kind: NDArray[np.str_]
    fold: NDArray[np.int64]
    unseen: NDArray[np.bool_]
    """bool[n]: the model that scored the text has not been trained on its language."""
    sample: NDArray[np.int64]
    """int64[n]: the maximum number of characters that were read."""
    n_rows: NDArray[np.int64]
    """int64[n]: the number of rows of the same text, one for each sample size."""


def select(texts: LabelledTexts, which: Any) -> LabelledTexts:
    """Return some of the texts."""
    scores, top_two = texts.scores[:2]
    by_text: Any = texts.scores[2:]
    labels: Any = texts[1:]
    selected = ModelScores(
        scores[:, which], top_two[:, which], *(values[which] for values in by_text)
    )
    return LabelledTexts(selected, *(values[which] for values in labels))


def kind_weights(texts: LabelledTexts) -> NDArray[np.float64]:
    """Return the weight of each text by its kind."""
    return np.array([KIND_WEIGHTS.get(kind, 1.0) for kind in texts.kind])


def knot_shares(letters: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the share of each knot for each number of letters (float64[n, n_knots])."""
    at = np.log(np.clip(letters, 5, MAX_LETTERS))
    return np.stack([np.interp(at, KNOTS, row) for row in np.eye(len(KNOTS))], axis=1)


def shortness_of(shares: NDArray[Any]) -> NDArray[Any]:
    """Return how short texts with these knot shares are, from 1 to 0."""
    return np.asarray(shares[:, :N_SHORT_KNOTS].sum(axis=1))


def score_inputs(texts: LabelledTexts, possible: NDArray[np.bool_]) -> list[NDArray[np.float32]]:
    """Return two inputs for each model: the distance to its best score, and -1 where unknown."""
    inputs = []
    for scores in texts.scores.scores:
        unknown = scores == UNKNOWN
        best = np.where(unknown | ~possible, -np.inf, scores).max(axis=1, keepdims=True)
        no_best = ~np.isfinite(best)
        gap = np.where(unknown | no_best, 0, scores - np.where(no_best, 0, best))
        inputs += [gap.astype(np.float32), -(unknown & ~no_best).astype(np.float32)]
    return inputs


def fit_weights(texts: LabelledTexts) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return weights (float64[n_knots, N_MODELS, 2]) and biases (float64[2, n_languages]).

    A multinomial logistic regression over the languages that each text's script allows.
    """
    possible = allowed_languages()[texts.scores.script]
    use = texts.gold >= 0
    use[use] &= possible[np.flatnonzero(use), texts.gold[use]]
    texts, possible = select(texts, use), possible[use]
    inputs = score_inputs(texts, possible)
    shares = knot_shares(texts.scores.letters).astype(np.float32)
    short = shortness_of(shares)
    weight = kind_weights(texts).astype(np.float32)
    weight = weight * (1 + (texts.kind == "article"))
    weight /= weight.sum()
    rows, n_knots, n = np.arange(len(weight)), len(KNOTS), len(LANGUAGES)
    n_weights = len(inputs) * n_knots
    penalty = np.repeat([3e-3, 3e-3 * LONG_BIAS_PENALTY], n) / n
    floor = np.where(possible, 0, -1e9).astype(np.float32)

    def loss(theta: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights = theta[:n_weights].reshape(-1, n_knots).astype(np.float32)
        bias = theta[n_weights:].reshape(2, n).astype(np.float32)
        odds = floor + short[:, None] * bias[0] + (1 - short)[:, None] * bias[1]
        for k, x in enumerate(inputs):
            odds += (shares @ weights[k])[:, None] * x
        odds -= odds.max(axis=1, keepdims=True)
        probability = np.exp(odds)
        mass = probability.sum(axis=1)
        probability /= mass[:, None]
        total = -(weight * (odds[rows, texts.gold] - np.log(mass))).sum()
        probability[rows, texts.gold] -= 1
        probability *= weight[:, None]
        slopes = [shares.T @ (probability * x).sum(axis=1) for x in inputs]
        bias_slopes = [
            (probability * short[:, None]).sum(axis=0),
            (probability * (1 - short)[:, None]).sum(axis=0),
        ]
        total += 1e-6 * (theta[:n_weights] ** 2).sum() + (penalty * theta[n_weights:] ** 2).sum()
        gradient = np.concatenate([*slopes, *bias_slopes]).astype(np.float64)
        gradient[:n_weights] += 2e-6 * theta[:n_weights]
        gradient[n_weights:] += 2 * penalty * theta[n_weights:]
        return float(total), gradient

    start = np.concatenate([np.ones(n_weights), np.zeros(2 * n)])
    fit = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 100})
    weights = fit.x[:n_weights].reshape(N_MODELS, 2, n_knots)
    return np.moveaxis(weights, 2, 0), fit.x[n_weights:].reshape(2, n)


def fit_close_weights(texts: LabelledTexts, shortness: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the weights of the CLOSE_LANGUAGES, from texts in one of them.

    A multinomial logistic regression; `ensemble_kernels.separate_close_languages` has the columns.
    """
    close = ensemble_weights.close_languages()
    possible = allowed_languages()[texts.scores.script][:, close].all(axis=1)
    texts = select(texts, np.isin(texts.gold, close) & possible)
    correct = (texts.gold[:, None] == close).argmax(axis=1)
    scores = texts.scores.scores[[PY3LANGID, OWN]][:, :, close]
    leads = scores[:, :, 1:] - scores[:, :, :1]
    short = shortness[np.minimum(texts.scores.letters, MAX_LETTERS)]
    inputs = np.column_stack([*np.moveaxis(leads, 1, 0).reshape(len(correct), -1).T, short])
    inputs = np.column_stack([inputs, 1 - short])
    weight = kind_weights(texts) / texts.n_rows
    weight *= np.where(correct == 0, FIRST_CLOSE_WEIGHT, 1.0)
    scale = inputs.std(axis=0)
    scaled = inputs / scale
    rows = np.arange(len(correct))

    def loss(theta: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        odds = scaled @ theta.reshape(len(close), -1).T
        odds -= odds.max(axis=1, keepdims=True)
        probability = np.exp(odds)
        mass = probability.sum(axis=1)
        log_likelihood = weight * (odds[rows, correct] - np.log(mass))
        total = -log_likelihood.sum() + 0.5 * (theta**2).sum()
        probability /= mass[:, None]
        probability[rows, correct] -= 1
        return total, ((probability * weight[:, None]).T @ scaled).ravel() + theta

    start = np.zeros(len(close) * inputs.shape[1])
    fit = minimize(loss, start, jac=True, method="L-BFGS-B").x.reshape(len(close), -1)
    return np.asarray(np.round(fit / scale, 5))


def typical_weights(texts: LabelledTexts, predicted: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return mean and deviation of the mean n-gram weight, by model and language, in long texts."""
    typical = np.ones((N_MODELS, len(LANGUAGES), 2))
    long = (predicted == texts.gold) & (texts.scores.letters >= 40)
    for model, size in (
        (LANGDETECT, texts.scores.n_known),
        (OWN, texts.scores.own_size / 10),
    ):
        score = texts.scores.scores[model][np.arange(len(predicted)), predicted]
        use = long & (score != UNKNOWN)
        mean = score / np.sqrt(np.maximum(size, 1))
        typical[model] = np.median(mean[use]), 0.1
        for language in range(len(LANGUAGES)):
            in_language = mean[use & (predicted == language)]
            if len(in_language) >= 8:
                typical[model, language] = np.median(in_language), max(0.02, in_language.std())
    return np.round(typical, 4)


def min_ngrams_per_letter(
    texts: LabelledTexts, features: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return `EnsembleWeights.min_ngrams_per_letter`, from texts in the only language of a script.

    It is the 1 % quantile, or two fifths of the median where there are few texts, perhaps all of
    one kind.
    """
    letters, ngrams_per_letter = features[:, LETTERS], features[:, OWN_NGRAMS_PER_LETTER]
    minimum = np.zeros(len(LANGUAGES))
    for script in np.flatnonzero(allowed_languages().sum(axis=1) == 1):
        language = int(allowed_languages()[script].argmax())
        use = (texts.gold == language) & (letters >= ensemble.MIN_TYPICAL_LETTERS) & ~texts.unseen
        values = ngrams_per_letter[use]
        if len(values):
            minimum[language] = (
                np.quantile(values, 0.01)
                if len(values) >= MIN_QUANTILE_TEXTS
                else MEDIAN_SHARE * np.median(values)
            )
    return np.round(minimum, 2)


def fit_trees(
    features: NDArray[np.float64],
    correct: NDArray[np.bool_],
    weight: NDArray[np.float64],
    n_trees: int,
) -> TreeNodes:
    """Return boosted trees that estimate the probability that a prediction is correct."""
    model = HistGradientBoostingClassifier(
        max_iter=n_trees, max_leaf_nodes=8, learning_rate=0.08, min_samples_leaf=40,
        l2_regularization=5, random_state=0, early_stopping=False,
    )  # fmt: skip
    model.fit(features.astype(np.float32).astype(np.float64), correct, weight)
    roots: list[int] = []
    nodes: list[tuple[float, ...]] = []
    for (tree,) in model._predictors:  # noqa: SLF001  there is no public way
        roots.append(len(nodes))
        nodes += [
            (
                -1 if node["is_leaf"] else node["feature_idx"],
                node["num_threshold"],
                node["left"] + roots[-1],
                node["right"] + roots[-1],
                node["value"] if node["is_leaf"] else 0.0,
            )
            for node in tree.nodes
        ]
    table = np.array(nodes, np.float64)
    return TreeNodes(
        np.array(roots, np.int32),
        table[:, 0].astype(np.int8),
        table[:, 1],
        table[:, 2].astype(np.int32),
        table[:, 3].astype(np.int32),
        table[:, 4],
        model._baseline_prediction.ravel().astype(np.float64),  # noqa: SLF001
    )
