"""The audit page in a real browser: nothing is refused, and nothing keeps anybody out.

Both tests need Chromium; the second also axe-core, whose script the environment names
(`AXE_CORE=path/to/axe.min.js`, from its npm package). Without them they skip, with the reason.
"""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from corpus.auditing.page.page import page


@pytest.fixture(scope="module")
def chromium() -> str:
    """Return the browser, or skip where there is none."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("no chromium here (Debian: apt-get install chromium)")
    return found


def browse(chromium: str, page: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Open a page without a window, and return what the browser said."""
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr"]
    folder = f"--user-data-dir={page.parent / 'profile'}"
    command = [chromium, *options, folder, *arguments, page.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)


@pytest.fixture
def written(tiny_build, tmp_path) -> Path:
    """Return the page of a hostile corpus, every part of it open."""
    _, manifest, audit = tiny_build
    path = tmp_path / "index.html"
    text = page(audit, manifest).replace("<details>", "<details open>")
    path.write_text(text, encoding="utf-8")
    return path


def test_the_browser_refuses_nothing_and_says_nothing(chromium, written):
    """Under the page's own policy, the console stays empty."""
    said = browse(chromium, written, "--dump-dom")
    assert "CONSOLE" not in said.stderr
    assert "Is it sane?" in said.stdout
    assert "<script" not in said.stdout


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_no_violation(chromium, written, dark):
    """The rules of WCAG and good practice hold, in light and dark."""
    script = os.environ.get("AXE_CORE")
    if not script or not Path(script).is_file():
        pytest.skip("axe-core is not here; npm pack axe-core, and set AXE_CORE to its axe.min.js")
    run = (
        "axe.run().then(found => { const out = document.createElement('pre'); out.id = 'axe';"
        "out.textContent = JSON.stringify(found.violations.map(v => [v.id, v.nodes.length,"
        "v.nodes[0].html.slice(0, 200)])); document.body.append(out); })"
    )
    text = re.sub(r"<meta http-equiv=.*?>\n", "", written.read_text(encoding="utf-8"))
    axe = Path(script).read_text(encoding="utf-8")
    text = text.replace("</body>", f"<script>{axe}</script><script>{run}</script></body>")
    written.write_text(text, encoding="utf-8")
    scheme = [f"--blink-settings=preferredColorScheme={0 if dark else 1}"]
    said = browse(chromium, written, "--dump-dom", "--virtual-time-budget=20000", *scheme)
    found = re.search(r'<pre id="axe">(.*?)</pre>', said.stdout, re.DOTALL)
    assert found, said.stderr[-2000:]
    assert json.loads(html.unescape(found[1])) == []
