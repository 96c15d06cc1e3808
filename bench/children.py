"""Processes that measure: each is told a burst by one line of JSON and answers by another."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any, Self


class Child:
    """A module of this folder, run in a process of its own."""

    def __init__(self, module: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def tell(self, plan: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(plan) + "\n")
        self._process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        told: dict[str, Any] = json.loads(self._process.stdout.readline())
        return told

    def ask(self, plan: dict[str, Any]) -> dict[str, Any]:
        self.tell(plan)
        return self.answer()


def obey(run: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Be such a process until nobody tells anything any more."""
    for line in sys.stdin:
        print(json.dumps(run(json.loads(line))), flush=True)
