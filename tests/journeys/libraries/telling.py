"""The words the libraries' stories are told in: a reader, the loans of theirs, and the account they leave."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ill_broker.demo.consortium import PASSWORD
from tests.ill_broker.api.client import Api
from tests.journeys.libraries.consortium import MINUTE, Consortium, Told, good


class Reader:
    """Somebody who registers, verifies the address and logs in."""

    def __init__(self, consortium: Consortium, name: str = "li", home: str = "bjtu") -> None:
        self.all, self.home, self.email = consortium, home, f"{name}@example.org"
        self.card = f"2026-{name}"
        person = {
            "home": home,
            "card_number": self.card,
            "name": name,
            "mobile": "13800138000",
            "email": self.email,
            "password": PASSWORD,
        }
        good(consortium.anybody.post("/patrons", json=person), 202)
        consortium.work()
        letter = next(each for each in consortium.mails.letters if each.to == self.email)
        token = letter.text.split("#", 1)[1].split()[0]

        assert 204 == consortium.anybody.post("/patrons/verification", json={"token": token}).status_code
        self.id = str(good(self.me.get("/patrons/me"))["id"])

    @property
    def me(self) -> Api:
        return self.all.log_in(self.email)

    @property
    def desk(self) -> Api:
        return self.all.desk(self.home)

    def finds(self, title: str) -> tuple[Told, Told]:
        """Search all members and return the wish for the work that is found, and the work."""
        begun = good(self.me.post("/searches", json={"text": title}), 202)
        self.me.get(f"/searches/{begun['id']}/events")
        (work,) = good(self.me.get(f"/searches/{begun['id']}"))["works"]
        return {"search": begun["id"], "work": work["id"]}, work

    def asks_for(self, title: str, **wish: Any) -> Loan:
        """Find a book, submit the form, and have the lender's system asked."""
        wanted, _ = self.finds(title)
        request = good(self.me.post("/requests", json={**wanted, **wish}), 201)
        self.all.work()
        return Loan(self, str(request["id"]), str(request["lender"]), title)

    def may_not_have(self, title: str, **wish: Any) -> list[str]:
        """Return why a book is refused."""
        wanted, _ = self.finds(title)
        refused = good(self.me.post("/requests", json={**wanted, **wish}), 422)

        assert "not_eligible" == refused["code"], refused
        reasons: list[str] = refused["facts"]["reasons"]
        return reasons

    def borrows(self, *titles: str, pieces: tuple[str, ...] = ()) -> list[Loan]:
        """Ask for books; six days later all of them are handed over."""
        return handed_over(*(self.asks_for(title) for title in titles), pieces=pieces)

    def is_recorded_as(self, category: str, *, at: str) -> None:
        """Have a lender's desk record what the reader is to it."""
        said = {"library": at, "category": category, "reason": "the lender's card was shown"}
        good(self.all.desk(at).post(f"/patrons/{self.id}/categories", json=said), 201)

    def is_permitted(self, title: str, *, at: str, **citation: Any) -> None:
        """Have a lender's desk record that its authority permits a work that is not lent otherwise."""
        said = {
            "library": at,
            "citation": {"title": title, **citation},
            "authority": "the Dean",
            "reason": "a letter was shown",
        }
        good(self.all.desk(at).post(f"/patrons/{self.id}/permissions", json=said), 201)

    def account(self, lender: str) -> tuple[str, str, str]:
        """Return what was charged, what was paid, and what is owed."""
        shown = good(self.me.get("/accounts/me"))["accounts"]
        for each in shown:
            if each["lender"] == lender:
                return each["charged"]["amount"], each["paid"]["amount"], each["balance"]["amount"]
        return "0.00", "0.00", "0.00"

    def fines(self, lender: str) -> list[tuple[str, str, str | None]]:
        """Return what each late book comes to, what was charged of it, and by which cap; the oldest first."""
        postings = good(self.me.get("/accounts/me"))["postings"]
        fines = [each for each in postings if each["kind"] == "fine" and each["lender"] == lender]
        return [
            (each["raw"]["amount"], each["amount"]["amount"], each["cap"])
            for each in sorted(fines, key=lambda each: str(each["id"]))
        ]

    def pays(self, lender: str, amount: str, currency: str = "CNY") -> str:
        """Pay at the desk, see that the receipt can be had again, and return what is still owed."""
        paid = {"lender": lender, "currency": currency, "amount": amount, "method": "cash"}
        receipt = good(self.desk.post(f"/accounts/{self.id}/payments", json=paid), 201)

        assert receipt == good(self.me.get(f"/accounts/me/receipts/{receipt['id']}"))
        balance: str = receipt["balance"]["amount"]
        return balance


