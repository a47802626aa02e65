"""`corpus tune`: what each threshold removes, from the cache alone."""

from __future__ import annotations

import json
import random
from html.parser import HTMLParser

import pytest

from corpus.config.load import load_config
from corpus.errors import InputError
from corpus.pipeline.build import build
from corpus.pipeline.engine import Serial
from corpus.terminal import format_number
from corpus.tuning.page import page
from corpus.tuning.terminal import as_dict, left_out, name_of, share_of, summary
from corpus.tuning.tune import tune
from tests.pipeline.test_thresholds import FRENCH, GERMAN, count_passes

STAGES = (
    "[{stage: language, drop: [fr]}, {stage: filter, words: {min: 8, max: 40},"
    " columns: {views: {min: 3, missing: keep}}}, deduplicate]"
)


def rows_of(n: int = 60) -> list[dict[str, object]]:
    """Return records of 1 to `n` English words, two in other languages, some without views."""
    words = "the council met on a bridge over this river and the mayor voted for that budget"
    rows: list[dict[str, object]] = []
    for i in range(1, n + 1):
        text = " ".join(random.Random(i).choices(words.split(), k=i))
        rows.append({"id": f"e{i}", "text": text} | ({"views": i % 7} if i % 5 else {}))
    return [*rows, {"id": "g", "text": GERMAN, "views": 9}, {"id": "f", "text": FRENCH, "views": 9}]


