r"""Compare each rule of the stage `quality` with the code of the tool that it comes from.

    python scripts/compare_quality_rules.py --datatrove ENV/bin/python --dolma ENV/bin/python \\
        news=NEWS.jsonl[.zst] pages=PAGES.jsonl[.zst] [--write docs/quality-agreement.md]

Each line of the files has a `text`. The tools run in environments of their own, which need
`datatrove==0.10.1 spacy nltk regex` and `dolma==1.2.1 msgspec` (its other dependencies are not
used). For each rule the script counts the texts that the tool's own code would remove with all
other rules off, those that ours would, and those on which they differ; it lists these with the
value that we measured. With `--write` the report is written as a page.

    python scripts/compare_quality_rules.py --make-pages HTML.jsonl[.zst] PAGES.jsonl

writes the texts that the stage `clean` makes of the field `html`, or `page_text`, of each line.
"""

from __future__ import annotations

import argparse
import importlib
import json
import subprocess
import sys
import tempfile
import types
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

Decisions = dict[str, bool]
BATCH = 500
MAX_LISTED = 12
"""Maximum number of differing texts listed for one rule."""


# --- in the environment of a tool


def datatrove_filters() -> dict[str, Callable[[Any], Any]]:
    """Return for each of our rules datatrove's own filter with every other rule switched off.

    The words and sentences of a text are kept for the next filter, because cutting takes the most
    time, and each filter would repeat it.
    """
    gopher = importlib.import_module("datatrove.pipeline.filters.gopher_quality_filter")
    repetition = importlib.import_module("datatrove.pipeline.filters.gopher_repetition_filter")
    fineweb = importlib.import_module("datatrove.pipeline.filters.fineweb_quality_filter")
    names = gopher.GopherQualityFilter.__init__.__code__.co_varnames[1:11]
    off = dict.fromkeys(names[:9]) | {"min_stop_words": None}
    limits = {"words": ("min_doc_words", "max_doc_words"),
              "mean_word_length": ("min_avg_word_length", "max_avg_word_length"),
              "bullet_lines": ("max_bullet_lines_ratio",),
              "ellipsis_lines": ("max_ellipsis_lines_ratio",),
              "alphabetic_words": ("max_non_alpha_words_ratio",),
              "stop_words": ("min_stop_words",), "symbols": ("max_symbol_word_ratio",)}  # fmt: skip
    defaults = gopher.GopherQualityFilter()
    filters: dict[str, Callable[[Any], Any]] = {}
    for rule, settings in limits.items():
        on = off | {name: getattr(defaults, name) for name in settings}
        filters[f"gopher.{rule}"] = gopher.GopherQualityFilter(**on).filter
    silent = dict.fromkeys(
        ("dup_line_frac", "dup_para_frac", "dup_line_char_frac", "dup_para_char_frac")
    ) | {"top_n_grams": (), "dup_n_grams": ()}
    standard = repetition.GopherRepetitionFilter()
    for rule, name in (("duplicate_lines", "dup_line_frac"),
                       ("duplicate_paragraphs", "dup_para_frac"),
                       ("duplicate_line_characters", "dup_line_char_frac"),
                       ("duplicate_paragraph_characters", "dup_para_char_frac")):  # fmt: skip
        on = silent | {name: getattr(standard, name)}
        filters[f"gopher.{rule}"] = repetition.GopherRepetitionFilter(**on).filter
    for name, form in (("top_n_grams", "top_{}gram"), ("dup_n_grams", "duplicate_{}grams")):
        for n, bound in getattr(standard, name):
            one = repetition.GopherRepetitionFilter(**silent | {name: ((n, bound),)})
            filters[f"gopher.{form.format(n)}"] = one.filter
    infinite = {"line_punct_thr": -1, "short_line_thr": 9e9, "char_duplicates_ratio": 9e9,
                "new_line_ratio": 9e9}  # fmt: skip
    for rule, name, bound in (("lines_with_end_mark", "line_punct_thr", 0.12),
                              ("short_lines", "short_line_thr", 0.67),
                              ("duplicate_line_characters", "char_duplicates_ratio", 0.01),
                              ("line_breaks", "new_line_ratio", 0.3)):  # fmt: skip
        on = infinite | {name: bound}
        filters[f"fineweb.{rule}"] = fineweb.FineWebQualityFilter(**on).filter
    c4_filters = importlib.import_module("datatrove.pipeline.filters.c4_filters")
    c4 = c4_filters.C4QualityFilter
    no_bracket, no_ipsum = {"filter_curly_bracket": False}, {"filter_lorem_ipsum": False}
    any_sentences = {"min_num_sentences": -1}
    for rule, options in (("curly_brackets", no_ipsum | any_sentences),
                           ("lorem_ipsum", no_bracket | any_sentences),
                           ("sentences", no_bracket | no_ipsum)):  # fmt: skip
        filters[f"c4.{rule}"] = c4(**options).filter
        filters[f"c4_any_end.{rule}"] = c4(filter_no_terminal_punct=False, **options).filter
    for module, function, kept in ((gopher, "split_into_words", 4),
                                   (repetition, "split_into_words", 4),
                                   (fineweb, "split_into_words", 4),
                                   (c4_filters, "split_into_sentences", 10_000)):  # fmt: skip
        setattr(module, function, lru_cache(maxsize=kept)(getattr(module, function)))
    return filters


