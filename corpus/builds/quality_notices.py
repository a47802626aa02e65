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
    """Yield for each rule set which documents in other languages it judged, and what to do."""
    for stage in manifest["stages"]:
        if stage["stage"] != "quality":
            continue
        for name, row in stage["metrics"].get("english_rules", {}).items():
            if row["documents"]:
                yield _english_notice(stage, name, row)
        if without := stage["metrics"].get("fineweb2_no_bounds"):
            yield (
                f"fineweb2 has no published bounds for {_languages(without)}: its rules judged "
                "none of these documents, and kept them"
            )


def _english_notice(stage: Mapping[str, Any], name: str, row: Mapping[str, Any]) -> str:
    """Return how many documents in other languages a set for English judged, and the remedy."""
    selected = stage.get(name)
    if isinstance(selected, Mapping):
        variant = selected.get("variant")
    else:
        variant = selected if isinstance(selected, str) else None
    limit = f"variant: {variant}, " if variant else ""
    return (
        f"the rules of {name} for English judged {_languages(row['documents'])} and removed "
        f"{row['removed']:,}; to keep other languages from these rules, set "
        f"{name}: {{{limit}languages: [en]}}"
    )


def _languages(documents: Mapping[str, int]) -> str:
    """Return the documents by language: `13 documents in other languages (12 de, 1 fr)`."""
    named = [f"{n:,} {safe(code[:MAX_CODE])}" for code, n in list(documents.items())[:MAX_NAMED]]
    more = ["..."] if len(documents) > MAX_NAMED else []
    total = sum(documents.values())
    noun = "document in another language" if total == 1 else "documents in other languages"
    return f"{total:,} {noun} ({', '.join([*named, *more])})"
