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

from corpus.stages.base import CorpusStage


def order(stages: Sequence[Any]) -> str:
    """Return the order, for `CORPUS_WARM`, to load what these stages will call."""
    return base64.b64encode(pickle.dumps(tuple(stages))).decode()


def warm(order: str) -> None:
    """Load what the stages of an order will call."""
    from corpus.kernels import missing_marks
    from corpus.pipeline.spared import spare_imports

    stages = pickle.loads(base64.b64decode(order))  # noqa: S301  our own parent wrote it
    spare_imports(stages, numba=True)
    import corpus.pipeline.decide
    import corpus.pipeline.first_pass
    import corpus.pipeline.last_pass  # noqa: F401  every worker would import them otherwise

    if missing_marks(stage.stage for stage in stages):
        _compile_apart(stages)
    load_kernels(stages)


def load_kernels(stages: Sequence[Any]) -> None:
    """Load what the stages will call, and compile what is not in the cache."""
    for stage in stages:
        stage.kernels()


def _compile_apart(stages: Sequence[Any]) -> None:
    """Compile in processes of their own, at the same time; what they leave in the cache is loaded.

    Corpus stages share their kernels, so one process compiles them all.
    """
    together = [stage for stage in stages if isinstance(stage, CorpusStage)]
    groups = [[stage] for stage in stages if stage not in together] + [together]
    started = []
    for group in groups:
        child = os.fork()
        if child == 0:
            try:
                load_kernels(group)
            finally:
                os._exit(0)
        started.append(child)
    for child in started:
        os.waitpid(child, 0)


if os.environ.get("CORPUS_WARM"):
    with contextlib.suppress(Exception):
        warm(os.environ["CORPUS_WARM"])
