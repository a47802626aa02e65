"""The sums of n-grams are langdetect's own, to the last one."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from corpus.languages.langdetect_model import FLOOR, SCALE, Profiles, load
from corpus.languages.predictions import read, weigh

LETTERS = st.sampled_from(
    "abeinrstxyzAEIRSTZ àáâäåçéêğıłñóøőśșțžÀÉİŽ ăâêơưĂƠ\u0300\u0301\u0303\u0309\u0323 "
    "аеинорстіїњАЕИ αεικοςΑ אבה ابیيکه अकािे กอา 가나한 あのカン一的是國国ㄅ 𝐀𐐀🙂"
    ".,'’-/:@0\n\t\u00a0\u3000"
)
TEXT = st.lists(LETTERS, max_size=120).map("".join)


@cache
def langdetect() -> Any:
    """Return langdetect's factory, its profiles loaded."""
    from langdetect import detector_factory

    detector_factory.init_factory()
    return detector_factory._factory


@cache
def uncapitalised() -> Profiles:
    """Return our profiles without the reading of capitals as small letters, which is ours."""
    profiles = load()
    return profiles._replace(tables=profiles.tables._replace(small=np.zeros(0, np.uint16)))


def expected(text: str) -> tuple[int, dict[str, float]]:
    """Return langdetect's number of n-grams, and the log-likelihood ratio of each profile."""
    factory = langdetect()
    detector = factory.create()
    detector.append(text)
    detector.cleaning_text()
    grams = detector._extract_ngrams()
    sums = dict.fromkeys(factory.langlist, 0.0)
    for gram in grams:
        shares = zip(factory.langlist, factory.word_lang_prob_map[gram], strict=True)
        for name, share in shares:
            sums[name] += math.log1p(share / FLOOR)
    return len(grams), sums


def check(text: str) -> None:
    """Compare our sums of a text with langdetect's."""
    profiles = uncapitalised()
    found = weigh(read(pa.array([text], pa.large_string()), 10_000, profiles), profiles)
    known, sums = expected(text)
    assert found.known[0] == known
    assert found.tried[0] >= known
    for name, total in zip(profiles.names, found.sums[0] / SCALE, strict=False):
        assert abs(total - sums[name]) <= known / SCALE


def test_sums_of_articles_are_those_of_langdetect(articles: dict[str, str]) -> None:
    """In every language each n-gram is found, and weighs what langdetect's profile says."""
    for text in articles.values():
        check(text)


@settings(max_examples=200, deadline=None)
@given(TEXT)
def test_sums_of_any_text_are_those_of_langdetect(text: str) -> None:
    """So they are where scripts, capitals, marks and addresses meet.

    But for loose tone marks: langdetect counts them as letters of another script; ours join theirs.
    """
    assume(not any(0x300 <= ord(character) < 0x370 for character in text))
    check(text)


def test_the_greatest_sum_fits() -> None:
    """The longest sample, every n-gram of it as heavy as can be, stays below 2**31."""
    assert 3 * 10_000 * math.log1p(1 / FLOOR) * SCALE < 2**31
    assert math.log1p(1 / FLOOR) * SCALE < 2**16
