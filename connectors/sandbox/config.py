"""What one sandbox library is told about itself."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from connectors.sandbox.behaviour import SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Mapping

#: What a library speaks if it is told so.
PROTOCOLS = frozenset({"iso18626", "ncip", "koha", "oai", "sip2", "z3950"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A sandbox library; everything but its code has a default that works alone."""

    #: The code of this library.
    library: str
    #: The codes of all libraries among which the records are dealt.
    libraries: tuple[str, ...] = ()
    #: How records leave: marc21 or cnmarc.
    marc: str = "marc21"
    #: The part of all titles that is dealt at all, from 0 to 1.
    share: float = 1.0
    #: Signs both ways between this library and the broker.
    secret: str = "whsec_c2FuZGJveC1saWJyYXJ5LXNlY3JldC0wMQ=="  # noqa: S105 - of a library that is none
    #: Where reports go; None: they are only remembered.
    broker_url: str | None = None
    scenario: str = "accepts"
    #: Multiplies every delay of a scenario; 0 lets everything happen at once.
    pace: float = 1.0
    #: Days after which this library claims its book back; None: it makes no claim.
    loan_days: int | None = None
    #: A clock shared with the broker: {"real": instant, "scripted": instant, "speed": number}.
    clock_file: str | None = None
    #: What it speaks beside SRU and the broker's own JSON: any of PROTOCOLS.
    protocols: tuple[str, ...] = ()
    #: Its own name in ISO 18626, NCIP and SIP2.
    agency: str = "ISIL:CN-SANDBOX"
    #: Shown both ways with ISO 18626 messages; None: nobody asks for any.
    iso_token: str | None = None
    #: Who may use its Koha, its SIP2 and its Z39.50, and the password; empty: everybody.
    user: str = "broker"
    password: str = "s3cret"  # noqa: S105 - of a library that is none
    #: Where it listens without HTTP; 0 picks a free port.
    sip2_port: int = 0
    z3950_port: int = 0

    def __post_init__(self) -> None:
        if self.marc not in {"marc21", "cnmarc"}:
            raise ValueError(f"marc: {self.marc}")
        if self.scenario not in SCENARIOS:
            raise ValueError(f"scenario: {self.scenario}")
        if set(self.protocols) - PROTOCOLS:
            raise ValueError(f"protocols: {', '.join(sorted(set(self.protocols) - PROTOCOLS))}")

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Config:
        """Return the configuration in *content*, as a JSON file holds it.

        :raises ValueError: if something in it is unknown or impossible
        """
        unknown = set(content) - {field.name for field in fields(cls)}
        if unknown:
            raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
        lists = {name: tuple(content.get(name, ())) for name in ("libraries", "protocols")}
        return cls(**{**content, **lists})

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(sorted({self.library, *self.libraries}))
