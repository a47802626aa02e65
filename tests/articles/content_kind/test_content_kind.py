"""The kind of content of a page, from HTML and from text."""

from __future__ import annotations

import numpy as np
import pytest

from corpus.articles.blocks.extraction import extract_blocks
from corpus.articles.characters import character_tables
from corpus.articles.content_kind import html_page, text_page
from corpus.articles.content_kind.description import PageDescriptions, describe, hash_tokens
from corpus.articles.content_kind.linear import class_scores
from corpus.articles.content_kind.model import (
    KINDS,
    MIN_WORDS,
    html_kinds,
    kind_probabilities,
    load,
    most_probable,
    pack,
    text_kinds,
    unpack,
)
from corpus.articles.content_kind.text_page import describe_text
from corpus.articles.lines.scan import scan

STORY = (
    "The council voted on Monday to build a second bridge over the river, after ten years of "
    "talks. Work on the northern bank will begin in the autumn, the mayor told reporters."
)
ARTICLE = f"""<title>Council approves new bridge</title><meta property=og:type content=article>
<nav><a href=/>Home</a></nav><article><h1>Council approves new bridge</h1><p>By Jane Miller</p>
<p>{STORY}</p><p>Opponents said that they would go to court. They fear that traffic in the old town
will increase.</p></article>"""
POSTS = "".join(
    f"<div class=post><div class=author><a href=/u/{n}>reader{n}</a> joined 2019</div>"
    f"<div class=content>I had the same problem with my saw, and the answer above helped. {n}</div>"
    "<a href=/q>Quote</a> <a href=/r>Reply</a></div>"
    for n in range(6)
)
FORUM = f"""<title>Saw does not start - Workshop Forum</title><meta name=generator content=phpBB>
<link rel=canonical href="https://saws.example/forum/viewtopic.php?t=4">
<ul class=breadcrumbs><li><a href=/>Board index</a></ul><h1>Saw does not start</h1>{POSTS}
<a href=/reply>Post reply</a>"""
PRODUCT = """<title>Oak chair - Example Shop</title><meta property=og:type content=product>
<link rel=canonical href="https://shop.example/products/oak-chair">
<script type="application/ld+json">{"@type": "Product", "name": "Oak chair"}</script>
<h1 class=product-title>Oak chair</h1><div class=price>£129.00</div>
<form class=cart><select name=size><option>S</select><button>Add to cart</button></form>
<div class=product-description><p>A solid oak chair with a woven seat. Free delivery, and returns
within 30 days.</p><ul><li>Height 80 cm<li>Weight 5 kg<li>In stock</ul></div>
<h2>Customer reviews</h2><h2>You may also like</h2>"""
TEASERS = (
    ("Town approves second bridge", "Work begins in autumn. Opponents say that they will sue."),
    ("Rail strike ends after ten days", "Drivers accept the offer. Trains run again on Monday."),
    ("New species of frog found", "It lives in two valleys. Researchers counted ninety animals."),
    ("School opens without teachers", "Three of five posts are vacant. Parents wrote a letter."),
    ("Storm damages the old harbour", "Two boats sank. The port will be closed for a week."),
    ("Museum buys a lost portrait", "It was sold in 1931. It will be shown from April on."),
)
CARDS = "".join(
    f"<article class=card><h3 class=card-title><a href=/story/{n}>{title}</a></h3>"
    f"<p class=excerpt>{teaser}</p><time>{n + 1} March</time></article>"
    for n, (title, teaser) in enumerate(TEASERS)
)
LISTING = f"""<title>Latest news | Example Post</title><meta property=og:type content=website>
<link rel=canonical href="https://post.example/news/"><h1>Latest news</h1>
<div class=post-list>{CARDS}</div><nav class=pagination><a href=/news/page/2>Next page</a></nav>"""


def kind_of_html(page: str) -> str | None:
    """Return the most probable kind of an HTML page."""
    return most_probable(html_kinds(extract_blocks(page).page))[0]


def description_of(text: str):
    """Return the description of a page of text."""
    raw = np.frombuffer(text.encode(), np.uint8)
    lines = scan(raw, 0, raw.size, character_tables())
    return describe_text(lines)


def kinds_of_text(text: str):
    """Return the probabilities of the kinds of a page of text, if it has any."""
    return text_kinds(PageDescriptions.of_one(description_of(text)))[0]


@pytest.mark.parametrize(
    ("page", "kind"),
    [(ARTICLE, "article"), (FORUM, "forum"), (PRODUCT, "product"), (LISTING, "listing")],
)
def test_plain_pages_have_the_kind_that_they_look_like(page, kind):
    """A story is an article, a thread a forum page, an offer a product page, teasers a listing."""
    assert kind_of_html(page) == kind


def test_a_story_dumped_to_text_is_an_article():
    """The kind is read from text as well."""
    text = f"Home\nNews\n\nCouncil approves new bridge\nBy Jane Miller\n\n{STORY}\n\nRead more"
    assert most_probable(kinds_of_text(text))[0] == "article"


def test_a_page_of_a_few_words_has_no_kind():
    """A page with fewer words than `MIN_WORDS` has no kind, in HTML and in text."""
    words = "one " * (MIN_WORDS - 1)
    assert html_kinds(extract_blocks(f"<p>{words}</p>").page) is None
    assert kinds_of_text(words) is None
    assert most_probable(None) == (None, None)
    assert kinds_of_text(words + "one") is not None


def test_probabilities_sum_to_one_and_grow_with_the_score():
    """The probabilities of the kinds are a distribution, in the order of the scores."""
    page, model = description_of(STORY), load()
    kinds = kind_probabilities(page, model.text, model.probabilities)
    scores = class_scores(PageDescriptions.of_one(page), model.text)
    assert kinds.sum() == pytest.approx(1, abs=1e-5)
    assert (kinds > 0).all()
    assert kinds.argmax() == scores.argmax()


def test_the_kind_does_not_depend_on_the_blocks_that_are_kept():
    """Cues of the block model are not among the columns: each model can be trained alone."""
    assert not any("cue of its" in name or "cue of the" in name for name in html_page.COLUMNS)


def test_the_shipped_model_has_a_weight_for_each_column_group_and_kind():
    """The arrays fit the columns and groups of today's code."""
    for model, module in ((load().html, html_page), (load().text, text_page)):
        assert model.edges.shape[0] == len(module.COLUMNS) == len(model.range_weights)
        assert len(model.group_scales) == len(module.GROUPS)
        assert len(model.bias) == len(KINDS)


def test_a_packed_model_is_unpacked_to_the_same_scores():
    """Saving and loading changes no score."""
    pages, model = PageDescriptions.of_one(description_of(STORY)), load()
    again = unpack(pack(model))
    assert class_scores(pages, again.text).tolist() == class_scores(pages, model.text).tolist()


def test_a_repeated_token_counts_once_and_groups_are_apart():
    """A group has each token once; the same token of another group has another slot."""
    tokens = hash_tokens(["reply", "reply", "quote"])
    page = describe([tokens, tokens], np.zeros(1, np.float32))
    assert np.diff(page.slot_offsets).tolist() == [2, 2]
    assert not set(page.slots[:2].tolist()) & set(page.slots[2:].tolist())
