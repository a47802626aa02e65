"""The names of the backends, as the setting `backend` of the stage `language` has them.

    ensemble             langdetect's profiles, py3langid's model and our own, with fitted weights
    langdetect_profiles  langdetect's profiles only, with every n-gram added up
    langdetect           the original package, seeded, for comparison
    lingua               for short texts; needs the extra package
    fasttext             your own model file; needs the extra package

This module is light to import: a config is checked with it.
"""

from __future__ import annotations

from typing import Any, Literal

ExternalBackend = Literal["langdetect", "lingua", "fasttext"]
Backend = Literal["ensemble", "langdetect_profiles", "langdetect", "lingua", "fasttext"]

EXTRA_PACKAGES: dict[str, tuple[str, ...]] = {
    "lingua": ("lingua-language-detector",),
    "fasttext": ("fasttext-predict", "fasttext", "fasttext-wheel"),
}
"""The packages of which any one is what a backend needs beside those that are always there."""

RENAMED_BACKENDS = {"combined": "ensemble", "profiles": "langdetect_profiles"}


def refuse_renamed(backend: Any) -> Any:
    """Return the setting unchanged. Raises ValueError with the new name for a former one."""
    if isinstance(backend, str) and backend in RENAMED_BACKENDS:
        raise ValueError(f"{backend!r} is now called {RENAMED_BACKENDS[backend]!r}")
    return backend
