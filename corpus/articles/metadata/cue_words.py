"""Cue words around an article in the languages of news pages: "by", "published", "share".

A single cue is weak evidence ("by" starts bylines and sentences). The classifiers combine the cues
of a line with its position on the page. Month names come from `corpus.words.month_names`, given names from `given_names`.
"""

# ruff: noqa: E501, RUF001  (one line for each kind, in letters of many alphabets)

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.array_types import Flags, Words
from corpus.articles.metadata.given_names import GIVEN_NAMES
from corpus.words.month_names import MONTHS

CUE_WORDS = {
    "by": "by von par por di av af door oleh автор bởi theo per írta kirjoittanut γράφει του skrifar deur na przez кореспондент بقلم كتب کتب نویسنده 文",
    "role": "author authors autor autoren autorin autora autore auteur auteurs reporter reporters redakteur redakteurin redaktion redacción redazione rédaction redaktor redaktør journalist journalists journaliste journalistin periodista giornalista korrespondent correspondent correspondents correspondant editor editors staff writer writers columnist contributor penulis yazar yazan muhabir editör editörü пишет журналист корреспондент редактор редакция kommentar gastbeitrag written text texte texto testo tekst 記者 记者 作者 기자 editora toimittaja skribent medarbejder bureau columnista kolumnist kolumne freelance senior chief service",
    "published": "published veröffentlicht publié publiée publicado publicada pubblicato erschienen posted stand publisert publicerad publikováno vydáno opublikowano data yayınlanma yayın yayınlandı опубликовано дата created erstellt online geplaatst gepubliceerd julkaistu offentliggjort publiceret đăng dipublikasikan terbit tanggal date datum first originally premiera creado creada dernière",
    "updated": "updated update aktualisiert jour actualizado actualizada aggiornato atualizado atualizada oppdatert uppdaterad opdateret aktualizováno aktualizace aktualizacja güncelleme güncellendi обновлено bijgewerkt päivitetty diperbarui last modified modificado geändert zuletzt mise sist senest senast cập",
    "credit": "photo photos photograph foto fotos fotó bild bilder picture pictures image images credit credits getty copyright illustration illustrationen fotograf photographer imago shutterstock epa alliance caption courtesy archiv zdjęcie fot фото zdroj immagine imagen crédito archivo kuva bildrechte quelle source file handout",
    "agency": "reuters afp dpa apa ap efe ansa tass тасс интерфакс xinhua pti ani bloomberg upi belga anp ntb tt ritzau pap čtk sda antara kyodo jiji yonhap anadolu aa dha iha sid afx cna agencies agencias agenturen agence agency wire",
    "button": "share tweet facebook twitter whatsapp comments comment kommentare kommentieren print email mail link copy subscribe abo newsletter login anmelden advertisement anzeige werbung publicidad pubblicità reklama menu menü home startseite teilen drucken merken partager compartir condividi delen dela del paylaş поделиться udostępnij listen anhören vorlesen hören save speichern read reading lesezeit min mins minuten minutes minute more mehr follow folgen search suche kommentera",
    "ago": "ago vor hace fa há sedan siden önce назад temu geleden sitten lalu trước heute today gestern yesterday hoy ayer oggi hier aujourd vandaag idag bugün сегодня dzisiaj dnes",
}
CUE_KINDS = (*CUE_WORDS, "month", "given name")
"""The kinds of cue words. The bit of a kind is `1 << CUE_KINDS.index(kind)`."""
BY = 1 << CUE_KINDS.index("by")
ROLE = 1 << CUE_KINDS.index("role")
MONTH = 1 << CUE_KINDS.index("month")
GIVEN_NAME = 1 << CUE_KINDS.index("given name")
FILTER_SIZE = 1 << 14
_WORD = re.compile(r"[^\W_]+")
_FIRST_UNSPACED = "\u3000"  # each character from here on is a word, except in Hangul
_HANGUL = ("\uac00", "\ud7a4")


class CueWordTable(NamedTuple):
    """The cue words as arrays, for kernels."""

    hashes: Words
    """The hash of each word (uint32[n_words], sorted)."""
    kinds: NDArray[np.int32]
    """The kinds of each word, as bits (int32[n_words])."""
    filter: Flags
    """Whether any hash ends in these bits (bool[FILTER_SIZE]). Rules out most words at once."""


def word_hash(word: str) -> int:
    """Return the hash that `lines.measure` computes for a word in lower case."""
    if len(word) == 1 and _is_unspaced(word):
        return (ord(word) * 2654435761) & 0xFFFFFFFF
    hashed = 2166136261
    for letter in word:
        hashed = ((hashed ^ ord(letter)) * 16777619) & 0xFFFFFFFF
    return hashed


def _is_unspaced(character: str) -> bool:
    """Return whether a character is a word by itself."""
    return character > _FIRST_UNSPACED and not _HANGUL[0] <= character < _HANGUL[1]


@cache
def cue_word_table() -> CueWordTable:
    """Return the table of all cue words and month names."""
    kinds_of_hash: dict[int, int] = {}
    for place, words in enumerate(
        [*CUE_WORDS.values(), " ".join(MONTHS), " ".join(GIVEN_NAMES.values())]
    ):
        for word in _WORD.findall(words):
            if len(word) == 1 or not _is_unspaced(word[0]):
                hashed = word_hash(word)
                kinds_of_hash[hashed] = kinds_of_hash.get(hashed, 0) | 1 << place
    hashes = sorted(kinds_of_hash)
    filter_ = np.zeros(FILTER_SIZE, np.bool_)
    filter_[[hashed % FILTER_SIZE for hashed in hashes]] = True
    kinds = np.array([kinds_of_hash[hashed] for hashed in hashes], np.int32)
    return CueWordTable(np.array(hashes, np.uint32), kinds, filter_)
