"""Is the corpus sane? Questions with an answer each: pass, warn or fail, and the reason.

A check that cannot be made, for want of dates or of a split, is not among the answers. What fails
is wrong: sums that do not add up, documents that leak. What warns may well be right, and is to be
looked at by a person. The limits are ours, and stand here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

PASS, WARN, FAIL = "pass", "warn", "fail"

Audit = dict[str, Any]
Manifest = dict[str, Any] | None
Answer = tuple[str, str, str, str]
"""(id, status, question, reason)."""

SHORT = 100
"""Characters below which a document is very short."""


def checks(audit: Audit, manifest: Manifest = None) -> list[dict[str, str]]:
    """Return every check that can be made, in the order of the page, with its answer."""
    makers = (_sums, _removals, _languages, _lengths, _dates, _names, _alike, _same, _close)
    answers = (answer for make in makers for answer in make(audit, manifest))
    return [dict(zip(("id", "status", "question", "reason"), a, strict=True)) for a in answers]


def worst(found: list[dict[str, str]]) -> str:
    """Return the worst answer of all."""
    said = {check["status"] for check in found}
    return next((status for status in (FAIL, WARN) if status in said), PASS)


def percent(part: float, whole: float) -> str:
    """Return a share in words: `3 of 10 (30 %)`."""
    return f"{part:,} of {whole:,} ({100 * part / whole if whole else 0:.3g} %)"


def chance(value: float) -> str:
    """Return a probability, never rounded up to certainty."""
    return "over 0.9999" if value > 0.9999 else f"{value:.4f}"


def _limit(value: float, *, warn: float, fail: float = float("inf")) -> str:
    return FAIL if value > fail else WARN if value > warn else PASS


def _sums(audit: Audit, manifest: Manifest) -> Iterator[Answer]:
    n = audit["documents"]
    yield "documents", FAIL if not n else PASS, "Is there anything?", f"{n:,} documents"
    if manifest is None:
        if unread := audit.get("unread"):
            yield _read(unread["records"], unread["records"] + n, unread["share"])
        return
    counts = manifest["counts"]
    found = counts["kept"] + counts["removed"] + counts["rejected"]
    same = found == counts["read"] and counts["kept"] == n
    yield (
        "sums",
        PASS if same else FAIL,
        "Is every record that was read in exactly one place?",
        (
            f"{counts['read']:,} read = {counts['kept']:,} kept + {counts['removed']:,} removed + "
            f"{counts['rejected']:,} rejected; {n:,} counted in the shards"
        ),
    )
    yield _read(counts["rejected"], counts["read"])


def _read(lost: int, read: int, share: float = 0.0) -> Answer:
    """Return the answer; `share` is what was lost of all, where whole files were."""
    part = lost / max(read, 1)
    status = _limit(max(part, share), warn=0.001, fail=0.1)
    told = f"{percent(lost, read)} could not"
    told += f", with {100 * share:.3g} % of the bytes" if share > part + 1e-6 else ""
    told += "; more than 0.1 % is many"
    return "rejected", status, "Could the records be read?", told


def _removals(_: Audit, manifest: Manifest) -> Iterator[Answer]:
    if manifest is None:
        return
    read, kept = max(manifest["counts"]["read"], 1), manifest["counts"]["kept"]
    status = _limit(1 - kept / read, warn=0.9)
    told = f"{percent(kept, manifest['counts']['read'])} were kept; less than 10 % is little"
    yield "kept", status, "Is enough left?", told
    rows = [row for row in manifest["funnel"] if row["documents"]]
    if rows:
        most = max(rows, key=lambda row: row["documents"])
        name = f"{most['stage']}: {most['reason']}"
        status = _limit(most["documents"] / read, warn=0.5)
        told = f"the most went by {name}, {percent(most['documents'], read)}; over 50 % is a lot"
        yield "one_reason", status, "Did one reason take most of it?", told


def _languages(audit: Audit, _: Manifest) -> Iterator[Answer]:
    found, whole = audit["languages"], audit["documents"]
    if not found["rows"]:
        return
    if scored := sum(sum(split["scores"]) for split in audit["splits"].values()):
        doubtful = audit["doubtful"]
        below = f"score below {audit['scores']['doubtful']}; over 5 % is many"
        status = _limit(doubtful / scored, warn=0.05)
        yield "doubtful", status, "Are the languages sure?", f"{percent(doubtful, scored)} {below}"
    none = sum(row["documents"] for row in found["rows"] if row["name"] in ("und", "zxx"))
    none += found["unknown"]["documents"]
    told = f"{percent(none, whole)} have no language; over 5 % is many"
    status = _limit(none / max(whole, 1), warn=0.05)
    yield "undetermined", status, "Does every document have a language?", told


def _lengths(audit: Audit, _: Manifest) -> Iterator[Answer]:
    edges, whole = audit["lengths"]["edges"], audit["documents"]
    of = [split["lengths"] for split in audit["splits"].values()]
    short = sum(n for bins in of for edge, n in zip(edges, bins, strict=True) if edge < SHORT)
    empty = next((row["missing"] for row in audit["columns"] if row["name"] == "text"), whole)
    status = FAIL if empty else _limit(short / max(whole, 1), warn=0.05)
    told = f"{percent(short, whole)} have fewer than {SHORT} characters, {empty:,} are empty"
    yield "short", status, "Are the documents long enough to learn from?", told


def _dates(audit: Audit, manifest: Manifest) -> Iterator[Answer]:
    splits, whole = list(audit["splits"].values()), audit["documents"]
    months = sorted({month for split in splits for month in split["months"]})
    if not months and not any(split["implausible"] for split in splits):
        return
    undated = sum(split["undated"] for split in splits)
    told = f"{percent(undated, whole)} have no date; over half is many"
    yield "undated", _limit(undated / max(whole, 1), warn=0.5), "Are the documents dated?", told
    odd = sum(split["implausible"] for split in splits)
    limit = str((manifest or {}).get("as_of") or "")[:7]
    late = sum(n for split in splits for m, n in split["months"].items() if limit and m > limit)
    odd += sum(n for split in splits for m, n in split["months"].items() if m < "1600")
    told = f"{odd:,} dates are before 1600 or in no calendar" + (
        f", {late:,} later than {limit}" if limit else ""
    )
    yield "dates", _limit((odd + late) / max(whole, 1), warn=0.001), "Are the dates possible?", told


def _names(audit: Audit, _: Manifest) -> Iterator[Answer]:
    for key, name in (("publishers", "publisher"), ("hosts", "host")):
        found = audit[key]
        if not found.get("concentration") or found["names"] < 2:
            continue
        told = found["concentration"]
        first = found["rows"][0]["name"]
        yield (
            f"concentrated_{key}",
            _limit(told["largest"], warn=0.5),
            f"Does one {name} dominate?",
            (
                f"{first[:60]!r} has {100 * told['largest']:.3g} % of the documents that have one; "
                f"the {found['names']:,} together are worth {told['effective']:.3g} equal ones"
            ),
        )


def _alike(audit: Audit, manifest: Manifest) -> Iterator[Answer]:
    """Yield what a build's stages, or else our own comparison, say of duplicates and leaks."""
    near = audit.get("near")
    limit, duplicates = _measured(manifest, "deduplicate", "threshold")
    if limit is not None and (left := duplicates.get("highest_left")) is not None:
        told = f"the highest Jaccard left is {left:.3g}, the threshold {limit:g}"
        if (recall := duplicates.get("recall_at_threshold")) is not None:
            told += f"; a pair there is found with a chance of {chance(recall)}"
        yield "near", PASS if left < limit else FAIL, "Are the near duplicates gone?", told
    elif near:
        n, of = near["duplicates"], near["documents"]
        told = f"{percent(n, of)} say the same as an earlier one (Jaccard {near['threshold']:g})"
        yield "near", _limit(n / max(of, 1), warn=0.01), "Are there near duplicates?", told
    elif manifest is not None:
        yield "near", WARN, "Are the near duplicates gone?", "nothing looked for them"
    if len(audit["splits"]) < 2:
        told = "there is one split alone: nothing is held out to test on"
        yield "held_out", WARN, "Is something held out?", told
        return
    limit, leaks = _measured(manifest, "split", "leakage_threshold")
    if limit is not None and (left := leaks.get("highest_left")) is not None:
        more = " or more" if leaks.get("highest_left_at_least") else ""
        told = f"the highest Jaccard between splits is {left:.3g}{more}, the threshold {limit:g}"
        yield "leaks", PASS if left < limit else FAIL, "Are the splits apart?", told
    elif leaks.get("overlap"):
        told = f"{leaks['overlap']:,} texts are in two splits word for word; no leaks were to go"
        yield "leaks", FAIL, "Are the splits apart?", told
    elif near and near["leaks"] is not None:
        n = near["leaks"]
        told = f"{n:,} documents have a Jaccard of {near['leak_threshold']:g} with one held out"
        yield "leaks", FAIL if n else PASS, "Are the splits apart?", told


