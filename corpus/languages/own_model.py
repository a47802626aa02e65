"""Our own model of 346 languages: n-grams of the letters inside words.

langdetect and py3langid know 139 languages, and take a text in any other language for its nearest
relative. This model knows many more, most of them only to say "none of these". Its features are the
1- to 5-grams of letters inside words; the edges of a word count as letters. For each n-gram it has
the languages in which the n-gram is more frequent than on average, with the weight ln(1 + count /
(q * alpha)). Here `q` is the frequency of the n-gram over all languages and `alpha` the weight of
that prior. `own_model.npz` ships with the package; `own_model.md` describes the training data.
`scripts/train_language_model.py` makes both.

An n-gram is identified by a hash of `HASH_BITS` bits. A bit vector, `known`, shows which hashes are
in the model; the number of bits set before a hash is the n-gram's number. That table fits the CPU
cache. Weights are bytes and sums are integers, so they are the same on every machine.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.languages import model_cache
from corpus.languages.scripts import script_table
from corpus.languages.word_memory import MAX_LETTERS, Memories, make_memory
from corpus.languages.word_ngrams import (
    COUNT_BITS,
    DENSE_COUNT,
    HASH_BITS,
    MAX_ORDER,
    sum_word_ngrams,
)
from corpus.shipped_models import read_shipped_model

PATH = Path(__file__).with_name("own_model.npz")

WEIGHT_SCALE = 24
"""Weights are in units of 1/24 nat."""

SCALE = 10 * WEIGHT_SCALE
"""Sums of weights times ORDER_FACTORS are in units of 1/240 nat."""

MIN_DENSE_LANGUAGES = 24
"""An n-gram of at least this many languages has a dense row, which is added once per text."""

MEMORY_BITS = 13
"""The memory has room for 2**13 words, in 12 MB: nine of ten words of news are among the latest."""

ROW_MULTIPLE = 32
"""Rows of weights are padded to a multiple of this, for SIMD."""


_memories = Memories()


class OwnModel(NamedTuple):
    """The model, as the kernel reads it."""

    letters: NDArray[np.uint16]
    """uint16[65536]: the lowercase form of each letter or mark, 0 for the rest. All Hangul are one
    letter, and so are all hiragana and all katakana: they have too many n-grams, and their script
    already identifies the language."""
    scripts: NDArray[np.uint8]
    """uint8[n_code_points]: not 0 for letters above U+FFFF."""
    known: NDArray[np.uint64]
    """uint64[2**HASH_BITS / 32]: for 32 hashes, one bit each for whether it is in the model; in the
    upper half, the number of n-grams before these."""
    start: NDArray[np.uint32]
    """uint32[n_ngrams + 1]: where the languages of an n-gram begin in `sparse`, << 6 | their
    number; or its row in `dense`, << 6 | DENSE_COUNT. The last is 0, for hashes after all
    n-grams."""
    sparse: NDArray[np.uint32]
    """uint32[n_entries]: language << 8 | weight."""
    dense: NDArray[np.uint8]
    """uint8[n_dense, n_languages]"""
    base: NDArray[np.int32]
    """int32[MAX_ORDER, n_languages]: what each known n-gram adds, in units of 1/SCALE: the
    logarithm of the prior's share in a language of this size."""
    languages: NDArray[np.str_]
    """str[n_languages]: codes, sorted. A language in two scripts has two (`sr-Cyrl`, `sr-Latn`);
    padding has ""."""


@cache
def load() -> OwnModel:
    """Return the model that ships with the package, from the cache if it is there."""
    arrays = model_cache.load_arrays("own", (PATH,), lambda: unpack(shipped_arrays())._asdict())
    return OwnModel(**arrays)


