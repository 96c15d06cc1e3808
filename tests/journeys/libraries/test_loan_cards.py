"""The consortium's loan cards: two at once, thirty days each, ten fen for each day late."""

from __future__ import annotations

from typing import Any

import pytest

from tests.journeys.libraries.consortium import Consortium, Told, good
from tests.journeys.libraries.telling import Reader


def taken(reader: Reader, barcode: str) -> Any:
    return reader.desk.post("/loan-cards/issues", json={"barcode": barcode, "card_number": reader.card})


def shown(reader: Reader, card: Told) -> Told:
    return good(reader.me.get(f"/loan-cards/{card['id']}"))


def given_back(reader: Reader, card: Told) -> None:
    good(reader.desk.post(f"/loan-cards/{card['id']}/return", json={}))


@pytest.mark.rule("R-BULC-2", "R-BULC-5", "R-BULC-6", "R-BULC-7", "R-BULC-8")
def test_two_cards_are_lent_at_once_and_each_late_day_is_ten_fen(consortium: Consortium) -> None:
    reader = Reader(consortium.begins("2026-03-02"))
    for number, library in enumerate(("pku", "nlc", "shlib"), 1):
        new = {"barcode": f"C{number}", "library": library, "desk": "bjtu"}
        good(reader.desk.post("/loan-cards", json=new), 201)
    first = good(taken(reader, "C1"), 201)
    consortium.on("2026-03-04")
    second = good(taken(reader, "C2"), 201)
    third = taken(reader, "C3")

    # 30 days: 29 to 31 March and 1; 27 to 31 March and 3
    assert ["2026-04-01", "2026-04-03"] == [first["due"], second["due"]]
    assert (409, ["card_limit"]) == (third.status_code, third.json["facts"]["reasons"])

    # a book borrowed on the card today is due by its own library: 28 days, and a month
    assert [("pku", "2026-04-01", False), ("nlc", "2026-04-04", True)] == [
        tuple(shown(reader, card)["book"][name] for name in ("lender", "due", "outlasts_card"))
        for card in (first, second)
    ]
    consortium.on("2026-04-03")
    given_back(reader, second)
    consortium.on("2026-04-08")
    fine = shown(reader, first)["fine"]
    given_back(reader, first)

    # 2 to 8 April at 0.10; the other was in time
    assert (7, "0.70", "R-BULC-7") == (fine["overdue_days"], fine["amount"]["amount"], fine["rule"])
    assert ("0.70", "0.00", "0.70") == reader.account("bulc")
    assert "0.00" == reader.pays("bulc", "0.70")
    assert ("0.70", "0.70", "0.00") == reader.account("bulc")

    # with none held, the third may be taken
    assert "2026-05-08" == good(taken(reader, "C3"), 201)["due"]
    assert ["馆际互借证领取成功", "馆际互借证领取成功", "馆际互借证即将到期", "馆际互借证即将到期"] == (
        consortium.letters(reader.email)[1:5]
    )
    assert ["馆际互借证已逾期"] == consortium.letters(reader.email)[5:]
