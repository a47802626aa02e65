"""The published rule sets: each rule names a signal and the bounds within which a text is kept.

Both bounds are inclusive, and an undefined signal is within every bound. The order of the rules is
that of the tool, or of the paper: the first rule that a text breaks is the reason for its removal.

    paper      Gopher: Rae et al. 2021, section A1.1, with our words
    datatrove  datatrove 0.10.1, GopherQualityFilter and GopherRepetitionFilter
    dolma      dolma 1.2.1, tagger gopher_v1, with the bounds of its mixer configs
    c4         datatrove 0.10.1, C4QualityFilter; any_end with filter_no_terminal_punct=False
    fineweb    datatrove 0.10.1, FineWebQualityFilter: FineWeb's own three rules and its list rule
    fineweb2   FineWeb-2's pipeline, with the bounds of each language
    dclm       DCLM's dclm_baseline_refinedweb.yaml: its rules for whole documents
    refinedweb RefinedWeb: Penedo et al. 2023, section G.2; the rules of Gopher's paper
"""

from __future__ import annotations

from corpus.signals.fineweb2 import FINEWEB2
from corpus.signals.rule import Rule, repeated_ngrams

_DUPLICATE_LINES = (
    Rule("duplicate_lines", "duplicate_lines", max=0.3),
    Rule("duplicate_paragraphs", "duplicate_paragraphs", max=0.3),
    Rule("duplicate_line_characters", "duplicate_line_characters", max=0.2),
    Rule("duplicate_paragraph_characters", "duplicate_paragraph_characters", max=0.2),
)

GOPHER_PAPER = (
    Rule("words", "words", min=50, max=100_000),
    Rule("mean_word_length", "mean_word_length", min=3, max=10),
    Rule("hashes", "hashes_per_word", max=0.1),
    Rule("ellipses", "ellipses_per_word", max=0.1),
    Rule("bullet_lines", "bullet_lines", max=0.9),
    Rule("ellipsis_lines", "ellipsis_lines", max=0.3),
    Rule("alphabetic_words", "alphabetic_words", min=0.8),
    Rule("stop_words", "stop_words", min=2),
    *_DUPLICATE_LINES,
    *repeated_ngrams(),
)

GOPHER_DATATROVE = (
    Rule("words", "words_datatrove", min=50, max=100_000),
    Rule("mean_word_length", "mean_word_length_datatrove", min=3, max=10),
    Rule("hashes", "hashes_per_word_datatrove", max=0.1),
    Rule("ellipses", "ellipses_per_word_datatrove", max=0.1),
    Rule("bullet_lines", "bullet_lines_datatrove", max=0.9),
    Rule("ellipsis_lines", "ellipsis_lines_datatrove", max=0.3),
    Rule("alphabetic_words", "alphabetic_words_datatrove", min=0.8),
    Rule("stop_words", "stop_words_datatrove", min=2),
    Rule("duplicate_paragraphs", "duplicate_paragraphs_datatrove", max=0.3),
    Rule("duplicate_paragraph_characters", "duplicate_paragraph_characters_datatrove", max=0.2),
    Rule("duplicate_lines", "duplicate_lines_datatrove", max=0.3),
    Rule("duplicate_line_characters", "duplicate_line_characters_datatrove", max=0.2),
    *repeated_ngrams("_datatrove"),
)

GOPHER_DOLMA = (
    Rule("words", "words_dolma", min=50, max=100_000),
    Rule("median_word_length", "median_word_length_dolma", min=3, max=10),
    Rule("symbol_words", "symbol_words_dolma", max=0.1),
    Rule("alphabetic_words", "alphabetic_words_dolma", min=0.8),
    Rule("stop_words", "stop_words_dolma", min=2),
    Rule("bullet_lines", "bullet_lines_dolma", max=0.9),
    Rule("ellipsis_lines", "ellipsis_lines_dolma", max=0.3),
    Rule("duplicate_lines", "duplicate_lines_dolma", max=0.3),
    Rule("duplicate_line_characters", "duplicate_line_characters_dolma", max=0.3),
    *repeated_ngrams("_dolma"),
)

