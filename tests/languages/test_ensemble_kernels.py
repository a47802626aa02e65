"""The kernels score languages for each model, and combine the scores."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.languages import ensemble_weights
from corpus.languages.codes import LANGUAGES
from corpus.languages.ensemble_kernels import (
    LANGDETECT,
    MARGIN,
    N_MODELS,
    OWN,
    PROBABILITY,
    PY3LANGID,
    SQUARED_PROBABILITIES,
    UNKNOWN,
    combine_scores,
    exponential,
    score_languages,
    separate_close_languages,
)
from corpus.languages.scripts import SCRIPTS, allowed_languages

LATIN, CYRILLIC = SCRIPTS.index("Latn"), SCRIPTS.index("Cyrl")
HR, SR, DE = (LANGUAGES.index(code) for code in ("hr", "sr", "de"))


def langdetect_scores(
    sums: dict[int, int], script: int, size: int = 4
) -> tuple[np.ndarray, np.ndarray]:
    """Return langdetect's scores of one text with these sums, and the two best languages."""
    columns = ensemble_weights.columns_of_models()[LANGDETECT]
    row = np.zeros((1, 64), np.int32)
    for language, value in sums.items():
        row[0, columns[language, 0]] = value
    scores = np.zeros((1, len(LANGUAGES)))
    top_two = np.zeros((1, 2), np.int64)
    sizes, scripts = np.array([size]), np.array([script])
    allowed = allowed_languages()
    score_languages(row, 0.5, sizes, columns, allowed, scripts, np.arange(1), scores, top_two)
    return scores[0], top_two[0]


@settings(deadline=None)
@given(st.floats(-100, 0))
def test_exponential_is_accurate_to_three_digits(x: float) -> None:
    """The result is e**x to three digits, and 0 where that is negligible."""
    assert exponential(x) == pytest.approx(math.exp(x), rel=2e-3, abs=1e-17)


def test_a_score_is_the_sum_over_the_root_of_the_size() -> None:
    """Unknown languages have no score; the two best are among those that the script allows."""
    scores, top_two = langdetect_scores({DE: 30, HR: 10}, LATIN)
    assert scores[DE] == 30 * 0.5 / 2
    assert scores[LANGUAGES.index("is")] == UNKNOWN
    assert top_two[0] == DE
    assert LANGUAGES[top_two[1]] in ("bs", "hr", "sr")


def test_a_shared_profile_counts_only_where_the_script_allows_both() -> None:
    """Serbian has the score of Croatian in Latin letters, and none in Cyrillic."""
    scores, _ = langdetect_scores({HR: 40}, LATIN)
    assert scores[SR] == scores[HR] == 10
    scores, _ = langdetect_scores({HR: 40}, CYRILLIC)
    assert scores[SR] == UNKNOWN


@settings(deadline=None, max_examples=50)
@given(st.lists(st.floats(-20, 0), min_size=3 * 5, max_size=3 * 5), st.integers(0, 600))
def test_scores_are_combined_with_the_weights(values: list[float], letters: int) -> None:
    """The prediction has the greatest sum of weighted distances to each model's best, and bias."""
    n = 5
    scores = np.array(values).reshape(N_MODELS, 1, n)
    top_two = np.argsort(-scores, axis=2, kind="stable")[:, :, :2].astype(np.int64)
    rng = np.random.default_rng(letters)
    weight, bias = rng.random((501, N_MODELS, 2)), rng.random((2, n))
    shortness = np.linspace(1, 0, 501)
    ranked, confidence = np.zeros((1, 2), np.int64), np.zeros((1, 3))
    allowed = np.ones((1, n), np.bool_)
    zero = np.zeros(1, np.int64)
    close = (np.zeros(0, np.int64), np.zeros((0, 0)))
    weights = (allowed, weight, bias, shortness, *close, np.zeros(n))
    combine_scores(scores, top_two, zero, zero, np.array([letters]), *weights, ranked, confidence)
    level = min(letters, 500)
    gap = scores[:, 0] - scores[:, 0].max(axis=1, keepdims=True)
    total = (weight[level, :, :1] * gap).sum(axis=0)
    total += bias[0] * shortness[level] + bias[1] * (1 - shortness[level])
    order = np.sort(total)[::-1]
    probabilities = np.exp(total - order[0]) / np.exp(total - order[0]).sum()
    squared = (probabilities**2).sum()
    assert total[ranked[0, 0]] == pytest.approx(order[0])
    assert total[ranked[0, 1]] == pytest.approx(order[1])
    assert confidence[0, MARGIN] == pytest.approx(order[0] - order[1])
    assert confidence[0, PROBABILITY] == pytest.approx(probabilities.max(), rel=0.01)
    assert confidence[0, SQUARED_PROBABILITIES] == pytest.approx(squared, rel=0.01)


def test_close_languages_are_ranked_by_their_own_weights() -> None:
    """The winner gets the best of their totals; nothing changes if the script excludes one."""
    scores = np.zeros((N_MODELS, 1, 4))
    scores[PY3LANGID, 0] = 9, 8, 7, 6
    scores[OWN, 0] = 0, 0, 5, 0
    close = np.array([0, 1, 2])
    close_weights = np.zeros((3, 6))
    close_weights[2, 3] = 1.0  # for the third: its lead over the first in our own model
    total = np.array([4.0, 3.0, 1.0, 3.5])
    separate_close_languages(scores, 0, 0.0, close, close_weights, total)
    assert total.tolist() == [-1.0, -1.0, 4.0, 3.5]
    before = np.array([4.0, UNKNOWN, 1.0, 3.5])
    after = before.copy()
    separate_close_languages(scores, 0, 0.0, close, close_weights, after)
    assert after.tolist() == before.tolist()
