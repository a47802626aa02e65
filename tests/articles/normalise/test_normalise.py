"""Normalisation: each step does what it says, leaves the rest alone, and settles at once."""

from __future__ import annotations

import unicodedata

import ftfy
import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import corpus.articles.normalise.normalise as module
from corpus.arrow_buffers import texts
from corpus.articles.normalise.code_points import COMPOSABLE, LAST, roles
from corpus.articles.normalise.kernels import EVERY_STEP, LAYOUT, MOJIBAKE, STEPS, survey
from corpus.articles.normalise.normalise import normalise


def one(text: str, *, steps: int = EVERY_STEP) -> str:
    """Return one text normalised."""
    return normalise(pa.array([text], pa.large_string()), steps=steps)[0].as_py()


@pytest.mark.parametrize(
    ("step", "before", "after"),
    [
        ("mojibake", "a cafÃ© in MÃ¼nchen", "a café in München"),
        ("mojibake", "â€œquotedâ€\x9d", "“quoted”"),
        ("mojibake", "ÐŸÑ€Ð¸Ð²ÐµÑ‚ Ð¼Ð¸Ñ€", "Привет мир"),
        ("mojibake", "\x93Windows quotes\x94", "“Windows quotes”"),
        ("entities", "fish &amp; chips&nbsp;&#8211; hot", "fish & chips\u00a0– hot"),
        ("composed", "cafe\u0301", "café"),
        ("lines", "a\r\nb\rc\u2028d\x0ce\u0085f", "a\nb\nc\nd\ne\nf"),
        ("controls", "a\x00b\x1bc\x7fd", "abcd"),
        ("zero_width", "a\u200bb\ufeffc\u2060d\u200ee", "abcde"),
        ("soft_hyphens", "hy\u00adphen", "hyphen"),
        ("spaces", " a\t\u00a0 b \n\u3000c ", "a b\nc"),
        ("blank_lines", "\n\na\n\n\n\nb\nc\n", "a\n\nb\nc"),
    ],
)
def test_a_step_does_what_it_says(step, before, after):
    """Each step changes what it is named for; switched off, it does not."""
    assert one(before, steps=STEPS[step]) == after
    others = EVERY_STEP & ~STEPS[step]
    if step not in ("lines", "mojibake"):  # what these leave, other steps change in their own way
        assert one(before, steps=others & ~LAYOUT) == before


@pytest.mark.parametrize(
    "text",
    [
        "Plain text, of one line.",
        "“Quotes”, ‘quotes’ – and — dashes… stay.",
        "می\u200cخواهم",  # Persian needs the joiner
        "ശ്രീ\u200d",
        "👩\u200d👩\u200d👧",
        "ភាសា\u200bខ្មែរ",  # Khmer parts words with a space of no width
        "Das macht Spaß” – à la “ménage”",
        "AT&T; R&D &; &not an entity",
        "日本語の文章。",
    ],
)
def test_good_text_stays_as_it_is(text):
    """What a script needs, and what people write on purpose, is not touched."""
    assert one(text) == text


def test_joiners_go_where_they_shape_nothing():
    """A joiner between Latin letters, or at the start of a text, is a leftover."""
    assert one("\u200dwo\u200drd\u200c") == "word"


@pytest.mark.parametrize("often", [1, 2, 20, 50_000])
def test_an_ampersand_is_mended_however_often_it_was_escaped(often):
    """Each escaping is undone, at once: a step at a time would take the square of their number."""
    assert one("fish &" + "amp;" * often + "lt; chips") == "fish < chips"
    assert one("fish &" + "#38;" * often + " chips") == "fish & chips"


def test_a_crowd_of_marks_stays_as_it_is():
    """More marks in a row than any language has are not put in order, which takes their square."""
    crowd = "\u0301\u0327" * 50_000
    assert one(f"cafe\u0301 a{crowd} cafe\u0301") == f"café a{crowd} café"
    few = "\u0301\u0327" * 30
    assert one(f"a{few}") == unicodedata.normalize("NFC", f"a{few}")


