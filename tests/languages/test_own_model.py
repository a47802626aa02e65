"""Our own model: the kernel adds up the packed weights."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.languages import langdetect_model, own_model
from corpus.languages.own_model import OwnModel, load, sum_weights
from corpus.languages.predictions import sample
from corpus.languages.word_ngrams import (
    COUNT_BITS,
    DENSE_COUNT,
    HASH_BITS,
    MAX_ORDER,
    ORDER_FACTORS,
    list_word_ngrams,
)

TEXT = st.text(st.sampled_from("abeinrst àéß ДАдво 漢字 한글 かな 𐐨 .,'1\n"), max_size=60)


def ngrams_of(text: str, model: OwnModel) -> list[tuple[int, int]]:
    """Return the order (less 1) and the hash of each n-gram, from the kernel."""
    points = np.array([ord(letter) for letter in text] or [0], np.uint32)
    ngrams = np.zeros(MAX_ORDER * (len(text) + 1), np.uint64)
    count = list_word_ngrams(points, len(text), model.letters, model.scripts, ngrams)
    return [(int(n) >> HASH_BITS, int(n) & ((1 << HASH_BITS) - 1)) for n in ngrams[:count]]


def sums_of(texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return the sums and sizes of texts."""
    model = load()
    samples = sample(pa.array(texts, pa.large_string()), 1000, langdetect_model.load())
    return sum_weights(*samples, np.ones(len(texts), np.bool_), model)


def test_a_word_has_n_grams_of_letters_and_edges() -> None:
    """The n-grams of `ab` are a, _a, b, ab, _ab, b_, ab_ and _ab_, grouped by their last letter."""
    model = load()
    assert [order + 1 for order, _ in ngrams_of("ab", model)] == [1, 2, 1, 2, 3, 2, 3, 4]
    assert ngrams_of("ab, ab", model) == ngrams_of("ab", model) * 2
    assert ngrams_of("AB!", model) == ngrams_of("ab", model)
    assert ngrams_of("12 ... ", model) == []


def test_syllabaries_are_folded() -> None:
    """All Hangul are one letter, all hiragana another; Han characters are not folded."""
    model = load()
    assert ngrams_of("한글", model) == ngrams_of("글한", model)
    assert ngrams_of("かな", model) == ngrams_of("なか", model) != ngrams_of("カナ", model)
    assert ngrams_of("漢字", model) != ngrams_of("字漢", model)


@settings(deadline=None, max_examples=40)
@given(TEXT)
def test_sums_equal_the_packed_weights(text: str) -> None:
    """The hash table, dense rows and sparse lists give the same as plain sums."""
    model = load()
    arrays = own_model.shipped_arrays()
    hashes = np.cumsum(own_model._join_bytes(arrays["grams"]))
    number_of = {int(ngram): number for number, ngram in enumerate(hashes)}
    expected = np.zeros(model.base.shape[1], np.int64)
    size = 0
    counts = {}
    for order, ngram in ngrams_of(text, model):
        if ngram in number_of:
            key = order, number_of[ngram]
            counts[key] = counts.get(key, 0) + 1
    for (order, number), times in counts.items():
        expected += times * (ORDER_FACTORS[order] * weights_of(number) + model.base[order])
        size += times * ORDER_FACTORS[order]
    sums, sizes = sums_of([text])
    assert sums[0].tolist() == expected.tolist()
    assert sizes[0] == size


def weights_of(number: int) -> np.ndarray:
    """Return the weight of an n-gram in each language, read directly from the tables."""
    model = load()
    first, count = int(model.start[number]) >> COUNT_BITS, int(model.start[number]) & DENSE_COUNT
    if count == DENSE_COUNT:
        return model.dense[first].astype(np.int64)
    weights = np.zeros(model.base.shape[1], np.int64)
    for entry in model.sparse[first : first + count].tolist():
        weights[entry >> 8] = entry & 0xFF
    return weights


def test_packing_is_lossless() -> None:
    """Unpacking restores each n-gram and weight of each language."""
    entries = [
        (np.array([0, 2]), np.array([5, 250], np.uint8)),
        (np.array([1]), np.array([7], np.uint8)),
    ]
    base = np.arange(2 * MAX_ORDER, dtype=np.int32).reshape(MAX_ORDER, 2)
    model = own_model.unpack(
        own_model.pack(["aa", "bb"], np.array([3, 70_000, 4_000_000]), entries, base)
    )
    assert model.languages[:3].tolist() == ["aa", "bb", ""]
    assert [list(map(int, (e >> 8, e & 255))) for e in model.sparse] == [[0, 5], [1, 7], [0, 250]]
    assert [int(start) for start in model.start] == [0 << 6 | 1, 1 << 6 | 1, 2 << 6 | 1, 0]
    assert [(int(word) & (1 << 32) - 1).bit_count() for word in model.known[[0, 70_000 >> 5]]] == [
        1,
        1,
    ]
    assert [int(word) >> 32 for word in model.known[[0, 70_000 >> 5, -1]]] == [0, 1, 3]
    assert np.array_equal(model.base[:, :2], base)


def test_texts_do_not_affect_each_other(articles: dict[str, str]) -> None:
    """The counts of common n-grams are reset before the next text."""
    texts = list(articles.values())[:5]
    sums, sizes = sums_of(texts)
    for row, text in enumerate(texts):
        alone, size = sums_of([text])
        assert np.array_equal(alone[0], sums[row])
        assert size[0] == sizes[row]


def test_the_model_is_small_and_knows_many_languages() -> None:
    """The file has at most 5 MB, and the model knows more languages than there are tags."""
    assert own_model.PATH.stat().st_size <= 5_000_000
    assert np.count_nonzero(load().languages != "") > 300
