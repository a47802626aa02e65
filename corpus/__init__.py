"""Turn raw article pages into corpora that Hugging Face ``datasets`` loads as they are."""

__version__ = "0.1.0"
