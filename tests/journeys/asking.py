"""A reader of one library who has asked another for books, without a search."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ill_broker.services.members.directory import Directory
from ill_broker.services.requests.door import Requests
from ill_broker.storage import people
from ill_broker.storage.people import Enrolment
from ill_broker.storage.policy_files import builtin_book
from tests.factories import BJTU, a_citation, a_patron, a_request, held
from tests.journeys.world import BEGINS, World
from workflows.actors import Actor, Role
from workflows.ids import LibraryCode, RequestId
from workflows.requests.request import Instants


def asked(world: World, lenders: tuple[LibraryCode, ...], shelves: Mapping[str, str]) -> list[RequestId]:
    """Let a reader of another library ask *lenders* alone for a book of each shelf (call number: title)."""
    patron = replace(a_patron(), name="李华")
    requests = Requests(world.store, Directory(world.store, builtin_book()))
    with world.store.writing() as conn:
        people.enrol(conn, Enrolment(patron=patron, created_at=BEGINS))
    made = []
    for place, (shelf, title) in enumerate(shelves.items(), 1):
        wanted = a_request(
            id=RequestId(f"req_0000000000000000{place}"),
            number=f"K7M2-9{place}",
            citation=a_citation(title=title, isbn=None),
            holdings=tuple(held(each, call_number=shelf, barcode=f"3123400{place}") for each in lenders),
            instants=Instants(submitted=BEGINS),
        )
        who = Actor(Role.PATRON, patron.id, BJTU)
        made.append(requests.submit(wanted, patron, who, now=BEGINS).id)
    return made
