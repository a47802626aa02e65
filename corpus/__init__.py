"""Turn raw article pages into corpora that Hugging Face ``datasets`` loads as they are.

import corpus

built = corpus.build(corpus.load_config("news.yaml"))
built.manifest["counts"]
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from corpus.version import VERSION

__version__ = VERSION

__all__ = ["__version__", "audit", "build", "load_config", "verify"]

_HOMES = {
    "audit": "corpus.auditing.measure.measure_path",
    "build": "corpus.pipeline.build",
    "load_config": "corpus.config.model",
    "verify": "corpus.builds.verify",
}


def __getattr__(name: str) -> Any:
    """Return a public function, imported when first asked for: `corpus --help` cannot wait."""
    if name not in _HOMES:
        raise AttributeError(f"module 'corpus' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
