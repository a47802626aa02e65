"""The backend `langdetect_profiles`: langdetect's profiles only, with every n-gram added up."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.languages import profile_confidence
from corpus.languages.codes import LANGUAGES
from corpus.languages.langdetect_model import SCALE, LangdetectModel
from corpus.languages.predictions import Predictions, ProfileSums
from corpus.languages.scripts import SCRIPTS, allowed_languages

MIN_ORTHOGRAPHY_MARGIN = 1.0
"""Minimum margin between the two Chinese profiles; below it, the script is `Hani`."""


class ProfileRanking(NamedTuple):
    """The best language of each text by the profiles, with features of `profile_confidence`."""

    language: NDArray[np.int64]
    """int64[n_texts]: an index of LANGUAGES; -1 if the script or the n-grams leave none."""
    second: NDArray[np.int64]
    """int64[n_texts]: the second best, -1 for none."""
    margin: NDArray[np.float64]
    typicality: NDArray[np.float64]


def predict(
    profile_sums: ProfileSums, script: NDArray[np.int64], model: LangdetectModel
) -> Predictions:
    """Return the predictions of the profiles alone."""
    ranking = rank_profiles(profile_sums, script, model)
    score = profile_confidence.confidence(ranking.margin, ranking.typicality, profile_sums.n_ngrams)
    return Predictions(ranking.language, ranking.second, score)


def rank_profiles(
    profile_sums: ProfileSums, script: NDArray[np.int64], model: LangdetectModel
) -> ProfileRanking:
    """Return the best language that each text's script allows; the first of equals."""
    n_profiles = len(model.languages)
    rows = np.arange(len(script))
    possible = allowed_languages()[script][:, model.languages]
    sums = np.where(possible, profile_sums.sums[:, :n_profiles], -1).astype(np.int64)
    best = sums.argmax(axis=1)
    best_sum = sums[rows, best]
    language = model.languages[best]
    rivals = np.where(model.languages == language[:, None], -1, sums)
    rival = rivals.argmax(axis=1)
    rival_sum = rivals[rows, rival]
    margin = (best_sum - np.maximum(rival_sum, 0)) / SCALE
    margin = margin / np.sqrt(np.maximum(profile_sums.n_known, 1))
    mean = best_sum / SCALE / np.maximum(profile_sums.n_ngrams, 1)
    typicality = mean / (model.typical_weight[best] * article_shares()[language]) - 1
    ignored = [LANGUAGES.index(code) for code in profile_confidence.NO_TYPICALITY]
    return ProfileRanking(
        np.where(best_sum > 0, language, -1),
        np.where(rival_sum > 0, model.languages[rival], -1),
        np.where(rival_sum < 0, profile_confidence.MAX_MARGIN, margin),
        np.where(np.isin(language, ignored), 0.0, typicality),
    )


@cache
def article_shares() -> NDArray[np.float64]:
    """Return the share of its profile's typical weight that articles in each language reach."""
    shares, default = profile_confidence.ARTICLE_SHARES, profile_confidence.DEFAULT_ARTICLE_SHARE
    return np.array([shares.get(code, default) for code in LANGUAGES])


def chinese_orthography(
    script: NDArray[np.int64], profile_sums: ProfileSums, model: LangdetectModel
) -> NDArray[np.int64]:
    """Return the scripts; Han becomes `Hans` or `Hant`, the two numbers after SCRIPTS, if clear."""
    simplified, traditional = (model.names.index(name) for name in ("zh-cn", "zh-tw"))
    sums = profile_sums.sums.astype(np.int64)
    margin = (sums[:, simplified] - sums[:, traditional]) / SCALE
    margin /= np.sqrt(np.maximum(profile_sums.n_known, 1))
    han = script == SCRIPTS.index("Hani")
    script = np.where(han & (margin >= MIN_ORTHOGRAPHY_MARGIN), len(SCRIPTS), script)
    return np.where(han & (margin <= -MIN_ORTHOGRAPHY_MARGIN), len(SCRIPTS) + 1, script)
