"""Normalisation: each step makes its own change, and normalising twice changes nothing."""

from __future__ import annotations

import unicodedata

import ftfy
import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import corpus.articles.normalise.normalise as module
from corpus.arrow_buffers import texts
from corpus.articles.normalise.code_points import COMPOSABLE, LAST_CODE_POINT, code_point_table
from corpus.articles.normalise.kernels import EVERY_STEP, LAYOUT, MOJIBAKE, STEPS, needed_steps
from corpus.articles.normalise.normalise import normalise


def normalised(text: str, *, steps: int = EVERY_STEP) -> str:
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
    """Each step makes its change, and without the step the text is unchanged."""
    assert normalised(before, steps=STEPS[step]) == after
    others = EVERY_STEP & ~STEPS[step]
    if step not in ("lines", "mojibake"):  # other steps change what these leave
        assert normalised(before, steps=others & ~LAYOUT) == before


@pytest.mark.parametrize(
    "text",
    [
        "Plain text, of one line.",
        "“Quotes”, ‘quotes’ – and — dashes… stay.",
        "می\u200cخواهم",  # Persian needs the joiner
        "ശ്രീ\u200d",
        "👩\u200d👩\u200d👧",
        "ភាសា\u200bខ្មែរ",  # Khmer separates words with zero-width spaces
        "Das macht Spaß” – à la “ménage”",
        "AT&T; R&D &; &not an entity",
        "日本語の文章。",
    ],
)
def test_good_text_does_not_change(text):
    """Characters that a script needs, or that people write on purpose, are kept."""
    assert normalised(text) == text


def test_joiners_without_effect_are_removed():
    """A joiner between Latin letters, or at the start of a text, has no effect."""
    assert normalised("\u200dwo\u200drd\u200c") == "word"


@pytest.mark.parametrize("times", [1, 2, 20, 50_000])
def test_an_ampersand_is_unescaped_however_often_it_was_escaped(times):
    """Repeated escapes are undone at once; one at a time would take quadratic time."""
    assert normalised("fish &" + "amp;" * times + "lt; chips") == "fish < chips"
    assert normalised("fish &" + "#38;" * times + " chips") == "fish & chips"


def test_a_long_run_of_marks_does_not_change():
    """More marks in a row than any language has are not sorted, which takes quadratic time."""
    long_run = "\u0301\u0327" * 50_000
    assert normalised(f"cafe\u0301 a{long_run} cafe\u0301") == f"café a{long_run} café"
    short_run = "\u0301\u0327" * 30
    assert normalised(f"a{short_run}") == unicodedata.normalize("NFC", f"a{short_run}")


def test_null_is_empty():
    """A null in the column becomes an empty text."""
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
def test_normalising_twice_changes_nothing(text):
    """A normalised text needs no further step."""
    once = normalised(text)
    assert normalised(once) == once


@given(text=awkward)
@settings(max_examples=150, deadline=None)
def test_steps_that_are_not_needed_change_nothing(text):
    """A step that is not among the needed steps does not change the text."""
    needs = int(needed_steps(*texts(pa.array([text], pa.large_string())))[0])
    for step in STEPS.values():
        if not needs & step:
            assert normalised(text, steps=step) == text


@given(column=st.lists(awkward, max_size=5))
@settings(max_examples=60, deadline=None)
def test_texts_do_not_affect_each_other(column):
    """The result for a text does not depend on the other texts in the column."""
    whole = normalise(pa.array(column, pa.large_string())).to_pylist()
    assert whole == [normalised(text) for text in column]


def test_every_composable_code_point_is_marked():
    """Each code point that NFC may change or reorder has the bit COMPOSABLE."""
    composable = []
    for code in range(0x110000):
        if 0xD800 <= code < 0xE000:
            continue
        character = chr(code)
        parts = unicodedata.decomposition(character).split()
        if unicodedata.combining(character) or not unicodedata.is_normalized("NFC", character):
            composable.append(code)
        if len(parts) == 2 and not parts[0].startswith("<"):
            whole = unicodedata.normalize("NFC", "".join(chr(int(part, 16)) for part in parts))
            if whole == character:
                composable.append(int(parts[1], 16))
    composable += [*range(0x1161, 0x1176), *range(0x11A8, 0x11C3)]  # vowels and ends of Hangul
    table = code_point_table().tolist()
    entries = {code: table[min(code, LAST_CODE_POINT)] for code in composable}
    assert [code for code, bits in entries.items() if not bits & COMPOSABLE] == []


def test_a_long_line_is_repaired_at_once(monkeypatch):
    """No wrongly decoded character is cut in two, which would take a round of its own."""
    rounds = []
    repair = module._repair
    monkeypatch.setattr(module, "_repair", lambda *a, **k: rounds.append(1) or repair(*a, **k))
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
def test_a_part_of_a_line_is_repaired_like_the_whole_line(before, text, encoding, after):
    """Ftfy gets the non-ASCII part of a line with some context; the whole line gives the same."""
    try:
        line = before + text.encode().decode(encoding) + after
    except UnicodeDecodeError:
        assume(False)
    repaired = module._repair(line, steps=MOJIBAKE)
    needs = needed_steps(*texts(pa.array([line], pa.large_string())))
    assert repaired == (ftfy.fix_text(line, module._ftfy_config()) if needs[0] & MOJIBAKE else line)
