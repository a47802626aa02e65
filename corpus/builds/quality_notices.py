"""What a build reports about quality rules that were not made for the language of its documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from corpus.terminal import safe

MAX_CODE = 20
"""Characters shown of a language; a source may have anything in its column."""

MAX_NAMED = 3
"""Languages named in a notice, the most frequent first."""


def quality_notices(manifest: Mapping[str, Any]) -> Iterator[str]:
    """Yield which documents in other languages the rule sets judged, and what to do.

    Sets that judged the same documents share a notice.
    """
    for stage in manifest["stages"]:
        if stage["stage"] != "quality":
            continue
        english = stage["metrics"].get("english_rules", {})
        sets: dict[str, list[str]] = {}
        for name, row in english.items():
            if row["documents"]:
                sets.setdefault(_languages(row["documents"]), []).append(name)
        for documents, names in sets.items():
            removed = {name: english[name]["removed"] for name in names}
            yield _english_notice(stage, documents, removed)
        if without := stage["metrics"].get("fineweb2_no_bounds"):
            yield (
                f"fineweb2 has no published bounds for {_languages(without)}: its rules judged "
                "none of these documents, and kept them"
            )


def _english_notice(stage: Mapping[str, Any], documents: str, removed: Mapping[str, int]) -> str:
    """Return how many documents the sets for English judged and removed, and the remedy."""
    if len(removed) == 1:
        ((name, n),) = removed.items()
        judged = f"the rules of {name} for English judged {documents} and removed {n:,}"
    else:
        counts = ", ".join(f"{name} removed {n:,}" for name, n in removed.items())
        judged = f"rules for English judged {documents}: {counts}"
    limits = ", ".join(f"{name}: {{{_variant(stage, name)}languages: [en]}}" for name in removed)
    return f"{judged}; to keep other languages from these rules, set {limits}"


def _variant(stage: Mapping[str, Any], name: str) -> str:
    """Return the setting of the variant that is selected of a set; "" if none is named."""
    selected = stage.get(name)
    variant = selected.get("variant") if isinstance(selected, Mapping) else selected
    return f"variant: {variant}, " if isinstance(variant, str) else ""


def _languages(documents: Mapping[str, int]) -> str:
    """Return the documents by language: `13 documents in other languages (12 de, 1 fr)`."""
    named = [f"{n:,} {safe(code[:MAX_CODE])}" for code, n in list(documents.items())[:MAX_NAMED]]
    more = ["..."] if len(documents) > MAX_NAMED else []
    total = sum(documents.values())
    noun = "document in another language" if total == 1 else "documents in other languages"
    return f"{total:,} {noun} ({', '.join([*named, *more])})"
