"""The names in a byline: "By Ann Lee and Bo Chan, staff writers | 22 May 2023" names two.

Names are cut from what stands beside them (places, roles, dates, addresses) and joined by "; ", as
HTML extractors do it, because names hold commas. Which line is a byline is judged elsewhere; what
cannot be a name is refused here even so.
"""

# ruff: noqa: E501, RUF001  (the dashes, colons and letters of many languages; patterns of many languages)

from __future__ import annotations

import re
from typing import NamedTuple

from corpus.articles.metadata import dates
from corpus.articles.metadata.cue_words import VOCABULARY

BETWEEN = "; "
"""What names are joined by."""
LONGEST = 200
MOST_WORDS = 5
"""Words of one name."""
MOST_NAMES = 8
FIRST_OF_THE_EAST = "\u2e80"
"""Names written in letters from here on have neither capitals nor spaces."""


class Said(NamedTuple):
    """The names in a line, and whether it says "by"."""

    text: str
    signed: bool


def names(line: str, *, signed: bool = False) -> Said | None:
    """Return who a byline names, or None; `signed` where something else says that it is one."""
    line = line.strip()
    if not 2 <= len(line) <= LONGEST or _CREDIT.match(line):
        return None
    said, rest = _said_by(line)
    found = dates.find(rest)
    if found:
        rest = rest[: found.start] if found.start > 2 else rest[found.end :]
        again, rest = _said_by(rest)
        said = said or again
    signed = signed or said
    rest = _GLUED.sub(" | ", _BESIDE.sub(" | ", rest))
    if signed and _NO_NAME.search(_AND.split(rest.partition("|")[0], maxsplit=1)[0]):
        return None
    kept: list[str] = []
    for piece in rest.split("|"):
        told = (
            _name(part, signed=signed, first=not place and not kept)
            for place, part in enumerate(_AND.split(piece))
        )
        kept += [name for name in dict.fromkeys(told) if name and name not in kept]
        if kept:  # what follows in other pieces is a place, a paper, a button
            break
    return Said(BETWEEN.join(kept[:MOST_NAMES]), signed) if kept else None


def only_by(line: str) -> bool:
    """Return whether a line says "by" and nothing else, so that the next one names somebody."""
    match = _BY.match(line + " : ")
    return match is not None and not line[match.end() :].strip(" :")


def says_by(line: str) -> bool:
    """Return whether a line starts as bylines do; sentences and titles may, too."""
    return _BY.match(line) is not None


def is_credit(line: str) -> bool:
    """Return whether a line says who took a picture."""
    return _CREDIT.match(line) is not None


def _said_by(line: str) -> tuple[bool, str]:
    """Return whether a line says "by", and what follows that."""
    match = _BY.match(line)
    if match is None:
        match = _BY_WITHIN.search(line)
    return (True, line[match.end() :]) if match else (False, line)


def _name(part: str, *, signed: bool, first: bool) -> str | None:
    """Return a name without what surrounds it, or None where a part is no name."""
    name = part.strip(" \t\u00a0-–—|·•,;:/()[]@*>›»«\"'")
    if not 2 <= len(name) <= 60:
        return None
    eastern = name[0] >= FIRST_OF_THE_EAST
    found = _eastern(name) if eastern else _western(name, signed=signed, first=first)
    return None if found is None or _NO_NAME.search(name) else found


def _western(name: str, *, signed: bool, first: bool) -> str | None:
    """Return a name in letters with capitals without its role, or None where it is none."""
    words = _without_roles(name.split())
    if not 1 <= len(words) <= MOST_WORDS:
        return None
    capitals = sum(word[0].isupper() for word in words)
    small = sum(word.casefold() in _PARTICLES for word in words)
    caseless = sum(not word[0].isupper() and not word[0].islower() for word in words)
    if len(words) == 1:
        known = words[0].isupper() or _bare(words[0]) in _AGENCIES or "." in words[0][1:-1]
        return (
            words[0]
            if known or (signed and first and words[0][0].isupper() and len(name) > 2)
            else None
        )
    if signed:  # "By bne IntelliNews": enough that half of the words may stand in a name
        named = capitals + caseless
        return " ".join(words) if named and 2 * (named + small) >= len(words) else None
    enough = capitals + caseless + small == len(words) and capitals + caseless > 1
    return " ".join(words) if enough else None


def _without_roles(words: list[str]) -> list[str]:
    """Return the words of a name without its role and its buttons; "MND Staff" is a name."""
    while words and _bare(words[-1]) in _BUTTONS:
        words = words[:-1]
    bare = [word for word in words if _bare(word) not in _ROLES]
    if len(bare) == 1 < len(words):
        return words
    while len(words) > 1 and _bare(words[0]) in _ROLES:
        words = words[1:]
    while words and _bare(words[-1]) in _ROLES:
        words = words[:-1]
    return words


def _eastern(name: str) -> str | None:
    """Return a name in Han, Kana or Hangul without the word for reporter around it."""
    name = _EASTERN_ROLE.sub("", name).strip(" 　：:・,、")
    return name if 2 <= len(name) <= 16 and not _EASTERN_TEXT.search(name) else None


def _bare(word: str) -> str:
    return word.strip(".,:;()'\"").casefold()


