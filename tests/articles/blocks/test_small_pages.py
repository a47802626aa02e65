"""Pages of a few blocks: what little there is decides what is content."""

# ruff: noqa: ISC004  (one text in two lines)

from __future__ import annotations

import pytest

from corpus.articles.blocks.extraction import extract_blocks, result_of
from tests.articles.blocks.pages import SAMPLES, page, paragraphs

ENGLISH = SAMPLES["en"]
COMMENTS = (
    "Lovely story, we drove past there on Sunday and it was packed. Can anyone tell me if there is "
    "parking for a camper van nearby?",
    "Typical, money for this but none for the potholes in our street. You forgot to mention that "
    "the council paid for the roof, as always.",
    "My uncle worked there until it closed, he would be proud of them! Well done everybody. We "
    "need more good news like this one.",
    "Not sure why this is news, they tried the same thing in 1998 and gave up.",
)
CONSENT = (
    "We and our 640 vendors store or read information on devices, for instance cookies, and "
    "process personal data such as IP addresses for personalised ads and content."
)


def text_of(body: str, *, has_frame: bool = True) -> str:
    """Return the main content of an English page, with or without menu and footer."""
    if has_frame:
        return result_of(extract_blocks(page(ENGLISH.title, body))).text
    return result_of(extract_blocks(f"<title>{ENGLISH.title}</title><body>{body}</body>")).text


@pytest.mark.parametrize("has_frame", [True, False], ids=["framed", "bare"])
@pytest.mark.parametrize("n", [1, 2, 4])
@pytest.mark.parametrize(
    ("around", "each"),
    [
        ("section class=comments", "<div class=comment><b>ola7</b><p>{}</p></div>"),
        ("div class=remarks", "<div class=remark><h4>ola7</h4><p>{}</p><a href=#>Reply</a></div>"),
        ("ul id=feedback", "<li><strong>ola7</strong> {}</li>"),
    ],
)
def test_comments_longer_than_the_article_are_removed(around, each, n, has_frame):
    """A short note is kept without its comments, although they have more text."""
    items = "".join(each.format(comment) for comment in COMMENTS)
    article = f"<article><h1>{ENGLISH.title}</h1>{paragraphs(ENGLISH.paragraphs[:n])}</article>"
    body = f"{article}<{around}>{items}</{around.split()[0]}>"
    text = text_of(body, has_frame=has_frame)
    assert all(paragraph in text for paragraph in ENGLISH.paragraphs[:n])
    assert not any(comment in text for comment in COMMENTS)


ODD = ("aside class=tale", "form", "header", "footer class=x", "details open", "figure", "span",
       "center", "dialog open", "div class=modal-tale", "div id=footer-tale")  # fmt: skip


@pytest.mark.parametrize("n", [2, 4])
@pytest.mark.parametrize("container", ODD)
def test_an_article_in_an_odd_container_is_kept_without_the_consent_notice(container, n):
    """An element that is meant for something else may have the article."""
    inner = f"<h1>{ENGLISH.title}</h1>{paragraphs(ENGLISH.paragraphs[:n])}"
    notice = f"<div id=privacy-box><h2>Privacy</h2><p>{CONSENT}</p><button>Accept</button></div>"
    text = text_of(f"<{container}>{inner}</{container.split()[0]}>{notice}")
    assert all(paragraph in text for paragraph in ENGLISH.paragraphs[:n])
    assert CONSENT not in text


@pytest.mark.parametrize("n", [2, 4])
def test_the_posts_of_a_small_forum_are_kept(n):
    """Posts that are built alike are the content where there is no article above them."""
    posts = "".join(
        f"<div class=post><div class=author>ola{i}</div><div class=body><p>{text}</p></div></div>"
        for i, text in enumerate(COMMENTS[:n])
    )
    text = text_of(f"<h1>Parking at the old brewery</h1><div class=topic>{posts}</div>")
    assert all(comment in text for comment in COMMENTS[:n])
