"""The script of every letter, and the languages that each script allows.

An n-gram model knows nothing about languages that it has not seen. It has no n-grams of Armenian,
and may call Chinese with a few Korean words Korean. The script settles most such cases before a
model is used. If only one of our languages is written in a script (Thai, Georgian), the script
identifies it; if none is, no language is possible.

Scripts have ISO 15924 codes. `Jpan` is Han with kana; `Hani` is Han only, which `identify` splits
into `Hans` and `Hant`. A letter's script is the first word of its Unicode name.
"""

from __future__ import annotations

import unicodedata
from functools import cache

import numpy as np
from numpy.typing import NDArray

from corpus.languages.codes import LANGUAGES

NO_SCRIPT = "Zyyy"
"""ISO 15924: no script; here, a text without letters."""

UNKNOWN_SCRIPT = "Zzzz"
"""ISO 15924: a script without a code; here, one that is not in SCRIPTS."""

SCRIPT_BY_NAME = {
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
"""The script of a letter, by the first word of its Unicode name."""

SCRIPTS = (NO_SCRIPT, UNKNOWN_SCRIPT, *sorted(set(SCRIPT_BY_NAME.values())))
"""Scripts in the order of their numbers in tables and counts."""

LANGUAGES_BY_SCRIPT = {
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
"""Our languages in each script except Latin, which has all others."""

ALSO_LATIN = ("az", "bs", "crh", "gom", "ku", "sr", "tk", "uz")
"""Languages of LANGUAGES_BY_SCRIPT that are written in Latin, too."""

IDENTIFYING_SCRIPTS = {
    "Armn": "hy",
    "Geor": "ka",
    "Khmr": "km",
    "Laoo": "lo",
    "Mymr": "my",
    "Orya": "or",
    "Sinh": "si",
    "Thaa": "dv",
}
"""Scripts that identify a language for which langdetect has no profile."""

N_CODE_POINTS = 0x32400
"""Length of the table of scripts; no letter has a higher code point."""

EAST_ASIAN_LETTERS = 3
"""A character of Han, kana or Hangul carries about as much information as this many letters."""

MAX_HAN_PER_KANA = 5
"""Han is Japanese if there is at least one kana for this many Han characters; Chinese has few or
no kana."""


@cache
def script_table() -> NDArray[np.uint8]:
    """Return the number of each code point's script (uint8[N_CODE_POINTS]), 0 if not a letter.

    The array is read-only, because all callers share it.
    """
    numbers = {script: number for number, script in enumerate(SCRIPTS)}
    points = [
        point
        for point, category in enumerate(map(unicodedata.category, map(chr, range(N_CODE_POINTS))))
        if category[0] == "L"
    ]
    table = np.zeros(N_CODE_POINTS, np.uint8)
    table[points] = [numbers[_script(unicodedata.name(chr(point), ""))] for point in points]
    table.flags.writeable = False
    return table


def _script(name: str) -> str:
    """Return the script of the letter with a Unicode name."""
    first, _, rest = name.partition(" ")
    if first in {"FULLWIDTH", "HALFWIDTH"}:
        first = rest.partition(" ")[0]
    return SCRIPT_BY_NAME.get(first.partition("-")[0], UNKNOWN_SCRIPT)


@cache
def allowed_languages() -> NDArray[np.bool_]:
    """Return whether each script allows each language (bool[n_scripts, n_languages])."""
    not_latin = {code for codes in LANGUAGES_BY_SCRIPT.values() for code in codes}
    latin = tuple(code for code in LANGUAGES if code not in not_latin or code in ALSO_LATIN)
    by_script = LANGUAGES_BY_SCRIPT | {"Latn": latin}
    return np.array(
        [[code in by_script.get(script, ()) for code in LANGUAGES] for script in SCRIPTS], np.bool_
    )


@cache
def only_language() -> NDArray[np.int64]:
    """Return the language of each identifying script (int64[n_scripts]), -1 for other scripts."""
    codes = [IDENTIFYING_SCRIPTS.get(script) for script in SCRIPTS]
    return np.array([-1 if code is None else LANGUAGES.index(code) for code in codes], np.int64)


def dominant_script(letters: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return the number of the main script of each text (int64[n_texts]); the first of equals.

    `letters` is int32[n_texts, n_scripts]. A text without letters has script 0, `Zyyy`. Han and
    kana are counted together because Japanese uses both; the share of kana then decides.
    """
    han, kana, hangul = (SCRIPTS.index(script) for script in ("Hani", "Jpan", "Hang"))
    weights = letters.astype(np.int64)
    weights[:, [han, kana, hangul]] *= EAST_ASIAN_LETTERS
    both = weights[:, han] + weights[:, kana]
    japanese = (weights[:, kana] > 0) & (weights[:, kana] * MAX_HAN_PER_KANA >= weights[:, han])
    weights[:, kana] = np.where(japanese, both, 0)
    weights[:, han] = np.where(japanese, 0, both)
    return weights.argmax(axis=1)
