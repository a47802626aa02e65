"""Our own model: what the letters inside words say, in 345 languages; the third voice.

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

from corpus.kernels import njit
from corpus.languages import cached
from corpus.languages.scripts import script_table

PATH = Path(__file__).with_name("own.npz")

BITS = 22
"""N-grams are told apart by so many bits of their hash."""

ORDERS = 5
"""The longest n-gram, in letters."""

FACTORS = (3, 6, 10, 10, 10)
"""What a unigram, a bigram and so on weigh, in tenths: they overlap, and short ones tell less."""

STEP = 24
"""Weights are in units of 1/24 nat, sums of them times FACTORS in units of 1/240."""

SCALE = 10 * STEP

COMMON = 24
"""An n-gram of so many languages has a row for all; it is added once, however often it is met."""

LANES = 32

SPREAD = 0x9E3779B97F4A7C15
MIX = 0xFF51AFD7ED558CCD


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
    """uint32[n_grams]: where an n-gram's languages begin in `sparse`, << 6 | how many they are; or
    its row of `dense`, << 6 | DENSE."""
    sparse: NDArray[np.uint32]
    """uint32[n_entries]: language << 8 | weight."""
    dense: NDArray[np.uint8]
    """uint8[n_common, n_languages]"""
    base: NDArray[np.int32]
    """int32[ORDERS, n_languages]: what an n-gram adds by not being rare, in units of 1/SCALE."""
    languages: NDArray[np.str_]
    """str[n_languages]: codes, sorted; empty ones fill up a multiple of LANES."""


COUNT_BITS = 6
DENSE = (1 << COUNT_BITS) - 1


@cache
def load() -> Words:
    """Return the tables: from the cache folder, else made and put there."""
    return Words(**cached.arrays("words", (PATH,), lambda: unpack(shipped())._asdict()))


def shipped() -> cached.Arrays:
    """Return the arrays of the model that ships with the package."""
    return cached.from_bytes(PATH.read_bytes())


def pack(
    languages: list[str],
    grams: NDArray[np.int64],
    entries: list[tuple[NDArray[np.int64], NDArray[np.uint8]]],
    base: NDArray[np.int32],
) -> cached.Arrays:
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


def unpack(arrays: cached.Arrays) -> Words:
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
        start.astype(np.uint32),
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


@njit
def hash_words(
    points: NDArray[np.uint32],
    count: int,
    letters: NDArray[np.uint16],
    scripts: NDArray[np.uint8],
    grams: NDArray[np.uint32],
) -> int:
    """Write the n-grams of a text, each `order - 1 << BITS | hash`; return how many.

    `grams` (uint32) has room for 5 times `count` + 1. An n-gram is read backwards from its last
    letter, so each is one step from the one before. The edge of a word is the letter 0; it is no
    n-gram by itself.
    """
    last = np.zeros(ORDERS, np.uint64)
    length = 1  # the letters of the word so far, its edge included
    n_grams = 0
    for at in range(count + 1):
        point = points[at] if at < count else np.uint32(0)
        letter = np.uint64(0)
        if point < 0x10000:
            letter = np.uint64(letters[point])
        elif point < len(scripts) and scripts[point] != 0:
            letter = np.uint64(point)
        if letter == 0 and length == 1:
            continue
        for place in range(ORDERS - 1, 0, -1):
            last[place] = last[place - 1]
        last[0] = letter
        length = min(length + 1, ORDERS)
        hashed = np.uint64(SPREAD)
        for order in range(length):
            hashed = (hashed ^ (last[order] + np.uint64(order + 1) << np.uint64(24))) * np.uint64(
                MIX
            )
            hashed ^= hashed >> np.uint64(31)
            if order == 0 and letter == 0:
                continue
            grams[n_grams] = np.uint32(order << BITS) | np.uint32(
                hashed * np.uint64(SPREAD) >> np.uint64(64 - BITS)
            )
            n_grams += 1
        if letter == 0:
            length = 1
            last[:] = 0
    return n_grams


@njit
def weigh_words(
    points: NDArray[np.uint32],
    counts: NDArray[np.int64],
    asked: NDArray[np.bool_],
    letters: NDArray[np.uint16],
    scripts: NDArray[np.uint8],
    known: NDArray[np.uint64],
    start: NDArray[np.uint32],
    sparse: NDArray[np.uint32],
    dense: NDArray[np.uint8],
    base: NDArray[np.int32],
    sums: NDArray[np.int32],
    sizes: NDArray[np.int64],
) -> None:
    """Add up what the n-grams of those texts say that are `asked` about, into zeros.

    sums int32[n_texts, n_languages] in units of 1/SCALE; sizes int64[n_texts], the factors of the
    known n-grams, in tenths. About 60 ns for a character. The tables come one by one: from a
    tuple of arrays, the compiler makes loops that take ten times as long.
    """
    grams = np.empty(ORDERS * (points.shape[1] + 1), np.uint32)
    met = np.empty(len(grams), np.int32)
    hits = np.zeros(len(dense), np.int32)
    for text in range(len(counts)):
        if asked[text]:
            n_grams = hash_words(points[text], counts[text], letters, scripts, grams)
            sizes[text] = add(
                grams,
                n_grams,
                known,
                start,
                sparse,
                dense,
                base,
                hits,
                met,
                sums[text],
            )


@njit
def add(
    grams: NDArray[np.uint32],
    n_grams: int,
    known: NDArray[np.uint64],
    start: NDArray[np.uint32],
    sparse: NDArray[np.uint32],
    dense: NDArray[np.uint8],
    base: NDArray[np.int32],
    hits: NDArray[np.int32],
    met: NDArray[np.int32],
    sums: NDArray[np.int32],
) -> int:
    """Add the weights of all n-grams to `sums`; return what they weigh together, in tenths."""
    n_known = np.zeros(ORDERS, np.int64)
    n_met = 0
    for number in range(n_grams):
        order = np.int64(grams[number] >> np.uint32(BITS))
        slot = grams[number] & np.uint32((1 << BITS) - 1)
        word = known[slot >> np.uint32(5)]
        bit = np.uint64(slot & np.uint32(31))
        if (word >> bit) & np.uint64(1) == 0:
            continue
        n_known[order] += 1
        factor = np.int32(FACTORS[order])
        lower = _ones(word & ((np.uint64(1) << bit) - np.uint64(1)))
        gram = np.int64(word >> np.uint64(32)) + lower
        first = np.int64(start[gram] >> np.uint32(COUNT_BITS))
        count = np.int64(start[gram] & np.uint32(DENSE))
        if count == DENSE:
            row = first
            if hits[row] == 0:
                met[n_met] = row
                n_met += 1
            hits[row] += factor
            continue
        for at in range(first, first + count):
            entry = sparse[at]
            sums[entry >> np.uint32(8)] += factor * np.int32(entry & np.uint32(0xFF))
    for number in range(n_met):
        row = met[number]
        times = np.int32(hits[row])  # not `factor`: one variable, one type, and 64 bits are slow
        hits[row] = 0
        weights = dense[row]
        for at in range(len(sums)):
            sums[at] += times * np.int32(weights[at])
    size = 0
    for place in range(ORDERS):
        size += int(n_known[place]) * FACTORS[place]
        for at in range(len(sums)):
            sums[at] += np.int32(n_known[place]) * base[place, at]
    return size


@njit
def _ones(word: np.uint64) -> int:
    """Return how many bits of a word are set."""
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + (
        (word >> np.uint64(2)) & np.uint64(0x3333333333333333)
    )
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return int((word * np.uint64(0x0101010101010101)) >> np.uint64(56))
