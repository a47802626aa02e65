"""Sources in an S3 bucket, read from a local S3 server."""

from __future__ import annotations

import json
import logging
import time
import traceback
from collections.abc import Iterator

import pyarrow.parquet as pq
import pytest
from pyarrow import fs

import corpus
from corpus.config.load import load_config
from corpus.errors import CorpusError, InputError
from corpus.kernels import cache_folder
from corpus.pipeline.build import build
from corpus.pipeline.engine import Local, Serial
from corpus.sources.files import filesystems


def warc_record(uri: str, html: bytes) -> bytes:
    """Return a response record of a WARC file."""
    body = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + html
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {uri}\r\n"
        "WARC-Date: 2023-05-22T10:00:00Z\r\nContent-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body + b"\r\n\r\n"


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """Return the query that makes a URL such as `s3://news/...` use the local server."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        host, port = server.get_host_and_port()
        query = f"endpoint_override={host}:{port}&scheme=http&region=us-east-1"
        system, _ = fs.FileSystem.from_uri(f"s3://news?{query}&allow_bucket_creation=true")
        system.create_dir("news")
        for name in ("a", "b"):
            lines = [{"text": f"The council of {name} met on day {i}."} for i in range(20)]
            with system.open_output_stream(f"news/raw/{name}.jsonl") as out:
                out.write("".join(json.dumps(line) + "\n" for line in lines).encode())
        yield query
        server.stop()


def config(folder, path):
    """Return a config with one source."""
    (folder / "c.yaml").write_text(
        f"name: c\nsources: [{{path: '{path}'}}]\nstages: [language]\noutput: {{path: out}}\n"
    )
    return load_config(folder / "c.yaml")


def test_a_bucket_is_read_like_a_folder(bucket, tmp_path):
    """A glob selects objects of a bucket, workers read them, and ids do not contain the server."""
    with Local(1) as workers:
        built = build(config(tmp_path, f"s3://news/raw/*.jsonl?{bucket}"), engine=workers)

    rows = pq.read_table(built.path / "data").to_pylist()
    assert built.manifest["counts"]["kept"] == 40
    assert {row["source"] for row in rows} == {"a.jsonl", "b.jsonl"}


def test_a_glob_without_objects_is_an_error(bucket, tmp_path):
    """A URL that matches no object is an input error that names the URL."""
    with pytest.raises(InputError, match=r"s3://news/raw/\*\.csv"):
        build(config(tmp_path, f"s3://news/raw/*.csv?{bucket}"))


@pytest.mark.parametrize("extension", ["csv", "parquet", "arrow", "warc.gz"])
def test_every_format_is_read_from_a_bucket(bucket, tmp_path, extension):
    """Formats that read at any position, and those that read a stream, read remote files."""
    import gzip

    import pyarrow as pa
    from pyarrow import csv, ipc

    table = pa.table({"text": [f"The mayor of {name} resigned." for name in ("Bergen", "Oslo")]})
    sink = pa.BufferOutputStream()
    if extension == "csv":
        csv.write_csv(table, sink)
    elif extension == "parquet":
        pq.write_table(table, sink)
    elif extension == "arrow":
        with ipc.new_stream(sink, table.schema) as out:
            out.write_table(table)
    else:
        html = b"<html><body>" + b"<p>The mayor of Bergen resigned on Monday evening.</p>" * 4
        sink.write(gzip.compress(warc_record("https://a.example/1", html)))
    data = sink.getvalue().to_pybytes()
    system, _ = fs.FileSystem.from_uri(f"s3://news?{bucket}")
    with system.open_output_stream(f"news/each/a.{extension}", compression=None) as out:
        out.write(data)
    built = build(config(tmp_path, f"s3://news/each/a.{extension}?{bucket}"), engine=Serial())

    assert built.manifest["counts"]["rejected"] == 0
    assert built.manifest["counts"]["kept"] >= 1


def test_remote_settings_do_not_change_a_build(bucket, tmp_path):
    """Other time limits give the same build, with the same identity, and are in no file of it."""
    url = f"s3://news/raw/a.jsonl?{bucket}"
    first = build(config(tmp_path, url), engine=Serial())
    (tmp_path / "c.yaml").write_text(
        f"name: c\nsources: [{{path: '{url}', remote: {{timeout: 3, retries: 1}}}}]\n"
        "stages: [language]\noutput: {path: out}\n"
    )
    again = build(load_config(tmp_path / "c.yaml"), engine=Serial())
    assert again.unchanged
    assert first.manifest["identity"] == again.manifest["identity"]


def test_credentials_of_the_environment_are_written_nowhere(bucket, tmp_path, monkeypatch, capfd):
    """No file of a build, its cache, or message has the key, the secret or the token used."""
    canaries = {
        "AWS_ACCESS_KEY_ID": "CANARYkeyid",
        "AWS_SECRET_ACCESS_KEY": "CANARYsecret",
        "AWS_SESSION_TOKEN": "CANARYsession",
        "HF_TOKEN": "CANARYtoken",
    }
    for name, value in canaries.items():
        monkeypatch.setenv(name, value)
    filesystems._open_filesystem.cache_clear()
    began = time.time()
    loaded = config(tmp_path, f"s3://news/raw/a.jsonl?{bucket}")
    shown = [str(corpus.check(loaded))]
    built = corpus.build(loaded, engine=Serial())
    id = pq.read_table(built.path / "data").column("id")[0].as_py()
    shown += [repr(built), str(corpus.verify(built.path, loaded))]
    shown += [str(corpus.explain(built.path, id, config=loaded))]
    shown += [str(corpus.audit(built.path)), corpus.audit(built.path).page()]
    shown += [str(corpus.diff(built.path, built.path))]
    for path in ("s3://news/raw/missing.jsonl", "s3://nowhere/*.jsonl"):
        with pytest.raises(CorpusError) as error:
            corpus.build(config(tmp_path, f"{path}?{bucket}"), engine=Serial())
        shown.append("".join(traceback.format_exception(error.value)))
    shown += capfd.readouterr()

    files = [*tmp_path.rglob("*"), *(p for p in cache_folder().rglob("*") if newer(p, began))]
    written = b"".join(path.read_bytes() for path in files if path.is_file())
    assert b"CANARY" not in written
    assert "CANARY" not in "".join(shown)
    assert len(written) > 10_000


def newer(path, seconds):
    """Return whether a file was written after a time."""
    try:
        return path.stat().st_mtime >= seconds - 1
    except OSError:  # deleted by another test
        return False
