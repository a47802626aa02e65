"""langdetect's n-gram profiles, compiled once into tables that a kernel can read.

The profiles ship with the package `langdetect` (Apache-2.0; made by Nakatani Shuyo from
Wikipedia): for each of 55 languages, how often every sequence of one to three letters occurs.
Reading them takes two seconds, so the tables are kept, as `cached` says.
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
    CAPITAL,
    COUNT_BITS,
    DENSE,
    KEY_AT,
    SINGLE,
    SYMBOL_BITS,
    TRIGRAM,
    WIDTH,
    Tables,
)
from corpus.languages.codes import LANGUAGES, code_of
from corpus.languages.scripts import script_table

FLOOR = 0.5 / 10_000
"""langdetect takes no n-gram to be rarer than this: its alpha over its base frequency."""

SCALE = 4096
"""Weights are in units of 1/4096 nat: the greatest, ln(1 + 1 / FLOOR), then fits 16 bits."""

MARKS = "\u0300\u0301\u0303\u0309\u0323"
"""The tone marks of Vietnamese, as characters behind their letter."""

POINTS = 0x20000
"""Symbols are tabled up to here; no profile has more, and the last entry stands for all above."""

CASED_POINTS = 0x590
"""Latin, Greek, Cyrillic and Armenian, whose letters come as capital and small, lie below."""

COMMON = 10
"""An n-gram in so many profiles gets a row for all: adding by vectors is then faster."""

FIRST_MARK = 0x300


class Profiles(NamedTuple):
    """The compiled profiles."""

    tables: Tables
    names: tuple[str, ...]
    """What langdetect calls each profile, sorted."""
    languages: NDArray[np.int64]
    """int64[n_profiles]: the place of each profile's language in LANGUAGES; Chinese has two."""
    typical: NDArray[np.float64]
    """float64[n_profiles]: the mean weight, in nats, of n-grams drawn from the profile itself."""


@cache
def load() -> Profiles:
    """Return the compiled profiles: from the cache folder, else made and put there.

    Raises EnvironmentFault where langdetect is missing.
    """
    folder = model_cache.package("langdetect", "the stage language: where its profiles come from")
    return unpack(
        model_cache.arrays(
            "profiles", (folder,), lambda: pack(compile_profiles(folder / "profiles"))
        )
    )


def pack(profiles: Profiles) -> model_cache.Arrays:
    """Return the profiles as named arrays."""
    arrays = {name: np.asarray(array) for name, array in profiles.tables._asdict().items()}
    return arrays | {"names": np.array(profiles.names), "typical": profiles.typical}


def unpack(arrays: model_cache.Arrays) -> Profiles:
    """Return the profiles from named arrays."""
    tables = Tables(*(arrays[name] for name in Tables._fields))
    return _profiles(tables, [str(name) for name in arrays["names"]], arrays["typical"])


def _profiles(tables: Tables, names: list[str], typical: NDArray[np.float64]) -> Profiles:
    """Return the profiles, each told what language it is of."""
    languages = [LANGUAGES.index(code_of(name)) for name in names]
    return Profiles(tables, tuple(names), np.array(languages, np.int64), typical)


Grams = dict[str, list[tuple[int, float]]]
"""For every n-gram, the profiles that have it, and its share of their n-grams of its length."""


def compile_profiles(folder: Path) -> Profiles:
    """Return the tables made from the profiles in `folder`, which are JSON files."""
    names, grams = _read(folder)
    alphabet = sorted({letter for gram in grams for letter in gram if letter != " "})
    numbers = {" ": 0} | {letter: number for number, letter in enumerate(alphabet, 1)}
    if len(numbers) >= 1 << SYMBOL_BITS or len(names) > WIDTH:
        raise EnvironmentFault(
            "the stage language: the profiles of the installed langdetect have more letters or "
            "languages than fit its tables; run: pip install langdetect==1.0.9"
        )
    moves, entries, sparse, dense = _entries(grams, numbers)
    tables = Tables(
        symbols=_symbols(numbers),
        small=_small(),
        composed=_composed(),
        moves=moves,
        entries=entries,
        sparse=sparse,
        dense=dense,
        scripts=script_table(),
    )
    return _profiles(tables, names, _typical(len(names), grams))


