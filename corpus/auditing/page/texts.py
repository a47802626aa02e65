"""The sections of the audit page that come of the close look: words, lines, characters, topics."""

from __future__ import annotations

from typing import Any

from corpus.auditing.page.charts import bar, curve, dot, scatter
from corpus.auditing.page.parts import document, folded, percent, table, text
from corpus.markup import html

Audit = dict[str, Any]

WORDS = (
    " Here a word has no punctuation, and characters of scripts that are written without spaces "
    "are words of their own."
)


def looked(close: dict[str, Any], whole: int) -> str:
    """Return how much of the corpus was looked at, where that is not all of it."""
    if close["whole"]:
        return ""
    return (
        f"<p>Of {close['documents']:,} documents ({percent(close['documents'], whole)}), chosen by "
        "the hash of their ids.</p>"
    )


def boilerplate(audit: Audit) -> str:
    """Return the lines that stand in several documents."""
    close = audit["close"]
    found = close["lines"]
    if not found["rows"]:
        return ""
    longest = found["rows"][0]["documents"]
    rows = [
        (
            [
                text(row["line"]),
                f"{row['documents']:,}",
                f"{row['sources']:,}",
                bar([(row["documents"], "s0")], longest),
            ],
            "",
        )
        for row in found["rows"]
    ]
    heads = ("line", "documents", "sources", "")
    return (
        looked(close, audit["documents"])
        + f"<p>{found['repeated']:,} lines stand in {found['least']} documents or more: "
        f"{found['characters']:,} characters in {found['documents']:,} documents. Some are what "
        "articles say; what a site says on every page should have gone.</p>"
        + table(heads, rows, "tnnc", "Lines that stand in several documents")
    )


def words(audit: Audit) -> str:
    """Return the commonest runs of words, how rare the rare ones are, what sets groups apart."""
    found = audit["close"]["words"]
    if not found["words"]:
        return ""
    told = audit["close"]["read"]
    slope = found["zipf"]["slope"]
    steep = (
        f" Their frequencies fall with a slope of {slope:.2f}; prose has about -1." if slope else ""
    )
    rows = [([f"{rank:,}", f"{n:,}"], "") for rank, n in found["zipf"]["ranks"]]
    growth = [([f"{n:,}", f"{v:,}"], "") for n, v in found["growth"]]
    count = f"{found['words']:,} words, {found['distinct']:,} different ones"
    count += f", {found['once']:,} of them once"
    drawn = curve(
        found["zipf"]["ranks"], title="Zipf", across="rank of a word", up="how often it stands"
    )
    return "".join(
        [
            looked(told, audit["documents"]),
            f"<p>{count}.{steep}{WORDS}</p><figure>{drawn}",
            "<figcaption>How often a word stands, by its rank</figcaption></figure>",
            folded("Numbers", table(("rank", "times"), rows, "nn", "Times by rank")),
            folded(
                "Different words among the first so many",
                table(("words", "different"), growth, "nn", "Different words by words read"),
            ),
            "".join(_grams(size, held) for size, held in found["grams"].items() if held),
            _telling("split", found["telling"]["splits"]),
            _telling("language", found["telling"]["languages"]),
        ]
    )


def _grams(size: str, held: list[dict[str, Any]]) -> str:
    rows = [
        (
            [
                text(row["text"]),
                f"{row['times']:,}",
                f"{row['documents']:,}",
                bar([(row["times"], "s0")], held[0]["times"]),
            ],
            "",
        )
        for row in held
    ]
    name = "The commonest words" if size == "1" else f"The commonest runs of {size} words"
    return folded(name, table(("text", "times", "documents", ""), rows, "tnnc", name))


def _telling(kind: str, found: dict[str, list[dict[str, Any]]]) -> str:
    if not found:
        return ""
    rows = [
        ([text(name), ", ".join(text(word["text"]) for word in held)], "")
        for name, held in found.items()
    ]
    name = f"Words that set each {kind} apart"
    return f"<h3>{name}</h3>" + table((kind, "words"), rows, "tt", name)


def topics(audit: Audit) -> str:
    """Return the map of the topics, and the words of each cluster."""
    found = audit.get("topics")
    if not found:
        return ""
    rows = [
        (
            [
                f"{dot(i)}{i + 1}",
                ", ".join(text(word) for word in cluster["words"]),
                text(cluster["example"]),
                f"{cluster['documents']:,}",
            ],
            "",
        )
        for i, cluster in enumerate(found["clusters"])
    ]
    heads = ("cluster", "words that set it apart", "one of them", "documents")
    drawn = scatter(found["points"], title="Documents by what they are about")
    return (
        f"<p>{found['documents']:,} documents, chosen by hash; near ones have words in common. The "
        f"axes mean nothing by themselves.</p><figure>{drawn}</figure>"
        + table(heads, rows, "tttn", "Clusters of documents")
    )


def characters(audit: Audit) -> str:
    """Return the classes of characters, and those that should not be there."""
    close = audit["close"]
    found = close["characters"]
    whole = sum(found["classes"].values())
    if not whole:
        return ""
    rows = [
        ([html(name), f"{n:,}", percent(n, whole), bar([(n, "s0")], whole)], "")
        for name, n in found["classes"].items()
    ]
    odd = [
        (
            [html(row["code"]), html(row["name"]), f"{row['times']:,}", f"{row['documents']:,}"],
            "",
        )
        for row in found["odd"]
    ]
    heads = ("character", "name", "times", "documents")
    return "".join(
        [
            looked(close["read"], audit["documents"]),
            table(("class", "characters", "share", ""), rows, "tnnc", "Classes of characters"),
            f"<p>{found['distinct']:,} different characters. {found['mojibake']:,} documents ",
            "look as if UTF-8 had been read as something else.</p>",
            f"<h3>Odd characters</h3>{table(heads, odd, 'ttnn', 'Odd characters')}" if odd else "",
        ]
    )


def personal(audit: Audit) -> str:
    """Return what looks like personal data, its letters and digits masked."""
    close = audit["close"]
    if not close["documents"]:
        return ""
    rows = [
        (
            [
                html(row["kind"]),
                f"{row['documents']:,}",
                f"{row['times']:,}",
                " ".join(f"<code>{html(shape)}</code>" for shape in row["masked"]),
            ],
            "",
        )
        for row in close["personal"]
    ]
    heads = ("looks like", "documents", "times", "shapes")
    return (
        looked(close["read"], audit["documents"])
        + "<p>Found by patterns alone: some are none, and names, addresses and stories about "
        "people have no pattern.</p>" + table(heads, rows, "tnnt", "What looks like personal data")
    )


def outliers(audit: Audit) -> str:
    """Return the documents that are farthest out."""
    parts = []
    for key, heading in (("longest", "The longest"), ("shortest", "The shortest")):
        parts += [f"<h3>{heading}</h3>", *(document(found) for found in audit[key])]
    if audit["close"]["outliers"]:
        rows = (
            document(row, said=f"{html(row['why'])} {100 * row['share']:.3g} %")
            for row in audit["close"]["outliers"]
        )
        parts += ["<h3>Odd in what they are made of</h3>", *rows]
    return "\n".join(parts) if audit["documents"] else ""


def sample(audit: Audit) -> str:
    """Return a few documents."""
    if not audit["sample"]:
        return ""
    told = "<p>Chosen by the hash of their ids, so every document was as likely as another.</p>"
    return "\n".join([told, *(document(found) for found in audit["sample"])])
