"""The stage `quality`: documents on both sides of every bound, settings, and what is recorded."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import pyarrow as pa
import pytest
from pydantic import ValidationError

from corpus.documents import EVIDENCE, REASON, SCORE
from corpus.observations import compute_observations
from corpus.signals.fineweb2 import FINEWEB2, LANGUAGES
from corpus.signals.names import SCHEMA, STOP_WORDS_BY_LANGUAGE, column_name
from corpus.signals.rules import RULE_SETS
from corpus.stages import make_stage
from tests.conftest import make_documents


def quality(**settings):
    """Return the stage with these settings."""
    return make_stage({"stage": "quality", **settings}, Path())


def only(name: str, rule: str, variant: str | None = None):
    """Return the stage with a single rule of a set."""
    rules = RULE_SETS[name][variant or next(iter(RULE_SETS[name]))]
    off = {f"{name}.{other.name}": False for other in rules if other.name != rule}
    has_variants = variant and len(RULE_SETS[name]) > 1
    return quality(**{name: variant if has_variants else True}, rules=off)


def packed(counts: bytes) -> pa.Array:
    """Return the column of stop words of a single document."""
    return pa.array([counts], pa.binary(len(counts)))


def reasons(stage, *texts: str | None, **columns) -> list[str | None]:
    """Return the reason for which each text is removed."""
    marked = stage.apply(make_documents(*texts, **columns))
    return (
        marked.column(REASON).to_pylist() if REASON in marked.schema.names else [None] * len(texts)
    )


def words(n: int, size: int = 5, start: int = 0) -> list[str]:
    """Return n different words of this many letters."""
    letters = itertools.islice(itertools.product("abcdefghij", repeat=size), start, start + n)
    return ["".join(word) for word in letters]


def filled(n: int, *repeated: str) -> str:
    """Return n words: these, each followed by another word, and then others."""
    others = iter(words(n, start=1000))
    mixed = [word for phrase in repeated for word in (*phrase.split(), next(others))]
    return " ".join([*mixed, *others][:n])


def lines(*parts: tuple[int, str]) -> str:
    """Return lines of which each part has this many, with {} for a different word in each."""
    numbers = itertools.count()
    texts = [form.format(words(1, start=next(numbers))[0]) for n, form in parts for _ in range(n)]
    return "\n".join(texts)


PAIR, TRIPLE, FOUR = "night light", "night light bring", "night light bring quiet"
LONG = "a line of more than thirty characters {}"

DOCUMENTS = {
    "gopher.words": (filled(50), filled(49)),
    "gopher.mean_word_length": (" ".join(words(10, 3)), " ".join([*words(9, 3), "ab"])),
    "gopher.hashes": (filled(50) + " #" * 5, filled(50) + " #" * 6),
    "gopher.ellipses": (filled(50) + " …" * 5, filled(50) + " ..." * 6),
    "gopher.bullet_lines": (lines((9, "- {}"), (1, "{}")), lines((10, "- {}"))),
    "gopher.ellipsis_lines": (lines((3, "{}..."), (7, "{}")), lines((4, "{}…"), (6, "{}"))),
    "gopher.alphabetic_words": (filled(40) + " 1" * 10, filled(39) + " 1" * 10),
    "gopher.stop_words": ("The end of it", "The the end"),
    "gopher.duplicate_lines": (
        lines((6, "same"), (14, "{}")),
        lines((7, "same"), (13, "{}")),
    ),
    "gopher.duplicate_paragraphs": (
        lines((6, "same\n"), (14, "{}\n")),
        lines((7, "same\n"), (13, "{}\n")),
    ),
    "gopher.duplicate_line_characters": (
        lines((2, "equal"), (8, "{}")),
        lines((3, "equal"), (7, "{}")),
    ),
    "gopher.duplicate_paragraph_characters": (
        lines((2, "equal\n"), (8, "{}\n")),
        lines((3, "equal\n"), (7, "{}\n")),
    ),
    "gopher.top_2gram": (
        filled(110, *[PAIR] * 11),
        filled(110, *[PAIR] * 12),
    ),
    "gopher.top_3gram": (filled(100, *[TRIPLE] * 6), filled(100, *[TRIPLE] * 7)),
    "gopher.top_4gram": (
        filled(110, *[FOUR] * 4),
        filled(110, *[FOUR] * 5),
    ),
    **{
        f"gopher.duplicate_{n}grams": (
            filled(math.ceil(2 * n / bound), *[" ".join(words(n))] * 2),
            filled(math.ceil(2 * n / bound) - 1, *[" ".join(words(n))] * 2),
        )
        for n, bound in ((5, 0.15), (6, 0.14), (7, 0.13), (8, 0.12), (9, 0.11), (10, 0.1001))
    },
    "fineweb.lines_with_end_mark": (
        lines((12, "{}。"), (88, "{}")),
        lines((11, "{}."), (89, "{}")),
    ),
    "fineweb.short_lines": (lines((67, "{}"), (33, LONG)), lines((68, "{}"), (32, LONG))),
    "fineweb.duplicate_line_characters": (
        lines((2, "abcd"), (99, "{}")),
        lines((2, "abcdefgh"), (98, "{}")),
    ),
    "fineweb.line_breaks": ("one two three\n" * 3 + "four", "one two three\n" * 4),
    "c4.sentences": ("One is here. " * 5, "One is here. " * 4),
    "c4.curly_brackets": ("Some words here.\nJavascript { it is.", "Some { words here."),
    "c4.lorem_ipsum": ("Some words here.\nLorem ipsum", "Here is Lorem Ipsum."),
    "dclm.words": (filled(50) + " -", filled(49) + " - -"),
    "dclm.symbols": (filled(45) + " ..." * 5, filled(44) + " # #" * 3),
    "dclm.stop_words": ("THE the end", "THE end"),
    "refinedweb.words": (filled(50), filled(49)),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_documents_on_both_sides_of_a_bound(name):
    """A document within the bound of a rule is kept, and one just outside is removed for it."""
    inside, outside = DOCUMENTS[name]
    stage = only(*name.split("."))

    assert reasons(stage, inside, outside) == [None, name.replace(".", "_")]


ALL_RULES = [
    (name, variant, rule)
    for name, variants in RULE_SETS.items()
    for variant, rules in variants.items()
    for rule in rules
    if name != "fineweb2"
]


@pytest.mark.parametrize(
    ("name", "variant", "rule"), ALL_RULES, ids=lambda value: getattr(value, "name", value)
)
def test_bounds_are_inclusive(name, variant, rule):
    """A signal at a bound is kept, the next number beyond it is not, and an undefined one is."""
    kept = [bound for bound in (rule.min, rule.max) if bound is not None]
    removed = [
        *([math.nextafter(rule.min, -math.inf)] if rule.min is not None else []),
        *([math.nextafter(rule.max, math.inf)] if rule.max is not None else []),
    ]
    values = pa.array([*kept, *removed, None], pa.float64())
    measured = pa.record_batch({column_name(rule.signal): values})

    marked = only(name, rule.name, variant).judge(measured)

    expected = [None] * len(kept) + [f"{name}_{rule.name}"] * len(removed) + [None]
    assert marked.column(REASON).to_pylist() == expected


def test_the_evidence_has_the_signal_its_value_and_the_bound():
    """The evidence names signal, value and bound, and the score is the value."""
    marked = only("gopher", "words", "dolma").apply(make_documents("Only three words"))

    assert marked.column(EVIDENCE).to_pylist() == ["words_dolma=3, at least 50"]
    assert marked.column(SCORE).to_pylist() == [3.0]


@pytest.mark.parametrize(
    ("name", "value", "evidence"),
    [
        ("gopher.hashes", math.nextafter(0.1, 1), "=0.10000000000000002, at most 0.1"),
        ("gopher.hashes", 0.10004, "=0.10004, at most 0.1"),
        ("gopher.hashes", 0.25, "=0.25, at most 0.1"),
        ("gopher.words", 100_001, "=100,001, at most 100,000"),
        ("gopher.mean_word_length", 2.99999, "=2.99999, at least 3"),
    ],
)
def test_the_evidence_does_not_contradict_the_bound(name, value, evidence):
    """A value that is outside looks outside, and a bound is written with all of its digits."""
    stage = only(*name.split("."))
    (rule,) = (each for each in RULE_SETS["gopher"]["paper"] if f"gopher.{each.name}" == name)
    marked = stage.judge(pa.record_batch({column_name(rule.signal): [value]}))

    assert marked.column(EVIDENCE).to_pylist() == [f"{rule.signal}{evidence}"]
    (threshold,) = stage.thresholds()
    assert f"={threshold.format(value)}, " in f"{rule.signal}{evidence}"


def test_the_first_broken_rule_is_the_reason():
    """A text that breaks several rules is removed for the first, in the order of its set."""
    assert reasons(quality(gopher=True), "Short.") == ["gopher_words"]
    assert reasons(quality(refinedweb=True), "same\nsame") == ["refinedweb_duplicate_lines"]


def test_a_set_is_limited_to_languages():
    """A set with `languages` judges only documents in these languages."""
    stage = quality(gopher={"languages": ["en"]})

    assert reasons(stage, "Short.", "Kurz.", "?", language=["en", "de", None]) == [
        "gopher_words",
        None,
        None,
    ]


def test_a_decided_language_counts_more_than_the_column_of_the_source():
    """The language that an earlier stage decided is used where it stands among the measurements."""
    stage = quality(gopher={"languages": ["en"]})
    measured = compute_observations(make_documents("Short."), stage.observes())
    measured = measured.append_column("language", pa.array(["en"]))

    assert stage.judge(measured).column(REASON).to_pylist() == ["gopher_words"]


def test_bounds_can_be_changed_one_by_one():
    """`rules` changes one bound of a rule, keeps the other, and switches rules off."""
    stage = quality(gopher=True, rules={"gopher.words": {"min": 2}, "gopher.stop_words": False})

    assert reasons(stage, "Two words", "One") == [None, "gopher_words"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"rules": {"gopher.words": {"min": 1}}}, "no rule set is selected"),
        ({"gopher": True, "rules": {"gopher.word": {"min": 1}}}, "did you mean 'gopher.words'"),
        ({"gopher": True, "rules": {"gopher.words": {}}}, "has no bound"),
        ({"gopher": True, "rules": {"gopher.words": {"max": 49}}}, "no document would be kept"),
        (
            {"fineweb2": True, "rules": {"fineweb2.mean_word_length": {"max": 3.5}}},
            "no document of .. would be kept; give both bounds",
        ),
        ({"fineweb2": {"languages": ["de", "zh"]}}, "no bounds for zh; it has some for"),
        ({"gopher": "massivetext"}, "paper"),
        ({"fineweb": {"languages": []}}, "at least 1"),
    ],
)
def test_wrong_settings_are_refused(settings, message):
    """Unknown rules and variants, empty bounds and bounds that keep nothing are errors."""
    with pytest.raises(ValidationError, match=message):
        quality(**settings)


def test_a_changed_bound_measures_nothing_else():
    """Stages with different sets and bounds observe the same, so that texts are measured once."""
    assert quality().observes() == quality(gopher="dolma", fineweb=True).observes()


def test_thresholds_are_those_that_remove_documents():
    """Each threshold is outside exactly where its rule alone removes a document."""
    stage = quality(gopher={"languages": ["en"]}, rules={"gopher.words": {"min": 2}})
    measured = compute_observations(make_documents("One", "One two"), stage.observes())
    first, second, *_ = stage.thresholds()

    assert (first.reason, first.setting) == ("gopher_words", "rules.gopher.words")
    assert (first.min, first.max, first.languages) == (2, 100_000, ("en",))
    assert first.outside(measured).to_pylist() == [True, False]
    assert second.column == "quality_mean_word_length"


def test_signals_are_columns():
    """The signals that are published are columns of the observation, with these types."""
    stage = quality()
    measured = compute_observations(make_documents("One text."), stage.observes())

    assert list(stage.observes()[0].signals()) == SCHEMA.names
    for field in SCHEMA:
        assert measured.schema.field(field.name).type == field.type


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_of_fineweb2_has_its_own_bounds(language):
    """Of each language, values at the bounds are kept, and values just beyond are removed."""
    stop_words = bytes(2 if code == language else 0 for code in LANGUAGES)
    rules = {rule.name: rule for rule in FINEWEB2[language]}
    kept = {
        column_name(rule.signal): [float(rule.min if rule.max is None else rule.max)]
        for rule in rules.values()
    }
    kept |= {column_name(STOP_WORDS_BY_LANGUAGE): packed(stop_words), "language": [language]}
    stage = quality(fineweb2=True)
    beyond = math.nextafter(rules["top_2gram"].max, 1)

    batch = pa.RecordBatch.from_pydict(kept)
    assert REASON not in stage.judge(batch).schema.names
    worse = pa.RecordBatch.from_pydict(kept | {"quality_top_2gram_datatrove": [beyond]})
    assert stage.judge(worse).column(REASON).to_pylist() == ["fineweb2_top_2gram"]
    other = bytes(1 if code == language else 9 for code in LANGUAGES)
    few = pa.RecordBatch.from_pydict(kept | {column_name(STOP_WORDS_BY_LANGUAGE): packed(other)})
    assert stage.judge(few).column(REASON).to_pylist() == ["fineweb2_stop_words"]


def test_fineweb2_keeps_documents_in_other_languages():
    """A document in a language without bounds, or without a language, is kept."""
    stage = quality(fineweb2=True)
    assert reasons(stage, "Short.", "短い", "?", language=["en", "ja", None]) == [None] * 3


def metrics(stage, *texts: str, language: list[str | None]) -> dict[str, object]:
    """Return the metrics of the stage for documents in these languages."""
    documents = make_documents(*texts, language=language)
    judged = stage.judge(compute_observations(documents, stage.observes()))
    return stage.metrics([stage.decisions(judged)])


def test_documents_that_meet_rules_for_english_are_counted_by_language():
    """Documents in other languages are counted, and those that the rules for English removed."""
    texts = ["Zwei Worte.", "Encore deux mots", "Two words", "?", "Noch ein Satz mit that have"]
    languages = ["de", "fr", "en-GB", None, "de"]
    stage = quality(gopher=True, rules={"gopher.words": {"min": 1}})

    english = metrics(stage, *texts, language=languages)["english_rules"]

    assert english == {"gopher": {"documents": {"de": 2, "fr": 1}, "removed": 2}}


def test_a_set_limited_to_english_or_without_stop_words_meets_no_other_language():
    """Documents that a set does not judge are not counted; nor are sets without English rules."""
    texts, languages = ["Zwei Worte.", "Two words"], ["de", "en"]
    limited = quality(gopher={"languages": ["en"]})
    switched_off = quality(gopher=True, rules={"gopher.stop_words": False}, fineweb=True)

    english = metrics(limited, *texts, language=languages)["english_rules"]
    assert english == {"gopher": {"documents": {}, "removed": 0}}
    assert metrics(switched_off, *texts, language=languages) == {}


def test_languages_without_bounds_are_counted():
    """`fineweb2` counts the documents in languages that it has no bounds for."""
    stage = quality(fineweb2=True)
    counted = metrics(stage, "Kurz.", "短い", "?", "短い", language=["de", "ja", None, "ja"])

    assert counted == {"fineweb2_no_bounds": {"ja": 2, "und": 1}}


def test_scripts_without_spaces_have_words():
    """A Chinese text of fifty characters has fifty words, and is kept by the rule for words."""
    text = "".join(chr(0x4E00 + k) for k in range(50))

    assert reasons(only("gopher", "words"), text, text[:49]) == [None, "gopher_words"]


def test_a_text_of_many_megabytes_is_measured_in_linear_time():
    """Long texts, long words and long lines take time proportional to their length."""
    texts = ["word " * 200_000, "x" * 1_000_000, "\n" * 1_000_000, "a.b" * 300_000]
    stage = quality(gopher="datatrove", c4=True)

    assert reasons(stage, *texts)[0] == "c4_sentences"
