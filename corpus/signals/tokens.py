r"""How datatrove's English tokenizer cuts a text into words, in plain Python.

datatrove counts words with spaCy's rules for English: punctuation marks are words of their own,
"can't" is two words, and a hyphen splits. Rules that count or compare words need the same words to
decide alike. The kernel in `corpus.signals.token_kernel` must agree with this definition.

    tokens('The U.S. bank (in "N.Y.") can\'t.')
        -> ['The', 'U.S.', 'bank', '(', 'in', '"', 'N.Y.', '"', ')', 'ca', "n't", '.']

"""

from __future__ import annotations

from corpus.signals import characters as c
from corpus.signals.characters import has
from corpus.signals.exceptions import EXCEPTIONS

UNITS = frozenset(
    str.split(
        "km km² km³ m m² m³ dm dm² dm³ cm cm² cm³ mm mm² mm³ ha µm nm yd in ft kg g mg µg t lb oz "
        "m/s km/h kmh mph hPa Pa mbar mb MB kb KB gb GB tb TB T G M K % US$ C$ A$"
    )
)
"""What is taken off the end of a number; longer ones first."""

POSSESSIVES = ("'s", "'S", "’s", "’S")
LONGEST_SPLIT = 1000
"""Maximum number of characters of a chunk that is cut; a longer one is one word."""

_LETTERS = c.UPPER | c.LOWER


def tokens(text: str) -> list[str]:
    """Return the words of a text, in order."""
    return [token for chunk in text.split() for token in split_chunk(chunk)]


def split_chunk(chunk: str) -> list[str]:
    """Return the words of a run of characters without white space."""
    if len(chunk) > LONGEST_SPLIT:
        return [chunk]
    before: list[str] = []
    after: list[str] = []
    begin, end = 0, len(chunk)
    while begin < end and chunk[begin:end] not in EXCEPTIONS:
        prefix = prefix_length(chunk, begin, end)
        if prefix and chunk[begin + prefix : end] in EXCEPTIONS:
            before.append(chunk[begin : begin + prefix])
            begin += prefix
            break
        suffix = suffix_length(chunk, begin + prefix, end)
        if suffix and chunk[begin : end - suffix] in EXCEPTIONS:
            after.append(chunk[end - suffix : end])
            end -= suffix
            break
        if not prefix and not suffix:
            break
        if prefix:
            before.append(chunk[begin : begin + prefix])
        if suffix:
            after.append(chunk[end - suffix : end])
        begin, end = begin + prefix, end - suffix
    return joined_exceptions([*before, *split_middle(chunk[begin:end]), *reversed(after)])


def joined_exceptions(pieces: list[str]) -> list[str]:
    """Return the words with two neighbours joined where they make up an exception ("Fla", ".")."""
    words: list[str] = []
    for piece in pieces:
        if words and EXCEPTIONS.get(words[-1] + piece) == (len(words[-1] + piece),):
            words[-1] += piece
        else:
            words.append(piece)
    return words


def split_middle(word: str) -> list[str]:
    """Return the words of a chunk whose ends need no more cutting."""
    if not word:
        return []
    if word in EXCEPTIONS:
        pieces, start = [], 0
        for length in EXCEPTIONS[word]:
            pieces.append(word[start : start + length])
            start += length
        return pieces
    if is_url(word):
        return [word]
    pieces, start, i = [], 0, 0
    while i < len(word):
        size = infix_length(word, i)
        if size and i > 0:
            pieces += [word[start:i]] * (i > start) + [word[i : i + size]]
            start = i + size
        i += max(size, 1)
    return pieces + [word[start:]] * (start < len(word))


def dots(word: str, i: int, end: int) -> int:
    """Return the number of full stops from i on if there are two or more; otherwise 0."""
    stop = i
    while stop < end and word[stop] == ".":
        stop += 1
    return stop - i if stop - i > 1 else 0


def prefix_length(word: str, begin: int, end: int) -> int:
    """Return how many characters are taken off the beginning of word[begin:end]."""
    first = word[begin]
    if has(first, c.AFFIX | c.PREFIX):
        return 1
    if first == "+":
        return int(begin + 1 == end or not "0" <= word[begin + 1] <= "9")
    for sign in ("US$", "C$", "A$"):
        if word.startswith(sign, begin, end):
            return len(sign)
    return dots(word, begin, end)


