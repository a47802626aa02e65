"""Fuzz each reader, `clean`, the YAML and the manifest reader, guided by coverage (atheris).

Each target runs in a process of its own for some minutes, starting from good files. The inputs that
reached new code are kept below `--corpora`, in `CORPUS_FUZZ_CORPORA`, so the next run continues.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from reliability.figure import Effort, Figure, not_run

NAME = "coverage-guided fuzzing (atheris) of each reader, `clean`, YAML and manifest reader"
TARGET = "15 minutes each without crash"
TARGET_SECONDS = 15 * 60
READERS = (
    "jsonl", "json", "csv", "tsv", "txt", "html", "xml", "warc", "wet", "parquet", "arrow", "zip",
    "jsonl.gz", "jsonl.zst",
)  # fmt: skip
TARGETS = (*READERS, "clean", "yaml", "manifest")
MAX_BYTES = 4096
PROJECT = Path(__file__).parents[2]


def compiled_modules() -> list[str]:
    """Return the modules with kernels, which numba could not compile if they were instrumented."""
    files = (PROJECT / "corpus").rglob("*.py")
    found = [path for path in files if "njit" in path.read_text()]
    return [".".join(path.relative_to(PROJECT).with_suffix("").parts) for path in found]


def fuzz_reader(extension: str) -> Callable[[bytes], None]:
    """Return a function that reads bytes as a file."""
    from corpus import sources
    from corpus.errors import CorpusError

    folder = Path(tempfile.mkdtemp())
    path = folder / f"in.{extension}"
    source = sources.Source(path=str(path))

    def read(data: bytes) -> None:
        path.write_bytes(data)
        with contextlib.suppress(CorpusError):
            files = sources.find_files(source, folder).files
            for chunk in sources.split_into_chunks(files, source):
                for _ in sources.read(chunk, source):
                    pass

    return read


def fuzz_clean() -> Callable[[bytes], None]:
    """Return a function that cleans bytes as a page."""
    import stress_articles

    from corpus.stages.clean import Clean

    stage = Clean()

    def clean(data: bytes) -> None:
        text = data.decode(errors="replace")
        for content in ("page", "html"):
            stress_articles.result_of(stage, text, content)

    stage.kernels()
    clean(seeds("clean"))  # compiles what is left, which must not count as slow input
    return clean


def fuzz_yaml() -> Callable[[bytes], None]:
    """Return a function that loads bytes as a config."""
    from corpus.config.load import load_config
    from corpus.errors import CorpusError

    path = Path(tempfile.mkdtemp()) / "config.yaml"

    def load(data: bytes) -> None:
        path.write_bytes(data)
        with contextlib.suppress(CorpusError):
            load_config(path)

    return load


def fuzz_manifest() -> Callable[[bytes], None]:
    """Return a function that loads bytes as the manifest of a build."""
    from corpus.builds.reader import load_manifest
    from corpus.errors import CorpusError

    folder = Path(tempfile.mkdtemp())

    def load(data: bytes) -> None:
        (folder / "manifest.json").write_bytes(data)
        with contextlib.suppress(CorpusError):
            load_manifest(folder)

    return load


def seeds(target: str) -> bytes:
    """Return a good input of a target."""
    import stress_reading

    from reliability.builds import CONFIG
    from reliability.damaged_inputs import compressions, containers, whole

    shapes = {shape.name.rpartition(".")[2]: shape for shape in stress_reading.SHAPES}
    inner, _, compression = target.partition(".")
    if target in shapes:
        return whole(shapes[target])[:MAX_BYTES]
    if compression:
        return compressions()[compression](whole(shapes[inner])[:MAX_BYTES])
    for name, data in containers():
        if name.endswith(f".{target}"):
            return data
    return CONFIG.encode() if target == "yaml" else b"<p>The council met on Tuesday.</p>"


def run(target: str, corpus: Path, seconds: int) -> None:
    """Fuzz a target in this process, which atheris ends."""
    import atheris

    with atheris.instrument_imports(include=["corpus"], exclude=compiled_modules()):
        makers = {"clean": fuzz_clean, "yaml": fuzz_yaml, "manifest": fuzz_manifest}
        test = makers[target]() if target in makers else fuzz_reader(target)
    corpus.mkdir(parents=True, exist_ok=True)
    (corpus / "seed").write_bytes(seeds(target))
    limits = [f"-max_total_time={seconds}", f"-max_len={4 * MAX_BYTES}", "-rss_limit_mb=2048"]
    atheris.Setup([sys.argv[0], str(corpus), "-timeout=60", *limits], test)
    atheris.Fuzz()


def measure(effort: Effort) -> list[Figure]:
    """Return the figure of all targets."""
    if importlib.util.find_spec("atheris") is None:
        return [not_run(NAME, TARGET, "atheris is not installed")]
    if effort.quick:
        return [not_run(NAME, TARGET, "it takes hours; run without --quick")]
    corpora = Path(os.environ.get("CORPUS_FUZZ_CORPORA", effort.scratch / "corpora"))
    seconds = effort.choose(quick=5, full=TARGET_SECONDS)
    wrong = []
    for target in TARGETS:
        ended = subprocess.run(
            [
                sys.executable,
                "-m",
                "reliability.fuzzing",
                target,
                str(corpora / target),
                str(seconds),
            ],
            env=os.environ | {"PYTHONPATH": f"{PROJECT / 'scripts'}:{os.environ['PYTHONPATH']}"},
            cwd=effort.scratch,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        if ended.returncode:
            said = [
                line for line in ended.stderr.splitlines() if "Error" in line or "ERROR" in line
            ]
            wrong.append(f"{target}: exit {ended.returncode}: {' '.join(said[:2])[:200]}")
    measured = f"{len(TARGETS) - len(wrong)} of {len(TARGETS)} targets, {seconds} s each"
    reached = not wrong and seconds >= TARGET_SECONDS
    return [Figure(NAME, TARGET, measured, reached, tuple(wrong))]


if __name__ == "__main__":
    run(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
