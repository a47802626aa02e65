"""All features of the blocks of a page, in one table."""

# ruff: noqa: FURB136  (numba compiles min and max again for each pair of types)

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from corpus.array_types import Flags, Numbers, Offsets, Sums, Words
from corpus.articles.blocks.block_text import Blocks, read_blocks
from corpus.articles.blocks.class_names import ClassNames, read_class_names
from corpus.articles.blocks.feature_columns import (
    CLASS_CUE,
    FIRST_PAGE,
    FIRST_SEMANTIC,
    LINK_SHARE,
    N_FEATURES,
    WORD_CUE,
)
from corpus.articles.blocks.layout.code_language import code_languages
from corpus.articles.blocks.markup import Markup, read_markup
from corpus.articles.blocks.page_features import MEASURED, read_page_info
from corpus.articles.blocks.place_features import fill_place
from corpus.articles.blocks.tags import H1, SEMANTIC
from corpus.articles.blocks.text_features import good_blocks, text_features
from corpus.articles.blocks.tree_features import Paths, tree_features
from corpus.articles.blocks.walk_page import walk_page
from corpus.articles.blocks.walk_state import FORMULAS, Walk
from corpus.articles.characters import CharacterTables
from corpus.articles.formulas.markup import with_formulas
from corpus.articles.lines.counters import WORDS
from corpus.kernels import njit_without_allocation

_SHARES = np.array(
    [FIRST_SEMANTIC + SEMANTIC.index(name) for name in ("article", "main", "form", "li", "table")]
)


class ReadPage(NamedTuple):
    """A page cut into blocks, with the features that no model has a part in."""

    walk: Walk
    blocks: Blocks
    names: ClassNames
    words: Words
    """The hash of each word (uint32[n_words])."""
    word_offsets: Offsets
    """Where the words of each block start (int64[n_blocks + 1])."""
    table: Numbers
    """The features of each block; those that need cues are filled in by `fill_features`."""
    page_columns: Numbers
    markup: Markup
    n_bytes: int
    languages: dict[int, str]
    """The programming language of each `pre` that tells one, by its node."""


def read_page(html: bytes, characters: CharacterTables) -> ReadPage:
    """Return the blocks of a page; the bytes are UTF-8 and have no NUL.

    Formulas are written in TeX.
    """
    n_bytes, walk = len(html), walk_page(html)
    if walk.counters[FORMULAS]:
        html = with_formulas(html)
        walk = walk_page(html)
    blocks = read_blocks(walk, characters)
    names = read_class_names(walk.names, walk.name_offsets)
    markup = read_markup(html, walk)
    info = read_page_info(markup, walk)
    table = np.zeros((len(blocks.node), N_FEATURES), np.float32)
    words, offsets = text_features(blocks, info.title, info.description, characters, table)
    return ReadPage(
        walk,
        blocks,
        names,
        words,
        offsets,
        table,
        info.columns,
        markup,
        n_bytes,
        code_languages(html, walk),
    )


def fill_features(page: ReadPage, word_cues: Numbers, class_cues: Numbers) -> Paths:
    """Fill in the features of a page, given the cues of its blocks.

    `word_cues` and `class_cues` are the log-odds of each block by its words and by the class names
    of its ancestors (float32[n_blocks]).
    """
    walk, node, table = page.walk, page.blocks.node, page.table
    table[:, WORD_CUE], table[:, CLASS_CUE] = word_cues, class_cues
    good = good_blocks(table)
    tree = walk.parent, walk.tag, walk.depth, walk.semantics, walk.hidden
    _, paths = tree_features(tree, page.names, node, good, table)
    fill_place(node, walk.tag, H1, good, table)
    table[:, FIRST_PAGE:] = _page_columns(page, good, paths)
    return paths


@njit_without_allocation(error_model="numpy")
def _measure_page(good: Flags, table: Numbers, shares: Offsets, measured: Sums) -> None:
    """Fill in the sums over the blocks of a page.

    They are loops, because the sum of a library can differ in its last bit on another machine.
    """
    words = linked = in_good = longest = cues = 0.0
    n_good = 0
    for i in range(good.size):
        count = np.float64(table[i, WORDS])
        words += count
        linked += count * table[i, LINK_SHARE]
        in_good += count * good[i]
        n_good += good[i]
        longest = count if count > longest else longest
        cues += table[i, WORD_CUE]
        for k in range(shares.size):
            measured[9 + k] += count * table[i, shares[k]]
    total, n = words if words > 0 else 1.0, max(good.size, 1)
    measured[0], measured[1], measured[2], measured[3] = n, words, linked / total, in_good / total
    measured[4], measured[5], measured[6], measured[8] = n_good, words / n, longest, cues / n
    for k in range(shares.size):
        measured[9 + k] /= total


def _page_columns(page: ReadPage, good: Flags, paths: Paths) -> Numbers:
    """Return the columns that all blocks of a page have in common."""
    measured = np.zeros(len(MEASURED))
    _measure_page(good, page.table, _SHARES, measured)
    measured[7] = page.n_bytes / 1000
    measured[-3:] = paths.most_blocks, paths.most_words, paths.n_groups / max(len(good), 1)
    columns: Numbers = np.concatenate([measured.astype(np.float32), page.page_columns])
    return columns
