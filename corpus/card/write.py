"""The dataset card of a build, README.md: for the Hub at its head, for people below.

It is made of the manifest and the audit, so every number on it is one of theirs. What only a person
can say comes from `card:` in the config; what nobody said is not on it, and `missing` names it.

The card may be edited. What we write stands between two marks, and is written anew by every build:

    ---
    your_key: stays, and may overrule pretty_name, license, tags, ...
    # corpus: generated below, edits there are overwritten
    configs: ...
    ---
    <!-- corpus: generated, edits here are overwritten -->
    ...
    <!-- corpus: end of what is generated -->
    Whatever you write here, or above the region, stays.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel

from corpus.card.generated_region import BEGIN, BELOW, END, by_people, hash_of, keys, unmarked
from corpus.card.hub import MEASURED, metadata
from corpus.card.sections import sections
from corpus.markup import Markdown, code, markdown

TEMPLATE = Path(__file__).parent / "README.md.jinja"

WANTED = {
    "pretty_name": "the name that people read",
    "license": "on what terms the corpus may be used",
    "description": "what the corpus is, in a sentence or a few",
    "authors": "who made it",
    "contact": "whom to write to, about errors or to have a text taken out",
    "collection": "who wrote the texts, who collected them, how, and with what right",
    "personal_data": "what personal information the texts hold, and what was done about it",
    "uses": "what it is good for",
    "limitations": "biases, risks and gaps that you know of",
    "citation": "how to cite it",
}
"""What a card should say and only a person can."""

About = BaseModel | Mapping[str, Any] | None


def card(
    manifest: dict[str, Any], audit: dict[str, Any], about: About, previous: str | None = None
) -> str:
    """Return README.md; what people added to the `previous` one stays."""
    return card_and_hash(manifest, audit, about, previous)[0]


def card_and_hash(
    manifest: dict[str, Any],
    audit: dict[str, Any],
    about: About,
    previous: str | None = None,
    *,
    built: str | None = None,
) -> tuple[str, str]:
    """Return README.md, and the hash of what of it is generated: by that it is known again.

    `built` is that hash of the `previous` one.
    """
    told = settings(about)
    kept, above, below = by_people(previous or "", built)
    head = metadata(manifest, audit, told)
    theirs = set(keys(kept))
    ours = {key: value for key, value in head.items() if key not in theirs or key in MEASURED}
    lines = yaml.safe_dump(ours, sort_keys=False, allow_unicode=True, width=100)
    body = unmarked(_rendered(sections(manifest, audit, told)))
    region = f"{BEGIN}\n\n{body.strip()}\n\n{END}"
    parts = [f"---\n{kept}{BELOW}\n{lines}---", above, region, below]
    return "\n\n".join(part for part in parts if part) + "\n", hash_of(lines, region)


def missing(about: About) -> list[str]:
    """Return what the card leaves open because nobody said it, each with its setting."""
    told = settings(about)
    return [f"card.{name}: {what}" for name, what in WANTED.items() if not told.get(name)]


def settings(about: About) -> dict[str, Any]:
    """Return the card settings as a dictionary."""
    return about.model_dump(mode="json") if isinstance(about, BaseModel) else dict(about or {})


def _rendered(context: dict[str, Any]) -> str:
    """Return the body of the card; every value is escaped unless it is Markdown already."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(  # noqa: S701  Markdown has an escape of its own: `finalize`
        finalize=markdown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"n": number, "share": share, "size": size, "code": code}
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    text = template.render(context)
    return re.sub(r"\n{3,}", "\n\n", text)


def number(value: float) -> Markdown:
    """Return a number with its thousands set apart."""
    return Markdown(f"{value:,}")


def share(value: int, whole: int) -> Markdown:
    """Return a part of a whole in per cent; only nothing is 0 %, and only all is 100 %."""
    if value in (0, whole) or not whole:
        return Markdown("100 %" if value else "0 %")
    percent = 100 * value / whole
    if percent < 0.1:
        return Markdown("&lt; 0.1 %")
    return Markdown("&gt; 99.9 %" if percent > 99.9 else f"{percent:.1f} %")


def size(value: int) -> Markdown:
    """Return a number of bytes in the unit that fits it."""
    for unit, base in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if value >= base:
            return Markdown(f"{value / base:,.1f} {unit}")
    return Markdown(f"{value:,} bytes")
