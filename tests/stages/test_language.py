"""The stage `language` tags every document, and removes only what it is told to."""

from __future__ import annotations

import inspect
import json
import pickle
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from corpus.documents import EVIDENCE, REASON, SCORE, reasons, remove
from corpus.errors import EnvironmentFault
from corpus.languages import codes
from corpus.pipeline.identity import stage_source
from corpus.stages import language, make_stage
from corpus.stages.language import Language

Documents = Callable[..., pa.RecordBatch]

GERMAN = (
    "Der Rat der Stadt hat beschlossen, die alte Brücke über den Fluss nächstes Jahr zu erneuern."
)
ENGLISH = "The council of the town has decided to renew the old bridge over the river next year."
FRENCH = (
    "Le conseil de la ville a décidé de rénover le vieux pont sur la rivière l'année prochaine."
)
UNSURE = "xqj zzkq wpv"
NONE = "12.50"
TEXTS = (GERMAN, ENGLISH, FRENCH, UNSURE, NONE)
TAGS = ["de", "en", "fr", "und", "zxx"]


def test_every_document_is_tagged(documents: Documents) -> None:
    """Three columns of the promised types are added; all else is as it was."""
    given_ = documents(*TEXTS)
    found = Language().apply(given_)
    assert found.select(given_.schema.names).equals(given_)
    assert found.schema.names == [*given_.schema.names, *Language.adds.names]
    assert found.select(Language.adds.names).schema == Language.adds
    assert found.column("language").to_pylist() == TAGS
    assert found.column("language_script").to_pylist() == ["Latn"] * 4 + ["Zyyy"]
    assert reasons(found).null_count == len(TEXTS)


def test_other_languages_than_those_to_keep_are_removed(documents: Documents) -> None:
    """The evidence is the language and its score; what is undecided is said to be."""
    found = Language(keep=("de",)).apply(documents(*TEXTS))
    assert reasons(found).to_pylist() == [
        None,
        "other_language",
        "other_language",
        "unsure_language",
        "other_language",
    ]
    evidence = found.column(EVIDENCE).to_pylist()
    assert evidence[:3] == [None, "en", "fr"]
    assert evidence[4] == "zxx"
    assert evidence[3] not in TAGS
    scores = found.column("language_score").cast(pa.float64()).to_pylist()
    assert found.column(SCORE).to_pylist() == [None, *scores[1:]]


@pytest.mark.parametrize(
    ("settings", "removed"),
    [
        ({"drop": ["en"]}, ["en"]),
        ({"drop": ["und", "zxx"]}, ["und", "zxx"]),
        ({"keep": ["de", "und", "zxx"]}, ["en", "fr"]),
        ({"keep": ["de", "en"], "drop": ["fr"]}, ["fr", "und", "zxx"]),
        ({"drop": []}, []),
    ],
)
def test_keep_and_drop_are_obeyed(
    documents: Documents, settings: dict[str, list[str]], removed: list[str]
) -> None:
    """What is undecided or no language can be kept or dropped like any other."""
    found = Language(**settings).apply(documents(*TEXTS))
    gone = [tag for tag, reason in zip(TAGS, reasons(found).to_pylist(), strict=True) if reason]
    assert gone == removed


def test_an_earlier_reason_stays(documents: Documents) -> None:
    """A document that is removed already is tagged too, but keeps the reason it had."""
    marked = remove(documents(ENGLISH), [True], because="boilerplate")
    found = Language(keep=["de"]).apply(marked)
    assert found.column(REASON).to_pylist() == ["boilerplate"]
    assert found.column("language").to_pylist() == ["en"]


def test_reasons_are_those_declared(documents: Documents) -> None:
    """No document goes for a reason that the stage does not explain."""
    found = Language(keep=["fr"]).apply(documents(*TEXTS))
    assert set(reasons(found).drop_null().to_pylist()) == set(Language.reasons)


def test_a_lower_min_score_decides_more(documents: Documents) -> None:
    """At 0 every text with a possible language has one; at 1 none has."""
    batch = documents(*TEXTS)
    eager = Language(min_score=0).apply(batch).column("language").to_pylist()
    strict = Language(min_score=1).apply(batch).column("language").to_pylist()
    assert "und" not in eager
    assert strict == ["und"] * 4 + ["zxx"]


def test_shares_come_on_request(documents: Documents) -> None:
    """With `paragraphs` a mixed document has the share of each language; else it is null."""
    batch = documents(f"{GERMAN}\n{GERMAN}\n{ENGLISH}", NONE)
    found = Language(paragraphs=True).apply(batch).column("language_shares").to_pylist()
    assert found[1] is None
    shares = json.loads(found[0])
    assert list(shares) == ["de", "en"]
    assert sum(shares.values()) == pytest.approx(1)
    assert Language().apply(batch).column("language_shares").null_count == 2


def test_a_language_may_need_a_score_of_its_own(documents: Documents) -> None:
    """`min_scores` stand in place of `min_score` for the languages they name."""
    found = Language(min_scores={"en": 1.0}).apply(documents(*TEXTS))
    assert found.column("language").to_pylist() == ["de", "und", "fr", "und", "zxx"]


def test_the_profiles_can_be_used_alone(documents: Documents) -> None:
    """The backend `langdetect_profiles` gives the same columns and the same languages here."""
    found = Language(backend="langdetect_profiles").apply(documents(*TEXTS))
    assert found.column("language").to_pylist() == TAGS
    assert found.select(Language.adds.names).schema == Language.adds


def test_tagging_twice_changes_nothing(documents: Documents) -> None:
    """The columns are replaced, not added again."""
    once = Language().apply(documents(*TEXTS))
    assert Language().apply(once).equals(once)


