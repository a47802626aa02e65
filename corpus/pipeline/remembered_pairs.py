"""The similarities that the builds below one folder have measured, in files of their cache.

The name of a file is a hash of what a similarity depends on besides the two texts: the words per
shingle, the code and the libraries. A file that is missing or damaged is an empty memory. It is
replaced as a whole: of two builds at a time, the later one replaces what the other has written.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from corpus import storage
from corpus.pipeline.identity import canonical_json

if TYPE_CHECKING:
    from corpus.similarity.remembered import RememberedSimilarities

MIN_PAIRS = 1 << 10
"""A memory of fewer pairs is not written: comparing them again costs less than a file."""


@dataclass(frozen=True)
class PairFiles:
    """Where similarities are remembered: a picklable part of a task."""

    cache: Path
    code: str
    """The code and the libraries that compute them."""

    def path(self, words: int) -> Path:
        """Return the file with the similarities over shingles of this many words."""
        parts = {"similarities": words, "code": self.code}
        return self.cache / f"{hashlib.sha256(canonical_json(parts)).hexdigest()[:32]}.pairs"


@dataclass
class RememberedPairs:
    """The similarities that one decision asks for; each file is read when it is first needed."""

    files: PairFiles
    _memories: dict[Path, RememberedSimilarities] = field(default_factory=dict)

    def __call__(self, words: int) -> RememberedSimilarities:
        """Return the similarities over shingles of this many words."""
        path = self.files.path(words)
        if path not in self._memories:
            self._memories[path] = _read(path)
        return self._memories[path]

    def write(self) -> tuple[Path, ...]:
        """Write what was compared and not remembered before; return the files that were used."""
        for path, memory in self._memories.items():
            if memory.n_new and len(memory) >= MIN_PAIRS:
                data = storage.seal(path.name, memory.with_new().to_bytes())
                with suppress(OSError):  # the next build only takes longer
                    storage.write(path, data)
        return tuple(self._memories)


def _read(path: Path) -> RememberedSimilarities:
    from corpus.similarity.remembered import RememberedSimilarities

    data = None
    with suppress(OSError):
        data = storage.unseal(path.name, path.read_bytes())
    return RememberedSimilarities.from_bytes(data) if data else RememberedSimilarities.nothing()
