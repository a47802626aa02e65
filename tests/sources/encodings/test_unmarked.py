"""Encodings that nothing declares: which of them is detected, in which format and how reliably."""

from __future__ import annotations

import json

import pytest

from corpus.sources.csv import rows as csv_rows
from corpus.sources.encodings import convert as convert_encodings
from corpus.sources.encodings.decode import UndecodableError, decode_to_utf8
from corpus.sources.encodings.unmarked import detect_encoding_from_start
from corpus.sources.json import lines as json_lines
from tests.sources.conftest import read_all
from tests.sources.multilingual import LEGACY_ENCODINGS, SENTENCES, WIDE_ENCODINGS, text_of

LANGUAGES = list(SENTENCES)


def encodings_of(language: str) -> tuple[str, ...]:
    """Return the encodings that a language is tested in."""
    return ("utf-8", *WIDE_ENCODINGS, *LEGACY_ENCODINGS[language])


def decoded(data: bytes) -> str:
    """Return the text of a page, or the reason why there is none."""
    try:
        return decode_to_utf8(data, repair=True).decode()
    except UndecodableError as error:
        return str(error)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_encoding_of_a_sentence_is_detected(language):
    """One sentence is enough, in every encoding of its language."""
    for encoding in encodings_of(language):
        for sentence in SENTENCES[language]:
            assert decoded(sentence.encode(encoding)) == sentence, encoding


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_encoding_of_a_long_text_is_detected(language):
    """A text of many sentences with line ends is read whole."""
    text = "\n".join(text_of(language, 3) for _ in range(100))
    for encoding in encodings_of(language):
        assert decoded(text.encode(encoding)) == text, encoding


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_cut_in_a_character_does_not_change_the_encoding(language):
    """A page that ends within a character loses at most that character."""
    for encoding in encodings_of(language):
        for n in (1, 20):
            text = text_of(language, n) + "\u00e4"[: encoding.startswith("utf")]
            page = decoded(text.encode(encoding)[:-1])
            assert page.startswith(text[:-1]), encoding
            assert len(page) <= len(text) + 1


def test_one_bad_byte_rarely_changes_the_encoding():
    """With one byte replaced by 0xFF, 97 of 100 sentences are still read in their encoding."""
    right = total = 0
    for language in LANGUAGES:
        for encoding in encodings_of(language):
            for sentence in SENTENCES[language]:
                data = bytearray(sentence.encode(encoding))
                data[len(data) // 2] = 0xFF
                third = len(sentence) // 3
                right += decoded(bytes(data))[:third] == sentence[:third]
                total += 1
    assert right / total >= 0.97


HEADLINES = {
    "iso8859-2": ["Rząd przyjął budżet", "Őszi vásár Győrött", "Štiri leta čakanja na most"],
    "cp1250": ["Rząd „nie przyjął” budżetu", "Česká vláda schválila zákon", "Žena čeka čamac"],
    "cp1252": ["Österreich wählt", "São Paulo não pára", "Jyväskylä järjestää näyttelyn", "naïve"],
    "cp1254": ["Şişli'de yağış etkili oldu", "Büyüme hızı düştü"],
    "cp1251": ["Москва готовится к зиме", "«Мельница» закрыта на зиму", "Уряд ухвалив бюджет"],
    "koi8-r": ["Мост через реку закрыт"],
    "koi8-u": ["Київ готується до зими"],
    "cp1253": ["Η κυβέρνηση ανακοίνωσε μέτρα"],
    "shift_jis": ["橋の工事は来年から始まる", "カタカナ"],
    "euc_jp": ["橋の工事は来年から始まる"],
    "iso2022_jp": ["橋の工事は来年から始まる"],
    "gb18030": ["市长说新学校明年才会开学"],
    "big5": ["市長說新學校明年才會開學"],
    "euc_kr": ["새 학교가 문을 연다고 말했다"],
    "utf-16-le": [
        "Привет",
        "मिल खुली है",
        "الجسر مغلق",
        "הגשר סגור",
        "สะพานปิด",
        "橋の工事",
        "서울은",
    ],
}


@pytest.mark.parametrize("encoding", HEADLINES)
def test_the_encoding_of_a_headline_is_detected(encoding):
    """A few words are enough, even without frequent ones."""
    for headline in HEADLINES[encoding]:
        assert decoded(headline.encode(encoding)) == headline


@pytest.mark.parametrize("encoding", ["iso2022_jp", "utf-16-le", "utf-16-be", "utf-32-le"])
@pytest.mark.parametrize("name", ["a.txt", "a.html", "a.csv", "a.jsonl", "a.json"])
def test_every_format_of_text_detects_it(name, encoding, put, monkeypatch):
    """Text, HTML, CSV and JSON are read, whole or in small chunks."""
    language = "Japanese" if encoding == "iso2022_jp" else "Russian"
    texts = SENTENCES[language] * 9
    records = [{"текст" if language == "Russian" else "text": text} for text in texts]
    key = next(iter(records[0]))
    data = {
        "a.txt": texts[0],
        "a.html": f"<p>{texts[0]}</p>",
        "a.csv": "\n".join(f'"{text}"' for text in (key, *texts)),
        "a.jsonl": "\n".join(json.dumps(record, ensure_ascii=False) for record in records),
        "a.json": json.dumps(records, ensure_ascii=False),
    }[name]
    path = put(name, data.encode(encoding))
    settings = {"content": "text"} if name == "a.txt" else {"columns": {"text": key}}
    result = read_all(path, **settings)

    assert result.rejects == []
    expected = {"a.txt": [texts[0]], "a.html": [data]}.get(name, texts)
    assert result.texts == expected
    for module in (csv_rows, json_lines):
        monkeypatch.setattr(module, "CHUNK_BYTES", 200)
        monkeypatch.setattr(module, "SMALL_COMPRESSED_BYTES", 50)
    assert read_all(path, **settings) == result


@pytest.mark.parametrize("encoding", ["iso2022_jp", "utf-16-le", "utf-16-be", "utf-32-be"])
def test_a_bad_byte_costs_one_record(encoding, put):
    """In a file of records, a bad byte or a cut costs only the record that it is in."""
    language = "Japanese" if encoding == "iso2022_jp" else "Greek"
    lines = [json.dumps({"text": text}, ensure_ascii=False) for text in SENTENCES[language] * 5]
    data = [f"{line}\n".encode(encoding) for line in lines]
    bad = b"\xff" if encoding == "iso2022_jp" else "\ud800".encode(encoding, "surrogatepass")
    data[7] = data[7][:40] + bad + data[7][40 + len(bad) :]
    result = read_all(put("a.jsonl", b"".join(data)[:-5]))

    assert result.texts == [json.loads(line)["text"] for i, line in enumerate(lines[:-1]) if i != 7]
    assert [record for record, _ in result.reasons] == [8, 15]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00",
        b"\x00" * 5000,
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x02\x00" * 20,
        b"An English text with a NUL \x00 in it, and nothing else.",
        b"wordswithoutspaces\x00" * 9,
        b"\x1b[31mred\x1b[0m and \x1b(B\x1b[m plain",
        "Обычный текст \x01 с мусором".encode(),
        "简体中文\x1f，没有别的。".encode(),
        bytes(range(256)) * 40,
        b"\x00\x01\x00\x02\x00\x03" * 900,
    ],
)
def test_other_bytes_are_not_taken_for_unicode(data):
    """UTF-8 with control characters, and binary data, are not UTF-16, UTF-32 or ISO-2022."""
    assert detect_encoding_from_start(data) is None


