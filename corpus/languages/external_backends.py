"""Third-party language detectors, run unchanged on the same sample of each text.

They are called once per text, so they are about a hundred times slower than our own backends. Their
scores are their own too: langdetect's is not a calibrated probability.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from corpus.errors import ConfigError, EnvironmentFault
from corpus.languages.backends import ExternalBackend
from corpus.languages.codes import LANGUAGES, code_of
from corpus.languages.predictions import NO_PREDICTION, UNSUPPORTED, Predictions, Samples

Detector = Callable[[str], list[tuple[str, float]]]
"""Returns language codes and scores of a text, best first; an empty list for no prediction."""

LANGDETECT_SEED = 0
"""langdetect draws n-grams at random; a seed makes it deterministic."""


def predict(samples: Samples, backend: ExternalBackend, model: Path | None) -> Predictions:
    """Return a backend's predictions; UNSUPPORTED for a language that has no tag of ours.

    Raises EnvironmentFault if its package or its model file is missing.
    """
    detect = load_detector(backend, model)
    ranked = np.full((len(samples.counts), 2), NO_PREDICTION, np.int64)
    score = np.zeros(len(ranked))
    for row, text in enumerate(sample_strings(samples)):
        detected = detect(text) if any(map(str.isalpha, text)) else []
        for place, (name, probability) in enumerate(detected[:2]):
            code = code_of(name)
            ranked[row, place] = LANGUAGES.index(code) if code in LANGUAGES else UNSUPPORTED
            if place == 0:
                score[row] = np.round(min(1.0, max(0.0, probability)), 4)
    return Predictions(ranked[:, 0], ranked[:, 1], score)


def sample_strings(samples: Samples) -> Iterator[str]:
    """Yield the sample of each text as a string."""
    for row, count in zip(samples.points, samples.counts, strict=True):
        yield row[:count].tobytes().decode("utf-32-le", "replace")


@cache
def load_detector(backend: ExternalBackend, model: Path | None) -> Detector:
    """Return the detector of a backend, with its model loaded."""
    loaders = {"langdetect": _load_langdetect, "lingua": _load_lingua}
    return _load_fasttext(model) if backend == "fasttext" else loaders[backend]()


def existing_model_file(path: Path) -> Path:
    """Return the path of a model file. Raises EnvironmentFault if it does not exist."""
    if not path.is_file():
        raise EnvironmentFault(
            f"the stage 'language': {path}: no such model file; `model` is relative to the config"
        )
    return path


def _load_langdetect() -> Detector:
    """Return langdetect, seeded for each text, so that its answers do not depend on their order."""
    from langdetect import detector_factory
    from langdetect.lang_detect_exception import LangDetectException

    detector_factory.init_factory()
    factory: Any = detector_factory._factory  # noqa: SLF001  what its `detect` calls

    def detect(text: str) -> list[tuple[str, float]]:
        detector = factory.create()
        detector.seed = LANGDETECT_SEED
        detector.append(text)
        try:
            return [(language.lang, language.prob) for language in detector.get_probabilities()]
        except LangDetectException:  # a text without any known n-gram
            return []

    return detect


def _load_lingua() -> Detector:
    """Return lingua, with all its languages."""
    try:
        from lingua import LanguageDetectorBuilder
    except ImportError as error:
        raise EnvironmentFault(
            "the stage 'language': `backend: lingua` needs the package lingua-language-detector, "
            "which is not installed; run: pip install 'pagecorpus[lingua]'"
        ) from error
    detector = LanguageDetectorBuilder.from_all_languages().build()

    def detect(text: str) -> list[tuple[str, float]]:
        top_two = detector.compute_language_confidence_values(text)[:2]
        return [
            (confidence.language.iso_code_639_1.name.lower(), confidence.value)
            for confidence in top_two
            if confidence.value
        ]

    return detect


def _load_fasttext(path: Path | None) -> Detector:
    """Return fastText with the user's model file, whose labels are language codes."""
    if path is None:
        raise ConfigError(
            "the stage 'language': `backend: fasttext` needs a model file, for example "
            "`model: lid.176.ftz`"
        )
    existing_model_file(path)
    try:
        import fasttext
    except ImportError as error:
        raise EnvironmentFault(
            "the stage 'language': `backend: fasttext` needs the package fasttext, which is not "
            "installed; run: pip install 'pagecorpus[fasttext]'"
        ) from error
    try:
        model = fasttext.load_model(str(path))
    except (ValueError, OSError) as error:
        raise EnvironmentFault(
            f"the stage 'language': {path}: fastText cannot read this model ({error})"
        ) from error

    def detect(text: str) -> list[tuple[str, float]]:
        # the Python method `predict` fails with numpy 2; the function that it calls does not
        predicted = model.f.predict(text.replace("\n", " ") + "\n", 2, 0.0, "replace")
        return [
            (label.removeprefix("__label__"), float(probability))
            for probability, label in predicted
        ]

    return detect
