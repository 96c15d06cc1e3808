"""A child process that says when it is ready, can be killed as by a power cut, and ends with its test."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Self

import pytest

#: what ends is seen at once; what starts on a busy machine takes its time
READY_SECONDS = 500.0
END_SECONDS = 60.0
PR_SET_PDEATHSIG = 1


class NotReady(Exception):
    """The process ended or stayed silent before its ready line; the text is what it wrote."""


class Child:
    """A running program of this project, with *ready*, the JSON object it printed first.

    Lines that are no JSON object before it are kept in :attr:`output` like all others.
    """

    def __init__(
        self,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        program: str = sys.executable,
        folder: Path | None = None,
    ) -> None:
        self.output: list[str] = []
        self._ready: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self.process = subprocess.Popen(
            [program, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=folder,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})},
            start_new_session=True,
            preexec_fn=_end_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 - one prctl call
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_until_ready(self, seconds: float = READY_SECONDS) -> dict[str, Any]:
        """Return the first line that is a JSON object.

        :raises NotReady: if the process ends without one, or *seconds* pass
        """
        with contextlib.suppress(queue.Empty):
            told = self._ready.get(timeout=seconds)
            if told is not None:
                return told
        raise NotReady("".join(self.output) or "it wrote nothing")

    def kill(self) -> None:
        """End the process and its own children at once: SIGKILL, no last words."""
        self._signal(signal.SIGKILL)
        self._close()

    def end(self) -> int:
        """Ask the process to end and return its exit code; it is killed where it does not listen."""
        self.process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(END_SECONDS)
        self._signal(signal.SIGKILL)
        self._close()
        return self.process.returncode

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def _signal(self, which: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, which)

    def _close(self) -> None:
        self.process.wait(END_SECONDS)
        self._reader.join(END_SECONDS)
        if self.process.stdout is not None:
            self.process.stdout.close()

    def _read(self) -> None:
        for line in self.process.stdout or ():
            self.output.append(line)
            told = _json_object(line)
            if told is not None:
                self._ready.put(told)
        self._ready.put(None)


@pytest.fixture
def start() -> Iterator[Callable[..., Child]]:
    """Start children that end with the test: `start("-m", "connectors.sandbox", "--port", "0")`."""
    with contextlib.ExitStack() as children:

        def started(*arguments: str, environment: Mapping[str, str] | None = None) -> Child:
            return children.enter_context(Child(*arguments, environment=environment))

        yield started


def _json_object(line: str) -> dict[str, Any] | None:
    try:
        told = json.loads(line)
    except ValueError:
        return None
    return told if isinstance(told, dict) else None


def _end_with_parent() -> None:
    """Have the kernel end this process when the test run dies, even by SIGKILL."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
