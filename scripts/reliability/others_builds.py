"""Look for secrets in what a build writes, and for addresses that reading somebody's build calls.

Secrets: a canary stands in the environment, where credentials belong, and in the path of a source,
where they are refused. It may then be in no output, log or cache.

Sockets: a build of somebody else names a data set of the Hub, a web address, a file outside and
code. `verify`, `audit`, `explain` and `diff` read it, while every socket, process and library that
Python opens is noted.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from reliability.builds import PROJECT, articles, contents, lines, make_place, run_command
from reliability.figure import Effort, Figure

NAME = "canary secret in any output, log or cache; sockets opened by reading someone's build"
TARGET = "0; 0"
CANARY = "CANARYwJalrXUtnFEMIbPxRfiCYzzzz"
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "CANARYKEY00000000000",
    "AWS_SECRET_ACCESS_KEY": CANARY,
    "HF_TOKEN": f"hf_{CANARY}",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",  # nobody answers there
    "HF_ENDPOINT": "http://127.0.0.1:9",
}
PATHS = (
    f"s3://CANARYKEY00000000000:{CANARY}@bucket/in.jsonl?endpoint_override=ENDPOINT&scheme=http",
    f"s3://CANARYKEY00000000000:{CANARY}@bucket/in/*.jsonl",
    f"s3://CANARYKEY00000000000:{CANARY}@bucket?endpoint_override=127.0.0.1:9",
    f"https://me:{CANARY}@host.example/in.jsonl",
    f"https://host.example/in.jsonl?X-Amz-Signature={CANARY}",
    f"hf://datasets/me/x?token={CANARY}",
)
WATCHED = ("socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.exec", "ctypes.dlopen")
CARD = """\
---
configs:
- config_name: default
  data_files: hf://datasets/attacker/a/a.jsonl
---
"""

WATCH = """
import json, sys
events = []
def watch(event, arguments):
    if event in {watched!r} or event == "open" and str(arguments[0]).startswith({outside!r}):
        events.append(event + " " + repr(arguments)[:160])
import corpus, click
from corpus.cli.commands import main
sys.argv = ["corpus", *{arguments!r}]
sys.addaudithook(watch)
try:
    main()
except SystemExit:
    pass
finally:
    print("EVENTS" + json.dumps(events), file=sys.stderr)
"""


@contextmanager
def object_store(records: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yield the address of a local object store with a bucket; nobody answers without `moto`."""
    try:
        from moto.server import ThreadedMotoServer
    except ImportError:
        yield "127.0.0.1:9"
        return
    from pyarrow import fs

    server = ThreadedMotoServer(port=0)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"{host}:{port}"
    keys = {"access_key": "CANARYKEY00000000000", "secret_key": CANARY, "region": "us-east-1"}
    store = fs.S3FileSystem(
        endpoint_override=endpoint, scheme="http", allow_bucket_creation=True, **keys
    )
    store.create_dir("bucket")
    with store.open_output_stream("bucket/in.jsonl") as out:
        out.write(lines(records))
    try:
        yield endpoint
    finally:
        server.stop()


def with_canary(folder: Path, paths: Sequence[str]) -> Iterator[str]:
    """Yield each place where the canary was found."""
    place = make_place(folder / "place")
    place.reset()
    environment = os.environ | ENVIRONMENT
    ended = run_command("build", str(place.config), env=environment, cwd=place.folder)
    yield from _canaries("a build, credentials in the environment", ended, place.folder)
    with object_store(articles(0, 60)) as endpoint:
        for number, template in enumerate(paths):
            path = template.replace("ENDPOINT", endpoint)
            config = place.folder / f"secret-{number}.yaml"
            config.write_text(place.config.read_text().replace("'in/*.jsonl'", f"'{path}'"))
            for arguments in (
                ("check", str(config)),
                ("build", str(config)),
                ("build", str(place.config), "--set", f"sources.0.path={path}"),
                ("build", path),
            ):
                ended = _run(arguments, environment, place.folder)
                config_name = path.replace(CANARY, "SECRET")
                yield from _canaries(f"{arguments[0]} {config_name}", ended, place.folder)


def _run(
    arguments: Sequence[str], environment: dict[str, str], folder: Path
) -> subprocess.CompletedProcess[str]:
    """Run a command; after a minute, return what it has printed so far."""
    try:
        return run_command(*arguments, env=environment, cwd=folder, timeout=60)
    except subprocess.TimeoutExpired as error:
        texts = [(text or b"").decode(errors="replace") for text in (error.stdout, error.stderr)]
        return subprocess.CompletedProcess(list(arguments), -1, *texts)


