"""Third-party detectors are run unchanged; a missing one is an error that says what to do."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pyarrow as pa
import pytest

from corpus.errors import ConfigError, EnvironmentFault
from corpus.languages import external_backends
from corpus.languages.identify import Options, identify
from corpus.languages.langdetect_model import load
from corpus.languages.predictions import sample
from corpus.languages.scripts import IDENTIFYING_SCRIPTS


@pytest.fixture(autouse=True)
def fresh_detectors() -> None:
    """Load the detectors anew in each test."""
    external_backends.load_detector.cache_clear()


def test_langdetect_is_deterministic(articles: dict[str, str]) -> None:
    """The seeded original identifies each article, with the same score in any order."""
    texts = [articles[code] for code in ("de", "fr", "ru", "sw")]
    tags = identify(pa.array([*texts, "12", None]), Options("langdetect"))
    assert tags.language.to_pylist() == ["de", "fr", "ru", "sw", "zxx", "zxx"]
    reverse = identify(pa.array(texts[::-1]), Options("langdetect"))
    assert reverse.score.to_pylist() == tags.score.to_pylist()[3::-1]


def test_external_backends_read_the_same_sample() -> None:
    """They get the characters that our own models read, with URLs blanked."""
    long = "a" * 600 + " https://x.example " + "b" * 600
    samples = sample(pa.array(["see http://a.example", long, None]), 100, load())
    short, sampled, empty = external_backends.sample_strings(samples)
    assert short == "see                 "
    assert (sampled[:25], sampled[-26:]) == ("a" * 25, "b" * 25 + " ")
    assert empty == ""


def test_profiles_agree_with_langdetect(articles: dict[str, str]) -> None:
    """On the same sample, both predict the same language if langdetect has a profile of it."""
    profiled = [code for code in articles if code not in IDENTIFYING_SCRIPTS.values()]
    texts = pa.array([articles[code] for code in profiled])
    ours, original = (
        identify(texts, Options(backend)).likeliest.to_pylist()
        for backend in ("langdetect_profiles", "langdetect")
    )
    assert ours == original


@pytest.mark.parametrize("backend", ["lingua", "fasttext"])
def test_a_missing_package_is_an_error_with_the_command_to_install_it(
    backend: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message has the command that installs the missing package."""
    monkeypatch.setitem(sys.modules, backend, None)
    model = tmp_path / "model.ftz"
    model.write_bytes(b"")
    options = Options(backend, model=model if backend == "fasttext" else None)
    with pytest.raises(EnvironmentFault, match=rf"pip install 'pagecorpus\[{backend}\]'"):
        identify(pa.array(["a text"]), options)


def test_fasttext_needs_a_model_file(tmp_path: Path) -> None:
    """Not setting one is a config error; a missing file is an environment error."""
    with pytest.raises(ConfigError, match="needs a model file"):
        identify(pa.array(["a text"]), Options("fasttext"))
    with pytest.raises(EnvironmentFault, match="no such model file"):
        identify(pa.array(["a text"]), Options("fasttext", model=tmp_path / "none.ftz"))


def test_fasttext_reads_a_text_as_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its labels are language codes, and a language without a tag of ours counts as none."""
    calls = []

    def predict(text: str, k: int, threshold: float, errors: str) -> list[tuple[float, str]]:
        calls.append((text, k))
        return [(1.00002, "__label__no"), (0.0, "__label__xx")]

    module = ModuleType("fasttext")
    module.load_model = lambda path: SimpleNamespace(f=SimpleNamespace(predict=predict))
    monkeypatch.setitem(sys.modules, "fasttext", module)
    model = tmp_path / "model.ftz"
    model.write_bytes(b"")
    tags = identify(pa.array(["to\nlinjer", "12"]), Options("fasttext", model=model))
    assert calls == [("to linjer\n", 2)]
    assert tags.language.to_pylist() == ["nb", "zxx"]
    assert tags.second.to_pylist() == [None, None]
    assert tags.score.to_pylist() == [1.0, 1.0]


def test_an_unreadable_model_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message has the path, and the reason that fastText gives."""

    def load_model(path: str) -> None:
        raise ValueError("wrong file format")

    module = ModuleType("fasttext")
    module.load_model = load_model
    monkeypatch.setitem(sys.modules, "fasttext", module)
    model = tmp_path / "model.ftz"
    model.write_bytes(b"x")
    with pytest.raises(EnvironmentFault, match=r"cannot read this model .wrong file format"):
        identify(pa.array(["a text"]), Options("fasttext", model=model))


def test_lingua_gives_confidence_values(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its languages come with their ISO code, best first."""

    def confidence(code: str, value: float) -> SimpleNamespace:
        name = SimpleNamespace(name=code)
        return SimpleNamespace(language=SimpleNamespace(iso_code_639_1=name), value=value)

    class Builder:
        @staticmethod
        def from_all_languages() -> SimpleNamespace:
            values = [confidence("DE", 0.75), confidence("NL", 0.25), confidence("EN", 0.0)]
            detector = SimpleNamespace(compute_language_confidence_values=lambda _: values)
            return SimpleNamespace(build=lambda: detector)

    module = ModuleType("lingua")
    module.LanguageDetectorBuilder = Builder
    monkeypatch.setitem(sys.modules, "lingua", module)
    tags = identify(pa.array(["ein kurzer Text"]), Options("lingua"))
    assert [column.to_pylist() for column in tags[:4]] == [["de"], ["Latn"], [0.75], ["nl"]]


def test_the_script_fills_in_only_missing_predictions(
    monkeypatch: pytest.MonkeyPatch, articles: dict[str, str]
) -> None:
    """Georgian letters mean Georgian without a prediction, but not if it is Mingrelian."""
    detected = {"mingrelian": [("xmf", 0.9)], "nothing": []}
    for case, expected in (("mingrelian", ("und", None, 0.0)), ("nothing", ("ka", "ka", 0.8))):
        monkeypatch.setattr(
            external_backends, "load_detector", lambda *_, case=case: lambda _: detected[case]
        )
        (tags,) = zip(*identify(pa.array([articles["ka"]]), Options("langdetect")), strict=True)
        language, _, score, _, likeliest, _ = (tag.as_py() for tag in tags)
        assert (language, likeliest) == expected[:2]
        assert score == pytest.approx(expected[2], abs=0.2)