_BY = re.compile(
    r"^\W*(?:(?:written|reported|posted|story|words|published|geschrieben|redakteur(?:in)?|publicado|escrito"
    r"|scritto|skrevet|skriven|écrit|napsal|author of the article|article|analysis|analyse|kommentar|opinion"
    r"|interview|essay|kolumne|gastbeitrag|profilbild|headshot|portrait|foto|ein beitrag|eine analyse|eine kolumne"
    r"|ein kommentar|ein gastbeitrag|exklusiv|aus \w+)\s+)?"
    r"(?:by|von|par|por|di|del|av|af|door|autore?|autori|autora|autores|autoren|autorin|authors?|text[eo]?|tekst|автор[ы]?|oleh|penulis"
    r"|reporter|yazan|yazar|haber|auteurs?|of|redacción|redaktion|redaktor|redaktør|journalist|skrifar|writer|kirjoittaja|theo|per|autor"
    r"|γράφει(?: η| ο)?|του|بقلم|كتب(?:ت)?|نویسنده|文|記者|记者|作者|編集|取材|責任編輯|责任编辑)"
    r"(?:\s*[:：／/]\s*|\s+|(?<=[文者集材辑輯])\s*[:：／/]?\s*)(?:(?:by|von|par|por|di|av|af|de)\s+)?",
    re.IGNORECASE,
)
_BY_WITHIN = re.compile(
    r"(?:(?<=[|•·,/])\s*|(?<=[\d.)])\s+|(?<=[a-zß-ÿ])\s+|^)(?:By|Von|Par|Por|Av|Af|Door|Oleh|Автор)(?:\s+(?=[^\W\d_])|(?=[A-Z]))|^by(?=[A-Z])"
)
"""A "by" further on: "24.04.2024 | 14:07 Uhr | Von Ann Lee", or one that is glued to the name."""
_CREDIT = re.compile(
    r"^\W*(?:photo|foto|fotó|image|bild|picture|credit|©|copyright|source|quelle|bron|zdjęcie|fot\b|фото|immagine|imagen"
    r"|crédito|illustration|grafik|video|kuva)s?\w*\b\s?(?:credits?|by|von|:|©|/)",
    re.IGNORECASE,
)
"""Who took a picture."""
_BESIDE = re.compile(
    r"\s*(?:来源|來源|出典|责编|責編|출처)|\s*[|•·(\[<›»>：]\s*|\s[-–—/]\s|\s*[:：]\s|\d{1,2}[:.h]\d\d|\s+\d|\s@\w|\S+@\S+"
    r"|(?:,\s*|\s+)(?:for|in|at|published|updated|posted|für|aus|pour|à|para|en|em|per|mit|with|skrifar"
    r"|corrispondente|inviat[oa]|special to|on)\s",
    re.IGNORECASE,
)
_GLUED = re.compile(
    r"(?<=[^\W\d_A-Z]{2})(?=(?:The\s|Published|Updated|Posted|Follow|Staff|Senior|Reporter|Editor|Correspondent|Redakt))"
)
"""Where one thing ends and the next starts without a space: "Ann LeeThe Post"."""
_AND = re.compile(
    r"\s*[,;&/+、，]\s*|\s+(?:and|und|et|y|e|och|og|en|i|a|ve|dan|и|та|și|és|ja|và|con|with|mit)\s+"
)
_NO_NAME = re.compile(
    r"[!?。]|[.]\s\w+\s\w+\s|https?:|www\.|\b\d|\b(?:e-?mail|cookies?|phone|date|category|using|clicking|continuing|"
    r"submitting|subscribing|signing|price|topic|type|default|the|this|your|our|you|more|read|share|photo|"
    r"foto|image|credit|getty|comments?|news\s?letter|sign|log|subscribe|menu|search|home|copyright|"
    r"updated|published|advertisement|anzeige|werbung|popular|next|live|watch|related|topics?|issue|current"
    r"|play|alle|all|latest|stock|key|points|trending|top|videos?|podcasts?|abone|ol|feedback|cover|press|kommentare?"
    r"|neueste|beiträge|apps?|store|google)\b",
    re.IGNORECASE,
)
_PARTICLES = frozenset(
    [
        "al",
        "bin",
        "ibn",
        "da",
        "das",
        "de",
        "del",
        "della",
        "den",
        "der",
        "di",
        "do",
        "dos",
        "du",
        "e",
        "el",
        "et",
        "i",
        "la",
        "las",
        "le",
        "los",
        "og",
        "ter",
        "und",
        "van",
        "von",
        "vom",
        "y",
        "zu",
        "zur",
        "af",
        "av",
    ]
)
"""Words of a name that are written small."""
_ROLES = frozenset(VOCABULARY["role"].split()) | frozenset(
    ["dr", "dr.", "prof", "prof.", "mr", "mrs", "ms", "by", "von", "par"]
) - frozenset(["dr", "dr.", "prof", "prof."])
_BUTTONS = frozenset(
    ["follow", "tips", "meg", "folgen", "seguir", "suivre", "контакт", "email", "contact"]
)
_AGENCIES = frozenset(VOCABULARY["agency"].split())
_EASTERN_ROLE = re.compile(
    r"(?:記者|记者|기자|作者|編集委員|特派員|論説委員|編輯|编辑|責任|责任|取材|【|】|\[|\])"
)
_EASTERN_TEXT = re.compile(r"[。、！？!?「」『』（）()]|年|月|分|時")
