"""Expressions that take linear time match what their plain forms match, which do not."""

from __future__ import annotations

import importlib
import re
from random import Random
from typing import Any

import pytest

_FORMS = (
    r"verlags?(?:[\s-]?gesellschaft)?(?:[\s-]?(?:gmbh|ag|mbh))?"
    r"|(?:g?mbh|ag)(?:\s*&\s*co\.?\s*(?:kga?a?)?)?|kg|se"
    r"|ltd|limited|inc|incorporated|llc|llp|plc|co|corp|pty|s\.?\s?l|s\.?\s?a|s\.?\s?p\.?\s?a"
    r"|s\.?\s?r\.?\s?l|n\.?v|b\.?v|ab|as|a/s|oyj?|aps|s\.r\.o|a\.s|sp\.\s?z\s?o\.\s?o|株式会社"
)
_END, _CLOSING = ".!?\u3002\uff01\uff1f", "\"')\\]\u201d\u2019\xbb"

PLAIN = {
    "articles.blocks.marked_elements._ATTRIBUTE": (
        rb"""([\w:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""",
        0,
        ("a", "b:", "-", " ", "=", '"', "'", ">", "\n"),
    ),
    "articles.blocks.page_features._JSON_TYPE": (
        r'"@type"\s*:\s*\[?\s*"([A-Za-z]{1,40})"',
        0,
        ('"@type"', ":", " ", "[", '"', "Recipe", "\n"),
    ),
    "articles.formulas.markup._STYLE": (
        r"\{\\(?:displaystyle|textstyle)\b\s*(.*)\}",
        re.DOTALL,
        ("{\\displaystyle", "{", "\\textstyle", " ", "\n", "}", "x"),
    ),
    "articles.formulas.mathml._TOKEN": (
        r"<(/?)(?:\w+:)?([A-Za-z][\w-]*)([^<>]*)>|([^<]+)|<",
        0,
        ("<", "</", "m:", "mi", "-", " ", ">", "é", "2"),
    ),
    "articles.html.headline._SEPARATORS": (
        r"\s+[|\-–—·•»:~⋅]+\s+|\s*[|»]\s*",
        0,
        (" ", "\t", "|", "-", "»", ":", "a"),
    ),
    "articles.html.markup_authors._MAIL": (r"\S+@\S+", 0, ("a", "@", " ", "\n", ".")),
    "articles.metadata.authors._AND": (
        r"\s*[,;&/+、，]\s*|\s+(?:and|und|et|y|e|och|og|en|i|a|ve|dan|и|та|și|és|ja|và|con|with|mit)\s+",
        0,
        (" ", "\t", ",", "&", "and", "y", "Ann Lee", " and ", "、"),
    ),
    "articles.metadata.publishers._LEGAL_FORM": (
        rf"(?:,?\s+(?:{_FORMS})\.?)+$",
        re.IGNORECASE,
        (" ", " ", ",", ".", "verlag", "s", "-", "gesellschaft", "gmbh", "mbh", "ag", "& co", "kg",
         "kgaa", "inc", "corp", "orated", "co", "l", "p", "a", "r", "o", "a/s", "sp. z", "x", "se",
         " Verlag AG", " GmbH & Co. KG", " S.p.A.", ", Inc."),
    ),
    "auditing.explain.side_by_side._SENTENCE": (
        rf"[^\n]+?(?:[{_END}]+[{_CLOSING}]*(?=\s|$)|(?=\n|$))",
        0,
        ("a", ".", "!", "?", '"', ")", " ", "\n", "。"),
    ),
    "sources.encodings.decode._META_CHARSET": (
        rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{1,40})""",
        re.IGNORECASE,
        ("<meta ", "charset", "CHARSET=", "=", " ", '"', "'", "utf-8", ">"),
    ),
    "sources.text._HEADER": (
        r"\A\s{0,8}date (\d{4})-(\d\d)-(\d\d)(?:[ \t]+([^\r\n]{0,2000}?))?[ \t]*(?:\r?\n|\Z)",
        0,
        ("date 2023-05-22", " ", "\t", "\r", "\n", "a", "\x0b", "b" * 1000, " " * 9),
    ),
}  # fmt: skip
"""The plain form of each expression, its flags, and the parts of texts that it looks at."""


N_TEXTS = 2_000
MAX_PARTS = 12


@pytest.mark.parametrize("name", PLAIN)
def test_a_linear_expression_matches_what_its_plain_form_matches(name):
    """Both find the same matches and groups in the same places."""
    module, _, variable = name.rpartition(".")
    linear = getattr(importlib.import_module(f"corpus.{module}"), variable)
    source, flags, parts = PLAIN[name]
    plain = re.compile(source, flags)
    random = Random(0)
    n_found = 0
    for _ in range(N_TEXTS):
        text: Any = "".join(random.choices(parts, k=random.randint(1, MAX_PARTS)))
        text = text.encode() if isinstance(source, bytes) else text
        found, expected = (
            [(match.span(), match.groups()) for match in each.finditer(text)]
            for each in (linear, plain)
        )
        assert found == expected, text
        n_found += len(found)
    assert n_found
