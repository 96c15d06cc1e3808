"""What the demonstration has left, by the names that the lines of every page give it."""

from __future__ import annotations

import time
from typing import Any

import httpx

from ill_broker.demo.client import Client
from tests.support.browsing import LOGINS, PASSWORD

_API = "/api/v1"
#: what the reader has searched for, and what nobody has
_WORDS, _NOTHING = "中国", "没有这样一本书"


def standing(address: str) -> dict[str, str]:
    """Return ids, by the names of :data:`tests.journeys.every_page.PAGES`."""
    who = {name: Client(address).log_in(LOGINS[name], PASSWORD) for name in LOGINS if name}
    reader, desk = who["patron"], who["staff"]
    known = {
        **_of("", reader.get(f"{_API}/requests?limit=100")["items"]),
        **_of("late_", who["late"].get(f"{_API}/requests?limit=100")["items"]),
        **_of("desk_", desk.get(f"{_API}/requests?limit=100")["items"]),
        **_of("lent_", desk.get(f"{_API}/requests?limit=100&role=lender")["items"]),
    }
    known["reader"] = reader.get(f"{_API}/patrons/me")["id"]
    known["suspended"] = who["suspended"].get(f"{_API}/patrons/me")["id"]
    known["free"] = desk.get(f"{_API}/desk/patrons?query=21251020")["items"][0]["id"]
    for one in desk.get(f"{_API}/accounts/{known['reader']}")["postings"]:
        known[one["kind"]] = one["id"]
    for kind in ("suspension", "permission"):
        found = desk.get(f"{_API}/patrons/{known['suspended']}/{kind}s")["items"]
        known[kind] = found[0]["id"]
    known["wish"] = reader.get(f"{_API}/wishes")["items"][0]["id"]
    known["card"] = desk.get(f"{_API}/loan-cards?status=issued")["items"][0]["id"]
    for status in ("waiting", "asked"):
        known[f"typed_{status}"] = reader.get(f"{_API}/typed-requests?status={status}")["items"][0]["id"]
    known["amendment"] = who["office"].get(f"{_API}/amendments")["items"][0]["id"]
    stage = httpx.get(f"{address}/demonstration", timeout=60).text
    known["letter"] = stage.partition("/partner/")[2].partition('"')[0]
    for prefix, searching, words in (
        ("", reader, _WORDS),
        ("no_", reader, _NOTHING),
        ("desk_", desk, _WORDS),
    ):
        known |= _searched(prefix, searching, words)
    return known


def _of(prefix: str, requests: list[dict[str, Any]]) -> dict[str, str]:
    """Return one request of each status; a closed one goes by its outcome."""
    return {prefix + (one["outcome"] or one["status"]): one["id"] for one in requests}


def _searched(prefix: str, who: Client, words: str) -> dict[str, str]:
    """Search until every library has answered, and return what was found first."""
    search = who.post(f"{_API}/searches", {"text": words})
    while search["finished_at"] is None:
        time.sleep(0.3)
        search = who.get(f"{_API}/searches/{search['id']}")
    first = {f"{prefix}work": one["id"] for one in search["works"][:1]}
    return {f"{prefix}search": search["id"]} | first
