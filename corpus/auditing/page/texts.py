"""The sections of the audit page about the texts themselves: lines, words, topics, characters.

Most of them are measured on a sample of the texts, and say how large it is.
"""

from __future__ import annotations

from typing import cast

from corpus.auditing.page.charts import bar, log_log_curve, scatter, scatter_key
from corpus.auditing.page.parts import Row, document_details, folded, safe_text, table
from corpus.auditing.report import DistinctiveWord, Report, SampleSize, WordNgram
from corpus.markup import count_of, html, percent
from corpus.privacy.kinds import NAMES


def _sample_note(sample: SampleSize, total: int) -> str:
    """Return how many documents a section is based on, or nothing if it is all of them."""
    if sample["whole"]:
        return ""
    return (
        f"<p>Based on {sample['documents']:,} documents ({percent(sample['documents'], total)}), "
        "chosen by the hash of their ids.</p>"
    )


def repeated_lines(audit: Report) -> str:
    """Return the lines that occur in several documents."""
    lines = audit["close"]["lines"]
    if not lines["rows"]:
        return ""
    most = lines["rows"][0]["documents"]
    rows = [
        Row(
            [
                safe_text(row["line"]),
                f"{row['documents']:,}",
                f"{row['sources']:,}",
                bar([(row["documents"], "s0")], most),
            ]
        )
        for row in lines["rows"]
    ]
    occur = "line occurs" if lines["repeated"] == 1 else "lines occur"
    return (
        _sample_note(audit["close"], audit["documents"])
        + f"<p>{lines['repeated']:,} different {occur} in {lines['least']} or more documents: "
        f"{count_of(lines['characters'], 'character')} in "
        f"{count_of(lines['documents'], 'document')}. Some repeated lines belong to articles. "
        "Lines that a site prints on every page are boilerplate that was not removed.</p>"
        + table(("line", "documents", "sources", ""), rows, "tnnc", "Repeated lines")
    )


def words(audit: Report) -> str:
    """Return vocabulary size and growth, word frequencies, n-grams, and distinctive words."""
    vocabulary = audit["close"]["words"]
    if not vocabulary["words"]:
        return ""
    slope = vocabulary["zipf"]["slope"]
    slope_note = (
        f" The slope of log frequency by log rank is {slope:.2f} (about -1 in prose)."
        if slope
        else ""
    )
    ranks = [Row([f"{rank:,}", f"{n:,}"]) for rank, n in vocabulary["zipf"]["ranks"]]
    growth = [Row([f"{n:,}", f"{distinct:,}"]) for n, distinct in vocabulary["growth"]]
    summary = (
        f"<p>{vocabulary['words']:,} words, {vocabulary['distinct']:,} of them distinct; "
        f"{vocabulary['once']:,} occur once.{slope_note}</p>"
    )
    curve = log_log_curve(
        vocabulary["zipf"]["ranks"], title="Zipf", x_axis="rank", y_axis="frequency"
    )
    return "".join(
        [
            _sample_note(audit["close"]["read"], audit["documents"]),
            summary,
            f"<figure>{curve}<figcaption>Word frequency by rank</figcaption></figure>",
            folded("Numbers", table(("rank", "frequency"), ranks, "nn", "Word frequency by rank")),
            folded(
                "Vocabulary growth",
                table(("words read", "distinct words"), growth, "nn", "Vocabulary growth"),
            ),
            *(_ngrams(n, grams) for n, grams in vocabulary["grams"].items()),
            _distinctive_words("split", vocabulary["telling"]["splits"]),
            _distinctive_words("language", vocabulary["telling"]["languages"]),
        ]
    )


def _ngrams(n: str, grams: list[WordNgram]) -> str:
    """Return the most frequent word n-grams of one length."""
    if not grams:
        return ""
    most = grams[0]["times"]
    rows = [
        Row(
            [
                safe_text(gram["text"]),
                f"{gram['times']:,}",
                f"{gram['documents']:,}",
                bar([(gram["times"], "s0")], most),
            ]
        )
        for gram in grams
    ]
    title = "Most frequent words" if n == "1" else f"Most frequent {n}-word sequences"
    return folded(title, table(("text", "frequency", "documents", ""), rows, "tnnc", title))


def _distinctive_words(group: str, words_of: dict[str, list[DistinctiveWord]]) -> str:
    """Return the words that are unusually frequent in each split or language."""
    if not words_of:
        return ""
    rows = [
        Row([safe_text(name), ", ".join(safe_text(word["text"]) for word in distinctive)])
        for name, distinctive in words_of.items()
    ]
    title = f"Distinctive words of each {group}"
    return f"<h3>{title}</h3>" + table((group, "words"), rows, "tt", title)


