"""Our own model: what the letters inside words say, in 346 languages; the third voice.

The two other voices know 139 languages, and take a text in any other one for its nearest relative.
This one knows many more, most of them only to say "none of these". It has the 1- to 5-grams of
letters inside words, the edges of a word counting as letters, and for each n-gram the languages
that have it oftener than others: ln(1 + count / (q alpha)), with `q` the n-gram's share over all
languages and `alpha` the weight of that prior. `own.npz` ships with the package, `own.md` says what
it was trained on; `scripts/train_language_model.py` makes both.

An n-gram is known by a hash of `BITS` bits; one bit of `known` for each says whether it is in the
model, and counting the bits before it gives its number: a table that stays in the processor's
cache. Weights are bytes, sums are integers: the same bits on every machine.
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
from corpus.languages.word_ngrams import BITS, COUNT_BITS, DENSE, ORDERS, weigh_words

PATH = Path(__file__).with_name("own_model.npz")

STEP = 24
"""Weights are in units of 1/24 nat, sums of them times FACTORS in units of 1/240."""

SCALE = 10 * STEP

COMMON = 24
"""An n-gram of so many languages has a row for all; it is added once, however often it is met."""

LANES = 32


class Words(NamedTuple):
    """The model, as the kernel reads it."""

    letters: NDArray[np.uint16]
    """uint16[65536]: each letter or mark as a small letter, 0 for all else; Hangul and kana as one
    letter each, since their n-grams are too many and their script tells the language."""
    scripts: NDArray[np.uint8]
    """uint8[points]: not 0 for the letters beyond those."""
    known: NDArray[np.uint64]
    """uint64[2**BITS / 32]: for 32 hashes, a bit each for whether an n-gram of the model has it; in
    the upper half, how many n-grams there are before these."""
    start: NDArray[np.uint32]
    """uint32[n_grams + 1]: where an n-gram's languages begin in `sparse`, << 6 | how many they are;
    or its row of `dense`, << 6 | DENSE; a last 0 for hashes behind all n-grams."""
    sparse: NDArray[np.uint32]
    """uint32[n_entries]: language << 8 | weight."""
    dense: NDArray[np.uint8]
    """uint8[n_common, n_languages]"""
    base: NDArray[np.int32]
    """int32[ORDERS, n_languages]: what an n-gram adds by not being rare, in units of 1/SCALE."""
    languages: NDArray[np.str_]
    """str[n_languages]: codes, sorted; a language of two scripts has a code for each (`sr-Cyrl`,
    `sr-Latn`); empty ones fill up a multiple of LANES."""


@cache
def load() -> Words:
    """Return the tables: from the cache folder, else made and put there."""
    return Words(**model_cache.arrays("words", (PATH,), lambda: unpack(shipped())._asdict()))


def weigh(
    points: NDArray[np.uint32], counts: NDArray[np.int64], asked: NDArray[np.bool_], model: Words
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Return what the n-grams of each text add up to that is asked about, and its size.

    As `word_grams.weigh_words` has them.
    """
    sums = np.zeros((len(counts), model.base.shape[1]), np.int32)
    sizes = np.zeros(len(counts), np.int64)
    n_grams = ORDERS * (points.shape[1] + 1)
    weigh_words(
        points,
        counts,
        asked,
        *model[:-1],
        np.zeros(n_grams, np.uint64),
        np.zeros(len(model.dense), np.int32),
        np.zeros(n_grams, np.int32),
        np.zeros(ORDERS, np.int32),
        sums,
        sizes,
    )
    return sums, sizes


def shipped() -> model_cache.Arrays:
    """Return the arrays of the model that ships with the package."""
    return model_cache.from_npz(PATH.read_bytes())


def pack(
    languages: list[str],
    grams: NDArray[np.int64],
    entries: list[tuple[NDArray[np.int64], NDArray[np.uint8]]],
    base: NDArray[np.int32],
) -> model_cache.Arrays:
    """Return the arrays to ship: small numbers, which compress well.

    `grams` are the hashes in the model, sorted; `entries` has for each language the numbers of its
    n-grams, rising, and their weights.
    """
    gaps = np.concatenate([np.diff(numbers, prepend=0) for numbers, _ in entries])
    return {
        "languages": np.array(languages),
        "grams": _bytes(np.diff(grams, prepend=0)),
        "counts": np.array([len(numbers) for numbers, _ in entries], np.uint32),
        "gaps": _bytes(gaps),
        "weights": np.concatenate([weights for _, weights in entries]),
        "base": base.astype(np.int32),
    }


def _bytes(numbers: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Return numbers below 2**24 byte by byte, all lowest bytes first (uint8[3, n])."""
    return np.stack([numbers >> shift & 0xFF for shift in (0, 8, 16)]).astype(np.uint8)


def _numbers(parts: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return the numbers that `_bytes` took apart."""
    return sum(part.astype(np.int64) << 8 * place for place, part in enumerate(parts))


def unpack(arrays: model_cache.Arrays) -> Words:
    """Return the tables of a model, from the arrays that `pack` made."""
    grams = np.cumsum(_numbers(arrays["grams"]))
    counts = arrays["counts"].astype(np.int64)
    gaps = _numbers(arrays["gaps"])
    ends = np.cumsum(counts)
    parts = zip(counts, ends, strict=True)
    number = np.concatenate([np.cumsum(gaps[end - count : end]) for count, end in parts])
    language = np.repeat(np.arange(len(counts)), counts)
    order = np.argsort(number, kind="stable")
    language, weight = language[order], arrays["weights"][order]
    number = number[order]

    width = -(-len(counts) // LANES) * LANES
    many = np.bincount(number, minlength=len(grams))
    common = many >= COMMON
    row = np.cumsum(common) - 1
    in_row = common[number]
    dense = np.zeros((int(common.sum()), width), np.uint8)
    dense[row[number[in_row]], language[in_row]] = weight[in_row]
    few = np.where(common, 0, many)
    begin = np.cumsum(few) - few
    start = np.where(common, row << COUNT_BITS | DENSE, begin << COUNT_BITS | few)
    bits = np.zeros(1 << BITS, np.uint8)
    bits[grams] = 1
    flags = np.packbits(bits, bitorder="little").view("<u4").astype(np.uint64)
    here = bits.reshape(-1, 32).sum(axis=1, dtype=np.uint64)
    base = np.zeros((ORDERS, width), np.int32)
    base[:, : len(counts)] = arrays["base"]
    return Words(
        folded(),
        script_table(),
        flags | (np.cumsum(here) - here) << np.uint64(32),
        np.append(start, 0).astype(np.uint32),
        (language << 8 | weight)[~in_row].astype(np.uint32),
        dense,
        base,
        np.array([*arrays["languages"].tolist(), *[""] * (width - len(counts))]),
    )


def folded() -> NDArray[np.uint16]:
    """Return each letter and mark as a small letter, 0 for all else (uint16[65536])."""
    table = np.zeros(1 << 16, np.uint16)
    for point in range(1 << 16):
        letter = chr(point)
        if unicodedata.category(letter)[0] not in "LM":
            continue
        small = letter.lower()
        folded = ord(small) if len(small) == 1 else point
        for first, last in ((0xAC00, 0xD7A3), (0x3041, 0x309F), (0x30A1, 0x30FF)):
            if first <= folded <= last:
                folded = first
        table[point] = folded
    return table
