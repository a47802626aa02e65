"""What replaces personal data: a placeholder, a mask, or a surrogate.

    placeholder   Write to <EMAIL>.
    mask          Write to ****.***@*******.***.
    surrogate     Write to maria.keller@example.com.

A replacement is never replaced again. A surrogate depends on the type and on what it replaces
alone, so that an address has the same surrogate in every document. Surrogates are from ranges that
are reserved for documentation, or from lists of test numbers.
"""

from __future__ import annotations

import hashlib
import re
from typing import Literal

from corpus.privacy.candidates.folding import fold, without_ignored
from corpus.privacy.kinds import PLACEHOLDERS, Type

Method = Literal["placeholder", "mask", "surrogate", "keep"]

_FIRST = (
    "alex",
    "anna",
    "ben",
    "clara",
    "david",
    "elena",
    "finn",
    "greta",
    "hugo",
    "ida",
    "jan",
    "karin",
    "leo",
    "maria",
    "nina",
    "omar",
)
_LAST = (
    "adler",
    "berg",
    "costa",
    "diaz",
    "engel",
    "fischer",
    "grant",
    "hansen",
    "ito",
    "jensen",
    "keller",
    "lang",
    "moreau",
    "novak",
)
_IBANS = (
    "GB33BUKB20201555555555", "DE75512108001245126199", "FR7630006000011234567890189",
    "NL02ABNA0123456789", "ES7921000813610123456789", "BE71096123456769",
)  # fmt: skip
"""Published examples of IBANs that belong to nobody."""

_CARDS = (
    "4111 1111 1111 1111", "4012 8888 8888 1881", "5555 5555 5555 4444", "5105 1051 0510 5100",
    "6011 1111 1111 1117", "3530 1113 3330 0000",
)  # fmt: skip
"""Numbers that payment processors publish for tests."""

_USER_INFO = "user:password"


_PLACEHOLDER = re.compile(r"<[A-Za-z_ ]+>|\[[A-Za-z_ ]+\]|\{[A-Za-z_ ]+\}")


def check_placeholder(placeholder: str) -> str:
    """Return the placeholder; raises `ValueError` if it could be taken for personal data itself."""
    if not _PLACEHOLDER.fullmatch(placeholder) or placeholder[1:-1].lower() in ("at", "dot"):
        raise ValueError(
            f"{placeholder!r} is not a placeholder: write letters, spaces and underscores in "
            "<>, [] or {}, such as <EMAIL>"
        )
    return placeholder


def replacement(type: Type, value: str, method: Method, placeholder: str | None = None) -> str:
    """Return what replaces a value of a type."""
    if method == "keep":
        return value
    if method == "mask":
        return "".join("*" if character.isalnum() else character for character in value)
    if method == "placeholder":
        return PLACEHOLDERS[type] if placeholder is None else placeholder
    return surrogate(type, value)


def surrogate(type: Type, value: str) -> str:
    """Return a fake value of the same type, the same for equal values."""
    plain = without_ignored(fold(value))
    number = _number(type, plain if type == "email" else re.sub(r"[^A-Za-z0-9:]", "", plain))
    if type == "email":
        first, last = _FIRST[number % len(_FIRST)], _LAST[number // 16 % len(_LAST)]
        return f"{first}.{last}@example.com"
    if type == "phone":
        return f"+1 202-555-01{number % 100:02d}"
    if type == "ip":
        return f"2001:db8::{number % 65536:x}" if ":" in plain else f"192.0.2.{number % 254 + 1}"
    if type == "iban":
        return _IBANS[number % len(_IBANS)]
    if type == "card":
        return _CARDS[number % len(_CARDS)]
    if type == "url_credentials":
        return _USER_INFO
    return _blank(value)


def _number(type: str, value: str) -> int:
    digest = hashlib.blake2b(f"{type}\0{value.casefold()}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big")


def _blank(value: str) -> str:
    """Return the form of a value: 0 for each digit, X for each letter."""
    return "".join("0" if c.isdecimal() else "X" if c.isalnum() else c for c in value)


_EMAIL = re.compile(rf"(?:{'|'.join(_FIRST)})\.(?:{'|'.join(_LAST)})@example\.com")
_PHONE = re.compile(r"\+1 202-555-01\d\d")
_IP = re.compile(r"192\.0\.2\.\d+|2001:db8::[0-9a-f]{1,4}")


def is_surrogate(type: Type, value: str) -> bool:
    """Return whether a value could be a surrogate. It is not replaced again."""
    if type == "email":
        return bool(_EMAIL.fullmatch(value))
    if type == "phone":
        return bool(_PHONE.fullmatch(value))
    if type == "ip":
        return bool(_IP.fullmatch(value))
    if type in ("iban", "card"):
        return value in (_IBANS if type == "iban" else _CARDS)
    return value == (_USER_INFO if type == "url_credentials" else _blank(value))
