"""The audit page in a real browser: no errors in the console, no accessibility violations.

Both tests need Chromium. The second also needs axe-core: set `AXE_CORE` to the `axe.min.js` of its
npm package. Without them, the tests are skipped.
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
    """Return the path of the browser, or skip the test if there is none."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium)")
    return path


def browse(chromium: str, page: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Open a page in a headless browser, and return its output."""
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr"]
    folder = f"--user-data-dir={page.parent / 'profile'}"
    command = [chromium, *options, folder, *arguments, page.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)


@pytest.fixture
def written(tiny_build, tmp_path) -> Path:
    """Return the page of a hostile corpus, with all folded parts open."""
    _, manifest, audit = tiny_build
    path = tmp_path / "index.html"
    text = page(audit, manifest).replace("<details>", "<details open>")
    path.write_text(text, encoding="utf-8")
    return path


def test_the_browser_reports_no_problem(chromium, written):
    """The console stays empty: the page does not violate its own security policy."""
    output = browse(chromium, written, "--dump-dom")
    assert "CONSOLE" not in output.stderr
    assert '<h2 id="checks">Checks</h2>' in output.stdout
    assert "<script" not in output.stdout


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_no_violation(chromium, written, dark):
    """The page follows WCAG and accessibility best practices, in light and dark mode."""
    script = os.environ.get("AXE_CORE")
    if not script or not Path(script).is_file():
        pytest.skip("no axe-core: run npm pack axe-core, and set AXE_CORE to its axe.min.js")
    run = (
        "axe.run().then(result => { const out = document.createElement('pre'); out.id = 'axe';"
        "out.textContent = JSON.stringify(result.violations.map(v => [v.id, v.nodes.length,"
        "v.nodes[0].html.slice(0, 200)])); document.body.append(out); })"
    )
    text = re.sub(r"<meta http-equiv=.*?>\n", "", written.read_text(encoding="utf-8"))
    axe = Path(script).read_text(encoding="utf-8")
    text = text.replace("</body>", f"<script>{axe}</script><script>{run}</script></body>")
    written.write_text(text, encoding="utf-8")
    scheme = [f"--blink-settings=preferredColorScheme={0 if dark else 1}"]
    output = browse(chromium, written, "--dump-dom", "--virtual-time-budget=20000", *scheme)
    violations = re.search(r'<pre id="axe">(.*?)</pre>', output.stdout, re.DOTALL)
    assert violations, output.stderr[-2000:]
    assert json.loads(html.unescape(violations[1])) == []
