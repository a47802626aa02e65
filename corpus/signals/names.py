"""The names and types of all signals, in the order of the columns."""

from __future__ import annotations

import pyarrow as pa

NGRAMS = (
    *(f"top_{n}gram" for n in (2, 3, 4)),
    *(f"duplicate_{n}grams" for n in (5, 6, 7, 8, 9, 10)),
)

COUNTS = (
    "characters", "words", "words_datatrove", "words_dclm", "words_dolma", "lines", "stop_words",
    "stop_words_datatrove", "stop_words_dclm", "stop_words_dolma",
    "sentences_c4", "curly_brackets_c4", "lorem_ipsum_c4",
    "sentences_c4_any_end", "curly_brackets_c4_any_end", "lorem_ipsum_c4_any_end",
)  # fmt: skip
"""Whole numbers, which every text has."""

SHARES = (
    "mean_word_length", "hashes_per_word", "ellipses_per_word", "alphabetic_words",
    "mean_word_length_dclm", "symbols_per_word_dclm", "words_without_letter_dclm",
    "median_word_length_dolma", "symbol_words_dolma", "alphabetic_words_dolma",
    "mean_word_length_datatrove", "hashes_per_word_datatrove", "ellipses_per_word_datatrove",
    "alphabetic_words_datatrove", "line_breaks_per_word_fineweb",
    "bullet_lines", "ellipsis_lines", "bullet_lines_datatrove", "ellipsis_lines_datatrove",
    "bullet_lines_dolma", "ellipsis_lines_dolma",
    "lines_with_end_mark_fineweb", "short_lines_fineweb", "duplicate_line_characters_fineweb",
    "duplicate_lines", "duplicate_line_characters",
    "duplicate_paragraphs", "duplicate_paragraph_characters",
    "duplicate_lines_datatrove", "duplicate_line_characters_datatrove",
    "duplicate_paragraphs_datatrove", "duplicate_paragraph_characters_datatrove",
    "duplicate_lines_dolma", "duplicate_line_characters_dolma",
    *NGRAMS, *(f"{name}_dolma" for name in NGRAMS), *(f"{name}_datatrove" for name in NGRAMS),
)  # fmt: skip
"""Ratios; null where they are not defined."""

SIGNALS = (*COUNTS, *SHARES)

STOP_WORDS_BY_LANGUAGE = "stop_words_by_language"
"""How many stop words of each language of FineWeb-2 a text has, one byte each; not published."""


def column_name(signal: str) -> str:
    """Return the name of the column of a signal: `quality_words`."""
    return f"quality_{signal}"


SCHEMA = pa.schema(
    [
        *((column_name(name), pa.int64()) for name in COUNTS),
        *((column_name(name), pa.float64()) for name in SHARES),
    ]
)
"""The columns of all signals."""
