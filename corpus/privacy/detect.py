"""Check the candidates of a text, and choose among those that overlap."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from corpus.privacy.candidates.definition import (
    CODE,
    EMAIL,
    IBAN,
    IPV4,
    IPV6,
    NUMBER,
    PEM,
    TOKEN,
    USER_INFO,
    WRITTEN_EMAIL,
    Candidate,
    find_candidates,
    find_key_blocks,
)
from corpus.privacy.cards import find_cards
from corpus.privacy.credentials import find_api_keys, find_url_credentials
from corpus.privacy.emails import find_emails
from corpus.privacy.ibans import find_ibans
from corpus.privacy.ip_addresses import find_ip_addresses
from corpus.privacy.kinds import TYPES
from corpus.privacy.national_ids import COUNTRIES, find_national_ids
from corpus.privacy.phones import find_phones
from corpus.privacy.windows import Finding, Window, make_window

DEFAULT_REGIONS = ("US", "GB", "DE", "FR", "ES", "IT")


class Match(NamedTuple):
    """Personal data in a text: a type, and a span in characters."""

    type: str
    begin: int
    end: int


class Wanted(NamedTuple):
    """What to look for."""

    types: tuple[str, ...] = TYPES
    regions: tuple[str, ...] = DEFAULT_REGIONS
    """Regions whose telephone numbers are recognised without a country code."""

    countries: tuple[str, ...] = COUNTRIES
    """Countries whose national numbers are recognised."""

    kept: tuple[str, ...] = ()
    """Types that are only listed: where they overlap with one to replace, that one is found."""


def find_in_window(window: Window, wanted: Wanted) -> Iterator[Finding]:
    """Yield the personal data of a candidate; findings of several types may overlap."""
    kind, types = window.kind, wanted.types
    if kind in (EMAIL, WRITTEN_EMAIL) and "email" in types:
        yield from find_emails(window)
    if kind == USER_INFO and "url_credentials" in types:
        yield from find_url_credentials(window)
    if kind in (TOKEN, PEM) and "api_key" in types:
        yield from find_api_keys(window)
    if kind == IBAN and "iban" in types:
        yield from find_ibans(window)
    if kind in (IPV4, IPV6) and "ip" in types:
        yield from find_ip_addresses(window)
    if kind == NUMBER and "card" in types:
        yield from find_cards(window)
    if kind in (NUMBER, CODE) and "national_id" in types:
        yield from find_national_ids(window, wanted.countries)
    if kind == NUMBER and "phone" in types:
        yield from find_phones(window, wanted.regions)


def without_overlaps(matches: Iterable[Match], wanted: Wanted) -> list[Match]:
    """Return the matches in the order of the text; of two that overlap, one is left.

    The type that `TYPES` lists first is left, one to be replaced before one that is only listed;
    within a type, the longer match, then the earlier.
    """
    ranks = {type: (type in wanted.kept, rank) for rank, type in enumerate(TYPES)}
    ordered = sorted(
        set(matches),
        key=lambda m: (ranks[m.type], m.begin - m.end, m.begin),  # type: ignore[index]
    )
    chosen: list[Match] = []
    taken: set[int] = set()
    for match in ordered:
        if taken.isdisjoint(range(match.begin, match.end)):
            chosen.append(match)
            taken.update(range(match.begin, match.end))
    return sorted(chosen, key=lambda match: match.begin)


def check_candidate(window: Window, position: int, wanted: Wanted) -> Iterator[Match]:
    """Yield the matches of a candidate that begins at this position of its text."""
    for type, begin, end in find_in_window(window, wanted):
        first, last = window.positions[begin], window.positions[end - 1]
        yield Match(type, position + first, position + last + 1)


def find_personal_data(text: str, wanted: Wanted = Wanted()) -> list[Match]:  # noqa: B008
    """Return the personal data of a text, in its order. This is the definition: see `redact`."""
    found: list[Match] = []
    for kind, begin, end in sorted(find_candidates(text)):
        window = make_window(
            kind, text[max(0, begin - 240) : begin], text[begin:end], text[end : end + 120]
        )
        found += check_candidate(window, begin, wanted)
    return without_overlaps(found, wanted)


def find_private_keys(text: str) -> list[Match]:
    """Return the private keys of a text, in its order."""
    found: list[Match] = []
    for kind, begin, end in find_key_blocks(text):
        window = make_window(kind, "", text[begin:end], "")
        found += check_candidate(window, begin, Wanted(("api_key",)))
    return found


__all__ = ["Candidate", "Match", "Wanted", "find_personal_data", "find_private_keys"]
