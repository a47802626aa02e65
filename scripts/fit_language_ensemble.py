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
import hashlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
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
from numpy.typing import NDArray
from scipy import sparse
from train_language_model import (
    Counts,
    Weights,
    class_of,
    count_ngrams,
    packed,
    read_rows,
    texts_by_class,
    weigh_ngrams,
)
from train_language_model import save as save_model

from corpus.languages import ensemble, ensemble_weights, langdetect_model, own_model, predictions
from corpus.languages.codes import LANGUAGES, code_of
from corpus.languages.confidence_features import (
    ModelScores,
    ensemble_features,
    two_model_features,
)
from corpus.languages.confidence_trees import TreeNodes, probabilities, to_forest
from corpus.languages.ensemble_kernels import MAX_LETTERS, N_COLUMN_FIELDS, N_MODELS
from corpus.languages.ensemble_weights import STORED_ARRAYS, STORED_NODES, EnsembleWeights
from corpus.languages.scripts import allowed_languages, dominant_script

SAMPLES = (1000, 600, 300)
"""Longer texts are scored with each of these sample sizes, so that the weights fit all of them."""
TRAINING_SOURCE = "udhr2"
N_FOLDS = 4
BATCH_TEXTS = 512
UNSEEN_WEIGHT = 0.5
"""The weight of a text whose model has not seen its language, relative to others."""
LONG_TEXT_PENALTY = 1.0
"""Prior against languages that langdetect does not know, in long texts, in nats."""
SURE_PROBABILITY = 0.97
"""From this probability on, the first two models are trusted without the third."""
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


def concatenate_scores(parts: list[ModelScores]) -> ModelScores:
    """Return the scores of the texts of all parts."""
    by_model = [np.concatenate([part[field] for part in parts], axis=1) for field in range(2)]
    others = zip(*(part[2:] for part in parts), strict=True)
    return ModelScores(*by_model, *(np.concatenate(values) for values in others))


def concatenate(parts: list[LabelledTexts]) -> LabelledTexts:
    """Return the texts of all parts."""
    others = zip(*(part[1:] for part in parts), strict=True)
    scores = concatenate_scores([part.scores for part in parts])
    return LabelledTexts(scores, *(np.concatenate(values) for values in others))


def fold_of(text: str) -> int:
    """Return the fold of a text, which depends only on the text."""
    return hashlib.sha256(text.encode()).digest()[0] % N_FOLDS


def add_counts(first: Counts, second: Counts) -> Counts:
    """Return the sum of two n-gram counts, class by class."""
    classes = sorted({*first.classes, *second.classes})
    total = None
    for counts in (first, second):
        row = [classes.index(name) for name in counts.classes]
        placement = sparse.csr_matrix(
            (np.ones(len(row), np.float32), (row, range(len(row)))), (len(classes), len(row))
        )
        part = placement @ counts.table
        total = part if total is None else total + part
    return Counts(classes, total)


def score_texts(texts: list[str], model: own_model.OwnModel, characters: int) -> ModelScores:
    """Return the scores of all three models, with samples of at most `characters`."""
    weights = unfitted(
        ensemble_weights.columns_of_models(model), ensemble_weights.untagged_columns(model)
    )
    parts = []
    for at in range(0, len(texts), BATCH_TEXTS):
        column = pa.array(texts[at : at + BATCH_TEXTS], pa.large_string())
        samples = predictions.sample(column, characters, langdetect_model.load())
        profile_sums = predictions.sum_profiles(samples, langdetect_model.load())
        script = dominant_script(profile_sums.letters)
        scores = ensemble.score_two_models(
            samples, profile_sums, script, weights.columns, weights.allowed
        )
        every = np.ones(len(column), np.bool_)
        parts.append(ensemble.score_own_model(scores, samples, every, weights, model))
    return concatenate_scores(parts)


def unfitted(columns: NDArray[np.int64], untagged: NDArray[np.int64]) -> EnsembleWeights:
    """Return weights with nothing fitted."""
    no_nodes = [np.zeros(0)] * (len(TreeNodes._fields) - 1)
    no_trees = to_forest(TreeNodes(*no_nodes, base=np.zeros(1)))
    n_close = len(ensemble_weights.CLOSE_LANGUAGES)
    return EnsembleWeights(
        columns=columns,
        untagged_columns=untagged,
        allowed=allowed_languages(),
        weight=np.zeros((MAX_LETTERS + 1, N_MODELS, 2)),
        bias=np.zeros((2, len(LANGUAGES))),
        shortness=np.zeros(MAX_LETTERS + 1),
        close_weights=np.zeros((n_close, 2 * n_close)),
        typical=np.ones((N_MODELS, len(LANGUAGES), 2)),
        min_ngrams_per_letter=np.zeros(len(LANGUAGES)),
        sure_probability=SURE_PROBABILITY,
        two_model_trees=no_trees,
        ensemble_trees=no_trees,
    )


