"""A broken installation ends the build before the first record: it is never bad input."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from corpus.errors import EnvironmentFault
from corpus.pipeline.engine import Serial, map_or_raise

ROOT = Path(__file__).parents[2]
PAGE = "<html><body><article><p>A page that would be read.</p></article></body></html>"


def fail(error: type[BaseException]) -> None:
    """Raise, as a stage would whose library cannot be imported."""
    raise error("no module named 'lxml.html.clean'")


@pytest.mark.parametrize("engine", ["trafilatura", "resiliparse"])
def test_an_extractor_that_cannot_be_imported_is_exit_code_4(engine, tmp_path):
    """Without its HTML extractor, a build of HTML stops, and rejects or removes no page."""
    (tmp_path / "page.html").write_text(PAGE, encoding="utf-8")
    (tmp_path / "c.yaml").write_text(
        "name: c\nsources: [{path: page.html}]\n"
        f"stages: [{{stage: clean, html: {{engine: {engine}}}}}]\n"
    )
    broken = tmp_path / "broken" / engine
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("raise ImportError('lxml.html.clean is missing')\n")
    done = subprocess.run(
        [sys.executable, "-m", "corpus", "build", "c.yaml"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": f"{tmp_path / 'broken'}:{ROOT}"},
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip

    assert done.returncode == 4, done.stderr
    assert f"{engine} cannot be imported: lxml.html.clean is missing" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "build").exists() or not (tmp_path / "build" / "c").exists()


def test_texts_need_no_extractor(tmp_path):
    """Only a build of HTML with another engine than ours imports an HTML extractor."""
    from corpus.stages.clean import Clean
    from corpus.stages.clean_settings import Html

    other = Clean(html=Html(engine="trafilatura"))
    assert other.required_modules({"text", "page"}) == ()
    assert other.required_modules({"html"}) == ("trafilatura",)
    assert Clean().required_modules({"html"}) == ()


def test_the_block_model_imports_no_extractor():
    """The default engine reads HTML without trafilatura, resiliparse and lxml."""
    code = (
        "import sys\n"
        "from corpus.articles.html.extract import read_html\n"
        "read_html('<p>A page that is read.</p>')\n"
        "print([name for name in ('trafilatura', 'resiliparse', 'lxml') if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=True, timeout=300,
    )  # fmt: skip
    assert done.stdout.strip() == "[]"


def test_a_missing_module_in_a_worker_is_a_fault_of_the_environment():
    """`ImportError` inside a stage ends the build; it never becomes a reject."""
    with pytest.raises(EnvironmentFault, match="installation is incomplete"):
        list(map_or_raise(Serial(), fail, [ImportError]))
