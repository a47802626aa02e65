"""The authors in a byline: "By Ann Lee and Bo Chan, staff writers | 22 May 2023" names two.

The names are separated from places, roles, dates and addresses, and joined by "; ", as in HTML
extractors, because names may contain commas. The classifier decides which line is a byline; this
module refuses text that cannot be a name.
"""

# ruff: noqa: E501, RUF001  (patterns with the words, letters, dashes and colons of many languages)

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from corpus.articles.metadata.cue_words import CUE_WORDS
from corpus.articles.metadata.dates import find_date
from corpus.articles.metadata.given_names import GIVEN_NAMES
from corpus.words.month_names import MONTHS

SEPARATOR = "; "
"""Joins the names of several authors."""
MAX_LINE_CHARACTERS = 200
MAX_NAME_WORDS = 5
MAX_NAME_CHARACTERS = 60
MAX_CJK_NAME_CHARACTERS = 16
MAX_AUTHORS = 8
MAX_CHARACTERS_BESIDES_NAMES = 8
"""Maximum number of characters, such as "and", in a line that consists of names."""
FIRST_CJK = "\u2e80"
"""Names in letters from here on (Han, kana, Hangul) have neither capitals nor spaces."""


class Byline(NamedTuple):
    """The authors in a line."""

    authors: str
    has_by: bool
    """Whether "by" or its equivalent introduces the names."""


def parse_byline(line: str, *, follows_by: bool = False) -> Byline | None:
    """Return the authors in a line, or None; `follows_by` if the previous line consists of "by"."""
    line = line.strip()
    if not 2 <= len(line) <= MAX_LINE_CHARACTERS or _PHOTO_CREDIT.match(line):
        return None
    if _OTHER_BY.match(line):
        return None
    if line.isupper() and len(line.split()) > 2 and _BY.match(line):
        line = _AND_IN_CAPITALS.sub(lambda word: word[0].lower(), line.title())
    has_by, rest = _after_by(line)
    date = find_date(rest)
    if date:
        by_after_date, after = _after_by(rest[date.end :].lstrip(" ,|·•–—-"))
        if date.start <= 2 or (by_after_date and not has_by):
            has_by, rest = has_by or by_after_date, after
        else:
            rest = rest[: date.start]
    has_by = follows_by or has_by
    rest = _MISSING_SPACE.sub(" | ", _AFTER_NAMES.sub(" | ", rest))
    if has_by and _NOT_A_NAME.search(_AND.split(rest.partition("|")[0], maxsplit=1)[0]):
        return None
    authors = _first_names(rest.split("|"), has_by=has_by)
    return Byline(SEPARATOR.join(authors[:MAX_AUTHORS]), has_by) if authors else None


def _first_names(parts: list[str], *, has_by: bool) -> list[str]:
    """Return the names in the first part that has any; later parts are places, papers, buttons."""
    for part in parts:
        texts = _TITLES_BEHIND.sub("", part)
        names = (
            _name(text, has_by=has_by, first=place == 0)
            for place, text in enumerate(_AND.split(texts))
        )
        authors = [name for name in dict.fromkeys(names) if name]
        if authors:
            return authors
    return []


def is_person(name: str) -> bool:
    """Return whether a name looks like that of a person or a group, and not like an account."""
    if name[0] >= FIRST_CJK:
        return True
    words = name.split()
    starts_low = words[0][0].islower() and words[0] not in _PARTICLES
    return len(words) > 1 and not starts_low and any(word[0].isupper() for word in words)


def is_list_of_names(line: str) -> bool:
    """Return whether a line consists of names, the first with a common given name."""
    byline = parse_byline(line)
    if byline is None or byline.authors.split()[0].casefold() not in given_names():
        return False
    return len(line) <= len(byline.authors) + MAX_CHARACTERS_BESIDES_NAMES


@cache
def given_names() -> frozenset[str]:
    """Return the given names of all languages, in lower case."""
    return frozenset(" ".join(GIVEN_NAMES.values()).split())


def is_bare_by(line: str) -> bool:
    """Return whether a line consists of "by", so that the next line names the author."""
    match = _BY.match(line + " : ")
    return match is not None and not line[match.end() :].strip(" :")


def starts_with_by(line: str) -> bool:
    """Return whether a line starts like a byline; sentences and titles may start so, too."""
    return _BY.match(line) is not None


def without_by(line: str) -> str:
    """Return a line without the "by" that it starts with."""
    match = _BY.match(line)
    return line[match.end() :].strip() if match else line


def is_photo_credit(line: str) -> bool:
    """Return whether a line credits a photo or another picture."""
    return _PHOTO_CREDIT.match(line) is not None


def _after_by(line: str) -> tuple[bool, str]:
    """Return whether a line contains "by", and the text after it (else the whole line)."""
    match = _BY.match(line)
    if match is None:
        match = _BY_INSIDE.search(line)
    return (True, line[match.end() :]) if match else (False, line)


