"""IBANs: the length of the country and the check digits (ISO 13616)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from corpus.privacy.windows import Finding, Window


@cache
def _lengths() -> dict[str, int]:
    """Return the number of characters of an IBAN of each country (SWIFT's IBAN registry)."""
    sizes = (
        "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 "
        "DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 "
        "IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 "
        "MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 "
        "SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30"
    )
    return {size[:2]: int(size[2:]) for size in sizes.split()}


def find_ibans(window: Window) -> Iterator[Finding]:
    """Yield the IBAN that a candidate begins with, if it has one."""
    wanted = _lengths().get(window.plain[window.begin : window.begin + 2].upper())
    if wanted is None:
        return
    letters, at = "", window.begin
    while len(letters) < wanted and at < window.end:
        letters += window.plain[at] if window.plain[at].isalnum() else ""
        at += 1
    if len(letters) == wanted and not window.following(at).isalnum() and _has_check_digits(letters):
        yield Finding("iban", window.begin, at)


def _has_check_digits(iban: str) -> bool:
    """Return whether the remainder is 1 (ISO 7064, MOD 97-10)."""
    rotated = iban[4:] + iban[:4]
    return int("".join(str(int(letter, 36)) for letter in rotated)) % 97 == 1