@pytest.mark.parametrize("texts", [(), (None,), ("",), (None, GERMAN, "")])
def test_missing_texts_are_no_language(documents: Documents, texts: tuple[str | None, ...]) -> None:
    """No documents at all, or some without text, are nothing special."""
    found = Language(keep=["de"]).apply(documents(*texts))
    assert found.column("language").to_pylist() == ["de" if text else "zxx" for text in texts]


@settings(deadline=None, max_examples=30)
@given(st.lists(st.sampled_from(TEXTS) | st.text(max_size=50), max_size=8), st.data())
def test_rows_may_be_cut_and_ordered_as_one_likes(
    documents: Documents, texts: list[str], data: st.DataObject
) -> None:
    """Documents in another order or other batches are tagged and removed alike."""
    stage = Language(keep=["de", "fr"])
    batch = documents(*texts)
    whole = stage.apply(batch)
    order = pa.array(data.draw(st.permutations(range(len(texts)))), pa.int64())
    cut = data.draw(st.integers(0, len(texts)))
    assert stage.apply(batch.take(order)).equals(whole.take(order))
    assert stage.apply(batch[cut:]).equals(whole[cut:])


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"keep": ["english"]}, "unknown language code 'english'; did you mean 'en'"),
        ({"keep": ["de", "no"]}, "unknown language code 'no'; did you mean 'nb'"),
        ({"drop": ["xx"]}, "unknown language code 'xx'"),
        ({"keep": []}, "at least 1 item"),
        ({"keep": ["de"], "drop": ["de"]}, "'de' is both in keep and in drop"),
        ({"min_score": 1.5}, "less than or equal to 1"),
        ({"min_scores": {"en": 1.5}}, "less than or equal to 1"),
        ({"min_scores": {"eng": 0.5}}, "unknown language code 'eng'"),
        ({"backend": "fasttext"}, "the file that `backend: fasttext` needs"),
        ({"model": "lid.176.ftz"}, "no other backend takes one"),
        ({"backend": "cld3"}, "Input should be 'ensemble'"),
        ({"backend": "combined"}, "'combined' is now called 'ensemble'"),
        ({"backend": "profiles"}, "'profiles' is now called 'langdetect_profiles'"),
        ({"sample": 10}, "greater than or equal to 100"),
        ({"sampel": 1000}, "Extra inputs are not permitted"),
    ],
)
def test_wrong_settings_are_refused(wrong: dict[str, object], message: str) -> None:
    """A mistake in the settings is told with what was meant, before anything is read."""
    with pytest.raises(ValidationError, match=message):
        Language(**wrong)


def test_a_model_file_is_sought_beside_the_config(tmp_path: Path) -> None:
    """The path is the config's, not that of whoever starts the build; the stage travels with it."""
    (tmp_path / "lid.bin").write_bytes(b"a model")
    said = {"stage": "language", "backend": "fasttext", "model": "lid.bin"}
    stage = make_stage(said, tmp_path)
    assert stage.files() == (tmp_path / "lid.bin",)
    assert pickle.loads(pickle.dumps(stage)).files() == stage.files()
    assert stage.model_dump(mode="json")["model"] == "lid.bin"
    with pytest.raises(EnvironmentFault, match="`model` is relative to the config"):
        make_stage(said, tmp_path / "elsewhere").files()


def test_another_model_is_another_stage(tmp_path: Path) -> None:
    """What was made with one model file is not taken for what another one makes."""
    said = {"stage": "language", "backend": "fasttext", "model": "lid.bin"}
    found = set()
    for content in (b"a model", b"another"):
        (tmp_path / "lid.bin").write_bytes(content)
        found.add(stage_source(make_stage(said, tmp_path)))
    assert len(found) == 2
    assert stage_source(Language()) == ""


def test_the_schema_lists_the_codes() -> None:
    """Editors complete the codes that a document may be tagged with."""
    schema = Language.model_json_schema()["properties"]
    assert schema["drop"]["items"]["enum"] == list(codes.TAGS)


def test_the_example_of_the_module_works(documents: Documents) -> None:
    """The YAML that the module opens with is a stage, and does what is said."""
    text = inspect.getdoc(language) or ""
    example = text[text.index("stages:") : text.index("Every document")]
    (settings_,) = yaml.safe_load(example)["stages"]
    found = Language(**settings_).apply(documents(*TEXTS))
    assert reasons(found).to_pylist()[:3] == [None, None, "other_language"]


def test_kernels_are_ready_after_warming_up(documents: Documents) -> None:
    """Warming up compiles all that tagging calls; no batch, empty or mapped, compiles more."""
    from corpus.languages.char_ngrams import sum_ngrams
    from corpus.languages.paragraphs import choose_lines, count_lines

    stage = Language(sample=500, paragraphs=True)
    stage.kernels()
    kernels = (sum_ngrams, count_lines, choose_lines)
    ready = [list(kernel.signatures) for kernel in kernels]
    assert all(ready)
    mapped = pa.ipc.open_stream(pa.BufferReader(stream(documents(*TEXTS)))).read_next_batch()
    for batch in (documents(), documents(None), documents("", ENGLISH)[1:], mapped):
        stage.apply(batch)
    assert [kernel.signatures for kernel in kernels] == ready


def stream(batch: pa.RecordBatch) -> bytes:
    """Return a batch as bytes, from which Arrow reads columns that cannot be written."""
    out = pa.BufferOutputStream()
    with pa.ipc.new_stream(out, batch.schema) as writer:
        writer.write_batch(batch)
    return out.getvalue().to_pybytes()
