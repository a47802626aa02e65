"""Other people's taggers, run as they are on the same sample of each text.

They are called text by text, so they take a hundred times as long as the backends of our own. Their
scores are their own too: langdetect's says nothing of how often it is right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np

from corpus.errors import ConfigError, EnvironmentFault
from corpus.languages.codes import LANGUAGES, code_of
from corpus.languages.predictions import FOREIGN, SILENT, Answer, Reading

Outside = Literal["langdetect", "lingua", "fasttext"]

Tagger = Callable[[str], list[tuple[str, float]]]
"""What it says of a text: codes and scores, best first; nothing where it has no answer."""

SEED = 0
"""langdetect draws at random; with a seed it says the same every time."""


def answer(reading: Reading, backend: Outside, model: Path | None) -> Answer:
    """Return what a backend says of each text; FOREIGN for a language that has no tag of ours.

    Raises EnvironmentFault where its package or its model file is missing.
    """
    tagger = load(backend, model)
    found = np.full((len(reading.counts), 2), SILENT, np.int64)
    score = np.zeros(len(found))
    for row, text in enumerate(texts(reading)):
        said = tagger(text) if any(map(str.isalpha, text)) else []
        for place, (code, chance) in enumerate(said[:2]):
            ours = code_of(code)
            found[row, place] = LANGUAGES.index(ours) if ours in LANGUAGES else FOREIGN
            if place == 0:
                score[row] = np.round(min(1.0, max(0.0, chance)), 4)
    return Answer(found[:, 0], found[:, 1], score)


def texts(reading: Reading) -> Iterator[str]:
    """Yield the sample of each text as a string."""
    for row, count in zip(reading.points, reading.counts, strict=True):
        yield row[:count].tobytes().decode("utf-32-le", "replace")


@cache
def load(backend: Outside, model: Path | None) -> Tagger:
    """Return the tagger of a backend, its model loaded."""
    makers = {"langdetect": _langdetect, "lingua": _lingua}
    return _fasttext(model) if backend == "fasttext" else makers[backend]()


def model_file(path: Path) -> Path:
    """Return the path of a model file; raise EnvironmentFault where there is none."""
    if not path.is_file():
        raise EnvironmentFault(
            f"the stage language: {path}: there is no such model file; `model` is relative to the "
            "config"
        )
    return path


def _langdetect() -> Tagger:
    """Return langdetect itself, seeded anew for each text, so that none depends on those before."""
    from langdetect import detector_factory
    from langdetect.lang_detect_exception import LangDetectException

    detector_factory.init_factory()
    factory: Any = detector_factory._factory  # noqa: SLF001  what its `detect` calls

    def tag(text: str) -> list[tuple[str, float]]:
        detector = factory.create()
        detector.seed = SEED
        detector.append(text)
        try:
            return [(found.lang, found.prob) for found in detector.get_probabilities()]
        except LangDetectException:  # a text without anything it knows
            return []

    return tag


def _lingua() -> Tagger:
    """Return lingua, with all its languages."""
    try:
        from lingua import LanguageDetectorBuilder
    except ImportError as error:
        raise EnvironmentFault(
            "the stage language: `backend: lingua` needs the package lingua-language-detector, "
            "which is not installed; run: pip install 'corpus[lingua]'"
        ) from error
    detector = LanguageDetectorBuilder.from_all_languages().build()

    def tag(text: str) -> list[tuple[str, float]]:
        found = detector.compute_language_confidence_values(text)[:2]
        return [(one.language.iso_code_639_1.name.lower(), one.value) for one in found if one.value]

    return tag


def _fasttext(path: Path | None) -> Tagger:
    """Return fastText with a model file of the user's, whose labels are language codes."""
    if path is None:
        raise ConfigError(
            "the stage language: `backend: fasttext` needs a model file; set `model: lid.176.ftz`, "
            "say"
        )
    model_file(path)
    try:
        import fasttext
    except ImportError as error:
        raise EnvironmentFault(
            "the stage language: `backend: fasttext` needs the package fasttext, which is not "
            "installed; run: pip install 'corpus[fasttext]'"
        ) from error
    try:
        model = fasttext.load_model(str(path))
    except (ValueError, OSError) as error:
        raise EnvironmentFault(
            f"the stage language: {path}: fastText cannot read this model ({error})"
        ) from error

    def tag(text: str) -> list[tuple[str, float]]:
        # `predict` of the Python class fails with numpy 2; what it calls does not
        found = model.f.predict(text.replace("\n", " ") + "\n", 2, 0.0, "replace")
        return [(label.removeprefix("__label__"), float(chance)) for chance, label in found]

    return tag
