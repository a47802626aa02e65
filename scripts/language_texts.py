"""The labelled texts for `fit_language_ensemble.py`, scored by the three language models."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from language_fitting import LabelledTexts
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

from corpus.languages import ensemble, ensemble_weights, langdetect_model, own_model, predictions
from corpus.languages.codes import LANGUAGES, code_of
from corpus.languages.confidence_features import ModelScores
from corpus.languages.confidence_trees import TreeNodes, to_forest
from corpus.languages.ensemble_kernels import MAX_LETTERS, N_MODELS
from corpus.languages.ensemble_weights import EnsembleWeights
from corpus.languages.scripts import allowed_languages, dominant_script

SAMPLES = (1000, 600, 300)
"""Longer texts are scored with each of these sample sizes, so that the weights fit all of them."""
TRAINING_SOURCE = "udhr2"
N_FOLDS = 4
BATCH_TEXTS = 512
SURE_PROBABILITY = 0.97
"""Minimum probability at which the first two models are trusted without the third."""


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
    no_index, no_value = np.zeros(0, np.int32), np.zeros(0)
    nodes = TreeNodes(
        no_index, np.zeros(0, np.int8), no_value, no_index, no_index, no_value, base=np.zeros(1)
    )
    no_trees = to_forest(nodes)
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
    n_rows = 1 + (size[:, None] > np.array(SAMPLES[1:])).sum(axis=1)
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
    weights = train_without(dev, counts, np.zeros(len(dev.text), np.bool_))
    model = own_model.unpack(packed(weights))
    parts = [*score_dev(dev, ~dev.for_training, model, unseen=False)]
    for number in range(N_FOLDS):
        for without, unseen in (
            (dev.for_training & (dev.fold == number), False),
            (dev.for_training & (dev.gold < 0) & (dev.language_fold == number), True),
        ):
            trained = train_without(dev, counts, without, weights.hashes)
            model = own_model.unpack(packed(trained))
            parts += score_dev(dev, without, model, unseen=unseen)
            print(f"fold {number} {unseen=}: {without.sum()} texts", flush=True)
    return concatenate(parts), weights
