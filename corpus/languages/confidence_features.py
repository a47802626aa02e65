"""The features that boosted trees use to estimate whether a prediction is correct."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.languages.ensemble_kernels import (
    LANGDETECT,
    MARGIN,
    OWN,
    PROBABILITY,
    PY3LANGID,
    SQUARED_PROBABILITIES,
    UNKNOWN,
)

MAX_ENSEMBLE_MARGIN = 12.0
"""A larger margin of the ensemble counts as this."""

MAX_MODEL_MARGIN = 40.0
"""A larger margin of langdetect or py3langid by itself counts as this."""

MAX_NGRAMS_PER_LETTER = 3.0
MAX_OTHER_LEAD = 8.0
MAX_DEVIATIONS = 8.0
NO_PY3LANGID_LEAD = -20.0
"""The lead, in py3langid, of a language that py3langid does not know."""

TWO_MODEL_FEATURES = (
    "letters",
    "margin in langdetect",
    "margin in py3langid",
    "mean weight in langdetect",
    "mean weight in langdetect, in deviations from the typical one",
    "langdetect n-grams per letter",
    "share of the main script",
    "number of languages that the script allows",
)

ENSEMBLE_FEATURES = (
    "letters",
    "margin of the ensemble",
    "probability in the ensemble",
    "sum of squared probabilities in the ensemble",
    "mean weight in langdetect",
    "langdetect knows the language",
    "mean weight in our own model",
    "our own model knows the language",
    "lead of the best language without a tag, in our own model",
    "langdetect agrees",
    "py3langid agrees",
    "our own model agrees",
    "langdetect n-grams per letter",
    "own n-grams per letter",
    "lead in py3langid",
    "share of the main script",
    "number of languages that the script allows",
    "mean weight in langdetect, in deviations from the typical one",
    "mean weight in our own model, in deviations from the typical one",
    "mean weight of the best language without a tag, in our own model",
)

LETTERS = ENSEMBLE_FEATURES.index("letters")
OWN_NGRAMS_PER_LETTER = ENSEMBLE_FEATURES.index("own n-grams per letter")

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class ModelScores(NamedTuple):
    """The scores that the models give each text, and what else the ensemble knows of it."""

    scores: Floats
    """float64[N_MODELS, n_texts, n_languages]"""
    top_two: Integers
    """int64[N_MODELS, n_texts, 2]: the two best languages of each model, -1 for none."""
    untagged_score: Floats
    """float64[n_texts]: the score, in our own model, of the best language without a tag."""
    own_size: Integers
    """int64[n_texts]: the size of the text in our own model, in tenths of an n-gram."""
    script: Integers
    letters: Integers
    script_share: Floats
    """float64[n_texts]: the share of the letters that are in the main script."""
    n_known: NDArray[np.int32]
    """int32[n_texts]: n-grams that at least one profile of langdetect has."""


def two_model_features(scores: ModelScores, allowed: NDArray[np.bool_], typical: Floats) -> Floats:
    """Return the TWO_MODEL_FEATURES of each text, for langdetect's best language.

    The result is float64[n_texts, n_features].
    """
    rows = np.arange(len(scores.script))
    language = scores.top_two[LANGDETECT, :, 0]
    mean = scores.scores[LANGDETECT, rows, language] / np.sqrt(np.maximum(scores.n_known, 1))
    features = (
        scores.letters,
        np.minimum(MAX_MODEL_MARGIN, _margin(scores, LANGDETECT)),
        np.minimum(MAX_MODEL_MARGIN, _margin(scores, PY3LANGID)),
        mean,
        _deviations(mean, typical[LANGDETECT, language]),
        np.minimum(MAX_NGRAMS_PER_LETTER, scores.n_known / np.maximum(scores.letters, 1)),
        scores.script_share,
        allowed.sum(axis=1)[scores.script],
    )
    return np.stack(features, axis=1, dtype=np.float64)


def ensemble_features(
    scores: ModelScores,
    rows: Integers,
    language: Integers,
    confidence: Floats,
    allowed: NDArray[np.bool_],
    typical: Floats,
) -> Floats:
    """Return the ENSEMBLE_FEATURES of the texts `rows` (float64[n_rows, n_features]).

    `language` (int64[n_rows]) is the ensemble's prediction and `confidence` what `combine_scores`
    wrote about it. The features of a text with the language -1 are meaningless.
    """
    letters = scores.letters[rows]
    n_known = scores.n_known[rows]
    size = scores.own_size[rows] / 10.0
    root = np.sqrt(np.maximum(size, 1.0))
    in_langdetect, in_py3langid, in_own = scores.scores[:, rows, language]
    best = scores.top_two[:, rows, 0]
    langdetect_knows, own_knows = in_langdetect != UNKNOWN, in_own != UNKNOWN
    langdetect_mean = in_langdetect / np.sqrt(np.maximum(n_known, 1))
    langdetect_mean = np.where(langdetect_knows, langdetect_mean, 0.0)
    own_mean = np.where(own_knows, in_own / root, 0.0)
    own_best = np.where(best[OWN] < 0, UNKNOWN, scores.scores[OWN, rows, best[OWN]])
    own_score = np.where(own_knows, in_own, own_best)
    features = (
        letters,
        np.minimum(MAX_ENSEMBLE_MARGIN, confidence[:, MARGIN]),
        confidence[:, PROBABILITY],
        confidence[:, SQUARED_PROBABILITIES],
        langdetect_mean,
        langdetect_knows,
        own_mean,
        own_knows,
        np.clip(scores.untagged_score[rows] - own_score, -MAX_OTHER_LEAD, MAX_OTHER_LEAD),
        best[LANGDETECT] == language,
        best[PY3LANGID] == language,
        best[OWN] == language,
        np.minimum(MAX_NGRAMS_PER_LETTER, n_known / np.maximum(letters, 1)),
        size / np.maximum(letters, 1),
        _py3langid_lead(scores, rows, language, in_py3langid),
        scores.script_share[rows],
        allowed.sum(axis=1)[scores.script[rows]],
        np.where(
            langdetect_knows, _deviations(langdetect_mean, typical[LANGDETECT, language]), 0.0
        ),
        np.where(own_knows, _deviations(own_mean, typical[OWN, language]), 0.0),
        scores.untagged_score[rows] / root,
    )
    return np.stack(features, axis=1, dtype=np.float64)


def _py3langid_lead(
    scores: ModelScores, rows: Integers, language: Integers, score: Floats
) -> Floats:
    """Return the lead of a language over the best other one in py3langid, with limits."""
    best = scores.top_two[PY3LANGID, rows, 0]
    rival = np.where(best == language, scores.top_two[PY3LANGID, rows, 1], best)
    rival_score = np.where(rival < 0, UNKNOWN, scores.scores[PY3LANGID, rows, rival])
    lead = np.clip(score - rival_score, NO_PY3LANGID_LEAD, MAX_ENSEMBLE_MARGIN)
    return np.where(score == UNKNOWN, NO_PY3LANGID_LEAD, lead)


def _margin(scores: ModelScores, model: int) -> Floats:
    """Return the lead of a model's best language over its second; infinite without a second."""
    rows = np.arange(len(scores.script))
    first, second = scores.top_two[model, :, 0], scores.top_two[model, :, 1]
    of_model = scores.scores[model]
    return np.where(second < 0, np.inf, of_model[rows, first] - of_model[rows, second])


def _deviations(value: Floats, typical: Floats) -> Floats:
    """Return how many standard deviations a value is above the typical one, at most 8 either way.

    `typical` has the typical value and the deviation in its last axis.
    """
    deviations = (value - typical[..., 0]) / typical[..., 1]
    return np.clip(deviations, -MAX_DEVIATIONS, MAX_DEVIATIONS)
