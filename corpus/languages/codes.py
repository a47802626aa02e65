"""The codes a document may be tagged with, and a hint for whoever writes another one.

A language has the code under which the Hugging Face Hub files it: ISO 639-1 (`de`, `he`, `tl`).
Norwegian is `nb`, since the model was made from texts in Bokmål; Chinese is `zh` in either
orthography.
"""

from __future__ import annotations

import difflib

UNDETERMINED = "und"
"""ISO 639-2 for a text whose language is not certain enough, or not one we know."""

NO_LANGUAGE = "zxx"
"""ISO 639-2 for what has no linguistic content: here, a text without a single letter."""

NAMES = {
    "af": "Afrikaans",
    "ar": "Arabic",
    "bg": "Bulgarian",
    "bn": "Bengali",
    "ca": "Catalan",
    "cs": "Czech",
    "cy": "Welsh",
    "da": "Danish",
    "de": "German",
    "dv": "Dhivehi",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "et": "Estonian",
    "fa": "Persian",
    "fi": "Finnish",
    "fr": "French",
    "gu": "Gujarati",
    "he": "Hebrew",
    "hi": "Hindi",
    "hr": "Croatian",
    "hu": "Hungarian",
    "hy": "Armenian",
    "id": "Indonesian",
    "it": "Italian",
    "ja": "Japanese",
    "ka": "Georgian",
    "km": "Khmer",
    "kn": "Kannada",
    "ko": "Korean",
    "lo": "Lao",
    "lt": "Lithuanian",
    "lv": "Latvian",
    "mk": "Macedonian",
    "ml": "Malayalam",
    "mr": "Marathi",
    "my": "Burmese",
    "nb": "Norwegian",
    "ne": "Nepali",
    "nl": "Dutch",
    "or": "Odia",
    "pa": "Punjabi",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "si": "Sinhala",
    "sk": "Slovak",
    "sl": "Slovenian",
    "so": "Somali",
    "sq": "Albanian",
    "sv": "Swedish",
    "sw": "Swahili",
    "ta": "Tamil",
    "te": "Telugu",
    "th": "Thai",
    "tl": "Tagalog",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "ur": "Urdu",
    "vi": "Vietnamese",
    "zh": "Chinese",
}
"""Every language we can tell, by its code."""

LANGUAGES = tuple(NAMES)

TAGS = (*LANGUAGES, UNDETERMINED, NO_LANGUAGE)
"""Everything the column `language` may say."""

OTHER_NAMES = {
    "no": "nb",
    "nn": "nb",
    "iw": "he",
    "in": "id",
    "fil": "tl",
    "zh-cn": "zh",
    "zh-tw": "zh",
    "zh-hans": "zh",
    "zh-hant": "zh",
    "cmn": "zh",
    "cn": "zh",
    "jp": "ja",
    "kr": "ko",
    "gr": "el",
    "ua": "uk",
    "cz": "cs",
    "dk": "da",
    "se": "sv",
    "gb": "en",
    "us": "en",
    "farsi": "fa",
    "unknown": UNDETERMINED,
    "none": NO_LANGUAGE,
} | {name.lower(): code for code, name in NAMES.items()}
"""What people write for a language: older and wider codes, countries, names."""


def hint(code: str) -> str:
    """Return why `code` is refused and what was probably meant, as one sentence part."""
    written = code.strip().lower()
    wide = written.replace("_", "-").split("-")[0]
    meant = OTHER_NAMES.get(written.replace("_", "-")) or OTHER_NAMES.get(wide)
    if meant is None and wide in TAGS:
        meant = wide
    if meant is None:
        near = difflib.get_close_matches(written, [*OTHER_NAMES, *TAGS], n=1)
        meant = OTHER_NAMES.get(near[0], near[0]) if near else None
    if meant is not None:
        return f"no language known as {code!r}; did you mean {meant!r}?"
    return f"no language known as {code!r}; known are {', '.join(TAGS)}"
