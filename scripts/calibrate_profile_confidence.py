"""Fit the constants of `corpus/languages/profile_confidence.py` and print them.

    python scripts/calibrate_profile_confidence.py TEXTS.jsonl[.zst]

Each line of TEXTS has `text`, `lang` (BCP 47) and `kind` (`article...` or a shorter kind). Low
confidence is correct for a language without a profile; texts in these count a quarter each.
"""

from __future__ import annotations

import sys

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.optimize import minimize
from train_language_model import read_rows

from corpus.languages import profile_confidence
from corpus.languages.codes import LANGUAGES, code_of
from corpus.languages.langdetect_model import load
from corpus.languages.predictions import sample, sum_profiles
from corpus.languages.profile_backend import rank_profiles
from corpus.languages.scripts import dominant_script

SAMPLE_CHARACTERS = 1000
UNPROFILED_WEIGHT = 0.25
"""The weight of a text in a language without a profile; these are rarer in practice."""
MIN_ARTICLES = 3
MIN_SHARE_DIFFERENCE = 0.015
"""Article shares closer to the default than this are not listed."""


def main(path: str) -> None:
    """Fit `ARTICLE_SHARES` on articles, then the weights on all texts."""
    texts = list(read_rows(path, None))
    gold = np.array([code_of(row["lang"]) for row in texts])
    is_article = np.array([row["kind"].startswith("article") for row in texts])
    model = load()
    column = pa.array([row["text"] for row in texts], pa.large_string())
    profile_sums = sum_profiles(sample(column, SAMPLE_CHARACTERS, model), model)
    script = dominant_script(profile_sums.letters)

    profile_confidence.ARTICLE_SHARES.clear()
    default = profile_confidence.DEFAULT_ARTICLE_SHARE
    ranking = rank_profiles(profile_sums, script, model)
    predicted = np.array([*LANGUAGES, "-"])[ranking.language]
    for language in LANGUAGES:
        chosen = is_article & (predicted == language) & (gold == language)
        if chosen.sum() >= MIN_ARTICLES:
            share = default * (1 + np.median(ranking.typicality[chosen]))
            if abs(share - default) > MIN_SHARE_DIFFERENCE:
                profile_confidence.ARTICLE_SHARES[language] = round(float(share), 2)
    print("ARTICLE_SHARES =", profile_confidence.ARTICLE_SHARES)

    ranking = rank_profiles(profile_sums, script, model)
    use = ranking.language >= 0
    has_profile = np.isin(gold, np.array(LANGUAGES)[model.languages])
    n_ngrams = profile_sums.n_ngrams
    length = (n_ngrams / (n_ngrams + profile_confidence.MEDIUM_NGRAMS))[:, None]
    features = np.stack(profile_confidence.features(ranking.margin, ranking.typicality), axis=1)
    inputs = np.concatenate([features * (1 - length), features * length], axis=1)[use]
    text_weights = np.where(has_profile, 1, UNPROFILED_WEIGHT)[use]
    weights = fit(inputs, (predicted == gold)[use], text_weights)
    n_features = features.shape[1]
    print("SHORT_WEIGHTS =", tuple(weights[:n_features]))
    print("LONG_WEIGHTS =", tuple(weights[n_features:]))


def fit(
    inputs: NDArray[np.float64], correct: NDArray[np.bool_], text_weights: NDArray[np.float64]
) -> list[float]:
    """Return the weights of a logistic regression, all of them except the constants at least 0.

    So more evidence, or a more typical text, never lowers the score.
    """
    scale = inputs.std(axis=0)
    scaled = inputs / scale

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        odds = scaled @ weights
        probability = 1 / (1 + np.exp(-odds))
        log_loss = text_weights @ (np.logaddexp(0, odds) - correct * odds)
        gradient = scaled.T @ (text_weights * (probability - correct)) + 0.01 * weights
        return log_loss + 0.005 * weights @ weights, gradient

    bounds = [(None, None), *[(0, None)] * 4] * 2
    result = minimize(loss, np.zeros(10), jac=True, method="L-BFGS-B", bounds=bounds)
    return [round(float(weight), 2) for weight in result.x / scale]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(sys.argv[1])
