"""Find credentials in a text, by their place in an address or by their form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote

HIDDEN = "***"
"""What messages show in place of a credential."""

_ADDRESS = re.compile(
    r"(?<![A-Za-z0-9])(?P<scheme>[A-Za-z][A-Za-z0-9+.-]{0,30}):/{1,3}"
    r"(?P<rest>[^\s/][^\s'\"<>]*)"
)
_PARAMETER = re.compile(r"[?&;#](?P<name>[^\s=&;#?]{1,200})=(?P<value>[^\s&;#'\"<>]+)")
_PORT = re.compile(r"(?:[^:\[\]]*|\[[0-9A-Fa-f:.]*\])(?::[0-9]*)?")
_PARAMETER_NAME = re.compile(
    r"secret(?!ar)|passw|pwd|signature|credential|token$"
    r"|(?:api|access|account|private|subscription|security)[-_.]?key"
    r"|^(?:x-amz-security|key|sig|sas|auth|authorization|jwt|bearer|pass)$",
    re.IGNORECASE,
)
_TOKEN = re.compile(
    r"(?<![A-Za-z0-9])(?:(?:AKIA|ASIA)[0-9A-Z]{16}|hf_[A-Za-z0-9]{30,}|gh[a-z]_[A-Za-z0-9]{36,}"
    r"|github_pat_[A-Za-z0-9_]{22,}|AIza[0-9A-Za-z_-]{35})(?![A-Za-z0-9])"
)
_SETTING_NAME = re.compile(
    r"(?:\w*_)?(?:secret|password|passwd|credentials?|api_?key|access_?key|secret_?key|account_?key"
    r"|private_?key|access_?token|auth_?token|session_?token|security_?token|hf_?token|sas_?token"
    r"|storage_options|secret_access_key|access_key_id)",
    re.IGNORECASE,
)

_OBJECT_STORES = frozenset(["s3", "s3a", "s3n", "gs", "gcs", "hf", "oss", "cos"])
"""Their URIs begin with a bucket, which has no port: a colon there can only be a credential."""

_NAME_IS_SECRET = _OBJECT_STORES | {"http", "https"}
"""A user name alone is a key or a token there. Elsewhere it may be a container: `abfs://news@...`"""


class Credential(NamedTuple):
    """A part of a text that is secret."""

    begin: int
    end: int
    what: str
    """What it is: `a user name or password`."""


def is_secret_name(name: str) -> bool:
    """Return whether a setting of this name holds a secret: `api_key`, `aws_secret_access_key`."""
    return _SETTING_NAME.fullmatch(name) is not None


def find_credentials(text: str) -> Iterator[Credential]:
    """Yield every credential in a text."""
    for address in _ADDRESS.finditer(text):
        begin, rest = address.start("rest"), address["rest"]
        if end := _end_of_user(address["scheme"].lower(), rest):
            yield Credential(begin, begin + end, "a user name or password")
    if ":/" in text:
        for parameter in _PARAMETER.finditer(text):
            if _is_secret(parameter["name"], parameter["value"]):
                name = f"the parameter {unquote(parameter['name'])[:40]!r}"
                yield Credential(*parameter.span("value"), name)
    for token in _TOKEN.finditer(text):
        yield Credential(*token.span(), "an access token")


def _end_of_user(scheme: str, rest: str) -> int:
    """Return the length of the user name and password at the start of an address; 0 if none.

    A password with a slash is often written as it is: `s3://KEY:SEC/RET@bucket`.
    """
    host = re.split(r"[/?#]", rest, maxsplit=1)[0]
    user, at, _ = host.rpartition("@")
    if user == HIDDEN:
        return 0
    if at:
        name, _, password = user.partition(":")
        is_secret = bool(unquote(password)) or (scheme in _NAME_IS_SECRET and name != "anonymous")
        return len(user) if is_secret else 0
    if ":" not in host or (_PORT.fullmatch(host) and scheme not in _OBJECT_STORES):
        return 0
    return rest.rfind("@") if "@" in rest else len(host)


def _is_secret(name: str, value: str) -> bool:
    """Return whether a parameter of a query is a credential, or an address with one."""
    if value == HIDDEN:
        return False
    return bool(
        _PARAMETER_NAME.search(unquote(name)) or re.search(r":[^/@:]{1,1000}@", unquote(value))
    )