def topics(audit: Report) -> str:
    """Return the topic map, and the words of each cluster."""
    topic_map = audit.get("topics")
    if not topic_map:
        return ""
    rows = [
        Row(
            [
                f"{scatter_key(i)}{i + 1}",
                ", ".join(safe_text(word) for word in cluster["words"]),
                safe_text(cluster["example"]),
                f"{cluster['documents']:,}",
            ]
        )
        for i, cluster in enumerate(topic_map["clusters"])
    ]
    heads = ("cluster", "distinctive words", "example", "documents")
    plot = scatter(topic_map["points"], title="Documents by topic")
    return (
        f"<p>{topic_map['documents']:,} documents, chosen by hash. Documents that are close "
        f"together share words. The axes have no meaning of their own.</p><figure>{plot}</figure>"
        + table(heads, rows, "tttn", "Clusters of documents")
    )


def characters(audit: Report) -> str:
    """Return characters by class, and characters that point to a broken encoding."""
    counts = audit["close"]["characters"]
    by_class = cast("dict[str, int]", counts["classes"])
    total = sum(by_class.values())
    if not total:
        return ""
    rows = [
        Row([html(name), f"{n:,}", percent(n, total), bar([(n, "s0")], total)])
        for name, n in by_class.items()
    ]
    odd = [
        Row([html(row["code"]), html(row["name"]), f"{row['times']:,}", f"{row['documents']:,}"])
        for row in counts["odd"]
    ]
    summary = (
        f"<p>{counts['distinct']:,} distinct characters. Documents that look like mojibake "
        f"(UTF-8 decoded with another encoding): {counts['mojibake']:,}.</p>"
    )
    heads = ("character", "name", "occurrences", "documents")
    title = "Suspicious characters"
    return "".join(
        [
            _sample_note(audit["close"]["read"], audit["documents"]),
            table(("class", "characters", "share", ""), rows, "tnnc", "Characters by class"),
            summary,
            f"<h3>{title}</h3>{table(heads, odd, 'ttnn', title)}" if odd else "",
        ]
    )


def _redactions(audit: Report) -> str:
    """Return what the stage `redact` replaced, by type and language."""
    if audit["redactions"] is None:
        return ""
    if not audit["redactions"]:
        return "<p>The stage <code>redact</code> has no match in these documents.</p>"
    rows = [
        Row(
            [
                html(NAMES.get(row["type"], row["type"])),  # type: ignore[call-overload]
                html(row["language"] or ""),
                f"{row['documents']:,}",
                f"{row['matches']:,}",
            ]
        )
        for row in audit["redactions"]
    ]
    return (
        "<p>Matches of the stage <code>redact</code>; <code>ledger/redacted.parquet</code> has the "
        "position of each, and what replaced it. Surrogates are fake values: the patterns below "
        "count them, too.</p>"
        + table(("type", "language", "documents", "matches"), rows, "ttnn", "Redactions")
    )


def personal_data(audit: Report) -> str:
    """Return what was redacted, and matches of patterns of personal data in what is left."""
    close = audit["close"]
    if not close["documents"]:
        return ""
    rows = [
        Row(
            [
                html(row["kind"]),
                f"{row['documents']:,}",
                f"{row['times']:,}",
                " ".join(f"<code>{html(shape)}</code>" for shape in row["masked"]),
            ]
        )
        for row in close["personal"]
    ]
    heads = ("pattern", "documents", "matches", "masked examples")
    return (
        _redactions(audit)
        + _sample_note(close["read"], audit["documents"])
        + "<p>Detected by patterns only. Some matches are not personal data; names, addresses and "
        "stories about people match no pattern.</p>"
        + table(heads, rows, "tnnt", "Matches of patterns of personal data")
    )


def outliers(audit: Report) -> str:
    """Return the longest, the shortest and the most unusual documents."""
    if not audit["documents"]:
        return ""
    parts = []
    for heading, documents in (("Longest", audit["longest"]), ("Shortest", audit["shortest"])):
        parts += [f"<h3>{heading}</h3>", *map(document_details, documents)]
    if unusual := audit["close"]["outliers"]:
        parts.append("<h3>Unusual composition</h3>")
        parts += [
            document_details(row, note=f"{html(row['why'])}: {100 * row['share']:.3g} %")
            for row in unusual
        ]
    return "\n".join(parts)


def sample(audit: Report) -> str:
    """Return a few documents, chosen by the hash of their ids."""
    if not audit["sample"]:
        return ""
    note = "<p>Chosen by the hash of their ids: every document was equally likely to be shown.</p>"
    return "\n".join([note, *map(document_details, audit["sample"])])