def test_null_is_empty():
    """A column's null is an empty text."""
    assert normalise(pa.array([None, "a "], pa.large_string())).to_pylist() == ["", "a"]


awkward = st.lists(
    st.sampled_from(
        [*"ab éß&;.\n\r\t <", "&amp;", "\u00a0", "\u200b", "\u200d", "\u00ad", "\ufeff", "\x00",
         "\x85", "\x93", "Ã", "©", "â€™", "\u0301", "\u2028", "\u3000", "म", "क\u093c", "ខ", "👩",
         "\u1100\u1161", "Ñ€", "\u2000", "&#65;", "&lt;"]
    ),
    max_size=12,
).map("".join)  # fmt: skip


@given(text=awkward | st.text(max_size=30))
@settings(max_examples=300, deadline=None)
def test_twice_is_once(text):
    """A normalised text needs nothing more, by any step."""
    once = one(text)
    assert one(once) == once


@given(text=awkward)
@settings(max_examples=150, deadline=None)
def test_what_the_survey_does_not_name_changes_nothing(text):
    """A step that the survey does not name leaves the text alone: a clean column costs one pass."""
    needs = int(survey(*texts(pa.array([text], pa.large_string())))[0])
    for step in STEPS.values():
        if not needs & step:
            assert one(text, steps=step) == text


@given(column=st.lists(awkward, max_size=5))
@settings(max_examples=60, deadline=None)
def test_texts_do_not_touch_each_other(column):
    """A text comes out the same whatever stands beside it in the column."""
    whole = normalise(pa.array(column, pa.large_string())).to_pylist()
    assert whole == [one(text) for text in column]


def test_every_composable_code_point_is_suspected():
    """No code point that NFC may change, or order among marks, slips past the quick look."""
    suspected = []
    for code in range(0x110000):
        if 0xD800 <= code < 0xE000:
            continue
        char = chr(code)
        parts = unicodedata.decomposition(char).split()
        suspects = []
        if unicodedata.combining(char) or not unicodedata.is_normalized("NFC", char):
            suspects.append(code)
        if len(parts) == 2 and not parts[0].startswith("<"):
            whole = unicodedata.normalize("NFC", "".join(chr(int(part, 16)) for part in parts))
            if whole == char:
                suspects.append(int(parts[1], 16))
        suspected += suspects
    suspected += [*range(0x1161, 0x1176), *range(0x11A8, 0x11C3)]  # vowels and ends of Hangul
    table = roles().tolist()
    assert [code for code in suspected if not table[min(code, LAST)] & COMPOSABLE] == []


def test_a_long_line_is_decoded_in_one_piece(monkeypatch):
    """No misread letter of a line is cut in two, which would take a round of mending for each."""
    rounds = []
    mended = module._mended
    monkeypatch.setattr(module, "_mended", lambda *a, **k: rounds.append(1) or mended(*a, **k))
    line = "a" + 400_000 * "\u00e2\u20ac\u0153"
    assert normalise(pa.array([line])).to_pylist() == ["a" + 400_000 * "\u201c"]
    assert len(rounds) == 1


@given(
    st.text(
        st.characters(min_codepoint=32, max_codepoint=126, exclude_characters="&"), max_size=60
    ),
    st.text(st.sampled_from("éß“”–£ñ€ Ж日a"), min_size=1, max_size=12),
    st.sampled_from(["cp1252", "latin-1", "cp1251", "mac_roman"]),
    st.text(
        st.characters(min_codepoint=32, max_codepoint=126, exclude_characters="&"), max_size=60
    ),
)
def test_a_misread_line_is_mended_as_the_whole_line_would_be(before, said, encoding, after):
    """Ftfy is shown what is beyond ASCII and a little beside it: with more it mends the same."""
    try:
        line = before + said.encode().decode(encoding) + after
    except UnicodeDecodeError:
        assume(False)
    whole = module._mended(line, steps=MOJIBAKE)
    needs = survey(*texts(pa.array([line], pa.large_string())))
    assert whole == (ftfy.fix_text(line, module._fixer()) if needs[0] & MOJIBAKE else line)
