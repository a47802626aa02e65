"""Parse an XML file as a stream, and pick its articles.

Scrapers write XML by hand: bad bytes and control characters, which XML forbids, are repaired, so
that a bad byte costs only its own article. Anything else that is not well-formed ends the file.
"""

from __future__ import annotations

import codecs
import itertools
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from corpus.sources.files.streams import Stream
from corpus.sources.settings import Source
from corpus.sources.xml.text import doc_row, local_name, tei_row
from corpus.sources.xml.values import TEXT_BLOCKS, record_row

if TYPE_CHECKING:
    from lxml import etree

_TEI_NAMES = ("TEI", "TEI.2")
_ARTICLE_ROOTS = (*_TEI_NAMES, "doc")
_TEI_CONTAINERS = ("teiCorpus", "teiHeader")
_KNOWN_ROOTS = [[name] for name in (*_ARTICLE_ROOTS, "teiCorpus", "items")]
REPLACEMENT = "\ufffd"
_CONTROL_CHARACTERS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_DECLARED_ENCODING = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.-]+)")
_ADVICE = re.compile(r", (use|see|try) \w+( option)?\.?")
MAX_MESSAGE_CHARACTERS = 200
HEAD_BYTES = 1024
_PARSER_OPTIONS: dict[str, Any] = {
    "events": ("start", "end"),
    "resolve_entities": "internal",
    "no_network": True,
    "load_dtd": False,
    "remove_comments": True,
    "remove_pis": True,
}
FEED_BYTES = 1 << 16

MAX_ROOT_NAME_CHARACTERS = 60


MAX_ARTICLE_BYTES = 32 << 20
"""Maximum size of an article in the file: its parsed elements take about ten times as much."""


class UnreadableXmlError(ValueError):
    """The file, or the rest of it, has no articles that can be read.

    `lost` are the bytes of the file that follow the last article; None if its end is missing.
    """

    def __init__(self, message: str, lost: int | None) -> None:
        super().__init__(message)
        self.lost = lost


class Article(NamedTuple):
    """The columns of an article, and what is wrong with it, if anything."""

    row: dict[str, Any]
    error: str = ""

    is_skipped: bool = False
    """Whether this is an element beside the articles that is not one: it has no columns."""


def has_articles(head: bytes) -> bool:
    """Return whether the beginning of a file is XML that is known to have articles.

    In a folder, other XML files (feeds, site maps) are skipped.
    """
    from lxml import etree

    parser: Any = etree.XMLPullParser(**_PARSER_OPTIONS)
    _feed(parser, head)
    names = [local_name(element) for _, element in itertools.islice(parser.read_events(), 2)]
    return names[:1] in _KNOWN_ROOTS or names[1:] == ["doc"]


def parse_articles(stream: Stream, source: Source, file_bytes: int) -> Iterator[Article]:
    """Yield the articles of a file; raises UnreadableXmlError after the last one that is whole."""
    from lxml import etree

    limit = min(source.record_limit, MAX_ARTICLE_BYTES)
    options = _PARSER_OPTIONS | ({"encoding": source.encoding} if source.encoding else {})
    parser: Any = etree.XMLPullParser(**options)
    tracker = _ElementTracker()
    n_bytes = n_bytes_before_article = 0
    text = _Utf8Text()
    for data in _pieces(stream, text, source):
        n_bytes += len(data)
        error = _feed(parser, data)
        for article in tracker.articles(parser):
            n_bytes_before_article = n_bytes
            yield article._replace(error=text.error_in(article.row))
        if error:
            rest = stream.bytes_after(n_bytes - len(data), file_bytes)
            raise UnreadableXmlError(f"not well-formed XML: {error}", rest)
        if n_bytes - n_bytes_before_article > limit:
            rest = stream.bytes_after(n_bytes_before_article, file_bytes)
            raise UnreadableXmlError(f"an article has more than {limit:,} bytes", rest)
    if stream.damage or n_bytes == 0:
        raise UnreadableXmlError(stream.damage or "the file is empty", stream.lost)
    try:
        parser.close()
    except etree.XMLSyntaxError as error:
        raise UnreadableXmlError(f"not well-formed XML: {_in_one_line(error)}", None) from None
    if tracker.n_articles == 0:
        raise UnreadableXmlError(tracker.reason_for_nothing(), None)


def _pieces(stream: Stream, text: _Utf8Text, source: Source) -> Iterator[bytes]:
    """Yield the data of a file in small pieces; UTF-8 is repaired so that it can be parsed."""
    is_utf8 = None
    for data in stream:
        if is_utf8 is None:
            is_utf8 = source.encoding is None and _is_utf8(data[:HEAD_BYTES])
        for start in range(0, len(data), FEED_BYTES):
            piece = data[start : start + FEED_BYTES]
            yield text.repaired(piece) if is_utf8 else piece


