"""The trained block model: arrays that ship with the package, and the probability of each block.

`model.npz` contains only arrays: no pickles, no code. `model.md` describes its training data and
its quality. `scripts/train_block_model.py` makes both.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.array_types import Numbers
from corpus.articles.blocks.class_names import ClassLexicon, class_scores
from corpus.articles.blocks.features import ReadPage, fill_features
from corpus.articles.blocks.second_pass import second_pass_table
from corpus.articles.blocks.tree_features import Paths
from corpus.articles.characters import CharacterTables
from corpus.articles.lines.lexicon import Lexicon, cue_scores
from corpus.articles.lines.model import MAX_SCORE, probabilities_of
from corpus.shipped_models import read_shipped_model
from corpus.trees import Forest, pack_forest, predict, unpack_forest

PATH = Path(__file__).with_name("model.npz")


class BlockModel(NamedTuple):
    """The arrays of a trained model."""

    characters: CharacterTables
    word_lexicon: Lexicon
    """Scores a block by its words."""
    class_lexicon: ClassLexicon
    """Scores a block by the class names of its ancestors."""
    first_pass: Forest
    """Scores a block by its features."""
    second_pass: Forest
    """Scores a block by its features and by the scores of the blocks around it."""
    probabilities: NDArray[np.float32]
    """The probability for evenly spaced scores from -MAX_SCORE to MAX_SCORE. It is a table so that
    every machine computes the same bits."""


_CHARACTERS = ("classes", "lowercase_offsets")
_LEXICON = ("weights", "scale", "bias")


def pack(model: BlockModel) -> dict[str, NDArray[np.generic]]:
    """Return the model as named arrays, ready to save."""
    packed = {name: np.asarray(x) for name, x in zip(_CHARACTERS, model.characters, strict=True)}
    lexicons: tuple[tuple[str, Lexicon | ClassLexicon], ...] = (
        ("word", model.word_lexicon),
        ("class", model.class_lexicon),
    )
    for kind, lexicon in lexicons:
        parts = zip(_LEXICON, lexicon, strict=True)
        packed |= {f"{kind}_{name}": np.asarray(x) for name, x in parts}
    packed |= pack_forest(model.first_pass, "first") | pack_forest(model.second_pass, "second")
    return packed | {"probabilities": model.probabilities}


def unpack(arrays: Mapping[str, NDArray[Any]]) -> BlockModel:
    """Return the model that `pack` turned into arrays."""
    word, class_name = (
        (
            arrays[f"{kind}_weights"],
            np.float32(arrays[f"{kind}_scale"]),
            np.float32(arrays[f"{kind}_bias"]),
        )
        for kind in ("word", "class")
    )
    return BlockModel(
        CharacterTables(*(arrays[name] for name in _CHARACTERS)),
        Lexicon(*word),
        ClassLexicon(*class_name),
        unpack_forest(arrays, "first"),
        unpack_forest(arrays, "second"),
        arrays["probabilities"],
    )


@cache
def load() -> BlockModel:
    """Return the model that ships with the package."""
    return read_shipped_model(PATH, unpack)


def word_cues(page: ReadPage, lexicon: Lexicon) -> Numbers:
    """Return the log-odds of each block by its words."""
    cues = cue_scores(page.words, page.word_offsets, lexicon)
    return np.clip(cues, -MAX_SCORE, MAX_SCORE)


def class_cues(page: ReadPage, lexicon: ClassLexicon) -> Numbers:
    """Return the log-odds of each block by the class names of its ancestors."""
    cues = class_scores(page.walk.parent, page.walk.tag, page.names, lexicon)
    return np.clip(cues, -MAX_SCORE, MAX_SCORE)[page.blocks.node]


def second_table(
    page: ReadPage, paths: Paths, scores: Numbers, table: NDArray[np.float32]
) -> Numbers:
    """Return the features of the second pass, given the scores of the first.

    `table` is `BlockModel.probabilities`.
    """
    return second_pass_table(
        page.table,
        scores,
        probabilities_of(scores, table),
        (page.blocks.node, page.walk.parent),
        (paths.group, paths.n_groups),
    )


def score_tables(page: ReadPage, model: BlockModel) -> tuple[Numbers, Numbers]:
    """Return the scores of the first pass, and the features of the second."""
    paths = fill_features(
        page, word_cues(page, model.word_lexicon), class_cues(page, model.class_lexicon)
    )
    scores = predict(page.table, model.first_pass)
    return scores, second_table(page, paths, scores, model.probabilities)


def score_page(page: ReadPage, model: BlockModel) -> Numbers:
    """Return the probability that each block is main content (float32[n_blocks])."""
    _, wide = score_tables(page, model)
    return probabilities_of(predict(wide, model.second_pass), model.probabilities)
