"""langdetect's n-gram profiles, compiled into tables for the kernels of `char_ngrams`.

The profiles ship with the package `langdetect` (Apache-2.0; made by Nakatani Shuyo from
Wikipedia). For each of 55 languages they contain the frequency of every sequence of one to three
letters. Reading them takes two seconds, so the tables are cached (see `model_cache`).
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.errors import EnvironmentFault
from corpus.languages import model_cache, perfect_hash
from corpus.languages.char_ngrams import (
    CAPITAL_FLAG,
    COUNT_BITS,
    DENSE_COUNT,
    KEY_SHIFT,
    N_COLUMNS,
    SYMBOL_BITS,
    TRIGRAM_FLAG,
    UNIGRAM_FLAG,
    NgramTables,
)
from corpus.languages.codes import LANGUAGES, code_of
from corpus.languages.scripts import script_table

MIN_FREQUENCY = 0.5 / 10_000
"""The frequency of an unseen n-gram in langdetect: its alpha over its base frequency."""

SCALE = 4096
"""Weights are in units of 1/4096 nat: the greatest, ln(1 + 1 / MIN_FREQUENCY), fits 16 bits."""

TONE_MARKS = "\u0300\u0301\u0303\u0309\u0323"
"""The tone marks of Vietnamese, as combining characters."""

FIRST_TONE_MARK = 0x300

N_SYMBOL_POINTS = 0x20000
"""Code points in the table of symbols. No profile has a higher one; all higher ones share the last
entry."""

N_CASED_POINTS = 0x590
"""Latin, Greek, Cyrillic and Armenian, the scripts with capitals, lie below this code point."""

MIN_DENSE_PROFILES = 10
"""An n-gram in at least this many profiles gets a dense row, which SIMD adds faster."""


class LangdetectModel(NamedTuple):
    """The compiled profiles."""

    tables: NgramTables
    names: tuple[str, ...]
    """langdetect's name of each profile, sorted."""
    languages: NDArray[np.int64]
    """int64[n_profiles]: each profile's language, as an index of LANGUAGES; Chinese has two."""
    typical_weight: NDArray[np.float64]
    """float64[n_profiles]: the mean weight, in nats, of n-grams drawn from the profile itself."""


@cache
def load() -> LangdetectModel:
    """Return the compiled profiles, from the cache if they are there.

    Raises EnvironmentFault if langdetect is not installed.
    """
    folder = model_cache.package_folder("langdetect", "for its n-gram profiles")
    return from_arrays(
        model_cache.load_arrays(
            "langdetect", (folder,), lambda: to_arrays(compile_profiles(folder / "profiles"))
        )
    )


def to_arrays(model: LangdetectModel) -> model_cache.Arrays:
    """Return the model as named arrays."""
    arrays = {name: np.asarray(array) for name, array in model.tables._asdict().items()}
    return arrays | {"names": np.array(model.names), "typical_weight": model.typical_weight}


def from_arrays(arrays: model_cache.Arrays) -> LangdetectModel:
    """Return the model from named arrays."""
    tables = NgramTables(*(arrays[name] for name in NgramTables._fields))
    return _model(tables, [str(name) for name in arrays["names"]], arrays["typical_weight"])


def _model(
    tables: NgramTables, names: list[str], typical_weight: NDArray[np.float64]
) -> LangdetectModel:
    """Return the model with the language of each profile filled in."""
    languages = [LANGUAGES.index(code_of(name)) for name in names]
    return LangdetectModel(tables, tuple(names), np.array(languages, np.int64), typical_weight)


class NgramFrequencies(NamedTuple):
    """How frequent each n-gram is in each profile that has it: an entry each.

    Entries are sorted by n-gram, and then by profile.
    """

    ngrams: NDArray[np.str_]
    """str[n_ngrams]: the distinct n-grams, sorted."""
    ngram: NDArray[np.int64]
    """int64[n_entries]: the n-gram of each entry, as an index of `ngrams`."""
    profile: NDArray[np.int64]
    """int64[n_entries]"""
    frequency: NDArray[np.float64]
    """float64[n_entries]: its share of the profile's n-grams of its length."""


