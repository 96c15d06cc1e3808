"""The one field at the desk of the library that lends: a slip sends a book, and the book itself is back."""

from __future__ import annotations

from ill_broker.storage.store import Store
from tests.ill_broker.api.at_desk import AtDesk
from tests.ill_broker.api.test_desks_at_once import settings, store
from tests.ill_broker.api.test_scans import app, desk, scan, services

__all__ = ["app", "desk", "services", "settings", "store"]


def promised(desk: AtDesk) -> tuple[str, str]:
    """Return the id and the number of a request that Shenzhen has promised."""
    made = desk.wish("szutl").json
    desk.staff("szutl").post(f"/requests/{made['id']}/answer", json={"status": "WillSupply"})
    return made["id"], made["number"]


def test_a_lender_sends_by_the_slip_and_receives_by_the_book(desk: AtDesk, store: Store) -> None:
    request, number = promised(desk)
    looked = scan(desk, number, by=desk.staff("szutl"))
    (choice,) = looked["choices"]
    chosen = {"id": choice["id"], "step": choice["step"]}
    sent = scan(desk, number, by=desk.staff("szutl"), choice=chosen)
    scan(desk, number)
    for step in ("handover", "return", "shipment"):
        desk.step(request, step)
    again = scan(desk, number, by=desk.staff("szutl"))

    assert ("look", "lender_ships") == (looked["outcome"], choice["step"])
    assert ("done", "lender_ships", False) == (sent["outcome"], sent["done"]["step"], sent["done"]["undo"])
    assert ("done", "lender_has_the_book") == (again["outcome"], again["done"]["step"])
    assert ("closed", None) == (again["line"]["status"], again["line"]["reader"])
    assert "look" == scan(desk, number, by=desk.staff("szutl"))["outcome"]


def test_a_lenders_own_barcode_is_known_once_the_book_is_on_its_way_back(desk: AtDesk, store: Store) -> None:
    request, _ = promised(desk)
    sent = {"status": "Loaned", "item_barcode": "B-7"}
    desk.staff("szutl").post(f"/requests/{request}/answer", json=sent)
    early = scan(desk, "B-7", by=desk.staff("szutl"))
    for step in ("arrival", "handover", "return"):
        desk.step(request, step)
    strange = scan(desk, "B-7", by=desk.staff("pku"))
    back = scan(desk, "b-7", by=desk.staff("szutl"))

    assert ("no", "no") == (early["outcome"], strange["outcome"])
    assert ("book", "lender_has_the_book") == (back["kind"], back["done"]["step"])
