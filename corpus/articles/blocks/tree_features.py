"""The features of a block that its place in the tree has: ancestors, like siblings, equal paths."""

# ruff: noqa: FURB136, PLR1730  (numba compiles min and max again for each pair of types)

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.array_types import Flags, Numbers, Offsets, Sums, Words
from corpus.articles.blocks.class_names import BAD_CUE_BITS, CUES, ClassNames
from corpus.articles.blocks.feature_columns import (
    ARIA_HIDDEN,
    BAD_CUES,
    DENSEST_GOOD,
    DENSEST_WORDS,
    DEPTH,
    FIRST_ANY_CUE,
    FIRST_NODE,
    FIRST_OWN_CUE,
    FIRST_SEMANTIC,
    FIRST_SIBLING,
    FIRST_TREE,
    HEADING_LEVEL,
    INSIDE_DENSEST,
    LEVELS,
    LINK_SHARE,
    NODE_FEATURES,
    ONE_HOT_NUMBERS,
    STYLE_HIDDEN,
    UP_FROM_BLOCK,
    UP_FROM_DENSEST,
    WORD_CUE,
)  # fmt: skip
from corpus.articles.blocks.groups import buffer_of_slots, group_ids
from corpus.articles.blocks.tags import NUMBER, SEMANTIC
from corpus.articles.lines.counters import WORDS
from corpus.articles.lines.lexicon import combine_hashes
from corpus.kernels import njit, njit_without_allocation

SUM_WORDS, SUM_LINKED, SUM_BLOCKS, SUM_GOOD = range(4)
"""Sums over the blocks below a node: words, words in links, blocks, words of good blocks."""
PATH_NODES = 3
"""A path is the node of a block and the two above it."""
N_CUES = len(CUES)
N_SEMANTIC = len(SEMANTIC)
N_NODE_FEATURES = len(NODE_FEATURES)
_ONE_HOT = np.array(ONE_HOT_NUMBERS)
_HEADING_LEVELS = np.zeros(256, np.int64)
_HEADING_LEVELS[[NUMBER[f"h{level}"] for level in range(1, 7)]] = range(1, 7)


class Nodes(NamedTuple):
    """What features are made of, for each node."""

    parent: NDArray[np.int32]
    tag: NDArray[np.int16]
    depth: NDArray[np.int16]
    semantics: NDArray[np.int32]
    hidden: NDArray[np.uint8]
    cues: Offsets
    sums: Sums
    density: Sums
    n_like: Offsets
    rank: Offsets
    like_words: Sums
    path: Words
    """A hash of the tags and names of a node and the two above it."""


@njit_without_allocation
def _add_up(
    node: NDArray[np.int32], table: Numbers, good: Flags, nodes: Nodes, signature: Words
) -> None:
    """Fill in the sums over the blocks below each node, its density and its path."""
    parent, sums, density = nodes.parent, nodes.sums, nodes.density
    for i in range(node.size):
        at, words = node[i], np.float64(table[i, WORDS])
        sums[at, SUM_WORDS] += words
        sums[at, SUM_LINKED] += words * table[i, LINK_SHARE]
        sums[at, SUM_BLOCKS] += 1
        if good[i]:
            sums[at, SUM_GOOD] += words
            density[at] += 0.5 * words
            if parent[at] >= 0:
                density[parent[at]] += words
                if parent[parent[at]] >= 0:
                    density[parent[parent[at]]] += 0.5 * words
    for step in range(parent.size - 1):
        at = parent.size - 1 - step
        for k in range(sums.shape[1]):
            sums[parent[at], k] += sums[at, k]
    for at in range(parent.size):
        path, ancestor = signature[at], parent[at]
        for _ in range(PATH_NODES - 1):
            path = combine_hashes(path, signature[ancestor] if ancestor >= 0 else np.uint32(1))
            ancestor = parent[ancestor] if ancestor >= 0 else ancestor
        nodes.path[at] = path


@njit
def _compare_siblings(ids: Offsets, n_groups: int, nodes: Nodes) -> None:
    """Fill in how many siblings are like each node, its rank among them, and their words."""
    counts, words = np.zeros(n_groups, np.int64), np.zeros(n_groups)
    for at in range(ids.size):
        nodes.rank[at] = counts[ids[at]]
        counts[ids[at]] += 1
        words[ids[at]] += nodes.sums[at, SUM_WORDS]
    for at in range(ids.size):
        n = counts[ids[at]]
        nodes.n_like[at] = n
        nodes.like_words[at] = words[ids[at]] / n if n > 1 else 0.0


