"""Plain-Python definition of the places in a text that could be personal data.

Each candidate is a span with a kind. Kinds are found by what they cannot do without: an at sign,
digits, colons. The kernel in `scan.py` finds the same candidates; exact checks follow on these
alone. Each kind is bounded, so that a text has few candidates for its length, however hostile.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from corpus.privacy.candidates.folding import fold

EMAIL, WRITTEN_EMAIL, USER_INFO, NUMBER, CODE, IBAN, TOKEN, IPV4, IPV6, PEM = range(10)
"""Kinds of candidates. `WRITTEN_EMAIL` is `jane [at] example.org`; `CODE` is a word of letters and
digits; `TOKEN` is a long word that could be an API key."""

MAX_LOCAL, MAX_DOMAIN = 128, 255
"""Characters before and after an at sign that are looked at."""

MAX_AFTER_AT = 120
"""Characters after `[at]` that are looked at."""

MAX_USER_INFO = 255
"""Characters after `://` among which the at sign must be."""

MAX_GROUPS = 64
"""Groups of digits in a run of numbers; in a long run, those of IP addresses do not count. A longer
run is a table of figures: only IP addresses in it are personal data."""

MIN_DIGITS = 7
MAX_NUMBER = 512
"""Characters of a run of numbers; a longer one is a table of figures, too."""

MIN_CODE, MAX_CODE, MIN_CODE_DIGITS = 8, 40, 4
MIN_IBAN, MAX_IBAN = 15, 34
MIN_TOKEN, MAX_TOKEN = 16, 2048
MAX_IPV4, MAX_IPV6 = 64, 64

MAX_PEM = 65_536
"""Characters of a private key that are looked at, from its first line on."""

PEM_BEGIN, PEM_LABEL, PEM_END = "-----BEGIN ", "PRIVATE KEY", "-----END "
MAX_PEM_LABEL = 40
"""Characters from the beginning of a key among which `PEM_LABEL` must be."""

MAX_PEM_END = 64
"""Characters from `PEM_END` on among which its dashes must be."""


LOCAL = r"A-Za-z0-9._%+'\-\x01\x02"
DOMAIN = r"A-Za-z0-9.\-\x01\x02"

_LOCAL_CHARACTER, _DOMAIN_CHARACTER = re.compile(f"[{LOCAL}]"), re.compile(f"[{DOMAIN}]")
_WRITTEN_AT = re.compile(r"\(at\)|\[at\]|\{at\}", re.IGNORECASE)
_SCHEME = re.compile(r"[A-Za-z0-9+.\-]")
_USER_INFO_END = re.compile(r"[\x00-\x20\"'<>/?#]")
_NUMBER = re.compile(r"\+?\(?[0-9](?:[ \x01()./\-]{0,3}[0-9])*")
_DOTTED = re.compile(r"[0-9](?:[.\x01]{0,3}[0-9])*")
_GROUP = re.compile("[0-9]+")
_CODE = re.compile(r"[A-Za-z0-9\x01]+")
_IBAN = re.compile(r"(?<![A-Za-z0-9])(?=([A-Za-z]{2}[0-9]{2}(?:[ \x01\-]?[A-Za-z0-9]){11,30}))")
_TOKEN = re.compile(r"[A-Za-z0-9_.+/=\x01\-]+")
_IPV6 = re.compile(r"[0-9A-Fa-f:.\x01]+")


class Candidate(NamedTuple):
    """A place that could be personal data: positions in characters."""

    kind: int
    begin: int
    end: int


def find_candidates(text: str) -> set[Candidate]:
    """Return the candidates of a text."""
    folded = fold(text)
    return {
        *_emails(folded),
        *_written_emails(folded),
        *_user_infos(folded),
        *_numbers(folded),
        *_words(folded),
        *_ipv4(folded),
        *_ipv6(folded),
        *_pems(folded),
    }


def find_key_blocks(text: str) -> list[Candidate]:
    """Return the candidates of a text that could be private keys, in its order."""
    return list(_pems(fold(text)))


def _run_before(folded: str, at: int, character: re.Pattern[str], limit: int) -> int:
    while limit and at and character.match(folded[at - 1]):
        at, limit = at - 1, limit - 1
    return at


def _run_after(folded: str, at: int, character: re.Pattern[str], limit: int) -> int:
    while limit and at < len(folded) and character.match(folded[at]):
        at, limit = at + 1, limit - 1
    return at


def _emails(folded: str) -> Iterator[Candidate]:
    for found in re.finditer("@", folded):
        begin = _run_before(folded, found.start(), _LOCAL_CHARACTER, MAX_LOCAL)
        end = _run_after(folded, found.end(), _DOMAIN_CHARACTER, MAX_DOMAIN)
        if begin < found.start() and "." in folded[found.end() : end]:
            yield Candidate(EMAIL, begin, end)


def _written_emails(folded: str) -> Iterator[Candidate]:
    for found in _WRITTEN_AT.finditer(folded):
        before = found.start() - (folded[max(found.start() - 1, 0)] == " ")
        begin = _run_before(folded, before, _LOCAL_CHARACTER, MAX_LOCAL)
        end = min(len(folded), found.end() + MAX_AFTER_AT)
        if begin < before:
            yield Candidate(WRITTEN_EMAIL, begin, end)


def _user_infos(folded: str) -> Iterator[Candidate]:
    for found in re.finditer("://", folded):
        begin = _run_before(folded, found.start(), _SCHEME, 20)
        window = folded[found.end() : found.end() + MAX_USER_INFO]
        stop = _USER_INFO_END.search(window)
        at = window[: stop.start() if stop else None].rfind("@")
        if begin < found.start() and at > 0:
            yield Candidate(USER_INFO, begin, found.end() + at)


def _numbers(folded: str) -> Iterator[Candidate]:
    for found in _NUMBER.finditer(folded):
        if _is_number(found[0]):
            yield Candidate(NUMBER, *found.span())
        else:
            yield from _between_addresses(folded, *found.span())


def _is_number(text: str) -> bool:
    """Return whether a run of numbers is long enough, and no table of figures."""
    groups = _GROUP.findall(text)
    n_digits = sum(map(len, groups))
    return n_digits >= MIN_DIGITS and len(groups) <= MAX_GROUPS and len(text) <= MAX_NUMBER


def _between_addresses(folded: str, begin: int, end: int) -> Iterator[Candidate]:
    """Yield the numbers between the IP addresses of a run, unless these are a table, too."""
    runs = list(_DOTTED.finditer(folded, begin, end))
    others = [run for run in runs if run[0].count(".") < 3]
    if len(others) == len(runs) or sum(len(_GROUP.findall(run[0])) for run in others) > MAX_GROUPS:
        return
    for is_other, part in groupby(runs, lambda run: run[0].count(".") < 3):
        spans = [run.span() for run in part]
        first, last = spans[0][0], spans[-1][1]
        if is_other and _is_number(folded[first:last]):
            yield Candidate(NUMBER, begin if first == runs[0].start() else first, last)


def _words(folded: str) -> Iterator[Candidate]:
    for kind, pattern, least, most, digits in (
        (CODE, _CODE, MIN_CODE, MAX_CODE, MIN_CODE_DIGITS),
        (TOKEN, _TOKEN, MIN_TOKEN, MAX_TOKEN, 1),
    ):
        for found in pattern.finditer(folded):
            n_digits = sum(map(str.isdigit, found[0]))
            n_letters = sum(map(str.isalpha, found[0]))
            if least <= len(found[0]) <= most and n_digits >= digits and n_letters:
                yield Candidate(kind, *found.span())
    for found in _IBAN.finditer(folded):
        yield Candidate(IBAN, *found.span(1))


def _ipv4(folded: str) -> Iterator[Candidate]:
    for found in _DOTTED.finditer(folded):
        if found[0].count(".") >= 3 and len(found[0]) <= MAX_IPV4:
            yield Candidate(IPV4, *found.span())


def _ipv6(folded: str) -> Iterator[Candidate]:
    for found in _IPV6.finditer(folded):
        colons = found[0].count(":")
        if len(found[0]) <= MAX_IPV6 and ("::" in found[0] or colons >= 7):
            yield Candidate(IPV6, *found.span())


def _pems(folded: str) -> Iterator[Candidate]:
    """Yield the private keys: to the end that follows, or to where another block begins."""
    for found in re.finditer(PEM_BEGIN, folded):
        begin, first = found.span()
        if PEM_LABEL not in folded[first : begin + MAX_PEM_LABEL]:
            continue
        limit = min(len(folded), begin + MAX_PEM)
        other = folded.find(PEM_BEGIN, first, limit + len(PEM_BEGIN) - 1)
        limit = limit if other < 0 else other
        end = folded.find(PEM_END, first, limit + len(PEM_END) - 1)
        if end >= 0:
            dashes = folded.find("-----", end + len(PEM_END), end + MAX_PEM_END)
            limit = end + len(PEM_END) if dashes < 0 else dashes + 5
        yield Candidate(PEM, begin, limit)
