"""What the stage `mix` observes, and which documents it mixes.

Only training documents are mixed. Their groups, sizes and numbers of duplicates must be known: a
column that is empty in all of them is an error, because its name is probably wrong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from corpus.documents import SPLIT, TRAIN
from corpus.errors import InputError
from corpus.mixture.sizes import MixedDocuments, number_classes, number_groups, require_sizes
from corpus.observations import CorpusView, Observation
from corpus.sources.columns.observation import Column, is_empty, require_values
from corpus.stages.tokens import TOKEN_COUNT
from corpus.words.observations import CharacterCount, WordCount

CLUSTER_SIZE = "cluster_size"

_SPLIT = Column(name=SPLIT, kind="text")
_CLUSTER_SIZES = Column(name=CLUSTER_SIZE, kind="number")
_TOKENS = Column(name=TOKEN_COUNT, kind="number")

UNITS: dict[str, tuple[Observation | None, str | None]] = {
    "words": (WordCount(), "word_count"),
    "characters": (CharacterCount(), "character_count"),
    "tokens": (_TOKENS, _TOKENS.column),
    "documents": (None, None),
}
"""What is observed for each unit, and the observed column."""

RepeatClusters = Mapping[int, float]
"""How often to use a document in one epoch, by the minimum size of its cluster."""


def observed_of(
    by: Sequence[str], unit: str, repeat_clusters: RepeatClusters
) -> tuple[Observation, ...]:
    """Return the columns of the groups, the split, the size of the cluster, and the size."""
    size, _ = UNITS[unit]
    clusters = (_CLUSTER_SIZES,) if repeat_clusters else ()
    return (*_groups(by), _SPLIT, *clusters, *((size,) if size else ()))


def mixed_documents(
    corpus: CorpusView, by: Sequence[str], unit: str, repeat_clusters: RepeatClusters
) -> MixedDocuments:
    """Return the groups of the training documents that are left.

    Raises `InputError` if their groups, tokens or clusters are not known.
    """
    is_mixed = _is_mixed(corpus)
    groups = _groups(by)
    if is_mixed.any():
        require_values(corpus, groups, stage="mix")
        if unit == "tokens":
            _require_tokens(corpus, is_mixed)
        if repeat_clusters and is_empty(corpus, _CLUSTER_SIZES):
            raise InputError(_NO_CLUSTER_SIZES)
    columns = [each.column for each in groups]
    group, names = number_groups(corpus, columns, is_mixed, by=" and ".join(by))
    repeat_class = np.zeros(len(group), np.int8)
    if repeat_clusters:
        repeat_class = number_classes(corpus, _CLUSTER_SIZES.column, sorted(repeat_clusters))
    return MixedDocuments(corpus, names, group, repeat_class, len(repeat_clusters) + 1)


def _groups(by: Sequence[str]) -> tuple[Column, ...]:
    return tuple(Column(name=name, kind="text") for name in by)


def _is_mixed(corpus: CorpusView) -> NDArray[np.bool_]:
    """Return which documents are left and for training: bool[n_documents]."""
    is_mixed = corpus.alive.copy()
    for first, part in zip(corpus.starts[:-1].tolist(), corpus.parts, strict=True):
        split = part.column(_SPLIT.column).fill_null(TRAIN)
        is_train = pc.equal(split, TRAIN).to_numpy(zero_copy_only=False)
        is_mixed[first : first + part.num_rows] &= is_train
    return is_mixed


def _require_tokens(corpus: CorpusView, is_mixed: NDArray[np.bool_]) -> None:
    """Raise `InputError` unless each mixed document has a number of tokens."""
    if is_empty(corpus, _TOKENS):
        raise InputError(_NO_TOKENS)
    require_sizes(corpus, _TOKENS.column, is_mixed, remedy=_WRONG_TOKENS)


_NO_TOKENS = (
    f"stage 'mix': `unit: tokens` needs the column {TOKEN_COUNT!r}, and no document has a number "
    "there; add the stage `tokens` before mix"
)

_WRONG_TOKENS = (
    f"the column {TOKEN_COUNT!r}, which `unit: tokens` needs; rename it in the source "
    f"(`columns: {{{TOKEN_COUNT}_before: {TOKEN_COUNT}}}`), and count every text with the stage "
    "`tokens` before mix"
)

_NO_CLUSTER_SIZES = (
    f"stage 'mix': repeat_clusters needs the column {CLUSTER_SIZE!r}, and no document has a number "
    f"there; set `{CLUSTER_SIZE}: true` in the stage `deduplicate`, before mix"
)
