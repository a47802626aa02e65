"""Pages that are rare in the training data: the article is kept, and nothing else."""

from __future__ import annotations

import pytest

from corpus.articles.blocks.extraction import extract_blocks, result_of
from tests.articles.blocks.pages import SAMPLES, page, paragraphs

ENGLISH = SAMPLES["en"]
OFFERS = {
    "paywall": "<div class='access-wall'><p>{}</p><button>OK</button></div>",
    "letter": "<aside class='mail-box'><p>{}</p><input type=email></aside>",
    "consent": "<div class='privacy-layer'><p>{}</p><button>OK</button></div>",
    "comment": "<section id=voices><div class=voice><b>ola77</b><p>{}</p></div></section>",
}


def text_of(title: str, body: str, language: str = "en") -> str:
    """Return the main content of a page with this body."""
    return result_of(extract_blocks(page(title, body, language=language))).text


@pytest.mark.parametrize("language", SAMPLES)
@pytest.mark.parametrize("offer", OFFERS)
def test_an_article_is_told_from_offers_in_every_language(language, offer):
    """The article is kept whole, without paywall, newsletter, consent and comments."""
    sample = SAMPLES[language]
    extra = getattr(sample, offer)
    body = f"<article><h1>{sample.title}</h1>{paragraphs(sample.paragraphs)}</article>"
    text = text_of(sample.title, body + OFFERS[offer].format(extra), language)
    assert all(paragraph in text for paragraph in sample.paragraphs)
    assert extra not in text
