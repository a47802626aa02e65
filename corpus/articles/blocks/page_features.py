"""What a page says about itself: its markup, metadata and address; and the counts of its blocks.

What is content depends on the page: on a forum the posts, on a news page not the comments.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np

from corpus.array_types import Numbers
from corpus.articles.blocks.markup import Markup
from corpus.articles.blocks.tags import NUMBER
from corpus.articles.blocks.walk_state import Walk

COUNTED_TAGS = (
    "form", "input", "article", "img", "pre", "code", "table", "p", "li", "h2", "h3", "button",
    "section", "time", "blockquote", "select",
)  # fmt: skip
JSON_TYPES = {
    "article": "Article NewsArticle BlogPosting ReportageNewsArticle Report Review",
    "product": "Product ProductGroup Offer AggregateOffer",
    "forum": "DiscussionForumPosting QAPage Question Comment Answer",
    "list": "ItemList CollectionPage SearchResultsPage OfferCatalog Blog",
    "questions": "FAQPage",
    "instructions": "TechArticle APIReference SoftwareSourceCode HowTo Course",
    "service": "Service LocalBusiness Organization SoftwareApplication ProfessionalService",
    "recipe": "Recipe",
    "page": "WebPage",
    "event": "Event",
}
"""Types of schema.org by what they point to."""
GENERATORS = {
    "forum": "discourse|vbulletin|phpbb|xenforo|invision|flarum|mybb|nodebb|smf|vanilla|lithium",
    "shop": "shopify|woocommerce|magento|prestashop|bigcommerce",
    "documentation": "docusaurus|sphinx|mkdocs|readthedocs|gitbook|vitepress|hugo|jekyll|doxygen|"
    "nextra|mintlify|antora|starlight",
    "blog": "wordpress|elementor|yoast",
}
ADDRESSES = {
    "forum": "forum|thread|topic|/t/|discussion|community|question|viewtopic|showthread|/r/|"
    "comments|board|answers",
    "product": "product|/p/|/dp/|item|sku|shop/.+/.+|buy",
    "collection": "collections?|categor|/c/|/shop/?$|store|catalog|browse|/all/?$",
    "documentation": r"docs?[./]|documentation|/api/|reference|manual|guide|learn|wiki|help|"
    "tutorial|developer|kb",
    "article": r"blog|news|article|story|/20\d\d/|post",
    "listing": "/tag/|/topics?/|courses|/list|jobs|search|reviews?|best-|events|directory|"
    "resources|archive",
    "service": "services?|pricing|features|solutions|platform|about|software|company",
    "date": r"/20\d\d[/-]\d",
}
OG_TYPES = ("article", "product", "website")
_GENERATORS = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in GENERATORS.items()}
_ADDRESSES = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in ADDRESSES.items()}
_JSON_TYPE = re.compile(r'"@type"\s*+:\s*+(?:\[\s*+)?"([A-Za-z]{1,40})"')
MAX_JSON_TYPES = 60
MAX_JSON_CHARACTERS = 200_000
"""Characters of one JSON-LD script that are searched for types."""
MAX_TEXT = 500
"""Characters of a value that are searched."""

MEASURED = (
    "blocks", "words", "share of words in links", "share of good words", "good blocks",
    "mean words of a block", "words of the longest block", "kilobytes", "mean cue of the words",
    "share of words in article", "share of words in main", "share of words in form",
    "share of words in li", "share of words in table", "most blocks with one path",
    "largest share of words with one path", "paths per block",
)  # fmt: skip
"""Counts of the page's blocks, in the first columns."""
PAGE_FEATURES = tuple(
    f"page: {name}"
    for name in (
        *MEASURED,
        *(f"elements {tag}" for tag in COUNTED_TAGS),
        "has main",
        *(f"JSON-LD of {name}" for name in JSON_TYPES),
        *(f"og:type {name}" for name in OG_TYPES),
        "no og:type",
        *(f"generator of {name}" for name in GENERATORS),
        *(f"address of {name}" for name in ADDRESSES),
        "has an address",
        "parts of the address",
        "hyphens in the last part",
        "characters of the last part",
        "digits of the last part",
    )
)
_COUNTED = np.array([NUMBER[name] for name in COUNTED_TAGS])


class PageInfo(NamedTuple):
    """The metadata of a page that features are made of."""

    title: str
    description: str
    columns: Numbers
    """The page features behind `MEASURED` (float32)."""


def json_types(markup: Markup) -> set[str]:
    """Return the types of schema.org in the JSON-LD of a page."""
    types: set[str] = set()
    for script in markup.scripts:
        types.update(_JSON_TYPE.findall(script[:MAX_JSON_CHARACTERS])[:MAX_JSON_TYPES])
    return types


def read_page_info(markup: Markup, walk: Walk) -> PageInfo:
    """Return what the metadata of a page says about its kind."""
    types = json_types(markup)
    og_type, generator = markup.meta("og:type")[:MAX_TEXT], markup.meta("generator")[:MAX_TEXT]
    url = (markup.canonical or markup.meta("og:url"))[:MAX_TEXT]
    path = url.partition("//")[2] or url
    parts = [part for part in path.split("/")[1:] if part]
    last = parts[-1] if parts else ""
    columns = [
        *np.minimum(walk.tag_counts[_COUNTED], 10_000).tolist(),
        walk.tag_counts[NUMBER["main"]] > 0,
        *(not types.isdisjoint(names.split()) for names in JSON_TYPES.values()),
        *(name in og_type for name in OG_TYPES),
        not og_type,
        *(pattern.search(generator) is not None for pattern in _GENERATORS.values()),
        *(pattern.search(path) is not None for pattern in _ADDRESSES.values()),
        bool(path),
        len(parts),
        last.count("-"),
        len(last),
        sum(char.isdigit() for char in last),
    ]
    return PageInfo(
        f"{markup.title} {markup.meta('og:title')}",
        markup.meta("description", "og:description"),
        np.array(columns, np.float32),
    )
