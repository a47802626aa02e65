"""The training script makes a model that the kernels can use."""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from corpus.languages import langdetect_model, model_cache, own_model
from corpus.languages.predictions import sample

SCRIPT = Path(__file__).parents[2] / "scripts" / "train_language_model.py"


def test_a_model_can_be_trained_on_texts(
    articles: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A few sentences per language are enough; texts of other sources are not used."""
    articles = {code: articles[code] for code in ("de", "en", "fi", "ru", "tr")}
    lines = [{"text": text, "lang": code} for code, text in articles.items()]
    lines += [{"text": "nobody trains on this", "lang": "en", "source": "test"}]
    path = tmp_path / "texts.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    file = tmp_path / "own.npz"
    arguments = [str(SCRIPT), str(path), "--ngrams", "2000", "--save", str(file)]
    monkeypatch.setattr(sys, "argv", arguments)
    runpy.run_path(str(SCRIPT), run_name="__main__")
    assert f"{len(articles)} languages, 2000 n-grams" in capsys.readouterr().out

    model = own_model.unpack(model_cache.read_npz(file.read_bytes()))
    samples = sample(pa.array(articles.values(), pa.large_string()), 1000, langdetect_model.load())
    sums, _ = own_model.sum_weights(*samples, np.ones(len(articles), np.bool_), model)
    predicted = model.languages[np.where(model.languages == "", -(10**9), sums).argmax(axis=1)]
    assert predicted.tolist() == list(articles)
