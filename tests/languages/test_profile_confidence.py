"""The confidence is a probability, and rises with the evidence for a language."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from corpus.languages.codes import LANGUAGES
from corpus.languages.profile_confidence import ARTICLE_SHARES, confidence

MARGIN = st.floats(0, 1e6)
TYPICALITY = st.floats(-1, 10)
N_NGRAMS = st.integers(0, 30_000)


def confidence_of(margin: float, typicality: float, n_ngrams: int) -> float:
    """Return the confidence for one text."""
    return float(confidence(np.array([margin]), np.array([typicality]), np.array([n_ngrams]))[0])


@given(MARGIN, TYPICALITY, N_NGRAMS)
def test_confidence_is_a_probability(margin: float, typicality: float, n_ngrams: int) -> None:
    """Any features give a value from 0 to 1 with four digits."""
    value = confidence_of(margin, typicality, n_ngrams)
    assert 0 <= value <= 1
    assert value == round(value, 4)


@given(MARGIN, MARGIN, TYPICALITY, TYPICALITY, N_NGRAMS)
def test_more_evidence_never_lowers_the_confidence(
    margin: float, margin_2: float, typicality: float, typicality_2: float, n_ngrams: int
) -> None:
    """Confidence is monotonic in margin and typicality."""
    low = confidence_of(min(margin, margin_2), min(typicality, typicality_2), n_ngrams)
    assert low <= confidence_of(max(margin, margin_2), max(typicality, typicality_2), n_ngrams)


def test_an_untypical_long_text_has_low_confidence() -> None:
    """A text far ahead of all others but unlike its articles is in some other language."""
    assert confidence_of(5, 0.0, 3000) > 0.9
    assert confidence_of(5, -0.15, 3000) < 0.2


def test_article_shares_are_of_known_languages() -> None:
    """The table of article shares has only known codes."""
    assert set(ARTICLE_SHARES) <= set(LANGUAGES)
