"""Turn raw article pages into corpora that Hugging Face ``datasets`` loads as they are.

import corpus

built = corpus.build(corpus.load_config("news.yaml"))
built.manifest["counts"]
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

__all__ = ["__version__", "audit", "build", "load_config", "verify"]

_HOMES = {
    "audit": "corpus.audit",
    "build": "corpus.build",
    "load_config": "corpus.config",
    "verify": "corpus.verify",
}


def __getattr__(name: str) -> Any:
    """Return a public function, imported when first asked for: `corpus --help` cannot wait."""
    if name not in _HOMES:
        raise AttributeError(f"module 'corpus' has no attribute {name!r}")
    found = import_module(_HOMES[name])
    return found if _HOMES[name] == f"corpus.{name}" else getattr(found, name)
