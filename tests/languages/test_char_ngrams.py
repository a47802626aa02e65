"""The summed n-gram weights are those of langdetect."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from corpus.languages.langdetect_model import MIN_FREQUENCY, SCALE, LangdetectModel, load
from corpus.languages.predictions import sample, sum_profiles

LETTERS = st.sampled_from(
    "abeinrstxyzAEIRSTZ àáâäåçéêğıłñóøőśșțžÀÉİŽ ăâêơưĂƠ\u0300\u0301\u0303\u0309\u0323 "
    "аеинорстіїњАЕИ αεικοςΑ אבה ابیيکه अकािे กอา 가나한 あのカン一的是國国ㄅ 𝐀𐐀🙂"
    ".,'’-/:@0\n\t\u00a0\u3000"
)
TEXT = st.lists(LETTERS, max_size=120).map("".join)


@cache
def langdetect() -> Any:
    """Return langdetect's factory, with its profiles loaded."""
    from langdetect import detector_factory

    detector_factory.init_factory()
    return detector_factory._factory


@cache
def model_without_lowercasing() -> LangdetectModel:
    """Return our model without the lowercasing of texts in capitals, which langdetect lacks."""
    model = load()
    return model._replace(tables=model.tables._replace(lowercase=np.zeros(0, np.uint16)))


def langdetect_sums(text: str) -> tuple[int, dict[str, float]]:
    """Return langdetect's number of n-grams, and the log-likelihood ratio of each profile."""
    factory = langdetect()
    detector = factory.create()
    detector.append(text)
    detector.cleaning_text()
    ngrams = detector._extract_ngrams()
    sums = dict.fromkeys(factory.langlist, 0.0)
    for ngram in ngrams:
        frequencies = zip(factory.langlist, factory.word_lang_prob_map[ngram], strict=True)
        for name, frequency in frequencies:
            sums[name] += math.log1p(frequency / MIN_FREQUENCY)
    return len(ngrams), sums


def check_sums(text: str) -> None:
    """Compare our sums of a text with langdetect's."""
    model = model_without_lowercasing()
    ours = sum_profiles(sample(pa.array([text], pa.large_string()), 10_000, model), model)
    n_known, sums = langdetect_sums(text)
    assert ours.n_known[0] == n_known
    assert ours.n_ngrams[0] >= n_known
    for name, total in zip(model.names, ours.sums[0] / SCALE, strict=False):
        assert abs(total - sums[name]) <= n_known / SCALE


def test_sums_of_articles_equal_langdetect(articles: dict[str, str]) -> None:
    """Each n-gram of an article is known and has the weight of langdetect's profile."""
    for text in articles.values():
        check_sums(text)


@settings(max_examples=200, deadline=None)
@given(TEXT)
def test_sums_of_any_text_equal_langdetect(text: str) -> None:
    """The sums are also equal where scripts, capitals and combining marks mix.

    Loose tone marks are excluded: langdetect counts them as letters of another script, we compose
    them with the letter before.
    """
    assume(not any(0x300 <= ord(character) < 0x370 for character in text))
    check_sums(text)


def test_sums_cannot_overflow() -> None:
    """The longest sample with the heaviest n-grams stays below 2**31."""
    assert 3 * 10_000 * math.log1p(1 / MIN_FREQUENCY) * SCALE < 2**31
    assert math.log1p(1 / MIN_FREQUENCY) * SCALE < 2**16
