"""Turn raw article pages into corpora that Hugging Face `datasets` loads as they are.

    import corpus

    built = corpus.build("news.yaml")
    built.counts.kept
    news = built.load()

Everything a user needs is in this namespace; `corpus.stages` and `corpus.documents` are for stages
of your own.
"""

from corpus.api import (
    audit,
    build,
    check,
    diff,
    explain,
    guess_config,
    init,
    load_config,
    verify,
)
from corpus.version import VERSION

__version__ = VERSION

__all__ = [
    "__version__",
    "audit",
    "build",
    "check",
    "diff",
    "explain",
    "guess_config",
    "init",
    "load_config",
    "verify",
]
