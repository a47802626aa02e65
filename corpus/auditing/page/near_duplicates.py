"""The sections of the audit page on what is alike: duplicates in clusters, leaks between splits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from corpus.auditing.measure.check_results import format_probability
from corpus.auditing.page.charts import bar, histogram
from corpus.auditing.page.parts import beside, folded, percent, quote, table, text
from corpus.markup import html

Audit = dict[str, Any]
Manifest = dict[str, Any] | None


def duplicates(audit: Audit, manifest: Manifest) -> str:
    """Return how many documents said the same as others, in clusters of which size."""
    removals, near = audit.get("removals") or {}, audit.get("near")
    parts = []
    if found := removals.get("duplicates"):
        whole = found["documents"] + (manifest or {"counts": {"kept": 0}})["counts"]["kept"]
        parts.append(
            f"<p>{found['documents']:,} documents went ({percent(found['documents'], whole)} of "
            f"what was compared), each for a kept one that says the same, in {found['clusters']:,} "
            f"clusters; the largest had {found['largest_cluster']:,} documents.</p>"
        )
        parts += [
            _facts(found),
            _sizes(found),
            _scores(found, "a removed document and its kept one"),
        ]
        parts += [_clusters(found["largest"]), _closest(found["closest"])]
        parts.append(_near_misses(found["near_misses"]))
    if near:
        some = "" if near["whole"] else " A pair was seen only if both were held: a lower bound."
        parts.append(
            f"<p>Compared anew, {near['duplicates']:,} of {near['documents']:,} documents say the "
            f"same as another (a Jaccard of {near['threshold']:g} or more); the highest Jaccard of "
            f"any other pair that was found is {near['highest_left']:.3g}.{some}</p>"
        )
        parts.append(_clusters(near["largest"]))
    if (same := audit["same"]["text"]) and same["documents"]:
        parts.append(
            f"<p>{same['repeated']:,} of {same['documents']:,} texts are byte for byte those of "
            "another document.</p>"
        )
    return "".join(parts)


def leakage(audit: Audit) -> str:
    """Return what splits have in common: texts, near duplicates, addresses."""
    removals, near = audit.get("removals") or {}, audit.get("near")
    parts = []
    if found := removals.get("leaks"):
        highest = found["metrics"].get("highest_left")
        more = " or more" if found["metrics"].get("highest_left_at_least") else ""
        left = f" The highest Jaccard left is {highest:.3g}{more}." if highest is not None else ""
        parts.append(
            f"<p>{found['documents']:,} documents were removed because one that is held out says "
            f"too much of the same.{left}</p>"
        )
        parts += [_facts(found), _scores(found, "a leak and the document held out")]
        parts += [_closest(found["closest"]), _near_misses(found["near_misses"])]
    if near and near["leaks"] is not None:
        parts.append(
            f"<p>Compared anew, {near['leaks']:,} documents have a Jaccard of "
            f"{near['leak_threshold']:g} or more with one that is held out.</p>"
        )
        parts += [
            beside(
                (f"{text(row['id'])} in {text(row['split'])}", row["excerpt"]),
                (_held_out(row), row["beside"]["excerpt"]),
            )
            for row in near["leaking"]
        ]
    if len(audit["splits"]) > 1:
        for key, what in (("text", "the very same text"), ("url", "the same address")):
            same = audit["same"][key]
            if same and same["documents"]:
                some = "" if same["exact"] else " (of a sample by value)"
                n = same["documents_across_splits"]
                parts.append(f"<p>{n:,} documents have {what} as one in another split{some}.</p>")
    return "".join(parts)


def _held_out(row: dict[str, Any]) -> str:
    other = row["beside"]
    return f"{text(other['id'])} in {text(other['split'])}, Jaccard {row['score']:.3g}"


def _facts(found: dict[str, Any]) -> str:
    metrics = found["metrics"]
    recall = metrics.get("recall_at_threshold")
    told = []
    if recall is not None:
        told.append(
            f"a pair right at the threshold is found with a chance of {format_probability(recall)}"
        )
    if metrics.get("compared") is not None:
        told.append(f"{metrics['compared']:,} pairs were compared exactly")
    return f"<p>{'; '.join(told)}.</p>".replace("<p>a", "<p>A", 1) if told else ""


def _sizes(found: dict[str, Any]) -> str:
    edges, counts = found["sizes"]["edges"], found["sizes"]["clusters"]
    ends = [*(edge - 1 for edge in edges[1:]), None]
    rows = []
    for edge, end, n in zip(edges, ends, counts, strict=True):
        if n:
            label = (
                f"{edge:,}" if end == edge else f"{edge:,} to {end:,}" if end else f"{edge:,} up"
            )
            rows.append(([label, f"{n:,}", bar([(n, "s0")], max(counts))], ""))
    heads = ("documents in a cluster", "clusters", "")
    return table(heads, rows, "tnc", "Sizes of clusters") if rows else ""


def _scores(found: dict[str, Any], of: str) -> str:
    counts: Sequence[int] = found["scores"]
    used = [i for i, n in enumerate(counts) if n]
    if not used:
        return ""
    shown = range(used[0], len(counts))
    labels = [f"{i / len(counts):.2f} to {(i + 1) / len(counts):.2f}" for i in shown]
    stack = [counts[i] for i in shown]
    head = f"Jaccard of {of}"
    rows = [([label, f"{n:,}"], "") for label, n in zip(labels, stack, strict=True)]
    ticks = [label[:4] for label in labels]
    return (
        f"<figure>{histogram(labels, [stack], title=head, ticks=ticks)}"
        f"<figcaption>{html(head)}</figcaption></figure>"
        + folded("Numbers", table(("Jaccard", "documents"), rows, "tn", head))
    )


def _clusters(found: list[dict[str, Any]]) -> str:
    """Return the largest clusters; what was kept, beside one of the others where it is at hand."""
    parts = []
    for cluster in found:
        members = cluster["members"]
        title = text(cluster.get("title") or cluster["id"])
        others = ", ".join(f"{text(m['id'])} ({m['score'] or 0:.3g})" for m in members)
        kept = f"kept: {text(cluster['id'])}"
        body = f"<p>Least alike: {others}</p>"
        known = [m for m in members if m.get("excerpt") is not None]
        if known and cluster.get("excerpt") is not None:
            other = (f"{text(known[0]['id'])}, {known[0]['score']:.3g}", known[0]["excerpt"])
            body += beside((kept, cluster["excerpt"]), other)
        elif cluster.get("excerpt") is not None:
            body += f'<p class="quiet">{kept}</p>{quote(cluster["excerpt"])}'
        parts.append(folded(f"{title} and {cluster['documents'] - 1:,} more", body))
    return f"<h3>The largest clusters</h3>{''.join(parts)}" if parts else ""


def _closest(found: list[dict[str, Any]]) -> str:
    """Return the removals that only just were alike enough, both texts where they are at hand."""
    told = "".join(
        _pair(
            row["score"],
            ("removed", row["id"], row["excerpt"]),
            ("kept", row["evidence"], row["beside"]),
        )
        for row in found
    )
    return folded("Nearest to the threshold: alike enough, but only just", told)


def _near_misses(found: dict[str, Any] | None) -> str:
    """Return the pairs that both stay, and are most alike: what a lower threshold would take."""
    if not found or not found["nearest"]:
        return ""
    told = "".join(
        _pair(row["score"], ("", row["id"], row["excerpt"]), ("", row["other"], row["beside"]))
        for row in found["nearest"]
    )
    pairs = f"{found['pairs']:,} pair{'' if found['pairs'] == 1 else 's'}"
    return folded(f"Near misses: not alike enough, but nearly; the nearest of {pairs}", told)


def _pair(
    score: float | None, left: tuple[str, str, str | None], right: tuple[str, str, str | None]
) -> str:
    """Return two documents side by side, as far as their texts are known."""
    sides = [(f"{said} {text(id)}".strip(), held) for said, id, held in (left, right)]
    head = f'<p class="quiet">Jaccard {score or 0:.4g}</p>'
    if left[2] is not None and right[2] is not None:
        return head + beside(*sides)
    known = "".join(quote(held) for _, held in sides if held is not None)
    return f'{head}<p class="quiet">{" · ".join(side for side, _ in sides)}</p>{known}'
