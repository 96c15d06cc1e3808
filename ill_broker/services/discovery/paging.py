"""Pages of a search: works in an order that stays, with the choice that a reader makes among them."""

from dataclasses import dataclass, field
from itertools import islice

from ill_broker.services.discovery.record import Search
from workflows.discovery.editions import first_of_each
from workflows.discovery.facets import Choice, fits
from workflows.discovery.works import Sort, Work


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ended: how many records there were when the first page was shown, and the last place."""

    seen: int
    place: int

    def __str__(self) -> str:
        return f"{self.seen}.{self.place}"

    @classmethod
    def read(cls, text: str) -> "Cursor":
        """Return the cursor that *text* stands for.

        :raises ValueError: if it stands for none
        """
        seen, place = map(int, text.split("."))
        return cls(seen, place)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which page somebody wants."""

    after: Cursor | None = None
    limit: int = 25
    choice: Choice = field(default_factory=dict)
    sort: Sort = Sort.RELEVANCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some works of a search, and where the next page begins; None on the last one."""

    search: Search
    works: tuple[Work, ...]
    next: Cursor | None
    #: false on a later page that members may still fill
    is_whole: bool


def page(search: Search, wanted: Wanted) -> Page:
    """Return the page as far as it is known."""
    seen, place = (len(search.hits), 0) if wanted.after is None else (wanted.after.seen, wanted.after.place)
    listed = search.listing(seen, wanted.sort).behind(0)
    books = first_of_each(one for one in listed if fits(one[1], wanted.choice))
    found = list(islice((one for one in books if one[0] > place), wanted.limit + 1))
    shown = found[: wanted.limit]
    last = shown[-1][0] if shown else place
    goes_on = len(found) > len(shown) or not search.is_finished or search.has_more
    return Page(
        search=search,
        works=tuple(work for _, work in shown),
        next=Cursor(seen, last) if goes_on else None,
        is_whole=len(shown) == wanted.limit or wanted.after is None or search.is_finished,
    )