def decide_datatrove(texts: Iterator[str]) -> Iterator[dict[str, Any]]:
    """Yield for each text whether each rule of datatrove removes it; None where its code raises."""
    document = importlib.import_module("datatrove.data").Document
    filters = datatrove_filters()
    for number, text in enumerate(texts):
        decisions: dict[str, bool | None] = {}
        for rule, keep in filters.items():
            try:
                result = keep(document(text=text, id=str(number)))
            except (AssertionError, ValueError, ZeroDivisionError):
                decisions[rule] = None
                continue
            why = result[1] if isinstance(result, tuple) else ""
            if rule == "gopher.symbols":
                decisions["gopher.hashes"] = why == "gopher_too_many_hashes"
                # the first of the two hides the second
                decisions["gopher.ellipses"] = None if why.endswith("hashes") else bool(why)
            else:
                decisions[rule] = result is not True and why != "empty"
        yield decisions


DOLMA_BOUNDS: dict[str, tuple[str, float | None, float | None]] = {
    "words": ("word_count", 50, 100_000),
    "median_word_length": ("median_word_length", 3, 10),
    "symbol_words": ("symbol_to_word_ratio", None, 0.1),
    "alphabetic_words": ("fraction_of_words_with_alpha_character", 0.8, None),
    "stop_words": ("required_word_count", 2, None),
    "bullet_lines": ("fraction_of_lines_starting_with_bullet_point", None, 0.9),
    "ellipsis_lines": ("fraction_of_lines_ending_with_ellipsis", None, 0.3),
    "duplicate_lines": ("fraction_of_duplicate_lines", None, 0.3),
    "duplicate_line_characters": ("fraction_of_characters_in_duplicate_lines", None, 0.3),
}
DOLMA_NGRAM_BOUNDS = {
    2: 0.2,
    3: 0.18,
    4: 0.16,
    5: 0.15,
    6: 0.14,
    7: 0.13,
    8: 0.12,
    9: 0.11,
    10: 0.1,
}


def decide_dolma(texts: Iterator[str]) -> Iterator[dict[str, Any]]:
    """Yield for each text whether dolma's attributes are outside the bounds of its configs.

    The module of its tagger is loaded alone: the whole package needs dozens of others.
    """
    folder = next(
        p for p in map(Path, sys.path) if (p / "dolma" / "taggers" / "gopher.py").exists()
    )
    for name in ("dolma", "dolma.core", "dolma.taggers"):
        package = types.ModuleType(name)
        package.__path__ = [str(folder.joinpath(*name.split(".")))]
        sys.modules[name] = package
    for name, member in (("registry", "TaggerRegistry"), ("taggers", "BaseTagger")):
        module = types.ModuleType(f"dolma.core.{name}")
        setattr(module, member, type(member, (), {"add": lambda _: lambda tagger: tagger}))
        sys.modules[module.__name__] = module
    tagger = importlib.import_module("dolma.taggers.gopher")
    for text in texts:
        found = tagger.get_attributes(text)
        decisions = {
            f"gopher.{rule}": (least is not None and getattr(found, name) < least)
            or (most is not None and getattr(found, name) > most)
            for rule, (name, least, most) in DOLMA_BOUNDS.items()
        }
        for n, value in found.fraction_of_characters_in_most_common_ngram:
            decisions[f"gopher.top_{n}gram"] = value > DOLMA_NGRAM_BOUNDS[n]
        for n, value in found.fraction_of_characters_in_duplicate_ngrams:
            decisions[f"gopher.duplicate_{n}grams"] = value > DOLMA_NGRAM_BOUNDS[n]
        yield decisions


def run_peer(tool: str, texts: Path) -> None:
    """Print the decisions of a tool on each text of a file, as lines of JSON."""
    decide = {"datatrove": decide_datatrove, "dolma": decide_dolma}[tool]
    with texts.open(encoding="utf-8") as lines:
        for decisions in decide(json.loads(line) for line in lines):
            sys.stdout.write(json.dumps(decisions) + "\n")


# --- in our environment


def read_lines(path: str) -> Iterator[dict[str, Any]]:
    """Yield the lines of a JSON Lines file, compressed or not."""
    if path.endswith(".zst"):
        raw = subprocess.run(["zstd", "-dc", "--long=27", path], capture_output=True, check=True)
        data = raw.stdout
    else:
        data = Path(path).read_bytes()
    return (json.loads(line) for line in data.split(b"\n") if line)


