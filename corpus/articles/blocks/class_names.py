"""What the class names of elements say: their words, hashed, and cues such as "sidebar"."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.array_types import Bytes, Offsets, Words
from corpus.kernels import njit, njit_without_allocation

CUES = {
    "comment": "comment disqus respond replies",
    "share": "share social follow _sns",
    "related": "related recommend similar more_stories more_from more_posts more_like also_like "
    "alsolike upsell cross_sell crosssell you_may youmay suggest popular trending latest recent "
    "teaser",
    "menu": "nav menu breadcrumb crumb pagination pager _tab_ _tabs_ skip toolbar toc "
    "table_of_contents",
    "foot": "footer copyright legal colophon bottom",
    "head": "header masthead banner topbar top_bar logo",
    "side": "sidebar aside widget rail _side",
    "advertisement": "_ad_ _ads_ advert sponsor promo banner newsletter subscribe signup cta "
    "paywall outbrain taboola",
    "dialog": "cookie consent gdpr cmp onetrust modal popup overlay dialog lightbox drawer "
    "offcanvas",
    "body": "article post_content postcontent entry story content body main text prose markdown "
    "rich_text richtext rte",
    "post": "post message thread topic answer question reply discussion",
    "product": "product price sku variant cart spec descri feature",
    "author": "author byline meta date time bio avatar profile user",
    "item": "card item grid list tile result row col",
    "filter": "filter facet sort search form select option",
    "tag": "_tag_ _tags_ categor label badge topic",
    "section": "hero section block wrap container faq testimonial pricing accordion",
    "hidden": "hidden hide sr_only visually screen_reader collapse mobile",
}
"""Parts of class names by what they point to; `_` is anything but a letter, or an end."""
BAD_CUES = ("share", "related", "menu", "foot", "side", "advertisement", "dialog")
"""Cues of boilerplate."""
BAD_CUE_BITS = sum(1 << i for i, cue in enumerate(CUES) if cue in BAD_CUES)
MAX_TOKENS = 12
"""Words of one node's class names that count."""
_LETTERS = 27
_HASH_START, _HASH_PRIME = np.uint32(2166136261), np.uint32(16777619)


class Automaton(NamedTuple):
    """A machine that finds all parts of class names in one pass (Aho and Corasick 1975)."""

    step: NDArray[np.int16]
    """The next state for each state and letter (int16[n_states, 27])."""
    cues: NDArray[np.int64]
    """The cues that are found on reaching a state, as bits (int64[n_states])."""


def _automaton() -> Automaton:
    """Return the machine for `CUES`."""
    children: list[dict[int, int]] = [{}]
    cues = [0]
    for bit, parts in enumerate(CUES.values()):
        for part in parts.split():
            state = 0
            for letter in part:
                number = 26 if letter == "_" else ord(letter) - ord("a")
                if number not in children[state]:
                    children[state][number] = len(children)
                    children.append({})
                    cues.append(0)
                state = children[state][number]
            cues[state] |= 1 << bit
    step = np.zeros((len(children), _LETTERS), np.int16)
    fallback = [0] * len(children)
    queue = [0]
    for state in queue:
        for number in range(_LETTERS):
            beyond = step[fallback[state], number] if state else 0
            child = children[state].get(number)
            if child is None:
                step[state, number] = beyond
            else:
                step[state, number] = child
                fallback[child] = int(beyond)
                cues[child] |= cues[int(beyond)]
                queue.append(child)
    return Automaton(step, np.array(cues, np.int64))


AUTOMATON = _automaton()


class ClassNames(NamedTuple):
    """The class names of all nodes."""

    tokens: Words
    """The hash of each word of a class name, in lower case (uint32[n_tokens])."""
    offsets: Offsets
    """Where the words of each node start (int64[n_nodes + 1])."""
    cues: Offsets
    """The cues of each node, as bits (int64[n_nodes])."""
    hashes: NDArray[np.uint32]
    """A hash of the first 40 bytes of each node's names (uint32[n_nodes])."""


@njit_without_allocation
def _read_names(
    names: Bytes,
    name_offsets: Offsets,
    automaton: Automaton,
    tokens: Words,
    offsets: Offsets,
    cues: Offsets,
    hashes: NDArray[np.uint32],
) -> int:
    """Fill in what `read_class_names` returns; return the number of words."""
    n = 0
    for node in range(cues.size):
        start, stop = name_offsets[node], name_offsets[node + 1]
        found, length, in_capitals = 0, 0, False
        word, whole = _HASH_START, _HASH_START
        state = automaton.step[0, 26]
        for at in range(start, stop + 1):
            byte = names[at] if at < stop else np.uint8(0x20)
            lower = byte | 0x20
            is_letter = 0x61 <= lower <= 0x7A
            is_capital = bool(is_letter and byte != lower)
            state = automaton.step[state, np.int64(lower - 0x61) if is_letter else 26]
            found |= automaton.cues[state]
            if at < stop and at < start + 40:
                whole = np.uint32((whole ^ np.uint32(byte)) * _HASH_PRIME)
            ends = not is_letter or (is_capital and not in_capitals)
            if length and ends:
                if length > 1 and n - offsets[node] < MAX_TOKENS:
                    tokens[n] = word
                    n += 1
                word, length = _HASH_START, 0
            if is_letter:
                word = np.uint32((word ^ np.uint32(lower)) * _HASH_PRIME)
                length += 1
            in_capitals = is_capital
        cues[node] = found
        hashes[node] = whole
        offsets[node + 1] = n
    return n


