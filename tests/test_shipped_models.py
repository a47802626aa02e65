"""A model of the package that is missing or damaged is a fault of the installation, and says so."""

from __future__ import annotations

import importlib
import inspect
import shutil

import numpy as np
import pyarrow as pa
import pytest

from corpus.articles.html.extract import read_html
from corpus.errors import EnvironmentFault
from corpus.shipped_models import read_shipped_model
from corpus.stages.clean import Clean
from tests.articles.pages import HTML, PAGE

ARTICLE_MODELS = {
    "corpus.articles.lines.model": "load",
    "corpus.articles.blocks.model": "load",
    "corpus.articles.metadata.classifiers": "load",
    "corpus.articles.content_kind.model": "load",
    "corpus.articles.confidence.model": "load",
}
MODELS = ARTICLE_MODELS | {
    "corpus.languages.own_model": "shipped_arrays",
    "corpus.languages.ensemble_weights": "load",
    "corpus.words.characters": "runs",
}
"""The function that reads each model of the package, by its module."""


def path_name(module):
    """Return the name that a module gives the path of its model."""
    return "MODEL_PATH" if hasattr(module, "MODEL_PATH") else "PATH"


def without_cache(function):
    """Return a function that remembers no result."""
    return inspect.unwrap(function)


@pytest.mark.parametrize("name", MODELS)
def test_a_model_that_cannot_be_read_names_its_file_and_the_remedy(name, tmp_path, monkeypatch):
    """A model that is missing, empty, cut off, of another format or version is named."""
    module = importlib.import_module(name)
    path, attribute = getattr(module, path_name(module)), path_name(module)
    read, file = without_cache(getattr(module, MODELS[name])), tmp_path / path.name
    monkeypatch.setattr(module, attribute, file)
    with pytest.raises(EnvironmentFault, match=f"{file}: the model is missing; install corpus"):
        read()
    raw = path.read_bytes()
    middle = len(raw) // 2
    flipped = raw[:middle] + bytes(255 - byte for byte in raw[middle : middle + 9])
    for damaged in (b"", b"no model", raw[:middle], flipped + raw[middle + 9 :]):
        file.write_bytes(damaged)
        with pytest.raises(EnvironmentFault, match=f"{file}: the model is damaged .*install"):
            read()
    if MODELS[name] != "shipped_arrays":
        np.savez(file, other=np.zeros(1))
        with pytest.raises(EnvironmentFault, match=f"{file}: the model is damaged .KeyError"):
            read()
    shutil.copy(path, file)
    assert read() is not None


@pytest.mark.parametrize("name", ARTICLE_MODELS)
def test_no_page_is_emptied_without_a_model(name, tmp_path, monkeypatch):
    """Without one of its models, `clean` raises: it never returns a page with an empty text."""
    module = importlib.import_module(name)
    monkeypatch.setattr(module, path_name(module), tmp_path / "model.npz")
    loaders = [importlib.import_module(other).load for other in ARTICLE_MODELS]
    for load in loaders:
        load.cache_clear()
    html = HTML.replace('<meta name="author" content="Ann Lee">', "")  # sought in the text
    content, page = ("page", PAGE) if name == "corpus.articles.lines.model" else ("html", html)
    with pytest.raises(EnvironmentFault, match="the model is missing"):
        Clean().apply(pa.record_batch({"text": [page], "_content": [content]}))
    if content == "html":
        with pytest.raises(EnvironmentFault, match="the model is missing"):
            read_html(html)
    for load in loaders:
        load.cache_clear()


def test_a_fault_of_the_machine_is_not_called_a_damaged_model(tmp_path, monkeypatch):
    """Too many open files, or no permission, have remedies of their own."""

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    (tmp_path / "model.npz").write_bytes(b"model")
    monkeypatch.setattr(np, "load", refuse)
    with pytest.raises(EnvironmentFault, match="Permission denied; check the permissions"):
        read_shipped_model(tmp_path / "model.npz", dict)
