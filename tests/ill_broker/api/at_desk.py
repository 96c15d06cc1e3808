"""A patron and the desks around them, by the clock of the service: whoever calls logs in at that moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from ill_broker import mint
from ill_broker.services.accounts.account import Accounts
from ill_broker.services.cards.loan_cards import LoanCards
from ill_broker.services.members.directory import Directory
from ill_broker.services.people.sessions import Sessions
from ill_broker.storage import people
from ill_broker.storage.people import Staff
from ill_broker.storage.store import Store
from tests.ill_broker.api.client import NOW, Api, Hand
from tests.ill_broker.api.lending import a_find
from workflows.actors import Actor, Role
from workflows.ids import LibraryCode, StaffId
from workflows.patrons import Patron

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
REASON = "as the head of circulation decided"


def with_accounts(services: list[object], store: Store) -> list[object]:
    """Return the services with the ledger and the loan cards."""
    directory = next(one for one in services if isinstance(one, Directory))
    return [*services, Accounts(store, directory), LoanCards(store, directory)]


@dataclass
class AtDesk:
    api: Api
    services: list[object]
    store: Store
    clock: Hand
    patron: Patron

    def me(self, patron: Patron | None = None) -> Api:
        """Return the patron's own calls."""
        who = patron or self.patron
        return self._as(Actor(Role.PATRON, who.id, who.home))

    def staff(self, library: str | None = "bjtu") -> Api:
        """Return somebody at a library's desk; without a library, in the office."""
        code = LibraryCode(library) if library else None
        member = Staff(
            id=StaffId(mint.new_id("stf", NOW)),
            library=code,
            role=Role.STAFF if code else Role.OFFICE,
            login=mint.new_id("l", NOW),
            name=f"Somebody of {library}",
        )
        with self.store.writing() as conn:
            people.add_staff(conn, member)
        return self._as(Actor(member.role, member.id, code))

    def wish(self, *lenders: str, number: int = 1, **citation: Any) -> Any:
        """Ask for a work that these libraries have; another *number* is another work."""
        return self.me().post("/requests", json=self.find(*lenders, number=number, **citation))

    def find(self, *lenders: str, number: int = 1, **citation: Any) -> dict[str, str]:
        return a_find(self.store, self.patron, *lenders, **{"isbn": isbn(number), **citation})

    def reasons(self, response: Any) -> list[str]:
        """Return why a wish was refused."""
        told: dict[str, Any] = response.json or {}

        assert (422, "not_eligible") == (response.status_code, told["code"]), told
        reasons: list[str] = told["facts"]["reasons"]
        return reasons

    def waiting(self, lender: str = "szutl", number: int = 1, **citation: Any) -> str:
        """Return a request whose book waits on the hold shelf."""
        made = self.wish(lender, number=number, **citation)

        assert 201 == made.status_code, made.json
        request = str(made.json["id"])
        self.step(request, "arrival")
        self.step(request, "notification", result="reached")
        return request

    def lent(self, lender: str = "szutl", number: int = 1, **citation: Any) -> str:
        """Return a request whose book is with the patron."""
        request = self.waiting(lender, number, **citation)
        self.step(request, "handover")
        return request

    def step(self, request: str, name: str, **body: Any) -> dict[str, Any]:
        response = self.try_step(request, name, **body)
        told: dict[str, Any] = response.json or {}

        assert 200 == response.status_code, told
        return told

    def try_step(self, request: str, name: str, **body: Any) -> Any:
        self.clock.move(MINUTE)
        return self.staff().call("post", f"/requests/{request}/{name}", json=body)

    def record(self, what: str, *, by: str | None = "", **body: Any) -> Any:
        """Record something of the patron, as whose affair it is if *by* nobody else; None is not said."""
        told = {name: value for name, value in {"reason": REASON, **body}.items() if value is not None}
        clerk = self.staff(body.get("library", "bjtu") if by == "" else by)
        return clerk.call("post", f"/patrons/{self.patron.id}/{what}", json=told)

    def suspended(self, library: str, case: str, months: int | None = None) -> dict[str, Any]:
        """Return a suspension that a library records."""
        response = self.record("suspensions", library=library, case=case, months=months)
        told: dict[str, Any] = response.json or {}

        assert 201 == response.status_code, told
        return told

    def shown(self, what: str) -> list[dict[str, Any]]:
        """Return what the patron is shown."""
        items: list[dict[str, Any]] = self.me().get(f"/patrons/me/{what}").json["items"]
        return items

    def _as(self, actor: Actor) -> Api:
        known = next(one for one in self.services if isinstance(one, Sessions))
        return self.api.as_(known.open_for(actor, now=self.clock.time))


def isbn(number: int) -> str:
    return f"97870200{number:05}"
