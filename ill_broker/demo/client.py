"""A patron's or clerk's way to the service: JSON over HTTP, as any client of the API."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

_SECONDS = 20


class Refused(Exception):
    """The service said no; the text is its problem."""


@dataclass(frozen=True, slots=True)
class Client:
    """Somebody who uses the API."""

    base_url: str
    token: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str) -> Any:
        return self._call("GET", path, None)

    def post(self, path: str, body: Any = None) -> Any:
        return self._call("POST", path, {} if body is None else body)

    def put(self, path: str, body: Any) -> Any:
        return self._call("PUT", path, body)

    def log_in(self, login: str, password: str) -> "Client":
        """Return the same client with a session.

        :raises Refused: if name or password is wrong
        """
        session = self.post("/api/v1/sessions", {"login": login, "password": password})
        return Client(self.base_url, session["token"])

    def _call(self, method: str, path: str, body: Any) -> Any:
        headers = {"Content-Type": "application/json", **self.headers}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        data = None if body is None else json.dumps(body).encode()
        request = Request(self.base_url + path, data, headers, method=method)  # noqa: S310 - our own loopback
        try:
            with urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310 - the same
                text = answer.read()
        except HTTPError as error:
            raise Refused(f"{method} {path}: {error.read().decode()}") from error
        return json.loads(text) if text else None
