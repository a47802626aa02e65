"""Scores and features: the kernels agree with the definition in plain Python."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.classifier import definition
from corpus.classifier.features import find_buckets
from corpus.classifier.model import ClassifierModel
from corpus.classifier.score import score_texts, sum_weights
from corpus.classifier.tokens import token_table

BITS = 12
WEIGHTS = np.random.default_rng(7).integers(-3000, 3000, 1 << BITS).astype(np.int16)
MODEL = ClassifierModel(WEIGHTS, scale=1e-3, bias=-0.25, training={})

LONG = " ".join(f"word{i % 977} a" for i in range(5000))
"""More words than the kernel looks at in one window."""

TEXTS = [
    "The Bank’s 9 rates",
    "",
    "one",
    "no no no no no",
    "東京は大きい。 カタカナ",
    "ภาษาไทยไม่มีช่องว่าง",
    "مرحبا بالعالم",
    "supercalifragilisticexpialidocious" * 9,
    "  \n\t!? \xa0\u200b\xad ",
    "e-mail: a@b.example → “quoted” \U0001f600 \ufeff",
    LONG,
]


def texts_of(*texts: str | None) -> pa.Array:
    """Return a column of texts."""
    return pa.array(texts, pa.large_string())


def features_of(*texts: str | None) -> list[list[int]]:
    """Return the buckets that the kernel finds in each text."""
    found, bounds = find_buckets(texts_of(*texts), BITS)
    return [found[a:b].tolist() for a, b in pairwise(bounds.tolist())]


@given(st.lists(st.text(max_size=200), max_size=5))
@settings(max_examples=60)
def test_the_kernel_finds_the_buckets_of_the_definition(texts):
    """The kernel finds the same buckets, in the same order, as the definition."""
    assert features_of(*texts) == [definition.buckets(text, BITS) for text in texts]


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text[:12])
def test_a_score_agrees_with_the_definition(text):
    """Sums and counts agree exactly, and scores to the precision of float32."""
    found = definition.buckets(text, BITS)
    sums, counts = sum_weights(texts_of(text), WEIGHTS)

    assert sums.tolist() == [int(WEIGHTS[found].astype(np.int64).sum())]
    assert counts.tolist() == [len(found)]
    expected = definition.score(text, WEIGHTS.tolist(), scale=MODEL.scale, bias=MODEL.bias)
    (measured,) = score_texts(texts_of(text), MODEL).to_pylist()
    assert measured == (None if expected is None else pytest.approx(expected, rel=1e-6))


def test_a_score_does_not_depend_on_the_batch():
    """A text has the same score alone, in any batch, and in any order."""
    together = score_texts(texts_of(*TEXTS), MODEL).to_pylist()
    reverse = score_texts(texts_of(*reversed(TEXTS)), MODEL).to_pylist()
    alone = [score_texts(texts_of(text), MODEL).to_pylist()[0] for text in TEXTS]

    assert together == reverse[::-1] == alone


def test_a_text_without_tokens_has_no_score():
    """Null, an empty text and a blank one have no score; no number is invented."""
    assert score_texts(texts_of(None, "", " \n\u200b"), MODEL).to_pylist() == [None, None, None]


def test_every_code_point_has_the_token_of_the_definition():
    """The kernel's table agrees with the definition on every code point but surrogates."""
    table, lengths = token_table(), token_table() >> np.uint64(56)
    for code in [
        *range(0x3100),
        *range(0xD7F0, 0xD800),
        *range(0xF8F0, 0x10010),
        0x1F600,
        0x10FFFF,
    ]:
        written = int(table[code]).to_bytes(8, "little")[: int(lengths[code])]
        if not 0xD800 <= code < 0xE000:
            assert written.decode() == definition.spaced(code), hex(code)


def test_a_repeated_text_has_the_score_of_one_copy():
    """Repeating a phrase adds no evidence but the pair at the seam."""
    once, often = features_of("alpha beta alpha", "alpha beta alpha beta alpha beta alpha")

    assert set(once) == set(often)


def test_an_extreme_logit_gives_a_score_between_0_and_1():
    """A huge scale overflows nothing."""
    for bias in (-1e6, 1e6):
        (score,) = score_texts(texts_of("a"), MODEL._replace(bias=bias)).to_pylist()
        assert 0 <= score <= 1
