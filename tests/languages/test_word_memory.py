"""The memory of words changes how fast a model is, and never what it adds up."""

from __future__ import annotations

import threading

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.languages import langdetect_model, own_model, predictions, word_memory
from corpus.languages.predictions import sample, sum_profiles
from corpus.languages.word_memory import MAX_LETTERS, Memories, find_word, make_memory

PROFILES = langdetect_model.load()
LIST = """
a the The THE tHe word words Wörter über ÜBER его Его слово שלום كلمة 東京 カタカナ 한국어 𐐨𐐨 𐐨𐐩
abcdefghijklmnop abcdefghijklmnopq abcdefghijklmnoq o'clock e-mail NATO McDonald x86 ab1cd
"""
WORDS = st.sampled_from(LIST.split())
GAPS = st.sampled_from([" ", "  ", ", ", ".\n", "-", "'", "1", "\u00a0", "、", ""])
TEXTS = st.lists(st.tuples(WORDS, GAPS), max_size=40).map(
    lambda pairs: "".join(word + gap for word, gap in pairs)
)


def sums_of(texts: list[str]) -> list[np.ndarray]:
    """Return everything that langdetect's model and ours add up for texts."""
    samples = sample(pa.array(texts, pa.large_string()), 2000, PROFILES)
    own = own_model.sum_weights(*samples, np.ones(len(texts), np.bool_), own_model.load())
    return [*own, *sum_profiles(samples, PROFILES)]


def forget() -> None:
    """Empty the memories of this thread."""
    own_model._memories.model = predictions._memories.model = None


@settings(deadline=None, max_examples=60)
@given(st.lists(TEXTS, min_size=1, max_size=5))
def test_sums_do_not_depend_on_what_is_remembered(texts: list[str]) -> None:
    """Texts have the same sums with empty memories, with full ones, and one by one."""
    forget()
    first = sums_of(texts)
    again = sums_of(texts)
    alone = []
    for text in texts:
        forget()
        alone.append(sums_of([text]))
    for number, expected in enumerate(first):
        assert np.array_equal(again[number], expected)
        assert np.array_equal(np.concatenate([sums[number] for sums in alone]), expected)


def test_a_word_at_the_end_of_a_text_is_not_one_before_a_space() -> None:
    """Langdetect's n-grams of a word have the space behind it, and none at the end of a text."""
    texts = ["the", "the", "the word", "the ", "the ", "word", "the word", "word the"] * 2
    forget()
    together = sums_of(texts)
    for row, text in enumerate(texts):
        forget()
        alone = sums_of([text])
        assert all(np.array_equal(a[row], b[0]) for a, b in zip(together, alone, strict=True))


@pytest.mark.parametrize("n_pairs", [1, 2])
def test_sums_are_the_same_in_a_memory_of_a_few_words(
    n_pairs: int, articles: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Words that replace each other all the time are added up as in a large memory."""
    texts = [" ".join(2 * [word]) for text in articles.values() for word in text.split()[:9]]
    texts = [" ".join(texts[at : at + 20]) for at in range(0, len(texts), 20)]
    forget()
    expected = sums_of(texts)
    monkeypatch.setattr(own_model, "MEMORY_BITS", n_pairs)
    monkeypatch.setattr(predictions, "MEMORY_BITS", n_pairs)
    forget()
    found = sums_of(texts)
    monkeypatch.undo()
    forget()
    assert all(np.array_equal(a, b) for a, b in zip(found, expected, strict=True))


def remember(memory: word_memory.WordMemory, word: str) -> tuple[int, bool]:
    """Return the slot of a word among other letters, and whether it was there."""
    letters = np.array([ord(letter) for letter in f"xx{word}yy".ljust(MAX_LETTERS * 2)], np.uint16)
    slot, is_there = find_word(*memory[:3], letters, 2, 2 + len(word))
    return int(slot), bool(is_there)


def test_a_word_is_found_by_all_of_its_letters() -> None:
    """A word that differs in one letter or in length is another one."""
    memory = make_memory(12, 1)
    words = [("abcdefghijklmnop"[:size]) for size in range(1, MAX_LETTERS + 1)]
    words += [
        "a" * place + letter + "a" * (MAX_LETTERS - place - 1)
        for place in range(MAX_LETTERS)
        for letter in "bé東"
    ]
    for word in words:
        assert remember(memory, word) == (-1, False)
        slot, is_there = remember(memory, word)
        assert slot >= 0
        assert not is_there
        assert remember(memory, word) == (slot, True)
    pair = make_memory(1, 1)  # all words have the same slots
    for word in words:
        remember(pair, "a" * MAX_LETTERS)
        remember(pair, "a" * MAX_LETTERS)
        assert not remember(pair, word)[1]


def test_a_word_read_once_is_not_kept() -> None:
    """Words that are not read again drive out no other."""
    memory = make_memory(1, 1)
    remember(memory, "kept")
    slot, _ = remember(memory, "kept")
    for number in range(100):
        assert remember(memory, f"word{chr(0x100 + number)}") == (-1, False)
        assert remember(memory, "kept") == (slot, True)


def test_the_word_used_last_stays() -> None:
    """Of two words with the same hash, a third one replaces the one that was used earlier."""
    memory = make_memory(1, 1)
    slots = {}
    for word in ("one", "two"):
        remember(memory, word)
        slots[word], _ = remember(memory, word)
    assert set(slots.values()) == {0, 1}
    assert remember(memory, "one") == (slots["one"], True)
    remember(memory, "three")
    assert remember(memory, "three") == (slots["two"], False)
    assert remember(memory, "one") == (slots["one"], True)
    assert not remember(memory, "two")[1]


def test_a_long_word_is_not_kept() -> None:
    """A word of more than MAX_LETTERS is looked up each time."""
    memory = make_memory(3, 1)
    for _ in range(3):
        assert remember(memory, "a" * (MAX_LETTERS + 1)) == (-1, False)
    assert not memory.words.any()


def test_each_thread_and_each_model_has_a_memory_of_its_own() -> None:
    """Kernels run without the GIL, so two threads must not write to the same memory."""
    memories, model = Memories(), object()
    mine = memories.of(model, one_word)
    others = []
    thread = threading.Thread(target=lambda: others.append(memories.of(model, one_word)))
    thread.start()
    thread.join()
    assert memories.of(model, one_word) is mine
    assert others[0] is not mine
    assert memories.of(object(), one_word) is not mine


def one_word() -> word_memory.WordMemory:
    """Return a memory for a word."""
    return make_memory(1, 1)
