"""Stop a build if more of its input is unreadable than the setting `on_error` allows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from corpus.errors import InputError
from corpus.pipeline.ledgers import write_rejected
from corpus.sources import Reject

MAX_REASONS = 10
"""The maximum number of different reasons in the error message."""


def rejected_share(rejected: Sequence[Reject], *, records: int, input_bytes: int) -> float:
    """Return the share of the input that was rejected.

    A rejected record counts as one of the records read. An unreadable file, or the rest of one,
    counts by its bytes, because nobody knows how many records it contains.
    """
    file_bytes = [reject.bytes for reject in rejected if reject.record is None and reject.bytes]
    single_records = len(rejected) - len(file_bytes)
    return single_records / max(records, 1) + sum(file_bytes) / max(input_bytes, 1)


def check_error_budget(
    rejected: Sequence[Reject], *, records: int, input_bytes: int, on_error: float, ledger: Path
) -> None:
    """Raise `InputError` if the rejected share is more than `on_error`.

    All rejects are then written to the file `ledger`.
    """
    share = rejected_share(rejected, records=records, input_bytes=input_bytes)
    if not rejected or share <= on_error:
        return
    write_rejected(ledger, rejected)
    head = (
        f"{len(rejected):,} of {records:,} records could not be read, {share:.2%} of the input; "
        f"on_error allows {on_error:.2%}. Nothing was built."
    )
    remedy = (
        f"All of them are listed in {ledger}. Repair the input, or raise on_error to build without "
        "these records."
    )
    raise InputError("\n".join([head, *_by_reason(rejected), remedy]))


def _by_reason(rejected: Sequence[Reject]) -> list[str]:
    """Return one line for each reason, with its first reject and the number of the others."""
    places: dict[str, list[str]] = {}
    for reject in sorted(rejected, key=lambda r: (r.source, r.record or 0, r.reason)):
        record = "" if reject.record is None else f", record {reject.record:,}"
        places.setdefault(reject.reason, []).append(f"{reject.source}{record}")
    lines = []
    for reason, where in list(places.items())[:MAX_REASONS]:
        more = f" (and {len(where) - 1:,} more like it)" if len(where) > 1 else ""
        lines.append(f"  {where[0]}: {reason}{more}")
    if len(places) > MAX_REASONS:
        lines.append(f"  and {len(places) - MAX_REASONS:,} more reasons")
    return lines
