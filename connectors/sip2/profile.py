"""How one library's system is reached by SIP2."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import available_timezones

#: By the names in use, the encodings we speak; GBK is a part of GB 18030.
ENCODINGS = {
    "utf-8": "utf-8",
    "gb18030": "gb18030",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "cp850": "cp850",
    "latin-1": "latin-1",
}


@dataclass(frozen=True, slots=True)
class Login:
    """Who we are to the library's system; *secret* names the password, it is not the password."""

    user: str
    secret: str
    #: The system's code for where its terminal stands, if it wants one.
    location: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sip2Profile:
    """Where a library's system is, and how it wants to be spoken to.

    :raises ValueError: if nobody can speak to it so
    """

    host: str
    port: int = 6001
    #: The system's own code of the library.
    institution: str = ""
    #: None where the system asks nobody who they are.
    login: Login | None = None
    #: The name of the terminal's own password, if the system wants one with each message.
    terminal_secret: str | None = None
    #: One of ENCODINGS; nothing in the protocol tells it.
    encoding: str = "utf-8"
    #: Whether our messages carry a number and a checksum; those of answers are looked at when there.
    checksum: bool = True
    #: Whether a connection begins by asking what the system can do.
    greets: bool = True
    tls: bool = False
    #: The most connections at once: systems count terminals, and licenses.
    connections: int = 2
    #: Where the system's clock stands; its times carry no zone.
    zone: str = "Asia/Shanghai"

    def __post_init__(self) -> None:
        if self.encoding not in ENCODINGS:
            raise ValueError(f"not an encoding of SIP2 systems: {self.encoding}")
        if self.connections < 1:
            raise ValueError("no connection at all")
        if self.zone not in available_timezones():
            raise ValueError(f"no such time zone: {self.zone}")

    @property
    def codec(self) -> str:
        return ENCODINGS[self.encoding]
