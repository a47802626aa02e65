"""Train our own n-gram model for language identification.

    python scripts/train_language_model.py TEXTS.jsonl[.zst] ... [--source udhr2] [--save FILE]

Each line of TEXTS has `text` and `lang` (BCP 47). Lines with a `source` are only used if that
source is named, so that the test texts of a file are not trained on. The model that ships is
`corpus/languages/own_model.npz`. After training it, run `fit_language_ensemble.py`, which fits the
weights of the ensemble to it.

The steps:

1. Count the 1- to 5-grams of letters inside words in each language.
2. Smooth the frequencies of each language with the frequencies over all languages, `q`, as if
   `ALPHA` more n-grams had been seen. So a language with little text has little influence.
3. Keep the most informative n-grams: those with the greatest `q` times the lead of the best
   language over the mean.
4. Round the weights to bytes.
"""

from __future__ import annotations

import argparse
import io
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import sparse

from corpus import arrow_buffers
from corpus.kernels import njit
from corpus.languages import langdetect_model, model_cache, own_model
from corpus.languages.codes import code_of
from corpus.languages.sampling import MAX_SAMPLE_CHARACTERS, N_SLICES, sample_texts
from corpus.languages.scripts import ALSO_LATIN, script_table
from corpus.languages.word_ngrams import HASH_BITS, MAX_ORDER, ORDER_FACTORS, list_word_ngrams

ALPHA = 3000.0
"""Weight of the frequencies over all languages, in n-grams."""

N_NGRAMS = 250_000
"""Number of n-grams to keep."""

MAX_CHARACTERS_PER_CLASS = 3_000_000
"""Approximate number of characters read per language; more do not change the model."""

MAX_TRUSTED_UNIGRAMS = 200_000
"""A language with this much text has full weight in the frequencies over all languages."""

BATCH_TEXTS = 512

SERBIAN_LATIN = str.maketrans(
    dict(
        zip(
            "абвгдђежзијклљмнњопрстћуфхцчџш",
            [*"abvgdđežzijkl", "lj", "m", "n", "nj", *"oprstćufhcč", "dž", "š"],
            strict=True,
        )
    )
)
"""Serbian is written in two scripts, which correspond letter by letter."""
SERBIAN_LATIN |= {
    ord(chr(cyrillic).upper()): latin.capitalize() for cyrillic, latin in SERBIAN_LATIN.items()
}

N_CELLS = MAX_ORDER << HASH_BITS


class Counts(NamedTuple):
    """How often each class has each n-gram. A class is a language, in one of its scripts."""

    classes: list[str]
    table: sparse.csr_matrix
    """float32[n_classes, N_CELLS]: an n-gram is in column `order - 1 << HASH_BITS | hash`."""


def read_rows(path: str, sources: Iterable[str] | None) -> Iterator[dict[str, str]]:
    """Yield the objects of a JSONL file, compressed or not, from these sources or without one.

    With None, all objects.
    """
    with pa.input_stream(path, compression="detect") as stream:
        for line in stream.read().splitlines():
            row = json.loads(line)
            if sources is None or row.get("source") is None or row["source"] in sources:
                yield row


@njit
def add_ngram_counts(
    points: NDArray[np.uint32],
    counts: NDArray[np.int64],
    letters: NDArray[np.uint16],
    scripts: NDArray[np.uint8],
    table: NDArray[np.int32],
) -> None:
    """Add the n-grams of all texts to `table` (int32[N_CELLS])."""
    ngrams = np.zeros(MAX_ORDER * (points.shape[1] + 1), np.uint64)
    for text in range(len(counts)):
        for at in range(list_word_ngrams(points[text], counts[text], letters, scripts, ngrams)):
            table[ngrams[at]] += 1