def _canaries(what: str, ended: subprocess.CompletedProcess[str], folder: Path) -> Iterator[str]:
    if CANARY in ended.stdout + ended.stderr:
        yield f"{what}: on the terminal"
    cache = Path(os.environ.get("CORPUS_CACHE", Path.home() / ".cache" / "corpus"))
    for root in (folder / "work", cache):
        for path in root.rglob("*"):
            if path.is_file() and CANARY.encode() in path.read_bytes():
                yield f"{what}: in {path.name}"
    for path in folder.glob("*.yaml"):
        if not path.name.startswith("secret-") and CANARY in path.read_text():
            yield f"{what}: in {path.name}"


def change_source(manifest: dict[str, Any], source: dict[str, Any]) -> None:
    """Let a manifest name another source."""
    manifest["config"]["sources"] = [source]


def change_stage(manifest: dict[str, Any], stage: dict[str, Any]) -> None:
    """Let a manifest name another first stage."""
    manifest["config"]["stages"][0] = stage


STRANGE: dict[str, Callable[[dict[str, Any]], None]] = {
    "as built": lambda _: None,
    "a data set of the Hub": lambda m: change_source(
        m, {"format": "huggingface", "path": "strange"}
    ),
    "a Hub address": lambda m: change_source(m, {"path": "hf://datasets/attacker/a"}),
    "a bucket": lambda m: change_source(m, {"path": "s3://attacker/a/*.jsonl"}),
    "a web address": lambda m: change_source(m, {"path": "https://attacker.example/a.jsonl"}),
    "a file outside": lambda m: change_source(m, {"path": "/outside/secret.jsonl"}),
    "code": lambda m: change_stage(m, {"use": "attacker:Stage"}),
    "a native model": lambda m: change_stage(
        m, {"stage": "language", "backend": "fasttext", "model": "/outside/model.bin"}
    ),
}


def with_strange_builds(folder: Path, names: Sequence[str]) -> Iterator[str]:
    """Yield each socket, process, library or file that reading a strange build opens."""
    place = make_place(folder / "place", files=2)
    ids = sorted(_ids(place.folder / "new" / "wagons"))
    outside = folder / "outside"
    outside.mkdir()
    folder.joinpath("strange").mkdir()
    for name in names:
        build = folder / "strange"
        shutil.rmtree(build, ignore_errors=True)
        shutil.copytree(place.folder / "new" / "wagons", build)
        manifest = json.loads((build / "manifest.json").read_text())
        STRANGE[name](manifest)
        text = json.dumps(manifest).replace("/outside/", f"{outside}/")
        (build / "manifest.json").write_text(text)
        (build / "README.md").write_text(CARD)
        run = json.loads((build / "run.json").read_text()) | {"config": "/nonexistent/c.yaml"}
        (build / "run.json").write_text(json.dumps(run))
        (build / "attacker.py").write_text("raise SystemExit('code of the build ran')\n")
        other = str(place.folder / "old" / "wagons")
        for arguments in (
            ("verify", str(build)),
            ("audit", str(build)),
            ("explain", str(build), ids[0]),
            ("diff", str(build), other),
        ):
            yield from (
                f"{arguments[0]}, {name}: {event}" for event in events_of(arguments, outside)
            )


def _ids(build: Path) -> list[str]:
    import pyarrow.parquet as pq

    (shard, *_) = sorted(name for name in contents(build) or {} if name.startswith("data/"))
    return [str(id) for id in pq.read_table(build / shard, columns=["id"]).column("id").to_pylist()]


def events_of(arguments: tuple[str, ...], outside: Path) -> list[str]:
    """Run a command; return what it opened that it must not open."""
    code = WATCH.format(watched=WATCHED, outside=str(outside), arguments=list(arguments))
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(PROJECT), "HF_ENDPOINT": "http://127.0.0.1:9"},
        cwd=outside.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    _, found, events = ended.stderr.rpartition("EVENTS")
    if not found or "code of the build ran" in ended.stderr + ended.stdout:
        return [f"exit {ended.returncode}: {ended.stderr[-200:]}"]
    return [event for event in json.loads(events) if not _is_harmless(event)]


def _is_harmless(event: str) -> bool:
    """Return whether an event loads a library of the installation, or counts processors.

    scikit-learn counts them by `lscpu`, whatever the build has.
    """
    loads_library = event.startswith("ctypes.dlopen") and (
        str(Path(sys.prefix)) in event or "None" in event or "site-packages" in event
    )
    return loads_library or event.startswith("subprocess.Popen ('lscpu', ['lscpu', '--parse=core']")


def measure(effort: Effort) -> list[Figure]:
    """Return the figure of secrets and sockets."""
    (effort.scratch / "secrets").mkdir()
    (effort.scratch / "strange").mkdir()
    paths = PATHS[:1] if effort.quick else PATHS
    names = ("a data set of the Hub", "code") if effort.quick else tuple(STRANGE)
    secrets = sorted(set(with_canary(effort.scratch / "secrets", paths)))
    opened = sorted(set(with_strange_builds(effort.scratch / "strange", names)))
    measured = f"{len(secrets)}; {len(opened)}"
    return [Figure(NAME, TARGET, measured, not secrets and not opened, (*secrets, *opened))]
