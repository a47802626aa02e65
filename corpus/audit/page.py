"""The audit page: one HTML file that shows audit.json, and opens anywhere without a network.

It has no script, and its policy allows none; nothing is loaded from anywhere. Each chart stands
beside its numbers. What documents say is escaped, shown in isolation, and what cannot be seen is
spelled out.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from corpus.audit.charts import bar, legend
from corpus.audit.page_parts import dates, lengths, percent, scores, table, text
from corpus.markup import html

FORBIDDEN = "base-uri 'none'; form-action 'none'"

SHOWN = 15
"""Rows of a table of names that are shown at once; the others are folded away."""

STYLE = Path(__file__).parent / "page.css"

Audit = dict[str, Any]
Manifest = dict[str, Any] | None


def page(audit: Audit, manifest: Manifest = None, *, title: str = "") -> str:
    """Return the page of an audit; with its build's manifest, what was removed is on it too."""
    style = STYLE.read_text(encoding="utf-8")
    allowed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{allowed}'; {FORBIDDEN}"
    name = title or (manifest["name"] if manifest else "corpus")
    sections = [
        (id, heading, body)
        for id, heading, body in (
            ("removed", "What came in, what went, and why", _funnel(manifest)),
            ("splits", "Splits", _splits(audit)),
            ("languages", "Languages", _languages(audit)),
            ("lengths", "Lengths", lengths(audit)),
            ("dates", "Dates", dates(audit)),
            ("publishers", "Publishers", _names(audit, "publishers", "publisher")),
            ("hosts", "Hosts", _names(audit, "hosts", "host")),
            ("sources", "Sources", _names(audit, "sources", "source")),
            ("columns", "Columns", _columns(audit)),
            ("sample", "A few documents", _documents(audit)),
        )
        if body
    ]
    links = "".join(f'<a href="#{id}">{html(heading)}</a>' for id, heading, _ in sections)
    return "".join(
        [
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n',
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
            '<meta name="referrer" content="no-referrer">\n',
            f"<title>{html(name)}: audit</title>\n<style>{style}</style>\n</head>\n<body>\n",
            f"<header><h1>{text(name)}</h1>\n{_tiles(audit, manifest)}",
            f"<nav>{links}</nav></header>\n",
            "<main>\n",
            *(
                f'<section>\n<h2 id="{id}">{html(heading)}</h2>\n{body}\n</section>\n'
                for id, heading, body in sections
            ),
            f"</main>\n{_footer(manifest)}</body>\n</html>\n",
        ]
    )


def _tiles(audit: Audit, manifest: Manifest) -> str:
    told = {
        "documents": f"{audit['documents']:,}",
        "words": f"{audit['words']:,}",
        "characters": f"{audit['characters']:,}",
        "bytes of text": f"{audit['bytes']:,}",
        "languages": f"{audit['languages']['names']:,}",
    }
    if manifest:
        told = {"records read": f"{manifest['counts']['read']:,}"} | told
    tiles = "".join(f"<div><dt>{html(k)}</dt><dd>{html(v)}</dd></div>" for k, v in told.items())
    return f"<dl>{tiles}</dl>\n"


def _funnel(manifest: Manifest) -> str:
    """Return the way from the records read to the documents kept, a bar for what each step left."""
    if not manifest:
        return ""
    counts = manifest["counts"]
    left = whole = counts["read"]
    rows = [(["read", "", f"{whole:,}", "", bar([(whole, "left")], whole)], "sum")]
    steps = [("read", "could not be read", counts["rejected"], None)]
    steps += [
        (row["stage"], row["reason"], row["documents"], row["characters"])
        for row in manifest["funnel"]
    ]
    for stage, reason, documents, characters in steps:
        if documents:
            left -= documents
            drawn = bar([(left, "left"), (documents, "gone")], whole)
            size = f"&minus;{characters:,}" if characters else ""
            rows.append(([text(stage), text(reason), f"&minus;{documents:,}", size, drawn], ""))
    kept = counts["kept"]
    size = f"{sum(split['characters'] for split in manifest['splits'].values()):,}"
    rows.append((["kept", "", f"{kept:,}", size, bar([(kept, "left")], whole)], "sum"))
    heads = ("stage", "reason", "documents", "characters", "")
    return (
        f"<p>{percent(kept, whole)} of what was read is here. Every removal is in "
        "<code>ledger/removed.parquet</code> with its evidence, every record that could not be "
        "read in <code>ledger/rejected.parquet</code>.</p>" + table(heads, rows, "ttnnc")
    )


