"""Write the audit page: one HTML file that shows `audit.json` and works offline.

The sections follow the questions of a reader: Is the corpus sound? What was removed? What is in it?
Is it what I expect? Can I read some of it? Each chart is shown with its numbers.

The page has no script and loads nothing; its content security policy forbids both. Text from
documents is escaped, its writing direction is isolated, and invisible characters are spelled out.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from corpus.auditing.page import build, names, near_duplicates, texts
from corpus.auditing.page.contamination import contamination
from corpus.auditing.page.distributions import dates, lengths
from corpus.auditing.page.mixture import mixture
from corpus.auditing.page.parts import safe_text
from corpus.auditing.report import Report
from corpus.markup import html

POLICY_WITHOUT_DEFAULT = "base-uri 'none'; form-action 'none'"

FOOTER = (
    "<footer><p>A word is a run of letters, marks and digits; in scripts without spaces, each "
    "character is a word. All numbers are in <code>audit.json</code> and "
    "<code>manifest.json</code>.</p></footer>\n"
)

STYLE = Path(__file__).parent / "page.css"

MAX_NAME_CHARACTERS = 200

Manifest = dict[str, Any] | None


class Section(NamedTuple):
    """A section of the page: the id of its heading, the heading, and its body as HTML."""

    id: str
    heading: str
    body: str


def page(audit: Report, manifest: Manifest = None, *, title: str = "") -> str:
    """Return the page of an audit; with the manifest of a build, it also shows what was removed."""
    name = title or (manifest["name"] if manifest else "corpus")
    sections = _sections(audit, manifest)
    return frame(name, "audit", _key_figures(audit, manifest), sections, footer=FOOTER)


def frame(
    name: str,
    kind: str,
    figures: str,
    sections: Sequence[Section],
    *,
    footer: str,
    linked: Sequence[Section] | None = None,
) -> str:
    """Return a page: its name and kind, HTML with its key figures, sections that are not empty.

    The `linked` sections, or else all of them, have a link at the top.
    """
    style = STYLE.read_text(encoding="utf-8")
    style_hash = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{style_hash}'; {POLICY_WITHOUT_DEFAULT}"
    name = name[:MAX_NAME_CHARACTERS]
    sections = [section for section in sections if section.body]
    links = "".join(
        f'<a href="#{section.id}">{html(section.heading)}</a>'
        for section in (sections if linked is None else linked)
        if section.body
    )
    return "".join(
        [
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n',
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
            '<meta name="referrer" content="no-referrer">\n',
            f"<title>{html(name)}: {html(kind)}</title>\n<style>{style}</style>\n</head>\n<body>\n",
            '<a class="skip" href="#main">Skip to content</a>\n',
            f"<header><h1>{safe_text(name)}</h1>\n{figures}",
            f'<nav aria-label="Sections">{links}</nav>' if links else "",
            "</header>\n",
            '<main id="main">\n',
            *(
                f'<section aria-labelledby="{section.id}">\n'
                f'<h2 id="{section.id}">{html(section.heading)}</h2>\n{section.body}\n</section>\n'
                for section in sections
            ),
            f"</main>\n{footer}</body>\n</html>\n",
        ]
    )


def _sections(audit: Report, manifest: Manifest) -> list[Section]:
    """Return all sections in order; the body of a section is empty if it has nothing to show."""
    return [
        Section("checks", "Checks", build.checks(audit)),
        Section("removals", "Records read and removed", build.funnel(audit, manifest)),
        Section("splits", "Splits", names.splits(audit)),
        Section("mixture", "Mixture", mixture(audit)),
        Section("extraction", "Extraction", names.extraction(audit)),
        Section("languages", "Languages", names.languages(audit)),
        Section("lengths", "Lengths", lengths(audit)),
        Section("dates", "Dates", dates(audit)),
        Section("publishers", "Publishers", names.names(audit, audit["publishers"], "publisher")),
        Section("hosts", "Hosts", names.names(audit, audit["hosts"], "host")),
        Section("sources", "Sources", names.names(audit, audit["sources"], "source")),
        Section("duplicates", "Duplicates", near_duplicates.duplicates(audit, manifest)),
        Section("contamination", "Contamination with benchmarks", contamination(audit)),
        Section("leakage", "Leakage between splits", near_duplicates.leakage(audit)),
        Section("repeated-lines", "Repeated lines", texts.repeated_lines(audit)),
        Section("words", "Words", texts.words(audit)),
        Section("topics", "Topics", texts.topics(audit)),
        Section("characters", "Characters", texts.characters(audit)),
        Section("personal-data", "Personal data", texts.personal_data(audit)),
        Section("outliers", "Outliers", texts.outliers(audit)),
        Section("sample", "Sample of documents", texts.sample(audit)),
        Section("columns", "Columns", names.columns(audit)),
        Section("provenance", "Provenance", build.provenance(audit, manifest)),
    ]


def _key_figures(audit: Report, manifest: Manifest) -> str:
    """Return the most important numbers, as tiles at the top of the page."""
    figures = {
        "records read": manifest["counts"]["read"] if manifest else None,
        "documents": audit["documents"],
        "words": audit["words"],
        "tokens" if audit["tokenizer"] else "tokens (est.)": audit["tokens"],
        "characters": audit["characters"],
        "bytes of text": audit["bytes"],
        "languages": audit["languages"]["names"] or None,
    }
    tiles = "".join(
        f"<div><dt>{html(name)}</dt><dd>{number:,}</dd></div>"
        for name, number in figures.items()
        if number is not None
    )
    return f"<dl>{tiles}</dl>\n"
