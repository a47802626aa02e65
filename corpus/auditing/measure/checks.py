"""Check whether a corpus is sound: questions, each answered with pass, warn or fail, and a reason.

A check is left out if there is nothing to check, such as dates or a second split. A failure is an
error: sums that do not add up, documents that leak. A warning may be harmless, but somebody should
look at it. The limits are ours; they are defined here.
"""

from __future__ import annotations

from collections.abc import Iterator

from corpus.auditing.measure.check_results import (
    Manifest,
    format_share,
    new_check,
    share_check,
    status_above,
)
from corpus.auditing.measure.text_checks import (
    check_near_duplicates,
    check_repeats,
    check_sample,
    check_splits,
)
from corpus.auditing.report import Check, UncheckedReport
from corpus.builds.empty_columns import empty_columns_notices
from corpus.builds.quality_notices import quality_notices
from corpus.builds.summary import (
    encodings_notice,
    inferred_formats_notices,
    no_text_column_notice,
    renamed_ids_notice,
    short_rows_notice,
    unparsed_dates,
)

MIN_USUAL_CHARACTERS = 100
"""Texts with fewer characters count as very short."""

MAX_DOUBTFUL_EXTRACTIONS = 0.05
"""Above this share of doubtful extractions, there is a warning. On news sites it is about 1 %,
dumped to text 3 %."""

MAX_NAMED_EXTRACTIONS = 3
"""Doubtful extractions named as examples."""

EARLIEST_MONTH = "1600"
"""Dates before this year are implausible for printed news."""


def run_checks(report: UncheckedReport, manifest: Manifest = None) -> list[Check]:
    """Return the results of all checks that apply, in the order of the audit page."""
    groups = (
        *(_check_sums, _check_ids, _check_fields, _check_removals, _check_extraction),
        *(_check_languages, _check_quality_rules),
        *(_check_lengths, _check_dates, _check_unparsed_dates, _check_concentration),
        *(check_near_duplicates, check_splits, check_repeats, check_sample),
    )
    return [check for group in groups for check in group(report, manifest)]


def _check_sums(report: UncheckedReport, manifest: Manifest) -> Iterator[Check]:
    n = report["documents"]
    yield new_check(
        "documents", "pass" if n else "fail", "Are there any documents?", f"{n:,} documents"
    )
    if manifest is None:
        if unread := report.get("unread"):
            yield _check_rejects(unread["records"], unread["records"] + n, unread["share"])
        return
    counts = manifest["counts"]
    total = counts["kept"] + counts["removed"] + counts["rejected"]
    correct = total == counts["read"] and counts["kept"] == n
    yield new_check(
        "sums",
        "pass" if correct else "fail",
        "Is every record accounted for?",
        f"{counts['read']:,} read = {counts['kept']:,} kept + {counts['removed']:,} removed + "
        f"{counts['rejected']:,} rejected; {n:,} counted in the shards",
    )
    yield _check_rejects(counts["rejected"], counts["read"])


def _check_rejects(rejected: int, read: int, share: float = 0.0) -> Check:
    """Return the check of unreadable records; `share` includes the bytes of unreadable files."""
    part = rejected / max(read, 1)
    reason = f"{format_share(rejected, read, 'records')} could not be read"
    if share > part + 1e-6:
        reason += f", with {100 * share:.3g} % of the bytes"
    status = status_above(max(part, share), warn=0.001, fail=0.1)
    return new_check(
        "rejected", status, "Could all records be read?", f"{reason} (warning above 0.1 %)"
    )


def _check_ids(_: UncheckedReport, manifest: Manifest) -> Iterator[Check]:
    if renamed := (manifest or {}).get("renamed_ids"):
        reason = renamed_ids_notice(renamed)
        yield new_check("renamed_ids", "warn", "Are the ids of the sources unique?", reason)


def _check_fields(_: UncheckedReport, manifest: Manifest) -> Iterator[Check]:
    if reason := no_text_column_notice((manifest or {}).get("inputs", ())):
        yield new_check("no_text_column", "warn", "Does every file have the text column?", reason)
    if reason := short_rows_notice((manifest or {}).get("inputs", ())):
        yield new_check("short_rows", "warn", "Does every row have all fields?", reason)
    if reason := encodings_notice((manifest or {}).get("inputs", ())):
        yield new_check("encodings", "pass", "Which encodings were detected?", reason)
    empty = list(empty_columns_notices(manifest)) if manifest else []
    if empty:
        question = "Does a document have each column that the config names?"
        yield new_check("empty_columns", "warn", question, "; ".join(empty))


def _check_removals(_: UncheckedReport, manifest: Manifest) -> Iterator[Check]:
    if manifest is None:
        return
    read, kept = max(manifest["counts"]["read"], 1), manifest["counts"]["kept"]
    share = format_share(kept, manifest["counts"]["read"], "records")
    yield new_check(
        "kept",
        status_above(1 - kept / read, warn=0.9),
        "Are enough records kept?",
        f"{share} were kept (warning below 10 %)",
    )
    rows = [row for row in manifest["funnel"] if row["documents"]]
    if rows:
        largest = max(rows, key=lambda row: row["documents"])
        share = format_share(largest["documents"], read, "records")
        yield new_check(
            "one_reason",
            status_above(largest["documents"] / read, warn=0.5),
            "Does one reason remove most records?",
            f"{share} were removed by {largest['stage']}: {largest['reason']}, the most frequent "
            "reason (warning above 50 %)",
        )


