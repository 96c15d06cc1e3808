"""Where a library's system may be called: looked at when its address is saved, and again at every call."""

from __future__ import annotations

import asyncio
import re
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from connectors.failures import Refused, Unreachable
from connectors.lookups import BESIDE, look_up

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    #: From a name and a port to the addresses it has; raises OSError where it has none.
    Lookup = Callable[[str, int], Iterable[str]]

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

WEB = ("http", "https")
#: More addresses of one name than this are not tried.
_MOST = 4
_MOST_LETTERS = 2000
#: Faults of names that nobody has, and of names that the machine could not look up just now.
UNKNOWN_HOST, HOST_NOT_LOOKED_UP = "unknown_host", "host_not_looked_up"
#: How the machine says that there is no such name, or no address of it; anything else is trouble of its own.
_NO_SUCH_NAME = frozenset({socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)})
_LABELS = re.compile(r"(?=.{1,253}\Z)(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?", re.IGNORECASE)
#: A last label that makes the whole an address to some readers: decimal, octal or hexadecimal.
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.IGNORECASE)
#: IPv4 in the clothes of IPv6: translated (RFC 6052), and the form that nobody uses any more (RFC 4291).
_TRANSLATED = (IPv6Network("64:ff9b::/96"), IPv6Network("::/96"))
#: Not for everybody although Python's older tables say so: protocol assignments, with a cloud's metadata.
_SPECIAL = IPv4Network("192.0.0.0/24")


@dataclass(frozen=True, slots=True)
class Reach:
    """Which addresses are called: the public ones, and those of networks that the operator allowed."""

    #: None where every address may be called.
    allowed: tuple[Network, ...] | None = ()
    lookup: Lookup = look_up

    def addresses(self, library: str, host: str, port: int) -> tuple[str, ...]:
        """Return where to connect in order to reach *host*; whoever connects elsewhere was not checked.

        :raises Unreachable: if the name has no address
        :raises Refused: if one of its addresses may not be called
        """
        if self.allowed is None:
            return (host,)
        try:
            found = (host,) if _literal(host) else tuple(dict.fromkeys(self.lookup(host, port)))
        except (OSError, UnicodeError) as error:
            raise Unreachable(library, f"no address: {type(error).__name__}") from error
        if not found:
            raise Unreachable(library, "no address")
        for address in found:
            kind = self.objection(address)
            if kind:
                raise Refused(library, forbidden(address, kind))
        return found[:_MOST]

    async def addresses_beside(self, library: str, host: str, port: int) -> tuple[str, ...]:
        """Return the same without keeping others waiting while a name is looked up."""
        if self.allowed is None or _literal(host) is not None:
            return self.addresses(library, host, port)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(BESIDE, self.addresses, library, host, port)

    def objection(self, address: str) -> str | None:
        """Return what kind of address this is, if it may not be called."""
        found = _literal(address)
        if found is None:
            return "unreadable"
        if self.allowed is None:
            return None
        inner = _inner(found)
        if any(each in network for network in self.allowed for each in {found, inner}):
            return None
        return _kind(inner)

    def fault(self, host: str) -> str | None:
        """Return the code of what stands against saving *host*: it must have an address now.

        Where the name could not be looked up, nothing is known of it: a fault of its own, which passes.
        An address has to be written the one usual way.
        """
        if not host:
            return "missing_host"
        if _literal(host) is None and (not _LABELS.fullmatch(host) or _ends_in_number(host)):
            return "bad_host"
        try:
            self.addresses("", host, 0)
        except Refused:
            return "forbidden_address"
        except Unreachable as failure:
            return UNKNOWN_HOST if _is_nobodys(failure.__cause__) else HOST_NOT_LOOKED_UP
        return None

    def url_fault(self, url: str, *, schemes: Collection[str] = WEB) -> str | None:
        """Return the code of what stands against saving *url*."""
        if len(url) > _MOST_LETTERS or not url.isascii() or not url.isprintable() or set(url) & set(" \\"):
            return "bad_url"
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            return "bad_url"
        if parts.scheme not in schemes:
            return "bad_scheme"
        if "@" in parts.netloc:
            return "userinfo"
        if parts.fragment:
            return "fragment"
        return "bad_port" if port == 0 else self.fault(parts.hostname or "")


#: For those who call themselves, and for tests.
ANYWHERE = Reach(None)


def networks(told: Iterable[str]) -> tuple[Network, ...]:
    """Return the networks written as "10.1.0.0/16".

    :raises ValueError: if one is none
    """
    return tuple(ip_network(each.strip()) for each in told if each.strip())


def forbidden(address: str, kind: str) -> str:
    return f"{address} is not called ({kind}); the operator can allow its network by ILL_ALLOWED_NETWORKS"


def open_socket(reach: Reach, library: str, host: str, port: int, *, timeout: float) -> socket.socket:
    """Return a connection to an address that was looked at.

    :raises PartnerFailure: as `Reach.addresses` does
    :raises OSError: if nobody takes the call at any of them
    """
    addresses = reach.addresses(library, host, port)
    for address in addresses[:-1]:
        try:
            return socket.create_connection((address, port), timeout=timeout)
        except OSError:
            continue
    return socket.create_connection((addresses[-1], port), timeout=timeout)


async def open_stream(
    reach: Reach, library: str, host: str, port: int, *, limit: int
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Return a connection to an address that was looked at.

    :raises PartnerFailure: as `Reach.addresses` does
    :raises OSError: if nobody takes the call at any of them
    """
    addresses = await reach.addresses_beside(library, host, port)
    for address in addresses[:-1]:
        try:
            return await asyncio.open_connection(address, port, limit=limit)
        except OSError:
            continue
    return await asyncio.open_connection(addresses[-1], port, limit=limit)


def _is_nobodys(error: BaseException | None) -> bool:
    """Tell whether it is known of a name that nobody has it, by why it has no address."""
    return not isinstance(error, OSError) or error.errno in _NO_SUCH_NAME


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _ends_in_number(host: str) -> bool:
    return _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]) is not None


def _inner(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address stands for, or the address itself."""
    if isinstance(address, IPv4Address):
        return address
    wrapped = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
    if wrapped is None and any(address in network for network in _TRANSLATED) and int(address) > 1:
        wrapped = IPv4Address(int(address) & 0xFFFFFFFF)
    return wrapped or address


def _kind(address: Address) -> str | None:
    kinds = (
        ("unspecified", address.is_unspecified),
        ("loopback", address.is_loopback),
        ("link_local", address.is_link_local),
        ("multicast", address.is_multicast),
        ("private", address.is_private or (isinstance(address, IPv6Address) and address.is_site_local)),
        ("reserved", address.is_reserved or not address.is_global or address in _SPECIAL),
    )
    return next((kind for kind, holds in kinds if holds), None)
