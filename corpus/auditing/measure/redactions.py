"""What the stage `redact` replaced in the documents of a build, by type and language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from corpus.auditing.report import Redaction


def redactions(manifest: Mapping[str, Any] | None) -> list[Redaction] | None:
    """Return the counts that a build wrote down; None if nothing was redacted in it."""
    stages = manifest["stages"] if manifest else []
    rows = [row for stage in stages for row in (stage.get("metrics") or {}).get("redacted") or ()]
    return cast("list[Redaction]", rows) if _names_redact(stages) else None


def _names_redact(stages: Any) -> bool:
    return any("redacted" in (stage.get("metrics") or {}) for stage in stages)
