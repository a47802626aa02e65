"""The features of a block that its own text has, and the hashes of its words."""

# ruff: noqa: FURB136  (numba compiles min and max again for each pair of types)

from __future__ import annotations

import numpy as np

from corpus.array_types import Flags, Numbers, Offsets, Words
from corpus.articles.blocks.block_text import Blocks
from corpus.articles.blocks.feature_columns import (
    BOLD_SHARE,
    IMAGES,
    IN_DESCRIPTION,
    IN_TITLE,
    IS_VERBATIM,
    LINES,
    LINK_SHARE,
    LINKS,
    STOP_SHARE,
    TITLE_SHARE,
    WORDS_PER_SENTENCE,
)
from corpus.articles.blocks.groups import buffer_of_slots, group_ids
from corpus.articles.characters import CharacterTables
from corpus.articles.lines.counters import EQUAL_LINES, SENTENCES, WORDS
from corpus.articles.lines.lexicon import combine_hashes
from corpus.articles.lines.measure import measure
from corpus.kernels import njit, njit_without_allocation

_SLOTS = 1 << 12
"""Slots of the tables of words; a collision only blurs a share."""
_STOP_WORDS = (
    "the of and to a in is for that on with it as was by be are this from at or an you have we not "
    "your can i they which but has will their our all if more one about its so who what when there "
    "been do he she his her how der die und das ist nicht von mit le la les de et des est que un "
    "une el los y en por con para del il di che non per"
)


def _word_hash(word: str) -> int:
    """Return the hash that `measure` gives a word of lower-case letters."""
    value = 2166136261
    for char in word:
        value = ((value ^ ord(char)) * 16777619) & 0xFFFFFFFF
    return value


@njit_without_allocation
def _slot(word: np.uint32) -> np.int64:
    """Return the slot of a word in a table of words."""
    return np.int64((word ^ (word >> np.uint32(15))) & np.uint32(_SLOTS - 1))


def word_table(hashes: Words) -> Offsets:
    """Return a table with 1 in the slot of each word (int64[slots])."""
    table = np.zeros(_SLOTS, np.int64)
    table[(hashes ^ (hashes >> np.uint32(15))) & np.uint32(_SLOTS - 1)] = 1
    return table


STOP_WORDS = word_table(np.array([_word_hash(word) for word in _STOP_WORDS.split()], np.uint32))


@njit(error_model="numpy")
def _fill(
    blocks: Blocks,
    characters: CharacterTables,
    title: Offsets,
    n_title: int,
    description: Offsets,
    stop_words: Offsets,
    words: Words,
    offsets: Offsets,
    keys: Words,
    table: Numbers,
) -> None:
    """Fill in the columns of the text, except the cues; and the hash of each block's words."""
    n_words = 0
    seen = np.full(title.size, -1, np.int64)
    for i in range(offsets.size - 1):
        row = table[i]
        start, stop = blocks.spans[i, 0], blocks.spans[i, 1]
        n_words, _, _ = measure(blocks.text, start, stop, characters, words, n_words, row)
        offsets[i + 1] = n_words
        n = n_words - offsets[i]
        key = np.uint32(7)
        in_title = in_description = stops = new = 0
        for j in range(offsets[i], n_words):
            key = combine_hashes(key, words[j])
            slot = _slot(words[j])
            in_title += title[slot]
            in_description += description[slot]
            stops += stop_words[slot]
            if title[slot] and seen[slot] != i:
                seen[slot] = i
                new += 1
        keys[i] = key
        count = n or 1
        row[LINK_SHARE] = (blocks.link_words[i] if blocks.link_words[i] < n else n) / count
        row[BOLD_SHARE] = (blocks.bold_words[i] if blocks.bold_words[i] < n else n) / count
        row[LINKS], row[IMAGES] = blocks.links[i], blocks.images[i]
        row[IS_VERBATIM] = blocks.is_verbatim[i]
        lines = 0
        for at in range(start, stop):
            lines += blocks.text[at] == 0x0A
        row[LINES] = lines
        row[TITLE_SHARE] = new / n_title if n_title else 0.0
        row[IN_TITLE], row[IN_DESCRIPTION] = in_title / count, in_description / count
        row[STOP_SHARE] = stops / count
        row[WORDS_PER_SENTENCE] = row[WORDS] / (row[SENTENCES] + 1)


@njit_without_allocation
def _count_equal(ids: Offsets, counts: Offsets, table: Numbers) -> None:
    """Fill in how many other blocks have the same words."""
    for i in range(ids.size):
        counts[ids[i]] += 1
    for i in range(ids.size):
        table[i, EQUAL_LINES] = counts[ids[i]] - 1


def words_of_text(text: str, characters: CharacterTables) -> Words:
    """Return the hashes of the words of a text."""
    data = np.frombuffer(text.encode("utf-8", "replace"), np.uint8)
    words, row = np.empty(data.size + 1, np.uint32), np.zeros(32, np.float32)
    n, _, _ = measure(data, 0, data.size, characters, words, 0, row)
    return words[:n]


def text_features(
    blocks: Blocks, title: str, description: str, characters: CharacterTables, table: Numbers
) -> tuple[Words, Offsets]:
    """Fill in the columns of the text, except the cues; return the words of the blocks."""
    n = len(blocks.node)
    words = np.empty(blocks.text.size + 1, np.uint32)
    offsets, keys = np.zeros(n + 1, np.int64), np.zeros(n, np.uint32)
    title_table = word_table(words_of_text(title, characters))
    description_table = word_table(words_of_text(description, characters))
    _fill(
        blocks, characters, title_table, int(title_table.sum()), description_table, STOP_WORDS,
        words, offsets, keys, table,
    )  # fmt: skip
    ids = np.zeros(n, np.int64)
    group_ids(keys, buffer_of_slots(n), ids)
    _count_equal(ids, np.zeros(n + 1, np.int64), table)
    return words[: offsets[-1]], offsets


@njit
def good_blocks(table: Numbers) -> Flags:
    """Return which blocks look like paragraphs: ten words or more, a sentence, few links."""
    good = np.empty(table.shape[0], np.bool_)
    for i in range(good.size):
        row = table[i]
        good[i] = row[WORDS] >= 10 and row[LINK_SHARE] < 0.4 and row[SENTENCES] > 0
    return good
