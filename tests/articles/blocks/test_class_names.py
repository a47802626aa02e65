"""The words and cues of class names."""

from __future__ import annotations

import numpy as np
import pytest

from corpus.articles.blocks.class_names import (
    CUES,
    TABLE_SIZE,
    ClassLexicon,
    class_scores,
    class_slots,
    read_class_names,
)
from corpus.articles.blocks.walk_page import walk_page


def cues_of(name: str) -> set[str]:
    """Return the cues of one class name."""
    data = np.frombuffer(name.encode() + b" ", np.uint8)
    names = read_class_names(data, np.array([0, data.size]))
    return {cue for i, cue in enumerate(CUES) if names.cues[0] >> i & 1}


@pytest.mark.parametrize(
    ("name", "cue"),
    [
        ("sidebar-left", "side"),
        ("PostContent", "post"),
        ("post-content", "body"),
        ("post__content", "body"),
        ("js-ad", "advertisement"),
        ("cookieBanner", "dialog"),
        ("wp-block-comments", "comment"),
    ],
)
def test_a_cue_is_found_in_any_spelling(name, cue):
    """Hyphens, underscores and capitals separate the words of a class name."""
    assert cue in cues_of(name)


@pytest.mark.parametrize("name", ["header-lead", "shadow", "roadmap", ""])
def test_a_part_of_another_word_is_no_advertisement(name):
    """A short cue counts only as a word of its own."""
    assert "advertisement" not in cues_of(name)


def test_equal_words_have_equal_hashes_in_any_case():
    """Class names in camel case have the same words as those with hyphens."""
    data = np.frombuffer(b"postContent post-content POST_CONTENT x1 ", np.uint8)
    offsets = np.array([0, 12, 25, 38, 41])
    names = read_class_names(data, offsets)
    words = [
        names.tokens[a:b].tolist() for a, b in zip(names.offsets, names.offsets[1:], strict=False)
    ]
    assert words[0] == words[1] == words[2]
    assert len(words[0]) == 2
    assert words[3] == []


def test_scores_are_the_sums_of_the_weights_of_all_slots():
    """The kernel that scores nodes agrees with the slots that the lexicon is fitted to."""
    walk = walk_page(b"<div class='a-b'><main id=c><ul class='d d'><li>x</ul><p>y</main></div>")
    names = read_class_names(walk.names, walk.name_offsets)
    weights = np.random.default_rng(0).integers(-99, 99, TABLE_SIZE).astype(np.int8)
    lexicon = ClassLexicon(weights, np.float32(1), np.float32(0.5))
    scores = class_scores(walk.parent, walk.tag, names, lexicon)
    columns, offsets = class_slots(walk.parent, walk.tag, names, walk.block_node)
    for i, node in enumerate(walk.block_node.tolist()):
        own = columns[offsets[i] : offsets[i + 1]]
        assert scores[node] == pytest.approx(0.5 + int(weights[own].astype(np.int64).sum()))