def compile_profiles(folder: Path) -> LangdetectModel:
    """Return the model compiled from the profiles in `folder`, which are JSON files.

    Raises EnvironmentFault if they do not fit the tables.
    """
    names, frequencies = _read(folder)
    letters = {chr(point) for point in np.unique(_code_points(frequencies.ngrams)).tolist()}
    alphabet = sorted(letters - {"\0", " "})
    symbols = {" ": 0} | {letter: number for number, letter in enumerate(alphabet, 1)}
    if len(symbols) >= 1 << SYMBOL_BITS or len(names) > N_COLUMNS:
        raise EnvironmentFault(
            "the stage 'language': the profiles of the installed langdetect have more letters or "
            "languages than its tables can hold; run: pip install langdetect==1.0.9"
        )
    displacements, entries, sparse, dense = _entries(frequencies, symbols)
    tables = NgramTables(
        symbols=_symbol_table(symbols),
        lowercase=_lowercase_table(),
        composed=_composition_table(),
        displacements=displacements,
        entries=entries,
        sparse=sparse,
        dense=dense,
        scripts=script_table(),
    )
    return _model(tables, names, _typical_weight(len(names), frequencies))


def _read(folder: Path) -> tuple[list[str], NgramFrequencies]:
    """Return the sorted names of the profiles, and the frequencies of their n-grams."""
    names = sorted(path.name for path in folder.iterdir() if path.is_file())
    ngrams: list[str] = []
    n_entries = []
    frequencies = []
    for name in names:
        profile = json.loads((folder / name).read_text("utf-8"))
        counts = {ngram: n for ngram, n in profile["freq"].items() if 1 <= len(ngram) <= 3}
        lengths = np.fromiter(map(len, counts), np.int64, len(counts))
        total = np.array(profile["n_words"], np.float64)[lengths - 1]
        frequencies.append(np.fromiter(counts.values(), np.float64, len(counts)) / total)
        n_entries.append(len(counts))
        ngrams += counts
    distinct, ngram = np.unique(np.array(ngrams, "U3"), return_inverse=True)
    order = np.argsort(ngram, kind="stable")
    profiles = np.repeat(np.arange(len(names)), n_entries)
    return names, NgramFrequencies(
        distinct, ngram[order], profiles[order], np.concatenate(frequencies)[order]
    )


def _code_points(ngrams: NDArray[np.str_]) -> NDArray[np.uint32]:
    """Return the letters of each n-gram, then zeros (uint32[n_ngrams, 3])."""
    return np.ascontiguousarray(ngrams).view(np.uint32).reshape(-1, 3)


def _entries(
    frequencies: NgramFrequencies, symbols: dict[str, int]
) -> tuple[NDArray[np.uint16], NDArray[np.uint64], NDArray[np.uint32], NDArray[np.uint16]]:
    """Return the tables `displacements`, `entries`, `sparse` and `dense` of these n-grams."""
    ngrams, ngram, profile, frequency = frequencies
    weight = np.round(np.log1p(frequency / MIN_FREQUENCY) * SCALE).astype(np.int64)
    n_profiles = np.bincount(ngram, minlength=len(ngrams))
    is_dense = n_profiles >= MIN_DENSE_PROFILES
    in_dense = is_dense[ngram]
    row = np.cumsum(is_dense) - 1
    dense = np.zeros((int(is_dense.sum()), N_COLUMNS), np.uint16)
    dense[row[ngram[in_dense]], profile[in_dense]] = weight[in_dense]
    n_sparse = np.where(is_dense, 0, n_profiles)
    start = np.cumsum(n_sparse) - n_sparse
    entry = np.where(is_dense, row << COUNT_BITS | DENSE_COUNT, start << COUNT_BITS | n_sparse)
    sparse = (profile << 16 | weight)[~in_dense].astype(np.uint32)

    keys = _keys(ngrams, symbols)
    displacements, slots = perfect_hash.assign_slots(keys)
    entries = np.zeros(1 << perfect_hash.SLOT_BITS, np.uint64)
    entries[slots] = keys << np.uint64(KEY_SHIFT) | entry.astype(np.uint64)
    return displacements, entries, sparse, dense


