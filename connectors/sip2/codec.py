"""SIP2 on the wire: one line for each message, with a checksum over the bytes of the partner's encoding."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from connectors.sip2.messages import LAYOUT, UNNUMBERED, Code, Message

if TYPE_CHECKING:
    from collections.abc import Iterator

END = b"\r"

_TRAILER = re.compile(rb"(?:AY([0-9]))?AZ([0-9A-Fa-f]{4})\Z")
_BREAK = "|"
_NAME = re.compile(r"[A-Z][A-Z0-9]")
#: Line ends would begin another message, NUL makes servers hang up.
_UNSPEAKABLE = re.compile("[\x00\r\n|]")
_NAME_LENGTH = 2
_DIGITS = 10
_SUM = 0x10000


class NotSip2(ValueError):
    """The bytes are no message that we know."""


class WrongChecksum(NotSip2):
    """The message was damaged on its way: asking for it again may help."""


class Unsayable(ValueError):
    """The message holds what SIP2, or the partner's encoding, cannot say."""


def encode(message: Message, *, encoding: str, numbered: bool = True) -> bytes:
    """Return *message* as one line with its end.

    :param numbered: whether a checksum, and the message's number, stand at the end
    :raises Unsayable: if a value cannot be written
    """
    try:
        line = "".join(_parts(message)).encode(encoding)
    except UnicodeEncodeError as error:
        raise Unsayable(f"{message.code}: not in {encoding}") from error
    if not numbered:
        return line + END
    if message.code not in UNNUMBERED:
        line += b"AY%d" % ((message.sequence or 0) % _DIGITS)
    line += b"AZ"
    return line + b"%04X" % checksum(line) + END


def _parts(message: Message) -> Iterator[str]:
    yield message.code
    for name, width in LAYOUT[message.code]:
        value = message.fixed.get(name, "")
        # Fixed places are plain ASCII, so that characters and bytes count alike in every encoding.
        if len(value) != width or not value.isascii() or _UNSPEAKABLE.search(value):
            raise Unsayable(f"{message.code}: {name} is not {width} characters")
        yield value
    for name, value in message.fields:
        if _NAME.fullmatch(name) is None or _UNSPEAKABLE.search(value):
            raise Unsayable(f"{message.code}: {name} holds a mark that ends it")
        yield f"{name}{value}{_BREAK}"


def checksum(line: bytes) -> int:
    """Return the two's complement of the sum of *line*, which reaches through the letters AZ."""
    return -sum(line) % _SUM


def decode(line: bytes, *, encoding: str) -> Message:
    """Return the message in *line*, with or without its end.

    :raises WrongChecksum: if it has a checksum, and a wrong one
    :raises NotSip2: if it is no message that we know
    """
    body, sequence = _without_trailer(line.strip(b"\r\n"))
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError as error:
        raise NotSip2(f"not {encoding}") from error
    try:
        code = Code(text[:_NAME_LENGTH])
    except ValueError as error:
        raise NotSip2("an unknown message") from error
    fixed, rest = _fixed(code, text[_NAME_LENGTH:])
    return Message(code, fixed, tuple(_fields(rest)), sequence)


def _without_trailer(line: bytes) -> tuple[bytes, int | None]:
    found = _TRAILER.search(line)
    if found is None:
        return line, None
    if checksum(line[: found.start(2)]) != int(found[2], 16):
        raise WrongChecksum("wrong checksum")
    return line[: found.start()], int(found[1]) if found[1] else None


def _fixed(code: Code, text: str) -> tuple[dict[str, str], str]:
    values: dict[str, str] = {}
    for name, width in LAYOUT[code]:
        values[name], text = text[:width], text[width:]
        if len(values[name]) != width:
            raise NotSip2(f"{code}: cut short at {name}")
    return values, text


def _fields(text: str) -> Iterator[tuple[str, str]]:
    # Characters are split, not bytes: in GB 18030 the second byte of a character may look like the mark.
    for part in text.split(_BREAK):
        name = part[:_NAME_LENGTH]
        if _NAME.fullmatch(name):
            yield name, part[_NAME_LENGTH:]