def _check_extraction(report: UncheckedReport, _: Manifest) -> Iterator[Check]:
    extraction = report["extraction"]
    doubtful, extracted = extraction["doubtful"], sum(extraction["confidences"])
    if not extracted:
        return
    share = format_share(doubtful, extracted, "documents from pages")
    reason = (
        f"{share} have a clean_confidence below {extraction['doubtful_below']} "
        f"(warning above {100 * MAX_DOUBTFUL_EXTRACTIONS:g} %)"
    )
    status = status_above(doubtful / extracted, warn=MAX_DOUBTFUL_EXTRACTIONS)
    if status == "warn":
        ids = [str(row["id"])[:60] for row in extraction["lowest"][:MAX_NAMED_EXTRACTIONS]]
        reason += (
            "; `corpus explain` shows which text was removed from a page and why, for example of "
            f"{', '.join(map(repr, ids))}; where text is missing, `keep: recall` in the stage "
            "clean keeps more"
        )
    yield new_check("extraction", status, "Are the texts extracted well?", reason)


def _check_languages(report: UncheckedReport, _: Manifest) -> Iterator[Check]:
    languages, total = report["languages"], report["documents"]
    if not languages["rows"]:
        return
    if scored := sum(sum(split["scores"]) for split in report["splits"].values()):
        below = f"have a language score below {report['scores']['doubtful']}"
        question = "Are the languages certain?"
        doubtful = report["doubtful"]
        yield share_check("doubtful", question, doubtful, scored, predicate=below, warn=0.05)
    none = sum(row["documents"] for row in languages["rows"] if row["name"] in ("und", "zxx"))
    none += languages["unknown"]["documents"]
    question = "Does every document have a language?"
    yield share_check(
        "undetermined", question, none, total, predicate="have no language", warn=0.05
    )


def _check_quality_rules(_: UncheckedReport, manifest: Manifest) -> Iterator[Check]:
    if reason := "; ".join(quality_notices(manifest)) if manifest else "":
        question = "Do the quality rules fit the languages of the documents?"
        yield new_check("quality_rules", "warn", question, reason)


def _check_lengths(report: UncheckedReport, _: Manifest) -> Iterator[Check]:
    edges, total = report["lengths"]["edges"], report["documents"]
    short = sum(
        n
        for split in report["splits"].values()
        for edge, n in zip(edges, split["lengths"], strict=True)
        if edge < MIN_USUAL_CHARACTERS
    )
    empty = next((row["missing"] for row in report["columns"] if row["name"] == "text"), total)
    yield new_check(
        "short",
        "fail" if empty else status_above(short / max(total, 1), warn=0.05),
        "Are the documents long enough?",
        f"{format_share(short, total)} have fewer than {MIN_USUAL_CHARACTERS} characters (warning "
        f"above 5 %), {empty:,} are empty",
    )


def _check_dates(report: UncheckedReport, manifest: Manifest) -> Iterator[Check]:
    splits, total = list(report["splits"].values()), report["documents"]
    months = [(month, n) for split in splits for month, n in split["months"].items()]
    if not months and not any(split["implausible"] for split in splits):
        return
    undated = sum(split["undated"] for split in splits)
    question = "Do the documents have dates?"
    yield share_check("undated", question, undated, total, predicate="have no date", warn=0.5)
    as_of = str((manifest or {}).get("as_of") or "")[:7]
    late = sum(n for month, n in months if as_of and month > as_of)
    early = sum(n for month, n in months if month < EARLIEST_MONTH)
    early += sum(split["implausible"] for split in splits)
    reason = f"{early:,} dates are before {EARLIEST_MONTH} or outside the calendar"
    reason += f", {late:,} are later than {as_of}" if as_of else ""
    yield new_check(
        "dates",
        status_above((early + late) / max(total, 1), warn=0.001),
        "Are the dates plausible?",
        f"{reason} (warning above 0.1 %)",
    )


def _check_unparsed_dates(_: UncheckedReport, manifest: Manifest) -> Iterator[Check]:
    sources = unparsed_dates(manifest) if manifest else []
    if sources:
        share = max(source.unparsed / (source.unparsed + source.parsed) for source in sources)
        reason = "; ".join(source.notice for source in sources) + " (warning above 1 %)"
        status = status_above(share, warn=0.01)
        yield new_check("unparsed_dates", status, "Could all dates be parsed?", reason)
    if inferred := inferred_formats_notices(manifest) if manifest else []:
        question = "Were ambiguous dates decided by others?"
        yield new_check("inferred_dates", "pass", question, "; ".join(inferred))


def _check_concentration(report: UncheckedReport, _: Manifest) -> Iterator[Check]:
    tables = (
        ("concentrated_publishers", "publisher", report["publishers"]),
        ("concentrated_hosts", "host", report["hosts"]),
    )
    for id, noun, table in tables:
        concentration = table.get("concentration")
        if not concentration or table["names"] < 2:
            continue
        yield new_check(
            id,
            status_above(concentration["largest"], warn=0.5),
            f"Does one {noun} dominate?",
            f"{table['rows'][0]['name'][:60]!r} has {100 * concentration['largest']:.3g} % of the "
            f"documents with a {noun} (warning above 50 %); the {table['names']:,} {noun}s are as "
            f"concentrated as {concentration['effective']:.3g} of equal size",
        )