def _is_utf8(head: bytes) -> bool:
    """Return whether an XML file is UTF-8, by its byte order mark and its declaration."""
    declared = _DECLARED_ENCODING.match(head.removeprefix(codecs.BOM_UTF8))
    if declared:
        return declared[1].lower() in (b"utf-8", b"utf8", b"us-ascii")
    return b"\0" not in head[:4] and not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))


class _Utf8Text:
    """Repairs what XML forbids but scrapers write: bad bytes and control characters.

    A bad byte becomes U+FFFD, so that it costs only its own article.
    """

    def __init__(self) -> None:
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.has_bad_bytes = False

    def repaired(self, data: bytes) -> bytes:
        """Return the next piece of a file as UTF-8 without control characters."""
        text = self.decoder.decode(data)
        self.has_bad_bytes = self.has_bad_bytes or REPLACEMENT in text
        return _CONTROL_CHARACTERS.sub(" ", text).encode()

    def error_in(self, row: Mapping[str, Any]) -> str:
        """Return what is wrong with the text of an article, or an empty string."""
        is_bad = self.has_bad_bytes and REPLACEMENT in str(row.get("text"))
        return "the text contains invalid UTF-8" if is_bad else ""


def _feed(parser: Any, data: bytes) -> str:
    """Give the parser more data; return what is wrong with it, or an empty string."""
    from lxml import etree

    try:
        parser.feed(data)
    except etree.XMLSyntaxError as error:
        return _in_one_line(error)
    return ""


def _in_one_line(error: etree.XMLSyntaxError) -> str:
    """Return the parser's message without its advice to programmers."""
    message = _ADVICE.sub("", " ".join(str(error.msg).split()))
    return message[:MAX_MESSAGE_CHARACTERS]


class _ElementTracker:
    """Picks the articles from the parsed elements, and frees the memory of each."""

    def __init__(self) -> None:
        self.root: Any = None
        self.root_name = ""
        self.record_names: set[str] = set()
        """Names of the elements that are records in a list of them."""

        self.n_articles = 0
        self.depth = 0
        self._tei: Any = None
        """The TEI document that the parser is in; it may be in a corpus in a corpus."""

        self._n_skipped = 0
        """Elements before the first article that are not articles."""

    def articles(self, parser: Any) -> Iterator[Article]:
        """Yield the articles that ended since the last call, and the elements that are not one.

        The latter are only of interest beside an article.
        """
        for event, element in parser.read_events():
            if event == "start":
                self._start(element)
                continue
            self.depth -= 1
            is_tei, is_in_tei = element is self._tei, self._tei is not None
            if not is_tei and (is_in_tei or self.depth > 1 or self._is_in_article()):
                continue
            self._tei = None
            row = self._row(element)
            if row is not None:
                self.n_articles += 1
            elif self.depth and local_name(element) not in _TEI_CONTAINERS:
                self._n_skipped += 1
            if self.n_articles:
                yield from (Article({}, is_skipped=True) for _ in range(self._n_skipped))
                self._n_skipped = 0
            if row is not None:
                yield Article(row)
            _free(element)

    def _start(self, element: Any) -> None:
        if self.root is None:
            self.root, self.root_name = element, local_name(element)
        if self._tei is None and local_name(element) in _TEI_NAMES:
            self._tei = element
        self.depth += 1

    def _is_in_article(self) -> bool:
        """Return whether the element that ends is a child of a root that is an article."""
        return self.depth == 1 and self.root_name in _ARTICLE_ROOTS

    def _row(self, element: Any) -> dict[str, Any] | None:
        """Return the columns of the root, or of a child of it; None if it is not an article."""
        name = local_name(element)
        if name in _TEI_NAMES:
            return tei_row(element)
        if name == "doc":
            return doc_row(element)
        if self.depth == 0 or self.root_name == "teiCorpus":
            return None
        if self._is_record(element):
            self.record_names.add(name)
        return record_row(element) if name in self.record_names else None

    def _is_record(self, element: Any) -> bool:
        """Return whether an element is a record by itself, and so are those of its name.

        That is Scrapy's `<item>`, or an element whose values are texts and lists.
        """
        if self.root_name == "items" and local_name(element) == "item":
            return True
        is_flat = all(
            len(value) == 0 or local_name(value) in TEXT_BLOCKS
            for child in element
            for value in child
        )
        return len(element) > 0 and is_flat

    def reason_for_nothing(self) -> str:
        """Return the reason why there is no article in the file."""
        return (
            f"no article in <{self.root_name[:MAX_ROOT_NAME_CHARACTERS]}>; XML is read if it is "
            "TEI, has <doc> elements, or is a list of records whose child elements are the columns"
        )


def _free(element: Any) -> None:
    """Free the memory of an element that has been read, and of those before it."""
    element.clear(keep_tail=False)
    if (parent := element.getparent()) is not None:
        while element.getprevious() is not None:
            del parent[0]
