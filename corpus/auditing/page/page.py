"""The audit page: one HTML file that shows audit.json, and opens anywhere without a network.

Its order is the order of the questions: is it sane, what happened to the rest, what is in it, is it
what I think, and can I read some of it. It has no script, and its policy allows none; nothing is
loaded from anywhere. Each chart stands beside its numbers. What documents say is escaped, shown in
isolation, and what cannot be seen is spelled out.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

from corpus.auditing.page import build, texts
from corpus.auditing.page import names as named
from corpus.auditing.page import near_duplicates as alike
from corpus.auditing.page.parts import dates, lengths, text
from corpus.markup import html

FORBIDDEN = "base-uri 'none'; form-action 'none'"

FOOTER = (
    "<footer><p>Words are runs between white space. Every number is in <code>audit.json</code> or "
    "<code>manifest.json</code>.</p></footer>\n"
)

STYLE = Path(__file__).parent / "page.css"

Audit = dict[str, Any]
Manifest = dict[str, Any] | None


def page(audit: Audit, manifest: Manifest = None, *, title: str = "") -> str:
    """Return the page of an audit; with its build's manifest, what was removed is on it too."""
    style = STYLE.read_text(encoding="utf-8")
    allowed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{allowed}'; {FORBIDDEN}"
    name = title or (manifest["name"] if manifest else "corpus")
    sections = [told for told in _sections(audit, manifest) if told[2]]
    links = "".join(f'<a href="#{id}">{html(heading)}</a>' for id, heading, _ in sections)
    return "".join(
        [
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n',
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
            '<meta name="referrer" content="no-referrer">\n',
            f"<title>{html(name[:200])}: audit</title>\n<style>{style}</style>\n</head>\n<body>\n",
            '<a class="skip" href="#main">To the numbers</a>\n',
            f"<header><h1>{text(name[:200])}</h1>\n{_tiles(audit, manifest)}",
            f'<nav aria-label="Sections">{links}</nav></header>\n',
            '<main id="main">\n',
            *(
                f'<section aria-labelledby="{id}">\n<h2 id="{id}">{html(heading)}</h2>\n{body}\n'
                "</section>\n"
                for id, heading, body in sections
            ),
            f"</main>\n{FOOTER}</body>\n</html>\n",
        ]
    )


def _sections(audit: Audit, manifest: Manifest) -> list[tuple[str, str, str]]:
    """Return every section: its id, its heading, and its body, empty where there is none."""
    return [
        ("sane", "Is it sane?", build.sanity(audit)),
        ("removed", "What came in, what went, and why", build.funnel(audit, manifest)),
        ("splits", "Splits", named.splits(audit)),
        ("languages", "Languages", named.languages(audit)),
        ("lengths", "Lengths", lengths(audit)),
        ("dates", "Dates", dates(audit)),
        ("publishers", "Publishers", named.names(audit, "publishers", "publisher")),
        ("hosts", "Hosts", named.names(audit, "hosts", "host")),
        ("sources", "Sources", named.names(audit, "sources", "source")),
        ("duplicates", "Duplicates", alike.duplicates(audit, manifest)),
        ("leakage", "Leakage between the splits", alike.leakage(audit)),
        ("site_boilerplate", "SiteBoilerplate left over", texts.boilerplate(audit)),
        ("words", "Words", texts.words(audit)),
        ("topics", "Topics", texts.topics(audit)),
        ("characters", "Characters", texts.characters(audit)),
        ("personal", "Personal data", texts.personal(audit)),
        ("outliers", "Outliers to read", texts.outliers(audit)),
        ("sample", "A few documents", texts.sample(audit)),
        ("columns", "Columns", named.columns(audit)),
        ("provenance", "Provenance", build.provenance(audit, manifest)),
    ]


def _tiles(audit: Audit, manifest: Manifest) -> str:
    told = {
        "documents": f"{audit['documents']:,}",
        "words": f"{audit['words']:,}",
        "tokens" if audit["tokenizer"] else "tokens, about": f"{audit['tokens']:,}",
        "characters": f"{audit['characters']:,}",
        "bytes of text": f"{audit['bytes']:,}",
        "languages": f"{audit['languages']['names']:,}",
    }
    if not audit["languages"]["names"]:
        del told["languages"]  # nobody said any
    if manifest:
        told = {"records read": f"{manifest['counts']['read']:,}"} | told
    tiles = "".join(f"<div><dt>{html(k)}</dt><dd>{html(v)}</dd></div>" for k, v in told.items())
    return f"<dl>{tiles}</dl>\n"
