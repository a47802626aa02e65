"""What the dataset card says, ready for its template: rows, sentences and blocks of code."""

from __future__ import annotations

import json
import re
from typing import Any

import yaml

from corpus.card.hub import configs
from corpus.card.tables import counted, dates, example, fields, tables
from corpus.documents import DOCUMENT
from corpus.markup import Markdown, code, fenced, markdown, visible

FACTS = {
    "recall": "the share of pairs that is found, by their Jaccard",
    "recall_at_threshold": "the chance that a pair right at the threshold is found",
    "compared": "pairs that were compared exactly",
    "highest_left": "the highest Jaccard found between documents that stay",
    "highest_left_at_least": "of too many like pairs the likeliest alone were compared",
    "recall_of_highest": "the chance that a pair across splits with a Jaccard of 0.4 is found",
    "sites": "sites with enough pages to tell boilerplate by",
    "recurring": "lines that stand on many pages of such a site, and went",
    "overlap": "documents left whose words are those of one in another split",
    "bands": "bands of a signature",
    "rows": "hashes in a band",
    "lines": "lines of enough words",
    "repeated": "different lines that so many documents have",
    "cut": "lines that were cut out",
    "cut_characters": "their characters",
    "cut_from": "documents that lost some",
    "gone_with_documents": "repeated lines of documents that had no others",
}
"""What the figures of stages mean."""

UNTOLD = ("near_misses", "clusters", "boundaries", "commonest", "most_repeated")
"""Figures that are for the audit and for machines."""
TOOLS = {
    "clean": (
        "Cleaning is a model's judgement line by line: some boilerplate stays, and some lines of an "
        "article (headings, captions, lists) go."
    ),
    "site_boilerplate": (
        "A line on many pages of a site is taken for boilerplate: a heading that a site's articles "
        "often have, or a sentence that they all end with, goes too."
    ),
    "language": (
        "Languages are told by the statistics of their letters: short texts, and languages as near "
        "as Danish and Norwegian, are the first to be taken for one another."
    ),
    "deduplicate": (
        "Duplicates are texts with the same words in the same order: a paraphrase or a translation "
        "is not one."
    ),
    "split": "So are leaks: a paraphrase of a test document may be trained on.",
}
"""What to know of each stage's tools."""

SAID = ("doubtful", "held_out", "personal")
"""Checks whose answers the card tells in other places."""

TELLS = {
    "collection": "Where the texts come from",
    "uses": "What it is good for",
    "out_of_scope": "What it should not be used for",
    "limitations": "Biases and gaps",
    "funding": "Funding",
}
"""What people say in the config, each under its heading."""


def sections(
    manifest: dict[str, Any], audit: dict[str, Any], about: dict[str, Any]
) -> dict[str, Any]:
    """Return everything the template of the card may use."""
    return {
        "manifest": manifest,
        "audit": audit,
        "name": manifest["name"],
        "title": about.get("pretty_name") or manifest["name"],
        "about": _own_words(about),
        "summary": _summary(manifest, audit),
        "splits": [
            {"name": name, "files": len(told["shards"]), **audit["splits"][name]}
            for name, told in manifest["splits"].items()
        ],
        "configs": Markdown(", ".join(f'`"{name}"`' for name in list(configs(manifest))[1:])),
        "tables": tables(audit),
        "dates": dates(audit),
        "leakage": _leakage(manifest),
        "fields": fields(manifest, audit),
        "example": example(audit),
        "origin": _origin(manifest),
        "funnel": _funnel(manifest),
        "lines": any(stage["stage"] == "deduplicate_lines" for stage in manifest["stages"]),
        "steps": [_step(stage) for stage in manifest["stages"]],
        "told": _told(about),
        "personal": _personal(audit),
        "limits": [markdown(limit) for limit in _limits(manifest, audit)],
        "config": _config(manifest),
    }


def _own_words(about: dict[str, Any]) -> dict[str, Any]:
    """Return the card settings; their text is its author's own Markdown."""
    told = {"description": None, "personal_data": None} | about
    return {
        key: Markdown(value) if isinstance(value, str) else value for key, value in told.items()
    }


def _told(about: dict[str, Any]) -> list[tuple[str, Markdown]]:
    found = [(title, Markdown(about[key])) for key, title in TELLS.items() if about.get(key)]
    lines = [f"- by {markdown(name)}" for name in about.get("authors") or ()]
    lines += [f"- contact: {markdown(about['contact'])}"] if about.get("contact") else []
    lines += [
        f"- {key}: {_address(about[key])}"
        for key in ("homepage", "repository", "paper")
        if about.get(key)
    ]
    if lines:
        found.append(("Who made it", Markdown("\n".join(lines))))
    if about.get("citation"):
        found.append(("Citation", fenced(about["citation"], "bibtex")))
    return found


def _address(said: str) -> str:
    return f"<{said}>" if re.fullmatch(r"https?://[^\s<>]+", said) else markdown(said)


def _summary(manifest: dict[str, Any], audit: dict[str, Any]) -> Markdown:
    counts = manifest["counts"]
    files = len(manifest["inputs"])
    splits = ", ".join(f"{n:,} in `{split}`" for split, n in counts["splits"].items())
    return Markdown(
        f"{counted(audit['documents'], 'document')} ({splits}) with {audit['words']:,} words, "
        f"made from {counted(counts['read'], 'record')} in {counted(files, 'file')}: "
        f"{counts['removed']:,} were removed, {counts['rejected']:,} could not be read."
    )


