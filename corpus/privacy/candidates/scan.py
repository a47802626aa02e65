"""Kernel that finds the candidates of `definition.py` in Arrow's buffers, in one pass.

Most bytes are skipped by one look-up. A digit, an at sign, a colon, a dash or an opening bracket
starts a check of what stands around it. What was checked is not checked again for the same kind, so
the time is linear in the bytes.
"""

from __future__ import annotations

import string

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from corpus import arrow_buffers
from corpus.kernels import njit
from corpus.privacy.candidates.definition import (
    CODE,
    EMAIL,
    IBAN,
    IPV4,
    IPV6,
    MAX_AFTER_AT,
    MAX_CODE,
    MAX_DOMAIN,
    MAX_GROUPS,
    MAX_IBAN,
    MAX_IPV4,
    MAX_IPV6,
    MAX_LOCAL,
    MAX_NUMBER,
    MAX_PEM,
    MAX_PEM_END,
    MAX_PEM_LABEL,
    MAX_TOKEN,
    MAX_USER_INFO,
    MIN_CODE,
    MIN_CODE_DIGITS,
    MIN_DIGITS,
    MIN_IBAN,
    MIN_TOKEN,
    NUMBER,
    PEM,
    PEM_BEGIN,
    PEM_END,
    PEM_LABEL,
    TOKEN,
    USER_INFO,
    WRITTEN_EMAIL,
)
from corpus.privacy.candidates.folding import folding_table

_LETTERS, _DIGITS = string.ascii_letters, string.digits
_DIGIT, _LETTER, _ALNUM, _LOCAL, _DOMAIN, _TOKEN, _BETWEEN, _HEX, _SCHEME, _STOP, _WORD = (
    1 << bit for bit in range(11)
)
_DOT_BETWEEN = 1 << 11
_MEMBERS = {
    _DIGIT: _DIGITS,
    _LETTER: _LETTERS,
    _ALNUM: _LETTERS + _DIGITS,
    _LOCAL: _LETTERS + _DIGITS + "._%+'-\x01\x02",
    _DOMAIN: _LETTERS + _DIGITS + ".-\x01\x02",
    _TOKEN: _LETTERS + _DIGITS + "_.+/=\x01-",
    _BETWEEN: " \x01()./-",
    _DOT_BETWEEN: ".\x01",
    _HEX: "0123456789abcdefABCDEF:.\x01",
    _SCHEME: _LETTERS + _DIGITS + "+.-",
    _STOP: "".join(map(chr, range(33))) + "\"'<>/?#",
    _WORD: _LETTERS + _DIGITS + "\x01",
}


def _classes() -> NDArray[np.uint16]:
    """Return which of the classes above each folded character has, as bits: uint16[128]."""
    classes = np.zeros(128, np.uint16)
    for bit, members in _MEMBERS.items():
        for character in members:
            classes[ord(character)] |= bit
    return classes


def _triggers() -> NDArray[np.uint8]:
    """Return which bytes start a check: uint8[256]. All beyond ASCII do."""
    triggers = np.zeros(256, np.uint8)
    triggers[128:] = 1
    triggers[[ord(character) for character in _DIGITS + "@:-([{"]] = 1
    return triggers


_CLASSES, _TRIGGERS = _classes(), _triggers()
_BEGIN = np.frombuffer(PEM_BEGIN.encode(), np.uint8)
_LABEL = np.frombuffer(PEM_LABEL.encode(), np.uint8)
_END = np.frombuffer(PEM_END.encode(), np.uint8)
_DASHES = np.frombuffer(b"-----", np.uint8)
_AT, _COLON, _DASH, _DOT, _PLUS, _SPACE, _SLASH, _OPEN = (ord(c) for c in "@:-.+ /(")
_MAX_SCHEME = 20


@njit
def _after(data: NDArray[np.uint8], p: int, end: int, table: NDArray[np.uint8]) -> tuple[int, int]:
    """Return the folded character at `p` and the position after it; -1 at the end."""
    if p >= end:
        return -1, p
    byte = np.int64(data[p])
    if byte < 128:
        return np.int64(table[byte]), p + 1  # type: ignore[return-value]
    if byte < 0xE0 and p + 1 < end:
        code, stop = (byte & 31) << 6 | data[p + 1] & 63, p + 2
    elif byte < 0xF0 and p + 2 < end:
        code, stop = (byte & 15) << 12 | (data[p + 1] & 63) << 6 | data[p + 2] & 63, p + 3
    else:
        return np.int64(0), min(p + 4, end)  # type: ignore[return-value]
    return np.int64(table[code]), stop  # type: ignore[return-value]


@njit
def _before(
    data: NDArray[np.uint8], p: int, begin: int, table: NDArray[np.uint8]
) -> tuple[int, int]:
    """Return the folded character that ends at `p` and the position of it; -1 at the beginning."""
    if p <= begin:
        return -1, p
    start = p - 1
    while start > begin and data[start] & 0xC0 == 0x80:
        start -= 1
    return _after(data, start, p, table)[0], start


