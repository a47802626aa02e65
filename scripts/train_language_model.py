"""Train the n-gram model of our own that helps to tell languages, and write it with its card.

    python scripts/train_language_model.py TEXTS.jsonl[.zst] ... [--source udhr2] [--save FILE]

Each line of TEXTS has `text` and `lang` (BCP 47). Of lines that say a `source`, only those of the
sources named are taken: the test texts of a file are not to train on. FILE is
`corpus/languages/own_model.npz` for the model that ships; run `fit_language_rule.py` after, which
fits the rule to it.

How it is made: count the 1- to 5-grams of letters inside words in each language; smooth each
language's shares by those over all languages, `q`, as if `ALPHA` more n-grams of that kind had been
seen, so that a language with little text says little; keep the n-grams that tell most, `q` times
the lead of the best language over the mean; round the weights to bytes.
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
from corpus.languages.sampling import MAX_CHARACTERS, SLICES, read_texts
from corpus.languages.scripts import ALSO_LATIN
from corpus.languages.word_ngrams import BITS, FACTORS, ORDERS, list_words

ALPHA = 3000.0
"""Weight of the shares over all languages, in n-grams."""

GRAMS = 250_000
"""N-grams to keep."""

MOST_LETTERS = 3_000_000
"""Of a language, about so many characters are read: more say nothing new."""

SERBIAN = str.maketrans(
    dict(
        zip(
            "абвгдђежзијклљмнњопрстћуфхцчџш",
            [*"abvgdđežzijkl", "lj", "m", "n", "nj", *"oprstćufhcč", "dž", "š"],
            strict=True,
        )
    )
)
"""Serbian is written in two scripts, letter by letter the same; most texts are in one of them."""
SERBIAN |= {ord(chr(cyrillic).upper()): latin.capitalize() for cyrillic, latin in SERBIAN.items()}

SLOTS = ORDERS << BITS


class Counts(NamedTuple):
    """How often each language has each n-gram."""

    languages: list[str]
    table: sparse.csr_matrix
    """float32[n_languages, SLOTS]: an n-gram of `order` is in column `order - 1 << BITS | hash`."""


def rows(path: str, sources: Iterable[str] | None) -> Iterator[dict[str, str]]:
    """Yield the objects of a JSONL file, compressed or not: of these sources or none, or all."""
    with pa.input_stream(path, compression="detect") as stream:
        for line in stream.read().splitlines():
            row = json.loads(line)
            if sources is None or row.get("source") is None or row["source"] in sources:
                yield row


@njit
def tally(points, counts, letters, scripts, table):  # noqa: ANN001, ANN201
    """Add the n-grams of all texts to `table` (int32[SLOTS])."""
    grams = np.zeros(ORDERS * (points.shape[1] + 1), np.uint64)
    for text in range(len(counts)):
        for at in range(list_words(points, text, counts[text], letters, scripts, grams)):
            table[grams[at]] += 1


def points_of(texts: list[str]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Return the code points of texts, as the models read them."""
    data, offsets = arrow_buffers.texts(pa.array(texts, pa.large_string()))
    limit = min(MAX_CHARACTERS, max(map(len, texts)))
    points = np.zeros((len(texts), limit + SLICES), np.uint32)
    counts = np.zeros(len(texts), np.int64)
    tables = langdetect_model.load().tables
    read_texts(data, offsets, limit, tables.composed, tables.small, points, counts)
    return points, counts


def count(texts: dict[str, list[str]]) -> Counts:
    """Return the n-grams of each language's texts."""
    letters, scripts = own_model.folded(), own_model.script_table()
    languages = sorted(texts)
    found = []
    table = np.zeros(SLOTS, np.int32)
    for language in languages:
        table[:] = 0
        left = MOST_LETTERS
        for at in range(0, len(texts[language]), 512):
            part = texts[language][at : at + 512]
            tally(*points_of(part), letters, scripts, table)
            left -= sum(map(len, part))
            if left < 0:
                break
        columns = np.flatnonzero(table)
        found.append((columns, table[columns].astype(np.float32)))
    starts = np.cumsum([0] + [len(columns) for columns, _ in found])
    indices = np.concatenate([columns for columns, _ in found])
    data = np.concatenate([values for _, values in found])
    return Counts(languages, sparse.csr_matrix((data, indices, starts), (len(languages), SLOTS)))


