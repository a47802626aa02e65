"""Sampling a text: from its bytes to the code points that the models read."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.languages.langdetect_model import load
from corpus.languages.sampling import (
    N_SLICES,
    blank_addresses,
    lowercase_capitals,
    sample_text,
)

TEXT = st.text(st.characters(codec="utf-8"), max_size=300)
PLAIN = st.text(st.sampled_from("aé漢𝐀 "), max_size=300)
NO_COMPOSITION = np.zeros((0, 0), np.uint16)


def sampled(text: str, limit: int) -> str:
    """Return the sample of a text as a string."""
    data = np.frombuffer(b"<" + text.encode() + b">", np.uint8)
    out = np.full(limit + N_SLICES + 1, 0x2603, np.uint32)
    count = sample_text(data, 1, len(data) - 1, limit, out, NO_COMPOSITION)
    assert out[-1] == 0x2603
    return "".join(map(chr, out[:count]))


def apply(kernel: object, text: str) -> str:
    """Return a text after a kernel changed it in place."""
    out = np.array([ord(character) for character in text], np.uint32)
    kernel(out, len(out))
    return "".join(map(chr, out))


@settings(deadline=None)
@given(TEXT)
def test_a_short_text_is_read_completely(text: str) -> None:
    """Decoding agrees with Python's for every text within the limit."""
    assert sampled(text, max(1, len(text))) == text


@settings(deadline=None)
@given(PLAIN, st.integers(4, 120))
def test_a_sample_is_ordered_slices_from_start_to_end(text: str, limit: int) -> None:
    """Slices are parts of the text, in order and without overlap, and include both ends."""
    result = sampled(text, limit)
    if len(text) <= limit:
        assert result == text
        return
    assert result[0] == text[0]
    assert text[-1] in (result[-2], result.rstrip(" ")[-1:])
    assert sum(1 for _ in result) <= limit + N_SLICES
    rest = iter(text + " " * N_SLICES)
    assert all(character in rest for character in result if character != " ")


def test_slices_are_evenly_spaced() -> None:
    """Four equal slices come from the start, the end, and between."""
    text = "a" * 1000 + "b" * 1000 + "c" * 1000 + "d" * 1000
    assert sampled(text, 100) == "a" * 25 + " " + "b" * 25 + " " + "c" * 25 + " " + "d" * 25 + " "


def test_a_truncated_character_becomes_a_replacement_character() -> None:
    """Bytes that end within a character are read as U+FFFD."""
    data = np.frombuffer("aé".encode()[:2], np.uint8)
    out = np.zeros(9, np.uint32)
    assert sample_text(data, 0, 2, 5, out, NO_COMPOSITION) == 2
    assert out[1] == 0xFFFD


def test_vietnamese_tone_marks_are_composed() -> None:
    """A letter and a combining tone mark are read as one character."""
    data = np.frombuffer("tie\u0302\u0301ng viê\u0323t".encode(), np.uint8)
    out = np.zeros(20, np.uint32)
    count = sample_text(data, 0, len(data), 16, out, load().tables.composed)
    assert "".join(map(chr, out[:count])) == "tie\u0302\u0301ng việt"


@pytest.mark.parametrize(
    ("text", "blanked"),
    [
        ("see http://a.example/b?c=d#e now", "see                          now"),
        ("see https://a.example, now", "see                    now"),
        ("http:// is not an address", "http:// is not an address"),
        ("ssh://a, ab://, ://b, s://c", "ssh://a, ab://, ://b, s://c"),
        ("xhttps://a", "x         "),
        ("shttp://a", "s        "),
        ("write to me.too@mail.example!", "write to                    !"),
        ("a@b, a@.bc and @home", "a@b, a@.bc and @home"),
        ("://a @", "://a @"),
        ("see www.a.example/b?c=d now", "see                     now"),
        ("(WWW.A.EXAMPLE)", "(              "),
        ("www.a", "     "),
        ("awww.b, www. and ww.c", "awww.b, www. and ww.c"),
        ("HTTPS://A.EXAMPLE/B Http://a", " " * 28),
        ("ftp://a.example/b FTPS://a", " " * 26),
        ("p://a tp://a ttps://a fttp://a", "p://a tp://a ttps://a fttp://a"),
        ("https://müller.example/straße-zur-brücke?ä=ö so", " " * 45 + "so"),
        ("www.mu\u0308ller.example/мост/γέφυρα/जानकारी so", " " * 40 + "so"),
        ("http://a.example:80/@b/c_(d),e!/%C3%A4 so", " " * 39 + "so"),
        ('<a href="http://a.example/b">so</a>', '<a href="                  ">so</a>'),
        ("http://a.example/다리에서 다리", " " * 22 + "다리"),
        ("看http://a.example/b新聞", "看" + " " * 18 + "新聞"),
        ("ดูhttp://a.example/bข่าว", "ดู" + " " * 18 + "ข่าว"),
        ("http://a.example。www.b」", " " * 16 + "。     」"),
    ],
)
def test_addresses_are_blanked(text: str, blanked: str) -> None:
    """URLs and e-mail addresses are blanked; text that only resembles one is kept."""
    assert apply(blank_addresses, text) == blanked


@settings(deadline=None)
@given(st.text(st.sampled_from("htps/@.a- "), max_size=60))
def test_e_mail_addresses_are_blanked_as_in_langdetect(text: str) -> None:
    """Langdetect's regular expression blanks the same e-mail addresses."""
    from langdetect.detector import Detector

    expected = Detector.MAIL_RE.sub(lambda match: " " * len(match[0]), text)
    assert apply(blank_addresses, text) == expected


@settings(deadline=None)
@given(st.text(st.sampled_from('hHtpfSs::///.é漢- "'), max_size=60))
def test_a_url_ends_before_a_character_that_cannot_be_in_it(text: str) -> None:
    """All URLs that langdetect blanks are blanked, up to a space, a quote or Chinese."""
    from langdetect.detector import Detector

    blanked = apply(blank_addresses, text)
    assert len(blanked) == len(text)
    for match in Detector.URL_RE.finditer(text):
        assert blanked[slice(*match.span())].isspace()
    url = re.compile('(?:https?|ftps?)://[^\\s"漢]+', re.IGNORECASE)
    assert blanked == url.sub(lambda match: " " * len(match[0]), text)


def test_a_text_in_capitals_is_read_in_lowercase() -> None:
    """A text of mostly capitals is lowercased; a few capitals are kept."""
    table = load().tables.lowercase

    def lowercase(out: np.ndarray, count: int) -> None:
        lowercase_capitals(out, count, table)

    assert apply(lowercase, "ÜBER ДВА ΔΎΟ a1") == "über два δύο a1"
    assert apply(lowercase, "NATO tagt heute") == "NATO tagt heute"
    assert apply(lowercase, "漢字 12") == "漢字 12"
