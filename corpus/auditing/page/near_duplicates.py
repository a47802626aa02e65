"""The sections of the audit page about similarity: duplicates, and leakage between splits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from corpus.auditing.measure.check_results import format_probability
from corpus.auditing.page.charts import bar, histogram
from corpus.auditing.page.parts import Row, folded, quote, safe_text, side_by_side, table
from corpus.auditing.report import (
    ClosestRemoval,
    ClusterSizes,
    Leak,
    NearDuplicates,
    NearMisses,
    RemovedCluster,
    Report,
    SimilarityRemovals,
)
from corpus.markup import count_of, html, percent

Manifest = dict[str, Any] | None

MAX_TITLE_CHARACTERS = 80
"""Characters of a text that stand for the title of its cluster, if it has none."""


class Side(NamedTuple):
    """One document of a pair: its role (`kept`, `removed` or nothing), id, and text if known."""

    role: str
    id: str | None
    text: str | None


def duplicates(audit: Report, manifest: Manifest) -> str:
    """Return how many documents were removed as duplicates, and how many duplicates are left."""
    removals, near = audit.get("removals"), audit.get("near")
    parts = []
    if removals and (removed := removals["duplicates"]):
        kept = manifest["counts"]["kept"] if manifest else 0
        share = percent(removed["documents"], removed["documents"] + kept)
        parts.append(
            f"<p>Documents removed as duplicates of a kept document: {removed['documents']:,} "
            f"({share} of those compared), in {count_of(removed['clusters'], 'cluster')}. The "
            f"largest cluster has {count_of(removed['largest_cluster'], 'document')}.</p>"
        )
        parts.append(_metrics(removed["metrics"]))
        parts.append(_cluster_sizes(removed["sizes"]))
        parts.append(_scores(removed["scores"], "Jaccard similarity to the kept document"))
        parts.append(_clusters(removed["largest"]))
        parts.append(_closest(removed["closest"], "kept"))
        parts.append(_near_misses(removed["near_misses"]))
    if near:
        parts += [_remaining_duplicates(near), _clusters(near["largest"])]
    if (repeats := audit["same"]["text"]) and repeats["documents"]:
        parts.append(
            f"<p>Texts that are byte-for-byte copies of another document's text: "
            f"{repeats['repeated']:,} of {repeats['documents']:,}.</p>"
        )
    return "".join(parts)


def _remaining_duplicates(near: NearDuplicates) -> str:
    """Return how many duplicates the audit's own comparison finds."""
    bound = (
        ""
        if near["whole"]
        else " Both documents of a pair must be in the sample, so these numbers are lower bounds."
    )
    return (
        f"<p>The audit compared {count_of(near['documents'], 'document')} itself. Near duplicates "
        f"(Jaccard of at least {near['threshold']:g}): {near['duplicates']:,}. The highest Jaccard "
        f"among the other candidate pairs is {near['highest_left']:.3g}.{bound}</p>"
    )


def leakage(audit: Report) -> str:
    """Return the overlap of the splits: near duplicates, identical texts, identical URLs."""
    removals, near = audit.get("removals"), audit.get("near")
    parts = []
    if removals and (removed := removals["leaks"]):
        parts.append(
            "<p>Documents removed because of overlap with a held-out document: "
            f"{removed['documents']:,}.{_highest_left(removed)}</p>"
        )
        parts.append(_metrics(removed["metrics"]))
        parts.append(_scores(removed["scores"], "Jaccard similarity to the held-out document"))
        parts.append(_closest(removed["closest"], "held out"))
        parts.append(_near_misses(removed["near_misses"]))
    if near and near["leaks"] is not None:
        parts.append(
            "<p>The audit compared the splits itself. Documents with a Jaccard of at least "
            f"{near['leak_threshold']:g} to a held-out document: {near['leaks']:,}.</p>"
        )
        parts += map(_leak, near["leaking"])
    if len(audit["splits"]) > 1:
        repeated = (("text", audit["same"]["text"]), ("URL", audit["same"]["url"]))
        for name, repeats in repeated:
            if repeats and repeats["documents"]:
                sampled = "" if repeats["exact"] else " (counted on a sample of values)"
                parts.append(
                    f"<p>Documents with the same {name} as a document in another split: "
                    f"{repeats['documents_across_splits']:,}{sampled}.</p>"
                )
    return "".join(parts)


def _highest_left(removed: SimilarityRemovals) -> str:
    metrics = removed["metrics"]
    highest = metrics.get("highest_left")
    if highest is None:
        return ""
    bound = "at least " if metrics.get("highest_left_at_least") else ""
    return f" The highest remaining Jaccard between splits is {bound}{highest:.3g}."


def _leak(row: Leak) -> str:
    document = row["beside"]
    heading = (
        f"{safe_text(document['id'])} in {safe_text(document['split'])}, "
        f"Jaccard {row['score'] or 0:.3g}"
    )
    return side_by_side(
        (f"{safe_text(row['id'])} in {safe_text(row['split'])}", row["excerpt"]),
        (heading, document["excerpt"]),
    )


