"""Other people's taggers are run as they are, or missed with a remedy."""

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
from corpus.languages.predictions import read
from corpus.languages.scripts import ALONE


@pytest.fixture(autouse=True)
def forget() -> None:
    """Load taggers anew in each test."""
    external_backends.load.cache_clear()


def test_langdetect_says_what_it_says(articles: dict[str, str]) -> None:
    """Seeded for each text, the original gives each article its language, in any order."""
    texts = [articles[code] for code in ("de", "fr", "ru", "sw")]
    tags = identify(pa.array([*texts, "12", None]), Options("langdetect"))
    assert tags.language.to_pylist() == ["de", "fr", "ru", "sw", "zxx", "zxx"]
    back = identify(pa.array(texts[::-1]), Options("langdetect"))
    assert back.score.to_pylist() == tags.score.to_pylist()[3::-1]


def test_what_others_read_is_the_same_sample() -> None:
    """They get the characters that our own models look at, addresses blanked."""
    long = "a" * 600 + " https://x.example " + "b" * 600
    reading = read(pa.array(["see http://a.example", long, None]), 100, load())
    short, sampled, nothing = external_backends.texts(reading)
    assert short == "see                 "
    assert (sampled[:25], sampled[-26:]) == ("a" * 25, "b" * 25 + " ")
    assert nothing == ""


def test_profiles_agree_with_langdetect(articles: dict[str, str]) -> None:
    """On the same sample both name the same language, where langdetect has a profile."""
    texts = pa.array([text for code, text in articles.items() if code not in ALONE.values()])
    mine, theirs = (
        identify(texts, Options(backend)).likeliest.to_pylist()
        for backend in ("profiles", "langdetect")
    )
    assert mine == theirs


@pytest.mark.parametrize("backend", ["lingua", "fasttext"])
def test_a_missing_package_is_named(
    backend: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message has the command that installs what is missing."""
    monkeypatch.setitem(sys.modules, backend, None)
    model = tmp_path / "model.ftz"
    model.write_bytes(b"")
    options = Options(backend, model=model if backend == "fasttext" else None)
    with pytest.raises(EnvironmentFault, match=rf"pip install 'corpus\[{backend}\]'"):
        identify(pa.array(["a text"]), options)


def test_fasttext_needs_a_model_file(tmp_path: Path) -> None:
    """None at all is a mistake in the config; one that is not there is a fault of the place."""
    with pytest.raises(ConfigError, match="needs a model file"):
        identify(pa.array(["a text"]), Options("fasttext"))
    with pytest.raises(EnvironmentFault, match="no such model file"):
        identify(pa.array(["a text"]), Options("fasttext", model=tmp_path / "none.ftz"))


def test_fasttext_is_asked_line_by_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A text is one line to it; labels are codes, and what has no tag of ours counts as none."""
    asked = []

    def predict(text: str, k: int, threshold: float, errors: str) -> list[tuple[float, str]]:
        asked.append((text, k))
        return [(1.00002, "__label__no"), (0.0, "__label__xx")]

    module = ModuleType("fasttext")
    module.load_model = lambda path: SimpleNamespace(f=SimpleNamespace(predict=predict))
    monkeypatch.setitem(sys.modules, "fasttext", module)
    model = tmp_path / "model.ftz"
    model.write_bytes(b"")
    tags = identify(pa.array(["to\nlinjer", "12"]), Options("fasttext", model=model))
    assert asked == [("to linjer\n", 2)]
    assert tags.language.to_pylist() == ["nb", "zxx"]
    assert tags.second.to_pylist() == [None, None]
    assert tags.score.to_pylist() == [1.0, 1.0]


def test_a_broken_model_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What fastText says of the file is passed on, with its path."""

    def load_model(path: str) -> None:
        raise ValueError("wrong file format")

    module = ModuleType("fasttext")
    module.load_model = load_model
    monkeypatch.setitem(sys.modules, "fasttext", module)
    model = tmp_path / "model.ftz"
    model.write_bytes(b"x")
    with pytest.raises(EnvironmentFault, match=r"cannot read this model .wrong file format"):
        identify(pa.array(["a text"]), Options("fasttext", model=model))


def test_lingua_is_asked_for_confidence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its languages come by their ISO code, best first."""

    def value(code: str, chance: float) -> SimpleNamespace:
        name = SimpleNamespace(name=code)
        return SimpleNamespace(language=SimpleNamespace(iso_code_639_1=name), value=chance)

    class Builder:
        @staticmethod
        def from_all_languages() -> SimpleNamespace:
            found = [value("DE", 0.75), value("NL", 0.25), value("EN", 0.0)]
            made = SimpleNamespace(compute_language_confidence_values=lambda _: found)
            return SimpleNamespace(build=lambda: made)

    module = ModuleType("lingua")
    module.LanguageDetectorBuilder = Builder
    monkeypatch.setitem(sys.modules, "lingua", module)
    tags = identify(pa.array(["ein kurzer Text"]), Options("lingua"))
    assert [column.to_pylist() for column in tags[:4]] == [["de"], ["Latn"], [0.75], ["nl"]]


def test_another_language_is_not_overruled_by_its_script(
    monkeypatch: pytest.MonkeyPatch, articles: dict[str, str]
) -> None:
    """Georgian letters name Georgian where a backend is silent, not where it says Mingrelian."""
    said = {"mingrelian": [("xmf", 0.9)], "silence": []}
    for answer, expected in (("mingrelian", ("und", None, 0.0)), ("silence", ("ka", "ka", 0.8))):
        monkeypatch.setattr(
            external_backends, "load", lambda *_, answer=answer: lambda _: said[answer]
        )
        (tags,) = zip(*identify(pa.array([articles["ka"]]), Options("langdetect")), strict=True)
        language, _, score, _, likeliest, _ = (tag.as_py() for tag in tags)
        assert (language, likeliest) == expected[:2]
        assert score == pytest.approx(expected[2], abs=0.2)
