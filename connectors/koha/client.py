"""One library's Koha: finding in its catalogue, its patrons, and its hold shelf."""

from __future__ import annotations

import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from connectors.failures import Garbled, PartnerFailure, Refused
from connectors.koha import codec, mapping
from connectors.koha.calls import approved, read
from connectors.koha.messages import Item, Patron
from connectors.ports import MOST_RECORDS, FoundRecords
from connectors.reading import in_turn
from connectors.sifting import sifted
from connectors.transport import RECORDS, is_yes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from connectors.koha.calls import KohaCalls
    from connectors.koha.keeper import Keeper
    from connectors.marc.records import MarcRecord
    from connectors.ports import ArrivedItem, LocalPatron
    from connectors.transport import AsyncTarget, Reply
    from workflows.citation import Query

#: The part of the time for finding that asking for the copies must leave over.
_RESERVE = 0.1
_MOST_COPIES = 500
#: Versions that find all cards that contain a number send twenty.
_MOST_PATRONS = 200
_WRONG_PASSWORD = "Validation failed"  # noqa: S105 - what Koha says, no password


@dataclass(frozen=True, slots=True)
class KohaFinder:
    """A finder over Koha's catalogue; *size* is the most records of one search."""

    target: AsyncTarget
    keeper: Keeper
    size: int = RECORDS

    async def find(
        self, query: Query, *, deadline: float, after: int = 0, most: int = MOST_RECORDS
    ) -> FoundRecords:
        """Return what the library has, within *deadline* seconds from now.

        :raises PartnerFailure: if it cannot be reached, refuses, or cannot be understood
        """
        library = self.target.library
        until = time.monotonic() + deadline
        asked, rest = mapping.search(query)
        if not asked:
            return FoundRecords(library, (), 0)
        size = min(self.size, most)
        # Koha counts whole pages: of one that is known in part the rest is taken.
        page, known = divmod(after, size)
        params = {"q": asked, "_per_page": str(size), "_page": str(page + 1)}
        reply = await self._get("biblios", params, accept=codec.MARC_IN_JSON, until=until)
        async with in_turn():
            records = read(library, lambda: codec.records(reply.body, most=size))[known:]
        items, complaints = await self._items(records, until=until - deadline * _RESERVE)
        hits = [mapping.hit(record, items, library=library) for record in records]
        if records and not any(hits):
            raise Garbled(library, "no record has a title")
        total = max(mapping.total(reply.headers), len(records))
        found = FoundRecords(library, tuple(filter(None, hits)), total, complaints, len(records))
        return sifted(found, rest)

    async def _items(
        self, records: tuple[MarcRecord, ...], *, until: float
    ) -> tuple[tuple[Item, ...], tuple[str, ...]]:
        """Return the copies of *records*, or why they could not be had: the works are told all the same."""
        numbers = list(filter(None, map(mapping.biblio_id, records)))
        if not numbers:
            return (), ()
        params = {"q": mapping.copies_of(numbers), "_per_page": str(_MOST_COPIES)}
        try:
            reply = await self._get("items", params, accept=codec.JSON, until=until)
            return read(self.target.library, lambda: _items(reply)), ()
        except PartnerFailure as error:
            return (), (f"no copies: {error.detail}",)

    async def _get(self, path: str, params: Mapping[str, str], *, accept: str, until: float) -> Reply:
        authorization = self.keeper.authorization() or await self._fetched(until)
        reply = await self._called_as(authorization, path, params, accept, until)
        if reply.status == HTTPStatus.UNAUTHORIZED and self.keeper.forget(authorization):
            reply = await self._called_as(await self._fetched(until), path, params, accept, until)
        return approved(self.target.library, reply)

    async def _called_as(
        self, authorization: str, path: str, params: Mapping[str, str], accept: str, until: float
    ) -> Reply:
        # No content type: on a question without a body, Koha fails over one.
        headers = {"accept": accept, "authorization": authorization}
        url = self.keeper.profile.url(path)
        return await self.target.get(url, params=params, headers=headers, deadline=_left(until))

    async def _fetched(self, until: float) -> str:
        asked = self.keeper.token_request()
        return self.keeper.keep(
            await self.target.call(
                "POST", asked.url, content=asked.content, headers=asked.headers, deadline=_left(until)
            )
        )


