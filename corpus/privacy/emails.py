"""E-mail addresses, also with international letters, and written as `jane [at] example.org`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus.privacy.candidates.definition import WRITTEN_EMAIL
from corpus.privacy.windows import Finding, Window

MAX_LOCAL_PART = 64
"""Characters before the at sign (RFC 5321, section 4.5.3.1.1)."""

_LOCAL = re.compile(r"[A-Za-z0-9_%+\x02](?:[A-Za-z0-9_%+'\-\x02]|\.(?!\.))*(?<!\.)\Z")
_LABEL = re.compile(r"[A-Za-z0-9\x02](?:[A-Za-z0-9\-\x02]{0,61}[A-Za-z0-9\x02])?\Z")
_TOP_LEVEL = re.compile(r"(?:[A-Za-z]{2,24}|xn--[A-Za-z0-9\-]{2,59}|\x02{2,24})\Z")
_WRITTEN = re.compile(
    r"(?P<local>[A-Za-z0-9_%+\x02][A-Za-z0-9._%+'\-\x02]{0,63}) ?[(\[{]at[)\]}] ?"
    r"(?P<domain>[A-Za-z0-9\-\x02]{1,63}"
    r"(?:(?: ?[(\[{]dot[)\]}] ?|\.)[A-Za-z0-9\-\x02]{1,63}){1,6})",
    re.IGNORECASE,
)
_FILE_NAMES = frozenset(
    ("png", "jpg", "jpeg", "gif", "svg", "webp", "avif", "bmp", "ico", "css", "js", "mjs", "map")
)
"""Endings of file names, such as `logo@2x.png`, which are not top-level domains."""


def find_emails(window: Window) -> Iterator[Finding]:
    """Yield the e-mail address of a candidate, if it has one."""
    if window.kind == WRITTEN_EMAIL:
        found = _WRITTEN.search(window.plain, window.begin, window.end)
        last = re.split(r"[\].)} ]", found["domain"])[-1] if found else ""
        if found and _TOP_LEVEL.match(last):
            yield Finding("email", found.start(), found.end())
        return
    at = window.core.index("@") + window.begin
    local = _LOCAL.search(window.plain[window.begin : at])
    domain = _domain(window.plain[at + 1 : window.end])
    if not local or not domain or len(local[0]) > MAX_LOCAL_PART:
        return
    begin = window.begin + local.start()
    if window.previous(begin) != "@":  # a name on a social network: @jane@example.social
        yield Finding("email", begin, at + 1 + len(domain))


def _domain(run: str) -> str:
    """Return the domain that a run of letters, digits, dots and dashes begins with, or ''."""
    labels: list[str] = []
    for label in run.split("."):
        if not _LABEL.match(label):
            label = label.rstrip("-")  # noqa: PLW2901  jane@example.org - and so on
            labels += [label] if _LABEL.match(label) else []
            break
        labels.append(label)
    # the next sentence may follow without a space: jane@example.org.She
    if len(labels) > 2 and labels[-1][:1].isupper() and labels[-2].islower():
        labels.pop()
    while len(labels) > 1 and not _TOP_LEVEL.match(labels[-1]):
        labels.pop()
    if len(labels) < 2 or labels[-1].lower() in _FILE_NAMES:
        return ""
    return ".".join(labels)
