"""A mail server of the demonstration's own: every letter becomes a file that can be read."""

import socket
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from threading import Condition
from typing import Any

from aiosmtpd.controller import Controller


class Mailbox:
    """Takes letters on a free port and keeps them in a folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.port = _free_port()
        self._letters: list[EmailMessage] = []
        self._came = Condition()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    def start(self) -> None:
        self._controller.start()

    def stop(self) -> None:
        self._controller.stop()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep a letter."""
        letter = message_from_bytes(envelope.content, policy=policy.default)
        with self._came:
            self._letters.append(letter)
            name = f"{len(self._letters):03}.eml"
            (self.folder / name).write_bytes(envelope.content)
            self._came.notify_all()
        return "250 kept"

    def letter_to(self, address: str, *, containing: str = "", seconds: float = 20) -> str:
        """Return the newest letter to *address*, its subject first, waiting for it.

        :raises TimeoutError: if none comes
        """
        with self._came:
            found = self._came.wait_for(lambda: self._find(address, containing), seconds)
        if found is None:
            raise TimeoutError(f"no letter to {address}")
        return found

    def _find(self, address: str, containing: str) -> str | None:
        for letter in reversed(self._letters):
            body = letter.get_body(("plain",))
            text = f"{letter['Subject']}\n\n{body.get_content() if body else ''}"
            if address in str(letter["To"]) and containing in text:
                return text
        return None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
