"""py3langid's model, run by a kernel (see `walk_bytes`): the second voice.

The package `py3langid` (BSD-3-Clause; Adrien Barbaresi, after Marco Lui's langid.py) ships a naive
Bayes model of 139 languages. An automaton (Aho and Corasick, 1975) reads the bytes of a text; some
of its states are features, sequences of bytes that tell languages apart. A feature met `c` times
adds ln(1 + c) times its weight to every language.

The state behind a byte is the longest sequence ending there that the automaton knows, of at most
six bytes. So instead of walking, state by state, through a table of 40 MB, the kernel looks all
those sequences up in a small one (see `slots`), which does not have to wait for the byte before.

Of each feature its least weight is taken off, which changes no difference between languages; what
is left, up to 12.25, is held to a twentieth, in a byte. The sums are of integers: the same bits on
every machine. Unpacking the model takes a second, so the tables are kept as `cached` says.
"""

from __future__ import annotations

import lzma
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.errors import EnvironmentFault
from corpus.languages import model_cache, perfect_hash
from corpus.languages.byte_ngrams import LONGEST, MOST_COUNTED, mark, walk_texts
from corpus.languages.codes import code_of

SCALE = 20
"""Weights are in units of 1/20 nat."""

COUNT_SCALE = 256
"""The logarithms of counts are in units of 1/256."""

LANES = 16
"""Rows of weights are filled up to a multiple of this, for adding by vectors."""


class Walks(NamedTuple):
    """The model, as the kernel reads it."""

    moves: NDArray[np.uint16]
    """uint16[2**BUCKET_BITS]: where each sequence's slot is, see `slots`."""
    marks: NDArray[np.uint16]
    """uint16[2**BITS]: a part of each sequence's hash, small enough to stay at hand."""
    keys: NDArray[np.uint64]
    """uint64[2**BITS]: the sequence in each slot, its last byte lowest."""
    features: NDArray[np.int32]
    """int32[2**BITS + 1]: the feature in each slot, `n_features` for none."""
    weights: NDArray[np.uint8]
    """uint8[n_features + 1, n_classes]: in units of 1/SCALE; features that are frequent first."""
    prior: NDArray[np.int32]
    """int32[n_classes]: in units of 1 / SCALE / COUNT_SCALE."""
    logarithms: NDArray[np.int32]
    """int32[MOST_COUNTED + 1]: ln(1 + count), in units of 1/COUNT_SCALE."""
    classes: NDArray[np.str_]
    """str[n_classes]: our code of each class; some languages have two, empty ones fill up."""


@cache
def load() -> Walks:
    """Return the tables: from the cache folder, else made and put there.

    Raises EnvironmentFault where the package is missing, or its model is another kind.
    """
    folder = model_cache.package("py3langid", "the stage language: its second opinion")
    arrays = model_cache.arrays("walks", (folder,), lambda: compile_walks(folder)._asdict())
    return Walks(**arrays)


def compile_walks(folder: Path) -> Walks:
    """Return the tables made from the model that the package in `folder` ships."""
    try:
        with lzma.open(folder / "data" / "model.npz.xz") as file:
            data = np.load(model_cache.whole(file), allow_pickle=False)
            model = {name: data[name] for name in data.files}
        exact, classes = model["ptc"].astype(np.float64), model["classes"]
        found = model["out_feat"].astype(np.int64)
        sequences = _sequences(model["nextmove"].reshape(-1, 256), model["nextmove_row"])
    except (OSError, EOFError, KeyError, ValueError, lzma.LZMAError) as error:
        raise EnvironmentFault(
            f"the stage language: the model of the installed py3langid cannot be read ({error}); "
            "run: pip install py3langid==0.4.0, or set `backend: profiles`"
        ) from error
    width = -(-len(classes) // LANES) * LANES
    frequent = np.argsort(-np.exp(exact).mean(axis=1), kind="stable")
    exact = exact[frequent]
    weights = np.zeros((len(exact) + 1, width), np.uint8)
    weights[:-1, : len(classes)] = np.round((exact - exact.min(axis=1, keepdims=True)) * SCALE)
    prior = np.zeros(width, np.int32)
    prior[: len(classes)] = np.round(model["pc"].astype(np.float64) * SCALE * COUNT_SCALE)
    number = np.append(np.argsort(frequent), len(exact))  # the last for -1, no feature
    moves, places = perfect_hash.place(sequences[1:])
    keys = np.zeros(1 << perfect_hash.BITS, np.uint64)
    keys[places] = sequences[1:]
    features = np.full(len(keys) + 1, len(exact), np.int32)
    features[places] = number[found[1:]]
    return Walks(
        moves,
        mark.py_func(keys).astype(np.uint16),
        keys,
        features,
        weights,
        prior,
        np.round(np.log1p(np.arange(MOST_COUNTED + 1)) * COUNT_SCALE).astype(np.int32),
        np.array([code_of(str(name)) for name in classes] + [""] * (width - len(classes))),
    )


def _sequences(next_state: NDArray[Any], row: NDArray[Any]) -> NDArray[np.uint64]:
    """Return the sequence of bytes that leads to each state from the first one (uint64[n_states]).

    Raises ValueError where one is longer than LONGEST, or a state is not reached.
    """
    sequences = np.zeros(len(row), np.uint64)
    reached = np.zeros(len(row), np.bool_)
    reached[0] = True
    latest = np.zeros(1, np.int64)
    for _ in range(LONGEST):
        states = next_state[row[latest]].astype(np.int64)
        before, byte = np.nonzero(~reached[states])
        new, first = np.unique(states[before, byte], return_index=True)
        longer = sequences[latest[before[first]]] << np.uint64(8) | byte[first].astype(np.uint64)
        sequences[new] = longer
        reached[new] = True
        latest = new
    if not reached.all():
        raise ValueError("it has other states")
    return sequences


def weigh(
    points: NDArray[np.uint32], counts: NDArray[np.int64], model: Walks
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Return what the features of each text add up to, and its size, as `walk_texts` has them."""
    sums = np.zeros((len(counts), len(model.prior)), np.int32)
    sizes = np.zeros(len(counts), np.int64)
    seen = np.zeros(len(model.weights), np.int32)
    windows = np.zeros(4 * points.shape[1], np.uint64)
    met = np.zeros(4 * points.shape[1] + 1, np.int32)
    walk_texts(points, counts, *model[:-1], windows, seen, met, sums, sizes)
    return sums, sizes
