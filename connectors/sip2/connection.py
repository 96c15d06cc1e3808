"""One connection to a library's system: one request at a time, lines bounded in time and size."""

from __future__ import annotations

import ssl
import time
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, NoReturn

from connectors.addresses import ANYWHERE, open_socket
from connectors.failures import Garbled, Refused, Unreachable
from connectors.sip2 import codec
from connectors.sip2.messages import ANSWERS, UNNUMBERED, Code, Message

if TYPE_CHECKING:
    import socket

    from connectors.addresses import Reach
    from connectors.sip2.mapping import Sip2Profile
    from connectors.transport import Limits

#: How often a message is said again before we give up.
_REPETITIONS = 3
_CHUNK = 4096
_NUMBERS = 10
_BLANK = b"\r\n"


class Connection:
    """A talk with the system at the other end; whoever sees it fail must throw it away."""

    def __init__(
        self,
        library: str,
        profile: Sip2Profile,
        limits: Limits,
        tls: ssl.SSLContext | None,
        reach: Reach = ANYWHERE,
    ) -> None:
        """Connect.

        :raises Unreachable: if nobody takes the call
        :raises Refused: if it must not be made
        """
        self._library = library
        self._profile = profile
        self._limits = limits
        self._pending = b""
        self._sequence = 0
        self._until = time.monotonic() + limits.connect
        #: What the system says of itself, once it was asked.
        self.told: Message | None = None
        #: Whether nobody spoke for a while: the system may have hung up meanwhile.
        self.has_idled = False
        try:
            self._socket = self._connected(tls, reach)
        except (OSError, ValueError) as error:
            raise Unreachable(library, f"no connection: {type(error).__name__}") from error

    def _connected(self, tls: ssl.SSLContext | None, reach: Reach) -> socket.socket:
        profile, seconds = self._profile, self._limits.connect
        plain = open_socket(reach, self._library, profile.host, profile.port, timeout=seconds)
        if not self._profile.tls:
            return plain
        try:
            return (tls or _tls()).wrap_socket(plain, server_hostname=self._profile.host)
        except (OSError, ValueError):
            plain.close()
            raise

    def close(self) -> None:
        self._socket.close()

    def is_open(self) -> bool:
        """Say whether the system still listens, and has nothing left to say."""
        try:
            self._socket.settimeout(0)
            for _ in range(_REPETITIONS):
                heard = self._socket.recv(_CHUNK)
                if not heard or heard.strip(_BLANK):
                    break
        except (BlockingIOError, ssl.SSLWantReadError):
            return not self._pending.strip(_BLANK)
        except OSError:
            pass
        return False

    def ask(self, request: Message) -> Message:
        """Return the answer to *request*.

        :raises Refused: if the request cannot be written, or the system does not understand it
        :raises Unreachable: if no whole answer comes in time
        :raises Garbled: if it cannot be read
        """
        self._sequence = (self._sequence + 1) % _NUMBERS
        line = self._shown(replace(request, sequence=self._sequence))
        self._until = time.monotonic() + self._limits.total
        answer = self._answer(line)
        if answer.code is not ANSWERS[request.code]:
            raise Garbled(self._library, f"{answer.code} in answer to {request.code}")
        if self._profile.checksum and answer.sequence not in {None, self._sequence}:
            raise Garbled(self._library, "the answer to another request")
        return answer

    def _shown(self, message: Message) -> bytes:
        try:
            return codec.encode(message, encoding=self._profile.codec, numbered=self._profile.checksum)
        except codec.Unsayable as error:
            raise Refused(self._library, str(error)) from error

    def _answer(self, line: bytes) -> Message:
        """Return what comes after *line* was sent, each side being asked again a few times."""
        say = line
        for _ in range(_REPETITIONS + 1):
            self._send(say)
            try:
                answer = codec.decode(self._line(), encoding=self._profile.codec)
            except codec.WrongChecksum:
                say = self._shown(Message(Code.ANSWER_AGAIN))
                continue
            except codec.NotSip2 as error:
                raise Garbled(self._library, str(error)) from error
            if answer.code not in UNNUMBERED:
                return answer
        raise Garbled(self._library, f"not understood {_REPETITIONS + 1} times")

    def _send(self, line: bytes) -> None:
        try:
            self._socket.settimeout(self._time_left())
            self._socket.sendall(line)
        except OSError as error:
            self._explain("not sent", error)

    def _line(self) -> bytes:
        """Return the next line that is not empty; some systems end theirs by CR and LF in either order."""
        taken = 0
        while True:
            line, end, rest = self._pending.partition(codec.END)
            if end:
                self._pending = rest
                if line.strip(b"\n"):
                    return line
                continue
            heard = self._heard()
            taken += len(heard)
            if taken > self._limits.size:
                raise Garbled(self._library, f"a line of more than {self._limits.size} bytes")
            self._pending += heard

    def _heard(self) -> bytes:
        try:
            self._socket.settimeout(self._time_left())
            heard = self._socket.recv(_CHUNK)
        except OSError as error:
            self._explain("no answer", error)
        if not heard:
            raise HungUp(self._library, "hung up before its answer")
        return heard

    def _explain(self, what: str, error: OSError) -> NoReturn:
        kind = HungUp if isinstance(error, ConnectionError) else Unreachable
        raise kind(self._library, f"{what}: {type(error).__name__}") from error

    def _time_left(self) -> float:
        left = self._until - time.monotonic()
        if left <= 0:
            raise Unreachable(self._library, "no answer in time")
        return left


class HungUp(Unreachable):
    """The system ended the talk, as it may when nobody has spoken for a while."""


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()
