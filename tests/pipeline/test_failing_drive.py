"""A drive that fails, for real: a library that is loaded first lets `read` fail in the workers."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from corpus.builds.reader import read_manifest

SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

/* every process but the first one, which its children know by this variable */
__attribute__((constructor)) static void remember_first(void) {
  char number[32];
  snprintf(number, sizeof number, "%d", getpid());
  setenv("FIRST_PROCESS", number, 0);
}

static int is_worker(void) {
  return getpid() != atoi(getenv("FIRST_PROCESS"));
}

ssize_t read(int fd, void *buffer, size_t size) {
  static ssize_t (*real)(int, void *, size_t);
  static long failed = 0;
  if (!real) real = dlsym(RTLD_NEXT, "read");
  const char *times = getenv("FAILING_READS");
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = times ? readlink(link, path, sizeof path - 1) : -1;
  if (n > 0) {
    path[n] = 0;
    if (strstr(path, "/input/") && is_worker() && failed < atol(times)) {
      failed++;
      errno = EIO;
      return -1;
    }
  }
  return real(fd, buffer, size);
}
"""


@pytest.fixture
def shim(tmp_path) -> Path:
    """Return the compiled library; skip the test if there is no compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("there is no C compiler")
    (tmp_path / "shim.c").write_text(SHIM)
    command = [compiler, "-shared", "-fPIC", "-o", "shim.so", "shim.c", "-ldl"]
    subprocess.run(command, cwd=tmp_path, check=True)
    return tmp_path / "shim.so"


def build(folder: Path, shim: Path, failing_reads: int) -> tuple[int, str]:
    """Build in another process while reads fail; return its exit code and its stderr."""
    environment = os.environ | {"LD_PRELOAD": str(shim), "FAILING_READS": str(failing_reads)}
    command = [sys.executable, "-m", "corpus", "build", "c.yaml", "--jobs", "1"]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stderr


def test_reads_that_fail_in_a_worker_lose_no_document(tmp_path, shim):
    """While the drive fails, the exit code is 4; after a burst of errors, the build is complete."""
    rows = [{"text": f"The council of town {i} met on a {i}th day."} for i in range(300)]
    (tmp_path / "input").mkdir()
    lines = "".join(json.dumps(row) + "\n" for row in rows[:200]).encode()
    (tmp_path / "input" / "a.jsonl.gz").write_bytes(gzip.compress(lines))
    parquet.write_table(pa.Table.from_pylist(rows[200:]), tmp_path / "input" / "b.parquet")
    (tmp_path / "c.yaml").write_text(
        "name: c\nsources: [{path: input}]\nstages: [split]\noutput: {path: out}\n"
    )
    code, message = build(tmp_path, shim, failing_reads=1_000_000)
    assert code == 4
    assert "cannot be read: Input/output error" in message
    assert not (tmp_path / "out").exists()

    assert build(tmp_path, shim, failing_reads=2)[0] == 0
    counts = read_manifest(tmp_path / "out")["counts"]
    assert (counts["read"], counts["rejected"], counts["kept"]) == (300, 0, 300)
