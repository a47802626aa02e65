"""The commands. Each is thin: it reads its options, calls the function that works, and prints.

Results go to stdout, progress and messages to stderr. Nothing heavy is imported before a command
needs it, so `corpus --help` answers at once.
"""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from corpus.cli.exit_codes import echo, exit_code_of
from corpus.cli.signals import end_process
from corpus.errors import DifferenceFound
from corpus.terminal import safe
from corpus.version import VERSION

if TYPE_CHECKING:
    from corpus.config.model import Config

OBJECTS_BEFORE_COLLECTION = 50_000
"""New objects between two searches for garbage. A command mostly makes modules, which are none;
with Python's own 700, the searches take a tenth of a short command."""

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


def _set_verbose(context: click.Context, _: click.Parameter, value: bool) -> bool:
    context.find_root().ensure_object(dict)["verbose"] = value
    return value


def _only_one(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> str:
    """Return the only argument; several are probably a glob that the shell has expanded."""
    if len(values) > 1:
        raise click.UsageError(
            f"{len(values):,} files instead of one config; put a glob in quotes, such as "
            "'pages/*.html', or name the folder"
        )
    return values[0]


def _examples(*lines: str) -> str:
    """Return the end of a help text: commands as one would type them."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


_verbose = click.option(
    "-v", "--verbose", is_flag=True, callback=_set_verbose, expose_value=False,
    help="Show the traceback of an unexpected error.",
)  # fmt: skip
_set = click.option(
    "--set", "overrides", multiple=True, metavar="SETTING=VALUE",
    help="Change a setting (repeatable): --set seed=3, --set stages.deduplicate.threshold=0.7, "
    "--set sources.0.path=other/.",
)  # fmt: skip
_jobs = click.option(
    "-j", "--jobs", type=click.IntRange(1), help="Number of workers. Default: one per processor."
)
_build = click.argument("build", metavar="BUILD", type=click.Path(path_type=Path))
_config = click.argument(
    "config", metavar="CONFIG", type=click.Path(), nargs=-1, required=True, callback=_only_one
)


@click.group(
    context_settings=CONTEXT,
    epilog=_examples(
        "corpus init my-corpus                     # write a config and a few pages to start from",
        "corpus check my-corpus/corpus.yaml        # show what a build would read and do",
        "corpus build my-corpus/corpus.yaml        # build my-corpus/build/starter",
        "corpus audit my-corpus/build/starter      # summarize what is in it",
        'eval "$(_CORPUS_COMPLETE=bash_source corpus)"    # shell completion; also zsh and fish',
    ),
)
@click.version_option(VERSION, prog_name="corpus", message="%(prog)s %(version)s")
def commands() -> None:
    """Turn raw article pages into clean, deduplicated, language-tagged training corpora.

    One YAML file says what to read and what to do. One command builds the corpus, and accounts for
    every document that it removed.
    """


@commands.command(
    short_help="Write a config and a few pages to start from.",
    epilog=_examples(
        "corpus init my-corpus",
        "corpus init --from data/pages my-corpus   # a config for your own files",
        "corpus build my-corpus/corpus.yaml",
    ),
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--from", "path", metavar="PATH",
    help="Write a config for your own files: a folder, a file, a glob in quotes, or a URI.",
)  # fmt: skip
@_verbose
def init(folder: Path, path: str | None) -> None:
    """Write a config and a few pages into DIR: build them, then change the config.

    With --from, write only a config, guessed from the files in PATH: their formats, what their
    texts are, and which column is the text, the title, the date. Nothing is overwritten.
    """
    from corpus.cli.init import init as write_starter
    from corpus.cli.init import init_from

    if path is not None:
        file, lines = init_from(path, folder)
        echo("\n".join([*lines, "", f"wrote {file}", f"next: corpus check {_quoted(file)}"]))
        return
    config, *pages = write_starter(folder)
    echo(f"wrote {config} and {len(pages)} pages\nnext: corpus build {config}")


@commands.command(
    short_help="Show what a build would read and do.",
    epilog=_examples(
        "corpus check news.yaml",
        "corpus check data/pages                   # what a build without a config would do",
        "corpus check news.yaml --set stages.deduplicate.threshold=0.7",
    ),
)
@_config
@_set
@_jobs
@_verbose
def check(config: str, overrides: tuple[str, ...], jobs: int | None) -> None:
    """Show what a build of CONFIG would read and do. Builds nothing.

    CONFIG may also be files: a folder, a file or a glob in quotes. A config is then guessed.

    Reports every mistake in the config at once, with its place. Reads the first records of each
    source and shows their columns, an example, their dates, and what cannot be read. Shows the
    passes, the recall of near-duplicate detection, and the estimated time.

    Exit code: 0, or that of the build if it would surely stop.
    """
    _compute_in_one_thread()
    from corpus.cli.check import plan
    from corpus.cli.targets import target_of
    from corpus.pipeline.warm_up import skip_unneeded_imports

    target = target_of(config, write=False)
    loaded = target.load(overrides)
    skip_unneeded_imports(loaded.stages, numba=False)
    checked = plan(loaded, jobs=jobs)
    echo("\n".join(target.messages)) if target.messages else None
    echo(str(checked))
    if checked.errors:
        sys.exit(checked.errors[0].exit_code)


@commands.command(
    short_help="Build the corpus that a config describes.",
    epilog=_examples(
        "corpus build news.yaml",
        "corpus build data/pages                   # guesses a config: pages.yaml",
        "corpus build news.yaml --limit 1000       # a trial, in build/news-trial",
        "corpus build news.yaml --json -q | jq .counts",
    ),
)
@_config
@_set
@_jobs
@click.option(
    "--limit", type=click.IntRange(1), metavar="N",
    help="Read at most N records, for a trial; it is built in NAME-trial, beside the full corpus.",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Build again, without the cache.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.option("-q", "--quiet", is_flag=True, help="Print no progress and no summary.")
@_verbose
def build(
    config: str,
    overrides: tuple[str, ...],
    jobs: int | None,
    limit: int | None,
    force: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Build the corpus that CONFIG describes.

    CONFIG may also be files: a folder, a file or a glob in quotes. A config is then guessed and
    written into the working directory, as NAME.yaml; the next build uses it, with your changes.

    The build is complete or it does not exist. It replaces an older build in the same place. If
    nothing has changed, nothing is done. After an interruption, the same command continues.
    """
    _compute_in_one_thread()
    from corpus.cli.build_summary import as_dict, summary
    from corpus.cli.targets import target_of
    from corpus.config.load import load_trial
    from corpus.pipeline.build import build as run
    from corpus.pipeline.warm_up import skip_unneeded_imports
    from corpus.progress import choose_progress

    target = target_of(config, write=True)
    if target.messages and not quiet:
        click.echo(safe("\n".join(target.messages), lines=True), err=True)
    loaded = target.load(overrides) if limit is None else load_trial(target.config, overrides)
    skip_unneeded_imports(loaded.stages, numba=False)
    progress = choose_progress(sys.stderr, quiet=quiet)
    try:
        built = run(loaded, jobs=jobs, limit=limit, force=force, is_alone=True, progress=progress)
    finally:
        progress.finish()
    if as_json:
        _print_json(as_dict(built))
    elif not quiet:
        echo(summary(built, loaded.card))


@commands.command(
    short_help="Check every file of a build, and every sum.",
    epilog=_examples(
        "corpus verify build/news",
        "corpus verify build/news --inputs news.yaml",
    ),
)
@_build
@click.option("--inputs", metavar="CONFIG", help="Also hash the input files of this config again.")
@_verbose
def verify(build: Path, inputs: str | None) -> None:
    """Check every file of BUILD against its manifest, and every sum. Exit code 5: differences."""
    from corpus.builds.verify import verify as run

    verification = run(build, _load(inputs, ()) if inputs else None)
    echo(str(verification))
    if verification.differences:
        sys.exit(DifferenceFound.exit_code)


@commands.command(
    short_help="Measure a corpus: a build, or any files.",
    epilog=_examples(
        "corpus audit build/news",
        "corpus audit data/wire.jsonl.gz --text body --page audit",
        "corpus audit build/news --tokenizer model/tokenizer.json",
        "corpus audit build/news -q --fail-on warn      # in CI: exit code 5 if a check warns",
        "corpus audit build/news --json -q | jq .languages.rows",
    ),
)
@click.argument("path", metavar="PATH", type=click.Path())
@click.option(
    "--text", default="text", metavar="COLUMN", show_default=True,
    help="Name of the column that contains the text.",
)  # fmt: skip
@click.option(
    "--tokenizer", type=click.Path(), metavar="FILE",
    help="Count tokens with this tokenizer.json. Default: estimate them.",
)  # fmt: skip
@click.option(
    "--page", type=click.Path(path_type=Path), metavar="DIR", help="Write the audit page into DIR."
)
@click.option(
    "--fail-on", type=click.Choice(["warn", "fail"]),
    help="Exit with code 5 if a check fails or, with `warn`, also if one warns.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print all statistics as JSON.")
@click.option("-q", "--quiet", is_flag=True, help="Print no progress and no summary.")
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
    """Measure the corpus in PATH: a build, or any files that can be read as a source.

    PATH may be a build, Parquet, JSON Lines, CSV, plain text, or a dataset saved by `datasets`. A
    text column is enough. The terminal shows a summary; the page shows everything, offline.
    """
    from corpus.auditing.audit import require_outside_builds
    from corpus.auditing.measure.measure_path import audit as run
    from corpus.pipeline.warm_up import skip_unneeded_imports
    from corpus.progress import choose_progress

    if page is not None:
        require_outside_builds(page)  # a wrong folder is reported before anything is measured
    skip_unneeded_imports((), numba=True)
    progress = choose_progress(sys.stderr, quiet=quiet)
    try:
        measured = run(path, text=text, tokenizer=tokenizer, progress=progress)
    finally:
        progress.finish()
    if as_json:
        _print_json(measured.statistics)
    elif not quiet:
        echo(str(measured))
    if page is not None:
        click.echo(f"wrote {safe(str(measured.write(page)))}", err=True)
    if measured.status in {"warn": ("warn", "fail"), "fail": ("fail",)}.get(fail_on or "", ()):
        sys.exit(DifferenceFound.exit_code)


@commands.command(
    short_help="Explain what happened to a document, and why.",
    epilog=_examples(
        "corpus explain build/news 4f1c09",
    ),
)
@_build
@click.argument("id", metavar="ID")
@click.option("--no-source", is_flag=True, help="Do not read the source again.")
@click.option(
    "--config", metavar="CONFIG",
    help="The config of the build; needed if it was made elsewhere, for stages of your own, and if "
    "the sources are remote or have moved.",
)  # fmt: skip
@_verbose
def explain(build: Path, id: str, no_source: bool, config: str | None) -> None:
    """Explain what happened to the document ID of BUILD, stage by stage, and why.

    The beginning of an id is enough if it is unique. The record is read again from its source, if
    that is still there, to show what each stage received and changed. Of a build that was not made
    on this machine, only its own files are opened, unless you name the config.
    """
    import shutil

    from corpus.auditing.explain.explain import explain as run

    columns = min(shutil.get_terminal_size((100, 0)).columns, 160)
    own = _load(config, ()) if config else None
    echo(str(run(build, id, source=not no_source, config=own, columns=columns)))


@commands.command(
    short_help="Compare two builds.",
    epilog=_examples(
        "corpus diff build/news build/news-0.7",
    ),
)
@click.argument("a", metavar="A", type=click.Path(path_type=Path))
@click.argument("b", metavar="B", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the differences as JSON.")
@_verbose
def diff(a: Path, b: Path, as_json: bool) -> None:
    """Compare two builds: settings, inputs, counts and documents. Exit code 5: differences."""
    from corpus.auditing.compare.diff import diff as run

    difference = run(a, b)
    if as_json:
        _print_json(difference.as_dict())
    else:
        echo(str(difference) or "no difference")
    if difference:
        sys.exit(DifferenceFound.exit_code)


@commands.command(
    short_help="Show what each threshold removes, without reading a text again.",
    epilog=_examples(
        "corpus tune news.yaml                                        # after a build",
        "corpus tune news.yaml --set stages.filter.words.min=80       # what would this remove?",
        "corpus tune news.yaml --page thresholds.html                 # distributions, documents",
    ),
)
@_config
@_set
@click.option("--page", type=click.Path(path_type=Path), help="Write a page to this file.")
@click.option("--nearest", default=2, type=click.IntRange(0, 5), show_default=True, metavar="N",
    help="Documents to show on each side of a threshold.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@_verbose
def tune(
    config: str, overrides: tuple[str, ...], page: Path | None, nearest: int, as_json: bool
) -> None:
    """Show what each threshold of CONFIG removes: its distribution, and documents next to it.

    Everything is taken from the cache of an earlier build, so another bound is tried in seconds.
    Nothing is built or changed.
    """
    from corpus.storage import write
    from corpus.tuning.page import page as page_of
    from corpus.tuning.terminal import as_dict, summary
    from corpus.tuning.tune import tune as run

    loaded = _load(config, overrides)
    tuning = run(loaded)
    if page is not None:
        write(page, page_of(tuning, loaded.name).encode())
    if as_json:
        _print_json(as_dict(tuning))
    else:
        echo(summary(tuning, nearest=nearest))
    if page is not None:
        click.echo(f"wrote {safe(str(page))}", err=True)


@commands.command(
    short_help="List the cache of a folder of builds, or delete what is in it.",
    epilog=_examples(
        "corpus cache build                        # the builds in build/, and their results",
        "corpus cache build --clear-unused         # keep what the existing builds used last",
    ),
)
@click.argument("path", metavar="PATH", default=".", type=click.Path(path_type=Path))
@click.option("--clear", is_flag=True, help="Delete all results; the next build reads everything.")
@click.option("--clear-unused", is_flag=True, help="Delete results that no existing build uses.")
@_verbose
def cache(path: Path, clear: bool, clear_unused: bool) -> None:
    """List the results that builds keep for the next build. PATH: a config, a build, its folder.

    Every build in a folder shares what was read and measured of the same inputs. Nothing in the
    cache is needed for a build to exist: without it, the next build takes longer.
    """
    from corpus.cli.cache import cache_of, cleared, listing

    if clear and clear_unused:
        raise click.UsageError("--clear deletes everything, --clear-unused only a part: name one")
    found = cache_of(path)
    if clear or clear_unused:
        echo(cleared(found, only_unused=not clear))
    else:
        echo(listing(found))


@commands.command(
    "train-quality",
    short_help="Train a quality classifier on good and bad documents.",
    epilog=_examples(
        "corpus train-quality build/reviewed 'crawl/*.jsonl' --out quality.npz",
        "corpus train-quality rated.parquet --label rating --good 4 --good 5 --out quality.npz",
    ),
)
@click.argument("inputs", metavar="GOOD BAD", type=click.Path(), nargs=-1, required=True)
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", required=True,
    help="The model to write, FILE.npz; its card and report are written beside it.",
)  # fmt: skip
@click.option(
    "--label", metavar="COLUMN",
    help="Name of a column with labels: then one input has both good and bad documents.",
)  # fmt: skip
@click.option(
    "--good", "good_values", multiple=True, metavar="VALUE",
    help="A label of good documents (repeatable); documents with any other label are bad.",
)  # fmt: skip
@click.option(
    "--text", default="text", metavar="COLUMN", show_default=True,
    help="Name of the column that contains the text.",
)  # fmt: skip
@click.option(
    "--site", metavar="COLUMN",
    help="Name of the column that says which site a document is from. Default: the host of the "
    "URL, the publisher, the folder or the file.",
)  # fmt: skip
@click.option(
    "--max-documents", type=click.IntRange(1), metavar="N", default=50_000, show_default=True,
    help="Use at most N documents of each class.",
)  # fmt: skip
@click.option(
    "--bits", type=click.IntRange(10, 24), default=20, show_default=True,
    help="Binary logarithm of the number of weights; each takes 2 bytes of memory.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option("-q", "--quiet", is_flag=True, help="Print no progress and no report.")
@_verbose
def train_quality(
    inputs: tuple[str, ...],
    out: Path,
    label: str | None,
    good_values: tuple[str, ...],
    text: str,
    site: str | None,
    max_documents: int,
    bits: int,
    as_json: bool,
    quiet: bool,
) -> None:
    """Train a classifier that scores how much a text is like GOOD and unlike BAD documents.

    GOOD and BAD are each a build, a folder, a file or a glob in quotes. With --label, one input has
    both. The report shows how good the classifier is on sites that it was not trained on, and
    whether something trivial, such as the length, is as good.
    """
    from corpus.progress import choose_progress
    from corpus.training.tables import summary
    from corpus.training.train import Settings, card_of
    from corpus.training.train import train_quality as run

    if len(inputs) != (1 if label else 2):
        raise click.UsageError(
            f"{len(inputs):,} inputs: name GOOD and BAD, or one input with --label; put a glob in "
            "quotes, such as 'pages/*.jsonl'"
        )
    settings = Settings(
        text=text, site=site, label=label, good_values=good_values, bits=bits,
        max_documents=max_documents,
    )  # fmt: skip
    progress = choose_progress(sys.stderr, quiet=quiet)
    card_is_kept = card_of(out).exists()
    try:
        report = run(inputs[:1], inputs[1:], out, settings=settings, progress=progress)
    finally:
        progress.finish()
    if as_json:
        _print_json(report.to_json())
    elif not quiet:
        echo(summary(report))
        if card_is_kept:
            echo(f"\nwrote {safe(str(out))} and its report")
            echo(
                f"kept {safe(str(card_of(out)))}, the card of an earlier model: its figures are "
                "not those of this one; to get a new card, train into another --out"
            )
        else:
            echo(f"\nwrote {safe(str(out))}, its report and its card")


@commands.command(
    short_help="Print the JSON Schema of configs, for editors.",
    epilog=_examples(
        "corpus schema > corpus.schema.json",
        "# then, as the first line of a config:",
        "# yaml-language-server: $schema=corpus.schema.json",
    ),
)
@_verbose
def schema() -> None:
    """Print the JSON Schema of configs: every setting with its description, for completion."""
    from corpus.config.model import Config

    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    _print_json(dialect | Config.model_json_schema())


def _load(path: str, overrides: tuple[str, ...]) -> Config:
    from corpus.config.load import load_config

    return load_config(path, overrides)


def _quoted(path: Path) -> str:
    """Return a path as one would type it in a shell."""
    import shlex

    return shlex.quote(str(path))


def _print_json(value: Any) -> None:
    import json

    text = json.dumps(value, indent=2, ensure_ascii=True)
    echo(text.replace("\x7f", "\\u007f"))  # DEL is ASCII, and `echo` would escape it otherwise


def _compute_in_one_thread() -> None:
    """Let a process that computes little start no threads for it, and load no one's plugins.

    numpy starts a thread for each processor, which waits for algebra. pydantic searches every
    package that is installed for plugins, which could change how a config is read. The memory is
    that of the workers, which may be copies of this process.
    """
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run a command, and end the process with its exit code."""
    gc.set_threshold(OBJECTS_BEFORE_COLLECTION)
    state: dict[str, bool] = {}

    def command() -> None:
        commands.main(arguments, prog_name="corpus", standalone_mode=False, obj=state)

    end_process(exit_code_of(command, verbose=lambda: state.get("verbose", False)))
