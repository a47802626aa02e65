"""The commands. Each is thin: it reads its options, calls the function that does it, and prints.

Results go to the standard output, progress and messages to the standard error. Nothing heavy is
imported before a command needs it, so `corpus --help` answers at once.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from corpus.cli.exit_codes import ended, say
from corpus.errors import DifferenceFound
from corpus.terminal import safe
from corpus.version import VERSION

if TYPE_CHECKING:
    from corpus.config.model import Config

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


def _remember(context: click.Context, _: click.Parameter, value: bool) -> bool:
    context.find_root().ensure_object(dict)["verbose"] = value
    return value


def _examples(*lines: str) -> str:
    """Return the end of a help text: commands as one would type them."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


_verbose = click.option(
    "-v", "--verbose", is_flag=True, callback=_remember, expose_value=False,
    help="Show where in the program an unexpected error arose.",
)  # fmt: skip
_set = click.option(
    "--set", "overrides", multiple=True, metavar="SETTING=VALUE",
    help="Change a setting, as often as you like: --set seed=3, "
    "--set stages.deduplicate.threshold=0.7, --set sources.0.path=other/.",
)  # fmt: skip
_jobs = click.option(
    "-j", "--jobs", type=click.IntRange(1), help="Workers; by default one for each processor."
)
_build = click.argument("build", metavar="BUILD", type=click.Path(path_type=Path))
_config = click.argument("config", metavar="CONFIG", type=click.Path())


@click.group(
    context_settings=CONTEXT,
    epilog=_examples(
        "corpus init my-corpus                     # a config and a few pages, to start from",
        "corpus check my-corpus/corpus.yaml        # what would be read and done",
        "corpus build my-corpus/corpus.yaml        # makes my-corpus/build/starter",
        "corpus audit my-corpus/build/starter      # what is in it, in forty lines",
        'eval "$(_CORPUS_COMPLETE=bash_source corpus)"    # completion; zsh and fish alike',
    ),
)
@click.version_option(VERSION, prog_name="corpus", message="%(prog)s %(version)s")
def commands() -> None:
    """Turn raw article pages into clean, near-duplicate-free, language-tagged train/test shards.

    One YAML file says what to read and what to do; one command builds the corpus, and says of every
    document that is not in it why.
    """


