"""py3langid's model, run by a kernel: the second voice.

The package `py3langid` (BSD-3-Clause; Adrien Barbaresi, after Marco Lui's langid.py) ships a naive
Bayes model of 139 languages. An automaton reads the bytes of a text; some of its states are
features, sequences of bytes that tell languages apart. A feature met `c` times adds
ln(1 + c) times its weight to every language.

The weights come as half-precision floats between -16 and -2, all of them multiples of 1/512, so
integers hold them as they are. Of each feature its mean weight is taken off, which changes no
difference between languages and keeps the numbers small. The sums are of integers: the same bits
on every machine. Unpacking the model takes a second, so the tables are kept as `cached` says.
"""

from __future__ import annotations

import lzma
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.errors import EnvironmentFault
from corpus.kernels import njit
from corpus.languages import cached
from corpus.languages.codes import code_of

SCALE = 512
"""Weights are in units of 1/512 nat."""

COUNT_SCALE = 256
"""The logarithms of counts are in units of 1/256."""

MOST_COUNTED = 4096
"""A feature met more often counts as met so often."""

TOGETHER = 180
"""So many features are summed in 32 bits before 64 have to hold them; see `test_walks`."""

LANES = 16
"""Rows of weights are filled up to a multiple of this, for adding by vectors."""


class Walks(NamedTuple):
    """The model, as the kernel reads it."""

    moves: NDArray[np.uint32]
    """uint32[n_rows * 256]: the next state, by row and byte."""
    row: NDArray[np.uint16]
    """uint16[n_states]: each state's row of `moves`."""
    feature: NDArray[np.int32]
    """int32[n_states]: the feature that is found in a state, -1 for none."""
    weights: NDArray[np.int16]
    """int16[n_features, n_classes]: in units of 1/SCALE."""
    prior: NDArray[np.int64]
    """int64[n_classes]: in units of 1 / SCALE / COUNT_SCALE."""
    logarithms: NDArray[np.int32]
    """int32[MOST_COUNTED + 1]: ln(1 + count), in units of 1/COUNT_SCALE."""
    classes: NDArray[np.str_]
    """str[n_classes]: our code of each class; some languages have two, empty ones fill up."""


@cache
def load() -> Walks:
    """Return the tables: from the cache folder, else made and put there.

    Raises EnvironmentFault where the package is missing, or its model is another kind.
    """
    folder = cached.package("py3langid", "the stage language: its second opinion")
    arrays = cached.arrays("walks", (folder,), lambda: compile_walks(folder)._asdict())
    return Walks(**arrays)


