"""Calls to one Koha by ordinary code: who we are is shown, and every no becomes a failure of ours."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar

from connectors.failures import Garbled
from connectors.koha import codec, mapping
from connectors.transport import is_yes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from connectors.koha.keeper import Keeper
    from connectors.koha.mapping import KohaProfile
    from connectors.transport import Reply, Target

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class KohaCalls:
    target: Target
    keeper: Keeper

    @property
    def library(self) -> str:
        return self.target.library

    @property
    def profile(self) -> KohaProfile:
        return self.keeper.profile

    def asked(self, path: str, *, headers: Mapping[str, str] | None = None, **params: str) -> Reply:
        """Return what is at *path*.

        :raises PartnerFailure: if Koha does not answer, or with a no
        """
        return approved(self.library, self.call("GET", path, params=params, headers=headers))

    def made(self, path: str, content: Mapping[str, Any], name: str) -> int:
        """Return the id of what was made at *path*; an answer says it under *name*."""
        reply = approved(self.library, self.call("POST", path, content=codec.encode(content)))
        return self.created(reply, name)

    def created(self, reply: Reply, *names: str) -> int:
        def reading() -> int:
            content = codec.single(reply.body) if reply.body.strip() else {}
            return mapping.created_id(content, reply.headers, *names)

        return self.read(reading)

    def call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Return the answer, whatever it is; a token that is no longer believed is fetched anew, once."""
        # A content type only where there is content: Koha fails over one that stands alone.
        said = {"accept": codec.JSON, **({"content-type": codec.JSON} if content else {}), **(headers or {})}
        url = self.keeper.profile.url(path)

        def called_as(authorization: str) -> Reply:
            told = {**said, "authorization": authorization}
            return self.target.call(method, url, params=params, content=content, headers=told)

        authorization = self.keeper.authorization() or self._fetched()
        reply = called_as(authorization)
        if reply.status == HTTPStatus.UNAUTHORIZED and self.keeper.forget(authorization):
            return called_as(self._fetched())
        return reply

    def _fetched(self) -> str:
        asked = self.keeper.token_request()
        return self.keeper.keep(self.target.post(asked.url, content=asked.content, headers=asked.headers))

    def read(self, reading: Callable[[], T]) -> T:
        return read(self.library, reading)


def approved(library: str, reply: Reply) -> Reply:
    """Return *reply* if it is a yes.

    :raises PartnerFailure: if it is not
    """
    if not is_yes(reply):
        raise mapping.failure(library, reply)
    return reply


def read(library: str, reading: Callable[[], T]) -> T:
    """Return what *reading* does.

    :raises Garbled: if it finds what Koha never says
    """
    try:
        return reading()
    except codec.NotKoha as error:
        raise Garbled(library, str(error)) from error
