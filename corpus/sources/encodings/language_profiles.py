# ruff: noqa: RUF001  these characters are meant
"""What texts of each language look like: their letters beyond ASCII, and frequent words.

They tell in which encoding of many a text is: in the wrong one, its letters are those of no
language, or stand where no word has them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

CYRILLIC_ENCODINGS = ("cp1251", "koi8-r", "koi8-u", "iso8859-5", "cp866")
GREEK_ENCODINGS = ("cp1253", "iso8859-7")

_CYRILLIC = "абвгдежзийклмнопрстуфхцчшщъьюя"


class Profile(NamedTuple):
    """What texts of a language have."""

    letters: Mapping[str, float]
    """Its letters beyond ASCII in lower case, with weights that fall from 1 to 0: how frequent they
    are in a Latin alphabet."""

    words: frozenset[str]
    """Frequent words."""

    encodings: tuple[str, ...]

    frequent_letters: frozenset[str] = frozenset()
    """Its ten most frequent letters if it has none in ASCII."""


def _profile(
    letters: str, words: str, encodings: tuple[str, ...], frequent_letters: str = ""
) -> Profile:
    weights = {letter: 1 - i / len(letters) for i, letter in enumerate(letters)}
    return Profile(weights, frozenset(words.split()), encodings, frozenset(frequent_letters))


def _western(letters: str, words: str) -> Profile:
    return _profile(letters, words, ("cp1252",))


def _central(letters: str, words: str) -> Profile:
    return _profile(letters, words, ("cp1250", "iso8859-2"))


PROFILES = {
    "en": _western(
        "éèêçöüäáíóñôïëâæø", "the of and to in a is that for it with as was on he she his"
    ),
    "de": _western("üäöß", "der die das und ist nicht ein eine zu den von mit auf für im dem sich"),
    "fr": _western(
        "éèàêçôîùâûëïœæüÿ", "le la les de des et est un une du que dans pour qui sur par au a été"
    ),
    "es": _western("óíáéñúü", "el la los las de y que en un una por con no se del al es para su"),
    "pt": _western(
        "ãçáéíõóêâúàôü", "o a os as de e que em um uma do da não no na por com para se ao dos"
    ),
    "it": _western("èàùòìéíóú", "il la di e che un una in per con non del della i gli le è sono"),
    "nl": _western("ëéïöüèóáíú", "de het een en van in is dat op te zijn met voor niet aan er"),
    "sv": _western("äåöé", "och i att det som en på är av för med till den har inte om ett"),
    "da": _western("øåæé", "og i at det som en på er af for med til den har ikke om et de"),
    "fi": _western("äöåšž", "ja on ei se että oli hän mutta kun myös joka ovat sekä tai"),
    "is": _western("íáðéóöþúæý", "og að í á sem er það við um til ekki var en af hann fyrir"),
    "et": _western("äõüöšž", "ja on ei et see oli ta kui ka mis aga oma või siis"),
    "pl": _central(
        "ąęłóśżćźń", "i w na z się nie do że to jest po za od przez jak ale o co dla przy który"
    ),
    "cs": _central(
        "íáéěřšžčýůúťďňó", "a v se na je že s z do o i to k ve pro za by ale jak po byl od jsou"
    ),
    "sk": _central(
        "áíéúčýšžľťňôóďäĺŕ", "a v sa na je že s z do o i to k vo pre za by ale ako po bol od sú"
    ),
    "hu": _central(
        "éáőöóíüúű", "a az és hogy nem is egy meg de csak volt már ez el van mint még ki szerint"
    ),
    "ro": _central("ăîâşţ", "de și şi în a la cu pe nu că din este un o mai pentru care au fost"),
    "hr": _central("čšžćđ", "i u je da na se za su od s o ne koji kao a do će po što ali iz"),
    "sl": _central("čšž", "in je v da na se za so od s z ne ki kot a do bo po pa ali iz še"),
    "sq": _western("ëç", "të e në dhe i për me nga një që së më u është ka si nuk"),
    "tr": _profile(
        "ıüşçğöâî", "ve bir bu da de için ile çok daha olarak gibi ne var o kadar", ("cp1254",)
    ),
    "ru": _profile(
        _CYRILLIC + "ыэё",
        "и в не на что с по как он к но из у за от так о для это был же все бы мы до которая",
        CYRILLIC_ENCODINGS,
        "оеаинтсрвл",
    ),
    "uk": _profile(
        _CYRILLIC.replace("ъ", "") + "іїєґ",
        "і в не на що з по як він до але із у за від так про для це був й та є через який",
        ("cp1251", "koi8-u", "iso8859-5", "cp866"),
        "оаниітервс",
    ),
    "bg": _profile(
        _CYRILLIC,
        "и в не на че с по как той да но от за се е са до ще ги през това има които",
        ("cp1251", "iso8859-5", "cp866"),
        "аоиетнрсвл",
    ),
    "sr": _profile(
        "абвгдђежзијклљмнњопрстћуфхцчџш",
        "и у је да на се за су од с о не који као а до ће по што али из",
        ("cp1251", "iso8859-5"),
        "аоиенрстјв",
    ),
    "el": _profile(
        "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ",
        "και το η ο να του της των τα τον την με για από που οι σε στο ότι θα είναι στη τις",
        GREEK_ENCODINGS,
        "αοιετσνηρκ",
    ),
    "he": _profile(
        "אבגדהוזחטיךכלםמןנסעףפץצקרשת",
        "של את על לא הוא זה כי עם גם או היא אבל יש כל אני אל אם מה רק עד בין אחרי לפני כך היה",
        ("cp1255", "iso8859-8"),
        "יוהלאתרמבש",
    ),
}