def _splits(audit: Audit) -> str:
    whole = audit["documents"]
    rows = []
    for kind, (name, split) in enumerate(audit["splits"].items()):
        n = split["documents"]
        mean = split["characters"] / n if n else 0
        numbers = [f"{split[key]:,}" for key in ("documents", "words", "characters")]
        share = [percent(n, whole), f"{mean:,.0f}", bar([(n, f"s{kind}")], whole)]
        rows.append(([text(name), *numbers, *share], ""))
    heads = ("split", "documents", "words", "characters", "share", "characters each", "")
    return table(heads, rows, "tnnnnnc")


def _languages(audit: Audit) -> str:
    if not audit["languages"]["rows"]:
        return ""
    doubtful = (
        f"<p>{audit['doubtful']:,} documents have a language score below "
        f"{audit['scores']['doubtful']}: their language is in doubt.</p>"
        if audit["doubtful"]
        else ""
    )
    return doubtful + _names(audit, "languages", "language", doubt=True) + scores(audit)


def _names(audit: Audit, key: str, head: str, *, doubt: bool = False) -> str:
    """Return a table of names with a bar for each, its parts the splits."""
    found = audit[key]
    if not found["rows"]:
        return ""
    splits, longest = list(audit["splits"]), max(row["documents"] for row in found["rows"])
    rows, rest = [], []
    for row in found["rows"]:
        parts = [(row["splits"].get(split, 0), f"s{kind}") for kind, split in enumerate(splits)]
        rows.append((_name_row(row, audit, text(row["name"]), parts, longest, doubt=doubt), ""))
    others, unknown = found["others"], found["unknown"]
    about = "" if found["exact"] else "about "
    for told, row in ((f"{about}{others['names']:,} more", others), ("not known", unknown)):
        if row["documents"]:
            rest.append((_name_row(row, audit, html(told), [], longest, doubt=doubt), "rest"))
    heads = [head, "documents", "share", "words", *(["in doubt"] if doubt else []), ""]
    kinds = "tnnnnc" if doubt else "tnnnc"
    if len(rows) <= SHOWN + 5:
        return legend(splits) + table(heads, rows + rest, kinds)
    more = table(heads, rows[SHOWN:] + rest, kinds)
    folded = f"<details><summary>{len(rows) - SHOWN:,} more</summary>{more}</details>"
    return legend(splits) + table(heads, rows[:SHOWN], kinds) + folded


def _name_row(
    row: dict[str, Any],
    audit: Audit,
    name: str,
    parts: Sequence[tuple[float, str]],
    longest: int,
    *,
    doubt: bool,
) -> list[str]:
    share = percent(row["documents"], audit["documents"])
    cells = [name, f"{row['documents']:,}", share, f"{row['words']:,}"]
    return [*cells, *([f"{row['doubtful']:,}"] if doubt else []), bar(parts, longest)]


def _columns(audit: Audit) -> str:
    whole = audit["documents"]
    rows = []
    for column in audit["columns"]:
        n = whole - column["missing"]
        drawn = bar([(n, "s0"), (column["missing"], "left")], whole)
        cells = [text(column["name"]), f"{column['missing']:,}", percent(n, whole), drawn]
        rows.append((cells, ""))
    return table(("column", "without a value", "filled", ""), rows, "tnnc")


def _documents(audit: Audit) -> str:
    parts = [
        "<p>Chosen by the hash of their ids, so every document was as likely as another.</p>",
        *(_document(found) for found in audit["sample"]),
    ]
    for key, heading in (("longest", "The longest"), ("shortest", "The shortest")):
        parts += [f"<h3>{heading}</h3>", *(_document(found) for found in audit[key])]
    return "\n".join(parts)


def _document(found: dict[str, Any]) -> str:
    """Return a document: its title and numbers, and when opened the beginning of its text."""
    told = [found[key] for key in ("split", "language", "publisher", "date") if found.get(key)]
    line = " · ".join([f"{found['characters']:,} characters", *(text(value) for value in told)])
    heading = text(found.get("title") or found.get("id") or "a document")
    excerpt = found["excerpt"] or ""
    more = "…" if found["characters"] > len(excerpt) else ""
    where = " · ".join(text(found[key]) for key in ("id", "source", "url") if found.get(key))
    return (
        f'<details><summary>{heading} <span class="quiet">{line}</span></summary>'
        f'<pre dir="auto">{html(excerpt, lines=True)}{more}</pre>'
        f'<p class="quiet">{where}</p></details>'
    )


def _footer(manifest: Manifest) -> str:
    words = "Words are runs between white space."
    if not manifest:
        return f"<footer><p>{words}</p></footer>\n"
    return (
        f"<footer><p>Built by corpus {html(manifest['corpus'])} with seed {manifest['seed']}. "
        f"Identity <code>{html(manifest['identity'])}</code>. {words} "
        "Every number is in <code>audit.json</code> or <code>manifest.json</code>.</p></footer>\n"
    )