@njit_without_allocation
def _sibling_keys(parent: NDArray[np.int32], signature: Words, keys: Words) -> None:
    """Fill in a hash of each node's parent and signature."""
    for at in range(parent.size):
        keys[at] = combine_hashes(signature[at], np.uint32(parent[at] + 1))


@njit_without_allocation
def _signatures(tag: NDArray[np.int16], hashes: Words, signature: Words) -> None:
    """Fill in a hash of each node's tag and names."""
    for at in range(tag.size):
        signature[at] = combine_hashes(hashes[at], np.uint32(tag[at]))


@njit(error_model="numpy")
def _fill_tree(node: NDArray[np.int32], nodes: Nodes, table: Numbers) -> None:
    """Fill in the columns of the tree and of the ancestors."""
    parent, sums, density = nodes.parent, nodes.sums, nodes.density
    m = parent.size
    total = sums[0, SUM_WORDS] if sums[0, SUM_WORDS] > 0 else 1.0
    most_density, densest, best = 1.0, 0, 0.0
    for at in range(m):
        most_density = density[at] if density[at] > most_density else most_density
        linked = sums[at, SUM_LINKED] / sums[at, SUM_WORDS] if sums[at, SUM_WORDS] > 0 else 0.0
        if density[at] * (1 - linked) > best:
            densest, best = at, density[at] * (1 - linked)
    on_path = np.zeros(m, np.bool_)
    ancestor = np.int64(densest)
    while ancestor >= 0:
        on_path[ancestor] = True
        ancestor = np.int64(parent[ancestor])
    inside = np.zeros(m, np.bool_)
    common_depth = np.zeros(m, np.int64)
    all_cues = np.zeros(m, np.int64)
    most_like, most_like_words = np.ones(m), np.zeros(m)
    for at in range(m):
        above = parent[at]
        inside[at] = at == densest
        all_cues[at] = nodes.cues[at]
        most_like[at] = nodes.n_like[at]
        most_like_words[at] = nodes.n_like[at] * nodes.like_words[at]
        if on_path[at]:
            common_depth[at] = nodes.depth[at]
        if above >= 0:
            inside[at] = inside[at] or inside[above]
            all_cues[at] |= all_cues[above]
            if not on_path[at]:
                common_depth[at] = common_depth[above]
            if most_like[above] > most_like[at]:
                most_like[at] = most_like[above]
            if most_like_words[above] > most_like_words[at]:
                most_like_words[at] = most_like_words[above]
    good_total = sums[0, SUM_GOOD] if sums[0, SUM_GOOD] > 0 else 1.0
    for i in range(node.size):
        at, row = node[i], table[i]
        for k in range(_ONE_HOT.size):
            row[FIRST_TREE + k] = nodes.tag[at] == _ONE_HOT[k]
        row[HEADING_LEVEL], row[DEPTH] = _HEADING_LEVELS[nodes.tag[at]], nodes.depth[at]
        row[STYLE_HIDDEN], row[ARIA_HIDDEN] = nodes.hidden[at] & 1, (nodes.hidden[at] & 2) > 0
        for k in range(N_SEMANTIC):
            row[FIRST_SEMANTIC + k] = (nodes.semantics[at] >> k) & 1
        above = parent[at] if parent[at] >= 0 else at
        higher = parent[above] if parent[above] >= 0 else above
        own_cues = nodes.cues[at] | nodes.cues[above] | nodes.cues[higher]
        bad = 0
        for k in range(N_CUES):
            row[FIRST_OWN_CUE + k] = (own_cues >> k) & 1
            any_cue = (all_cues[at] >> k) & 1
            row[FIRST_ANY_CUE + k] = any_cue
            bad += any_cue & (BAD_CUE_BITS >> k)
        row[BAD_CUES] = bad
        row[INSIDE_DENSEST] = inside[at]
        row[UP_FROM_DENSEST] = nodes.depth[densest] - common_depth[at]
        row[UP_FROM_BLOCK] = nodes.depth[at] - common_depth[at]
        row[DENSEST_WORDS] = sums[densest, SUM_WORDS] / total
        row[DENSEST_GOOD] = sums[densest, SUM_GOOD] / good_total
        ancestor = np.int64(at)
        for level in range(LEVELS):
            first = FIRST_NODE + level * N_NODE_FEATURES
            if ancestor < 0:
                break
            words = sums[ancestor, SUM_WORDS]
            some = words if words > 0 else 1.0
            row[first] = words
            row[first + 1] = sums[ancestor, SUM_LINKED] / some
            row[first + 2] = words / total
            row[first + 3] = sums[ancestor, SUM_GOOD] / some
            blocks = sums[ancestor, SUM_BLOCKS]
            row[first + 4] = words / (blocks if blocks > 0 else 1.0)
            row[first + 5] = density[ancestor] / most_density
            row[first + 6], row[first + 7] = nodes.n_like[ancestor], nodes.rank[ancestor]
            row[first + 8] = nodes.like_words[ancestor]
            ancestor = parent[ancestor]
        row[FIRST_SIBLING], row[FIRST_SIBLING + 1] = most_like[at], most_like_words[at] / total