def config_for(folder, stages: str = STAGES, *settings: str):
    """Return the config of a folder with these stages."""
    (folder / "in").mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(row) + "\n" for row in rows_of()]
    (folder / "in" / "a.jsonl").write_text("".join(lines), encoding="utf-8")
    (folder / "c.yaml").write_text(
        f"name: c\nsources: [{{path: 'in/*'}}]\nstages: {stages}\n", encoding="utf-8"
    )
    return load_config(folder / "c.yaml", settings)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder with a config and its build."""
    folder = tmp_path_factory.mktemp("tune")
    build(config_for(folder), engine=Serial())
    return folder


def by_setting(tuning):
    """Return the results by stage and setting."""
    return {f"{each.stage}.{each.threshold.setting}": each for each in tuning.results}


def test_each_threshold_counts_what_it_removes_alone_and_together(folder):
    """The counts are those of plain Python over the records."""
    tuning = tune(config_for(folder))
    results = by_setting(tuning)
    assert list(results) == ["filter.words", "filter.columns.views"]
    rows = rows_of()
    words = {row["id"] for row in rows if not 8 <= len(str(row["text"]).split()) <= 40}
    views = {row["id"] for row in rows if row.get("views", 3) < 3}  # type: ignore[operator]
    assert results["filter.words"].removed == len(words)
    assert results["filter.columns.views"].removed == len(views)
    assert results["filter.words"].removed_only == len(words - views - {"f"})
    assert results["filter.columns.views"].removed_only == len(views - words - {"f"})
    assert tuning.documents == len(rows)
    assert tuning.removed == len(words | views | {"f"})


def test_another_bound_is_tried_without_reading(folder, monkeypatch):
    """A build with the new bound removes what was foretold."""
    passes = count_passes(monkeypatch)
    changed = config_for(folder, STAGES, "stages.filter.words.min=20")
    tuning = tune(changed)
    assert passes == []
    assert by_setting(tuning)["filter.words"].removed == 19 + 20 + 2  # both sentences are short
    made = build(changed, engine=Serial())
    rows = made.manifest["funnel"]
    removed = sum(row["documents"] for row in rows if row["stage"] in ("filter", "language"))
    assert removed == tuning.removed


def test_the_documents_next_to_a_threshold_are_shown_with_their_texts(folder):
    """The nearest come first, on the side on which they are."""
    result = by_setting(tune(config_for(folder)))["filter.words"]
    assert {each.value for each in result.kept_nearest} <= {8, 9, 10, 38, 39, 40}
    assert [each.value for each in result.removed_nearest][:2] in ([7, 41], [41, 7])
    for each in (*result.kept_nearest, *result.removed_nearest):
        assert len(each.text.split()) == each.value
        assert each.id == f"e{each.value:.0f}"


def test_each_language_has_its_distribution(folder):
    """The first is that of all documents; the counts of the bins add up to those with a value."""
    result = by_setting(tune(config_for(folder)))["filter.columns.views"]
    everything, *languages = result.distributions
    assert everything.language is None
    assert everything.documents == 62
    assert everything.missing == 12
    assert sum(everything.counts) == 50
    assert {each.language for each in languages} >= {"en", "de"}
    assert sum(each.documents for each in languages) == 62
    assert sum(each.removed for each in languages) == everything.removed
    assert everything.quantiles == tuple(sorted(everything.quantiles))


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("stages.language.sample=300", "not measured yet as this config asks for"),
        ("output.path=elsewhere/c", "build first: corpus build c.yaml"),
        ("sources.0.columns={text: body}", "not measured yet"),
    ],
)
def test_what_is_not_in_the_cache_is_not_guessed(folder, setting, message):
    """The message names the file and the command that measures it."""
    with pytest.raises(InputError, match=message):
        tune(config_for(folder, STAGES, setting))


def test_stages_without_numbers_have_no_thresholds(folder, tmp_path):
    """Lists of languages and values are conditions; the summary says that there is no number."""
    config = config_for(tmp_path, "[{stage: language, drop: [fr]}]")
    build(config, engine=Serial())
    tuning = tune(config)
    assert tuning.results == ()
    assert tuning.removed == 1
    assert "no stage compares a number" in summary(tuning)
    assert "No stage compares a number" in page(tuning, "c")


def test_the_minimum_score_counts_where_it_removes(tmp_path):
    """With `keep`, uncertain documents are removed: the score is a threshold."""
    config = config_for(tmp_path, "[{stage: language, keep: [en], min_score: 0.5}]")
    build(config, engine=Serial())
    (result,) = tune(config).results
    assert (result.threshold.setting, result.threshold.min) == ("min_score", 0.5)
    assert 0 < result.removed < 62


def test_each_minimum_score_counts_the_documents_of_its_language(tmp_path):
    """With `min_scores`, neighbours and removals of a bound are those of its own language."""
    stages = "[{stage: language, keep: [en], min_score: 0.3, min_scores: {en: 1, de: 0.1}}]"
    config = config_for(tmp_path, stages)
    build(config_for(tmp_path, stages.replace("en: 1", "en: 0.5")), engine=Serial())
    results = by_setting(tune(config))
    assert list(results) == [
        f"language.{name}" for name in ("min_score", "min_scores.de", "min_scores.en")
    ]
    german, english = results["language.min_scores.de"], results["language.min_scores.en"]
    assert german.removed == 0
    assert {each.id for each in german.kept_nearest} == {"g"}
    assert english.removed > 50
    assert all(each.id.startswith("e") for each in english.removed_nearest)


LATER = "[{stage: filter, words: {min: 5}}, deduplicate_lines, {stage: filter, words: {min: 6}}]"


def test_a_stage_behind_one_that_changes_texts_is_shown(tmp_path):
    """What it measures is in the cache as well; its share is one of the documents before it."""
    build(config_for(tmp_path, LATER), engine=Serial())
    changed = tune(config_for(tmp_path, LATER, "stages.2.words.min=20"))
    first, second = changed.results
    assert [first.threshold.min, second.threshold.min] == [5, 20]
    assert first.removed == 4
    assert (first.documents, second.documents) == (62, 58)
    assert second.removed == second.removed_only > 10
    assert changed.removed == first.removed + second.removed
    assert changed.not_measured == ()


def test_what_would_be_measured_on_other_texts_is_named(tmp_path):
    """An earlier threshold that changes what later stages measure leaves them out, by name."""
    build(config_for(tmp_path, LATER), engine=Serial())
    changed = tune(config_for(tmp_path, LATER, "stages.0.words.min=9"))
    assert [result.threshold.min for result in changed.results] == [9]
    assert changed.not_measured == ("filter",)
    for text in (summary(changed), page(changed, "c")):
        assert "ot shown: filter. With these settings it measures other texts" in text


class Checker(HTMLParser):
    """Counts elements, and fails on scripts and links that leave the page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []

    def handle_starttag(self, tag, attrs):
        """Keep the tag."""
        assert tag not in ("script", "img", "link")
        assert all(name != "href" or str(value).startswith("#") for name, value in attrs)
        self.tags.append(tag)


