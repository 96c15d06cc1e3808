"""Books that the demonstration's reader has at hand beside those of its journey."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from tests.support.browsing import LOGINS, PASSWORD


@contextmanager
def api(address: str, who: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{address}/api/v1", timeout=60) as client:
        told = client.post("/sessions", json={"login": LOGINS[who], "password": PASSWORD}).json()
        client.headers["Authorization"] = f"Bearer {told['token']}"
        yield client


def arrive(reader: httpx.Client, desk: httpx.Client, many: int) -> list[str]:
    """Let as many books arrive for the demonstration's reader, and return their requests."""
    search = reader.post("/searches", json={"text": "history"}).json()
    ends = time.monotonic() + 120
    while search["finished_at"] is None and time.monotonic() < ends:
        time.sleep(0.3)
        search = reader.get(f"/searches/{search['id']}").json()
    here: list[str] = []
    for work in search["works"]:
        made = reader.post("/requests", json={"search": search["id"], "work": work["id"]})
        if made.status_code == 201 and len(here) < many:
            book = made.json()["id"]
            here += [book] if desk.post(f"/requests/{book}/arrival", json={}).status_code == 200 else []
    return here


#: somebody who has nothing yet
NEW = {
    "card_number": "21269001",
    "name": "王芳",
    "mobile": "13812345670",
    "email": "wang.fang@bjtu.example",
}

#: in part, so that something is still owed
PAID = {"lender": "szutl", "currency": "CNY", "amount": "0.20", "method": "cash"}


def borrow(address: str) -> None:
    """Let the reader have three books, one stained and one lost; let another one pay, and a third come."""
    with api(address, "patron") as reader, api(address, "staff") as desk:
        desk.post("/desk/patrons", json=NEW).raise_for_status()
        other = desk.get("/desk/patrons", params={"query": "21251002"}).json()["items"][0]["id"]
        desk.post(f"/accounts/{other}/payments", json=PAID).raise_for_status()
        _, stained, lost = books = arrive(reader, desk, 3)
        for book in books:
            desk.post(f"/requests/{book}/handover", json={}).raise_for_status()
        for book, case in ((stained, "stain"), (lost, "loss")):
            told = {"case": case, "channel": "telephone"}
            desk.post(f"/requests/{book}/case", json=told).raise_for_status()
