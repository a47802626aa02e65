"""The backend `ensemble`: two models for every text, and a third where these leave doubt."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corpus.languages import (
    ensemble_kernels,
    ensemble_weights,
    langdetect_model,
    own_model,
    py3langid_model,
)
from corpus.languages.codes import LANGUAGES
from corpus.languages.confidence_features import (
    LETTERS,
    OWN_NGRAMS_PER_LETTER,
    ModelScores,
    ensemble_features,
    two_model_features,
)
from corpus.languages.confidence_trees import probabilities
from corpus.languages.ensemble_kernels import (
    LANGDETECT,
    N_CONFIDENCES,
    N_MODELS,
    OWN,
    PY3LANGID,
    UNKNOWN,
)
from corpus.languages.ensemble_weights import EnsembleWeights
from corpus.languages.predictions import Predictions, ProfileSums, Samples
from corpus.languages.scripts import SCRIPTS

LANGDETECT_UNIT = 1.0 / langdetect_model.SCALE
PY3LANGID_UNIT = 1.0 / (py3langid_model.SCALE * py3langid_model.COUNT_SCALE)
OWN_UNIT = 1.0 / own_model.SCALE

MIN_TYPICAL_LETTERS = 30
"""Minimum number of letters for a text to be called untypical of a language."""

MAX_SCRIPT_PROBABILITY = 0.5
"""Maximum probability of a language that only its script supports."""


def predict(samples: Samples, profile_sums: ProfileSums, script: NDArray[np.int64]) -> Predictions:
    """Return the most likely language of each text, the second, and the first's probability."""
    weights = ensemble_weights.load()
    scores = score_two_models(samples, profile_sums, script, weights.columns, weights.allowed)
    ranked = agreed_languages(scores)
    features = two_model_features(scores, weights.allowed, weights.typical)
    probability = probabilities(features, weights.two_model_trees)
    doubtful = needs_own_model(ranked[:, 0], probability, weights)
    if doubtful.any():
        scores = score_own_model(scores, samples, doubtful, weights)
        rows = np.flatnonzero(doubtful)
        ranked[rows], confidence = combine(scores, rows, weights)
        language = ranked[rows, 0]
        features = ensemble_features(
            scores, rows, language, confidence, weights.allowed, weights.typical
        )
        by_trees = probabilities(features, weights.ensemble_trees)
        capped = cap_untypical(by_trees, language, features, weights.min_ngrams_per_letter)
        probability[rows] = np.where(
            looks_japanese(scores, rows), np.minimum(capped, MAX_SCRIPT_PROBABILITY), capped
        )
    return Predictions(ranked[:, 0], ranked[:, 1], np.where(ranked[:, 0] < 0, 0.0, probability))


def needs_own_model(
    agreed: NDArray[np.int64], probability: NDArray[np.float64], weights: EnsembleWeights
) -> NDArray[np.bool_]:
    """Return for which texts the third model is needed (bool[n_texts]).

    `agreed` is the language on which the first two agree, or -1. `ensemble_weights` lists the
    cases.
    """
    is_sure = (agreed >= 0) & (probability >= weights.sure_probability)
    only_in_script = weights.min_ngrams_per_letter[agreed] > 0
    return ~is_sure | only_in_script | (agreed == LANGUAGES.index("he"))