def compile_walks(folder: Path) -> Walks:
    """Return the tables made from the model that the package in `folder` ships."""
    try:
        with lzma.open(folder / "data" / "model.npz.xz") as file:
            data = np.load(cached.whole(file), allow_pickle=False)
            weights, prior, classes = data["ptc"], data["pc"], data["classes"]
            moves, row, feature = data["nextmove"], data["nextmove_row"], data["out_feat"]
    except (OSError, EOFError, KeyError, ValueError, lzma.LZMAError) as error:
        raise EnvironmentFault(
            f"the stage language: the model of the installed py3langid cannot be read ({error}); "
            "run: pip install py3langid==0.4.0, or set `backend: profiles`"
        ) from error
    width = -(-len(classes) // LANES) * LANES
    table = np.zeros((len(weights), width), np.int16)
    exact = weights.astype(np.float64) * SCALE
    centred = exact - np.round(exact.mean(axis=1, keepdims=True))
    table[:, : len(classes)] = np.round(centred)
    scaled = np.zeros(width, np.int64)
    scaled[: len(classes)] = np.round(prior.astype(np.float64) * SCALE * COUNT_SCALE)
    counts = np.arange(MOST_COUNTED + 1)
    ours = [code_of(str(name)) for name in classes] + [""] * (width - len(classes))
    return Walks(
        np.ascontiguousarray(moves, np.uint32).ravel(),
        np.ascontiguousarray(row, np.uint16),
        np.ascontiguousarray(feature, np.int32),
        table,
        scaled,
        np.round(np.log1p(counts) * COUNT_SCALE).astype(np.int32),
        np.array(ours),
    )


@njit
def walk_texts(
    points: NDArray[np.uint32],
    counts: NDArray[np.int64],
    moves: NDArray[np.uint32],
    row: NDArray[np.uint16],
    feature: NDArray[np.int32],
    weights: NDArray[np.int16],
    prior: NDArray[np.int64],
    logarithms: NDArray[np.int32],
    sums: NDArray[np.int64],
    sizes: NDArray[np.int64],
) -> None:
    """Add up the weights of each text's features, and the priors, into zeros.

    sums int64[n_texts, n_classes] in units of 1 / SCALE / COUNT_SCALE; sizes int64[n_texts], the
    bytes of UTF-8 that were read. About 10 ns for a byte and 40 ns for a feature. The tables come
    one by one: from a tuple of arrays, the compiler makes loops that take several times as long.
    """
    starts, data = encode(points, counts)
    found = np.empty(len(data), np.int32)
    walk(data, starts, moves, row, feature, found)
    seen = np.zeros(len(weights), np.int32)
    met = np.empty(4 * points.shape[1], np.int32)
    for text in range(len(counts)):
        sizes[text] = starts[text + 1] - starts[text]
        n_met = 0
        for at in range(starts[text], starts[text + 1]):
            here = found[at]
            if here >= 0:
                if seen[here] == 0:
                    met[n_met] = here
                    n_met += 1
                seen[here] += 1
        if n_met:
            weigh(n_met, met, seen, weights, logarithms, sums[text])
            for number in range(len(prior)):
                sums[text, number] += prior[number]


@njit
def encode(
    points: NDArray[np.uint32], counts: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Return where each text's bytes begin (int64[n_texts + 1]), and the bytes, UTF-8, of all."""
    starts = np.zeros(len(counts) + 1, np.int64)
    for text in range(len(counts)):
        size = 0
        for at in range(counts[text]):
            point = points[text, at]
            size += 1 + (point >= 0x80) + (point >= 0x800) + (point >= 0x10000)
        starts[text + 1] = starts[text] + size
    data = np.empty(starts[-1], np.uint8)
    end = 0
    for text in range(len(counts)):
        for at in range(counts[text]):
            point = points[text, at]
            if point < 0x80:
                data[end] = point
                end += 1
                continue
            length = 2 if point < 0x800 else 3 if point < 0x10000 else 4
            # the first byte tells the length, the others begin with 10
            first = np.uint32((0xF00 >> length) & 0xFF)
            data[end] = first | point >> np.uint32(6 * (length - 1))
            for place in range(1, length):
                shift = np.uint32(6 * (length - 1 - place))
                data[end + place] = np.uint32(0x80) | point >> shift & np.uint32(0x3F)
            end += length
    return starts, data


@njit
def walk(
    data: NDArray[np.uint8],
    starts: NDArray[np.int64],
    moves: NDArray[np.uint32],
    row: NDArray[np.uint16],
    feature: NDArray[np.int32],
    found: NDArray[np.int32],
) -> None:
    """Write the feature that is found at each byte, -1 for none (int32[n_bytes]).

    Each step waits for memory: the table of moves is too large for a processor's cache. So four
    walks go side by side, each over a quarter of the bytes, from the start of a text on.
    """
    fresh = np.zeros(len(data) + 1, np.bool_)
    for text in range(len(starts)):
        fresh[starts[text]] = True
    bounds = np.zeros(5, np.int64)
    for lane in range(1, 5):
        at = len(data) * lane // 4
        while not fresh[at]:
            at += 1
        bounds[lane] = at
    a, b, c, d = bounds[0], bounds[1], bounds[2], bounds[3]
    in_a, in_b, in_c, in_d = np.int64(0), np.int64(0), np.int64(0), np.int64(0)
    shortest = min(b - a, c - b, d - c, bounds[4] - d)
    for _ in range(shortest):
        in_a = _step(in_a, a, data, fresh, moves, row)
        in_b = _step(in_b, b, data, fresh, moves, row)
        in_c = _step(in_c, c, data, fresh, moves, row)
        in_d = _step(in_d, d, data, fresh, moves, row)
        found[a], found[b] = feature[in_a], feature[in_b]
        found[c], found[d] = feature[in_c], feature[in_d]
        a, b, c, d = a + 1, b + 1, c + 1, d + 1
    states = (in_a, in_b, in_c, in_d)
    places = (a, b, c, d)
    for lane in range(4):
        state = states[lane]
        for at in range(places[lane], bounds[lane + 1]):
            state = _step(state, at, data, fresh, moves, row)
            found[at] = feature[state]


@njit(inline="always")
def _step(
    state: int,
    at: int,
    data: NDArray[np.uint8],
    fresh: NDArray[np.bool_],
    moves: NDArray[np.uint32],
    row: NDArray[np.uint16],
) -> int:
    """Return the next state; the first byte of a text is read in the first one."""
    before = np.int64(0) if fresh[at] else state
    return int(moves[(np.int64(row[before]) << 8) + data[at]])


@njit
def weigh(
    n_met: int,
    met: NDArray[np.int32],
    seen: NDArray[np.int32],
    weights: NDArray[np.int16],
    logarithms: NDArray[np.int32],
    sums: NDArray[np.int64],
) -> None:
    """Add the weights of the features met to `sums`, and set their counts to 0."""
    partial = np.zeros(len(sums), np.int32)
    for first in range(0, n_met, TOGETHER):
        partial[:] = 0
        for number in range(first, min(n_met, first + TOGETHER)):
            found = met[number]
            factor = logarithms[min(seen[found], MOST_COUNTED)]
            seen[found] = 0
            row = weights[found]
            for at in range(len(partial)):
                partial[at] += factor * np.int32(row[at])
        for at in range(len(partial)):
            sums[at] += partial[at]
