"""A reader waits for a book that nobody lends, until a library does: web, worker, catalogue, letter box."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ill_broker.demo.readers import readers
from ill_broker.storage import libraries, wishes
from tests.factories import DAY
from tests.journeys.world import World, until
from tests.support.html_letters import html_faults
from tests.support.smtp import text_of
from workflows.discovery.wishes import Wish, WishStatus
from workflows.ids import LibraryCode, WishId

LENDER = LibraryCode("szutl")
#: 01:30 in Beijing, and the morning after it
NIGHT, MORNING = timedelta(hours=16), timedelta(hours=7)

pytestmark = pytest.mark.ci


def lends(world: World, *, at_present: bool) -> None:
    with world.store.writing() as conn:
        library = libraries.load(conn, LENDER)
        assert library is not None
        libraries.put(conn, replace(library, lends=at_present))


def a_night(world: World, wish_id: WishId, after: timedelta) -> WishStatus:
    """Let it be night, and return what the wish has come to once the worker has looked."""

    def look() -> Wish:
        with world.store.reading() as conn:
            wish = wishes.load(conn, wish_id)
        assert wish is not None
        return wish

    before = look().looked_at
    world.jump(after)
    return until(look, lambda wish: wish.looked_at > before).status


def nobody_lends(search: dict[str, Any]) -> bool:
    """Say whether a search is over and its process has heard that the library lends nothing now."""
    offers = [offer for work in search["works"][:1] for offer in work["offers"]]
    return bool(search["finished_at"]) and not any(offer["lendable"] for offer in offers)


def letter(world: World, address: str, subject: str) -> str:
    """Return what the letter says, in text, once it has come; its HTML says the same."""
    found = until(
        lambda: [one for one in world.postbox.to(address) if one["subject"] == subject], lambda came: came
    )
    (only,) = found
    html = only.get_body(("html",))
    assert html is not None
    assert [] == html_faults(html.get_content(), subject=subject, text=text_of(only), tag="zh-Hans")
    return text_of(only)


def test_who_waits_hears_in_the_morning_after_a_library_lends(tmp_path: Path, empty_database: str) -> None:
    with World(tmp_path, empty_database, {LENDER: "silent"}, share=1.0) as world:
        lends(world, at_present=False)
        reader, _ = readers(world.anybody)
        reader.client.post("/api/v1/patrons", reader.registration())
        token = letter(world, reader.email, "请确认您的电子邮箱").split("#", 1)[1].split()[0]
        reader.client.post("/api/v1/patrons/verification", {"token": token})
        reader.log_in(world.anybody)
        search = reader.client.post("/api/v1/searches", {"text": reader.words})["id"]
        found = until(lambda: reader.client.get(f"/api/v1/searches/{search}"), nobody_lends)
        work = found["works"][0]
        wish = reader.client.post("/api/v1/wishes", {"search": search, "work": work["id"]})
        path = f"/api/v1/wishes/{wish['id']}"
        lends(world, at_present=True)
        # In a night in which the library was slow nobody knows whether it lends: then the next one tells.
        for hours in (NIGHT, DAY, DAY):
            if a_night(world, WishId(wish["id"]), hours) is not WishStatus.WAITING:
                break
        ended = reader.client.get(path)
        world.jump(MORNING)
        told = letter(world, reader.email, "您等候的图书现在可以借到")

    assert ("waiting", "found", LENDER) == (wish["status"], ended["status"], ended["library"])
    assert "深圳大学城图书馆愿意出借" in told
    assert f"{world.url}/wishes/{wish['id']}" in told
