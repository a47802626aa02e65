"""The features of the lines near an article, and the kernels that compute them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.articles.lines import model
from corpus.articles.lines.scan import scan
from corpus.articles.metadata import nearby_lines
from corpus.articles.metadata.cue_words import (
    BY,
    CUE_WORDS,
    FILTER_SIZE,
    MONTH,
    cue_word_table,
    word_hash,
)
from corpus.articles.metadata.feature_columns import (
    CONTAINED_IN,
    CONTAINS,
    FEATURES,
    FIRST_NEIGHBOUR,
    KEPT,
    SHARED_WORDS,
)
from corpus.articles.metadata.features import describe_lines
from corpus.articles.metadata.nearby_lines import (
    MAX_WINDOW_LINES,
    LinesOfPages,
    PageLines,
    contains_line,
    fill_window_rows,
    line_distances,
)
from corpus.articles.metadata.shared_words import hash_words, word_bits
from corpus.words.month_names import MONTHS
from tests.articles.pages import PARAGRAPHS, TITLE


def words(text: str, max_words: int = 99) -> list[int]:
    """Return the hashes of the words of a text."""
    data = np.frombuffer(text.encode(), np.uint8)
    hashes = np.empty(max_words, np.uint32)
    return hashes[: hash_words(data, 0, data.size, hashes)].tolist()


def features(lines: list[str], *, first: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the features of a page whose article starts at line `first`, and the lines."""
    data = np.frombuffer("\n".join(lines).encode(), np.uint8)
    arrays = model.load()
    *_, spans = scan(data, 0, data.size, arrays.characters)
    kept = np.arange(len(lines)) >= first
    characters = arrays.characters
    pages = LinesOfPages.of_one(PageLines(spans, kept.astype(np.float32), kept))
    rows, _, table = describe_lines(data, pages, characters, cue_word_table())
    return table, rows


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("Über die Brücke", "über DIE brücke,"),
        ("“Harbour” closes …", "harbour CLOSES"),
        ("日本語", "日 本 語"),
        ("", " – "),
    ],
)
def test_words_are_compared_without_case_and_punctuation(text, other):
    """Case, punctuation, and spaces between Han characters do not change the words of a text."""
    assert words(text) == words(other)


def test_hashing_stops_when_the_buffer_is_full():
    """Neither many words nor a character that is cut off leads to access past an end."""
    assert len(words("a b c d e f g h", max_words=3)) == 3
    assert len(words("日本語日本語", max_words=4)) == 4
    data = np.frombuffer("ab é".encode()[:-1], np.uint8)
    assert hash_words(data, 0, data.size, np.empty(9, np.uint32)) == 1


LINES = st.text("abc é|7日本語한…", max_size=40)


@given(before=LINES, line=LINES, after=LINES)
def test_the_bloom_filter_never_excludes_a_line_that_contains_another(before, line, after):
    """The inner words of a line are words of any line that contains it."""
    data = np.frombuffer(f"{before}{line}{after}\n{line}".encode(), np.uint8)
    size = len(line.encode())
    stop = data.size - size - 1
    is_short = size < nearby_lines.MIN_CONTAINED_BYTES
    assert contains_line(data, 0, stop, stop + 1, data.size) or is_short or size == stop
    hashes = np.empty(200, np.uint32)
    every_word = word_bits(hashes, 0, hash_words(data, 0, stop, hashes))
    inner_words = word_bits(hashes, 1, hash_words(data, stop + 1, data.size, hashes) - 1)
    assert not inner_words & ~every_word


def test_cue_words_are_hashed_like_the_words_of_a_page():
    """The hash of each cue word is the one that `lines.measure` computes for it."""
    arrays = model.load()
    n_compared = 0
    for word in [*MONTHS, *(word for kind in CUE_WORDS.values() for word in kind.split())]:
        data = np.frombuffer(word.encode(), np.uint8)
        _, hashes, firsts, _ = scan(data, 0, data.size, arrays.characters)
        if firsts[1] == 1:  # otherwise a page has it as two words, each of which is a cue
            assert hashes[0] == word_hash(word), word
            n_compared += 1
    assert n_compared > len(MONTHS)


def test_a_cue_word_may_have_several_kinds():
    """A word has the bits of all its kinds: "mai" is a month, "von" starts bylines."""
    table = cue_word_table()
    kinds = dict(zip(table.hashes.tolist(), table.kinds.tolist(), strict=True))
    assert kinds[word_hash("mai")] & MONTH
    assert kinds[word_hash("von")] & BY
    assert word_hash("harbour") not in kinds
    assert table.filter[table.hashes % FILTER_SIZE].all()
    assert (np.diff(table.hashes.astype(np.int64)) > 0).all()


def window_rows(n_lines: int, paragraph: int, last: int) -> list[int]:
    """Return the lines of the window of a page."""
    rows = np.empty(MAX_WINDOW_LINES, np.int64)
    return rows[: fill_window_rows(n_lines, paragraph, last, rows)].tolist()


def test_the_window_is_small_however_long_the_page_is():
    """The window has the lines around the first paragraph, and a few after the article."""
    assert window_rows(9, 4, 6) == list(range(9))
    rows = window_rows(100_000, 50_000, 60_000)
    assert len(rows) == (
        nearby_lines.LINES_BEFORE_PARAGRAPH
        + nearby_lines.LINES_FROM_PARAGRAPH
        + nearby_lines.LINES_AFTER_ARTICLE
    )
    assert rows[-1] == 60_000 + nearby_lines.LINES_AFTER_ARTICLE


def test_distances_count_lines_to_the_next_flag():
    """Each line gets the distance to the next and to the previous flagged line, at most 20."""
    flags = np.array([False, True, False, False])
    until, since = np.zeros((2, 4), np.float32)
    line_distances(flags, until, since)
    assert since.tolist() == [20, 20, 1, 2]
    assert until.tolist() == [1, 20, 20, 20]


def test_a_line_near_the_title_that_contains_it_is_found():
    """A breadcrumb above a title ends with it; the short word of a menu does not count."""
    lines = ["Harbour", "Harbour News", f"Home Harbour {TITLE}", TITLE, *PARAGRAPHS]
    table, _ = features(lines, first=4)
    assert table[:, CONTAINED_IN].tolist() == [0, 0, 0, -1, *[0] * len(PARAGRAPHS)]
    assert table[:, CONTAINS].tolist() == [0, 0, 1, 0, *[0] * len(PARAGRAPHS)]


def test_a_title_shares_its_words_with_the_article():
    """Among the lines above an article, its title shares the most words with it."""
    lines = ["Menu", "Storm warning for the coast", TITLE, "Share", *PARAGRAPHS]
    table, rows = features(lines, first=4)
    assert table.shape == (len(rows), len(FEATURES))
    assert lines[rows[np.argmax(table[:4, SHARED_WORDS])]] == TITLE
    assert table[:, KEPT].tolist() == [row >= 4 for row in range(len(lines))]


def test_each_column_has_the_name_of_its_feature():
    """The constants for columns agree with the names in `FEATURES`."""
    assert FEATURES[KEPT] == "kept"
    assert FEATURES[SHARED_WORDS] == "shared words"
    assert FEATURES[CONTAINED_IN] == "where a nearby line contains it"
    assert FEATURES[CONTAINS] == "where it contains a nearby line"
    assert FEATURES[FIRST_NEIGHBOUR] == "words of -3"
