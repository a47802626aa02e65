"""Stop a build if more of its input is unreadable than the setting `on_error` allows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from corpus.errors import EnvironmentFault, InputError
from corpus.markup import count_of
from corpus.pipeline.ledgers import write_rejected
from corpus.sources import Reject
from corpus.sources.reject_remedies import NOT_CARRIED, THIS_TIME, kind_of, remedy_for
from corpus.terminal import format_bytes

MAX_REASONS = 10
"""The maximum number of different reasons in the error message."""


def rejected_share(rejected: Sequence[Reject], *, records: int, input_bytes: int) -> float:
    """Return the share of the input that was rejected.

    A rejected record counts as one of the records read. An unreadable file, or the rest of one,
    counts by its bytes, because nobody knows how many records it contains.
    """
    file_bytes = [reject.bytes for reject in rejected if reject.record is None and reject.bytes]
    single_records = len(rejected) - len(file_bytes)
    share = single_records / max(records, 1) + sum(file_bytes) / max(input_bytes, 1)
    return min(share, 1.0)


def check_error_budget(
    rejected: Sequence[Reject], *, records: int, input_bytes: int, on_error: float, ledger: Path
) -> None:
    """Raise an error if the rejected share is more than `on_error`.

    It is an `EnvironmentFault` if that would not be so without the rejects for which the machine
    may be the cause, otherwise an `InputError`. All rejects are then written to the file `ledger`.
    """
    message = over_budget(
        rejected, records=records, input_bytes=input_bytes, on_error=on_error, ledger=ledger
    )
    if message:
        write_rejected(ledger, rejected)
        of_input = [reject for reject in rejected if not reject.reason.startswith(THIS_TIME)]
        share = rejected_share(of_input, records=records, input_bytes=input_bytes)
        raise EnvironmentFault(message) if share <= on_error else InputError(message)


def over_budget(
    rejected: Sequence[Reject],
    *,
    records: int,
    input_bytes: int,
    on_error: float,
    ledger: Path | None = None,
    is_all: bool = True,
) -> str:
    """Return that the rejected share is more than `on_error`, and what to do; "" if it is not.

    Without a `ledger`, nothing has been built yet. Only if these are all records, it is known which
    `on_error` would allow them, and what that would cost.
    """
    share = rejected_share(rejected, records=records, input_bytes=input_bytes)
    if not rejected or share <= on_error:
        return ""
    failed = any(reject.reason.startswith(NOT_CARRIED) for reject in rejected)
    head = (
        f"{len(rejected):,} of {records:,} records could not be read"
        f"{' or processed' if failed else ''}, {share:.2%} of the input; "
        f"on_error allows {on_error:.2%}. Nothing {'was' if ledger else 'would be'} built."
    )
    lines = [head, *_by_reason(rejected)]
    if ledger:
        lines.append(f"All of them are listed in {ledger}.")
    may_pass = any(reject.reason.startswith(THIS_TIME) for reject in rejected)
    if is_all and len(rejected) < records and not may_pass:
        lines.append(
            f"To build without them, set on_error to at least {_rounded_up(share)}: "
            f"that loses {_loss(rejected)}."
        )
    return "\n".join(lines)


def _loss(rejected: Sequence[Reject]) -> str:
    """Return how many records and files a build without the rejects would lose."""
    files = [reject for reject in rejected if reject.record is None]
    size = sum(reject.bytes for reject in files)
    parts = []
    if records := len(rejected) - len(files):
        parts.append(count_of(records, "record"))
    if files:
        bytes = f" ({format_bytes(size)})" if size else ""
        parts.append(f"the unreadable part of {count_of(len(files), 'file')}{bytes}")
    return " and ".join(parts)


def _rounded_up(share: float) -> str:
    """Return a share with three digits, rounded up, so that it is enough as `on_error`."""
    digits = max(2, 2 - math.floor(math.log10(share)))
    rounded = math.ceil(share * 10**digits - 1e-9) / 10**digits
    if rounded < share:
        rounded += 10**-digits
    return f"{rounded:.{digits}f}".rstrip("0").rstrip(".")


def _by_reason(rejected: Sequence[Reject]) -> list[str]:
    """Return lines for each kind of reason: its first reject, the number of others, a remedy."""
    by_kind: dict[str, list[Reject]] = {}
    for reject in sorted(rejected, key=lambda r: (r.source, r.record or 0, r.reason)):
        by_kind.setdefault(kind_of(reject.reason), []).append(reject)
    lines = []
    for rejects in list(by_kind.values())[:MAX_REASONS]:
        first = rejects[0]
        record = "" if first.record is None else f", record {first.record:,}"
        more = f" (and {len(rejects) - 1:,} more like it)" if len(rejects) > 1 else ""
        lines.append(f"  {first.source}{record}: {first.reason}{more}")
        if remedy := remedy_for(first.reason):
            lines.append(f"    {remedy}")
    if len(by_kind) > MAX_REASONS:
        lines.append(f"  and {len(by_kind) - MAX_REASONS:,} more reasons")
    return lines