@commands.command(
    short_help="Lay out a config and a few pages to start from.",
    epilog=_examples(
        "corpus init my-corpus",
        "corpus build my-corpus/corpus.yaml",
    ),
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@_verbose
def init(folder: Path) -> None:
    """Lay out a config and a few pages in DIR, to build at once and then to change."""
    from corpus.cli.init import init as lay_out

    config, *pages = lay_out(folder)
    say(f"wrote {config} and {len(pages)} pages; build it: corpus build {config}")


@commands.command(
    short_help="Show what a build would read and do.",
    epilog=_examples(
        "corpus check news.yaml",
        "corpus check news.yaml --set stages.deduplicate.threshold=0.7",
    ),
)
@_config
@_set
@_jobs
@_verbose
def check(config: str, overrides: tuple[str, ...], jobs: int | None) -> None:
    """Show what a build would read and do, and build nothing.

    Every mistake in the config is reported at once, with its place. What is shown: the files and
    bytes of each source, the passes, how surely near duplicates are found, and about how long it
    will take.
    """
    from corpus.cli.check import plan

    say(plan(_load(config, overrides), jobs=jobs).text())


@commands.command(
    short_help="Build the corpus that a config describes.",
    epilog=_examples(
        "corpus build news.yaml",
        "corpus build news.yaml --limit 1000 --set output.path=build/trial",
        "corpus build news.yaml --json -q | jq .counts",
    ),
)
@_config
@_set
@_jobs
@click.option(
    "--engine",
    type=click.Choice(["local", "ray"]),
    default="local",
    show_default=True,
    help="Where the work is done.",
)
@click.option(
    "--limit", type=click.IntRange(1), metavar="N", help="Read N records at most, for a trial."
)
@click.option("--force", is_flag=True, help="Build again, even where nothing has changed.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.option("-q", "--quiet", is_flag=True, help="No progress and no summary.")
@_verbose
def build(
    config: str,
    overrides: tuple[str, ...],
    jobs: int | None,
    engine: str,
    limit: int | None,
    force: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Build the corpus that CONFIG describes.

    It appears whole, or not at all; an older build in its place is exchanged for it. Where nothing
    has changed since, nothing is done. Interrupted, the same command goes on where it stopped.
    """
    from corpus.cli.build_summary import as_dict, summary
    from corpus.pipeline.build import build as build_corpus
    from corpus.pipeline.warm_up import spare_imports
    from corpus.progress import fitting

    loaded = _load(config, overrides)
    spare_imports(loaded.stages, numba=False)
    progress = fitting(sys.stderr, quiet=quiet)
    try:
        built = build_corpus(
            loaded, jobs=jobs, engine=engine, limit=limit, force=force, progress=progress
        )
    finally:
        progress.finish()
    if as_json:
        _print_json(as_dict(built))
    elif not quiet:
        say(summary(built, loaded.card))


@commands.command(
    short_help="Check every file of a build, and every sum.",
    epilog=_examples(
        "corpus verify build/news",
        "corpus verify build/news --inputs news.yaml",
    ),
)
@_build
@click.option("--inputs", metavar="CONFIG", help="Hash again the inputs that this config reads.")
@_verbose
def verify(build: Path, inputs: str | None) -> None:
    """Check every file of BUILD against its manifest, and every sum; exit 5 if any differs."""
    from corpus.builds.verify import verify as differences

    found = differences(build, _load(inputs, ()) if inputs else None)
    if found:
        say("\n".join(found))
        sys.exit(DifferenceFound.exit_code)
    say(f"{build}: every file is as it was built, and the counts add up")


@commands.command(
    short_help="Measure a corpus: a build, or anybody's files.",
    epilog=_examples(
        "corpus audit build/news",
        "corpus audit data/wire.jsonl.gz --text body --page audit",
        "corpus audit build/news --tokenizer model/tokenizer.json",
        "corpus audit build/news -q --fail-on warn      # in CI: 5 where a check warns or fails",
        "corpus audit build/news --json -q | jq .languages.rows",
    ),
)
@click.argument("path", metavar="PATH", type=click.Path())
@click.option(
    "--text", default="text", metavar="COLUMN", show_default=True,
    help="The column that holds the text.",
)  # fmt: skip
@click.option(
    "--tokenizer", type=click.Path(), metavar="FILE",
    help="Count tokens as this tokenizer.json does; without it they are estimated.",
)  # fmt: skip
@click.option(
    "--page", type=click.Path(path_type=Path), metavar="DIR", help="Write the audit page into DIR."
)
@click.option(
    "--fail-on", type=click.Choice(["warn", "fail"]),
    help="Exit with 5 where a check fails, or, with `warn`, where one warns or fails.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print everything that was measured.")
@click.option("-q", "--quiet", is_flag=True, help="No progress and no summary.")
@_verbose
def audit(
    path: str,
    text: str,
    tokenizer: str | None,
    page: Path | None,
    fail_on: str | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Measure the corpus in PATH: a build, or anything that can be read as a source.

    A build, Parquet, JSON Lines, CSV, plain text, or a data set that `datasets` saved: a column of
    text is enough. What is printed is the short of it; the page shows all of it, and needs no
    network.
    """
    from corpus.auditing.audit import require_outside_builds
    from corpus.auditing.measure.measure_path import audit as measure
    from corpus.pipeline.warm_up import spare_imports
    from corpus.progress import fitting

    if page is not None:
        require_outside_builds(page)  # said before anything is measured
    spare_imports((), numba=True)
    progress = fitting(sys.stderr, quiet=quiet)
    try:
        found = measure(path, text=text, tokenizer=tokenizer, progress=progress)
    finally:
        progress.finish()
    if as_json:
        _print_json(found.statistics)
    elif not quiet:
        say(str(found))
    if page is not None:
        click.echo(f"wrote {safe(str(found.write(page)))}", err=True)
    if found.status in {"warn": ("warn", "fail"), "fail": ("fail",)}.get(fail_on or "", ()):
        sys.exit(DifferenceFound.exit_code)


@commands.command(
    short_help="Say where a document went, and why.",
    epilog=_examples(
        "corpus explain build/news 4f1c09",
    ),
)
@_build
@click.argument("id", metavar="ID")
@click.option("--no-source", is_flag=True, help="Do not read the source again.")
@click.option(
    "--config",
    metavar="CONFIG",
    help="Its config: wanted for stages of your own, sources elsewhere.",
)
@_verbose
def explain(build: Path, id: str, no_source: bool, config: str | None) -> None:
    """Say where the document ID of BUILD went, and why: stage by stage.

    The beginning of an id is enough if no other begins so. The record is read again from its
    source, where that is still there, to show what each stage saw and changed.
    """
    import shutil

    from corpus.auditing.explain.explain import explain as story

    columns = min(shutil.get_terminal_size((100, 0)).columns, 160)
    own = _load(config, ()) if config else None
    say(story(build, id, source=not no_source, config=own, columns=columns))


@commands.command(
    short_help="Say what two builds do not have in common.",
    epilog=_examples(
        "corpus diff build/news build/news-0.7",
    ),
)
@click.argument("a", metavar="A", type=click.Path(path_type=Path))
@click.argument("b", metavar="B", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the differences as JSON.")
@_verbose
def diff(a: Path, b: Path, as_json: bool) -> None:
    """Say what two builds do not have in common; exit 5 where there is something."""
    from corpus.auditing.compare.diff import diff as compare

    found = compare(a, b)
    if as_json:
        _print_json(found.told)
    else:
        say(str(found) or "no difference")
    if found:
        sys.exit(DifferenceFound.exit_code)


@commands.command(
    short_help="Print the JSON Schema of configs, for editors.",
    epilog=_examples(
        "corpus schema > corpus.schema.json",
        "# and as the first line of a config:",
        "# yaml-language-server: $schema=corpus.schema.json",
    ),
)
@_verbose
def schema() -> None:
    """Print the JSON Schema of configs: every setting, described, for editors to complete from."""
    from corpus.config.model import Config

    found = {"$schema": "https://json-schema.org/draft/2020-12/schema"} | Config.model_json_schema()
    _print_json(found)


def _load(path: str, overrides: tuple[str, ...]) -> Config:
    from corpus.config.model import load_config

    return load_config(path, overrides)


def _print_json(value: Any) -> None:
    import json

    say(json.dumps(value, indent=2, ensure_ascii=True))


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run a command, and end the process with its exit code."""
    state: dict[str, bool] = {}

    def command() -> None:
        commands.main(arguments, prog_name="corpus", standalone_mode=False, obj=state)

    sys.exit(ended(command, verbose=lambda: state.get("verbose", False)))
