"""The confidence in an extraction, calibrated by the kind of the page."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.articles.confidence.model import (
    block_confidence,
    line_confidence,
    load,
    pack,
    unpack,
)
from corpus.articles.content_kind.model import KINDS

FUNCTIONS = (block_confidence, line_confidence)


def only(kind: str) -> np.ndarray:
    """Return the probabilities of a page that is certainly of a kind."""
    return np.array([name == kind for name in KINDS], np.float32)


@pytest.mark.parametrize("confidence", FUNCTIONS)
@settings(max_examples=40)
@given(st.floats(0, 1), st.floats(0, 1), st.sampled_from([None, *KINDS]))
def test_confidence_grows_with_the_expected_f1(confidence, low, high, kind):
    """Of two pages of a kind, that with the higher expected F1 has no lower confidence."""
    kinds = only(kind) if kind else None
    low, high = sorted((low, high))
    assert 0 <= confidence(low, kinds) <= confidence(high, kinds) <= 1


@pytest.mark.parametrize("confidence", FUNCTIONS)
def test_an_offer_is_less_certain_than_an_article(confidence):
    """What is content on a product page is less certain than on a page with an article."""
    assert confidence(0.9, only("product")) < confidence(0.9, only("article"))


def test_a_packed_model_is_unpacked_to_the_same_numbers():
    """Saving and loading changes no calibration."""
    model, again = load(), unpack(pack(load()))
    assert again.blocks.slope == model.blocks.slope
    assert again.lines.kind_offsets.tolist() == model.lines.kind_offsets.tolist()
