"""Bytes that are nearly right: samples cut, doubled, spliced, and spiked with what readers stumble over."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

    Mutation = Callable[[Random, bytes, Sequence[bytes]], bytes]

#: the longest that is made
MOST = 64 * 1024

_SPIKES = (
    b"\x00",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\x1b$1",
    b"\x1d",
    b"\x1e\x1f",
    b"\r",
    b"\n",
    b"|",
    b"\x80",
    b"\x84\xff\xff\xff\xff",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    "\u202e\U0001f4da\U00020bb7".encode(),
    b"-1",
    b"0" * 30,
    b"9" * 40,
    b"1e999",
    b"NaN",
    b"null",
    b"{}",
    b"[]",
    b'"',
    b"\\ud800",
    b"[" * 2000,
    b"<a>" * 2000,
    b"<![CDATA[",
    b"&lt;",
    b"&#0;",
    b"&x;",
    b'<!DOCTYPE x [<!ENTITY x "y">]>',
    b'<?xml version="1.0" encoding="utf-16"?>',
    b"xmlns:x=''",
    b"9999-12-31T23:59:60+99:99",
    b"0000-00-00",
    b"0001-01-01T00:00:00+14:00",
    b"9999-12-31T23:59:59-14:00",
)


def mutated(chance: Random, samples: Sequence[bytes]) -> bytes:
    """Return one of *samples* after a few mutations."""
    data = chance.choice(samples)
    for _ in range(chance.choice((0, 1, 1, 2, 3, 6))):
        data = chance.choice(_MUTATIONS)(chance, data, samples)[:MOST]
    return data


def _place(chance: Random, data: bytes) -> int:
    return chance.randint(0, len(data))


def _stretch(chance: Random, data: bytes) -> tuple[int, int]:
    start = _place(chance, data)
    return start, min(len(data), start + chance.choice((1, 2, 5, 20, 100, 1000)))


def _flip(chance: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    if not data:
        return data
    at = chance.randrange(len(data))
    return data[:at] + bytes((data[at] ^ 1 << chance.randrange(8),)) + data[at + 1 :]


def _overwrite(chance: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    start, end = _stretch(chance, data)
    return data[:start] + chance.randbytes(end - start) + data[end:]


def _cut(chance: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    start, end = _stretch(chance, data)
    return data[:start] + data[end:]


def _end(chance: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    return data[: _place(chance, data)]


def _double(chance: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    start, end = _stretch(chance, data)
    return data[:end] + data[start:end] * chance.choice((1, 2, 50)) + data[end:]


def _spike(chance: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    at = _place(chance, data)
    return data[:at] + chance.choice(_SPIKES) + data[at:]


def _number(chance: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """Put another number where one stands."""
    digits = [at for at, octet in enumerate(data) if 0x30 <= octet <= 0x39]
    if not digits:
        return data
    at = chance.choice(digits)
    return data[:at] + chance.choice((b"-", b".", b"0", b"99999999999", b"\xef\xbc\x91")) + data[at + 1 :]


def _splice(chance: Random, data: bytes, samples: Sequence[bytes]) -> bytes:
    other = chance.choice(samples)
    return data[: _place(chance, data)] + other[_place(chance, other) :]


def _transcode(chance: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    text = data.decode("utf-8", "replace")
    return text.encode(chance.choice(("utf-16", "gb18030", "latin-1", "utf-7")), "replace")


_MUTATIONS: tuple[Mutation, ...] = (
    _flip,
    _overwrite,
    _cut,
    _end,
    _double,
    _spike,
    _spike,
    _number,
    _splice,
    _transcode,
)
