"""Telephone numbers, as libphonenumber's tables define them (the package `phonenumbers`).

A number with a country code (`+49 30 123456`) is checked against the tables of its country. One
without must be valid in one of the regions asked for, and either look like a telephone number
there, by its groups of digits, or be called one by a word before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus.privacy.numbers import Group, digits_of, groups_of, separators
from corpus.privacy.phone_tables import is_valid_international, is_valid_national, usual_sizes
from corpus.privacy.windows import Finding, Window

MIN_DIGITS, MAX_DIGITS = 7, 15
"""Digits of a telephone number (ITU-T E.164, section 6)."""

MAX_PHONE_GROUPS = 8

MAX_SKIPPED = 4
"""Groups in a row that may begin no number until a word is no longer the name of what follows."""

_PHONE = re.compile(
    r"(?:\b(?:tel|t[ée]l[ée]phones?|tele?fono?s?|telef[oó]nos?|telefones?|telephones?|phones?|"
    r"phone number|mobile?s?|mobil|m[oó]vil|celular|cellulare|cell|dial|fax|"
    r"telefax|hotline|helpline|whatsapp|sms|rufnummer|handy|nummer|numéro|appel\w*|portable|"
    r"llam\w+|chiam\w+|ligue|zadzwoń|reach \w+ (?:at|on|under)|ph|mob)\b|"
    r"\bcall(?:ing)?(?: us| me| her| him| them)?(?: at| on|:)?\W*\Z|"
    r"тел|моб|факс|звон|电话|電話|手机|手機|전화|هاتف|تلفن|טלפון|फ़ोन|फोन|โทร|☎|📞|📱)"
)
_OTHER_NUMBER = re.compile(
    r"(?:\b(?:isbn|issn|doi|pmid|arxiv|ean|upc|asin|sku|vin|imei|serial|model|part|version|invoice|"
    r"order|ticket|case|docket|patent|account|acct|konto|iban|bic|swift|ssn|passport|licen[cs]e|"
    r"registration|reg|hrb|vat|ust-?id|siret|siren|nif|cif|tax|id|ref|reference|no|nr|nº|lat|lon|"
    r"latitude|longitude|coordinates|score|population|figure|table|page|pp|vol)\b|[$€£¥₹#№=])"
    r"[\w.:\- ]{0,12}\Z"
)
_NOT_A_PHONE = re.compile(
    r"(?:1[0-9]|20)[0-9]{2} ?[-/] ?(?:1[0-9]|20)?[0-9]{2}"  # years
    r"|[0-9]{4}([-./ ])[01]?[0-9]\1[0-3]?[0-9](?:[ ./-].*)?"  # dates
    r"|[0-3]?[0-9]([-./ ])[0-3]?[0-9]\2(?:19|20)[0-9]{2}(?:[ ./-].*)?"
    r"|[0-9]+\.[0-9]+(?:[-/ ]+[0-9]+\.[0-9]+)*"  # decimals
    r"|97[89][- ]?[0-9][0-9 -]{8,}"  # ISBN
)
_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}([ .])[0-9]{3}(?:\1[0-9]{3})*")
"""Also the form of some numbers in Poland and Spain; these must be named."""


def find_phones(window: Window, regions: tuple[str, ...]) -> Iterator[Finding]:
    """Yield the telephone numbers of a run of numbers."""
    groups = groups_of(window)
    begin = window.begin
    if window.previous(begin) in "_=#$€£¥" or window.previous(begin).isalnum():
        return
    last = _international(window, groups)
    if last is not None:
        yield Finding("phone", begin, groups[last].end)
        groups = groups[last + 1 :]
        begin = groups[0].begin if groups else window.end
    if regions and groups:
        yield from _national(window, begin, groups, regions)


def _international(window: Window, groups: list[Group]) -> int | None:
    """Return the last group of the number with a country code that a run begins with, if any."""
    begin, plain = window.begin, window.plain
    has_plus = plain[begin] == "+"
    if not has_plus and not plain.startswith(("00", "011"), groups[0].begin):
        return None
    for last in range(min(len(groups), MAX_PHONE_GROUPS + 2) - 1, -1, -1):
        digits = digits_of(plain, groups[: last + 1])
        if has_plus and not MIN_DIGITS <= len(digits) <= MAX_DIGITS + 1:
            continue
        if not has_plus:
            prefix = 3 if digits.startswith("011") else 2
            if len(digits) < 10 or len(digits) > MAX_DIGITS + prefix:
                continue
            digits = digits[prefix:]
            if len(groups) == 1 and not _PHONE.search(window.before):
                continue
        if _ends(window, groups[last].end) and is_valid_international(digits):
            return last
    return None


def _national(
    window: Window, begin: int, groups: list[Group], regions: tuple[str, ...]
) -> Iterator[Finding]:
    """Yield the numbers without a country code: the whole run, or what is called a number."""
    is_named = bool(_PHONE.search(window.before)) and not _OTHER_NUMBER.search(window.before)
    first, skipped, plain = 0, 0, window.plain
    while first < len(groups) and skipped < MAX_SKIPPED:
        longest = min(len(groups), first + MAX_PHONE_GROUPS)
        choices = range(longest, first, -1)
        if not is_named:
            choices = range(longest, len(groups) - 1, -1)  # all groups, or none
        skipped += 1
        for last in choices:
            some = groups[first:last]
            if _is_national(window, some, regions, is_named=is_named):
                has_bracket = first == 0 and ")" in plain[begin : some[-1].end]
                yield Finding("phone", begin if has_bracket else some[0].begin, some[-1].end)
                first, skipped = last - 1, 0
                break
        first += 1
        if not is_named:
            return


def _is_national(
    window: Window,
    groups: list[Group],
    regions: tuple[str, ...],
    *,
    is_named: bool,
) -> bool:
    plain, end = window.plain, groups[-1].end
    sizes = tuple(group.size for group in groups)
    if not MIN_DIGITS <= sum(sizes) <= MAX_DIGITS or not _ends(window, end):
        return False
    digits = digits_of(plain, groups)
    span = plain[groups[0].begin : end]
    if _NOT_A_PHONE.fullmatch(span) or window.previous(groups[0].begin) in "/.,:":
        return False
    has_brackets = window.previous(groups[0].begin) == "(" and ")" in span
    between = separators(plain, groups)
    if not is_named and ((len(groups) == 1 and digits[0] != "0") or _THOUSANDS.fullmatch(span)):
        return False
    if not _is_written_as_one(span, between, has_brackets=has_brackets):
        return False
    looks_like_one = has_brackets or any("-" in s or "/" in s for s in between)
    for region in regions:
        if not is_valid_national(digits, region):
            continue
        if is_named and (len(groups) > 1 or len(digits) >= 9 or digits[0] == "0"):
            return True
        if _OTHER_NUMBER.search(window.before):
            return False
        if has_brackets or (digits[0] == "0" and sizes[1:] and (sizes[0] > 2 or looks_like_one)):
            return True
        if sizes[1:] and sizes in usual_sizes(digits, region):
            return True
    return False


def _is_written_as_one(span: str, between: list[str], *, has_brackets: bool) -> bool:
    """Return whether the separators are those of one number, not of prices or of a table."""
    if "." in span and set(between) != {"."}:
        return False
    if "(" in span and not has_brackets:
        return "(0)" in span
    return "  " not in span and not any("/" in each for each in between[1:])


def _ends(window: Window, end: int) -> bool:
    """Return whether a number can end here: no letter, percent sign or decimals follow."""
    following, beyond = window.following(end), window.following(end + 1)
    if following.isalpha():
        return following in "xe" and not beyond.isalpha()
    return not (following in "%_@" or (following in ".,:" and beyond.isdigit()))