def _measured(manifest: Manifest, stage: str, limit: str) -> tuple[float | None, dict[str, Any]]:
    """Return the limit of the last stage of a name, and what it measured, as far as told."""
    told = {each["stage"]: each for each in (manifest or {}).get("stages", ())}.get(stage, {})
    return told.get(limit), told.get("metrics") or {}


def _same(audit: Audit, _: Manifest) -> Iterator[Answer]:
    for key, status in (("text", FAIL), ("url", WARN)):
        found = audit["same"][key]
        if not found or not found["documents"]:
            continue
        across = found["documents_across_splits"]
        about = "" if found["exact"] else ", of a sample by value"
        told = f"{found['repeated']:,} of {found['documents']:,} repeat the {key} of another"
        if len(audit["splits"]) > 1:  # of a pair one repeats the other, but both share it
            told += f"; {across:,} documents share theirs with another split"
        told += about
        share = found["repeated"] / found["documents"]
        said = status if across else _limit(share, warn=0.01)
        yield f"same_{key}", said, f"Is every {key} there once?", told


def _close(audit: Audit, _: Manifest) -> Iterator[Answer]:
    close = audit["close"]
    n = close["documents"]
    if not n:
        return
    of = "" if close["whole"] else f" that were looked at (of {audit['documents']:,})"
    row = max(close["lines"]["rows"], key=lambda r: r["documents"], default={"documents": 0})
    lines = close["lines"]["repeated"]
    told = f"{lines:,} {'line stands' if lines == 1 else 'lines stand'} in "
    told += f"{close['lines']['least']} documents or more{of}; "
    told += f"the commonest in {percent(row['documents'], n)}, over 1 % is boilerplate"
    status = _limit(row["documents"] / n, warn=0.01) if row["documents"] >= 5 else PASS
    yield "site_boilerplate", status, "Is boilerplate left over?", told
    read = close["read"]
    n, of = read["documents"], "" if read["whole"] else " that were read"
    odd = close["characters"]["documents"]
    bad = close["characters"]["mojibake"]
    told = f"odd characters in {percent(odd, n)}, mojibake in {percent(bad, n)}{of}; over 1 %"
    status = _limit(max(odd, bad) / n, warn=0.01)
    yield "characters", status, "Are the characters right?", f"{told} is many"
    kinds = [found for found in close["personal"] if found["documents"]]
    told = ", ".join(f"{k['kind']} in {k['documents']:,}" for k in kinds) or "no pattern is found"
    status = WARN if kinds else PASS
    yield (
        "personal",
        status,
        "Are there patterns of personal data?",
        f"{told} of {n:,} documents{of}",
    )