def code_points(texts: list[str]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Return the code points of texts as the models read them, and their numbers."""
    data, offsets = arrow_buffers.texts(pa.array(texts, pa.large_string()))
    limit = min(MAX_SAMPLE_CHARACTERS, max(map(len, texts)))
    points = np.zeros((len(texts), limit + N_SLICES), np.uint32)
    counts = np.zeros(len(texts), np.int64)
    tables = langdetect_model.load().tables
    sample_texts(data, offsets, limit, tables.composed, tables.lowercase, points, counts)
    return points, counts


def count_ngrams(texts: dict[str, list[str]]) -> Counts:
    """Return the n-gram counts of the texts of each class."""
    letters, scripts = own_model.letter_table(), script_table()
    classes = sorted(texts)
    columns, counts = [], []
    table = np.zeros(N_CELLS, np.int32)
    for name in classes:
        table[:] = 0
        remaining = MAX_CHARACTERS_PER_CLASS
        for at in range(0, len(texts[name]), BATCH_TEXTS):
            batch = texts[name][at : at + BATCH_TEXTS]
            add_ngram_counts(*code_points(batch), letters, scripts, table)
            remaining -= sum(map(len, batch))
            if remaining < 0:
                break
        columns.append(np.flatnonzero(table))
        counts.append(table[columns[-1]].astype(np.float32))
    starts = np.cumsum([0, *map(len, columns)])
    matrix = (np.concatenate(counts), np.concatenate(columns), starts)
    return Counts(classes, sparse.csr_matrix(matrix, (len(classes), N_CELLS)))


class Weights(NamedTuple):
    """The model before it is packed."""

    classes: list[str]
    hashes: NDArray[np.int64]
    """int64[n]: the hashes of the n-grams, sorted."""
    table: sparse.csr_matrix
    """uint8[n_classes, n]"""
    base: NDArray[np.int32]


def weigh_ngrams(
    counts: Counts, hashes: NDArray[np.int64] | None = None, *, n_ngrams: int = N_NGRAMS
) -> Weights:
    """Return the weights of the most informative n-grams, or of those with the given hashes."""
    n_classes = len(counts.classes)
    order = np.arange(N_CELLS) >> HASH_BITS
    cells = counts.table.tocoo()
    order_cells = order[cells.col] * n_classes + cells.row
    by_order = np.bincount(order_cells, cells.data, MAX_ORDER * n_classes)
    by_order = by_order.reshape(MAX_ORDER, n_classes)
    # frequency over all classes: each counts by the square root of its size, up to a maximum
    class_weight = np.sqrt(np.minimum(by_order[0], MAX_TRUSTED_UNIGRAMS))
    class_weight /= class_weight.sum()
    scale = class_weight / np.maximum(by_order, 1)
    weighted = cells.data * scale[order[cells.col], cells.row]
    q: NDArray[np.float64] = np.bincount(cells.col, weighted, N_CELLS).astype(np.float64)
    if hashes is None:
        hashes = most_informative(counts, cells, q, n_ngrams)
    number = np.full(1 << HASH_BITS, -1)
    number[hashes] = np.arange(len(hashes))
    # if n-grams of two orders share a hash, the more frequent one gets it
    main_order = (q.reshape(MAX_ORDER, -1) * np.array(ORDER_FACTORS)[:, None]).argmax(axis=0)
    hash_ = cells.col & (1 << HASH_BITS) - 1
    use = (number[hash_] >= 0) & (main_order[hash_] == order[cells.col])
    ratio = np.log1p(cells.data[use] / (q[cells.col[use]] * ALPHA))
    weight = np.clip(np.round(ratio * own_model.WEIGHT_SCALE), 0, 255).astype(np.uint8)
    table = sparse.csr_matrix(
        (weight, (cells.row[use], number[hash_[use]])), (n_classes, len(hashes))
    )
    table.eliminate_zeros()
    table.sort_indices()
    log_prior = np.log(ALPHA / (by_order + ALPHA))
    base = log_prior * np.array(ORDER_FACTORS)[:, None] * own_model.WEIGHT_SCALE
    return Weights(counts.classes, hashes, table, np.round(base).astype(np.int32))


def most_informative(
    counts: Counts, cells: sparse.coo_matrix, q: NDArray[np.float64], n_ngrams: int
) -> NDArray[np.int64]:
    """Return the sorted hashes of the most informative n-grams; n-grams seen once are excluded."""
    order = np.arange(N_CELLS) >> HASH_BITS
    ratio = np.log1p(cells.data / (q[cells.col] * ALPHA))
    best = np.zeros(N_CELLS)
    np.maximum.at(best, cells.col, ratio)
    mean = np.bincount(cells.col, ratio, N_CELLS) / len(counts.classes)
    gain = q * (best - mean) * np.array(ORDER_FACTORS)[order] / 10
    gain[np.asarray(counts.table.sum(axis=0)).ravel() < 2] = 0
    by_hash = gain.reshape(MAX_ORDER, -1).max(axis=0)
    return np.sort(np.argpartition(-by_hash, n_ngrams)[:n_ngrams])


def packed(weights: Weights) -> model_cache.Arrays:
    """Return the arrays to ship."""
    table = weights.table
    entries = []
    for number in range(len(weights.classes)):
        span = slice(table.indptr[number], table.indptr[number + 1])
        entries.append((table.indices[span].astype(np.int64), table.data[span]))
    return own_model.pack(weights.classes, weights.hashes, entries, weights.base)


def texts_by_class(paths: Iterable[str], sources: Iterable[str]) -> dict[str, list[str]]:
    """Return the texts of each class, with Serbian in both scripts."""
    texts: dict[str, list[str]] = {}
    for path in paths:
        for row in read_rows(path, sources):
            texts.setdefault(class_of(row["lang"], row["text"]), []).append(row["text"])
    serbian = [text.translate(SERBIAN_LATIN) for text in texts.get("sr-Cyrl", [])]
    if serbian:
        texts.setdefault("sr-Latn", []).extend(serbian)
    return texts


def class_of(tag: str, text: str) -> str:
    """Return the class of a text: its language, or its language and script (`sr-Latn`).

    A language in two scripts has two classes: in one, each script would seem half as frequent.
    """
    code = code_of(tag)
    if code not in ALSO_LATIN:
        return code
    letters = [letter for letter in text if letter.isalpha()]
    latin = sum(letter < "\u0250" for letter in letters)
    cyrillic = sum("\u0400" <= letter < "\u0530" for letter in letters)
    script = "Latn" if 2 * latin > len(letters) else "Cyrl" if cyrillic > latin else "Zzzz"
    return f"{code}-{script}"


def save(weights: Weights, path: Path) -> int:
    """Write the model to ship; return its size in bytes."""
    out = io.BytesIO()
    np.savez_compressed(out, allow_pickle=False, **packed(weights))
    path.write_bytes(out.getvalue())
    return len(out.getvalue())


def main() -> None:
    """Train the model, print its size, and write it if asked to."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("texts", nargs="+")
    parser.add_argument("--source", action="append", default=[])
    parser.add_argument("--ngrams", type=int, default=N_NGRAMS)
    parser.add_argument("--save", type=Path, metavar="FILE")
    options = parser.parse_args()
    counts = count_ngrams(texts_by_class(options.texts, options.source))
    weights = weigh_ngrams(counts, n_ngrams=options.ngrams)
    n_classes, n_hashes = len(weights.classes), len(weights.hashes)
    print(f"{n_classes} languages, {n_hashes} n-grams, {weights.table.nnz} weights")
    if options.save:
        print(f"{options.save}: {save(weights, options.save) / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
