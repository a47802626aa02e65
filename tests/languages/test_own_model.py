"""Our own model: the kernel adds up what the packed weights say."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.languages import langdetect_model, own_model
from corpus.languages.own_model import Words, load, weigh
from corpus.languages.predictions import read
from corpus.languages.word_ngrams import BITS, COUNT_BITS, DENSE, FACTORS, ORDERS, list_words

TEXT = st.text(st.sampled_from("abeinrst àéß ДАдво 漢字 한글 かな 𐐨 .,'1\n"), max_size=60)


def grams_of(text: str, model: Words) -> list[tuple[int, int]]:
    """Return the order and hash of each n-gram, as the kernel has them."""
    points = np.array([[ord(letter) for letter in text] or [0]], np.uint32)
    grams = np.zeros(ORDERS * (len(text) + 1), np.uint64)
    count = list_words(points, 0, len(text), model.letters, model.scripts, grams)
    return [(int(gram) >> BITS, int(gram) & ((1 << BITS) - 1)) for gram in grams[:count]]


def sums_of(texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return the sums and sizes of texts."""
    model = load()
    reading = read(pa.array(texts, pa.large_string()), 1000, langdetect_model.load())
    return weigh(*reading, np.ones(len(texts), np.bool_), model)


def test_a_word_has_the_n_grams_of_its_letters_and_edges() -> None:
    """`ab` is _a, a, ab, _ab, b_, ab_, _ab_; each is read backwards, so orders rise by letter."""
    model = load()
    assert [order + 1 for order, _ in grams_of("ab", model)] == [1, 2, 1, 2, 3, 2, 3, 4]
    assert grams_of("ab, ab", model) == grams_of("ab", model) * 2
    assert grams_of("AB!", model) == grams_of("ab", model)
    assert grams_of("12 ... ", model) == []


def test_letters_of_syllabaries_are_one() -> None:
    """Any Hangul is one letter, any hiragana another; Han are themselves."""
    model = load()
    assert grams_of("한글", model) == grams_of("글한", model)
    assert grams_of("かな", model) == grams_of("なか", model) != grams_of("カナ", model)
    assert grams_of("漢字", model) != grams_of("字漢", model)


@settings(deadline=None, max_examples=40)
@given(TEXT)
def test_sums_are_those_of_the_packed_weights(text: str) -> None:
    """Hash table, rows for common n-grams and lists for rare ones give what plain sums give."""
    model = load()
    arrays = own_model.shipped()
    hashes = np.cumsum(own_model._numbers(arrays["grams"]))
    number = {int(gram): at for at, gram in enumerate(hashes)}
    expected = np.zeros(model.base.shape[1], np.int64)
    size = 0
    rows = {}
    for order, gram in grams_of(text, model):
        if gram in number:
            rows[order, number[gram]] = rows.get((order, number[gram]), 0) + 1
    for (order, row), times in rows.items():
        expected += times * (FACTORS[order] * weights_of(row) + model.base[order])
        size += times * FACTORS[order]
    sums, sizes = sums_of([text])
    assert sums[0].tolist() == expected.tolist()
    assert sizes[0] == size


def weights_of(row: int) -> np.ndarray:
    """Return what an n-gram weighs in each language, straight from the tables."""
    model = load()
    first, count = int(model.start[row]) >> COUNT_BITS, int(model.start[row]) & DENSE
    if count == DENSE:
        return model.dense[first].astype(np.int64)
    found = np.zeros(model.base.shape[1], np.int64)
    for entry in model.sparse[first : first + count].tolist():
        found[entry >> 8] = entry & 0xFF
    return found


def test_packing_loses_nothing() -> None:
    """What is packed comes out again, n-gram by n-gram and language by language."""
    entries = [
        (np.array([0, 2]), np.array([5, 250], np.uint8)),
        (np.array([1]), np.array([7], np.uint8)),
    ]
    base = np.arange(2 * ORDERS, dtype=np.int32).reshape(ORDERS, 2)
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


def test_a_text_leaves_no_trace(articles: dict[str, str]) -> None:
    """Counts of common n-grams are cleared before the next text."""
    texts = list(articles.values())[:5]
    sums, sizes = sums_of(texts)
    for row, text in enumerate(texts):
        alone, size = sums_of([text])
        assert np.array_equal(alone[0], sums[row])
        assert size[0] == sizes[row]


def test_the_model_is_small_and_knows_many_languages() -> None:
    """It is at most 5 MB on disk, and knows more languages than there are tags."""
    assert own_model.PATH.stat().st_size <= 5_000_000
    assert np.count_nonzero(load().languages != "") > 300
