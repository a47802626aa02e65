"""XML: TEI, trafilatura's output and lists of records; damage costs as little as it can."""

from __future__ import annotations

import gzip
from collections import Counter

import pytest

from corpus.sources import Source, count_records, find_files, split_into_chunks
from corpus.sources.xml import articles
from corpus.sources.xml.stream import has_articles
from tests.sources.conftest import read_all

TEI = """<?xml version="1.0" encoding="UTF-8"?>
<TEI xmlns="http://www.tei-c.org/ns/1.0" xml:id="lamp-7"><teiHeader><fileDesc>
  <titleStmt><title type="sub">A note</title><title type="main">The lamp</title>
    <author><persName><forename>Ada</forename> <surname>Quill</surname></persName></author>
    <author>Ben Moss</author></titleStmt>
  <publicationStmt><publisher>Digital Shelf</publisher><date when="2021-01-02"/></publicationStmt>
  <sourceDesc><biblFull><publicationStmt><publisher>Vale Post (vale.example)</publisher>
    <ptr type="URL" target="https://vale.example/lamp"/><date>1931-03-04</date>
  </publicationStmt></biblFull></sourceDesc></fileDesc>
  <profileDesc><textClass><keywords><term>light</term><term>coast</term></keywords></textClass>
  </profileDesc></teiHeader>
 <text><body><div><head>The lamp</head>
  <p>It burned <hi rend="bold">all</hi> night,<note>So the log says.</note> he said:
     <quote>let it</quote>.</p>
  <p>A <choice><sic>cost</sic><corr>coast</corr></choice> road<lb/>led there.</p>
  <list><item>oil</item><item>wick</item></list>
  <table><row><cell>year</cell><cell>lamps</cell></row><row><cell>1930</cell><cell>2</cell></row>
  </table><quote><p>Keep watch.</p></quote></div>
  <div type="comments"><p>Nice lamp!</p></div></body></text></TEI>"""

TEI_TEXT = """The lamp
It burned all night, he said: let it.
So the log says.
A coast road
led there.
- oil
- wick
year | lamps
1930 | 2
Keep watch."""

ITEMS = b"<items>" + b"".join(
    b"<item><title>No. %d</title><text>The wheel turned %d times.</text></item>" % (i, i)
    for i in range(5)
)


def test_a_tei_document_is_an_article(put):
    """Text, main title, authors, and the publisher, date and URL of the source are columns."""
    result = read_all(put("lamp.xml", TEI))

    assert result.rejects == []
    (row,) = result.documents
    assert row["text"] == TEI_TEXT
    assert (row["id"], row["title"], row["author"]) == (
        "lamp-7",
        "The lamp",
        "Ada Quill; Ben Moss",
    )
    assert (row["publisher"], row["url"]) == ("Vale Post", "https://vale.example/lamp")
    assert row["date"].isoformat() == "1931-03-04T00:00:00+00:00"
    assert row["comments"] == "Nice lamp!"


def test_a_corpus_of_tei_documents_has_one_article_each(put):
    """The documents of <teiCorpus> are articles; its header is none."""
    body = TEI.partition("?>")[2]
    inner = "".join(body.replace("lamp-7", f"lamp-{i}") for i in range(3))
    corpus = f"<teiCorpus><teiHeader><fileDesc/></teiHeader>{inner}</teiCorpus>"
    result = read_all(put("all.xml", corpus))

    assert result.rejects == []
    assert result.column("id") == ["lamp-0", "lamp-1", "lamp-2"]
    assert set(result.texts) == {TEI_TEXT}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "koi8-r"])
@pytest.mark.parametrize("declares", [True, False])
def test_the_encoding_is_the_declared_one_or_that_of_the_setting(put, encoding, declares):
    """An XML declaration, a byte order mark or the setting decides how bytes are read."""
    text = "Мост через реку" if encoding in ("koi8-r", "utf-16") else "Die Brücke über den Fluss"
    declaration = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?>'
    data = f"{declaration if declares else ''}<doc title='b'><main><p>{text}</p></main></doc>"
    needs_setting = not declares and encoding in ("iso-8859-1", "koi8-r")
    settings = {"encoding": encoding} if needs_setting else {}

    assert read_all(put("a.xml", data.encode(encoding)), **settings).texts == [text]


