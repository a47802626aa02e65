"""Payment card numbers: the ranges of the issuers, the usual grouping, and Luhn's check digit.

Ranges: ISO/IEC 7812, as the networks publish them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus.privacy.numbers import Group, digits_of, groups_of, separators, stands_alone
from corpus.privacy.windows import Finding, Window

_ISSUERS = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})"  # Visa
    r"|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}"  # Mastercard
    r"|3[47]\d{13}"  # American Express
    r"|3(?:0[0-5]|[689]\d)\d{11}"  # Diners Club
    r"|(?:6011|64[4-9]\d|65\d\d)\d{12,15}"  # Discover
    r"|35\d{14,17}"  # JCB
    r"|(?:2131|1800)\d{11}"  # JCB, 15 digits
    r"|62\d{14,17}"  # UnionPay
    r"|220[0-4]\d{12,15}"  # Mir
    r"|(?:50|5[6-9]|6\d)\d{10,17}"  # Maestro
)
MIN_CARD_DIGITS, MAX_CARD_DIGITS, MAX_CARD_GROUPS = 12, 19, 5
_CARD = re.compile(
    r"card|paid|pay|visa|master|amex|maestro|karte|carte|tarjeta|carta|cartão|карт|卡|カード"
)


def find_cards(window: Window) -> Iterator[Finding]:
    """Yield the payment card numbers of a run of numbers."""
    groups = groups_of(window)
    if sum(group.size for group in groups) < MIN_CARD_DIGITS:
        return
    first = 0
    while first < len(groups):
        n_digits = 0
        for last in range(first + 1, min(len(groups), first + MAX_CARD_GROUPS) + 1):
            n_digits += groups[last - 1].size
            some = groups[first:last]
            if MIN_CARD_DIGITS <= n_digits <= MAX_CARD_DIGITS and _is_card(window, some):
                yield Finding("card", some[0].begin, some[-1].end)
                first = last - 1
                break
        first += 1


def _is_card(window: Window, groups: list[Group]) -> bool:
    digits = digits_of(window.plain, groups)
    if not _ISSUERS.fullmatch(digits) or not passes_luhn(digits):
        return False
    between = separators(window.plain, groups)
    if len(set(between)) > 1 or not set(between) <= {" ", "-", "."} or len(set(digits)) < 2:
        return False
    sizes = [group.size for group in groups]
    if len(sizes) > 1 and not (sizes[:-1] == [4] * (len(sizes) - 1) or sizes[:2] == [4, 6]):
        return False
    if len(digits) < 14 and not _CARD.search(window.before):
        return False
    return stands_alone(window, groups[0].begin, groups[-1].end)


def passes_luhn(digits: str) -> bool:
    """Return whether the last digit is the check digit of the others (ISO/IEC 7812-1, annex B)."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[::-2])) + sum(doubled)) % 10 == 0
