"""Show what each threshold of a config removes, without reading a text again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus import storage
from corpus.tuning.measured import measure
from corpus.tuning.thresholds import Tuning
from corpus.tuning.thresholds import tune as _tune

if TYPE_CHECKING:
    from corpus.config.model import Config


def tune(config: Config) -> Tuning:
    """Return what the thresholds of a config do with the documents in the cache.

    Raises `InputError` if a document is not in the cache as the config would measure it.
    """
    with storage.scratch_folder() as scratch:
        return _tune(*measure(config, scratch))
