"""The codes a document may be tagged with, and a hint for whoever writes another one.

A language has the code under which the Hugging Face Hub files it: ISO 639-1 (`de`, `he`, `tl`), or
ISO 639-3 where there is no other (`pcm`). Norwegian is `nb` or `nn`, Chinese is `zh` in either
orthography, Serbian `sr` in either script.
"""

from __future__ import annotations

import difflib

SAME = {
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
"""Other codes of a language; of a variety, that of the language the Hub files it under."""

UNDETERMINED = "und"
"""ISO 639-2 for a text whose language is not certain enough, or not one we know."""

NO_LANGUAGE = "zxx"
"""ISO 639-2 for what has no linguistic content: here, a text without a single letter."""

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
"""Every language we can tell, by its code."""

LANGUAGES = tuple(NAMES)

TAGS = (*LANGUAGES, UNDETERMINED, NO_LANGUAGE)
"""Everything the column `language` may say."""

OTHER_NAMES = {
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
"""What people write for a language: older and wider codes, countries, names."""


def code_of(tag: str) -> str:
    """Return our code of a language tag (BCP 47): the language alone, by its shortest code."""
    whole = tag.lower().replace("_", "-")
    bare = whole.split("-")[0]
    return SAME.get(bare, bare)


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
