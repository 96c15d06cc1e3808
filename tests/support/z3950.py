"""A Z39.50 target that answers as a test tells it, and the answers as BER."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from connectors.ports import FoundRecords
from connectors.transport import Limits
from connectors.z3950 import ber
from connectors.z3950.ber import EXTERNAL, INTEGER, OID, SEQUENCE, UNIVERSAL, Element
from connectors.z3950.client import Z3950Finder
from connectors.z3950.mapping import Z3950Profile
from connectors.z3950.messages import Syntax
from workflows.citation import Query

BIB1 = "1.2.840.10003.4.1"


def accepted(*, is_true: bool = True, told: Element | None = None) -> bytes:
    """Return the answer to a greeting."""
    user = None if told is None else ber.group(11, (told,))
    return ber.encode(ber.group(21, (ber.boolean(12, value=is_true), user)))


def searched(total: int, *, is_true: bool = True, told: Element | None = None) -> bytes:
    parts = (ber.integer(23, total), ber.integer(24, 0), ber.boolean(22, value=is_true), told)
    return ber.encode(ber.group(23, parts))


def presented(*records: Element, told: Element | None = None) -> bytes:
    named = (ber.group(SEQUENCE, (ber.group(1, (record,)),), kind=UNIVERSAL) for record in records)
    found = ber.group(28, named) if records else None
    return ber.encode(ber.group(25, (ber.integer(24, len(records)), ber.integer(27, 0), found, told)))


def closed(reason: int, details: str = "") -> bytes:
    parts = (ber.integer(211, reason), ber.text(3, details) if details else None)
    return ber.encode(ber.group(48, parts))


def record(octets: bytes, syntax: Syntax = Syntax.MARC21) -> Element:
    return ber.group(1, (external(octets, syntax),))


def external(octets: bytes, syntax: Syntax = Syntax.MARC21) -> Element:
    parts = (ber.object_id(OID, syntax.value, kind=UNIVERSAL), ber.octets(1, octets))
    return ber.group(EXTERNAL, parts, kind=UNIVERSAL)


def opac(octets: bytes | None, *holdings: Element) -> Element:
    """Return a record in the OPAC form; *holdings* are made by `copies`."""
    described = None if octets is None else ber.group(1, (external(octets),))
    whole = ber.group(SEQUENCE, (described, ber.group(2, holdings)), kind=UNIVERSAL)
    parts = (ber.object_id(OID, Syntax.OPAC.value, kind=UNIVERSAL), ber.group(0, (whole,)))
    return ber.group(1, (ber.group(EXTERNAL, parts, kind=UNIVERSAL),))


def copies(call_number: str, *circulations: dict[int, str | bool], note: str = "") -> Element:
    """Return one holding; what is told of a copy stands under its tags."""
    told = [
        ber.group(SEQUENCE, (_told(tag, value) for tag, value in copy.items()), kind=UNIVERSAL)
        for copy in circulations
    ]
    parts = (ber.text(11, call_number), ber.text(14, note), ber.group(19, told) if told else None)
    return ber.group(2, parts)


def _told(tag: int, value: str | bool) -> Element:  # noqa: FBT001 -- it is the value itself
    return ber.boolean(tag, value=value) if isinstance(value, bool) else ber.text(tag, value)


def complaint(code: int, details: str = "", *, tag: int = SEQUENCE, kind: int = UNIVERSAL) -> Element:
    parts = (
        ber.object_id(OID, BIB1, kind=UNIVERSAL),
        ber.integer(INTEGER, code, kind=UNIVERSAL),
        ber.text(26, details, kind=UNIVERSAL),
    )
    return ber.group(tag, parts, kind=kind)


def refusal(code: int, details: str = "") -> Element:
    """Return a complaint in place of all records."""
    return complaint(code, details, tag=130, kind=ber.CONTEXT)


def surrogate(code: int, details: str = "") -> Element:
    """Return a complaint in place of one record."""
    return ber.group(2, (complaint(code, details),))


#: What a target does in its turn: says something, hangs up, hangs, or says something without an end.
Turn = bytes | None | Callable[[asyncio.StreamWriter], Any]


@dataclass
class FakeTarget:
    """Takes each message of ours and has its turn; keeps what it was sent, and counts what it could send."""

    turns: list[Turn]
    heard: list[Element] = field(default_factory=list)
    sent: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        framer = ber.Framer(1_000_000)
        with contextlib.suppress(ConnectionError):
            while piece := await reader.read(65536):
                framer.feed(piece)
                while (message := framer.message()) is not None:
                    self.heard.append(ber.decode(message))
                    await self._turn(writer)
        writer.close()

    async def _turn(self, writer: asyncio.StreamWriter) -> None:
        turn = self.turns.pop(0) if self.turns else b""
        if callable(turn):
            await turn(writer)
        elif turn is None:
            writer.close()
        else:
            writer.write(turn)
            await writer.drain()

    async def flood(self, writer: asyncio.StreamWriter) -> None:
        """Begin an answer that has no end."""
        piece = b"\xb9\x80" + b"\x04\x82\x40\x00" + bytes(0x4000)
        while not writer.is_closing():
            writer.write(piece)
            await writer.drain()
            self.sent += len(piece)


def ask(
    turns: Iterable[Turn] | FakeTarget,
    query: Query | None = None,
    *,
    limits: Limits | None = None,
    deadline: float = 5,
    size: int = 10,
    **profile: Any,
) -> FoundRecords:
    """Return what a finder makes of a target that behaves so."""
    target = turns if isinstance(turns, FakeTarget) else FakeTarget(list(turns))

    async def run() -> FoundRecords:
        server = await asyncio.start_server(target.serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        finder = Z3950Finder(
            "bhu", Z3950Profile(host="127.0.0.1", port=port, **profile), limits or Limits(), size=size
        )
        try:
            return await finder.find(query or Query(title="三体"), deadline=deadline)
        finally:
            server.close()
            await _until_quiet()

    return asyncio.run(run())


async def _until_quiet() -> None:
    """Let the target see that the other side has gone."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    if others:
        await asyncio.wait(others, timeout=1)
