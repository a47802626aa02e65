"""The parts of every check: its status, and its reason as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from corpus.auditing.report import Check, Status

Manifest = dict[str, Any] | None


def worst_status(checks: Sequence[Check]) -> Status:
    """Return the worst status of all checks."""
    statuses = {check["status"] for check in checks}
    return "fail" if "fail" in statuses else "warn" if "warn" in statuses else "pass"


def format_share(part: float, whole: float, noun: str = "documents") -> str:
    """Return a share as text: `3 of 10 documents (30 %)`."""
    return f"{part:,} of {whole:,} {noun} ({100 * part / whole if whole else 0:.3g} %)"


def format_probability(value: float) -> str:
    """Return a probability as text, never rounded up to 1."""
    return "over 0.9999" if value > 0.9999 else f"{value:.4f}"


def new_check(id: str, status: Status, question: str, reason: str) -> Check:
    """Return the result of a check."""
    return {"id": id, "status": status, "question": question, "reason": reason}


def status_above(value: float, *, warn: float, fail: float = float("inf")) -> Status:
    """Return `fail` or `warn` if the value is above that limit, else `pass`."""
    return "fail" if value > fail else "warn" if value > warn else "pass"


def share_check(
    id: str, question: str, part: int, whole: int, *, predicate: str, warn: float
) -> Check:
    """Return a check of the share of documents with some property."""
    status = status_above(part / max(whole, 1), warn=warn)
    reason = f"{format_share(part, whole)} {predicate} (warning above {100 * warn:g} %)"
    return new_check(id, status, question, reason)
