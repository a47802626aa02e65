"""Fit the weights and the confidence of the language ensemble; write them to the package.

    python scripts/fit_language_ensemble.py DEV.jsonl[.zst] --train TEXTS.jsonl[.zst] ... [--save]

Each line of DEV has `text`, `lang` (BCP 47), `kind` and `source`. Our own n-gram model is trained
on TEXTS and on the lines of DEV whose source is `udhr2` (public domain). Those lines are scored by
models that have not seen them: once by a model trained on the other texts in the language; and, if
the language has no tag, once more by a model that has never seen the language. The script prints
figures for trees that have seen the texts, and for trees that have not.
"""

from __future__ import annotations

import argparse
from typing import NamedTuple

import numpy as np
from language_figures import PredictedTexts, print_figures
from language_fitting import (
    LabelledTexts,
    fit_close_weights,
    fit_trees,
    fit_weights,
    kind_weights,
    knot_shares,
    min_ngrams_per_letter,
    select,
    shortness_of,
    typical_weights,
)
from language_texts import SAMPLES, prepare, unfitted
from numpy.typing import NDArray
from train_language_model import save as save_model

from corpus.languages import ensemble, ensemble_weights, langdetect_model, own_model
from corpus.languages.codes import LANGUAGES
from corpus.languages.confidence_features import ensemble_features, two_model_features
from corpus.languages.confidence_trees import TreeNodes, probabilities, to_forest
from corpus.languages.ensemble_kernels import MAX_LETTERS, N_COLUMN_FIELDS, N_MODELS
from corpus.languages.ensemble_weights import STORED_ARRAYS, STORED_NODES, EnsembleWeights

UNSEEN_WEIGHT = 0.5
"""The weight of a text whose model has not seen its language, relative to others."""
LONG_TEXT_PENALTY = 1.0
"""Prior against languages that langdetect does not know, in long texts, in nats."""
N_TWO_MODEL_TREES = 80
N_ENSEMBLE_TREES = 160


class FittedTrees(NamedTuple):
    """The trees of the ensemble, as they are stored."""

    two_model: TreeNodes
    ensemble: TreeNodes


class EnsemblePredictions(NamedTuple):
    """What the ensemble predicts without its trees, and the features for these."""

    language: NDArray[np.int64]
    features: NDArray[np.float64]
    agreed: NDArray[np.int64]
    """int64[n]: the language on which the first two models agree, -1 if they disagree."""
    two_model_features: NDArray[np.float64]


def fit_without_trees(
    texts: LabelledTexts, known: NDArray[np.bool_]
) -> tuple[EnsembleWeights, EnsemblePredictions]:
    """Return the weights fitted to the texts, still without trees, and their predictions.

    `known` (bool[n_languages]) says which languages langdetect knows.
    """
    seen_texts = select(texts, ~texts.unseen)
    by_knot, bias = fit_weights(seen_texts)
    bias[1] -= LONG_TEXT_PENALTY * ~known
    shares = knot_shares(np.arange(MAX_LETTERS + 1))
    shortness = shortness_of(shares)
    # columns are not needed any more: all texts have been scored
    empty = unfitted(np.zeros((N_MODELS, 0, N_COLUMN_FIELDS), np.int64), np.zeros(0, np.int64))
    weights = empty._replace(
        weight=np.round(np.einsum("lk,kvw->lvw", shares, by_knot), 5),
        bias=np.round(bias, 4),
        shortness=np.round(shortness, 5),
        close_weights=fit_close_weights(seen_texts, shortness),
    )
    language = predict(texts, weights).language
    weights = weights._replace(typical=typical_weights(texts, language))
    predicted = predict(texts, weights)
    minimum = min_ngrams_per_letter(texts, predicted.features)
    return weights._replace(min_ngrams_per_letter=minimum), predicted


def predict(texts: LabelledTexts, weights: EnsembleWeights) -> EnsemblePredictions:
    """Return the predictions of the ensemble, and the features for its trees."""
    scores, allowed, typical = texts.scores, weights.allowed, weights.typical
    rows = np.arange(len(texts.gold))
    ranked, confidence = ensemble.combine(scores, rows, weights)
    language = ranked[:, 0]
    features = ensemble_features(scores, rows, language, confidence, allowed, typical)
    agreed = ensemble.agreed_languages(scores)[:, 0]
    early_features = two_model_features(scores, allowed, typical)
    return EnsemblePredictions(language, features, agreed, early_features)


