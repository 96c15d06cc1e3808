"""What a desk took on one day, so that the clerk who counts the till knows what has to be in it."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ill_broker.services.members.directory import Directory
from ill_broker.storage import takings
from ill_broker.storage.store import Store
from ill_broker.storage.takings import Taken
from workflows.actors import Actor
from workflows.ids import LibraryCode
from workflows.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """What one clerk took for one lender in one way; what was given back is taken off."""

    lender: LibraryCode
    method: str
    #: how the clerk is called
    clerk: str | None
    amount: Money
    #: how many payments, less those that were taken back
    payments: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Till:
    """A desk's day."""

    library: LibraryCode
    day: date
    sums: tuple[Sum, ...]

    def totals(self) -> dict[tuple[str, str], Money]:
        """Return what has to be there, by currency and way of paying."""
        found: dict[tuple[str, str], Money] = {}
        for each in self.sums:
            key = (each.amount.currency, each.method)
            found[key] = found.get(key, Money.zero(key[0])) + each.amount
        return dict(sorted(found.items()))


class Tills:
    """Adds up what desks are paid."""

    def __init__(self, store: Store, directory: Directory) -> None:
        self._store = store
        self._directory = directory

    def of(self, actor: Actor, day: date | None, *, now: datetime) -> Till:
        """Return what *actor*'s desk took on a day of its own, today if none is named."""
        library = LibraryCode(actor.library or "")
        calendar = self._directory.in_force(now).calendar(library)
        meant = day or calendar.local_day(now)
        begins, ends = calendar.end_of(meant - timedelta(days=1)), calendar.end_of(meant)
        with self._store.reading() as conn:
            found = list(takings.taken(conn, library, begins=begins, ends=ends))
        return Till(library=library, day=meant, sums=_added(found))


def _added(found: list[Taken]) -> tuple[Sum, ...]:
    amounts, payments = Counter[tuple[str, ...]](), Counter[tuple[str, ...]]()
    names = {each.clerk_id: each.clerk for each in found}
    for each in found:
        key = (each.lender, each.amount.currency, each.method, each.clerk_id)
        amounts[key] += each.amount.minor
        payments[key] += 1 if each.amount.minor > 0 else -1
    return tuple(
        Sum(
            lender=LibraryCode(lender),
            method=method,
            clerk=names[clerk],
            amount=Money(currency, amounts[lender, currency, method, clerk]),
            payments=payments[lender, currency, method, clerk],
        )
        for lender, currency, method, clerk in sorted(amounts)
    )