def test_a_bad_byte_costs_its_own_article(put):
    """The articles before and after a bad byte or a control character are read."""
    data = ITEMS.replace(b"No. 1", b"No.\x081").replace(b"turned 3", b"turned \xff 3")
    result = read_all(put("a.xml", data + b"</items>"))

    assert [text.split()[-2] for text in result.texts] == ["0", "1", "2", "4"]
    assert result.reasons == [(4, "the text contains invalid UTF-8")]


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        (b"", "Premature end"),
        (b"<item><text>cut", "Premature end"),
        (b"</wrong>", "mismatch"),
        (b"<a>" * 100_000, "Excessive depth"),
        (b"<item><text>&undefined;</text></item></items>", "undefined"),
    ],
)
def test_what_is_not_well_formed_costs_only_what_follows(put, end, reason):
    """The whole articles before the fault are kept, the rest of the file is one reject."""
    result = read_all(put("a.xml", ITEMS + end))

    assert len(result.documents) == 5
    ((number, why),) = result.reasons
    assert number is None
    assert "not well-formed XML" in why
    assert reason in why
    assert "XML_PARSE" not in why


def test_a_truncated_compressed_file_keeps_its_whole_articles(put):
    """What a damaged gzip file still has is read, and the damage is named."""
    data = gzip.compress(ITEMS + b"<item><text>lost</text></item></items>" * 1000)
    result = read_all(put("a.xml.gz", data[:-30]))

    assert len(result.documents) >= 5
    assert [number for number, _ in result.reasons] == [None]


@pytest.mark.parametrize("name", ["external", "amplified"])
def test_entities_open_nothing_and_expand_within_bounds(put, name):
    """An external entity is not loaded, and one that expands without end is refused."""
    secret = put("secret.txt", "the secret")
    entities = {
        "external": f'<!ENTITY x SYSTEM "file://{secret}">',
        "amplified": '<!ENTITY a0 "ha ha ha ha">'
        + "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 9))
        + '<!ENTITY x "&a8;">',
    }[name]
    result = read_all(put("a.xml", f"<!DOCTYPE doc [{entities}]><doc title='t'>A &x; b</doc>"))

    assert result.documents == []
    assert len(result.rejects) == 1


@pytest.mark.parametrize(
    "data", [b"", b"plain text", b"<rss><channel/></rss>", b"<urlset><url>x</url></urlset>"]
)
def test_a_file_without_articles_is_one_reject(put, data):
    """Empty files, text and site maps are named once."""
    result = read_all(put("a.xml", data))

    assert result.documents == []
    assert len(result.rejects) == 1


def test_an_article_over_the_limit_ends_the_file(put):
    """Memory is bounded by the limit of a record."""
    data = ITEMS + b"<item><text>" + b"word " * 100_000
    result = read_all(put("a.xml", data), record_limit=100_000)

    assert len(result.documents) == 5
    assert result.reasons == [(None, "an article has more than 100,000 bytes")]


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (TEI[:300], True),
        ("<doc title='a'><main>", True),
        ("<items>\n<item><text>a", True),
        ("<documents><doc id='1'>", True),
        ("<rss version='2.0'><channel>", False),
        ("<feed xmlns='http://www.w3.org/2005/Atom'><title>", False),
        ("<urlset><url><loc>", False),
        ("<svg><path/>", False),
        ("", False),
        ("\x00\x01", False),
    ],
)
def test_files_with_articles_are_recognised_by_their_root(head, expected):
    """In a folder of pages, feeds and site maps are told from articles."""
    assert has_articles(head.encode()) is expected


