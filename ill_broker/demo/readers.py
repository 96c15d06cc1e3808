"""The two readers of the demonstration: one reads Chinese, which is the default, the other one English."""

from dataclasses import dataclass, field
from typing import Any

from ill_broker.demo.client import Client
from ill_broker.demo.consortium import PASSWORD


@dataclass(slots=True)
class Reader:
    """A patron of BJTU with the session and the request of the moment."""

    name: str
    card_number: str
    email: str
    #: what she or he looks for
    words: str
    #: what the registration says of languages; the service writes Chinese if it says nothing
    language: dict[str, str]
    client: Client
    request: dict[str, Any] = field(default_factory=dict)

    def registration(self) -> dict[str, str]:
        """Return what is said at registering."""
        return {
            "home": "bjtu",
            "card_number": self.card_number,
            "name": self.name,
            "mobile": "13800138000",
            "email": self.email,
            "password": PASSWORD,
            **self.language,
        }

    def log_in(self, anybody: Client) -> None:
        self.client = anybody.log_in(self.email, PASSWORD)

    def path(self, rest: str = "") -> str:
        return f"/api/v1/requests/{self.request['id']}{rest}"

    def look(self) -> dict[str, Any]:
        """Return the request as it stands now."""
        told: dict[str, Any] = self.client.get(self.path())
        return told


def readers(anybody: Client) -> tuple[Reader, Reader]:
    """Return both, not registered yet."""
    return (
        Reader("李华", "21251001", "li.hua@bjtu.example", "中国", {}, anybody),
        Reader("Emma Clarke", "21251002", "emma@bjtu.example", "China", {"language": "en"}, anybody),
    )
