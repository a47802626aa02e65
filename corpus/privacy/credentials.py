"""API keys, tokens, private keys, and user names in URLs."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator

from corpus.privacy.candidates.definition import PEM, PEM_END, PEM_LABEL
from corpus.privacy.windows import Finding, Window

_KEY = re.compile(
    r"""(?<![A-Za-z0-9_])(?:
      (?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}(?![A-Z0-9])                   # AWS
    | gh[pousr]_[A-Za-z0-9]{36,255}                                     # GitHub
    | github_pat_[A-Za-z0-9_]{50,255}
    | gl(?:pat|dt|rt|soat|cbt|ptt|ft|imt|agent)-[A-Za-z0-9_\-]{20,64}   # GitLab
    | xox[abeoprs]-[A-Za-z0-9\-]{10,250} | xapp-\d-[A-Za-z0-9\-]{10,250} # Slack
    | (?:sk|pk|rk)_(?:live|test)_[A-Za-z0-9]{16,247} | whsec_[A-Za-z0-9+/=]{24,64}  # Stripe
    | AIza[A-Za-z0-9_\-]{35}(?![A-Za-z0-9_]) | ya29\.[A-Za-z0-9_\-]{20,1000}   # Google
    | GOCSPX-[A-Za-z0-9_\-]{28}
    | sk-(?:proj-|svcacct-|admin-|ant-[a-z0-9]{2,8}-|or-v1-)?[A-Za-z0-9_\-]{20,250}  # OpenAI
    | hf_[A-Za-z0-9]{30,60} | npm_[A-Za-z0-9]{36} | pypi-[A-Za-z0-9_\-]{50,1000}
    | dckr_pat_[A-Za-z0-9_\-]{20,64} | do[opr]_v1_[a-f0-9]{64} | shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}
    | SG\.[A-Za-z0-9_\-]{16,32}\.[A-Za-z0-9_\-]{32,64}                   # SendGrid
    | key-[a-f0-9]{32} | (?:AC|SK)[a-f0-9]{32}(?![A-Za-z0-9])            # Mailgun, Twilio
    | eyJ[A-Za-z0-9_\-]{10,}\.[A-Za-z0-9_\-]{4,}\.[A-Za-z0-9_\-]*        # JSON Web Token
    )""",
    re.VERBOSE,
)
_NAMED = re.compile(
    r"(?:\bbearer\s+|(?:api|access|auth|secret|private|client|account|aws)[\w\-. ]{0,24}"
    r"(?:key|token|secret|password)[\w]{0,8}[\"']?\s*(?:[:=]|=>|\bis\b)\s*[\"']?"
    r"|(?:password|passwd|pwd|secret|token|api[_\- ]?key)[\"']?\s*[:=]\s*[\"']?)\Z"
)
"""What stands before a secret of no fixed form."""

_BREAK = r"""(?:\s|\\[nr]|[>|"',;\\])"""
"""What stands between the lines of a key: also marks of a quotation, and `\\n` in source code."""

_CUT_KEY = re.compile(
    rf"""-----BEGIN[^\n\\]{{0,60}}?PRIVATE\ KEY[^\n\\]{{0,20}}?-----
    (?>{_BREAK}{{1,20}}[A-Za-z-]{{2,30}}:\ [^\n\\]{{0,200}}){{0,8}}+   # Proc-Type: 4,ENCRYPTED
    (?>{_BREAK}{{0,20}}[A-Za-z0-9+/=]{{32,}})++                      # whole lines
    (?:{_BREAK}{{0,20}}(?=[A-Za-z]*[0-9+/=])[A-Za-z0-9+/=]+)?        # a shorter last line
    """,
    re.VERBOSE,
)
"""A private key without its last line: the first line and those of base64."""

MIN_KEY_WORD = 12
"""Characters that what stands between spaces and line breaks in a private key has on average, at
least: words of prose have about five."""

MIN_ENTROPY = 3.0
"""Bits per character of a secret of no fixed form, at least: words have fewer digits and repeat."""

_DIGIT_AND_LETTER = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])")


def find_api_keys(window: Window) -> Iterator[Finding]:
    """Yield the keys of a candidate: with a known form, or named by the words before."""
    if window.kind == PEM:
        yield from _find_private_key(window)
        return
    end = window.begin
    for found in _KEY.finditer(window.plain, window.begin, window.end):
        if _DIGIT_AND_LETTER.match(found[0]) and _entropy(found[0]) >= MIN_ENTROPY:
            end = found.end()
            yield Finding("api_key", *found.span())
    if end == window.begin:
        value, _, rest = window.core.partition("=")
        name = window.before
        begin = window.begin
        if rest.strip("="):  # KEY=value is one word
            name, begin = name + value.lower() + "=", begin + len(value) + 1
        secret = window.plain[begin : window.end].rstrip(".=-")
        is_named = len(secret) >= 16 and "//" not in secret and _NAMED.search(name)
        if is_named and _DIGIT_AND_LETTER.match(secret) and _entropy(secret) >= MIN_ENTROPY:
            yield Finding("api_key", begin, begin + len(secret))


def _find_private_key(window: Window) -> Iterator[Finding]:
    """Yield the private key to its end; without one, to the end of its base64 lines.

    A text that names both lines, and has prose between them, has no key there.
    """
    head, end, _ = window.core.partition(PEM_END)
    words = head.partition(PEM_LABEL)[2].strip("- ").split()
    if end and sum(map(len, words)) >= MIN_KEY_WORD * max(len(words), 1):
        yield Finding("api_key", window.begin, window.end)
    elif found := _CUT_KEY.match(window.plain, window.begin, window.end):
        yield Finding("api_key", *found.span())


def _entropy(text: str) -> float:
    """Return the entropy of the characters of a text, in bits per character."""
    counts = Counter(text).values()
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts)


def find_url_credentials(window: Window) -> Iterator[Finding]:
    """Yield the user name and password of a URL."""
    yield Finding("url_credentials", window.plain.index("://", window.begin) + 3, window.end)
