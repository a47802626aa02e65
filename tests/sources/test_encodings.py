"""Bytes of one document become text: known before declared, declared before guessed, never half."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.sources.encodings import UndecodableError, declared, decode, known

GERMAN = "Über die Brücke fährt täglich ein größerer Wagen, und die Bäcker öffnen früh. " * 4
RUSSIAN = "Сегодня утром мост был закрыт, и пешеходы шли через старую плотину у мельницы. " * 4


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_what_tells_itself_is_read(encoding):
    """UTF-8 and what has a byte order mark need no declaration; the mark is no text."""
    assert decode(GERMAN.encode(encoding)) == GERMAN


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_its_mark_is_noticed(encoding):
    """Two bytes a letter, one of them zero, is UTF-16."""
    assert decode("An article in two bytes".encode(encoding)) == "An article in two bytes"


@pytest.mark.parametrize(
    ("text", "encoding", "says"),
    [
        (GERMAN, "cp1252", "iso-8859-1"),
        ("“quoted”", "cp1252", "latin1"),
        (RUSSIAN, "cp1251", "windows-1251"),
        (RUSSIAN, "koi8-r", "KOI8-R"),
        ("今日は晴れです", "shift_jis", "Shift_JIS"),
        ("今日は晴れです", "iso2022_jp", "ISO-2022-JP"),
        ("简体中文", "gb18030", "gb2312"),
    ],
)
def test_what_is_declared_is_believed(text, encoding, says):
    """Bytes that are no UTF-8 are read as the page declares, under the name as browsers mean it."""
    assert decode(text.encode(encoding), says=says) == text


def test_utf8_is_read_though_another_is_declared():
    """A page that is valid UTF-8 is UTF-8, whatever it declares."""
    assert decode(GERMAN.encode(), says="iso-8859-1") == GERMAN


@pytest.mark.parametrize(("text", "encoding"), [(GERMAN, "cp1252"), (RUSSIAN, "cp1251")])
def test_what_is_not_declared_is_told_by_its_looks(text, encoding):
    """A longer text in an old encoding is recognised."""
    assert decode(text.encode(encoding)) == text


def test_a_bad_byte_in_utf8_does_not_change_the_encoding():
    """UTF-8 with one bad byte is named as such, or repaired; never read as another."""
    data = GERMAN[:95].encode() + b"\xff" + GERMAN[95:].encode()

    with pytest.raises(UndecodableError, match=r"byte 10\d \(0xff\) is no UTF-8"):
        decode(data)
    repaired = decode(data, repair=True)
    assert repaired.count("\ufffd") == 1
    assert repaired.replace("\ufffd", "") == GERMAN


def test_what_the_config_says_is_final():
    """The configured encoding is used, and what is not in it is a reject."""
    assert decode("é".encode("latin-1"), encoding="iso8859-1") == "é"
    with pytest.raises(UndecodableError, match=r"byte 1 \(0xe9\) is no ascii"):
        decode("é".encode("latin-1"), encoding="ascii")


def test_binary_data_is_no_text():
    """Bytes that are no text are told so."""
    with pytest.raises(UndecodableError, match=r"NUL; is it a binary file\?"):
        decode(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\xff\xfe")


@pytest.mark.parametrize(
    ("page", "name"),
    [
        (b'<meta charset="windows-1251">', "windows-1251"),
        (b"<META http-equiv=Content-Type content='text/html; charset=koi8-r'>", "koi8-r"),
        (b'<?xml version="1.0" encoding="ISO-8859-1"?><html>', "ISO-8859-1"),
        (b"<html><p>charset=utf-8</p>", None),
    ],
)
def test_declarations_are_found(page, name):
    """A page declares its encoding in a meta element or in the XML declaration."""
    assert declared(page) == name


@pytest.mark.parametrize("name", ["", None, "no-such", "rot13", "hex", "x" * 50, "\x00"])
def test_what_is_no_encoding_is_ignored(name):
    """A declared name that means no text encoding means nothing."""
    assert known(name) is None


def test_half_a_character_is_no_text():
    """An encoding that can spell lone surrogates makes a reject of them."""
    with pytest.raises(UndecodableError, match="surrogates not allowed"):
        decode(b"+2AA-", encoding="utf-7")


@given(st.binary(max_size=60), st.sampled_from([None, "utf-8", "shift_jis", "utf-16", "utf-7"]))
def test_whatever_the_bytes_the_text_is_sound(data, says):
    """Decoding gives text that UTF-8 can hold, or says what is wrong."""
    with suppress(UndecodableError):
        text = decode(data, says=says, repair=True)
        assert text.encode().decode() == text
