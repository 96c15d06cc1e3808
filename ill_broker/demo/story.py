"""What the demonstration has told so far, in a folder: one process writes it down, another shows it."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ill_broker.demo.readers import Reader

_LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Story:
    """The steps of the journey as they are done; where it is watched, somebody asks for each."""

    folder: Path
    is_watched: bool = False

    def tell(self, step: str, at: datetime, readers: Sequence[Reader]) -> None:
        """Write down that a step was done, and wait for somebody who wants to see the next."""
        told = self.read()
        requests = [{"reader": one.email, **_named(one.request)} for one in readers if one.request]
        told["steps"].append({"step": step, "at": at.isoformat(), "requests": requests})
        self._write(told | {"waits": self.is_watched})
        before = self._asked()
        while self.is_watched and self._asked() == before:
            time.sleep(_LOOK_SECONDS)
        self._write(told)

    def end(self, letter_link: str) -> None:
        """Write down that there is no further step, and where a partner answers by the link in a letter."""
        self._write(self.read() | {"is_over": True, "letter_link": letter_link})

    def read(self) -> dict[str, Any]:
        """Return what was told so far."""
        begun: dict[str, Any] = {"steps": [], "waits": False, "is_over": False, "letter_link": ""}
        if self._file.exists():
            begun |= json.loads(self._file.read_text(encoding="utf-8"))
        return begun

    def ask_on(self) -> None:
        """Ask for the next step."""
        (self.folder / "asked").write_text(str(self._asked() + 1), encoding="utf-8")
        self._write(self.read() | {"waits": False})

    def _asked(self) -> int:
        asked = self.folder / "asked"
        return int(asked.read_text(encoding="utf-8") or 0) if asked.exists() else 0

    @property
    def _file(self) -> Path:
        return self.folder / "story.json"

    def _write(self, told: dict[str, Any]) -> None:
        new = self._file.with_suffix(".new")
        new.write_text(json.dumps(told | {"waits": told.get("waits", False)}), encoding="utf-8")
        new.replace(self._file)


def _named(request: dict[str, Any]) -> dict[str, str]:
    return {"id": request["id"], "number": request["number"], "title": request["citation"]["title"]}