def fit_both_trees(
    predicted: EnsemblePredictions, texts: LabelledTexts, which: NDArray[np.bool_] | None = None
) -> FittedTrees:
    """Return trees fitted to the predictions, or to some of them."""
    weight = kind_weights(texts)
    weight = np.where(texts.unseen, UNSEEN_WEIGHT * weight, weight)
    use = np.ones(len(weight), np.bool_) if which is None else which
    both = use & (predicted.agreed >= 0)
    correct = (predicted.language == texts.gold) & (predicted.language >= 0)
    agreed_correct = predicted.agreed == texts.gold
    return FittedTrees(
        fit_trees(
            predicted.two_model_features[both],
            agreed_correct[both],
            weight[both],
            N_TWO_MODEL_TREES,
        ),
        fit_trees(predicted.features[use], correct[use], weight[use], N_ENSEMBLE_TREES),
    )


def add_confidence(
    predicted: EnsemblePredictions, weights: EnsembleWeights, trees: FittedTrees
) -> PredictedTexts:
    """Return the final prediction and score of each text, as `ensemble.predict` computes them."""
    early = probabilities(predicted.two_model_features, to_forest(trees.two_model))
    early = np.where(predicted.agreed < 0, 0.0, early)
    late = ensemble.cap_untypical(
        probabilities(predicted.features, to_forest(trees.ensemble)),
        predicted.language,
        predicted.features,
        weights.min_ngrams_per_letter,
    )
    late = np.where(predicted.language < 0, 0.0, late)
    by_own = ensemble.needs_own_model(predicted.agreed, early, weights)
    language = np.where(by_own, predicted.language, predicted.agreed)
    return PredictedTexts(language, np.where(by_own, late, early), by_own)


def cross_validate(
    predicted: EnsemblePredictions, weights: EnsembleWeights, texts: LabelledTexts
) -> PredictedTexts:
    """Return the same with trees that have not seen the text; the weights and biases have."""
    parts = []
    order = []
    for left_out in (texts.fold % 2 == 0, texts.fold % 2 == 1):
        trees = fit_both_trees(predicted, texts, ~left_out)
        part = EnsemblePredictions(*(values[left_out] for values in predicted))
        parts.append(add_confidence(part, weights, trees))
        order.append(np.flatnonzero(left_out))
    back = np.argsort(np.concatenate(order))
    return PredictedTexts(*(np.concatenate(values)[back] for values in zip(*parts, strict=True)))


def save(weights: EnsembleWeights, trees: FittedTrees) -> None:
    """Write the weights and the trees to the package."""
    arrays = {stored: getattr(weights, field) for field, stored in STORED_ARRAYS.items()}
    arrays |= {"sure": np.array(weights.sure_probability), "languages": np.array(LANGUAGES)}
    for name, nodes in (("first", trees.two_model), ("second", trees.ensemble)):
        fields = zip(STORED_NODES, nodes, strict=True)
        arrays |= {f"{name}_{field}": values for field, values in fields}
    np.savez_compressed(ensemble_weights.PATH, allow_pickle=False, **arrays)


def main() -> None:
    """Fit the ensemble, print its figures, and write it and our own model if asked to."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("dev")
    parser.add_argument("--train", nargs="+", required=True)
    parser.add_argument("--save", action="store_true")
    options = parser.parse_args()
    texts, model = prepare(options.dev, options.train)
    known = np.zeros(len(LANGUAGES), np.bool_)
    known[langdetect_model.load().languages] = True
    weights, predicted = fit_without_trees(texts, known)
    trees = fit_both_trees(predicted, texts)
    for heading, results in (
        ("with trees that have seen the texts:", add_confidence(predicted, weights, trees)),
        ("with trees that have not:", cross_validate(predicted, weights, texts)),
    ):
        print(heading)
        for sample in SAMPLES:
            print_figures(texts, results, known, sample, SAMPLES)
    if options.save:
        save_model(model, own_model.PATH)
        save(weights, trees)


if __name__ == "__main__":
    main()
