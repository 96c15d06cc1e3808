"""A gateway in a box: takes texts over HTTP, keeps them instead of sending them, and shows them."""

from __future__ import annotations

from collections.abc import Mapping
from hmac import compare_digest
from http import HTTPStatus
from threading import Lock
from typing import Any

from flask import Flask, Response, jsonify, request


class TextGateway:
    """Keeps each text once, by its idempotency key; *answers* are given before it takes the next one."""

    def __init__(self, token: str = "", *, answers: list[int] | None = None) -> None:
        self.texts: dict[str, Mapping[str, str]] = {}
        self.answers = answers or []
        self._token = token
        self._lock = Lock()
        self.app = Flask("connectors.sandbox.texts")
        self.app.config["MAX_CONTENT_LENGTH"] = 64 * 1024
        self.app.add_url_rule("/texts", view_func=self._take, methods=["POST"])
        self.app.add_url_rule("/texts", endpoint="shown", view_func=self._show, methods=["GET"])

    def all(self) -> list[str]:
        """Return every text, the oldest first."""
        with self._lock:
            return [text["text"] for text in self.texts.values()]

    def to(self, number: str) -> list[str]:
        """Return the texts to a number, the oldest first."""
        with self._lock:
            return [text["text"] for text in self.texts.values() if text["to"] == number]

    def _take(self) -> Response:
        if not self._is_known():
            return Response(status=HTTPStatus.UNAUTHORIZED)
        key = request.headers.get("Idempotency-Key", "")
        said: Any = request.get_json(silent=True) if request.is_json else request.form.to_dict()
        if not key or not isinstance(said, dict) or not {"to", "text"} <= said.keys():
            return Response(status=HTTPStatus.BAD_REQUEST)
        with self._lock:
            if self.answers:
                return Response(status=self.answers.pop(0))
            is_new = self.texts.setdefault(key, said) is said
        answer = jsonify(code=0, id=key)
        answer.status_code = HTTPStatus.ACCEPTED if is_new else HTTPStatus.OK
        return answer

    def _show(self) -> Response:
        with self._lock:
            return jsonify(texts=list(self.texts.values()))

    def _is_known(self) -> bool:
        shown = request.headers.get("Authorization", "")
        return not self._token or compare_digest(shown.encode(), f"Bearer {self._token}".encode())
