"""The processes of the demonstration: each says on its first line that it is ready."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_END_SECONDS = 10


class Process:
    """A child process; what it says goes to a log file."""

    def __init__(self, name: str, arguments: list[str], environment: Mapping[str, str], folder: Path) -> None:
        self.name = name
        self._log = (folder / f"{name}.log").open("w", encoding="utf-8")
        self._child = subprocess.Popen(
            [sys.executable, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            env={**os.environ, **environment},
        )

    def wait_until_ready(self) -> dict[str, Any]:
        """Return the first JSON object that the process prints; the rest goes to its log.

        :raises RuntimeError: if it ends before
        """
        out = self._child.stdout
        if out is None:
            raise RuntimeError(self.name)
        for line in out:
            self._log.write(line)
            if line.startswith("{") and "ready" in (told := json.loads(line)):
                threading.Thread(target=self._keep_reading, daemon=True).start()
                return dict(told)
        raise RuntimeError(f"{self.name} ended before it was ready: see {self._log.name}")

    def end(self) -> None:
        """Ask the process to end, and make it if it does not."""
        self._child.terminate()
        try:
            self._child.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._log.close()

    def _keep_reading(self) -> None:
        for line in self._child.stdout or ():
            if not self._log.closed:
                self._log.write(line)
                self._log.flush()