@njit
def _in(character: int, bits: int) -> bool:
    """Return whether a folded character has one of these classes."""
    return bool(character >= 0 and _CLASSES[character] & bits != 0)


@njit
def _run_left(
    data: NDArray[np.uint8], p: int, begin: int, table: NDArray[np.uint8], bits: int, limit: int
) -> int:
    """Return where the run of a class that ends at `p` begins; at most `limit` characters."""
    while limit > 0:
        character, start = _before(data, p, begin, table)
        if not _in(character, bits):
            break
        p = start
        limit -= 1
    return p


@njit
def _matches(
    data: NDArray[np.uint8], p: int, end: int, table: NDArray[np.uint8], pattern: NDArray[np.uint8]
) -> bool:
    """Return whether the folded text at `p` begins with a pattern."""
    for wanted in pattern:
        character, p = _after(data, p, end, table)
        if character != wanted:
            return False
    return True


@njit
def _measure_run(
    data: NDArray[np.uint8], p: int, end: int, table: NDArray[np.uint8], bits: int
) -> tuple[int, int, int, int, int, bool]:
    """Return end, characters, digits, letters and colons of the run of a class at `p`.

    The sixth value is whether two colons stand side by side.
    """
    characters = digits = letters = colons = 0
    is_double, was_colon = False, False
    while True:
        character, stop = _after(data, p, end, table)
        if not _in(character, bits):
            return p, characters, digits, letters, colons, is_double
        characters += 1
        digits += _in(character, _DIGIT)
        letters += _in(character, _LETTER)
        is_colon = character == _COLON
        colons += is_colon
        is_double |= is_colon and was_colon
        was_colon = is_colon
        p = stop


@njit
def _number_run(
    data: NDArray[np.uint8], p: int, end: int, table: NDArray[np.uint8], between_bits: int
) -> tuple[int, int, int, int, int]:
    """Return end, digits, groups, dots and characters of the run of numbers at the digit `p`.

    At most three characters of a class may stand between its digits.
    """
    digits = groups = dots = characters = 0
    in_group = False
    stop = p
    while True:
        character, q = _after(data, p, end, table)
        dots_between = between = 0
        while _in(character, between_bits) and between < 3:
            between += 1
            dots_between += character == _DOT
            character, q = _after(data, q, end, table)
        if not _in(character, _DIGIT):
            return stop, digits, groups, dots, characters
        groups += between > 0 or not in_group
        in_group = True
        digits += 1
        dots += dots_between
        characters += between + 1
        p = stop = q


@njit
def _iban_end(
    data: NDArray[np.uint8], p: int, begin: int, end: int, table: NDArray[np.uint8]
) -> tuple[int, int]:
    """Return begin and end of the possible IBAN whose first digit is at `p`, or -1, -1."""
    second, q = _before(data, p, begin, table)
    if not _in(second, _LETTER):
        return -1, -1
    first, start = _before(data, q, begin, table)
    if not _in(first, _LETTER) or _in(_before(data, start, begin, table)[0], _ALNUM):
        return -1, -1
    _, q = _after(data, p, end, table)
    digit, stop = _after(data, q, end, table)
    if not _in(digit, _DIGIT):
        return -1, -1
    count = 4
    while count < MAX_IBAN:
        character, q = _after(data, stop, end, table)
        if character in (_SPACE, 1, _DASH):
            character, q = _after(data, q, end, table)
        if not _in(character, _ALNUM):
            break
        stop = q
        count += 1
    return (start, stop) if count >= MIN_IBAN else (-1, -1)


@njit
def _email(
    data: NDArray[np.uint8], p: int, begin: int, end: int, table: NDArray[np.uint8]
) -> tuple[int, int]:
    """Return begin and end of the possible e-mail address with the at sign at `p`, or -1, -1."""
    start = _run_left(data, p, begin, table, _LOCAL, MAX_LOCAL)
    if start == p:
        return -1, -1
    _, stop = _after(data, p, end, table)
    has_dot = False
    for _ in range(MAX_DOMAIN):
        character, q = _after(data, stop, end, table)
        if not _in(character, _DOMAIN):
            break
        has_dot |= character == _DOT
        stop = q
    return (start, stop) if has_dot else (-1, -1)


