"""Answers that come piece by piece, and hold no thread while there is no piece."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from typing import ParamSpec, TypeVar

from flask import Response, copy_current_request_context, g

P = ParamSpec("P")
T = TypeVar("T")


def kept(work: Callable[P, T]) -> Callable[P, T]:
    """Return *work* as it can be done for the same person, in any thread, when the view has returned."""
    who = g.actor

    @copy_current_request_context
    def done(*args: P.args, **facts: P.kwargs) -> T:
        g.actor = who
        return work(*args, **facts)

    return done


class Stream:
    """The pieces of an answer as they come: the front waits for them without a thread, others with one."""

    def __init__(self, pieces: AsyncGenerator[bytes]) -> None:
        self._pieces = pieces

    def __aiter__(self) -> AsyncGenerator[bytes]:
        return self._pieces

    def __iter__(self) -> Iterator[bytes]:
        with asyncio.Runner() as runner:
            while piece := runner.run(self._next()):
                yield piece

    async def _next(self) -> bytes:
        return await anext(self._pieces, b"")


def streaming(pieces: AsyncGenerator[bytes], media_type: str) -> Response:
    """Return the response whose body comes piece by piece, through proxies as well."""
    response = Response(mimetype=media_type, headers={"X-Accel-Buffering": "no"}, direct_passthrough=True)
    response.response = Stream(pieces)
    return response
