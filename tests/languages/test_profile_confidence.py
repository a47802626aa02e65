"""The score is a chance, and grows with what speaks for a language."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from corpus.languages.codes import LANGUAGES
from corpus.languages.profile_confidence import REACHED, score

EVIDENCE = st.floats(0, 1e6)
LIKENESS = st.floats(-1, 10)
N_GRAMS = st.integers(0, 30_000)


def one(evidence: float, likeness: float, n_grams: int) -> float:
    """Return the score of one text."""
    return float(score(np.array([evidence]), np.array([likeness]), np.array([n_grams]))[0])


@given(EVIDENCE, LIKENESS, N_GRAMS)
def test_a_score_is_a_chance(evidence: float, likeness: float, n_grams: int) -> None:
    """Whatever the signs, the score lies from 0 to 1 and has four digits."""
    found = one(evidence, likeness, n_grams)
    assert 0 <= found <= 1
    assert found == round(found, 4)


@given(EVIDENCE, EVIDENCE, LIKENESS, LIKENESS, N_GRAMS)
def test_more_evidence_and_likeness_never_score_less(
    evidence: float, more: float, likeness: float, liker: float, n_grams: int
) -> None:
    """What speaks for a language cannot lower its score."""
    low = one(min(evidence, more), min(likeness, liker), n_grams)
    assert low <= one(max(evidence, more), max(likeness, liker), n_grams)


def test_a_long_text_unlike_its_best_language_is_not_believed() -> None:
    """Far ahead of all others, but unlike its articles: it is another language altogether."""
    assert one(5, 0.0, 3000) > 0.9
    assert one(5, -0.15, 3000) < 0.2


def test_exceptions_are_for_languages_that_exist() -> None:
    """The table of what articles reach has known codes alone."""
    assert set(REACHED) <= set(LANGUAGES)
