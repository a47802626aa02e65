"""The command `corpus`, with as many workers for a small corpus as for a large one."""

from __future__ import annotations

import corpus.pipeline.prepare_workers
from corpus.cli.commands import main

if __name__ == "__main__":
    corpus.pipeline.prepare_workers.INPUT_BYTES_PER_WORKER = 1
    main()
