"""A process full of hostile servers: one for HTTP, told by the path how to behave, and one for each talk."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from functools import partial
from urllib.parse import unquote

from tests.connectors.hostile.manners import TALKS, WEB, Manners


async def _http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    asked = await reader.readuntil(b"\r\n\r\n")
    path = asked.split(b" ")[1].decode().partition("?")[0]
    await WEB[unquote(path.split("/")[1])](reader, writer)


async def _served(manners: Manners, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError, asyncio.IncompleteReadError):
        await manners(reader, writer)
        if writer.can_write_eof():
            writer.write_eof()
        # What the client still says is read, so that closing does not take back what was said.
        async with asyncio.timeout(1):
            while await reader.read(65536):
                pass
    writer.transport.abort()


async def _port(manners: Manners) -> int:
    server = await asyncio.start_server(partial(_served, manners), "127.0.0.1", 0, backlog=200)
    port: int = server.sockets[0].getsockname()[1]
    _open.append(server)
    return port


_open: list[asyncio.Server] = []


async def main() -> None:
    talks = {
        kind: {name: await _port(behaviour.manners) for name, behaviour in named.items()}
        for kind, named in TALKS.items()
    }
    print(json.dumps({"http": await _port(_http), **talks}), flush=True)  # noqa: T201 - where it listens
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