def _origin(manifest: dict[str, Any]) -> Markdown:
    """Return what came in."""
    inputs, counts = manifest["inputs"], manifest["counts"]
    held = sum(one["bytes"] for one in inputs)
    return Markdown(
        f"{counted(len(inputs), 'file')} with {counted(held, 'byte')} held "
        f"{counted(counts['read'], 'record')}; {counts['kept']:,} of them are here."
    )


def _funnel(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the way from the records read to the documents kept."""
    counts = manifest["counts"]
    rows: list[dict[str, Any]] = [
        {"step": "read", "reason": Markdown("**records**"), "documents": counts["read"]},
        {"step": "", "reason": Markdown("could not be read"), "documents": -counts["rejected"]},
    ]
    known = meanings()
    for row in manifest["funnel"]:
        meaning = known.get((row["stage"], row["reason"]))
        told = f"{code(row['reason'])}{': ' + markdown(meaning) if meaning else ''}"
        rows.append(
            {
                "step": row["stage"],
                "reason": Markdown(told),
                "documents": -row["documents"],
                "characters": -row["characters"],
            }
        )
    rows.append({"step": "", "reason": Markdown("**documents kept**"), "documents": counts["kept"]})
    return [{"characters": None} | row for row in rows if row["documents"]]


def meanings() -> dict[tuple[str, str], str]:
    """Return what each reason of each of our stages means."""
    from corpus.stages import STAGES

    return {("read", "empty"): "the record has no text"} | {
        (name, reason): meaning
        for name, stage in STAGES.items()
        for reason, meaning in stage.reasons.items()
    }


def _step(stage: dict[str, Any]) -> dict[str, Any]:
    """Return a stage with its settings and what it found, each in a line."""
    told = {
        key: value for key, value in stage.items() if key not in ("stage", "metrics", "reasons")
    }
    said = [
        f"{markdown(key)} {code(_plain(value))}"
        for key, value in told.items()
        if value not in (None, [], {})
    ]
    metrics = [
        Markdown(f"{FACTS.get(key) or markdown(key.replace('_', ' '))}: {code(_plain(value))}")
        for key, value in stage.get("metrics", {}).items()
        if key not in UNTOLD
    ]
    return {"name": stage["stage"], "settings": Markdown(", ".join(said)), "metrics": metrics}


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _leakage(manifest: dict[str, Any]) -> Markdown | None:
    """Return how alike the documents held out and those to train on are at the most."""
    for stage in manifest["stages"]:
        metrics = stage.get("metrics", {})
        highest = metrics.get("highest_left")
        if stage["stage"] == "split" and highest is not None:
            surely = metrics.get("recall_of_highest")
            told = f" (one of 0.4 is found with a chance of {surely:g})" if surely else ""
            if metrics.get("highest_left_at_least"):
                told = ", and of a great many pairs that are about as like not all were compared"
            return Markdown(
                "No document to train on was found to share as much with one held out as a Jaccard "
                f"of {stage['leakage_threshold']} (over shingles of {stage['words']} words); "
                f"the highest found is {highest:g}{told}."
            )
        if stage["stage"] == "split" and metrics.get("overlap"):
            return Markdown(
                f"Leaks were not taken out: {metrics['overlap']:,} texts held out are, word for "
                "word, to train on or held out in another split as well."
            )
    return None


def _limits(manifest: dict[str, Any], audit: dict[str, Any]) -> list[str]:
    """Return what to know before trusting the corpus; each line is true of this build."""
    whole = audit["documents"]
    found = []
    doubtful = audit["doubtful"]
    if doubtful:
        found.append(
            f"The language of {doubtful:,} of {whole:,} documents has a score below "
            f"{audit['scores']['doubtful']}: it may well be another."
        )
    stages = {stage["stage"]: stage for stage in manifest["stages"]}
    found += [said for name, said in TOOLS.items() if name in stages]
    found += [
        f"{row['missing']:,} of {whole:,} documents have no {row['name']}."
        for row in audit["columns"]
        if row["missing"] and row["name"] in (*DOCUMENT.names, "language")
    ]
    if "deduplicate" not in stages:
        found.append("Nothing looked for duplicates.")
    if "language" not in stages and not audit["languages"]["rows"]:
        found.append("Nothing told the languages.")
    if "split" not in stages:
        found.append("Nothing was held out for testing.")
    found += [
        f"{check['question']} {check['reason']}."
        for check in audit["checks"]
        if check["status"] != "pass" and check["id"] not in SAID
    ]
    return found


def _personal(audit: dict[str, Any]) -> Markdown:
    """Return what patterns of personal data were found, and what no pattern finds."""
    read = audit["close"]["read"]
    kinds = [row for row in audit["close"]["personal"] if row["documents"]]
    found = ", ".join(f"{row['kind']} in {row['documents']:,}" for row in kinds) or "nothing"
    return Markdown(
        f"Patterns of personal data in the {counted(read['documents'], 'document')} that were "
        f"read for them: {found}. Names and stories about people have no pattern; nothing was "
        "taken out."
    )


def _config(manifest: dict[str, Any]) -> Markdown:
    """Return the resolved config as YAML that builds the corpus again."""
    told = dict(manifest["config"])
    told.pop("card", None)
    told["output"] = {"path": f"build/{manifest['name']}"} | (told.get("output") or {})
    text = yaml.safe_dump(told, sort_keys=False, allow_unicode=True, width=100)
    if visible(text, lines=True) != text:
        text = yaml.safe_dump(told, sort_keys=False, width=100)  # escapes what cannot be seen
    if "<!--" in text:  # JSON is YAML, and this one can hold no mark of ours
        text = json.dumps(told).replace("<", "\\u003c")
    return fenced(text, "yaml")