def _name(text: str, *, has_by: bool, first: bool) -> str | None:
    """Return the name in a text without what surrounds it, or None if it is not a name."""
    text = text.strip(" \t\u00a0-–—|·•,;:/()[]@*>›»«\"'")
    if not 2 <= len(text) <= MAX_NAME_CHARACTERS or _NOT_A_NAME.search(text):
        return None
    if text[0] >= FIRST_CJK:
        return _cjk_name(text)
    return _cased_name(text, has_by=has_by, first=first)


def _cased_name(name: str, *, has_by: bool, first: bool) -> str | None:
    """Return a name in letters with upper case without its role, or None if it is not a name."""
    words = _without_roles(name.split())
    if not 1 <= len(words) <= MAX_NAME_WORDS:
        return None
    capitalised = sum(word[0].isupper() for word in words)
    particles = sum(word.casefold() in _PARTICLES for word in words)
    caseless = sum(not word[0].isupper() and not word[0].islower() for word in words)
    if len(words) == 1:
        word = words[0]
        is_agency = (word.isupper() and first) or _bare(word) in _AGENCIES or "." in word[1:-1]
        is_signature = has_by and first and word[0].isupper() and len(name) > 2
        return word if is_agency or is_signature else None
    if has_by:  # "By bne IntelliNews": half of the words are enough
        named = capitalised + caseless
        return " ".join(words) if named and 2 * (named + particles) >= len(words) else None
    is_name = capitalised + caseless + particles == len(words) and capitalised + caseless > 1
    return " ".join(words) if is_name else None


def _without_roles(words: list[str]) -> list[str]:
    """Return the words of a name without roles and buttons; "MND Staff" is a name as a whole."""
    while len(words) > 2 and _bare(words[-1]) in MONTHS:  # the start of a date
        words = words[:-1]
    while words and _bare(words[-1]) in _BUTTONS:
        words = words[:-1]
    own_words = [word for word in words if _bare(word) not in _ROLES]
    if len(own_words) == 1 < len(words):
        return words
    while len(words) > 1 and _bare(words[0]) in _ROLES:
        words = words[1:]
    while words and _bare(words[-1]) in _ROLES:
        words = words[:-1]
    return words


def _cjk_name(name: str) -> str | None:
    """Return a name in Han, kana or Hangul without "reporter", or None if it is not a name."""
    name = _CJK_ROLE.sub("", name).strip(" 　：:・,、")
    is_name = 2 <= len(name) <= MAX_CJK_NAME_CHARACTERS and not _CJK_TEXT.search(name)
    return name if is_name else None


def _bare(word: str) -> str:
    return word.strip(".,:;()'\"").casefold()