def read_class_names(names: Bytes, name_offsets: Offsets) -> ClassNames:
    """Return the words and the cues of the class names of each node."""
    n = name_offsets.size - 1
    tokens = np.empty(MAX_TOKENS * n, np.uint32)
    offsets, cues = np.zeros(n + 1, np.int64), np.zeros(n, np.int64)
    hashes = np.zeros(n, np.uint32)
    n_tokens = _read_names(names, name_offsets, AUTOMATON, tokens, offsets, cues, hashes)
    return ClassNames(tokens[:n_tokens], offsets, cues, hashes)


TABLE_SIZE = 1 << 15
"""Slots of the table of weights."""
MAX_LEVELS = 12
"""A block's own node and the ancestors whose class names count."""
LEVELS = 3
"""A word has a slot each for the own node, the two above it, and those above them."""


class ClassLexicon(NamedTuple):
    """A linear model over the class names of a block's node and its ancestors."""

    weights: NDArray[np.int8]
    """The weight of each slot, in units of `scale` (int8[TABLE_SIZE])."""
    scale: np.float32
    bias: np.float32


@njit_without_allocation
def class_slot(level: int, word: np.uint32) -> np.int64:
    """Return the slot of a word at a level."""
    mixed = np.uint32((np.uint32(word) ^ np.uint32(level * 0x9E3779B1)) * np.uint32(0x85EBCA6B))
    return np.int64((mixed ^ (mixed >> np.uint32(13))) & np.uint32(TABLE_SIZE - 1))


@njit_without_allocation
def level_of(step: int) -> int:
    """Return the level of an ancestor by how many steps it is above the block's node."""
    return 0 if step == 0 else 1 if step < 3 else 2


@njit_without_allocation
def _class_scores(
    parent: NDArray[np.int32],
    tag: NDArray[np.int16],
    names: ClassNames,
    lexicon: ClassLexicon,
    sums: Offsets,
    scores: NDArray[np.float32],
) -> None:
    """Fill in what `class_scores` returns; `sums` (int64[3, n_nodes]) is a buffer."""
    for node in range(parent.size):
        for level in range(LEVELS):
            total = np.int64(lexicon.weights[class_slot(level, np.uint32(tag[node]))])
            for i in range(names.offsets[node], names.offsets[node + 1]):
                total += lexicon.weights[class_slot(level, names.tokens[i])]
            sums[level, node] = total
        score, ancestor, step = np.int64(0), np.int64(node), 0
        while ancestor >= 0 and step < MAX_LEVELS:
            score += sums[level_of(step), ancestor]
            ancestor = np.int64(parent[ancestor])
            step += 1
        scores[node] = lexicon.bias + lexicon.scale * np.float32(score)


def class_scores(
    parent: NDArray[np.int32], tag: NDArray[np.int16], names: ClassNames, lexicon: ClassLexicon
) -> NDArray[np.float32]:
    """Return the log-odds that a block in each node is content, by class names and tags."""
    scores = np.empty(parent.size, np.float32)
    sums = np.empty((LEVELS, parent.size), np.int64)
    _class_scores(parent, tag, names, lexicon, sums, scores)
    return scores


@njit
def _class_slots(
    parent: NDArray[np.int32],
    tag: NDArray[np.int16],
    names: ClassNames,
    node: NDArray[np.int32],
    columns: NDArray[np.int32],
    offsets: Offsets,
) -> None:
    """Fill in what `class_slots` returns."""
    n = 0
    for block in range(node.size):
        ancestor, step = node[block], 0
        while ancestor >= 0 and step < MAX_LEVELS:
            level = level_of(step)
            columns[n] = class_slot(level, np.uint32(tag[ancestor]))
            n += 1
            for i in range(names.offsets[ancestor], names.offsets[ancestor + 1]):
                columns[n] = class_slot(level, names.tokens[i])
                n += 1
            ancestor = parent[ancestor]
            step += 1
        offsets[block + 1] = n


def class_slots(
    parent: NDArray[np.int32], tag: NDArray[np.int16], names: ClassNames, node: NDArray[np.int32]
) -> tuple[NDArray[np.int32], Offsets]:
    """Return the slots of each block, as the rows of a sparse matrix to train on."""
    columns = np.empty(len(node) * MAX_LEVELS * (1 + MAX_TOKENS), np.int32)
    offsets = np.zeros(len(node) + 1, np.int64)
    _class_slots(parent, tag, names, node, columns, offsets)
    return columns[: offsets[-1]].copy(), offsets
