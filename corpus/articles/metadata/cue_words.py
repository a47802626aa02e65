"""Words that stand around an article, in the languages of news pages: who wrote it, when, share it.

Each says little ("by" starts bylines and sentences); what a line is, a small forest judges from
where it lies and from which of these it holds. Months come from `months`.
"""

# ruff: noqa: E501, RUF001  (one line for each kind, in letters of many alphabets)

from __future__ import annotations

import re
from functools import cache

import numpy as np
from numpy.typing import NDArray

from corpus.array_types import Words
from corpus.articles.metadata.months import MONTHS

VOCABULARY = {
    "by": "by von par por di av af door oleh автор bởi theo per írta kirjoittanut γράφει του skrifar deur na przez кореспондент بقلم كتب کتب نویسنده 文",
    "role": "author authors autor autoren autorin autora autore auteur auteurs reporter reporters redakteur redakteurin redaktion redacción redazione rédaction redaktor redaktør journalist journalists journaliste journalistin periodista giornalista korrespondent correspondent correspondents correspondant editor editors staff writer writers columnist contributor penulis yazar yazan muhabir editör editörü пишет журналист корреспондент редактор редакция kommentar gastbeitrag written text texte texto testo tekst 記者 记者 作者 기자 editora toimittaja skribent medarbejder bureau columnista kolumnist kolumne freelance senior chief service",
    "published": "published veröffentlicht publié publiée publicado publicada pubblicato erschienen posted stand publisert publicerad publikováno vydáno opublikowano data yayınlanma yayın yayınlandı опубликовано дата created erstellt online geplaatst gepubliceerd julkaistu offentliggjort publiceret đăng dipublikasikan terbit tanggal date datum first originally premiera creado creada dernière",
    "updated": "updated update aktualisiert jour actualizado actualizada aggiornato atualizado atualizada oppdatert uppdaterad opdateret aktualizováno aktualizace aktualizacja güncelleme güncellendi обновлено bijgewerkt päivitetty diperbarui last modified modificado geändert zuletzt mise sist senest senast cập",
    "credit": "photo photos photograph foto fotos fotó bild bilder picture pictures image images credit credits getty copyright illustration illustrationen fotograf photographer imago shutterstock epa alliance caption courtesy archiv zdjęcie fot фото zdroj immagine imagen crédito archivo kuva bildrechte quelle source file handout",
    "agency": "reuters afp dpa apa ap efe ansa tass тасс интерфакс xinhua pti ani bloomberg upi belga anp ntb tt ritzau pap čtk sda antara kyodo jiji yonhap anadolu aa dha iha sid afx cna agencies agencias agenturen agence agency wire",
    "button": "share tweet facebook twitter whatsapp comments comment kommentare kommentieren print email mail link copy subscribe abo newsletter login anmelden advertisement anzeige werbung publicidad pubblicità reklama menu menü home startseite teilen drucken merken partager compartir condividi delen dela del paylaş поделиться udostępnij listen anhören vorlesen hören save speichern read reading lesezeit min mins minuten minutes minute more mehr follow folgen search suche kommentera",
    "ago": "ago vor hace fa há sedan siden önce назад temu geleden sitten lalu trước heute today gestern yesterday hoy ayer oggi hier aujourd vandaag idag bugün сегодня dzisiaj dnes",
}
MONTH = "month"
KINDS = (*VOCABULARY, MONTH)
"""What a word can be; the bit of each is its place here."""
BY, ROLE, PUBLISHED, UPDATED, CREDIT, AGENCY, BUTTON, AGO, MONTH_BIT = (
    1 << place for place in range(len(KINDS))
)
GATE = 1 << 14
_WORD = re.compile(r"[^\W_]+")
_ALONE = "\u3000"  # characters from here on are words of their own, but for Hangul
_HANGUL = ("\uac00", "\ud7a4")


def word_hash(word: str) -> int:
    """Return the hash that `lines.scan` gives a word in small letters."""
    if len(word) == 1 and _alone(word):
        return (ord(word) * 2654435761) & 0xFFFFFFFF
    hashed = 2166136261
    for letter in word:
        hashed = ((hashed ^ ord(letter)) * 16777619) & 0xFFFFFFFF
    return hashed


def _alone(letter: str) -> bool:
    """Return whether a letter is a word of its own."""
    return letter > _ALONE and not _HANGUL[0] <= letter < _HANGUL[1]


@cache
def meanings() -> tuple[Words, NDArray[np.int32], NDArray[np.bool_]]:
    """Return the hashes of all words (uint32[n_words], sorted) and the kinds of each, as bits.

    And which last bits of a hash any of them has (bool[GATE]): most words are told by that.
    """
    found: dict[int, int] = {}
    kinds = [*VOCABULARY.values(), " ".join(MONTHS)]
    for place, words in enumerate(kinds):
        for word in _WORD.findall(words):
            if len(word) == 1 or not _alone(word[0]):
                hashed = word_hash(word)
                found[hashed] = found.get(hashed, 0) | 1 << place
    hashes = sorted(found)
    gate = np.zeros(GATE, np.bool_)
    gate[[hashed % GATE for hashed in hashes]] = True
    return np.array(hashes, np.uint32), np.array([found[x] for x in hashes], np.int32), gate