def _keys(ngrams: NDArray[np.str_], symbols: dict[str, int]) -> NDArray[np.uint64]:
    """Return the key of each n-gram: the symbols of its letters, the last one lowest."""
    letters = _code_points(ngrams)
    numbers = np.zeros(int(letters.max(initial=0)) + 1, np.uint64)
    for letter, number in symbols.items():
        if ord(letter) < len(numbers):
            numbers[ord(letter)] = number
    length = (letters != 0).sum(axis=1)
    keys = np.array([0, UNIGRAM_FLAG, 0, TRIGRAM_FLAG], np.uint64)[length]
    for at in range(3):
        place = np.maximum(length - 1 - at, 0) * SYMBOL_BITS
        keys |= np.where(at < length, numbers[letters[:, at]] << place.astype(np.uint64), 0)
    return keys


def _symbol_table(symbols: dict[str, int]) -> NDArray[np.uint16]:
    """Return the symbol of each character after langdetect's folding (all hiragana are one)."""
    unknown = len(symbols)
    table = np.full(N_SYMBOL_POINTS, unknown, np.uint16)
    table[:-1] = [
        symbols.get(letter, unknown) | (CAPITAL_FLAG if letter.isupper() else 0)
        for letter in _folded_letters()
    ]
    table[0xD800:0xE000] = 0  # a lone surrogate is not text
    return table


def _folded_letters() -> list[str]:
    """Return what langdetect makes of each letter below N_SYMBOL_POINTS - 1.

    It searches the block of each. That is left out where a block is folded as a whole, or not.
    """
    from langdetect.utils.ngram import NGram

    letters = [chr(point) for point in range(N_SYMBOL_POINTS - 1)]
    folded = letters[:]
    folded[:0x3400] = map(NGram.normalize, letters[:0x3400])
    folded[0x4E00:0xA000] = [NGram.CJK_MAP.get(letter, letter) for letter in letters[0x4E00:0xA000]]
    folded[0xAC00:0xD7B0] = [NGram.normalize(chr(0xAC00))] * (0xD7B0 - 0xAC00)
    return folded


def _lowercase_table() -> NDArray[np.uint16]:
    """Return the lowercase letter of each capital, 1 for a lowercase letter, 0 for the rest."""
    table = np.zeros(N_CASED_POINTS, np.uint16)
    for point in range(N_CASED_POINTS):
        letter = chr(point)
        lowercase = letter.lower()
        if lowercase != letter and len(lowercase) == 1:
            table[point] = ord(lowercase)
        elif letter.islower():
            table[point] = 1
    return table


def _composition_table() -> NDArray[np.uint16]:
    """Return langdetect's composition of each letter with each Vietnamese tone mark, or 0."""
    from langdetect.utils.ngram import NGram

    table = np.zeros((ord(TONE_MARKS[-1]) - FIRST_TONE_MARK + 1, 0x200), np.uint16)
    for mark in TONE_MARKS:
        for point in range(0x200):
            composed = NGram.normalize_vi(chr(point) + mark)
            if len(composed) == 1:
                table[ord(mark) - FIRST_TONE_MARK, point] = ord(composed)
    return table


def _typical_weight(n_profiles: int, frequencies: NgramFrequencies) -> NDArray[np.float64]:
    """Return the mean weight of an n-gram drawn from each profile; texts in it come close.

    Logarithms are rounded because their last bit differs between processors.
    """
    _, _, profile, frequency = frequencies
    weights = frequency * np.round(np.log1p(frequency / MIN_FREQUENCY), 9)
    total = np.bincount(profile, frequency, minlength=n_profiles)
    return np.bincount(profile, weights, minlength=n_profiles) / total
