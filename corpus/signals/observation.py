"""What the stage `quality` measures of a text: every signal, whatever rules use it."""

from __future__ import annotations

import pyarrow as pa

from corpus.documents import TEXT, optional
from corpus.observations import Observation
from corpus.signals.names import SIGNALS, column_name
from corpus.signals.redpajama import NAMES as REDPAJAMA


class QualitySignals(Observation):
    """Every signal of a text (`corpus.signals.names`)."""

    def reads(self) -> tuple[str, ...]:
        """Return the column of the text."""
        return (TEXT,)

    def signals(self) -> dict[str, str]:
        """Return the columns of all signals, each with a description."""
        return {column_name(name): name.replace("_", " ") for name in SIGNALS}

    def columns(self, documents: pa.RecordBatch) -> dict[str, pa.Array]:
        """Return the signals: int64, and float64 with null where a share is not defined."""
        from corpus.signals.measure import measure_signals

        signals = measure_signals(optional(documents, TEXT, pa.large_string()))
        return {column_name(name): values for name, values in signals.items()}


class RedPajamaSignals(Observation):
    """The signals of natural language of RedPajama-v2 (`corpus.signals.redpajama`)."""

    def reads(self) -> tuple[str, ...]:
        """Return the column of the text."""
        return (TEXT,)

    def signals(self) -> dict[str, str]:
        """Return the columns of all signals, each with a description."""
        return {column_name(name): name.replace("_", " ") for name in REDPAJAMA}

    def columns(self, documents: pa.RecordBatch) -> dict[str, pa.Array]:
        """Return the signals: int64, and float64 with null where a share is not defined."""
        from corpus.signals.redpajama_kernel import measure_redpajama_signals

        signals = measure_redpajama_signals(optional(documents, TEXT, pa.large_string()))
        return {column_name(name): values for name, values in signals.items()}
