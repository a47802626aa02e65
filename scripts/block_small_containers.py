"""Containers of small synthetic pages: names composed of two words, and elements for another use.

A list of containers that vendors use teaches their names. Composed names are so many that a model
must learn their parts; and where a name says nothing, it must look at the text.
"""

# ruff: noqa: E501  (one element in one line)

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from block_boilerplate import Maker

ODD_CONTAINERS = (
    "aside", "aside class='main'", "form", "form id='aspnetForm'", "header", "footer class='page'",
    "nav class='text'", "figure", "dialog open", "details open", "fieldset", "span", "center",
    "font", "li", "dd", "td", "td class='main'", "blockquote", "label", "address", "story-body",
    "div class='modal-content'", "div class='widget'", "div class='sidebar'", "div id='footer'",
    "div class='comment-text'", "div class='banner'", "div class='popup'", "div class='teaser'",
    "div class='related'", "div role='dialog'", "div class='ad-free'", "section id='nav-content'",
)  # fmt: skip
"""Containers of an article that are meant for something else."""
NAMES = {
    "consent": ("cookie consent privacy gdpr ccpa cmp tracking legal dsgvo datenschutz rgpd",
                "notice banner bar popup layer overlay modal box dialog message panel wrapper"),
    "subscribe": ("newsletter signup subscribe mail email promo app follow alert briefing letter",
                  "box form widget block banner cta teaser module wrap section"),
    "paywall": ("paywall premium subscriber subscription member plus regwall login register gate",
                "wall offer box notice barrier teaser overlay prompt message block"),
    "comments": ("comment comments discussion debate reply talk voices opinion feedback responses",
                 "list area section wrap topic box stream block container board"),
    "post": ("comment reply message item response entry opinion remark msg",
             "part body row box card unit single"),
    "related": ("related more recommended teaser popular latest also trending next",
                "posts stories links articles list box news grid items"),
    "byline": ("by author writer byline autor reporter credit meta", "line name info text wrap"),
    "article": ("article story content post entry news text body main page blog",
                "body content text main wrapper inner detail full copy"),
}  # fmt: skip
"""Words of the names of containers: the first part, and the second."""
READERS = (
    "guest",
    "member",
    "fan",
    "max",
    "julia",
    "sam_",
    "old",
    "big",
    "mr",
    "pilot",
    "Rosa",
    "kim",
)
POSTS = (
    "<b>{name}</b><p>{text}</p>", "<b>{name}</b>, two days ago<p>{text}</p>", "<strong>{name}</strong> {text}",
    "<span class='nick'>{name}</span><p>{text}</p>", "<h4>{name}</h4><p>{text}</p>", "{name}: {text}",
    "<div>{name}</div><div>{text}</div>", "<p><b>{name}:</b> {text}</p>", "<p>{text}</p>",
    "<h5>{name}</h5><time>3 May 2024 11:20</time><p>{text}</p>", "<i>{name} says</i><div>{text}</div>",
    "<p>{text}</p><p>{name}, 12.4.2023</p>", "<a href='/u'>{name}</a><blockquote>{text}</blockquote>",
)  # fmt: skip
FIRST_NAMES = (
    "Ana",
    "Louis",
    "Greta",
    "Ivan",
    "Mina",
    "Oscar",
    "Petra",
    "Yusuf",
    "Leila",
    "Hugo",
    "Sofia",
    "Wei",
)
LAST_NAMES = (
    "Almeida", "Brandt", "Costa", "Dahl", "Eriksen", "Fontaine", "Grant", "Haddad", "Ito", "Jansen",
    "Kowalski", "Marsh", "Novak", "Pereira", "Quinn", "Romano", "Sato", "Tanaka", "Vogel", "Young",
)  # fmt: skip
"""Names of writers."""
COMPOSED_SHARE, BARE_SHARE = 0.45, 0.3
"""Shares of containers with a composed name, and without any."""


def composed(maker: Maker, kind: str) -> str:
    """Return an element with a name of two words, or of one."""
    first, second = (maker.some(words.split()) for words in NAMES[kind])
    joint = maker.one(("-", "-", "_", "__", "", " "))
    name = maker.one((first, first + joint + second, first + joint + second))
    if joint == "" and maker.happens(0.5):
        name = name.title().replace(" ", "")
    return f"{maker.one(('div', 'div', 'div', 'section', 'aside'))} {maker.one(('class', 'id'))}='{name}'"


def box(maker: Maker, kind: str, known: Sequence[str], inner: str) -> str:
    """Return markup in a container: with a composed name, without any, or a known one."""
    if maker.happens(COMPOSED_SHARE):
        container = composed(maker, kind)
    elif maker.happens(BARE_SHARE / (1 - COMPOSED_SHARE)):
        container = maker.one(("div", "div", "section", "aside", "p", "form", "li", "details open"))
        container += maker.one(("", f" class='{maker.name()}'"))
    else:
        container = maker.some(known)
    return f"<{container}>{inner}</{container.split()[0]}>"
