"""Decoding: known before declared, declared before detected, and never lone surrogates."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.sources.encodings import decode as decoding
from corpus.sources.encodings.decode import (
    UndecodableError,
    browser_encoding,
    declared_encoding,
    decode_to_utf8,
)

GERMAN = "Über die Brücke fährt täglich ein größerer Wagen, und die Bäcker öffnen früh. " * 4
RUSSIAN = "Сегодня утром мост был закрыт, и пешеходы шли через старую плотину у мельницы. " * 4


def decode(data, **settings):
    """Return the text of the bytes as a string."""
    return decode_to_utf8(data, **settings).decode()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_utf8_and_byte_order_marks_need_no_declaration(encoding):
    """UTF-8, and text with a byte order mark, need no declaration; the mark is removed."""
    assert decode(GERMAN.encode(encoding)) == GERMAN


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_byte_order_mark_is_detected(encoding):
    """Text with two bytes per letter, one of them zero, is UTF-16."""
    assert decode("An article in two bytes".encode(encoding)) == "An article in two bytes"


@pytest.mark.parametrize(
    ("text", "encoding", "declared"),
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
def test_the_declared_encoding_is_used(text, encoding, declared):
    """Bytes that are not UTF-8 are decoded as declared, with the encoding that browsers use."""
    assert decode(text.encode(encoding), declared=declared) == text


def test_valid_utf8_overrides_the_declared_encoding():
    """A page that is valid UTF-8 is UTF-8, whatever it declares."""
    assert decode(GERMAN.encode(), declared="iso-8859-1") == GERMAN


@pytest.mark.parametrize(("text", "encoding"), [(GERMAN, "cp1252"), (RUSSIAN, "cp1251")])
def test_an_undeclared_encoding_is_detected(text, encoding):
    """The legacy encoding of a longer text is detected."""
    assert decode(text.encode(encoding)) == text


def test_a_bad_byte_in_utf8_does_not_change_the_encoding():
    """UTF-8 with one bad byte is reported or repaired, but never decoded as another encoding."""
    data = GERMAN[:95].encode() + b"\xff" + GERMAN[95:].encode()

    with pytest.raises(UndecodableError, match=r"byte 10\d \(0xff\) is not valid UTF-8"):
        decode(data)
    repaired = decode(data, repair=True)
    assert repaired.count("\ufffd") == 1
    assert repaired.replace("\ufffd", "") == GERMAN


def test_the_configured_encoding_is_final():
    """The configured encoding is used, and bytes that are not valid in it are an error."""
    assert decode("é".encode("latin-1"), encoding="iso8859-1") == "é"
    with pytest.raises(UndecodableError, match=r"byte 1 \(0xe9\) is not valid ascii"):
        decode("é".encode("latin-1"), encoding="ascii")


def test_binary_data_is_not_text():
    """Binary data is reported as such."""
    with pytest.raises(UndecodableError, match=r"NUL; is this a binary file\?"):
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
def test_declared_encodings_are_found(page, name):
    """A page declares its encoding in a meta element or in the XML declaration."""
    assert declared_encoding(page) == name


@pytest.mark.parametrize("name", ["", None, "no-such", "rot13", "hex", "x" * 50, "\x00"])
def test_an_unknown_declared_name_is_ignored(name):
    """A declared name that is not a text encoding is ignored."""
    assert browser_encoding(name) is None


def test_lone_surrogates_are_an_error():
    """Lone surrogates, which UTF-7 can encode, are an error."""
    with pytest.raises(UndecodableError, match="surrogates not allowed"):
        decode(b"+2AA-", encoding="utf-7")


@given(st.binary(max_size=60), st.sampled_from([None, "utf-8", "shift_jis", "utf-16", "utf-7"]))
def test_decoded_text_is_always_valid(data, declared):
    """Decoding any bytes gives valid text or UndecodableError."""
    with suppress(UndecodableError):
        text = decode(data, declared=declared, repair=True)
        assert text.encode().decode() == text


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Последний паром ушёл из порта в девять часов, потому что ветер не стихал.", "cp1251"),
        ("最終のフェリーは九時に港を出た。風が一日中やまなかったからだ。", "shift_jis"),
        ("Οι κάτοικοι του νησιού περίμεναν το τελευταίο πλοίο στο λιμάνι.", "iso8859-7"),
        ("最后一班渡轮九点离开港口，因为风整天都没有停。", "gb18030"),
    ],
)
def test_a_wrong_declaration_of_utf8_does_not_destroy_a_page(text, encoding):
    """A page that declares UTF-8, and has almost none, is read in the encoding of its language."""
    page = text.encode(encoding)

    assert decode(page, declared="utf-8", repair=True) == text
    assert decode(b"<p>caf\xe9</p>", declared="utf-8", repair=True) == "<p>caf\ufffd</p>"
    assert decode("ё".encode() * 30 + b"\xe9" * 5, declared="utf-8", repair=True).count("ё") == 30


PIECEWISE = ["utf-8", "cp1251", "shift_jis", "gb18030", "big5", "iso2022_jp", "hz", "utf-7"]


@given(
    st.text(alphabet="aÄжß日~{é🙂\ufeff", max_size=12) | st.binary(max_size=12),
    st.sampled_from([*PIECEWISE, "utf-16", "utf-16-le", "utf-32"]),
    st.integers(1, 6),
    st.booleans(),
)
def test_a_large_document_is_decoded_like_a_small_one(text, encoding, size, repair):
    """The text, or the position of the first bad byte, is the same wherever the pieces end."""
    data = text if isinstance(text, bytes) else text.encode(encoding, "ignore")

    def result():
        try:
            return decoding._convert(data, encoding, repair=repair)
        except UndecodableError as error:
            return str(error)

    at_once = result()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decoding, "PIECE_BYTES", size)
        assert result() == at_once


def test_valid_utf8_is_not_copied():
    """A large text is in memory once."""
    data = GERMAN.encode()
    assert decode_to_utf8(data) is data
