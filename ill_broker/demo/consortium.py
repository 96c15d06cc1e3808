"""The demonstration's consortium: eight libraries, their desks, two patrons and the office."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ill_broker import mint
from ill_broker.services.passwords import Passwords
from ill_broker.storage import libraries, people
from ill_broker.storage.libraries import Secret
from ill_broker.storage.people import Staff
from ill_broker.storage.store import Store
from workflows.actors import Role
from workflows.ids import LibraryCode, StaffId
from workflows.libraries import Library

#: everybody in the demonstration has this one
PASSWORD = "demonstration"


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


MEMBERS = (
    Member(
        "bjtu", "Beijing Jiaotong University Library", "北京交通大学图书馆",
        "Card application desk, 3rd floor of the main library", "主馆三层办证处", scenario=None,
    ),
    Member("pku", "Peking University Library", "北京大学图书馆", "Circulation desk", "总还书处", "cnmarc", "declines"),
    Member("nlc", "National Library of China", "中国国家图书馆", "Interlibrary loan desk", "馆际互借处", "cnmarc"),
    Member("shlib", "Shanghai Library", "上海图书馆", "Interlibrary loan desk", "馆际互借处", "cnmarc"),
    Member(
        "szutl", "Shenzhen University Town Library", "深圳大学城图书馆", "General Information Desk", "总服务台", "cnmarc",
        "manual",
    ),
    Member("fjmu", "Fujian Medical University Library", "福建医科大学图书馆", "Circulation desk", "流通台", "cnmarc"),
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
    password = Passwords(cheap=True).hash(PASSWORD)
    with store.writing() as conn:
        for member in MEMBERS:
            code = LibraryCode(member.code)
            url = sandboxes.get(member.code)
            reached = {"sru": {"url": f"{url}/sru"}, "webhook": {"base_url": url}} if url else {}
            libraries.put(conn, _library(member), reached)
            if url:
                for kind in ("inbound", "outbound"):
                    libraries.add_secret(
                        conn, Secret(library=code, kind=kind, secret=secrets[member.code], valid_from=now)
                    )
            people.add_staff(
                conn,
                Staff(
                    id=StaffId(mint.new_id("stf", now)),
                    library=code,
                    login=f"desk@{member.code}",
                    name=f"{member.name}: desk",
                    password_hash=password,
                ),
            )
        people.add_staff(
            conn,
            Staff(
                id=StaffId(mint.new_id("stf", now)),
                role=Role.OFFICE,
                login="office",
                name="Consortium office",
                password_hash=password,
            ),
        )


def _library(member: Member) -> Library:
    return Library(
        code=LibraryCode(member.code),
        name=member.name,
        name_zh=member.name_zh,
        desk=member.desk,
        desk_zh=member.desk_zh,
    )
