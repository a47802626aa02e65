"""Tests of the stage `language`: tags, removals and settings."""

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
from corpus.languages import codes, observations
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
    """The declared columns are added with their types, and all other columns are unchanged."""
    batch = documents(*TEXTS)
    tagged = Language().apply(batch)
    assert tagged.select(batch.schema.names).equals(batch)
    assert tagged.schema.names == [*batch.schema.names, *Language.adds.names]
    assert tagged.select(Language.adds.names).schema == Language.adds
    assert tagged.column("language").to_pylist() == TAGS
    assert tagged.column("language_script").to_pylist() == ["Latn"] * 4 + ["Zyyy"]
    assert reasons(tagged).null_count == len(TEXTS)


def test_unwanted_languages_are_removed(documents: Documents) -> None:
    """The evidence is the language and its score; uncertain languages have their own reason."""
    tagged = Language(keep=("de",)).apply(documents(*TEXTS))
    assert reasons(tagged).to_pylist() == [
        None,
        "other_language",
        "other_language",
        "unsure_language",
        "other_language",
    ]
    evidence = tagged.column(EVIDENCE).to_pylist()
    assert evidence[:3] == [None, "en", "fr"]
    assert evidence[4] == "zxx"
    assert evidence[3] not in TAGS
    scores = tagged.column("language_score").cast(pa.float64()).to_pylist()
    assert tagged.column(SCORE).to_pylist() == [None, *scores[1:]]


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
def test_keep_and_drop_accept_every_tag(
    documents: Documents, settings: dict[str, list[str]], removed: list[str]
) -> None:
    """`und` and `zxx` can be kept or dropped like any other language."""
    tagged = Language(**settings).apply(documents(*TEXTS))
    removed_tags = [
        tag for tag, reason in zip(TAGS, reasons(tagged).to_pylist(), strict=True) if reason
    ]
    assert removed_tags == removed


def test_an_earlier_reason_is_kept(documents: Documents) -> None:
    """A document that is already removed is tagged, and keeps its reason."""
    marked = remove(documents(ENGLISH), [True], because="boilerplate")
    tagged = Language(keep=["de"]).apply(marked)
    assert tagged.column(REASON).to_pylist() == ["boilerplate"]
    assert tagged.column("language").to_pylist() == ["en"]


def test_reasons_are_declared(documents: Documents) -> None:
    """Documents are removed only for reasons that the stage declares."""
    tagged = Language(keep=["fr"]).apply(documents(*TEXTS))
    assert set(reasons(tagged).drop_null().to_pylist()) == set(Language.reasons)


def test_a_lower_min_score_tags_more_texts(documents: Documents) -> None:
    """With `min_score: 0` no text is `und`; with 1 every text with letters is."""
    batch = documents(*TEXTS)
    lenient = Language(min_score=0).apply(batch).column("language").to_pylist()
    strict = Language(min_score=1).apply(batch).column("language").to_pylist()
    assert "und" not in lenient
    assert strict == ["und"] * 4 + ["zxx"]


def test_language_shares_are_computed_on_request(documents: Documents) -> None:
    """With `paragraphs`, a mixed document has the share of each language; otherwise it is null."""
    batch = documents(f"{GERMAN}\n{GERMAN}\n{ENGLISH}", NONE)
    shares_column = Language(paragraphs=True).apply(batch).column("language_shares").to_pylist()
    assert shares_column[1] is None
    shares = json.loads(shares_column[0])
    assert list(shares) == ["de", "en"]
    assert sum(shares.values()) == pytest.approx(1)
    assert Language().apply(batch).column("language_shares").null_count == 2


def test_a_language_can_have_its_own_min_score(documents: Documents) -> None:
    """`min_scores` replaces `min_score` for the languages that it names."""
    tagged = Language(min_scores={"en": 1.0}).apply(documents(*TEXTS))
    assert tagged.column("language").to_pylist() == ["de", "und", "fr", "und", "zxx"]


def test_the_backend_langdetect_profiles_gives_the_same_columns(documents: Documents) -> None:
    """Another backend fills the same columns, and agrees on clear texts."""
    tagged = Language(backend="langdetect_profiles").apply(documents(*TEXTS))
    assert tagged.column("language").to_pylist() == TAGS
    assert tagged.select(Language.adds.names).schema == Language.adds


def test_tagging_twice_changes_nothing(documents: Documents) -> None:
    """A second run replaces the columns instead of adding them again."""
    once = Language().apply(documents(*TEXTS))
    assert Language().apply(once).equals(once)


@pytest.mark.parametrize("texts", [(), (None,), ("",), (None, GERMAN, "")])
def test_missing_texts_are_tagged_zxx(documents: Documents, texts: tuple[str | None, ...]) -> None:
    """Empty batches, null texts and empty texts are accepted; such a text is `zxx`."""
    tagged = Language(keep=["de"]).apply(documents(*texts))
    assert tagged.column("language").to_pylist() == ["de" if text else "zxx" for text in texts]