class Weights(NamedTuple):
    """The model before it is packed."""

    languages: list[str]
    grams: NDArray[np.int64]
    """int64[n]: the hashes of the n-grams, sorted."""
    table: sparse.csr_matrix
    """uint8[n_languages, n]"""
    base: NDArray[np.int32]


def learn(counts: Counts, grams: NDArray[np.int64] | None = None, *, most: int = GRAMS) -> Weights:
    """Return the weights of the n-grams that tell most, or of these."""
    table = counts.table
    n_languages = len(counts.languages)
    order = np.arange(SLOTS) >> BITS
    coo = table.tocoo()
    cells = order[coo.col] * n_languages + coo.row
    by_order = np.bincount(cells, coo.data, ORDERS * n_languages)
    by_order = by_order.reshape(ORDERS, n_languages)
    size = by_order[0]
    # the share over all languages: each counts by the root of its size, at most as a big one
    trust = np.sqrt(np.minimum(size, 200_000))
    trust /= trust.sum()
    scale = trust / np.maximum(by_order, 1)
    q = np.bincount(coo.col, coo.data * scale[order[coo.col], coo.row], SLOTS)
    if grams is None:
        ratio = np.log1p(coo.data / (q[coo.col] * ALPHA))
        best = np.zeros(SLOTS)
        np.maximum.at(best, coo.col, ratio)
        mean = np.bincount(coo.col, ratio, SLOTS) / n_languages
        gain = q * (best - mean) * np.array(FACTORS)[order] / 10
        gain[np.asarray(table.sum(axis=0)).ravel() < 2] = 0
        merged = gain.reshape(ORDERS, -1).max(axis=0)
        grams = np.sort(np.argpartition(-merged, most)[:most])
    number = np.full(1 << BITS, -1)
    number[grams] = np.arange(len(grams))
    # where n-grams of two orders share a hash, the one of more weight is meant
    mine = (q.reshape(ORDERS, -1) * np.array(FACTORS)[:, None]).argmax(axis=0)
    slot = coo.col & (1 << BITS) - 1
    use = (number[slot] >= 0) & (mine[slot] == order[coo.col])
    ratio = np.log1p(coo.data[use] / (q[coo.col[use]] * ALPHA))
    weight = np.clip(np.round(ratio * own_model.STEP), 0, 255).astype(np.uint8)
    kept = sparse.csr_matrix((weight, (coo.row[use], number[slot[use]])), (n_languages, len(grams)))
    kept.eliminate_zeros()
    kept.sort_indices()
    base = np.log(ALPHA / (by_order + ALPHA)) * np.array(FACTORS)[:, None] * own_model.STEP
    return Weights(counts.languages, grams, kept, np.round(base).astype(np.int32))


def packed(weights: Weights) -> model_cache.Arrays:
    """Return the arrays to ship."""
    table = weights.table
    entries = []
    for number in range(len(weights.languages)):
        here = slice(table.indptr[number], table.indptr[number + 1])
        entries.append((table.indices[here].astype(np.int64), table.data[here]))
    return own_model.pack(weights.languages, weights.grams, entries, weights.base)


def by_language(paths: Iterable[str], sources: Iterable[str]) -> dict[str, list[str]]:
    """Return the texts of each language."""
    found: dict[str, list[str]] = {}
    for path in paths:
        for row in rows(path, sources):
            found.setdefault(column_of(row["lang"], row["text"]), []).append(row["text"])
    serbian = [text.translate(SERBIAN) for text in found.get("sr-Cyrl", [])]
    if serbian:
        found.setdefault("sr-Latn", []).extend(serbian)
    return found


def column_of(tag: str, text: str) -> str:
    """Return the column of the model that a text belongs to: its language, or that and its script.

    A language of two scripts has two columns: in one, each script would seem half as frequent.
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
    """Train the model, say how large it is, and write it if asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("texts", nargs="+")
    parser.add_argument("--source", action="append", default=[])
    parser.add_argument("--grams", type=int, default=GRAMS)
    parser.add_argument("--save", type=Path, metavar="FILE", help="words.PATH is what ships")
    options = parser.parse_args()
    weights = learn(count(by_language(options.texts, options.source)), most=options.grams)
    n_entries = weights.table.nnz
    print(f"{len(weights.languages)} languages, {len(weights.grams)} n-grams, {n_entries} weights")
    if options.save:
        print(f"{options.save}: {save(weights, options.save) / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
