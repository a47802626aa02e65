"""Write the dataset card of a build, README.md: metadata for the Hub, then text for people.

All numbers come from the manifest and the audit. What only a person can say comes from `card:` in
the config; what is not set is not on the card, and `missing` lists it.

People may edit the card. Every build overwrites the part between two markers, and keeps the rest:

    ---
    your_key: is kept, and may override pretty_name, license, tags, ...
    # corpus: generated below, edits there are overwritten
    configs: ...
    ---
    <!-- corpus: generated, edits here are overwritten -->
    ...
    <!-- corpus: end of what is generated -->
    Text that you write here, or above the region, is kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel

from corpus.card.generated_region import (
    BEGIN,
    END,
    HEAD_MARKER,
    hash_of,
    keys_of,
    without_markers,
    written_by_people,
)
from corpus.card.hub import MEASURED_KEYS, metadata
from corpus.card.sections import sections
from corpus.markup import Markdown, code, markdown, percent

TEMPLATE = Path(__file__).parent / "README.md.jinja"

RECOMMENDED_SETTINGS = {
    "pretty_name": "the name shown to people",
    "license": "the terms under which the corpus may be used",
    "description": "what the corpus is, in one or more sentences",
    "authors": "who made it",
    "contact": "whom to contact about errors, or to have a text removed",
    "collection": "who wrote the texts; who collected them, how, and on what legal basis",
    "personal_data": "what personal information the texts contain, and what was done about it",
    "uses": "intended uses",
    "limitations": "known biases, risks and gaps",
    "citation": "how to cite it",
}
"""Settings that a complete card has."""

About = BaseModel | Mapping[str, Any] | None
"""The card settings of a config: the model, a dictionary, or nothing."""


def card(
    manifest: Mapping[str, Any],
    audit: Mapping[str, Any],
    about: About,
    previous: str | None = None,
) -> str:
    """Return README.md, with what people wrote into the `previous` one."""
    return card_and_hash(manifest, audit, about, previous)[0]


def card_and_hash(
    manifest: Mapping[str, Any],
    audit: Mapping[str, Any],
    about: About,
    previous: str | None = None,
    *,
    built: str | None = None,
) -> tuple[str, str]:
    """Return README.md, and the hash of its generated part, by which it is recognised later.

    `built` is this hash for the `previous` card.
    """
    settings = about_settings(about)
    kept = written_by_people(previous or "", built)
    overridden = set(keys_of(kept.keys)) - set(MEASURED_KEYS)
    generated = {
        key: value
        for key, value in metadata(manifest, audit, settings).items()
        if key not in overridden
    }
    head = yaml.safe_dump(generated, sort_keys=False, allow_unicode=True, width=100)
    body = without_markers(_render(sections(manifest, audit, settings)))
    region = f"{BEGIN}\n\n{body.strip()}\n\n{END}"
    parts = [f"---\n{kept.keys}{HEAD_MARKER}\n{head}---", kept.above, region, kept.below]
    return "\n\n".join(part for part in parts if part) + "\n", hash_of(head, region)


def missing(about: About) -> list[str]:
    """Return the settings that a complete card has and this one lacks, each with its meaning."""
    settings = about_settings(about)
    return [
        f"card.{name}: {what}"
        for name, what in RECOMMENDED_SETTINGS.items()
        if not settings.get(name)
    ]


def about_settings(about: About) -> dict[str, Any]:
    """Return the card settings as a dictionary."""
    return about.model_dump(mode="json") if isinstance(about, BaseModel) else dict(about or {})


def _render(variables: Mapping[str, Any]) -> str:
    """Return the body of the card; every value is escaped unless it is Markdown already."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(  # noqa: S701  `finalize` escapes for Markdown
        finalize=markdown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": number, "percent": percent, "size": size, "code": code}
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    return re.sub(r"\n{3,}", "\n\n", template.render(variables))


def number(value: float) -> Markdown:
    """Return a number with thousands separators."""
    return Markdown(f"{value:,}")


def size(value: int) -> Markdown:
    """Return a number of bytes in a suitable unit."""
    for unit, base in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if value >= base:
            return Markdown(f"{value / base:,.1f} {unit}")
    return Markdown(f"{value:,} bytes")
