"""Which digits are a valid telephone number, by the tables of libphonenumber (`phonenumbers`).

Parsing a number takes 60 µs, and a run of numbers has many parts that could be one. So the patterns
of a country are tried first, which takes 3 µs: they match everything that is valid there, and
little else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any, NamedTuple

_TYPES = (
    "fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "personal_number", "voip",
    "pager", "uan", "voicemail",
)  # fmt: skip
"""The types of numbers with a pattern: a number of a known type is valid."""


def known_regions() -> frozenset[str]:
    """Return the codes of the regions that libphonenumber knows, such as `DE`."""
    import phonenumbers

    return frozenset(phonenumbers.SUPPORTED_REGIONS)


def is_valid_international(digits: str) -> bool:
    """Return whether digits that begin with a country code are a valid number, such as 4930...."""
    return _may_be_international(digits) and _is_valid_international(digits)


def is_valid_national(digits: str, region: str) -> bool:
    """Return whether digits are a valid number of a region, without its country code."""
    table = _table(region)
    if not table.shortest <= len(digits) <= table.longest:
        return False
    matches = table.valid.fullmatch
    return any(map(matches, _forms(digits, table))) and _parse_national(digits, region) is not None


@lru_cache(maxsize=1 << 16)
def usual_sizes(digits: str, region: str) -> frozenset[tuple[int, ...]]:
    """Return how the digits of a valid number of a region are usually grouped."""
    import phonenumbers

    number = _parse_national(digits, region)
    forms = (phonenumbers.PhoneNumberFormat.NATIONAL, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    written = [phonenumbers.format_number(number, form) for form in forms]
    written[1] = written[1].partition(" ")[2]  # without the country code
    sizes = [tuple(map(len, re.findall("[0-9]+", each))) for each in written]
    return frozenset(each for each in sizes if len(each) > 1)


@lru_cache(maxsize=1 << 16)
def _parse_national(digits: str, region: str) -> Any:
    """Return the number that libphonenumber reads in the digits; None if it is not valid there."""
    import phonenumbers

    try:
        number = phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_valid_number_for_region(number, region) else None


@lru_cache(maxsize=1 << 16)
def _is_valid_international(digits: str) -> bool:
    import phonenumbers

    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(f"+{digits}", None))
    except phonenumbers.NumberParseException:
        return False


def _may_be_international(digits: str) -> bool:
    """Return false if digits that begin with a country code are certainly no valid number."""
    for size in (1, 2, 3):  # no country code is the beginning of another
        tables = _tables_of(digits[:size])
        if tables:
            rest = digits[size:]
            forms = [rest, *_without_prefix(rest, tables[0])]
            return any(table.valid.fullmatch(form) for table in tables for form in forms)
    return False


class _Table(NamedTuple):
    """What the numbers of a region look like."""

    country_code: str
    shortest: int
    longest: int
    """Digits of a number without its country code, with its national prefix."""

    prefix: re.Pattern[str] | None
    """What may stand before a number within the country: 0, or the code of a carrier."""

    prefix_becomes: str | None
    """What replaces the prefix."""

    exit_code: re.Pattern[str]
    """What stands before a country code there: 00, or 011."""

    valid: re.Pattern[str]


@cache
def _table(region: str) -> _Table:
    """Return the table of a region, or of the country code of a service that has no region."""
    import phonenumbers

    metadata: Any = (
        phonenumbers.PhoneMetadata.metadata_for_nongeo_region(int(region))
        if region.isdecimal()
        else phonenumbers.PhoneMetadata.metadata_for_region(region)
    )
    lengths = [n for n in metadata.general_desc.possible_length if n > 0]
    descriptions = [getattr(metadata, type) for type in _TYPES]
    patterns = [d.national_number_pattern for d in descriptions if d and d.national_number_pattern]
    prefix = metadata.national_prefix_for_parsing
    return _Table(
        str(metadata.country_code),
        min(lengths, default=0),
        max(lengths, default=0) + len(metadata.national_prefix or ""),
        re.compile(prefix) if prefix else None,
        metadata.national_prefix_transform_rule,
        re.compile(metadata.international_prefix or "(?!)"),
        re.compile("|".join(f"(?:{pattern})" for pattern in patterns) or "(?!)"),
    )


@cache
def _tables_of(country_code: str) -> tuple[_Table, ...]:
    """Return the tables of the regions with a country code, the main one first."""
    import phonenumbers

    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(country_code or 0), ())
    if regions == (phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY,):
        regions = (country_code,)
    return tuple(map(_table, regions))


def _forms(digits: str, table: _Table) -> Iterator[str]:
    """Yield what may be the number in the digits: without exit code, country code or prefix."""
    wholes = [digits]
    if found := table.exit_code.match(digits):
        wholes.append(digits[found.end() :])
    code = table.country_code
    wholes += [whole.removeprefix(code) for whole in wholes if whole.startswith(code)]
    main = _tables_of(code)[0]
    for whole in wholes:
        yield whole
        for each in _without_prefix(whole, table):
            yield each
            yield from _without_prefix(each, main)
        if main is not table:
            yield from _without_prefix(whole, main)


def _without_prefix(digits: str, table: _Table) -> Iterator[str]:
    """Yield the digits without the prefix of the region, if they have it."""
    if table.prefix and (found := table.prefix.match(digits)):
        yield digits[found.end() :]
        if table.prefix_becomes and found.lastindex:
            yield table.prefix.sub(table.prefix_becomes, digits, count=1)
