"""The language codes that documents are tagged with, and suggestions for unknown ones.

A language has the code that the Hugging Face Hub uses: ISO 639-1 (`de`, `he`, `tl`), or ISO 639-3
for a language without a two-letter code (`pcm`). Norwegian is `nb` or `nn`; Chinese is `zh` in both
orthographies; Serbian is `sr` in both scripts.
"""

from __future__ import annotations

import difflib

EQUIVALENT_CODES = {
    "no": "nb",
    "fil": "tl",
    "gug": "gn",
    "kik": "ki",
    "gax": "om",
    "gaz": "om",
    "hae": "om",
    "cmn": "zh",
    "arb": "ar",
    "pes": "fa",
    "zsm": "ms",
    "swh": "sw",
    "ekk": "et",
    "lvs": "lv",
}
"""Other codes of our languages. A variety has the code of the language that it belongs to on the
Hub."""

UNDETERMINED = "und"
"""ISO 639-2: the language is not certain enough, or is not one of ours."""

NO_LANGUAGE = "zxx"
"""ISO 639-2: no linguistic content; here, a text without a single letter."""

NAMES = {
    "ace": "Acehnese",
    "af": "Afrikaans",
    "am": "Amharic",
    "an": "Aragonese",
    "ar": "Arabic",
    "ary": "Moroccan Arabic",
    "arz": "Egyptian Arabic",
    "as": "Assamese",
    "az": "Azerbaijani",
    "ba": "Bashkir",
    "bcl": "Central Bikol",
    "be": "Belarusian",
    "bg": "Bulgarian",
    "bn": "Bengali",
    "br": "Breton",
    "bs": "Bosnian",
    "ca": "Catalan",
    "crh": "Crimean Tatar",
    "cs": "Czech",
    "cy": "Welsh",
    "da": "Danish",
    "de": "German",
    "dv": "Dhivehi",
    "dz": "Dzongkha",
    "el": "Greek",
    "en": "English",
    "eo": "Esperanto",
    "es": "Spanish",
    "et": "Estonian",
    "eu": "Basque",
    "ext": "Extremaduran",
    "fa": "Persian",
    "fi": "Finnish",
    "fo": "Faroese",
    "fr": "French",
    "fuv": "Nigerian Fulfulde",
    "fy": "Western Frisian",
    "ga": "Irish",
    "gcf": "Guadeloupean Creole",
    "gcr": "Guianese Creole",
    "gd": "Scottish Gaelic",
    "gl": "Galician",
    "gn": "Guarani",
    "gom": "Goan Konkani",
    "grc": "Ancient Greek",
    "gu": "Gujarati",
    "guw": "Gun",
    "ha": "Hausa",
    "hbo": "Ancient Hebrew",
    "he": "Hebrew",
    "hi": "Hindi",
    "hr": "Croatian",
    "ht": "Haitian Creole",
    "hu": "Hungarian",
    "hy": "Armenian",
    "id": "Indonesian",
    "ig": "Igbo",
    "is": "Icelandic",
    "it": "Italian",
    "ja": "Japanese",
    "jv": "Javanese",
    "ka": "Georgian",
    "kab": "Kabyle",
    "ki": "Kikuyu",
    "kk": "Kazakh",
    "km": "Khmer",
    "kn": "Kannada",
    "ko": "Korean",
    "ku": "Kurdish",
    "ky": "Kyrgyz",
    "la": "Latin",
    "lb": "Luxembourgish",
    "lg": "Ganda",
    "lij": "Ligurian",
    "ln": "Lingala",
    "lo": "Lao",
    "lt": "Lithuanian",
    "ltg": "Latgalian",
    "lv": "Latvian",
    "mg": "Malagasy",
    "mk": "Macedonian",
    "ml": "Malayalam",
    "mn": "Mongolian",
    "mr": "Marathi",
    "ms": "Malay",
    "mt": "Maltese",
    "my": "Burmese",
    "nb": "Norwegian Bokmål",
    "ne": "Nepali",
    "nl": "Dutch",
    "nn": "Norwegian Nynorsk",
    "nso": "Northern Sotho",
    "oc": "Occitan",
    "om": "Oromo",
    "or": "Odia",
    "pa": "Punjabi",
    "pcm": "Nigerian Pidgin",
    "pl": "Polish",
    "ps": "Pashto",
    "pt": "Portuguese",
    "qu": "Quechua",
    "ro": "Romanian",
    "ru": "Russian",
    "rw": "Kinyarwanda",
    "sa": "Sanskrit",
    "sdh": "Southern Kurdish",
    "se": "Northern Sami",
    "si": "Sinhala",
    "sk": "Slovak",
    "sl": "Slovenian",
    "sn": "Shona",
    "so": "Somali",
    "sq": "Albanian",
    "sr": "Serbian",
    "st": "Southern Sotho",
    "sv": "Swedish",
    "sw": "Swahili",
    "ta": "Tamil",
    "te": "Telugu",
    "tg": "Tajik",
    "th": "Thai",
    "tk": "Turkmen",
    "tl": "Tagalog",
    "tr": "Turkish",
    "tt": "Tatar",
    "ug": "Uyghur",
    "uk": "Ukrainian",
    "ur": "Urdu",
    "uz": "Uzbek",
    "uzs": "Southern Uzbek",
    "vec": "Venetian",
    "vi": "Vietnamese",
    "vo": "Volapük",
    "wa": "Walloon",
    "wuu": "Wu Chinese",
    "xh": "Xhosa",
    "yo": "Yoruba",
    "yue": "Cantonese",
    "zh": "Chinese",
    "zu": "Zulu",
}
"""The name of every language that we can identify, by code."""

LANGUAGES = tuple(NAMES)

TAGS = (*LANGUAGES, UNDETERMINED, NO_LANGUAGE)
"""All values of the column `language`."""

ALIASES = {
    "no": "nb",
    "iw": "he",
    "in": "id",
    "fil": "tl",
    "norwegian": "nb",
    "mandarin": "zh",
    "fulfulde": "fuv",
    "pidgin": "pcm",
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
    "gb": "en",
    "us": "en",
    "farsi": "fa",
    "unknown": UNDETERMINED,
    "none": NO_LANGUAGE,
} | {name.lower(): code for code, name in NAMES.items()}
"""What people write instead of a code: older and broader codes, countries, English names."""


def code_of(tag: str) -> str:
    """Return our code for a language tag (BCP 47), without its script and region."""
    language = tag.lower().replace("_", "-").split("-")[0]
    return EQUIVALENT_CODES.get(language, language)


def unknown_code_message(code: str) -> str:
    """Return a message that `code` is not a known language code, with a suggestion if there is one.

    For example: "unknown language code 'german'; did you mean 'de'?"
    """
    written = code.strip().lower().replace("_", "-")
    language = written.split("-")[0]
    suggestion = ALIASES.get(written) or ALIASES.get(language)
    if suggestion is None and language in TAGS:
        suggestion = language
    if suggestion is None:
        close = difflib.get_close_matches(code.strip().lower(), [*ALIASES, *TAGS], n=1)
        suggestion = ALIASES.get(close[0], close[0]) if close else None
    if suggestion is not None:
        return f"unknown language code {code!r}; did you mean {suggestion!r}?"
    return f"unknown language code {code!r}; the codes are {', '.join(TAGS)}"