def test_a_text_file_names_its_bad_byte():
    """A text file in a detected encoding with a bad byte is a reject that names it."""
    data = text_of("Japanese", 9).encode("euc_jp")

    with pytest.raises(UndecodableError, match=r"byte 301 \(0xff\) is not valid euc_jp"):
        decode_to_utf8(data[:300] + b"\xff" + data[301:])
    with pytest.raises(UndecodableError, match=r"is not valid utf-16-le"):
        decode_to_utf8(text_of("Russian", 9).encode("utf-16-le")[:-1])


@pytest.mark.parametrize("language", ["German", "Polish", "Czech", "Russian", "Japanese", "Korean"])
@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.json"])
def test_records_in_a_legacy_encoding_are_read(name, language, put, monkeypatch):
    """A file of records that is not UTF-8 is converted line by line: lines in UTF-8 are kept."""
    texts = SENTENCES[language] * 9
    for encoding in LEGACY_ENCODINGS[language]:
        if name == "a.csv":
            lines = ["text", *(f'"{text}"' for text in texts)]
        else:
            lines = [json.dumps({"text": text}, ensure_ascii=False) for text in texts]
        between = ",\n" if name == "a.json" else "\n"
        data = [f"{line}{between}".encode(encoding) for line in lines]
        if name != "a.json" and encoding != "iso2022_jp":
            data[9] = f"{lines[9]}{between}".encode()
        whole = b"[" + b"".join(data)[:-2] + b"]" if name == "a.json" else b"".join(data)
        path = put(f"{encoding}/{name}", whole)
        result = read_all(path)
        with monkeypatch.context() as small:
            for module in (csv_rows, json_lines):
                small.setattr(module, "CHUNK_BYTES", 200)
                small.setattr(module, "SMALL_COMPRESSED_BYTES", 50)
            assert read_all(path) == result

        assert result.rejects == []
        assert result.texts == texts


def test_utf8_with_a_few_bad_bytes_stays_utf8(put):
    """Records with bad bytes are rejects, as long as most characters beyond ASCII are valid."""
    texts = SENTENCES["German"] * 4
    rows = [
        f"{text}\n".encode("cp1252" if i in (2, 5) else "utf-8") for i, text in enumerate(texts)
    ]
    result = read_all(put("a.tsv", b"text\n" + b"".join(rows)))

    assert [record for record, _ in result.reasons] == [3, 6]
    assert result.texts == [text for i, text in enumerate(texts) if i not in (2, 5)]


def test_a_long_line_in_a_legacy_encoding_is_converted_in_parts(put, monkeypatch):
    """A list on one line, of any size, takes bounded memory."""
    monkeypatch.setattr(convert_encodings, "MAX_LINE_BYTES", 300)
    monkeypatch.setattr("corpus.sources.files.streams.READ_BYTES", 100)
    texts = SENTENCES["Czech"] * 30
    data = json.dumps([{"text": text} for text in texts], ensure_ascii=False)

    assert read_all(put("a.json", data.encode("iso8859-2"))).texts == texts


def test_a_text_in_many_languages_is_detected():
    """A wide encoding does not depend on one script."""
    rows = [{"text": text_of(language, 2), "language": language} for language in LANGUAGES]
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    for encoding in WIDE_ENCODINGS:
        assert detect_encoding_from_start(text.encode(encoding)) == encoding