@settings(deadline=None, max_examples=30)
@given(st.lists(st.sampled_from(TEXTS) | st.text(max_size=50), max_size=8), st.data())
def test_order_and_batches_do_not_matter(
    documents: Documents, texts: list[str], data: st.DataObject
) -> None:
    """Documents get the same tags and removals in another order or other batches."""
    stage = Language(keep=["de", "fr"])
    batch = documents(*texts)
    tagged = stage.apply(batch)
    order = pa.array(data.draw(st.permutations(range(len(texts)))), pa.int64())
    start = data.draw(st.integers(0, len(texts)))
    assert stage.apply(batch.take(order)).equals(tagged.take(order))
    assert stage.apply(batch[start:]).equals(tagged[start:])


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"keep": ["english"]}, "unknown language code 'english'; did you mean 'en'"),
        ({"keep": ["de", "no"]}, "unknown language code 'no'; did you mean 'nb'"),
        ({"drop": ["xx"]}, "unknown language code 'xx'"),
        ({"keep": []}, "at least 1 item"),
        ({"keep": ["de"], "drop": ["de"]}, "'de' is both in keep and in drop"),
        ({"min_score": 1.5}, "less than or equal to 1"),
        ({"min_scores": {"en": 1.5}}, "less than or equal to 1"),
        ({"min_scores": {"eng": 0.5}}, "unknown language code 'eng'"),
        ({"backend": "fasttext"}, "the model file of `backend: fasttext`"),
        ({"model": "lid.176.ftz"}, "set both, or neither"),
        ({"backend": "cld3"}, "Input should be 'ensemble'"),
        ({"backend": "combined"}, "'combined' is now called 'ensemble'"),
        ({"backend": "profiles"}, "'profiles' is now called 'langdetect_profiles'"),
        ({"sample": 10}, "greater than or equal to 100"),
        ({"sampel": 1000}, "Extra inputs are not permitted"),
    ],
)
def test_wrong_settings_are_refused(config: dict[str, object], message: str) -> None:
    """A wrong setting is refused with a message that says what to do."""
    with pytest.raises(ValidationError, match=message):
        Language(**config)


def test_the_path_of_a_model_is_relative_to_the_config(tmp_path: Path) -> None:
    """The model file is found from any working directory, and after the stage was pickled."""
    (tmp_path / "lid.bin").write_bytes(b"a model")
    config = {"stage": "language", "backend": "fasttext", "model": "lid.bin"}
    stage = make_stage(config, tmp_path)
    assert stage.files() == (tmp_path / "lid.bin",)
    assert pickle.loads(pickle.dumps(stage)).files() == stage.files()
    assert stage.model_dump(mode="json")["model"] == "lid.bin"
    with pytest.raises(EnvironmentFault, match="`model` is relative to the config"):
        make_stage(config, tmp_path / "elsewhere").files()


def test_another_model_changes_the_identity_of_the_stage(tmp_path: Path) -> None:
    """Results of one model file are not reused for another one."""
    config = {"stage": "language", "backend": "fasttext", "model": "lid.bin"}
    identities = set()
    for content in (b"a model", b"another"):
        (tmp_path / "lid.bin").write_bytes(content)
        identities.add(stage_source(make_stage(config, tmp_path)))
    assert len(identities) == 2
    assert stage_source(Language()) == ""


def test_what_a_backend_runs_is_part_of_the_measurement(tmp_path: Path, monkeypatch) -> None:
    """Another content of the model, or version of the package, is another one; a place is not."""
    config = {"stage": "language", "backend": "fasttext", "model": "lid.bin"}
    measured = set()
    for place, content, version in (
        ("a", b"1", "1"),
        ("b", b"1", "1"),
        ("c", b"2", "1"),
        ("d", b"1", "2"),
    ):
        (tmp_path / place).mkdir()
        (tmp_path / place / "lid.bin").write_bytes(content)
        monkeypatch.setattr(observations.metadata, "version", lambda _, version=version: version)
        (observation,) = make_stage(config, tmp_path / place).observes()
        measured.add((observation.model_dump_json(), observation.names))
    assert len(measured) == 3
    assert not any(str(tmp_path) in dump for dump, _ in measured)


def test_the_schema_lists_the_codes() -> None:
    """The JSON Schema lists the language codes, so that editors can complete them."""
    schema = Language.model_json_schema()["properties"]
    assert schema["drop"]["items"]["enum"] == list(codes.TAGS)


def test_the_example_of_the_module_works(documents: Documents) -> None:
    """The YAML in the module's docstring makes a stage that keeps German and English."""
    text = inspect.getdoc(language) or ""
    example = text[text.index("stages:") : text.index("Every document")]
    (settings_,) = yaml.safe_load(example)["stages"]
    tagged = Language(**settings_).apply(documents(*TEXTS))
    assert reasons(tagged).to_pylist()[:3] == [None, None, "other_language"]


def test_warming_up_compiles_every_kernel(documents: Documents) -> None:
    """After `kernels()`, no batch compiles another kernel, not even an empty or read-only one."""
    from corpus.languages.char_ngrams import sum_ngrams
    from corpus.languages.paragraphs import choose_lines, count_lines

    stage = Language(sample=500, paragraphs=True)
    stage.kernels()
    kernels = (sum_ngrams, count_lines, choose_lines)
    ready = [list(kernel.signatures) for kernel in kernels]
    assert all(ready)
    read_only = pa.ipc.open_stream(pa.BufferReader(stream(documents(*TEXTS)))).read_next_batch()
    for batch in (documents(), documents(None), documents("", ENGLISH)[1:], read_only):
        stage.apply(batch)
    assert [kernel.signatures for kernel in kernels] == ready


def stream(batch: pa.RecordBatch) -> bytes:
    """Return a batch as bytes, from which Arrow reads read-only columns."""
    out = pa.BufferOutputStream()
    with pa.ipc.new_stream(out, batch.schema) as writer:
        writer.write_batch(batch)
    return out.getvalue().to_pybytes()