class DevTexts(NamedTuple):
    """The lines of DEV."""

    text: list[str]
    model_class: list[str]
    """The class of our own model that each text belongs to."""
    gold: NDArray[np.int64]
    kind: NDArray[np.str_]
    for_training: NDArray[np.bool_]
    """bool[n]: the text is among those that our own model is trained on."""
    fold: NDArray[np.int64]
    language_fold: NDArray[np.int64]


def read_dev(path: str) -> DevTexts:
    """Return the lines of DEV."""
    lines = list(read_rows(path, None))
    codes = [code_of(row["lang"]) for row in lines]
    index = {code: number for number, code in enumerate(LANGUAGES)}
    return DevTexts(
        text=[row["text"] for row in lines],
        model_class=[class_of(row["lang"], row["text"]) for row in lines],
        gold=np.array([index.get(code, -1) for code in codes]),
        kind=np.array([row["kind"] for row in lines]),
        for_training=np.array([row.get("source") == TRAINING_SOURCE for row in lines]),
        fold=np.array([fold_of(row["text"]) for row in lines]),
        language_fold=np.array([fold_of(code) for code in codes]),
    )


def train_without(
    dev: DevTexts, counts: Counts, without: NDArray[np.bool_], hashes: Any = None
) -> Weights:
    """Return our own model, trained on all texts except some of DEV."""
    by_class: dict[str, list[str]] = {}
    for at in np.flatnonzero(dev.for_training & ~without):
        by_class.setdefault(dev.model_class[at], []).append(dev.text[at])
    return weigh_ngrams(add_counts(counts, count_ngrams(by_class)), hashes)


def score_dev(
    dev: DevTexts, which: NDArray[np.bool_], model: own_model.OwnModel, *, unseen: bool
) -> Iterator[LabelledTexts]:
    """Yield some texts of DEV with their scores, once for each sample size."""
    size = np.array([len(text) for text in dev.text])
    n_rows = 1 + sum((size > sample).astype(int) for sample in SAMPLES[1:])
    for number, sample in enumerate(SAMPLES):
        use = np.flatnonzero(which & (size > sample) if number else which)
        scores = score_texts([dev.text[at] for at in use], model, sample)
        constant = np.full(len(use), unseen), np.full(len(use), sample)
        yield LabelledTexts(
            scores, dev.gold[use], dev.kind[use], dev.fold[use], *constant, n_rows[use]
        )


def prepare(dev_path: str, train: list[str]) -> tuple[LabelledTexts, Weights]:
    """Return the scored texts of DEV, and our own model trained on all training texts."""
    counts = count_ngrams(texts_by_class(train, []))
    dev = read_dev(dev_path)
    whole = train_without(dev, counts, np.zeros(len(dev.text), np.bool_))
    model = own_model.unpack(packed(whole))
    parts = [*score_dev(dev, ~dev.for_training, model, unseen=False)]
    for number in range(N_FOLDS):
        for without, unseen in (
            (dev.for_training & (dev.fold == number), False),
            (dev.for_training & (dev.gold < 0) & (dev.language_fold == number), True),
        ):
            trained = train_without(dev, counts, without, whole.hashes)
            model = own_model.unpack(packed(trained))
            parts += score_dev(dev, without, model, unseen=unseen)
            print(f"fold {number} {unseen=}: {without.sum()} texts", flush=True)
    return concatenate(parts), whole


def fit_without_trees(
    texts: LabelledTexts, known: NDArray[np.bool_]
) -> tuple[EnsembleWeights, EnsemblePredictions]:
    """Return the weights fitted to the texts, still without trees, and their predictions.

    `known` (bool[n_languages]) says which languages langdetect knows.
    """
    seen = select(texts, ~texts.unseen)
    by_knot, bias = fit_weights(seen)
    bias[1] -= LONG_TEXT_PENALTY * ~known
    shares = knot_shares(np.arange(MAX_LETTERS + 1))
    shortness = shortness_of(shares)
    # columns are not needed any more: all texts have been scored
    empty = unfitted(np.zeros((N_MODELS, 0, N_COLUMN_FIELDS), np.int64), np.zeros(0, np.int64))
    weights = empty._replace(
        weight=np.round(np.einsum("lk,kvw->lvw", shares, by_knot), 5),
        bias=np.round(bias, 4),
        shortness=np.round(shortness, 5),
        close_weights=fit_close_weights(seen, shortness),
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
