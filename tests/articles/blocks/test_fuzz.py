"""The text of damaged pages, compared with a parser of HTML 5."""

from __future__ import annotations

import importlib
import random
from pathlib import Path
from types import ModuleType

import pytest

SCRIPTS = Path(__file__).parents[3] / "scripts"
PAGE = """<!doctype html><html><head><title>no</title><style>no {}</style></head><body>
<nav><ul><li><a href=/>Home<li><a href=/x>Bridges</a></ul></nav>
<h1>The bridge <em>stays</em></h1><p>The council met on <b>Tuesday, &amp; voted</b> twice.
<p>After two hours <a href=y>it</a> adjourned.<br>Nobody spoke.</p>
<table><caption>Tolls</caption><tr><th>Year<td>Coins<tr><td>1950<td>7</table>
<dl><dt>Pier<dd>of stone<dt>Deck<dd>of wood</dl><form><label>Name <input></label></form>
<pre>  toll = 7\n  ferry = None</pre><blockquote><p>Never again</blockquote>
<svg><path d=M1><title>no</title></svg><select><option>no</select>
<script>var no = "<p>no";</script></body></html>"""


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return the script that compares with lexbor."""
    pytest.importorskip("resiliparse")
    monkeypatch.syspath_prepend(SCRIPTS)
    return importlib.import_module("fuzz_blocks")


def test_a_page_has_the_words_that_a_browser_shows(script):
    """On a page as it is, the walk finds the words of the reference, no more and no fewer."""
    words, lost, extra, _ = script.compare(PAGE)
    assert words > 30
    assert not lost
    assert not extra


def test_damage_loses_no_words(script):
    """However a page is damaged, hardly a word is lost that the reference still finds."""
    total, gone = 0, 0
    for name, damage in script.DAMAGE.items():
        for attempt in range(5):
            draw = random.Random(f"{name} {attempt}")
            words, lost, _, _ = script.compare(damage(PAGE, draw).replace("\0", ""))
            total, gone = total + words, gone + lost.total()
    assert gone <= 0.02 * total
