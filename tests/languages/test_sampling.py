"""From the bytes of a text to the code points that are looked at."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.languages.langdetect_model import load
from corpus.languages.sampling import SLICES, blank_addresses, lower_capitals, sample

TEXT = st.text(st.characters(codec="utf-8"), max_size=300)
PLAIN = st.text(st.sampled_from("aé漢𝐀 "), max_size=300)
NOTHING_COMPOSED = np.zeros((0, 0), np.uint16)


def points(text: str, limit: int) -> str:
    """Return what is sampled of a text, as a string."""
    data = np.frombuffer(b"<" + text.encode() + b">", np.uint8)
    out = np.full(limit + SLICES + 1, 0x2603, np.uint32)
    count = sample(data, 1, len(data) - 1, limit, out, NOTHING_COMPOSED)
    assert out[-1] == 0x2603
    return "".join(map(chr, out[:count]))


def changed(text: str, change: object) -> str:
    """Return a text as a kernel that works in place leaves it."""
    out = np.array([ord(character) for character in text], np.uint32)
    change(out, len(out))
    return "".join(map(chr, out))


@settings(deadline=None)
@given(TEXT)
def test_a_short_text_is_read_whole(text: str) -> None:
    """Decoding agrees with Python's on every text within the limit."""
    assert points(text, max(1, len(text))) == text


@settings(deadline=None)
@given(PLAIN, st.integers(4, 120))
def test_a_sample_is_slices_in_order_from_first_to_last(text: str, limit: int) -> None:
    """Slices are parts of the text, in order, without overlap; both its ends are in them."""
    found = points(text, limit)
    if len(text) <= limit:
        assert found == text
        return
    assert found[0] == text[0]
    assert text[-1] in (found[-2], found.rstrip(" ")[-1:])
    assert sum(1 for _ in found) <= limit + SLICES
    rest = iter(text + " " * SLICES)
    assert all(character in rest for character in found if character != " ")


def test_a_long_text_is_sampled_all_over() -> None:
    """Four equal slices stand at the start, the end and between."""
    text = "a" * 1000 + "b" * 1000 + "c" * 1000 + "d" * 1000
    assert points(text, 100) == "a" * 25 + " " + "b" * 25 + " " + "c" * 25 + " " + "d" * 25 + " "


def test_a_character_cut_off_reads_as_damage() -> None:
    """Bytes that end within a character do no harm."""
    data = np.frombuffer("aé".encode()[:2], np.uint8)
    out = np.zeros(9, np.uint32)
    assert sample(data, 0, 2, 5, out, NOTHING_COMPOSED) == 2
    assert out[1] == 0xFFFD


def test_vietnamese_tone_marks_join_their_letter() -> None:
    """A letter and its tone mark, as two characters, are read as the one they make."""
    data = np.frombuffer("tie\u0302\u0301ng viê\u0323t".encode(), np.uint8)
    out = np.zeros(20, np.uint32)
    count = sample(data, 0, len(data), 16, out, load().tables.composed)
    assert "".join(map(chr, out[:count])) == "tie\u0302\u0301ng việt"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("see http://a.example/b?c=d#e now", "see                          now"),
        ("see https://a.example, now", "see                    now"),
        ("http:// is no address", "http:// is no address"),
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
def test_addresses_become_spaces(text: str, left: str) -> None:
    """Web and e-mail addresses are blanked; what only looks like one stays."""
    assert changed(text, blank_addresses) == left


@settings(deadline=None)
@given(st.text(st.sampled_from("htps/@.a- "), max_size=60))
def test_mail_is_blanked_as_langdetect_does(text: str) -> None:
    """The same e-mail addresses go as by langdetect's regular expression."""
    from langdetect.detector import Detector

    expected = Detector.MAIL_RE.sub(lambda found: " " * len(found[0]), text)
    assert changed(text, blank_addresses) == expected


@settings(deadline=None)
@given(st.text(st.sampled_from('hHtpfSs::///.é漢- "'), max_size=60))
def test_web_addresses_go_on_to_what_cannot_be_in_one(text: str) -> None:
    """All that langdetect blanks goes, and no more than up to a space, a quote or Chinese."""
    from langdetect.detector import Detector

    left = changed(text, blank_addresses)
    assert len(left) == len(text)
    for found in Detector.URL_RE.finditer(text):
        assert left[slice(*found.span())].isspace()
    web = re.compile('(?:https?|ftps?)://[^\\s"漢]+', re.IGNORECASE)
    assert left == web.sub(lambda found: " " * len(found[0]), text)


def test_a_text_in_capitals_is_read_in_small_letters() -> None:
    """Where capitals are the rule they mean nothing; where they are the exception they stay."""
    small = load().tables.small

    def lower(out: np.ndarray, count: int) -> None:
        lower_capitals(out, count, small)

    assert changed("ÜBER ДВА ΔΎΟ a1", lower) == "über два δύο a1"
    assert changed("NATO tagt heute", lower) == "NATO tagt heute"
    assert changed("漢字 12", lower) == "漢字 12"
