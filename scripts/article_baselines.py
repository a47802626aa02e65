"""Other tools on the same pages: trafilatura, resiliparse, readability and jusText; C4 on text."""

from __future__ import annotations

import logging
import re

LANGUAGES = {
    "ar": "Arabic", "ca": "Catalan", "cs": "Czech", "da": "Danish", "de": "German",
    "en": "English", "es": "Spanish", "fa": "Persian", "fr": "French", "id": "Indonesian",
    "it": "Italian", "ko": "Korean", "nl": "Dutch", "no": "Norwegian_Bokmal", "pl": "Polish",
    "pt": "Portuguese", "ru": "Russian", "sv": "Swedish", "sw": "Swahili", "tr": "Turkish",
    "vi": "Vietnamese",
}  # fmt: skip
"""Languages for which jusText has a list of stop words."""
_ENDS = tuple(".!?\"'”’»…。！？؟।")  # noqa: RUF001
_POLICIES = (
    "terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies",
    "use cookies",
)  # fmt: skip
_MIN_WORDS = 3
_BLOCK_ELEMENTS = (
    "blockquote", "br", "dd", "div", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "p",
    "pre", "section", "td", "th", "tr",
)  # fmt: skip
_MAX_WORD_CHARACTERS = 1000


def trafilatura(html: str, **settings: bool) -> str:
    """Return the article by trafilatura without the comments; other settings as given."""
    from trafilatura import extract

    for name in ("trafilatura", "htmldate"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return extract(html, include_comments=False, **settings) or ""


def trafilatura_with_metadata(html: str, **settings: bool) -> object:
    """Return the article and its metadata by trafilatura."""
    from trafilatura import bare_extraction

    return bare_extraction(html, include_comments=False, with_metadata=True, **settings)


def readability(html: str) -> str:
    """Return the article by readability-lxml, each block element on a line of its own."""
    from lxml.html import fromstring
    from readability import Document

    logging.getLogger("readability").setLevel(logging.CRITICAL)
    tree = fromstring(Document(html).summary())
    for element in tree.iter():
        if element.tag in _BLOCK_ELEMENTS:
            element.tail = "\n" + (element.tail or "")
    lines = (" ".join(line.split()) for line in tree.text_content().split("\n"))
    return "\n".join(line for line in lines if line)


def resiliparse(html: str) -> str:
    """Return the article by resiliparse."""
    from resiliparse.extract.html2text import extract_plain_text

    return extract_plain_text(html, main_content=True, alt_texts=False, list_bullets=False)


def justext(html: str, language: str) -> str:
    """Return the main paragraphs by jusText, without stop words if it has no list."""
    from justext import get_stoplist
    from justext import justext as classify

    name = LANGUAGES.get(language)
    words = get_stoplist(name) if name else frozenset()
    options = {} if name else {"stopwords_low": 0, "stopwords_high": 0}
    paragraphs = classify(html, words, **options)
    return "\n".join(paragraph.text for paragraph in paragraphs if not paragraph.is_boilerplate)


def c4(text: str) -> str:
    """Return the lines that the rules of C4 keep, as in datatrove, without its document filters.

    More punctuation marks may end a line than in C4, to be fair to other scripts.
    """
    kept = []
    for raw in text.split("\n"):
        line = re.sub(r"\[\d*]|\[edit]|\[citation needed]", "", raw.strip())
        low, words = line.lower(), line.split()
        if (
            line.endswith(_ENDS)
            and not line.endswith("...")
            and len(words) >= _MIN_WORDS
            and all(len(word) <= _MAX_WORD_CHARACTERS for word in words)
            and "javascript" not in low
            and not any(policy in low for policy in _POLICIES)
        ):
            kept.append(line)
    return "\n".join(kept)