def test_the_page_has_a_chart_with_lines_and_works_offline(folder):
    """Each threshold has a histogram with its bounds; texts of documents are escaped."""
    tuning = tune(config_for(folder))
    first = tuning.results[0]
    evil = first.kept_nearest[0]._replace(text="<script>alert(1)</script>")
    tuning = tuning._replace(results=(first._replace(kept_nearest=(evil,)), *tuning.results[1:]))
    text = page(tuning, "a <b> name")
    checker = Checker()
    checker.feed(text)
    assert checker.tags.count("figure") == 2
    assert checker.tags.count("line") >= 3
    assert "filter.words" in text
    assert "a &lt;b&gt; name" in text


def test_the_summary_and_json_have_the_counts(folder):
    """The terminal shows the settings as `--set` takes them; JSON has everything."""
    tuning = tune(config_for(folder))
    text = summary(tuning)
    assert "filter.words" in text
    assert "8 to 40" in text
    assert "removed" in text
    assert "e7: " in text
    assert "e7: " not in summary(tuning, nearest=0)
    values = json.loads(json.dumps(as_dict(tuning)))
    assert values["thresholds"][0]["removed"] == tuning.results[0].removed


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (3, "3"),
        (0.25, "0.25"),
        (0.123456, "0.1235"),
        (1234567.0, "1,234,567"),
        (-2.5, "-2.5"),
    ],
)
def test_numbers_are_short(value, text):
    """No zeros that say nothing, and thousands are separated."""
    assert format_number(value) == text


def test_one_bound_is_named_by_its_side(folder):
    """`at least` and `at most`, or both bounds."""
    (words, views) = tune(config_for(folder)).results
    assert words.threshold.bounds == "8 to 40"
    assert views.threshold.bounds == "at least 3"
    only_max = words._replace(threshold=words.threshold._replace(min=None))
    assert only_max.threshold.bounds == "at most 40"


def test_explain_shows_the_signals_of_a_document_beside_their_thresholds(folder):
    """Every threshold of a stage is shown, also behind the one that removed the document."""
    from corpus.auditing.explain.explain import explain

    made = build(config_for(folder), engine=Serial())
    text = str(explain(made.path, "e7"))
    assert "number of words: 7 (kept: 8 to 40; words), outside" in text
    assert "views: 0 (kept: at least 3; columns.views), outside" in text
    kept = str(explain(made.path, "e38"))
    assert "number of words: 38 (kept: 8 to 40; words)\n" in kept
    assert "outside" not in kept
    assert "views: no value (kept: at least 3; columns.views)" in str(explain(made.path, "e10"))


