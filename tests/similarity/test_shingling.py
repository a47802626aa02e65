"""The kernels give the same hashes as the definition in plain Python, whatever the bytes."""

from __future__ import annotations

import ctypes
import mmap
import random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corpus.similarity import shingling
from corpus.similarity.content_hash import content_hashes
from corpus.similarity.jaccard import shingle_sets
from corpus.similarity.signatures import hash_family, signatures
from corpus.words.characters import CODE_POINTS
from corpus.words.definition import content, shingles

MASK = (1 << 64) - 1


def mix_lane(state, lane, multiplier):
    """Mix a lane into a state, as the kernel does."""
    state = ((state ^ lane) * int(multiplier)) & MASK
    return state ^ state >> 32


def word_hash(word):
    """Hash a word, as the kernel does."""
    raw, state = word.encode(), int(shingling.M3)
    raw += bytes(-len(raw) % 16)
    for i in range(0, len(raw), 16):
        state = mix_lane(state, int.from_bytes(raw[i : i + 8], "little"), shingling.M1)
        state = mix_lane(state, int.from_bytes(raw[i + 8 : i + 16], "little"), shingling.M2)
    return state


def shingle_hash(shingle):
    """Hash a shingle, as the kernel does."""
    word_hashes, state = [word_hash(word) for word in shingle.split(" ")], 0
    for value in word_hashes:
        state = (state * int(shingling.BASE) + value) & MASK
    return mix_lane(mix_lane(len(word_hashes), state, shingling.M2), 0, shingling.M3)


def column(raw):
    """Return bytes as an unchecked column of strings, whose buffer ends with the last text."""
    offsets = np.cumsum([0] + [len(x) for x in raw], dtype=np.int64)
    data = pa.py_buffer(b"".join(raw))
    return pa.LargeStringArray.from_buffers(len(raw), pa.py_buffer(offsets.tobytes()), data)


def check(texts, raw=None, words=5):
    """Compare shingle sets, signatures and content hashes of texts with the definition."""
    texts_column = column([text.encode() for text in texts] if raw is None else raw)
    sets, starts = shingle_sets(texts_column, words=words)
    signature, totals = signatures(texts_column, words=words)
    a, b = hash_family(128, 1)
    hashes = content_hashes(texts_column).to_pylist()
    for k, text in enumerate(texts):
        actual = sets[starts[k] : starts[k + 1]]
        expected = sorted(shingle_hash(shingle) for shingle in shingles(text, words))
        assert actual.tolist() == expected, text[:200]
        assert (totals[k] > 0) == bool(expected)
        if expected:
            x = (actual >> np.uint64(32)).astype(np.uint32)
            minima = (a * x[:, None] + b).min(axis=0)
            assert (signature[k] == minima.astype(np.uint16)).all(), text[:200]
        if expected or raw is None:
            assert hashes[k] == content(text), text[:200]


RANGES = st.sampled_from(
    [
        (0x20, 0x7E),
        (0, 0x7F),
        (0x80, 0x7FF),
        (0xE00, 0x10FF),
        (0x3000, 0x9FFF),
        (0xE000, 0xFFFF),
        (0x10000, CODE_POINTS - 1),
    ]
)
CHARACTERS = RANGES.flatmap(
    lambda ends: st.characters(min_codepoint=ends[0], max_codepoint=ends[1])
)
TEXTS = st.lists(st.one_of(CHARACTERS, st.sampled_from(" a\n")), max_size=300).map(
    lambda characters: "".join(c for c in characters if not 0xD800 <= ord(c) < 0xE000)
)


@settings(deadline=None, max_examples=60)
@given(st.lists(TEXTS, min_size=1, max_size=8), st.sampled_from([1, 2, 5, 13, 32, 64]))
@example(["", " ", "\0", "!?", "one", "one two three four", "İ" * 50, "\U000e0101"], 5)
def test_the_kernels_agree_with_the_definition(texts, words):
    """Any Unicode text has the shingles, signature and content hash that the definition gives."""
    check(texts, words=words)


def test_every_code_point_is_folded_as_defined():
    """The kernel folds each code point correctly, inside words, inside blocks and at their ends."""
    points = [chr(code) for code in range(CODE_POINTS) if not 0xD800 <= code < 0xE000]
    texts = ["".join(points[i : i + 40]) for i in range(0, len(points), 40)]
    texts += [f"a{point}b" for point in points[:0x3000]]
    hashes = content_hashes(column([text.encode() for text in texts])).to_pylist()
    assert [k for k, text in enumerate(texts) if hashes[k] != content(text)] == []


def test_words_may_end_anywhere_in_a_block():
    """Words and gaps of every length around 16 and 64 bytes have the right boundaries."""
    r = random.Random(2)
    lengths, gaps = (0, 1, 15, 16, 17, 62, 63, 64, 65, 128), (0, 1, 2, 63)
    texts = ["x" * k + " " * j + "y" * l for k in lengths for j in gaps for l in lengths]
    texts += ["é" * 1000, "日" * 1000, "\u0e01" * 300, "\U00031234" * 200]
    alphabet = "aBé_9Ⱥ日"
    texts += [
        " ".join("".join(r.choices(alphabet, k=r.randrange(1, 40))) for _ in range(r.randrange(60)))
        for _ in range(300)
    ]
    check(texts)


