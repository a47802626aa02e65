"""Forms of an article besides paragraphs: interview, poem, live blog, recipe, captions, several.

A form is a function of a maker (see `block_boilerplate`) and of an article. It returns the parts of
the article as markup, and its lines.
"""

# ruff: noqa: RUF001  (characters of other scripts)

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from block_boilerplate import Maker

_SENTENCE = re.compile(r"[^.!?。！？؟۔]+[.!?。！？؟۔]*\W*")
_NO_SPACES = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
Made = tuple[list[str], list[str]]


class Article(NamedTuple):
    """What an article is made of."""

    title: str
    paragraphs: Sequence[str]


def sentences_of(text: str) -> list[str]:
    """Return the sentences of a text, roughly: an abbreviation ends one, too."""
    return _SENTENCE.findall(text)


def _escaped(text: str) -> str:
    return html.escape(text, quote=False)


def _beginning(text: str, size: int) -> str:
    """Return the first words of a text, or its first characters in a script without spaces."""
    if _NO_SPACES.search(text):
        return text[: 2 * size].strip("、。，, ")
    return " ".join(text.split()[:size]).rstrip(".,;:")


def interview(maker: Maker, article: Article) -> Made:
    """Return questions and answers."""
    forms = (
        ("<p><b>{}</b></p>", "<p>{}</p>"), ("<h3>{}</h3>", "<p>{}</p>"), ("<dt>{}", "<dd>{}"),
        ("<p><strong>{}</strong><br>", "{}</p>"), ("<p><i>{}</i></p>", "<p>{}</p>"),
        ("<p class='frage'>{}</p>", "<p class='antwort'>{}</p>"), ("<p>{}</p>", "<p>{}</p>"),
    )  # fmt: skip
    ask, answer = maker.one(forms)
    parts, lines = [], []
    for text in article.paragraphs:
        words = _beginning(maker.one(article.paragraphs), int(maker.one(range(3, 13))))
        question = words + ("？" if _NO_SPACES.search(words) else "?")
        if maker.happens(0.3):
            text = "".join(sentences_of(text)[:1]).strip()  # noqa: PLW2901
        parts.append(ask.format(_escaped(question)) + answer.format(_escaped(text)))
        lines += [f"{question}\n{text}"] if "<br>" in ask else [question, text]
    return parts, lines


def poem(maker: Maker, article: Article) -> Made:
    """Return stanzas of short lines."""
    size = maker.one(range(3, 8))
    verses = []
    for text in article.paragraphs[:4]:
        words = list(text) if _NO_SPACES.search(text) else text.split()
        space = "" if _NO_SPACES.search(text) else " "
        verses += [space.join(words[i : i + size]) for i in range(0, len(words), size)]
    verses = verses[:32]
    height = maker.one((2, 3, 4, 4, 5))
    stanzas = [verses[i : i + height] for i in range(0, len(verses), height)]
    form = maker.one(("<p>{}</p>", "<div class='stanza'>{}</div>", "<p style='margin:1em'>{}</p>"))
    return [form.format("<br>".join(map(_escaped, stanza))) for stanza in stanzas], [
        "\n".join(stanza) for stanza in stanzas
    ]


def live_blog(maker: Maker, article: Article) -> Made:
    """Return entries with times, newest first."""
    stamp = maker.one(
        ("<time>{}</time>", "<div class='time'>{}</div>", "<h4>{}</h4>", "<b>{}</b> ")
    )
    each = maker.one(("div class='entry'", "li", "article", "div class='live-post'", "section"))
    parts, lines = [], []
    for i, text in enumerate(article.paragraphs):
        time = f"{21 - i}:{int(maker.one(range(10, 60)))}"
        inner = stamp.format(time)
        lines += [f"{time} {text}"] if stamp.startswith(("<time", "<b>")) else [time, text]
        if stamp.startswith(("<div", "<h4")) and maker.happens(0.5):
            head = _beginning(text, 6)
            inner += f"<h3>{_escaped(head)}</h3>"
            lines.append(head)
            inner += f"<p>{_escaped(text)}</p>"
        else:
            inner += f"<span>{_escaped(text)}</span>"
        parts.append(maker.wrapped(inner, each))
    return parts, lines


def recipe(maker: Maker, article: Article) -> Made:
    """Return an introduction, a list of ingredients and numbered steps."""
    units = ("200 g", "1 tbsp", "2", "500 ml", "3 EL", "1/2 cup", "a pinch of", "4 x", "30 g")
    items = [f"{maker.one(units)} {_beginning(maker.one(maker.stock.short), 3)}"
             for _ in range(maker.one(range(3, 10)))]  # fmt: skip
    steps = [s for p in article.paragraphs[1:5] for s in ("".join(sentences_of(p)[:2]).strip(),)]
    head, method = maker.one((("Ingredients", "Method"), ("Zutaten", "Zubereitung"),
                              ("Ingrédients", "Préparation"), ("材料", "作り方"),
                              ("Malzemeler", "Yapılışı"), ("Ingredientes", "Pasos")))  # fmt: skip
    buttons = maker.one(("", "<a href='#r'>Jump to recipe</a>", "<button>Print</button>"))
    tag = maker.one(("h2", "h3", "b"))
    item = maker.one(("<li>{}</li>", "<li><label><input type=checkbox>{}</label></li>",
                      "<li itemprop='recipeIngredient'>{}</li>"))  # fmt: skip
    parts = [
        f"{buttons}<p>{_escaped(article.paragraphs[0])}</p>",
        f"<div><{tag}>{head}</{tag}></div><ul>"
        + "".join(item.format(_escaped(x)) for x in items)
        + "</ul>",
    ]
    lines = [article.paragraphs[0], head, *items]
    if steps:
        numbered = "".join(f"<li>{_escaped(step)}</li>" for step in steps)
        parts.append(f"<div><{tag}>{method}</{tag}></div><ol>{numbered}</ol>")
        lines += [method, *steps]
    return parts, lines


def captions(maker: Maker, article: Article) -> Made:
    """Return a few pictures with captions and nothing else."""
    forms = ("<p>{}</p>", "<figure><img src='/1.jpg'><figcaption>{}</figcaption></figure>",
             "<div class='slide'><img src='/1.jpg'><p>{}</p></div>")  # fmt: skip
    form = maker.one(forms)
    texts = ["".join(sentences_of(text)[:1]).strip() for text in article.paragraphs[:3]]
    texts = [text for text in texts[: maker.one((1, 1, 2, 3))] if len(text) > 20] or [
        article.paragraphs[0]
    ]
    return [form.format(_escaped(text)) for text in texts], texts


def several(maker: Maker, article: Article) -> Made:
    """Return several whole articles, one after the other."""
    each = maker.one(("article", "div class='post'", "section", "div class='hentry'"))
    tag = maker.one(("h2", "h2", "h3"))
    parts, lines = [], []
    size = max(1, len(article.paragraphs) // maker.one((2, 3, 4)))
    for i in range(0, len(article.paragraphs), size):
        own = article.paragraphs[i : i + size]
        head = _beginning(own[0], 7)
        inner = f"<{tag}>{_escaped(head)}</{tag}>" + "".join(f"<p>{_escaped(p)}</p>" for p in own)
        parts.append(maker.wrapped(inner, each))
        lines += [head, *own]
    return parts, lines


FORMS: tuple[Callable[[Maker, Article], Made], ...] = (
    interview, poem, live_blog, recipe, captions, captions, several,
)  # fmt: skip