@njit(error_model="numpy")
def _fill_paths(group: Offsets, n_groups: int, good: Flags, table: Numbers) -> tuple[int, float]:
    """Fill in the columns of the blocks with the same path; return the largest group of a page."""
    counts, words, linked = np.zeros(n_groups), np.zeros(n_groups), np.zeros(n_groups)
    n_good, cues, total = np.zeros(n_groups), np.zeros(n_groups), 0.0
    for i in range(group.size):
        k, n = group[i], np.float64(table[i, WORDS])
        counts[k] += 1
        words[k] += n
        linked[k] += n * table[i, LINK_SHARE]
        n_good[k] += good[i]
        cues[k] += table[i, WORD_CUE]
        total += n
    total = total if total > 0 else 1.0
    most_blocks, most_words = 0.0, 0.0
    for k in range(n_groups):
        most_blocks = counts[k] if counts[k] > most_blocks else most_blocks
        most_words = words[k] if words[k] > most_words else most_words
    for i in range(group.size):
        k, row = group[i], table[i]
        row[FIRST_SIBLING + 2] = counts[k]
        row[FIRST_SIBLING + 3] = words[k] / total
        row[FIRST_SIBLING + 4] = words[k] / counts[k]
        row[FIRST_SIBLING + 5] = linked[k] / (words[k] if words[k] > 0 else 1.0)
        row[FIRST_SIBLING + 6] = n_good[k] / counts[k]
        row[FIRST_SIBLING + 7] = cues[k] / counts[k]
    return int(most_blocks), most_words / total


@njit_without_allocation
def _paths_of_blocks(node: NDArray[np.int32], path: Words, keys: Words) -> None:
    """Fill in the path of each block."""
    for i in range(node.size):
        keys[i] = path[node[i]]


class Paths(NamedTuple):
    """Blocks with the same path."""

    group: Offsets
    """The number of each block's path (int64[n_blocks])."""
    n_groups: int
    most_blocks: int
    most_words: float


def tree_features(
    tree: tuple[
        NDArray[np.int32],
        NDArray[np.int16],
        NDArray[np.int16],
        NDArray[np.int32],
        NDArray[np.uint8],
    ],
    names: ClassNames,
    node: NDArray[np.int32],
    good: Flags,
    table: Numbers,
) -> tuple[Nodes, Paths]:
    """Fill in the columns of the tree, of the ancestors and of like siblings."""
    m, n = len(tree[0]), len(node)
    signature, keys, ids = np.zeros(m, np.uint32), np.zeros(m, np.uint32), np.zeros(m, np.int64)
    nodes = Nodes(
        *tree, names.cues, np.zeros((m, 4)), np.zeros(m), np.zeros(m, np.int64),
        np.zeros(m, np.int64), np.zeros(m), np.zeros(m, np.uint32),
    )  # fmt: skip
    _signatures(nodes.tag, names.hashes, signature)
    _add_up(node, table, good, nodes, signature)
    _sibling_keys(nodes.parent, signature, keys)
    n_groups = group_ids(keys, buffer_of_slots(m), ids)
    _compare_siblings(ids, n_groups, nodes)
    _fill_tree(node, nodes, table)
    keys, group = np.zeros(n, np.uint32), np.zeros(n, np.int64)
    _paths_of_blocks(node, nodes.path, keys)
    n_groups = group_ids(keys, buffer_of_slots(n), group)
    most_blocks, most_words = _fill_paths(group, n_groups, good, table)
    return nodes, Paths(group, n_groups, most_blocks, most_words)
