"""Kill a build at random moments, and resume it: the result equals a build that was not killed.

Killed is the parent, a worker, the fork server, or all at once; some builds get SIGTERM or SIGINT.
Afterwards, the old or the new build is visible, no process runs on, and the next build leaves the
bytes of a clean one and no scratch files. A build whose worker or fork server was killed must
finish by itself.
"""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import time
from collections import Counter
from typing import IO, NamedTuple

from reliability.builds import (
    Place,
    build_here,
    command,
    contents,
    difference,
    leftovers,
    make_place,
    outcome_in_child,
)
from reliability.figure import Effort, Figure
from reliability.processes import Family, family, kill, running, seconds_until

NAME = "random kills (parent, worker, fork server, all), resumed"
TARGET = "200 of 200 equal to a clean build; no process or scratch left"
TARGET_KILLS = 200
WHOM = ("parent", "worker", "fork server", "all", "SIGTERM", "SIGINT")
WEIGHTS = (8, 7, 5, 4, 2, 2)
MAX_SECONDS = 600
SECONDS_TO_END = 20
"""Seconds in which all processes must have ended after the parent has."""


class Kill(NamedTuple):
    """A kill, and what was seen after it."""

    number: int
    whom: str
    after: float
    """Seconds from the start of the build to the kill."""
    step: str
    """The last line of progress."""
    code: int
    state: str
    differs: str
    """The files of a visible build that are neither those of the old nor of the new one."""
    running_on: int
    rebuilt: str
    left: tuple[str, ...]

    def faults(self) -> list[str]:
        """Return the rules that were broken."""
        survives = self.whom in ("worker", "fork server", "nobody")
        rules = {
            "half build": self.state == "OTHER",
            "build gone": self.state == "absent",
            f"exit {self.code}": survives and self.code not in (0, 4),
            "lost at exit 0": self.code == 0 and self.state != "new",
            "gave up": survives and self.code == 4,
            f"{self.running_on} processes run on": self.running_on > 0,
            "rebuild differs": bool(self.rebuilt),
            "scratch left": bool(self.left),
        }
        return [rule for rule, broken in rules.items() if broken]

    def line(self) -> str:
        """Return the kill in one line."""
        text = f"kill {self.number}: {self.whom} after {self.after:.1f} s ({self.step}): "
        text += f"{', '.join(self.faults())}; exit {self.code}, build {self.state}"
        text += f" ({self.differs} differ)" if self.differs else ""
        return text + (f"; {self.rebuilt}" if self.rebuilt else "")


def start(place: Place, errors: IO[str]) -> subprocess.Popen[str]:
    """Start a build with two workers."""
    return subprocess.Popen(
        command("build", str(place.config), "--jobs", "2"),
        stdout=subprocess.DEVNULL,
        stderr=errors,
        text=True,
        cwd=place.folder,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
    )


def kill_once(place: Place, number: int, duration: float) -> Kill:
    """Start a build, kill it or a part of it at a random moment, and resume it."""
    draw = random.Random(f"kill {number}")  # noqa: S311  (no secret)
    whom = draw.choices(WHOM, WEIGHTS)[0]
    place.reset()
    log = place.folder.with_name("stderr")
    with log.open("w") as errors:
        build = start(place, errors)
        began = time.monotonic()
        seconds_until(lambda: build.poll() is not None, draw.uniform(0, duration))
        if whom in ("worker", "fork server"):
            seconds_until(lambda: build.poll() is not None or _targets(build, whom), MAX_SECONDS)
        members = family(build.pid)
        after, step = time.monotonic() - began, _last_line(log.read_text(errors="replace"))
        whom = whom if _kill(build, members, whom, draw) else "nobody"
        code = build.wait(MAX_SECONDS)
    seconds_until(lambda: not running(members.all), SECONDS_TO_END, pause=0.1)
    running_on = len(running(members.all))
    kill(running(members.all))
    state = place.state()
    differs = difference(contents(place.target), place.new) if state == "OTHER" else ""
    message = place.folder.with_name("message")
    again, why = outcome_in_child(lambda: build_here(place.config), message)
    rebuilt = f"exit {again}, {why}" if again else ""
    if not again and place.state() != "new":
        rebuilt = f"exit 0, build {place.state()}"
    left = tuple(leftovers(place.target))
    return Kill(number, whom, after, step, code, state, differs, running_on, rebuilt, left)


def _targets(build: subprocess.Popen[str], whom: str) -> tuple[int, ...]:
    members = family(build.pid)
    return members.workers if whom == "worker" else members.fork_servers


def _kill(build: subprocess.Popen[str], members: Family, whom: str, draw: random.Random) -> bool:
    """Send the signal; return False if there was nobody to send it to."""
    if build.poll() is not None:
        return False
    if whom in ("SIGTERM", "SIGINT"):
        kill([build.pid], signal.Signals[whom])
    elif whom == "parent":
        kill([build.pid])
    elif whom == "all":
        kill([build.pid, *members.all])
    else:
        targets = members.workers if whom == "worker" else members.fork_servers
        if not targets:
            return False
        kill([draw.choice(targets)])
    return True


def _last_line(text: str) -> str:
    lines = [line for line in text.replace("\r", "\n").splitlines() if line.strip()]
    return lines[-1].strip()[:40] if lines else "start"


def measure(effort: Effort) -> list[Figure]:
    """Return the figure of the kills."""
    place = make_place(effort.scratch / "place", files=4)
    number_of_kills = effort.choose(quick=4, full=200)
    place.reset()
    began = time.monotonic()
    with (effort.scratch / "stderr").open("w") as errors:
        start(place, errors).wait(MAX_SECONDS)
    duration = time.monotonic() - began
    kills = [kill_once(place, number, duration) for number in range(number_of_kills)]
    shutil.rmtree(place.folder)
    bad = [one for one in kills if one.faults()]
    equal = sum(not one.rebuilt for one in kills)
    running_on = sum(one.running_on for one in kills)
    measured = f"{equal} of {len(kills)} equal; {running_on} processes and "
    measured += f"{sum(len(one.left) for one in kills)} scratch files left"
    if other := sum(not one.rebuilt and not one.running_on and not one.left for one in bad):
        measured += f"; other rules broken: {other}"
    by_whom = Counter(one.whom for one in kills)
    note = "killed: " + ", ".join(f"{whom} {n}" for whom, n in sorted(by_whom.items()))
    reached = False if bad else True if len(kills) >= TARGET_KILLS else None
    return [Figure(NAME, TARGET, measured, reached, tuple(one.line() for one in bad), (note,))]
