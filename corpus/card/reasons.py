"""Describe the reasons for which documents are removed, for the dataset card and the audit page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from corpus.documents import READ_REASONS, READ_STEP


def reason_descriptions(manifest: Mapping[str, Any]) -> dict[tuple[str, str], str]:
    """Return the description of each reason, by stage and reason.

    The manifest has those of every stage of the build, custom stages included. For a manifest
    without them, the stages of this version describe their reasons.
    """
    from corpus.stages import STAGES

    descriptions = {(READ_STEP, reason): text for reason, text in READ_REASONS.items()} | {
        (name, reason): description
        for name, stage in STAGES.items()
        for reason, description in stage.reasons.items()
    }
    for stage in manifest["stages"]:
        for reason, description in (stage.get("reasons") or {}).items():
            descriptions[stage["stage"], reason] = description
    return descriptions