@pytest.mark.parametrize("words", [1, 5, 64])
def test_window_borders_do_not_change_the_hashes(words):
    """Texts of several windows, with words across the borders, have the shingles they should."""
    r = random.Random(3)
    half = shingling.WINDOW_EDGES // 2
    counts = [half - 1, half, half + 1, 2 * half + words, 5 * half]
    texts = [" ".join(str(r.randrange(400)) for _ in range(count)) for count in counts]
    texts += ["日" * (2 * half + 7), "a " * (3 * half) + "b" * 9000 + " c" * half]
    check(texts, words=words)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.binary(max_size=200), min_size=1, max_size=8))
def test_invalid_bytes_are_separators(raw):
    """Invalid UTF-8 is read like Python's replacement character."""
    check([x.decode("utf-8", "replace") for x in raw], raw)


def test_damaged_text_has_the_words_that_python_decodes():
    """Valid text cut at any byte, or with bytes changed, has the words of Python's decoder."""
    r = random.Random(4)
    whole = "Zürich, 日本 ภาษา 𠀀 naïve “quoted” Ⱥ 12".encode() * 3
    raw = [whole[i:j] for i in range(len(whole) // 3) for j in range(60, len(whole), 17)]
    raw += [bytes(r.choice((x, r.randrange(256))) for x in whole) for _ in range(300)]
    tails = ([], [0x80], [0x80, 0x80], [0xBF, 0xBF, 0xBF], [0x8F, 0x41], [0xA0, 0x80, 0x80])
    raw += [bytes([lead, *tail]) + b"ab" for lead in range(0xC0, 0x100) for tail in tails]
    check([x.decode("utf-8", "replace") for x in raw], raw)


def test_dense_blocks_are_folded_as_defined():
    """Blocks with few ASCII bytes, cut or damaged anywhere, have the words they should."""
    r = random.Random(5)
    alphabets = ("юё Я", "شۀ ،", "é日 ", "กา", "ἀa", "日\U00020000", "ｱ\U0001f600 ", "\u0800\u07ff")
    texts = ["".join(r.choices(a, k=r.randrange(1, 300))) for a in alphabets for _ in range(40)]
    check(texts)
    raw = []
    for text in texts:
        whole = bytearray(text.encode() * 2)
        cut = r.randrange(len(whole))
        raw.append(bytes(whole[cut : cut + r.randrange(200)]))
        whole[cut : cut + 3] = r.choice(
            [b"\xe0\x80\x80", b"\xed\xa0\x80", b"\xc1\xbf", b"\xf5", b"\x80", b"\xf0\x8f\x80\x80"]
        )
        raw.append(bytes(whole))
    check([x.decode("utf-8", "replace") for x in raw], raw)


def test_nothing_is_read_past_the_buffer():
    """A text that ends where an unreadable memory page begins can be read."""
    page = mmap.PAGESIZE
    memory = mmap.mmap(-1, 2 * page)
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    assert ctypes.CDLL(None).mprotect(ctypes.c_void_p(address + page), page, 0) == 0
    whole = ("Zürich, 日本 naïve “quoted” words " * 9).encode()
    dense = ("日本 слово" * 30).encode()
    for size in [*range(0, 140, 3), 63, 64, 65, 128, len(whole)]:
        for cut in (whole[:size], whole[-size:] if size else b"", dense[-size:], b"a" * size):
            view = np.frombuffer(memory, np.uint8, len(cut), page - len(cut))
            view[:] = np.frombuffer(cut, np.uint8)
            offsets = np.array([0, len(cut) // 2, len(cut)])
            data = pa.py_buffer(view)
            texts = pa.LargeStringArray.from_buffers(2, pa.py_buffer(offsets), data)
            sets, starts = shingle_sets(texts)
            signature, totals = signatures(texts)
            assert starts[-1] == len(sets)
            assert len(content_hashes(texts)) == len(signature) == len(totals) == 2


def test_columns_of_any_layout_give_the_same_result():
    """Null, sliced, chunked and 32-bit columns give what a plain one does."""
    texts = ["one two", None, "", "three four five six seven eight", "ünï"]
    plain = pa.array([text or "" for text in texts], pa.large_string())
    sets, starts = shingle_sets(plain)
    for kind in (pa.string(), pa.large_string(), pa.string_view()):
        sliced = pa.array(["x", *texts, "y"], kind)[1:-1]
        chunked = pa.chunked_array([pa.array(texts[:2], kind), pa.array(texts[2:], kind)])
        for shaped in (sliced, chunked):
            assert (signatures(shaped)[0] == signatures(plain)[0])[[0, 3, 4]].all()
            assert (shingle_sets(shaped)[0] == sets).all()
            assert (shingle_sets(shaped)[1] == starts).all()
            assert content_hashes(shaped) == content_hashes(plain)
    empty = pa.array([], pa.string())
    assert signatures(empty)[0].shape == (0, 128)
    assert len(content_hashes(empty)) == len(shingle_sets(empty)[0]) == 0
    assert (signatures(pa.array([None, ""], pa.string()))[1] == 0).all()
