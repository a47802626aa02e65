"""What is known of the lines around an article: of few lines, and by the right words."""

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
    GATE,
    MONTH_BIT,
    VOCABULARY,
    meanings,
    word_hash,
)
from corpus.articles.metadata.features import NAMES, describe
from corpus.articles.metadata.months import MONTHS
from corpus.articles.metadata.nearby_lines import (
    distances,
    holds,
    raw_words,
    rows_around,
    sketched,
)
from tests.articles.pages import PARAGRAPHS, TITLE


def words(text: str, room: int = 99) -> list[int]:
    """Return the hashes of the words of a text, as lines of a page are compared by."""
    data = np.frombuffer(text.encode(), np.uint8)
    out = np.empty(room, np.uint32)
    return out[: raw_words(data, 0, data.size, out)].tolist()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Über die Brücke", "über DIE brücke,"),
        ("“Harbour” closes …", "harbour CLOSES"),
        ("日本語", "日 本 語"),
        ("", " – "),
    ],
)
def test_words_are_compared_without_case_and_signs(one, other):
    """Two texts of the same words are of the same words, however they are written."""
    assert words(one) == words(other)


def test_only_so_many_words_are_taken_as_there_is_room_for():
    """Neither many words nor a character that is cut off takes reading past an end."""
    assert len(words("a b c d e f g h", room=3)) == 3
    assert len(words("日本語日本語", room=4)) == 4
    data = np.frombuffer("ab é".encode()[:-1], np.uint8)
    assert raw_words(data, 0, data.size, np.empty(9, np.uint32)) == 1


WRITTEN = st.text("abc é|7日本語한…", max_size=40)


@given(before=WRITTEN, line=WRITTEN, after=WRITTEN)
def test_no_line_that_holds_another_is_passed_over_unread(before, line, after):
    """The words within a line are words of any line that holds it, whatever stands around it."""
    data = np.frombuffer(f"{before}{line}{after}\n{line}".encode(), np.uint8)
    own = len(line.encode())
    cut = data.size - own - 1
    assert holds(data, 0, cut, cut + 1, data.size) or own < nearby_lines.SAYING or own == cut
    out = np.empty(200, np.uint32)
    every = sketched(out, 0, raw_words(data, 0, cut, out))
    inner = sketched(out, 1, raw_words(data, cut + 1, data.size, out) - 1)
    assert not inner & ~every


def test_the_vocabulary_knows_words_as_a_page_is_scanned():
    """The hash of each word is that of `lines.scan`: so it is found on a page, in any case."""
    arrays = model.load()
    for word in [*MONTHS, *(word for kind in VOCABULARY.values() for word in kind.split())]:
        data = np.frombuffer(word.encode(), np.uint8)
        _, found, firsts, _ = scan(data, 0, data.size, arrays.characters)
        if firsts[1] == 1:  # else it is two words to a page, and its parts are known
            assert found[0] == word_hash(word), word


def test_a_word_may_mean_several_things():
    """The bits of a word are those of all its kinds: "mai" is a month, "von" starts bylines."""
    hashes, bits, gate = meanings()
    kinds = dict(zip(hashes.tolist(), bits.tolist(), strict=True))
    assert kinds[word_hash("mai")] & MONTH_BIT
    assert kinds[word_hash("von")] & BY
    assert word_hash("harbour") not in kinds
    assert gate[hashes % GATE].all()
    assert (np.diff(hashes.astype(np.int64)) > 0).all()


def test_few_lines_are_described_however_many_there_are():
    """A window around the article's start, and a few lines after its end."""
    assert rows_around(9, 4, 6).tolist() == list(range(9))
    far = rows_around(100_000, 50_000, 60_000)
    assert len(far) == nearby_lines.BEFORE + nearby_lines.AFTER + nearby_lines.TAIL
    assert far[-1] == 60_000 + nearby_lines.TAIL


def test_distances_count_lines_to_the_next_flag():
    """Walking on, or back, each line knows how far the next flagged line is."""
    flags = np.array([False, True, False, False])
    until, since = np.zeros((2, 4), np.float32)
    distances(flags, until, since)
    assert since.tolist() == [20, 20, 1, 2]
    assert until.tolist() == [1, 20, 20, 20]


def test_a_line_beside_the_title_that_holds_it_is_known():
    """The path through the site above a title ends with it; that of a menu's word is no news."""
    arrays = model.load()
    lines = ["Harbour", "Harbour News", f"Home Harbour {TITLE}", TITLE, *PARAGRAPHS]
    data = np.frombuffer("\n".join(lines).encode(), np.uint8)
    *_, spans = scan(data, 0, data.size, arrays.characters)
    kept = np.arange(len(lines)) > 3
    _, table = describe(
        data,
        spans,
        kept,
        kept.astype(np.float32),
        *arrays.characters,
        *meanings(),
    )
    held = table[:, NAMES.index("where a line beside it holds it")]
    holding = table[:, NAMES.index("where a line beside it is held by it")]
    assert held.tolist() == [0, 0, 0, -1, *[0] * len(PARAGRAPHS)]
    assert holding.tolist() == [0, 0, 1, 0, *[0] * len(PARAGRAPHS)]


def test_a_title_shares_its_words_with_the_article():
    """Of the lines above an article its title holds most of the article's words."""
    arrays = model.load()
    lines = ["Menu", "Storm warning for the coast", TITLE, "Share", *PARAGRAPHS]
    data = np.frombuffer("\n".join(lines).encode(), np.uint8)
    *_, spans = scan(data, 0, data.size, arrays.characters)
    kept = np.arange(len(lines)) > 3
    rows, table = describe(
        data,
        spans,
        kept,
        kept.astype(np.float32),
        *arrays.characters,
        *meanings(),
    )
    shared = table[:, NAMES.index("shared words")]
    assert table.shape == (len(rows), len(NAMES))
    assert lines[rows[np.argmax(shared[:4])]] == TITLE
    assert table[:, NAMES.index("kept")].tolist() == kept.tolist()