_BY = re.compile(
    r"^\W*(?:(?:written|authored|reported|posted|story|words|published|geschrieben|redakteur(?:in)?|publicado|escrito"
    r"|scritto|skrevet|skriven|écrit|napsal|author of the article|article|analysis|analyse|kommentar|opinion"
    r"|interview|essay|kolumne|gastbeitrag|profilbild|headshot|portrait|foto|ein beitrag|eine analyse|eine kolumne"
    r"|ein kommentar|ein gastbeitrag|exklusiv|aus \w+)\s+)?"
    r"(?:by|von|par|por|di|del|av|af|door|autore?|autori|autora|autores|autoren|autorin|authors?|text[eo]?|tekst|автор[ы]?|oleh|penulis"
    r"|reporter|yazan|yazar|haber|auteurs?|of|redacción|redaktion|redaktor|redaktør|journalist|skrifar|writer|kirjoittaja|theo|per|autor"
    r"|γράφει(?: η| ο)?|του|بقلم|كتب(?:ت)?|نویسنده|文|記者|记者|作者|編集|取材|責任編輯|责任编辑)"
    r"(?:\s*[:：／/]\s*|\s+|(?<=[文者集材辑輯])\s*[:：／/]?\s*)(?:(?:by|von|par|por|di|av|af|de)\s+)?",
    re.IGNORECASE,
)
_BY_INSIDE = re.compile(
    r"(?:(?<=[|•·,/])\s*|(?<=[\d.)])\s+|(?<=[a-zß-ÿ])\s+|^)(?:By|Von|Par|Por|Av|Af|Door|Oleh|Автор)(?:\s+(?=[^\W\d_])|(?=[A-Z]))|^by(?=[A-Z])"
)
"""A "by" further on, as in "24.04.2024 | 14:07 Uhr | Von Ann Lee", or without a space after it."""
_PHOTO_CREDIT = re.compile(
    r"^\W*(?:photo|foto|fotó|image|bild|picture|credit|©|copyright|source|quelle|bron|zdjęcie|fot\b|фото|immagine|imagen"
    r"|crédito|illustration|grafik|video|kuva)s?\w*\b\s?(?:credits?|by|von|:|©|/)",
    re.IGNORECASE,
)
_OTHER_BY = re.compile(
    r"^\W*(?:(?:medically |expert |legally |clinically )?(?:reviewed|edited|fact[- ]checked|translated|sponsored"
    r"|illustrated|photographed|updated|checked|verified|powered|presented) by|last (?:updated|modified))\b",
    re.IGNORECASE,
)
"""Before the name of somebody who did not write the text."""
_AFTER_NAMES = re.compile(
    r"\s*(?:来源|來源|出典|责编|責編|출처)|\s*[|•·⋅\[<›»>：]\s*|\s*\((?![^\W\d_]+\)\s+[A-Z])\s*|\s[-–—/]\s|\s*[:：]\s|\d{1,2}[:.h]\d\d|\s+\d|\s@\w|\S+@\S+"
    r"|(?:,\s*|\s+)(?:for|in|at|published|updated|posted|für|aus|pour|à|para|en|em|per|mit|with|skrifar"
    r"|corrispondente|inviat[oa]|special to|on)\s",
    re.IGNORECASE,
)
"""Where the names end: before a place, a date, an address, a source."""
_MISSING_SPACE = re.compile(
    r"(?<=[^\W\d_A-Z]{2})(?=(?:(?:January|February|March|April|June|July|August|September|October|November"
    r"|December)\b|The\s|Published|Updated|Posted|Follow|Staff|Senior|Reporter|Editor|Correspondent|Redakt))"
)
"""Where the next text starts without a space: "Ann LeeThe Post"."""
_TITLES_BEHIND = re.compile(
    r"(?:,\s*(?-i:[A-Z]{2,6}|(?:Ph|Ed|Psy|Pharm)\.?\s?D\.?|(?:[A-Z]\.){2,4})®?(?=\s*(?:,|$|\s(?:and|&)\s)))+"
    r"|,\s*(?:[\w'’-]+\s+){0,4}(?:director|president|professor|manager|founder|ceo|specialist|analyst"
    r"|strategist|consultant|expert|university|institute)\b.*$",
    re.IGNORECASE,
)
"""Degrees, and positions, behind a name: ", MD, PhD", ", Senior Director, Harbour Institute"."""
_AND = re.compile(
    r"(?:(?<!\s)\s+)?[,;&/+、，]\s*|(?<!\s)\s+(?:and|und|et|y|e|och|og|en|i|a|ve|dan|и|та|și|és|ja|và|con|with|mit)\s+"
)
_AND_IN_CAPITALS = re.compile(r"\b(?:And|Und|Et|Och|Og|Ve|Con|With|Mit)\b")
"""A word between two names after `str.title`: "BY ADA MORN AND BO LIND"."""
_NOT_A_NAME = re.compile(
    r"[!?。]|(?<!\bDr)(?<!\bProf)(?<!\bSt)(?<!\b\w)[.]\s\w+\s\w+\s|https?:|www\.|\b\d|\b(?:e-?mail|cookies?|phone|date|category|using|clicking|continuing|"
    r"submitting|subscribing|signing|price|topic|type|default|the|this|your|our|you|more|read|share|photo|"
    r"foto|image|credit|getty|comments?|news\s?letter|sign|log|subscribe|menu|search|home|copyright|"
    r"updated|published|advertisement|anzeige|werbung|popular|next|live|watch|related|topics?|issue|current"
    r"|play|alle|all|latest|stock|key|points|trending|top|videos?|podcasts?|abone|ol|feedback|cover|press|kommentare?"
    r"|neueste|beiträge|apps?|store|google)\b",
    re.IGNORECASE,
)
_PARTICLES = frozenset(
    [
        *("al", "bin", "ibn", "da", "das", "de", "del", "della", "den", "der", "di", "do", "dos"),
        *("du", "e", "el", "et", "i", "la", "las", "le", "los", "og", "ter", "und", "van", "von"),
        *("vom", "y", "zu", "zur", "af", "av"),
    ]
)
"""Lower-case words in names."""
_ROLES = frozenset(CUE_WORDS["role"].split()) | {"mr", "mrs", "ms", "by", "von", "par"}
_BUTTONS = frozenset(
    ["follow", "tips", "meg", "folgen", "seguir", "suivre", "контакт", "email", "contact"]
)
_AGENCIES = frozenset(CUE_WORDS["agency"].split())
_CJK_ROLE = re.compile(
    r"(?:記者|记者|기자|作者|編集委員|特派員|論説委員|編輯|编辑|責任|责任|取材|【|】|\[|\])"
)
_CJK_TEXT = re.compile(r"[。、！？!?「」『』（）()]|年|月|分|時")
