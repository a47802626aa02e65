"""Checks of the texts: near duplicates, leaks, repeats, boilerplate, characters, personal data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from corpus.auditing.measure.check_results import (
    Manifest,
    format_probability,
    format_share,
    new_check,
    status_above,
)
from corpus.auditing.report import Check, RepeatedValues, Status, UncheckedReport


def check_near_duplicates(report: UncheckedReport, manifest: Manifest) -> Iterator[Check]:
    """Yield what the stage `deduplicate` measured, or else the audit's own comparison."""
    near = report.get("near")
    threshold, metrics = _stage_metrics(manifest, "deduplicate", "threshold")
    question = "Are all near duplicates removed?"
    if threshold is not None and (left := metrics.get("highest_left")) is not None:
        reason = f"the highest Jaccard similarity left is {left:.3g}, the threshold {threshold:g}"
        if (recall := metrics.get("recall_at_threshold")) is not None:
            probability = format_probability(recall)
            reason += f"; a pair at the threshold is found with a probability of {probability}"
        yield new_check("near", "pass" if left < threshold else "fail", question, reason)
    elif near:
        duplicates, compared = near["duplicates"], near["documents"]
        yield new_check(
            "near",
            status_above(duplicates / max(compared, 1), warn=0.01),
            "Is the corpus free of near duplicates?",
            f"{format_share(duplicates, compared)} have a Jaccard similarity of at least "
            f"{near['threshold']:g} to another (warning above 1 %)",
        )
    elif manifest is not None:
        yield new_check("near", "warn", question, "no stage looked for near duplicates")


def check_splits(report: UncheckedReport, manifest: Manifest) -> Iterator[Check]:
    """Yield whether there is a held-out split, and what the stage `split` measured of leaks."""
    if len(report["splits"]) < 2:
        reason = "there is only one split: no documents are held out for evaluation"
        yield new_check("held_out", "warn", "Is there a held-out split?", reason)
        return
    near = report.get("near")
    threshold, metrics = _stage_metrics(manifest, "split", "leakage_threshold")
    question = "Are the splits free of leaks?"
    if threshold is not None and (left := metrics.get("highest_left")) is not None:
        or_more = " or more" if metrics.get("highest_left_at_least") else ""
        reason = f"the highest Jaccard similarity between splits is {left:.3g}{or_more}, "
        reason += f"the threshold {threshold:g}"
        yield new_check("leaks", "pass" if left < threshold else "fail", question, reason)
    elif metrics.get("overlap"):
        reason = f"{metrics['overlap']:,} texts occur verbatim in two splits; "
        yield new_check("leaks", "fail", question, f"{reason}the stage split removes no leaks")
    elif near and near["leaks"] is not None:
        reason = f"{near['leaks']:,} documents have a Jaccard similarity of at least "
        reason += f"{near['leak_threshold']:g} to a held-out document"
        yield new_check("leaks", "fail" if near["leaks"] else "pass", question, reason)


def _stage_metrics(
    manifest: Manifest, name: str, setting: str
) -> tuple[float | None, dict[str, Any]]:
    """Return a setting of the last stage with this name, and the stage's metrics."""
    stages = {stage["stage"]: stage for stage in (manifest or {}).get("stages", ())}
    stage = stages.get(name, {})
    return stage.get(setting), stage.get("metrics") or {}


def check_repeats(report: UncheckedReport, _: Manifest) -> Iterator[Check]:
    """Yield whether texts and URLs repeat."""
    shared = report["same"]
    columns: tuple[tuple[Literal["text", "url"], str, Status, RepeatedValues | None], ...] = (
        ("text", "text", "fail", shared["text"]),
        ("url", "URL", "warn", shared["url"]),
    )
    for key, noun, status_across, repeats in columns:
        if not repeats or not repeats["documents"]:
            continue
        repeated, across = repeats["repeated"], repeats["documents_across_splits"]
        reason = f"{repeated:,} of {repeats['documents']:,} documents repeat the {noun} of another"
        if len(report["splits"]) > 1:  # one document of a pair repeats the other; both share it
            reason += f"; {across:,} documents share theirs with another split"
        reason += "" if repeats["exact"] else " (in a sample of the values)"
        share = repeated / repeats["documents"]
        status = status_across if across else status_above(share, warn=0.01)
        yield new_check(f"same_{key}", status, f"Does every {noun} occur only once?", reason)


def check_sample(report: UncheckedReport, _: Manifest) -> Iterator[Check]:
    """Yield checks of boilerplate, characters and personal data in the sample of texts."""
    sample = report["close"]
    n = sample["documents"]
    if not n:
        return
    where = "" if sample["whole"] else f" of the sample ({n:,} of {report['documents']:,})"
    lines, most = sample["lines"], max((r["documents"] for r in sample["lines"]["rows"]), default=0)
    yield new_check(
        "site_boilerplate",
        status_above(most / n, warn=0.01) if most >= 5 else "pass",
        "Is the text free of boilerplate?",
        f"{lines['repeated']:,} {'line occurs' if lines['repeated'] == 1 else 'lines occur'} in at "
        f"least {lines['least']} documents{where}; {format_share(most, n)} contain the most "
        "frequent line (warning above 1 %)",
    )
    n = sample["read"]["documents"]
    where = "" if sample["read"]["whole"] else " of the sample"
    odd, mojibake = sample["characters"]["documents"], sample["characters"]["mojibake"]
    yield new_check(
        "characters",
        status_above(max(odd, mojibake) / n, warn=0.01),
        "Is the text free of encoding errors?",
        f"{format_share(odd, n)}{where} have odd characters, {format_share(mojibake, n)} have "
        "mojibake (warning above 1 %)",
    )
    patterns = [pattern for pattern in sample["personal"] if pattern["documents"]]
    matches = ", ".join(f"{pattern['kind']} in {pattern['documents']:,}" for pattern in patterns)
    yield new_check(
        "personal",
        "warn" if patterns else "pass",
        "Is the text free of patterns of personal data?",
        f"{matches or 'no pattern matches any'} of {n:,} documents{where}",
    )