def suffix_length(word: str, begin: int, end: int) -> int:
    """Return how many characters are taken off the end of word[begin:end]."""
    if begin >= end:
        return 0
    run = end
    while run > begin and word[run - 1] == ".":
        run -= 1
    if end - run > 1:
        return end - run
    for size in (4, 3, 2, 1):
        after_digit = end - size > begin and has(word[end - size - 1], c.DIGIT)
        if after_digit and word[end - size : end] in UNITS:
            return size
    if end - begin >= 2 and word[end - 2 : end] in (*POSSESSIVES, "……"):
        return 2
    last = word[end - 1]
    if has(last, c.AFFIX):
        return 1
    previous = word[end - 2] if end - 2 >= begin else ""
    if not previous:
        return 0
    if has(last, c.CURRENCY) or last == "+":
        return int(has(previous, c.DIGIT))
    if last == ".":
        return int(_full_stop_is_cut(word, begin, end - 1))
    return 0


def _full_stop_is_cut(word: str, begin: int, stop: int) -> bool:
    """Return whether the full stop at `stop`, with something before it, is a word of its own."""
    if has(word[stop - 1], c.LOWER | c.BEFORE_FULL_STOP):
        return True
    if stop - begin < 2:
        return False
    both_upper = has(word[stop - 1], c.UPPER) and has(word[stop - 2], c.UPPER)
    return both_upper or (word[stop - 2] == "°" and word[stop - 1] in "FfCcKk")


def infix_length(word: str, i: int) -> int:
    """Return the length of what splits the word at i; 0 if nothing does."""
    char, last = word[i], len(word) - 1
    run = dots(word, i, len(word))
    if run:
        return run
    if has(char, c.ICON):
        return 1
    if i in (0, last):
        return 0
    before, behind = word[i - 1], word[i + 1]
    if char in "+-*^" and has(before, c.DIGIT) and (has(behind, c.DIGIT) or behind == "-"):
        return 1
    if char == ".":
        return int(has(before, c.LOWER | c.QUOTE) and has(behind, c.UPPER | c.QUOTE))
    if char == ",":
        return int(has(before, _LETTERS) and has(behind, _LETTERS))
    if not has(before, _LETTERS | c.DIGIT):
        return 0
    if char in ":<>=/":
        return int(has(behind, _LETTERS))
    if has(char, c.HYPHEN):
        size = 1
        while (
            char in "-—"
            and size < (3 if char == "-" else 2)
            and word[i + size : i + size + 1] == char
        ):
            size += 1
        return size if has(word[i + size : i + size + 1] or " ", _LETTERS) else 0
    return 0


def is_url(word: str) -> bool:
    """Return whether a word has the form of an address: [scheme://][user@]host[:port][/path].

    A host is one or more labels, each followed by a full stop, and at least two lower-case letters.
    """
    scheme = word.find("://")
    starts = [0]
    if scheme >= 2 and all(char in "+-._" or char.isalnum() for char in word[:scheme]):
        starts.append(scheme + 3)
    starts += [i + 1 for i, char in enumerate(word) if char == "@" and i > 0]
    return any(_is_host_and_path(word, start) for start in starts)


def _in_label(char: str) -> bool:
    """Return whether a character may be part of a label of a host."""
    return char in "_-" or (char.isascii() and char.isalnum()) or "¡" <= char <= "\uffff"


def _is_host_and_path(word: str, start: int) -> bool:
    """Return whether word[start:] is a host, and possibly a port and a path."""
    end = start
    while end < len(word) and (word[end] == "." or _in_label(word[end])):
        end += 1
    *labels, top = word[start:end].split(".")
    if not labels or not 2 <= len(top) <= 63 or not all(has(char, c.LOWER) for char in top):
        return False
    if not all(0 < len(a) <= 64 and a[0] not in "_-" and a[-1] not in "_-" for a in labels):
        return False
    rest = word[end:]
    if rest[:1] == ":":
        digits = 1
        while digits < len(rest) and has(rest[digits], c.DIGIT):
            digits += 1
        if not 3 <= digits <= 6:
            return False
        rest = rest[digits:]
    return not rest or rest[0] in "/?#"
