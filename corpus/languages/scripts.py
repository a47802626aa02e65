"""The script of every letter, and which languages a script leaves possible.

An n-gram model knows nothing of what it has not seen: shown Armenian, it finds no n-gram; shown
Chinese with a few Korean words, it may say Korean. The script settles most of that before a model
is asked. A script that one of our languages writes (Greek, Thai, Georgian) names it; one that none
of them writes leaves none.

Scripts have their ISO 15924 codes: `Jpan` is Han with kana, `Hani` Han alone. (`identify` says of
the latter whether it is `Hans` or `Hant`.) A letter's script is the first word of its Unicode
name.
"""

from __future__ import annotations

import unicodedata
from functools import cache

import numpy as np
from numpy.typing import NDArray

from corpus.languages.codes import LANGUAGES

NONE = "Zyyy"
"""ISO 15924 for what has no script: here, a text without letters."""

OTHER = "Zzzz"
"""ISO 15924 for a script without a code: here, one that is not among ours."""

BY_NAME = {
    "ADLAM": "Adlm",
    "ARABIC": "Arab",
    "ARMENIAN": "Armn",
    "BENGALI": "Beng",
    "BOPOMOFO": "Bopo",
    "CANADIAN": "Cans",
    "CHEROKEE": "Cher",
    "COPTIC": "Copt",
    "CYRILLIC": "Cyrl",
    "DEVANAGARI": "Deva",
    "ETHIOPIC": "Ethi",
    "GEORGIAN": "Geor",
    "GREEK": "Grek",
    "GUJARATI": "Gujr",
    "GURMUKHI": "Guru",
    "HANGUL": "Hang",
    "CJK": "Hani",
    "IDEOGRAPHIC": "Hani",
    "HEBREW": "Hebr",
    "HIRAGANA": "Jpan",
    "KATAKANA": "Jpan",
    "JAVANESE": "Java",
    "KHMER": "Khmr",
    "KANNADA": "Knda",
    "LAO": "Laoo",
    "LATIN": "Latn",
    "MALAYALAM": "Mlym",
    "MONGOLIAN": "Mong",
    "MEETEI": "Mtei",
    "MYANMAR": "Mymr",
    "NKO": "Nkoo",
    "OL": "Olck",
    "ORIYA": "Orya",
    "SINHALA": "Sinh",
    "SYRIAC": "Syrc",
    "TAMIL": "Taml",
    "TELUGU": "Telu",
    "TIFINAGH": "Tfng",
    "THAANA": "Thaa",
    "THAI": "Thai",
    "TIBETAN": "Tibt",
    "VAI": "Vaii",
    "YI": "Yiii",
}

SCRIPTS = (NONE, OTHER, *sorted(set(BY_NAME.values())))
"""Scripts by number, as tables and counts have them."""

WRITTEN_IN = {
    "Arab": ("ar", "ary", "arz", "az", "fa", "ku", "pa", "ps", "sdh", "ug", "ur", "uzs"),
    "Armn": ("hy",),
    "Beng": ("as", "bn"),
    "Cyrl": (
        "az",
        "ba",
        "be",
        "bg",
        "bs",
        "crh",
        "kk",
        "ky",
        "mk",
        "mn",
        "ru",
        "sr",
        "tg",
        "tk",
        "tt",
        "uk",
        "uz",
    ),
    "Deva": ("gom", "hi", "mr", "ne", "sa"),
    "Ethi": ("am",),
    "Geor": ("ka",),
    "Grek": ("el", "grc"),
    "Gujr": ("gu",),
    "Guru": ("pa",),
    "Hang": ("ko",),
    "Hani": ("wuu", "yue", "zh"),
    "Hebr": ("hbo", "he"),
    "Jpan": ("ja",),
    "Khmr": ("km",),
    "Knda": ("kn",),
    "Laoo": ("lo",),
    "Mlym": ("ml",),
    "Mymr": ("my",),
    "Orya": ("or",),
    "Sinh": ("si",),
    "Taml": ("ta",),
    "Telu": ("te",),
    "Thaa": ("dv",),
    "Thai": ("th",),
    "Tibt": ("dz",),
}
"""Our languages of each script but Latin, which has all the others."""

ALSO_LATIN = ("az", "bs", "crh", "gom", "ku", "sr", "tk", "uz")
"""Of those, the languages that are written in Latin too."""

ALONE = {
    "Armn": "hy",
    "Geor": "ka",
    "Khmr": "km",
    "Laoo": "lo",
    "Mymr": "my",
    "Orya": "or",
    "Sinh": "si",
    "Thaa": "dv",
}
"""Scripts that name their language, which langdetect has no profile of."""

POINTS = 0x32400
"""The table of scripts has this many code points; no letter lies above."""

EAST_ASIAN = 3
"""A character of Han, kana or Hangul says as much as about three letters, and is counted so."""

KANA_SHARE = 5
"""Han is Japanese where there is a kana to so many characters of it; Chinese has next to none."""


def script_table() -> NDArray[np.uint8]:
    """Return the number of each code point's script (uint8[POINTS]), 0 where it is no letter."""
    numbers = {script: number for number, script in enumerate(SCRIPTS)}
    table = np.zeros(POINTS, np.uint8)
    for point in range(POINTS):
        letter = chr(point)
        if unicodedata.category(letter).startswith("L"):
            table[point] = numbers[_script(unicodedata.name(letter, ""))]
    return table


def _script(name: str) -> str:
    """Return the script of the letter with this Unicode name."""
    words = name.replace("-", " ").split()
    if words and words[0] in {"FULLWIDTH", "HALFWIDTH"}:
        words = words[1:]
    return BY_NAME.get(words[0] if words else "", OTHER)


@cache
def allowed() -> NDArray[np.bool_]:
    """Return which language may be written in which script (bool[n_scripts, n_languages])."""
    reference_documents = {code for codes in WRITTEN_IN.values() for code in codes}
    latin = tuple(
        code for code in LANGUAGES if code not in reference_documents or code in ALSO_LATIN
    )
    written = WRITTEN_IN | {"Latn": latin}
    return np.array(
        [[code in written.get(script, ()) for code in LANGUAGES] for script in SCRIPTS], np.bool_
    )


@cache
def only_language() -> NDArray[np.int64]:
    """Return the language of each script that is `ALONE` (int64[n_scripts]), -1 for the others."""
    named = [ALONE.get(script) for script in SCRIPTS]
    return np.array([-1 if code is None else LANGUAGES.index(code) for code in named], np.int64)


def dominant(letters: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return the number of the script that says most, for each row of letter counts by script.

    `letters` is int32[n_texts, n_scripts]. Without letters it is 0, `Zyyy`; of equals, the first.
    Han and kana stand together against the others, as Japanese is written in both; the share of
    kana then tells which.
    """
    han, kana, hangul = (SCRIPTS.index(script) for script in ("Hani", "Jpan", "Hang"))
    weights = letters.astype(np.int64)
    weights[:, [han, kana, hangul]] *= EAST_ASIAN
    both = weights[:, han] + weights[:, kana]
    japanese = (weights[:, kana] > 0) & (weights[:, kana] * KANA_SHARE >= weights[:, han])
    weights[:, kana] = np.where(japanese, both, 0)
    weights[:, han] = np.where(japanese, 0, both)
    return weights.argmax(axis=1)