@njit
def _written_email(
    data: NDArray[np.uint8], p: int, begin: int, end: int, table: NDArray[np.uint8], opening: int
) -> tuple[int, int]:
    """Return begin and end of what may be `jane [at] example.org`, the bracket at `p`, or -1."""
    _, q = _after(data, p, end, table)
    a, q = _after(data, q, end, table)
    t, q = _after(data, q, end, table)
    closing, stop = _after(data, q, end, table)
    # ( and ) are neighbours in ASCII; [ and ], { and } are two apart
    if a | 32 != 97 or t | 32 != 116 or closing != opening + (1 if opening == _OPEN else 2):
        return -1, -1
    character, q = _before(data, p, begin, table)
    before = q if character == _SPACE else p
    start = _run_left(data, before, begin, table, _LOCAL, MAX_LOCAL)
    if start == before:
        return -1, -1
    for _ in range(MAX_AFTER_AT):
        stop = _after(data, stop, end, table)[1]
    return start, stop


@njit
def _user_info(
    data: NDArray[np.uint8], p: int, begin: int, end: int, table: NDArray[np.uint8]
) -> tuple[int, int]:
    """Return begin and end of the URL with user info whose colon is at `p`, or -1, -1."""
    _, q = _after(data, p, end, table)
    first, q = _after(data, q, end, table)
    second, q = _after(data, q, end, table)
    start = _run_left(data, p, begin, table, _SCHEME, _MAX_SCHEME)
    if first != _SLASH or second != _SLASH or start == p:
        return -1, -1
    at = -1
    for i in range(MAX_USER_INFO):
        character, stop = _after(data, q, end, table)
        if character < 0 or _in(character, _STOP):
            break
        if character == _AT and i > 0:
            at = q
        q = stop
    return (start, at) if at >= 0 else (-1, -1)


@njit
def _find(
    data: NDArray[np.uint8],
    p: int,
    end: int,
    table: NDArray[np.uint8],
    pattern: NDArray[np.uint8],
    characters: int,
) -> int:
    """Return where a pattern begins that ends at most `characters` after `p`; -1 if nowhere."""
    for _ in range(characters - len(pattern) + 1):
        if _matches(data, p, end, table, pattern):
            return p
        _, p = _after(data, p, end, table)
    return -1


@njit
def _pem(data: NDArray[np.uint8], p: int, end: int, table: NDArray[np.uint8]) -> int:
    """Return the end of the private key that begins at `p`, or -1.

    That is the end that follows, or where another block begins, so that no character is looked at
    for two blocks.
    """
    q = _skip(data, p, end, table, len(_BEGIN))
    label = _find(data, q, end, table, _LABEL, MAX_PEM_LABEL - len(_BEGIN))
    if label < 0:
        return -1
    for _ in range(MAX_PEM - len(_BEGIN)):
        character, stop = _after(data, q, end, table)
        if character < 0:
            break
        if character == _DASH and _matches(data, q, end, table, _BEGIN):
            break
        if character == _DASH and _matches(data, q, end, table, _END):
            q = _skip(data, q, end, table, len(_END))
            room = MAX_PEM_END - len(_END)
            dashes = _find(data, q, end, table, _DASHES, room)
            return q if dashes < 0 else _skip(data, dashes, end, table, len(_DASHES))
        q = stop
    return q


@njit
def _skip(
    data: NDArray[np.uint8], p: int, end: int, table: NDArray[np.uint8], characters: int
) -> int:
    """Return the position after some characters."""
    for _ in range(characters):
        p = _after(data, p, end, table)[1]
    return p


@njit
def _between_addresses(
    data: NDArray[np.uint8],
    k: int,
    start: int,
    begin: int,
    end: int,
    table: NDArray[np.uint8],
    out: NDArray[np.int64],
    n: int,
) -> int:
    """Add the numbers between the IP addresses of a run that is too long; return `n` after them.

    The run is read three times at most. There are at most `MAX_GROUPS` numbers.
    """
    groups = 0
    p = begin
    while p < end:
        character, after = _after(data, p, end, table)
        if _in(character, _DIGIT):
            after, _, n_groups, dots, _ = _number_run(data, p, end, table, _DOT_BETWEEN)
            groups += n_groups if dots < 3 else 0
        p = after
    if groups > MAX_GROUPS:
        return n
    p, first, last = begin, -1, -1
    while p < end:
        character, after = _after(data, p, end, table)
        if _in(character, _DIGIT):
            after, _, _, dots, _ = _number_run(data, p, end, table, _DOT_BETWEEN)
            if dots < 3:
                first, last = p if first < 0 else first, after
            elif first >= 0:
                n = _add_number(
                    data, k, start if first == begin else first, first, last, table, out, n
                )
                first = -1
        p = after
    if first >= 0 and first > begin:
        n = _add_number(data, k, first, first, last, table, out, n)
    return n


@njit
def _add_number(
    data: NDArray[np.uint8],
    k: int,
    start: int,
    first: int,
    last: int,
    table: NDArray[np.uint8],
    out: NDArray[np.int64],
    n: int,
) -> int:
    """Add a number whose first digit is at `first`, unless it is too short or too long."""
    _, digits, _, _, length = _number_run(data, first, last, table, _BETWEEN)
    if digits < MIN_DIGITS or length > MAX_NUMBER:
        return n
    out[n] = (NUMBER, k, start, last)
    return n + 1


