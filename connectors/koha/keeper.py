"""Who we are to one Koha: a user with a password, or a client with a token that ends."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from connectors.failures import Garbled
from connectors.koha import codec, mapping
from connectors.transport import is_yes

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectors.koha.mapping import KohaProfile
    from connectors.transport import Reply

#: Seconds before its end from which a token is no longer trusted.
_MARGIN = 30.0


@dataclass(frozen=True, slots=True)
class TokenRequest:
    url: str
    content: bytes = field(repr=False)
    headers: dict[str, str]


@dataclass(slots=True)
class Keeper:
    """Keeps what we show at every call; shared by all who call one Koha, from any thread."""

    library: str
    profile: KohaProfile
    #: Tells the secret that a name stands for.
    secrets: Callable[[str], str]
    #: Seconds that only grow.
    clock: Callable[[], float] = time.monotonic
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _kept: str = field(default="", repr=False)
    _until: float = 0.0

    def authorization(self) -> str | None:
        """Return what to show, None if a token has to be fetched first."""
        login = self.profile.login
        if login.kind == "basic":
            return codec.basic(login.user, self.secrets(login.secret))
        with self._lock:
            return self._kept if self.clock() < self._until else None

    def token_request(self) -> TokenRequest:
        login = self.profile.login
        said = {
            "grant_type": "client_credentials",
            "client_id": login.user,
            "client_secret": self.secrets(login.secret),
        }
        headers = {"content-type": "application/x-www-form-urlencoded", "accept": codec.JSON}
        return TokenRequest(self.profile.url("oauth/token"), urlencode(said).encode(), headers)

    def keep(self, reply: Reply) -> str:
        """Return what to show from now on, as *reply* to a token request says.

        :raises PartnerFailure: if it gives none
        """
        if not is_yes(reply):
            raise mapping.failure(self.library, reply)
        try:
            token = codec.token(reply.body)
        except codec.NotKoha as error:
            raise Garbled(self.library, str(error)) from error
        with self._lock:
            self._kept = f"Bearer {token.text}"
            self._until = self.clock() + max(0.0, token.lasts - _MARGIN)
            return self._kept

    def forget(self, authorization: str) -> bool:
        """Forget an authorization that was not believed; say whether there can be another."""
        if self.profile.login.kind == "basic":
            return False
        with self._lock:
            if self._kept == authorization:
                self._until = 0.0
        return True
