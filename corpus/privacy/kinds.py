"""The types of personal data, what they are called, and what replaces them."""

from __future__ import annotations

from typing import Literal, get_args

Type = Literal["api_key", "url_credentials", "email", "iban", "card", "ip", "national_id", "phone"]
"""Where two matches overlap, the type that is listed first counts."""

TYPES: tuple[Type, ...] = get_args(Type)

NAMES: dict[Type, str] = {
    "api_key": "API key or private key",
    "url_credentials": "user name or password in a URL",
    "email": "e-mail address",
    "iban": "IBAN",
    "card": "payment card number",
    "ip": "IP address",
    "national_id": "national identification number",
    "phone": "telephone number",
}

PLACEHOLDERS: dict[Type, str] = {
    "api_key": "<API_KEY>",
    "url_credentials": "<CREDENTIALS>",
    "email": "<EMAIL>",
    "iban": "<IBAN>",
    "card": "<CARD>",
    "ip": "<IP>",
    "national_id": "<NATIONAL_ID>",
    "phone": "<PHONE>",
}