@dataclass(frozen=True, slots=True)
class KohaSystem:
    """A patron directory and a hold shelf; Koha's API can lend a copy, but not take one back."""

    calls: KohaCalls

    # ------------------------------------------------------------ patrons

    def look_up(self, card_number: str, *, password: str | None = None) -> LocalPatron | None:
        """Return what the library knows of whoever holds that card, or None if nobody does.

        :raises PartnerFailure: if it does not answer, or not clearly
        """
        found = self._patron(card_number)
        if found is None:
            return None
        right = None if password is None else self._is_password_of(found, password)
        return mapping.local_patron(found, password_is_right=right)

    def _patron(self, card_number: str) -> Patron | None:
        reply = self.calls.asked("patrons", q=mapping.exactly({"cardnumber": card_number}))
        found = self.calls.read(lambda: tuple(map(codec.patron, codec.objects(reply.body)[:_MOST_PATRONS])))
        return mapping.the_one(found, card_number)

    def _is_password_of(self, patron: Patron, password: str) -> bool | None:
        """Say whether *password* is the patron's, None where Koha does not say."""
        said = {"identifier": patron.card_number, "password": password}
        reply = self.calls.call("POST", "auth/password/validation", content=codec.encode(said))
        if is_yes(reply):
            # An identifier may be somebody else's user name, too.
            return (
                self.calls.read(lambda: codec.number(codec.single(reply.body), "patron_id"))
                == patron.patron_id
            )
        if reply.status == HTTPStatus.BAD_REQUEST:
            told = codec.complaint(reply.status, reply.body)
            return False if _WRONG_PASSWORD in told.text else None
        if reply.status == HTTPStatus.NOT_FOUND:
            return None
        raise mapping.failure(self.calls.library, reply)

    # ------------------------------------------------------------ the hold shelf

    def accept(self, item: ArrivedItem) -> str:
        """Make the book known to Koha and hold it for the patron; return its barcode there.

        What is there already from an earlier try is not made again.

        :raises PartnerFailure: if the system did not take it, or may not have
        """
        patron = self._needed_patron(item.card_number)
        copy = self._item(item.barcode) or self._new_item(item)
        if not self._is_there("holds", patron, copy):
            hold = mapping.new_hold(item, self.calls.profile, patron_id=patron.patron_id, copy=copy)
            self.calls.made("holds", hold, "hold_id")
        return copy.barcode or item.barcode

    def check_out(self, message_id: str, *, card_number: str, barcode: str, due: date) -> None:  # noqa: ARG002 - Koha computes its own due date
        """Record the hand-over in Koha; one that is recorded already is left as it is.

        :raises PartnerFailure: if the system did not take it, or may not have
        """
        patron = self._needed_patron(card_number)
        copy = self._item(barcode)
        if copy is None:
            raise Refused(self.calls.library, "no such item")
        if not self._is_there("checkouts", patron, copy):
            loan = {"patron_id": patron.patron_id, "item_id": copy.item_id}
            self.calls.made("checkouts", loan, "checkout_id")

    def _needed_patron(self, card_number: str) -> Patron:
        patron = self._patron(card_number)
        if patron is None:
            raise Refused(self.calls.library, "nobody holds this card")
        return patron

    def _item(self, barcode: str) -> Item | None:
        reply = self.calls.asked("items", q=mapping.exactly({"external_id": barcode}))
        found = self.calls.read(lambda: _items(reply))
        return next((each for each in found if each.barcode == barcode), None)

    def _new_item(self, arrived: ArrivedItem) -> Item:
        profile = self.calls.profile
        headers = {"content-type": codec.MARCXML, "x-record-schema": profile.flavour}
        record = mapping.short_record(arrived, profile)
        reply = approved(
            self.calls.library, self.calls.call("POST", "biblios", content=record, headers=headers)
        )
        biblio_id = self.calls.created(reply, "id", "biblio_id")
        item_id = self.calls.made(f"biblios/{biblio_id}/items", mapping.new_item(arrived, profile), "item_id")
        return Item(item_id=item_id, biblio_id=biblio_id, barcode=arrived.barcode)

    def _is_there(self, path: str, patron: Patron, copy: Item) -> bool:
        """Say whether there is a hold or a loan of *copy* for *patron*."""
        ours: dict[str, str | int] = {"patron_id": patron.patron_id, "item_id": copy.item_id}
        reply = self.calls.asked(path, q=mapping.exactly(ours))
        found = self.calls.read(lambda: codec.objects(reply.body))
        return any(ours.items() <= each.items() for each in found)


def _items(reply: Reply) -> tuple[Item, ...]:
    return tuple(map(codec.item, codec.objects(reply.body)[:_MOST_COPIES]))


def _left(until: float) -> float:
    return max(0.0, until - time.monotonic())
