"""Count the documents in languages that a set of rules was not made for.

Rules with English words remove texts in other languages whatever their quality, and FineWeb-2 has
bounds for 25 languages only. Both are counted, so that nobody loses a language without notice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

import pyarrow as pa
import pyarrow.compute as pc

from corpus.signals.fineweb2 import LANGUAGES

ENGLISH_RULES = {
    "c4": ("curly_brackets", "lorem_ipsum", "sentences"),
    "gopher": ("stop_words",),
    "refinedweb": ("stop_words",),
    "dclm": ("stop_words",),
}
"""The rules of each set that know English words, or the end marks of English, only."""

JUDGED_LANGUAGE = "judged_language"
"""The column of the language by which a document was judged."""

UNKNOWN = ("und", "zxx")
MAX_LISTED = 20
"""Maximum number of languages listed, the most frequent first."""

OTHERS = "others"


def language_metrics(
    selected: Mapping[str, Sequence[str] | None],
    rules: AbstractSet[str],
    decisions: Iterable[pa.RecordBatch],
) -> dict[str, object]:
    """Return which documents meet rules that were not made for their language, as plain JSON.

    `selected` has the languages whose documents each rule set judges, None for all; `rules` are
    those in use, such as `gopher.stop_words`.

    english_rules          for each set with rules for English: the documents in other languages
                           that it judges, by language, and how many these rules removed
    fineweb2_no_bounds     the documents in languages that FineWeb-2 has no bounds for
    """
    judged: Counter[tuple[str, str | None]] = Counter()
    for batch in decisions:
        pairs = pa.table({name: batch.column(name) for name in (JUDGED_LANGUAGE, "reason")})
        counts = pairs.group_by([JUDGED_LANGUAGE, "reason"]).aggregate([([], "count_all")])
        for row in counts.to_pylist():
            judged[row[JUDGED_LANGUAGE] or UNKNOWN[0], row["reason"]] += row["count_all"]
    english = {}
    for name, languages in selected.items():
        own = [rule for rule in ENGLISH_RULES.get(name, ()) if f"{name}.{rule}" in rules]
        if own:
            met = {key: n for key, n in judged.items() if _is_other(key[0], languages)}
            reasons = {f"{name}_{rule}" for rule in own}
            removed = sum(n for (_, reason), n in met.items() if reason in reasons)
            english[name] = {"documents": _by_language(met), "removed": removed}
    metrics: dict[str, object] = {"english_rules": english} if english else {}
    if "fineweb2" in selected:
        languages = selected["fineweb2"]
        met = {key: n for key, n in judged.items() if _has_no_bounds(key[0], languages)}
        metrics["fineweb2_no_bounds"] = _by_language(met)
    return metrics


def _is_other(language: str, languages: Sequence[str] | None) -> bool:
    """Return whether a set judges documents in this language, and it is not English."""
    is_english = language.partition("-")[0] in ("en", *UNKNOWN)
    return not is_english and (languages is None or language in languages)


def _has_no_bounds(language: str, languages: Sequence[str] | None) -> bool:
    """Return whether documents in this language are kept because there are no bounds for it."""
    return language not in LANGUAGES and (languages is None or language in languages)


def _by_language(counts: Mapping[tuple[str, str | None], int]) -> dict[str, int]:
    """Return the number of documents in each language, the most frequent first."""
    total: Counter[str] = Counter()
    for (language, _), n in counts.items():
        total[language] += n
    ordered = sorted(total.items(), key=lambda item: (-item[1], item[0]))
    listed = dict(ordered[:MAX_LISTED])
    if more := sum(n for _, n in ordered[MAX_LISTED:]):
        listed[OTHERS] = listed.get(OTHERS, 0) + more
    return listed


def with_language(decisions: pa.RecordBatch, language: pa.Array) -> pa.RecordBatch:
    """Return the decisions with the language of each document."""
    return decisions.append_column(JUDGED_LANGUAGE, pc.cast(language, pa.string()))
