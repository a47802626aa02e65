"""Sources in an S3 bucket, read from a local S3 server."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pyarrow.parquet as pq
import pytest
from pyarrow import fs

from corpus.config.load import load_config
from corpus.errors import InputError
from corpus.pipeline.build import build
from corpus.pipeline.engine import Local


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
