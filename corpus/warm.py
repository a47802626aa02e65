"""What the fork server does before it forks a worker: import modules, load kernels and models.

The build says what is needed in the variable `CORPUS_WARM`. A fault here must not end the server:
the worker that meets it again says what it is.
"""

from __future__ import annotations

import base64
import contextlib
import os
import pickle
from collections.abc import Sequence
from typing import Any


def order(stages: Sequence[Any]) -> str:
    """Return the order, for `CORPUS_WARM`, to load what these stages will call."""
    return base64.b64encode(pickle.dumps(tuple(stages))).decode()


def warm(order: str) -> None:
    """Load what the stages of an order will call."""
    from corpus.spared import spare_imports

    stages = pickle.loads(base64.b64decode(order))  # noqa: S301  our own parent wrote it
    spare_imports(stages, numba=True)
    import corpus.decide
    import corpus.first_pass
    import corpus.last_pass  # noqa: F401  every worker would import them otherwise

    for stage in stages:
        stage.kernels()


if os.environ.get("CORPUS_WARM"):
    with contextlib.suppress(Exception):
        warm(os.environ["CORPUS_WARM"])
