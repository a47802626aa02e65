"""The variants of the quality rules: documents on both sides of every bound."""

from __future__ import annotations

import pytest

from tests.stages.test_quality import FOUR, PAIR, TRIPLE, filled, lines, only, reasons, words


def repeated(n: int, inside: int, outside: int) -> tuple[str, str]:
    """Return two texts of these numbers of words in which n words repeat once."""
    phrase = " ".join(words(n))
    return filled(inside, phrase, phrase), filled(outside, phrase, phrase)


DOCUMENTS = {
    "gopher.datatrove": {
        "words": (filled(50) + " .", filled(49) + " ."),
        "mean_word_length": (" ".join([*words(10, 3), "."]), " ".join([*words(9, 3), "ab ."])),
        "hashes": (filled(45) + " #" * 5, filled(45) + " #" * 6),
        "ellipses": (filled(45) + " …" * 5, filled(45) + " ..." * 6),
        "bullet_lines": (lines((9, "- {}"), (1, "* {}")), lines((10, "• {}"))),
        "ellipsis_lines": (lines((3, "{}..."), (7, "{}")), lines((4, "{}…"), (6, "{}"))),
        "alphabetic_words": (filled(40) + " ." * 10, filled(39) + " ." * 10),
        "stop_words": ("the end of it", "The end of it"),
        "duplicate_paragraphs": (
            lines((4, "same\n"), (6, "{}\n")),
            lines((5, "same\n"), (5, "{}\n")),
        ),
        "duplicate_paragraph_characters": (
            lines((4, "equal\n"), (11, "{}\n")),
            lines((5, "equal\n"), (9, "{}\n")),
        ),
        "duplicate_lines": (lines((4, "same"), (6, "{}")), lines((5, "same"), (5, "{}"))),
        "duplicate_line_characters": (
            lines((3, "equal"), (7, "{}")),
            lines((4, "equal"), (7, "{}")),
        ),
        "top_2gram": (filled(60, *[PAIR] * 6), filled(60, *[PAIR] * 7)),
        "top_3gram": (filled(60, *[TRIPLE] * 3), filled(60, *[TRIPLE] * 4)),
        "top_4gram": (filled(60, *[FOUR] * 2), filled(60, *[FOUR] * 3)),
        "duplicate_5grams": repeated(5, 28, 27),
        "duplicate_6grams": repeated(6, 36, 35),
        "duplicate_7grams": repeated(7, 46, 45),
        "duplicate_8grams": repeated(8, 56, 55),
        "duplicate_9grams": repeated(9, 69, 68),
        "duplicate_10grams": repeated(10, 84, 83),
    },
    "gopher.dolma": {
        "words": (filled(49) + " -", filled(48) + " -"),
        "median_word_length": ("abc " * 3 + "a " * 2, "abc " * 2 + "a " * 3),
        "symbol_words": (filled(45) + " #" * 5, filled(44) + " #" * 5 + " x…"),
        "alphabetic_words": (filled(40) + " 1" * 10, filled(39) + " 1" * 10),
        "stop_words": ("the the", "The the"),
        "bullet_lines": (lines((9, "- {}"), (1, "• {}")), lines((10, "* {}"))),
        "ellipsis_lines": (lines((3, "{}…"), (7, "{}...")), lines((4, "{}…"), (6, "{}"))),
        "duplicate_lines": (lines((3, "same"), (7, "{}")), lines((4, "same"), (6, "{}"))),
        "duplicate_line_characters": (
            lines((3, "equal"), (7, "{}")),
            lines((4, "equal"), (6, "{}")),
        ),
        "top_2gram": (filled(60, *[PAIR] * 6), filled(60, *[PAIR] * 7)),
        "top_3gram": (filled(60, *[TRIPLE] * 3), filled(60, *[TRIPLE] * 4)),
        "top_4gram": (filled(60, *[FOUR] * 2), filled(60, *[FOUR] * 3)),
        "duplicate_5grams": repeated(5, 18, 17),
        "duplicate_6grams": repeated(6, 20, 19),
        "duplicate_7grams": repeated(7, 22, 21),
        "duplicate_8grams": repeated(8, 24, 23),
        "duplicate_9grams": repeated(9, 27, 26),
        "duplicate_10grams": repeated(10, 29, 28),
    },
    "c4.any_end": {
        "sentences": ("One is here. " * 4 + "And more", "One is here. " * 3 + "And more"),
        "curly_brackets": ("Some words here", "Some { words here"),
        "lorem_ipsum": ("Lorem ipsum", "Here is Lorem Ipsum"),
    },
    "dclm.dclm": {
        "mean_word_length": (" ".join(words(10, 3)), " ".join([*words(9, 3), "ab"])),
        "words_without_letter": (filled(40) + " 1" * 10, filled(39) + " 1" * 10),
        "bullet_lines": (lines((9, "- {}"), (1, "{}")), lines((10, "* {}"))),
        "ellipsis_lines": (lines((3, "{}..."), (7, "{}")), lines((4, "{}. . ."), (6, "{}"))),
    },
}


@pytest.mark.parametrize(
    ("variant", "rule"), [(variant, rule) for variant, rules in DOCUMENTS.items() for rule in rules]
)
def test_documents_on_both_sides_of_a_bound(variant, rule):
    """A document within the bound of a variant is kept, and one just outside is removed for it."""
    inside, outside = DOCUMENTS[variant][rule]
    name, _, variant_name = variant.partition(".")
    stage = only(name, rule, variant_name)

    assert reasons(stage, inside, outside) == [None, f"{name}_{rule}"]