def cap_untypical(
    probability: NDArray[np.float64],
    language: NDArray[np.int64],
    features: NDArray[np.float64],
    min_ngrams_per_letter: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the probabilities, at most MAX_SCRIPT_PROBABILITY if only the script supports them.

    That is the case if a text has fewer known n-grams than texts in that language have. The trees
    cannot learn this, because their training data has no other language in such a script.
    """
    letters, ngrams_per_letter = features[:, LETTERS], features[:, OWN_NGRAMS_PER_LETTER]
    untypical = letters >= MIN_TYPICAL_LETTERS
    untypical &= ngrams_per_letter < min_ngrams_per_letter[language]
    return np.where(untypical, np.minimum(probability, MAX_SCRIPT_PROBABILITY), probability)


def looks_japanese(scores: ModelScores, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which of the texts `rows` are in Han only but more likely Japanese by our own model.

    A headline without kana may be Japanese, although its script allows only Chinese. About 5 % of
    Chinese sentences and half of Japanese headlines without kana look like that.
    """
    own_scores = scores.scores[OWN, rows]
    best = np.maximum(scores.top_two[OWN, rows, 0], 0)
    more_japanese = own_scores[:, LANGUAGES.index("ja")] > own_scores[np.arange(len(rows)), best]
    return more_japanese & (scores.script[rows] == SCRIPTS.index("Hani"))


def score_two_models(
    samples: Samples,
    profile_sums: ProfileSums,
    script: NDArray[np.int64],
    columns: NDArray[np.int64],
    allowed: NDArray[np.bool_],
) -> ModelScores:
    """Return the scores of langdetect and py3langid; those of our own model are still missing."""
    n_texts = len(script)
    rows = np.arange(n_texts)
    scores = np.full((N_MODELS, n_texts, len(LANGUAGES)), UNKNOWN)
    top_two = np.full((N_MODELS, n_texts, 2), -1, np.int64)
    only_latin = script == SCRIPTS.index("Latn")
    byte_sums, byte_sizes = py3langid_model.sum_weights(
        *samples, py3langid_model.load(), only_latin
    )
    n_known = profile_sums.n_known.astype(np.int64)
    for model, sums, unit, sizes in (
        (LANGDETECT, profile_sums.sums, LANGDETECT_UNIT, n_known),
        (PY3LANGID, byte_sums, PY3LANGID_UNIT, byte_sizes),
    ):
        ensemble_kernels.score_languages(
            sums, unit, sizes, columns[model], allowed, script, rows, scores[model], top_two[model]
        )
    letters = profile_sums.letters.sum(axis=1).astype(np.int64)
    return ModelScores(
        scores,
        top_two,
        untagged_score=np.zeros(n_texts),
        own_size=np.zeros(n_texts, np.int64),
        script=script,
        letters=letters,
        script_share=profile_sums.letters.max(axis=1) / np.maximum(letters, 1),
        n_known=profile_sums.n_known,
    )


def score_own_model(
    scores: ModelScores,
    samples: Samples,
    selected: NDArray[np.bool_],
    weights: EnsembleWeights,
    model: own_model.OwnModel | None = None,
) -> ModelScores:
    """Return the scores with those of our own model for the selected texts, changed in place."""
    model = own_model.load() if model is None else model
    sums, sizes = own_model.sum_weights(*samples, selected, model)
    rows = np.flatnonzero(selected)
    unit = float(OWN_UNIT * np.sqrt(10.0))  # sizes are in tenths
    ensemble_kernels.score_languages(
        sums,
        unit,
        sizes,
        weights.columns[OWN],
        weights.allowed,
        scores.script,
        rows,
        scores.scores[OWN],
        scores.top_two[OWN],
    )
    best_untagged = np.take(sums[rows], weights.untagged_columns, axis=1).max(axis=1)
    scores.untagged_score[rows] = best_untagged * (unit / np.sqrt(np.maximum(sizes[rows], 1)))
    return scores._replace(own_size=sizes)


def agreed_languages(scores: ModelScores) -> NDArray[np.int64]:
    """Return the language on which the first two models agree, and the second (int64[n_texts, 2]).

    Both are -1 if they disagree.
    """
    agree = scores.top_two[LANGDETECT, :, :1] == scores.top_two[PY3LANGID, :, :1]
    return np.where(agree, scores.top_two[PY3LANGID], -1)


def combine(
    scores: ModelScores, rows: NDArray[np.int64], weights: EnsembleWeights
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the two best languages of the texts `rows` by all models, and how clear the first is.

    They are `ranked` and `confidence` of `ensemble_kernels.combine_scores`.
    """
    ranked = np.full((len(rows), 2), -1, np.int64)
    confidence = np.zeros((len(rows), N_CONFIDENCES))
    ensemble_kernels.combine_scores(
        scores.scores,
        scores.top_two,
        rows,
        scores.script,
        scores.letters,
        weights.allowed,
        weights.weight,
        weights.bias,
        weights.shortness,
        ensemble_weights.close_languages(),
        weights.close_weights,
        np.zeros(len(LANGUAGES)),
        ranked,
        confidence,
    )
    return ranked, confidence