@njit
def _scan(
    data: NDArray[np.uint8], offsets: NDArray[np.int64], table: NDArray[np.uint8]
) -> NDArray[np.int64]:
    """Return the candidates of all texts: int64[n, 4] of kind, text, begin and end in bytes."""
    out = np.empty((1024, 4), np.int64)
    n = 0
    for k in range(offsets.size - 1):
        begin, end = offsets[k], offsets[k + 1]
        number_end = dotted_end = word_end = token_end = hex_end = begin
        p = begin
        while p < end:
            if _TRIGGERS[data[p]] == 0:
                p += 1
                continue
            character, after = _after(data, p, end, table)
            if n + 8 + MAX_GROUPS > len(out):
                larger = np.empty((2 * len(out), 4), np.int64)
                larger[:n] = out[:n]
                out = larger
            if _in(character, _DIGIT):
                if p >= number_end:
                    start = p
                    previous, q = _before(data, p, begin, table)
                    bracket = previous == _OPEN
                    if bracket:
                        start = q
                        previous, q = _before(data, q, begin, table)
                    if previous == _PLUS:
                        start = q
                    number_end, digits, groups, dots, length = _number_run(
                        data, p, end, table, _BETWEEN
                    )
                    length += bracket + (previous == _PLUS)
                    if digits >= MIN_DIGITS and groups <= MAX_GROUPS and length <= MAX_NUMBER:
                        out[n] = (NUMBER, k, start, number_end)
                        n += 1
                    elif dots >= 3:
                        n = _between_addresses(data, k, start, p, number_end, table, out, n)
                    dotted_end = p if dots >= 3 else number_end
                if p >= dotted_end:
                    dotted_end, _, _, dots, length = _number_run(data, p, end, table, _DOT_BETWEEN)
                    if dots >= 3 and length <= MAX_IPV4:
                        out[n] = (IPV4, k, p, dotted_end)
                        n += 1
                start, stop = _iban_end(data, p, begin, end, table)
                if start >= 0:
                    out[n] = (IBAN, k, start, stop)
                    n += 1
                if p >= word_end:
                    start = _run_left(data, p, begin, table, _WORD, end - begin)
                    word_end, length, digits, letters, _, _ = _measure_run(
                        data, start, end, table, _WORD
                    )
                    fits = MIN_CODE <= length <= MAX_CODE
                    if fits and digits >= MIN_CODE_DIGITS and letters > 0:
                        out[n] = (CODE, k, start, word_end)
                        n += 1
                if p >= token_end:
                    start = _run_left(data, p, begin, table, _TOKEN, end - begin)
                    token_end, length, digits, letters, _, _ = _measure_run(
                        data, start, end, table, _TOKEN
                    )
                    if MIN_TOKEN <= length <= MAX_TOKEN and digits > 0 and letters > 0:
                        out[n] = (TOKEN, k, start, token_end)
                        n += 1
            elif character == _AT:
                start, stop = _email(data, p, begin, end, table)
                if start >= 0:
                    out[n] = (EMAIL, k, start, stop)
                    n += 1
            elif character == _COLON:
                if p >= hex_end:
                    start = _run_left(data, p, begin, table, _HEX, end - begin)
                    hex_end, length, _, _, colons, is_double = _measure_run(
                        data, start, end, table, _HEX
                    )
                    if length <= MAX_IPV6 and (is_double or colons >= 7):
                        out[n] = (IPV6, k, start, hex_end)
                        n += 1
                start, stop = _user_info(data, p, begin, end, table)
                if start >= 0:
                    out[n] = (USER_INFO, k, start, stop)
                    n += 1
            elif character == _DASH:
                if _matches(data, p, end, table, _BEGIN):
                    stop = _pem(data, p, end, table)
                    if stop >= 0:
                        out[n] = (PEM, k, p, stop)
                        n += 1
            elif character in (_OPEN, 91, 123):
                start, stop = _written_email(data, p, begin, end, table, character)
                if start >= 0:
                    out[n] = (WRITTEN_EMAIL, k, start, stop)
                    n += 1
            p = after
    return out[:n]


def scan(texts: pa.Array | pa.ChunkedArray) -> NDArray[np.int64]:
    """Return the candidates of a column of texts: int64[n, 4], in the order of texts.

    The columns are kind, text, begin and end; positions are bytes in Arrow's buffer.
    """
    return scan_buffers(*arrow_buffers.texts(texts))


def scan_buffers(data: NDArray[np.uint8], offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the candidates of texts in UTF-8, as `scan` does; `offsets` is int64[n_texts + 1]."""
    found: NDArray[np.int64] = _scan(data, offsets, folding_table())
    return found