def _metrics(metrics: Mapping[str, Any]) -> str:
    """Return the recall of a stage that compares documents, and how many pairs it compared."""
    sentences = []
    if (recall := metrics.get("recall_at_threshold")) is not None:
        sentences.append(
            f"Recall for pairs exactly at the threshold: {format_probability(recall)}."
        )
    if (compared := metrics.get("compared")) is not None:
        sentences.append(f"Pairs compared by exact Jaccard: {compared:,}.")
    return f"<p>{' '.join(sentences)}</p>" if sentences else ""


def _cluster_sizes(sizes: ClusterSizes) -> str:
    """Return a table of how many clusters have which size."""
    edges, counts = sizes["edges"], sizes["clusters"]
    ends = [*(edge - 1 for edge in edges[1:]), None]
    rows = []
    for edge, end, n in zip(edges, ends, counts, strict=True):
        if n:
            label = f"{edge:,} to {end:,}" if end else f"{edge:,} or more"
            label = f"{edge:,}" if end == edge else label
            rows.append(Row([label, f"{n:,}", bar([(n, "s0")], max(counts))]))
    heads = ("documents in a cluster", "clusters", "")
    return table(heads, rows, "tnc", "Cluster sizes") if rows else ""


def _scores(counts: Sequence[int], title: str) -> str:
    """Return a histogram of Jaccard similarities; `counts` has equal bins from 0 to 1."""
    used = [i for i, n in enumerate(counts) if n]
    if not used:
        return ""
    shown = range(used[0], len(counts))
    labels = [f"{i / len(counts):.2f} to {(i + 1) / len(counts):.2f}" for i in shown]
    stack = [counts[i] for i in shown]
    rows = [Row([label, f"{n:,}"]) for label, n in zip(labels, stack, strict=True)]
    ticks = [label[:4] for label in labels]
    return (
        f"<figure>{histogram(labels, [stack], title=title, ticks=ticks)}"
        f"<figcaption>{html(title)}</figcaption></figure>"
        + folded("Numbers", table(("Jaccard", "documents"), rows, "tn", title))
    )


def _clusters(clusters: Sequence[RemovedCluster] | Sequence[Mapping[str, Any]]) -> str:
    """Return the largest clusters, each with its kept document and its least similar members."""
    parts = []
    for cluster in clusters:
        members = cluster["members"]
        beginning = " ".join((cluster.get("excerpt") or "").split())[:MAX_TITLE_CHARACTERS]
        title = safe_text(cluster.get("title") or beginning or cluster["id"])
        others = ", ".join(f"{safe_text(m['id'])} ({m['score'] or 0:.3g})" for m in members)
        kept = f"kept: {safe_text(cluster['id'])}"
        body = f"<p>Least similar: {others}</p>"
        known = [m for m in members if m.get("excerpt") is not None]
        if known and cluster.get("excerpt") is not None:
            other = f"{safe_text(known[0]['id'])}, Jaccard {known[0]['score'] or 0:.3g}"
            body += side_by_side((kept, cluster["excerpt"]), (other, known[0]["excerpt"]))
        elif cluster.get("excerpt") is not None:
            body += f'<p class="quiet">{kept}</p>{quote(cluster["excerpt"])}'
        parts.append(folded(f"{title} and {cluster['documents'] - 1:,} more", body))
    return f"<h3>Largest clusters</h3>{''.join(parts)}" if parts else ""


def _closest(removals: Sequence[ClosestRemoval], role: str) -> str:
    """Return the removals just above the threshold; `role` is that of the other document."""
    pairs = "".join(
        _pair(
            row["score"],
            Side("removed", row["id"], row["excerpt"]),
            Side(role, row["evidence"], row["beside"]),
        )
        for row in removals
    )
    return folded("Removals closest to the threshold", pairs)


def _near_misses(near_misses: NearMisses | None) -> str:
    """Return the most similar pairs below the threshold: what a lower one would remove."""
    if not near_misses or not near_misses["nearest"]:
        return ""
    pairs = "".join(
        _pair(
            row["score"], Side("", row["id"], row["excerpt"]), Side("", row["other"], row["beside"])
        )
        for row in near_misses["nearest"]
    )
    shown = f"{len(near_misses['nearest'])} of {near_misses['pairs']:,}"
    return folded(f"Near misses: pairs just below the threshold, both kept ({shown})", pairs)


def _pair(score: float | None, left: Side, right: Side) -> str:
    """Return a pair of documents, side by side if both texts are known."""
    headings = [f"{side.role} {safe_text(side.id)}".strip() for side in (left, right)]
    head = f'<p class="quiet">Jaccard {score or 0:.4g}</p>'
    if left.text is not None and right.text is not None:
        return head + side_by_side((headings[0], left.text), (headings[1], right.text))
    known = "".join(quote(side.text) for side in (left, right) if side.text is not None)
    return f'{head}<p class="quiet">{" · ".join(headings)}</p>{known}'