def test_in_a_folder_only_xml_files_with_articles_are_read(put):
    """Feeds and site maps are skipped and counted; XHTML is a page; a path of its own is read."""
    put("site/article.xml", TEI)
    put("site/feed.xml", "<rss version='2.0'><channel><title>News</title></channel></rss>")
    put("site/sitemap.xml.gz", gzip.compress(b"<urlset><url><loc>x</loc></url></urlset>"))
    page = "<html xmlns='http://www.w3.org/1999/xhtml'><p>A page.</p></html>"
    folder = put("site/page.xml", f"<?xml version='1.0'?>\n{page}").parent
    found = find_files(Source(path=str(folder)), folder)

    assert {(file.name, file.format) for file in found.files} == {
        ("article.xml", "xml"),
        ("page.xml", "html"),
    }
    assert [tuple(file) for file in found.skipped] == [
        ("feed.xml", ".xml"),
        ("sitemap.xml.gz", ".xml.gz"),
    ]
    assert read_all(folder / "feed.xml").texts == [None]


@pytest.mark.parametrize("chunk_bytes", [100, 1 << 20])
def test_elements_beside_the_articles_are_counted(put, monkeypatch, chunk_bytes):
    """An element that is not an article is counted by reason, however the file is split."""
    monkeypatch.setattr(articles, "CHUNK_BYTES", chunk_bytes)
    record = "<page><text>The tide came at {}.</text></page>"
    data = f"""<dump><info>made by hand</info><page/>{record.format(1)}<info/>{record.format(2)}
      <group><set><doc><p>within</p></doc></set></group>{record.format(3)}</dump>"""
    path = put("dump.xml", data)
    source = Source(path=str(path))
    chunks = list(split_into_chunks(find_files(source, path.parent).files, source))
    result = read_all(path)

    assert result.texts == [f"The tide came at {i}." for i in (1, 2, 3)]
    assert result.rejects == []
    assert result.skipped == {"dump.xml": Counter(not_an_article=4)}
    assert sum(count_records(chunk, source) for chunk in chunks) == 7
    assert result.column("_record") == [3, 5, 7]


def test_a_corpus_of_corpora_of_tei_documents_has_all_of_them(put):
    """A <teiCorpus> may be in another one: no document of it is lost."""
    body = TEI.partition("?>")[2]
    first, second = (body.replace("lamp-7", f"lamp-{i}") for i in range(2))
    data = f"<teiCorpus><teiHeader/><teiCorpus><teiHeader/>{first}</teiCorpus>{second}</teiCorpus>"
    result = read_all(put("all.xml", data))

    assert (result.rejects, result.skipped) == ([], {})
    assert result.column("id") == ["lamp-0", "lamp-1"]
    assert set(result.texts) == {TEI_TEXT}


def test_an_item_of_scrapy_may_have_objects_in_it(put):
    """A list of objects, such as `images`, is a column; its item is a record."""
    images = "".join(
        f"<value><url>https://e.example/{i}.png</url><size>{i}</size></value>" for i in range(2)
    )
    item = (
        "<item><text>The ferry left.</text><images>{}</images><meta><a>1</a><b>2</b></meta></item>"
    )
    result = read_all(put("items.xml", f"<items>{item.format(images)}{item.format('')}</items>"))

    assert result.rejects == []
    assert result.texts == ["The ferry left."] * 2
    first, second = result.documents
    assert first["images"] == [
        {"url": f"https://e.example/{i}.png", "size": str(i)} for i in (0, 1)
    ]
    assert second["images"] is None
    assert first["meta"] == {"a": "1", "b": "2"}


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("A <b>red</b> car <i>stopped</i>.", "A red car stopped."),
        ("<p>A red car.</p><p>It <b>stopped</b>.</p>", "A red car.\n\nIt stopped."),
        ("A red car.<br/>It stopped.", "A red car.\n\nIt stopped."),
        ("<p/>", None),
    ],
)
def test_markup_in_a_value_loses_no_text(put, markup, text):
    """The text beside an element is a part of the value, and so are paragraphs."""
    result = read_all(put("rows.xml", f"<news><row><text>{markup}</text></row></news>"))

    assert result.rejects == []
    assert result.texts == [text]


def test_deep_values_of_a_record_are_texts(put):
    """Objects are nested up to a bound; what is deeper is kept as text."""
    deep = "<a><x/>" * 100 + "core" + "</a>" * 100
    result = read_all(put("items.xml", f"<items><item><text>t</text>{deep}</item></items>"))

    assert result.rejects == []
    assert "core" in str(result.documents[0]["a"])
