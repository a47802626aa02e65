"""Pages of many kinds and languages, written for the tests: the article and its boilerplate."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple


class Sample(NamedTuple):
    """An article in one language, and boilerplate beside it."""

    title: str
    paragraphs: list[str]
    consent: str
    paywall: str
    letter: str
    """An offer of a newsletter."""
    related: str
    """The heading over links to other articles."""
    teaser: str
    comment: str


_FILE = Path(__file__).with_name("samples.json")
SAMPLES = {
    language: Sample(**values)
    for language, values in json.loads(_FILE.read_text(encoding="utf-8")).items()
}


def page(title: str, body: str, *, language: str = "en") -> str:
    """Return an HTML page with this body, a menu and a footer."""
    menu = "".join(f"<li><a href='/{x}'>{x}</a></li>" for x in ("Start", "Archive", "Shop"))
    direction = " dir=rtl" if language in ("ar", "he", "ur") else ""
    return (
        f"<!doctype html><html lang={language}{direction}><head><meta charset=utf-8><title>{title} "
        f"| Arlenburg Echo</title></head><body><nav><ul>{menu}</ul></nav>{body}<footer><p>© 2024 "
        "Arlenburg Echo</p><p><a href='/imprint'>Imprint</a></p></footer></body></html>"
    )


def paragraphs(texts: Sequence[str]) -> str:
    """Return texts as paragraphs."""
    return "".join(f"<p>{text}</p>" for text in texts)