FINEWEB = (
    Rule("lines_with_end_mark", "lines_with_end_mark_fineweb", min=0.12),
    Rule("short_lines", "short_lines_fineweb", max=0.67),
    Rule("duplicate_line_characters", "duplicate_line_characters_fineweb", max=0.01),
    Rule("line_breaks", "line_breaks_per_word_fineweb", max=0.3),
)

DCLM = (
    Rule("words", "words_dclm", min=50, max=100_000),
    Rule("mean_word_length", "mean_word_length_dclm", min=3, max=10),
    Rule("symbols", "symbols_per_word_dclm", max=0.1),
    Rule("bullet_lines", "bullet_lines", max=0.9),
    Rule("ellipsis_lines", "ellipsis_lines", max=0.3),
    Rule("words_without_letter", "words_without_letter_dclm", max=0.2),
    Rule("stop_words", "stop_words_dclm", min=2),
    *_DUPLICATE_LINES,
    *repeated_ngrams(),
)

C4 = (
    Rule("curly_brackets", "curly_brackets_c4", max=0),
    Rule("lorem_ipsum", "lorem_ipsum_c4", max=0),
    Rule("sentences", "sentences_c4", min=5),
)
C4_ANY_END = tuple(rule._replace(signal=f"{rule.signal}_any_end") for rule in C4)

REFINEDWEB = (*GOPHER_PAPER[8:], *GOPHER_PAPER[:8])

RULE_SETS: dict[str, dict[str, tuple[Rule, ...]]] = {
    "c4": {"datatrove": C4, "any_end": C4_ANY_END},
    "gopher": {"paper": GOPHER_PAPER, "datatrove": GOPHER_DATATROVE, "dolma": GOPHER_DOLMA},
    "fineweb": {"datatrove": FINEWEB},
    "fineweb2": {"datatrove": next(iter(FINEWEB2.values()))},
    "refinedweb": {"paper": REFINEDWEB},
    "dclm": {"dclm": DCLM},
}
"""The rules of each variant of each set; the first variant is the default. Those of FineWeb-2 have
other bounds in each language (`corpus.signals.fineweb2`)."""

DESCRIPTIONS = {
    "curly_brackets": "one of the lines to keep has a curly bracket",
    "lorem_ipsum": 'one of the lines to keep has "lorem ipsum"',
    "sentences": "the lines to keep have too few sentences",
    "words": "it has too few or too many words",
    "mean_word_length": "its words are too short or too long on average",
    "median_word_length": "its words are too short or too long at the median",
    "hashes": "it has too many number signs (#) for its words",
    "ellipses": "it has too many ellipses for its words",
    "symbols": "it has too many number signs and ellipses for its words",
    "symbol_words": "too many of its words have a number sign or an ellipsis",
    "bullet_lines": "too many of its lines begin with a bullet",
    "ellipsis_lines": "too many of its lines end with an ellipsis",
    "alphabetic_words": "too few of its words have a letter",
    "words_without_letter": "too many of its words have no letter",
    "stop_words": "it has too few of the most common words of its language",
    "duplicate_lines": "too many of its lines are repeated",
    "duplicate_paragraphs": "too many of its paragraphs are repeated",
    "duplicate_line_characters": "repeated lines have too many of its characters",
    "duplicate_paragraph_characters": "repeated paragraphs have too many of its characters",
    "lines_with_end_mark": "too few of its lines end with a mark that ends a sentence",
    "short_lines": "too many of its lines have at most 30 characters",
    "line_breaks": "it has too many line breaks for its words",
} | {
    f"{what}": f"{why} of {n} words have too many of its characters"
    for n in range(2, 11)
    for what, why in (
        (f"top_{n}gram", "occurrences of its most frequent sequence"),
        (f"duplicate_{n}grams", "repeated sequences"),
    )
}
"""Why a rule removes a text."""


def reasons() -> dict[str, str]:
    """Return each reason for a removal with its description: `gopher_words`."""
    return {
        f"{name}_{rule.name}": f"{name}: {DESCRIPTIONS[rule.name]}"
        for name, variants in RULE_SETS.items()
        for rules in variants.values()
        for rule in rules
    }