class Loan:
    """One book on its way to a reader and back."""

    def __init__(self, reader: Reader, request: str, lender: str, title: str) -> None:
        self.reader, self.id, self.lender = reader, request, lender
        self._all, self.barcode = reader.all, f"{lender}-{title}"

    def is_accepted(self) -> None:
        """Have the lender, which has been asked, say that it will supply."""
        assert self._all.was_asked(self.lender, self.id)
        self.hears("RequestReceived")
        self.hears("WillSupply")

    def is_shipped(self) -> None:
        self.hears("Loaned", item_barcode=self.barcode, tracking="SF1029384756")

    def arrives(self, *pieces: str) -> None:
        """Scan the book at the desk and call the reader, who is reached the second time."""
        if pieces:
            self.step("arrival", barcode=self.barcode, pieces=list(pieces))
        else:
            self._all.clock.move(MINUTE)
            good(self.reader.desk.post("/arrivals", json={"code": self.barcode}))
        self.step("notification", result="no_answer")
        self.step("notification", result="reached")

    def is_handed_over(self, **body: Any) -> None:
        self.step("handover", card=self.reader.card, **body)

    def comes_back(self, **body: Any) -> None:
        self.step("return", **body)

    def goes_home(self, days: int = 4) -> tuple[str, str]:
        """Send the book back; after so many days the lender has it. Return how the request ends."""
        self.step("shipment", tracking="SF5647382910")
        self._all.days_pass(days)
        self.hears("LoanCompleted")
        told = self.seen()
        return told["status"], told["outcome"]

    def hears(self, status: str, **facts: Any) -> None:
        self._all.says(self.lender, self.id, status, **facts)

    def step(self, name: str, **body: Any) -> Told:
        """Let the reader's desk take a step; it has to be possible."""
        return good(self._try(self.reader.desk, name, body))

    def is_refused(self, name: str, **body: Any) -> str:
        """Return why the desk cannot take a step: the reason if one is told, else the code."""
        return _refusal(self._try(self.reader.desk, name, body))

    def is_renewed(self, **body: Any) -> str:
        """Let the reader renew the book, and return the new day."""
        due: str = good(self._try(self.reader.me, "renewal", body))["due"]
        return due

    def may_not_be_renewed(self) -> str:
        return _refusal(self._try(self.reader.me, "renewal", {}))

    def _try(self, who: Api, name: str, body: Told) -> Any:
        self._all.clock.move(MINUTE)
        return who.post(f"/requests/{self.id}/{name}", json=body)

    def seen(self) -> Told:
        return good(self.reader.me.get(f"/requests/{self.id}"))

    @property
    def due(self) -> str:
        day: str = self.seen()["due"]
        return day

    @property
    def lender_due(self) -> str:
        """The day the lender sees, as the desk is shown it."""
        day: str = good(self.reader.desk.get(f"/requests/{self.id}"))["lender_due"]
        return day

    def explained(self) -> tuple[str, int, str | None]:
        """Return the day, the days late and the fine that the explanation comes to, day by day."""
        told = self._explanation()
        answer, days = told["answer"], [day for late in told["late"] for day in late["days"]]
        fine: str | None = answer["fine"]["amount"]

        assert fine is None or Decimal(fine) == sum(Decimal(day["amount"]) for day in days)
        return answer["due"], answer["overdue_days"], fine

    def rests_on(self) -> list[str]:
        """Return the numbers of the rules that the first due date and the fine are explained by."""
        told = self._explanation()
        return [*(step["rule"] for step in told["steps"]), told["fine"]["rule"]]

    def rota(self) -> list[tuple[str, str]]:
        """Return which lenders were thought of, in order, and why each stands where it does."""
        items = good(self.reader.me.get(f"/requests/{self.id}/rota"))["items"]
        return [(entry["lender"], entry["reason"]) for entry in items]

    def whereabouts(self) -> list[tuple[str, str]]:
        """Return whose hands the book went through, and where it was, as the explanation has it."""
        return [(hand["owner"], hand["place"]) for hand in self._explanation()["custody"]]

    def steps(self) -> list[str]:
        """Return which of the seven steps were seen to happen, in the order of their times."""
        seen = [(step["at"], step["step"]) for step in self.seen()["steps"] if step["at"]]
        return [step for _, step in sorted(seen, key=lambda each: str(each[0]))]

    def _explanation(self) -> Told:
        return good(self.reader.me.get(f"/requests/{self.id}/explanation"))


def handed_over(*loans: Loan, pieces: tuple[str, ...] = ()) -> list[Loan]:
    """Let books come that were asked for today, and return the loans when all are handed over.

    They are accepted tomorrow, shipped the day after, at the desk after three more days, where their
    readers are called, and handed over on the sixth.
    """
    everybody = loans[0].reader.all
    for step in (Loan.is_accepted, Loan.is_shipped):
        everybody.days_pass(1)
        for loan in loans:
            step(loan)
    everybody.days_pass(3)
    for loan in loans:
        loan.arrives(*pieces)
    everybody.days_pass(1)
    for loan in loans:
        loan.is_handed_over()
    return list(loans)


def _refusal(response: Any) -> str:
    told: Told = response.json

    assert response.status_code >= 400, told
    facts = told.get("facts", {})
    return str(facts.get("reason") or " ".join(facts.get("reasons", ())) or told["code"])
