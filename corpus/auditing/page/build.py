"""The sections of the audit page that tell how it was made: checks, removals, provenance."""

from __future__ import annotations

from typing import Any

from corpus.auditing.page.charts import bar
from corpus.auditing.page.parts import beside, folded, percent, quote, table, text
from corpus.markup import html

Audit = dict[str, Any]
Manifest = dict[str, Any] | None

SIGNS = {"pass": "✓ pass", "warn": "! warn", "fail": "✗ fail"}


def sanity(audit: Audit) -> str:
    """Return the checks with their answers, the worst first."""
    order = list(SIGNS)
    found = sorted(audit["checks"], key=lambda check: -order.index(check["status"]))
    rows = [
        (
            [
                f'<span class="{check["status"]}">{SIGNS[check["status"]]}</span>',
                html(check["question"]),
                html(check["reason"]),
            ],
            "",
        )
        for check in found
    ]
    said = [f"{sum(c['status'] == status for c in found)} {status}" for status in order]
    return f"<p>{', '.join(said)}.</p>" + table(("", "question", "answer"), rows, "stt", "Checks")


def funnel(audit: Audit, manifest: Manifest) -> str:
    """Return the way from the records read to the documents kept, a bar for what each step left."""
    if not manifest:
        return _unread(audit["unread"])
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
        "read in <code>ledger/rejected.parquet</code>.</p>"
        + table(heads, rows, "ssnnc", "From what was read to what was kept")
        + _examples(audit.get("removals") or {}, manifest)
    )


def _unread(found: dict[str, Any] | None) -> str:
    """Return which records could not be read, where this is no build, whose ledger has them."""
    if not found or not found["records"]:
        return ""
    first = "\n".join(found["first"])
    return (
        f"<p>{found['records']:,} records could not be read. The first of them:</p>{quote(first)}"
    )


def _examples(removals: dict[str, Any], manifest: dict[str, Any]) -> str:
    """Return a few removed documents of each reason, and a few that a stage changed."""
    by_reason: dict[tuple[str, str], list[dict[str, Any]]] = {
        (row["stage"], row["reason"]): [] for row in manifest["funnel"]
    }
    for row in removals.get("examples", ()):
        by_reason.setdefault((row["stage"], row["reason"]), []).append(row)
    parts = [
        folded(f"{text(stage)}: {text(reason)}", "".join(map(_example, rows)))
        for (stage, reason), rows in by_reason.items()
        if rows
    ]
    by_stage: dict[str, list[dict[str, Any]]] = {}
    for row in removals.get("changed", ()):
        by_stage.setdefault(row["stage"], []).append(row)
    parts += [
        folded(f"{text(stage)}: before and after", "".join(map(_change, rows)))
        for stage, rows in by_stage.items()
    ]
    if not parts:
        return ""
    return (
        "<h3>Three examples of each</h3><p>Chosen by hash, cut short; what looks like personal "
        "data is masked.</p>" + "".join(parts)
    )


def _example(row: dict[str, Any]) -> str:
    score = f", score {row['score']:.3g}" if row["score"] is not None else ""
    here = f"{text(row['id'])} from {text(row['source'])}{score}"
    if row.get("beside") is not None:
        return beside((here, row["excerpt"]), (f"kept: {text(row['evidence'])}", row["beside"]))
    evidence = f", evidence {text(row['evidence'][:80])}" if row["evidence"] else ""
    return f'<p class="quiet">{here}{evidence}</p>{quote(row["excerpt"])}'


def _change(row: dict[str, Any]) -> str:
    before, after = row["characters"]
    heads = f"before: {before:,} characters", f"after: {after:,} characters"
    told = beside((heads[0], row["before"]), (heads[1], row["after"]))
    lines = "\n".join(row["gone"])
    gone = f'<p class="quiet">lines that went, the first of them</p>{quote(lines)}' if lines else ""
    return f'<p class="quiet">{text(row["id"])} from {text(row["source"])}</p>{told}{gone}'


def provenance(audit: Audit, manifest: Manifest) -> str:
    """Return what the build was made of: config, versions, inputs, hashes; or what files."""
    if not manifest:
        kinds = ", ".join(f"{n:,} {html(kind)}" for kind, n in (audit["files"] or {}).items())
        names = ", ".join(map(text, (audit["unread"] or {"skipped": ()})["skipped"]))
        beside = f" Beside the data, and no data: {names}." if names else ""
        told = f"<p>Files that were read: {kinds}. This is no build of corpus.{beside}</p>"
        return told if kinds else ""
    import json

    inputs = [
        (
            [
                text(one["source"]),
                f"{one['bytes']:,}",
                f"{one['records']:,}",
                f"<code>{html(one['sha256'][:16])}</code>",
            ],
            "",
        )
        for one in manifest["inputs"][:50]
    ]
    heads = ("input", "bytes", "records", "SHA-256 begins")
    versions = [([html(k), html(v)], "") for k, v in manifest["versions"].items()]
    told = json.dumps(manifest["config"], indent=1, ensure_ascii=False)[:20_000]
    more = len(manifest["inputs"]) - len(inputs)
    rest = f"<p>And {more:,} more, in <code>manifest.json</code>.</p>" if more > 0 else ""
    return (
        f"<p>Built by corpus {html(manifest['corpus'])} with seed {manifest['seed']}; the same "
        "inputs, config and versions give the same bytes. Identity "
        f"<code>{html(manifest['identity'])}</code>. When, where and how fast stands in "
        "<code>run.json</code>.</p>"
        + folded("Config", quote(told))
        + folded("Versions", table(("package", "version"), versions, "tt", "Versions"))
        + folded("Inputs", table(heads, inputs, "tnnt", "Inputs") + rest)
    )