def sum_weights(
    points: NDArray[np.uint32],
    counts: NDArray[np.int64],
    selected: NDArray[np.bool_],
    model: OwnModel,
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Return the summed weights and the size of each selected text, zeros for the others.

    Shapes and units are those of `word_ngrams.sum_word_ngrams`.
    """
    sums = np.zeros((len(counts), model.base.shape[1]), np.int32)
    sizes = np.zeros(len(counts), np.int64)
    max_ngrams = MAX_ORDER * (points.shape[1] + 1)
    memory = _memories.of(model, lambda: make_memory(MEMORY_BITS, model.base.shape[1]))
    sum_word_ngrams(
        points,
        counts,
        selected,
        *model[:-1],
        np.zeros(max_ngrams, np.uint64),
        np.zeros(len(model.dense), np.int32),
        np.zeros(max_ngrams, np.int32),
        np.zeros(model.base.shape[1], np.uint16),
        np.zeros(MAX_ORDER, np.int32),
        np.zeros(points.shape[1] + 1 + MAX_LETTERS, np.uint16),
        *memory,
        sums,
        sizes,
    )
    return sums, sizes


def shipped_arrays() -> model_cache.Arrays:
    """Return the packed arrays of the model that ships with the package."""
    return read_shipped_model(PATH, dict)


def pack(
    languages: list[str],
    hashes: NDArray[np.int64],
    entries: list[tuple[NDArray[np.int64], NDArray[np.uint8]]],
    base: NDArray[np.int32],
) -> model_cache.Arrays:
    """Return the arrays to ship, as small numbers that compress well.

    `hashes` are those of the n-grams in the model, sorted; `entries` has, for each language, the
    numbers of its n-grams in ascending order, and their weights.
    """
    gaps = np.concatenate([np.diff(numbers, prepend=0) for numbers, _ in entries])
    return {
        "languages": np.array(languages),
        "grams": _split_bytes(np.diff(hashes, prepend=0)),
        "counts": np.array([len(numbers) for numbers, _ in entries], np.uint32),
        "gaps": _split_bytes(gaps),
        "weights": np.concatenate([weights for _, weights in entries]),
        "base": base.astype(np.int32),
    }


def _split_bytes(numbers: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Return numbers below 2**24 as bytes, all lowest bytes first (uint8[3, n])."""
    return np.stack([numbers >> shift & 0xFF for shift in (0, 8, 16)]).astype(np.uint8)


def _join_bytes(parts: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return the numbers that `_split_bytes` split."""
    return sum(part.astype(np.int64) << 8 * place for place, part in enumerate(parts))


def unpack(arrays: model_cache.Arrays) -> OwnModel:
    """Return the model from the arrays that `pack` made."""
    hashes = np.cumsum(_join_bytes(arrays["grams"]))
    counts = arrays["counts"].astype(np.int64)
    gaps = _join_bytes(arrays["gaps"])
    ends = np.cumsum(counts)
    numbers = [np.cumsum(gaps[end - count : end]) for count, end in zip(counts, ends, strict=True)]
    number = np.concatenate(numbers)
    n_languages = np.bincount(number, minlength=len(hashes))
    # Sorted by n-gram and then by language: each n-gram occurs once in a language.
    free = np.cumsum(n_languages) - n_languages
    place = np.zeros(len(number), np.int64)
    for count, end, ngrams in zip(counts, ends, numbers, strict=True):
        place[end - count : end] = free[ngrams]
        free[ngrams] += 1
    language = np.zeros(len(number), np.int64)
    language[place] = np.repeat(np.arange(len(counts)), counts)
    weight = np.zeros(len(number), np.uint8)
    weight[place] = arrays["weights"]
    number = np.repeat(np.arange(len(hashes)), n_languages)

    width = -(-len(counts) // ROW_MULTIPLE) * ROW_MULTIPLE
    is_dense = n_languages >= MIN_DENSE_LANGUAGES
    row = np.cumsum(is_dense) - 1
    in_dense = is_dense[number]
    dense = np.zeros((int(is_dense.sum()), width), np.uint8)
    dense[row[number[in_dense]], language[in_dense]] = weight[in_dense]
    n_sparse = np.where(is_dense, 0, n_languages)
    begin = np.cumsum(n_sparse) - n_sparse
    start = np.where(is_dense, row << COUNT_BITS | DENSE_COUNT, begin << COUNT_BITS | n_sparse)
    base = np.zeros((MAX_ORDER, width), np.int32)
    base[:, : len(counts)] = arrays["base"]
    return OwnModel(
        letter_table(),
        script_table(),
        _known_table(hashes),
        np.append(start, 0).astype(np.uint32),
        (language << 8 | weight)[~in_dense].astype(np.uint32),
        dense,
        base,
        np.array([*arrays["languages"].tolist(), *[""] * (width - len(counts))]),
    )


def _known_table(hashes: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return the field `known` for the hashes of a model."""
    bits = np.zeros(1 << HASH_BITS, np.uint8)
    bits[hashes] = 1
    words = np.packbits(bits, bitorder="little").view("<u4").astype(np.uint64)
    per_word = bits.reshape(-1, 32).sum(axis=1, dtype=np.uint64)
    return words | (np.cumsum(per_word) - per_word) << np.uint64(32)


def letter_table() -> NDArray[np.uint16]:
    """Return the field `letters`: the folded form of each letter and mark (uint16[65536])."""
    table = np.zeros(1 << 16, np.uint16)
    for point, letter in enumerate(map(chr, range(1 << 16))):
        if unicodedata.category(letter)[0] in "LM":
            lowercase = letter.lower()
            table[point] = ord(lowercase) if len(lowercase) == 1 else point
    for first, last in ((0xAC00, 0xD7A3), (0x3041, 0x309F), (0x30A1, 0x30FF)):
        table[(table >= first) & (table <= last)] = first
    return table
