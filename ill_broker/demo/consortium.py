"""The demonstration's consortium: eight libraries, their desks, two patrons and the office."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ill_broker.services.members.membership import INBOUND, OUTBOUND, Membership
from ill_broker.services.passwords import Passwords
from ill_broker.storage.policy_files import builtin_book
from ill_broker.storage.store import Store
from workflows.ids import LibraryCode
from workflows.libraries import Library

#: everybody in the demonstration has this one
PASSWORD = "lend me a book"  # noqa: S105 - known to everybody, on purpose


@dataclass(frozen=True, slots=True)
class Member:
    """A member library of the demonstration."""

    code: str
    name: str
    name_zh: str
    desk: str
    desk_zh: str
    #: how its catalogue is written
    marc: str = "marc21"
    #: what its sandbox does; None where it has none, and asks are answered by hand
    scenario: str | None = "accepts"
    #: its patrons get texts
    by_sms: bool = False


MEMBERS = (
    Member(
        "bjtu", "Beijing Jiaotong University Library", "北京交通大学图书馆",
        "Card application desk, 3rd floor of the main library", "主馆三层办证处", scenario=None, by_sms=True,
    ),
    Member(
        "pku", "Peking University Library", "北京大学图书馆",
        "Circulation desk", "总还书处", "cnmarc", "declines",
    ),
    Member(
        "nlc", "National Library of China", "中国国家图书馆",
        "Interlibrary loan desk", "馆际互借处", "cnmarc",
    ),
    Member("shlib", "Shanghai Library", "上海图书馆", "Interlibrary loan desk", "馆际互借处", "cnmarc"),
    Member(
        "szutl", "Shenzhen University Town Library", "深圳大学城图书馆",
        "General Information Desk", "总服务台", "cnmarc", "manual",
    ),
    Member(
        "fjmu", "Fujian Medical University Library", "福建医科大学图书馆",
        "Circulation desk", "流通台", "cnmarc",
    ),
    Member("jinan", "Jinan Library", "济南市图书馆", "Information desk", "咨询台"),
    Member("bhu", "Main Library, IIT (BHU)", "印度理工学院（BHU）图书馆", "Circulation counter", "流通台"),
)  # fmt: skip


def with_sandbox() -> tuple[Member, ...]:
    """Return the members that have a system of their own."""
    return tuple(member for member in MEMBERS if member.scenario is not None)


def found_consortium(
    store: Store, sandboxes: Mapping[str, str], secrets: Mapping[str, str], *, now: datetime
) -> None:
    """Put the libraries, their staff and the office into an empty database.

    :param sandboxes: where the system of a library is reached, by code
    :param secrets: what it signs with, by code
    """
    membership = Membership(store, Passwords(cheap=True), builtin_book())
    for member in MEMBERS:
        code, url = LibraryCode(member.code), sandboxes.get(member.code)
        connectors = {"sru": {"url": f"{url}/sru"}, "webhook": {"base_url": url}} if url else {}
        membership.admit(_library(member), connectors, now=now)
        membership.add_staff(code, f"desk@{code}", f"{member.name}: desk", PASSWORD, now=now)
        if url:
            for kind in (INBOUND, OUTBOUND):
                membership.rotate_secret(code, kind, secrets[code], now=now)
    membership.add_staff(None, "office", "Consortium office", PASSWORD, now=now)


#: a library whose own desks take its books back from other libraries' readers (R-SZUTL-15)
_OWN_RETURNS = {"szutl": (LibraryCode("szutl"),)}


def _library(member: Member) -> Library:
    return Library(
        code=LibraryCode(member.code),
        name=member.name,
        name_zh=member.name_zh,
        desk=member.desk,
        desk_zh=member.desk_zh,
        by_sms=member.by_sms,
        return_desks=_OWN_RETURNS.get(member.code, ()),
    )