def _read(folder: Path) -> tuple[list[str], Grams]:
    """Return the names of the profiles, sorted, and their n-grams."""
    grams: Grams = {}
    names = sorted(path.name for path in folder.iterdir() if path.is_file())
    for number, name in enumerate(names):
        profile = json.loads((folder / name).read_text("utf-8"))
        totals = profile["n_words"]
        for gram, count in profile["freq"].items():
            if 1 <= len(gram) <= 3:
                grams.setdefault(gram, []).append((number, count / totals[len(gram) - 1]))
    return names, grams


def _entries(
    grams: Grams, numbers: dict[str, int]
) -> tuple[NDArray[np.uint16], NDArray[np.uint64], NDArray[np.uint32], NDArray[np.uint16]]:
    """Return the tables `moves`, `entries`, `sparse` and `dense` of these n-grams."""
    keys: list[int] = []
    found: list[int] = []
    sparse: list[int] = []
    dense: list[list[int]] = []
    for gram in sorted(grams):
        weights = {number: round(np.log1p(share / FLOOR) * SCALE) for number, share in grams[gram]}
        if len(weights) >= COMMON:
            entry = len(dense) << COUNT_BITS | DENSE
            dense.append([weights.get(number, 0) for number in range(WIDTH)])
        else:
            entry = len(sparse) << COUNT_BITS | len(weights)
            sparse += [number << 16 | weight for number, weight in weights.items()]
        key = (SINGLE, 0, TRIGRAM)[len(gram) - 1]
        for place, letter in enumerate(reversed(gram)):
            key |= numbers[letter] << place * SYMBOL_BITS
        keys.append(key)
        found.append(key << KEY_AT | entry)
    moves, places = perfect_hash.place(np.array(keys, np.uint64))
    entries = np.zeros(1 << perfect_hash.BITS, np.uint64)
    entries[places] = np.array(found, np.uint64)
    return moves, entries, np.array(sparse, np.uint32), np.array(dense, np.uint16)


def _symbols(numbers: dict[str, int]) -> NDArray[np.uint16]:
    """Return the symbol of each character, as langdetect folds it: all hiragana are one, say."""
    from langdetect.utils.ngram import NGram

    unknown = len(numbers)
    table = np.full(POINTS, unknown, np.uint16)
    for point in range(POINTS - 1):
        letter = NGram.normalize(chr(point))
        table[point] = numbers.get(letter, unknown) | (CAPITAL if letter.isupper() else 0)
    table[0xD800:0xE000] = 0  # half a surrogate pair is no text
    return table


def _small() -> NDArray[np.uint16]:
    """Return the small letter of each capital, 1 for a small letter, 0 for all else."""
    table = np.zeros(CASED_POINTS, np.uint16)
    for point in range(CASED_POINTS):
        letter = chr(point)
        small = letter.lower()
        if small != letter and len(small) == 1:
            table[point] = ord(small)
        elif letter.islower():
            table[point] = 1
    return table


def _composed() -> NDArray[np.uint16]:
    """Return what langdetect makes of a letter and a Vietnamese tone mark behind it."""
    from langdetect.utils.ngram import NGram

    table = np.zeros((ord(MARKS[-1]) - FIRST_MARK + 1, 0x200), np.uint16)
    for mark in MARKS:
        for point in range(0x200):
            joined = NGram.normalize_vi(chr(point) + mark)
            if len(joined) == 1:
                table[ord(mark) - FIRST_MARK, point] = ord(joined)
    return table


def _typical(n_profiles: int, grams: Grams) -> NDArray[np.float64]:
    """Return the mean weight of an n-gram drawn from each profile; its own texts come close.

    Logarithms are rounded: their last bit differs between processors.
    """
    total, weight = np.zeros(n_profiles), np.zeros(n_profiles)
    for gram in sorted(grams):
        for number, share in grams[gram]:
            total[number] += share
            weight[number] += share * np.round(np.log1p(share / FLOOR), 9)
    return weight / total
