"""Detect the encoding of text that is neither UTF-8 nor UTF-16: one of those of a language.

A text is read in each encoding that is in use for a language, and compared with what its language
looks like. For alphabets, that is the letters beyond ASCII, where they stand in a word, and
frequent words; for Chinese, Japanese and Korean, frequent characters. Only a clear result counts.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from corpus.sources.encodings.frequent_characters import (
    FREQUENT_EAST_ASIAN,
    PUNCTUATION,
    PUNCTUATION_IN_WORDS,
    SIGNS,
)
from corpus.sources.encodings.language_profiles import PROFILES, Profile
from corpus.sources.encodings.unmarked import is_utf8

SAMPLE_BYTES = 3000
"""Bytes of lines beyond ASCII that are examined."""

CONTEXT_BYTES = 100

MIN_LETTER_FIT = 0.7
"""Minimum fit of the letters beyond ASCII: 1 if all of them are of the language."""

MIN_WORD_SHARE = 0.05
"""Minimum share of frequent words in a text of Cyrillic or Greek letters; a text without them
must have many of the most frequent letters."""

MIN_FREQUENT_LETTERS = 0.4
MIN_LETTERS_WITHOUT_WORDS = 6

LATIN_LETTER_WEIGHT = 0.2

WORD_WEIGHT = 2.0
"""How much the share of frequent words counts compared to the fit of the letters."""

MIN_FREQUENT_SHARE = 0.15
"""Minimum share of frequent characters in Chinese, Japanese and Korean."""

MIN_EAST_ASIAN_CHARACTERS = 4
MIN_FREQUENT_CHARACTERS = 2

MAX_BAD_SHARE = 0.02
"""Maximum share of bad bytes in a text, besides two."""

MIN_LETTERS_WITH_A_BAD_BYTE = 4
"""From this number of letters beyond ASCII on, one of them may be a bad byte."""

FIRST_GREEK_LETTER = "\u0370"
_TAG = re.compile(rb"<[^<>]{1,1000}>")
_BYTE_BEYOND_ASCII = re.compile(rb"[\x80-\xff]")
_WORD = re.compile(r"[^\W\d_]+")
_KANA = re.compile(r"[\u3041-\u3096\u30a1-\u30fa\u30fc]")
EAST_ASIAN_ENCODINGS = {
    "cp932": "ja",
    "euc_jp": "ja",
    "gb18030": "zh",
    "big5": "zh",
    "cp950": "zh",
    "big5hkscs": "zh",
    "cp949": "ko",
}


class _Fit(NamedTuple):
    """How well an encoding fits, and which it is."""

    score: float
    encoding: str


def detect_legacy(data: bytes) -> str | None:
    """Return the encoding of the start of a text, or None if no language clearly fits."""
    sample = _lines_beyond_ascii(data)
    return _detect_east_asian(sample) or _detect_alphabetic(sample)


def _lines_beyond_ascii(data: bytes) -> bytes:
    """Return the first lines with bytes beyond ASCII, without tags: only these decide.

    Lines in UTF-8, which a file of several sources may have, do not count.
    In each, at most `CONTEXT_BYTES` are kept before the first such byte, which begins a character.
    """
    data = _TAG.sub(b" ", data)
    lines: list[bytes] = []
    size = end = 0
    while size < SAMPLE_BYTES and (match := _BYTE_BEYOND_ASCII.search(data, end)):
        start = max(end, data.rfind(b"\n", end, match.start()), match.start() - CONTEXT_BYTES)
        end = (data.find(b"\n", match.start()) + 1) or len(data)
        line = data[start:end][: SAMPLE_BYTES - size]
        if not is_utf8(line):
            lines.append(line)
            size += len(line)
    return b"\n".join(lines)


def _decode(data: bytes, encoding: str) -> str:
    """Return the text with U+FFFD for bad bytes; a character cut at the end is left out."""
    return codecs.getincrementaldecoder(encoding)("replace").decode(data)


def _best(fits: Sequence[_Fit]) -> str | None:
    """Return the encoding of the first of the best fits."""
    return max(fits, key=lambda fit: fit.score).encoding if fits else None


def _detect_east_asian(data: bytes) -> str | None:
    fits = []
    for encoding, language in EAST_ASIAN_ENCODINGS.items():
        text = _decode(data, encoding)
        characters = [c for c in text if c > "\x7f" and c != "\ufffd"]
        n_bad = text.count("\ufffd")
        if len(characters) < MIN_EAST_ASIAN_CHARACTERS or _is_damaged(n_bad, len(characters)):
            continue
        n_frequent = sum(c in FREQUENT_EAST_ASIAN[language] for c in characters)
        score = (n_frequent - n_bad) / len(characters)
        if language == "ja" and not _KANA.search(text):
            continue
        if n_frequent >= MIN_FREQUENT_CHARACTERS and score >= MIN_FREQUENT_SHARE:
            fits.append(_Fit(score, encoding))
    return _best(fits)


def _is_damaged(n_bad: int, n_characters: int) -> bool:
    """Return whether there are too many bad bytes."""
    return n_bad > 2 + MAX_BAD_SHARE * n_characters


def _detect_alphabetic(data: bytes) -> str | None:
    texts: dict[str, _Text] = {}
    fits = []
    for profile in PROFILES.values():
        for encoding in profile.encodings:
            if encoding not in texts:
                texts[encoding] = _count(_decode(data, encoding))
            if (score := _fit(texts[encoding], profile)) is not None:
                fits.append(_Fit(score, encoding))
    return _best(fits)


class _Text(NamedTuple):
    """What is counted of a text in one encoding."""

    words: Counter[str]
    """Words in lower case."""

    letters: Counter[tuple[str, bool]]
    """Letters beyond ASCII in lower case, and whether one is a capital after a small letter."""

    symbols: Counter[str]
    """Other characters beyond ASCII: `good` for punctuation, `wrong` for others and in words."""

    n_bad: int


def _count(text: str) -> _Text:
    """Return the counts of a text."""
    letters: Counter[tuple[str, bool]] = Counter()
    symbols: Counter[str] = Counter()
    triples = zip(" " + text, text, text[1:] + " ", strict=False)
    for (before, character, after), n in Counter(triples).items():
        if character < "\x80" or character == "\ufffd":
            continue
        if character.isalpha() and character not in "ªº":
            letters[character.lower(), _is_odd_letter(before, character, after)] += n
            continue
        is_odd = character not in PUNCTUATION or _is_odd_symbol(before, character, after)
        symbols["wrong" if is_odd else "good"] += n
    words = Counter(_WORD.findall(text.lower()))
    return _Text(words, letters, symbols, text.count("\ufffd"))


def _is_odd_letter(before: str, letter: str, after: str) -> bool:
    """Return whether a letter is a capital after a small one, or beside one of another script."""
    if letter.isupper() and before.islower():
        return True
    is_latin = letter < FIRST_GREEK_LETTER
    return not is_latin and any(c.isascii() and c.isalpha() for c in (before, after))


def _is_odd_symbol(before: str, symbol: str, after: str) -> bool:
    """Return whether a symbol is within a word, or is not a quote or a dash and begins one."""
    if symbol in PUNCTUATION_IN_WORDS:
        return False
    if symbol in "¹²³" and before.isalpha() and before != "m":
        return True
    return after.isalpha() and (before.isalpha() or (after.islower() and symbol in SIGNS))


def _fit(text: _Text, profile: Profile) -> float | None:
    """Return how well a text fits a language, or None if it clearly does not.

    Letters of other languages, capitals after a small letter and symbols in a word do not fit.
    """
    good = text.symbols["good"] + sum(
        n
        for (letter, is_odd), n in text.letters.items()
        if letter in profile.letters and not is_odd
    )
    n = text.letters.total() + text.symbols.total()
    if n == 0 or _is_damaged(text.n_bad, n):
        return None
    wrong = n - good
    forgiven = wrong > 0 and n >= MIN_LETTERS_WITH_A_BAD_BYTE
    word_share = sum(text.words[word] for word in profile.words) / max(1, text.words.total())
    if (good - wrong + forgiven) / n < MIN_LETTER_FIT:
        return None
    frequent_share = _frequent_share(text, profile)
    if profile.frequent_letters and word_share < MIN_WORD_SHARE:
        is_short = text.letters.total() < MIN_LETTERS_WITHOUT_WORDS
        if is_short or frequent_share < MIN_FREQUENT_LETTERS:
            return None
    return (good - 2 * wrong - text.n_bad) / n + WORD_WEIGHT * word_share + frequent_share


def _frequent_share(text: _Text, profile: Profile) -> float:
    """Return the share of the language's most frequent letters, from 0 to 1.

    For a Latin alphabet, these are its most frequent letters beyond ASCII, which count a fifth.
    """
    n = max(1, text.letters.total())
    if profile.frequent_letters:
        return sum(text.letters[letter, False] for letter in profile.frequent_letters) / n
    weights = (text.letters[letter, False] * weight for letter, weight in profile.letters.items())
    return LATIN_LETTER_WEIGHT * sum(weights) / n