def make_pages(source: str, target: str) -> None:
    """Write the texts that the stage `clean` makes of pages."""
    import pyarrow as pa

    from corpus.documents import CONTENT, ID, KEY, TEXT
    from corpus.stages.clean import Clean

    stage = Clean()
    rows = list(read_lines(source))
    with Path(target).open("w", encoding="utf-8") as file:
        for start in range(0, len(rows), 50):
            part = rows[start : start + 50]
            ids = [str(start + k) for k in range(len(part))]
            documents = pa.record_batch(
                {
                    ID: pa.array(ids),
                    TEXT: pa.array(
                        [row.get("html") or row["page_text"] for row in part], pa.large_string()
                    ),
                    KEY: pa.array([id.encode().rjust(16) for id in ids], pa.binary(16)),
                    CONTENT: pa.array(["html" if row.get("html") else "page" for row in part]),
                    "url": pa.array([row.get("url") for row in part], pa.string()),
                }
            )
            for text in stage.apply(documents).column(TEXT).to_pylist():
                if text:
                    file.write(json.dumps({"text": text}) + "\n")


def decide_ours(texts: list[str], tool: str) -> Iterator[tuple[Decisions, dict[str, Any]]]:
    """Yield for each text whether each of our rules removes it, and the values."""
    import pyarrow as pa

    from corpus.signals.measure import measure_signals
    from corpus.signals.rules import RULE_SETS

    rules = {f"gopher.{rule.name}": rule for rule in RULE_SETS["gopher"][tool]}
    if tool == "datatrove":
        rules |= {f"fineweb.{rule.name}": rule for rule in RULE_SETS["fineweb"][tool]}
        rules |= {f"c4.{rule.name}": rule for rule in RULE_SETS["c4"][tool]}
        rules |= {f"c4_any_end.{rule.name}": rule for rule in RULE_SETS["c4"]["any_end"]}
    for start in range(0, len(texts), BATCH):
        part = texts[start : start + BATCH]
        columns = {
            name: column.to_pylist() for name, column in measure_signals(pa.array(part)).items()
        }
        for k in range(len(part)):
            values = {name: columns[rule.signal][k] for name, rule in rules.items()}
            yield (
                {
                    name: values[name] is not None
                    and (
                        (rule.min is not None and values[name] < rule.min)
                        or (rule.max is not None and values[name] > rule.max)
                    )
                    for name, rule in rules.items()
                },
                values,
            )


def compare(tool: str, python: str, name: str, texts: list[str]) -> list[dict[str, Any]]:
    """Return one row for each rule: how many texts each side removes, and where they differ."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "texts.jsonl")
        path.write_text("".join(json.dumps(text) + "\n" for text in texts), encoding="utf-8")
        command = [python, __file__, "--peer", tool, str(path)]
        output = subprocess.run(command, capture_output=True, check=True, text=True)
    theirs = [json.loads(line) for line in output.stdout.splitlines()]
    rows: dict[str, dict[str, Any]] = {}
    for number, ((ours, values), peer) in enumerate(
        zip(decide_ours(texts, tool), theirs, strict=True)
    ):
        for rule, removed in ours.items():
            row = rows.setdefault(
                rule,
                {"tool": tool, "texts": name, "rule": rule, "compared": 0, "ours": 0, "theirs": 0,
                 "different": []},
            )  # fmt: skip
            if peer.get(rule) is None:
                continue
            row["compared"] += 1
            row["ours"] += removed
            row["theirs"] += peer[rule]
            if removed != peer[rule]:
                row["different"].append((number, values[rule]))
    return list(rows.values())


def report(rows: list[dict[str, Any]]) -> str:
    """Return the tables in Markdown."""
    lines = []
    for tool, name in dict.fromkeys((row["tool"], row["texts"]) for row in rows):
        lines += [f"\n### {tool}, {name}\n",
                  "| rule | texts | removed by the tool | by us | different | equal |",
                  "|---|---|---|---|---|---|"]  # fmt: skip
        for row in rows:
            if (row["tool"], row["texts"]) != (tool, name):
                continue
            different = len(row["different"])
            equal = 100 * (1 - different / max(row["compared"], 1))
            lines.append(
                f"| {row['rule']} | {row['compared']:,} | {row['theirs']:,} | {row['ours']:,} "
                f"| {different:,} | {equal:.3f} % |"
            )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Compare, or do the part of a tool's environment."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("texts", nargs="*")
    parser.add_argument("--datatrove")
    parser.add_argument("--dolma")
    parser.add_argument("--write", type=Path)
    parser.add_argument("--peer")
    parser.add_argument("--make-pages", nargs=2)
    options = parser.parse_args()
    if options.peer:
        run_peer(options.peer, Path(options.texts[0]))
        return
    if options.make_pages:
        make_pages(*options.make_pages)
        return
    rows = []
    for tool in ("datatrove", "dolma"):
        python = getattr(options, tool)
        for name, path in (given.split("=", 1) for given in options.texts) if python else ():
            rows += compare(tool, python, name, [line["text"] for line in read_lines(path)])
    print(report(rows))
    for row in rows:
        for number, value in row["different"][:MAX_LISTED]:
            print(f"{row['tool']} {row['texts']} {row['rule']} text {number}: we measured {value}")
    if options.write:
        page = options.write
        marker = "<!-- tables -->\n"
        head = page.read_text(encoding="utf-8").split(marker)[0] if page.exists() else ""
        page.write_text(head + marker + report(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