def test_explain_shows_the_bounds_for_the_language_of_a_document(tmp_path):
    """Bounds for other languages are counted, not listed: they were not compared with it."""
    from corpus.auditing.explain.explain import explain

    rows = [{"id": "german", "text": GERMAN}, {"id": "french", "text": FRENCH}]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    quality = {"fineweb2": {"languages": ["de", "sv"]}, "dclm": {"languages": ["en"]}}
    rules = {"fineweb2.words": {"min": 1}, "dclm.words": {"min": 1}}
    only = {f"{n}.{rule.name}": False for n in quality for rule in _rules_of(n)} | rules
    config = load_config(
        {
            "name": "c",
            "sources": [{"path": str(tmp_path / "a.jsonl"), "content": "text"}],
            "stages": ["language", {"stage": "quality", **quality, "rules": only}],
            "output": {"path": str(tmp_path / "out")},
        }
    )
    made = build(config, engine=Serial())

    german = str(explain(made.path, "german"))
    assert german.count("rules.fineweb2.words") == 1
    assert "and 2 bounds for documents in other languages" in german
    french = str(explain(made.path, "french"))
    assert "rules.fineweb2" not in french
    assert "and 3 bounds for documents in other languages" in french


def test_thresholds_of_languages_are_named_and_measured_in_these_alone(tmp_path):
    """Quantiles and shares are of the documents that are compared; no others are shown."""
    rows = [{"id": f"g{n}", "text": f"{GERMAN} " * (n + 1)} for n in range(3)]
    rows += [{"id": "french", "text": FRENCH * 30}]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    rules = {f"fineweb2.{rule.name}": False for rule in _rules_of("fineweb2")}
    rules["fineweb2.words"] = {"min": 1}
    stage = {"stage": "quality", "fineweb2": {"languages": ["de", "sv", "cs"]}, "rules": rules}
    config = load_config(
        {
            "name": "c",
            "sources": [{"path": str(tmp_path / "a.jsonl"), "content": "text"}],
            "stages": [{"stage": "language", "min_scores": {"de": 0.1}, "keep": ["de"]}, stage],
            "output": {"path": str(tmp_path / "out")},
        }
    )
    build(config, engine=Serial())
    tuning = tune(config)

    names = [name_of(result) for result in tuning.results]
    assert names == [
        "language.min_score",
        "language.min_scores.de",
        "quality.rules.fineweb2.words (de)",
    ]
    assert tuning.not_compared == 2
    (german,) = tuning.results[-1].distributions[1:]
    assert (german.language, german.documents) == ("de", 3)
    assert tuning.results[-1].distributions[0] == german._replace(language=None)
    (note,) = left_out(tuning)
    assert note == "not shown: 2 thresholds for languages that no document is in"
    assert note in summary(tuning)
    assert note[1:] in page(tuning, "c")
    assert as_dict(tuning)["not_compared"] == 2


def test_languages_in_a_name_are_at_most_three(folder):
    """A set that is limited to many languages has a short name."""
    result = tune(config_for(folder)).results[0]
    many = result._replace(threshold=result.threshold._replace(languages=("a", "b", "c", "d")))
    assert name_of(many) == "filter.words (a, b, c, ...)"
    assert name_of(result) == "filter.words"


def test_many_thresholds_have_links_in_the_table_alone(folder):
    """A list of all sections at the top would be longer than the table below it."""
    tuning = tune(config_for(folder))
    assert "<nav" in page(tuning, "few")
    many = page(tuning._replace(results=tuning.results * 10), "many")
    assert "<nav" not in many
    assert many.count('<a href="#t') == 20


@pytest.mark.parametrize(
    ("count", "n", "text"),
    [
        (0, 9, "0 %"),
        (0, 0, "0 %"),
        (1, 27_644, "< 0.1 %"),
        (1, 1000, "0.1 %"),
        (9, 9, "100.0 %"),
    ],
)
def test_a_small_share_is_not_zero(count, n, text):
    """A share is only 0 if there is nothing."""
    assert share_of(count, n) == text


def _rules_of(rule_set):
    """Return the rules of any variant or language of a set."""
    from corpus.signals.fineweb2 import FINEWEB2
    from corpus.signals.rules import RULE_SETS

    of_languages = list(FINEWEB2.values()) if rule_set == "fineweb2" else []
    return {r for rules in (*RULE_SETS[rule_set].values(), *of_languages) for r in rules}
