"""The small tables: answers, searches, libraries and their secrets, leases, health."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from ill_broker.storage import health, idempotency, leases, libraries, searches
from ill_broker.storage.failures import Busy
from ill_broker.storage.health import Health
from ill_broker.storage.idempotency import SavedAnswer
from ill_broker.storage.libraries import Secret
from ill_broker.storage.searches import Search
from ill_broker.storage.store import Store
from tests.ill_broker.storage.samples import ANNA, BJTU, MINUTE, NLC, NOW
from tests.support.stored import connectors_of
from workflows.citation import Query
from workflows.ids import LibraryCode
from workflows.libraries import Library, Watches

ANSWER = SavedAnswer(actor=ANNA, key="k", fingerprint="f", status=201, body='{"id": "书"}', created_at=NOW)
SEARCH = Search(
    id="sea_1",
    owner=ANNA,
    query=Query(title="红楼梦"),
    state={"found": 0},
    created_at=NOW,
    expires_at=NOW + MINUTE,
)
FOUND = searches.Part([{"title": "a"}])
LIBRARY = Library(code=NLC, name="National Library", name_zh="国家图书馆", watches=Watches(answer_days=5))


def test_an_answer_is_given_again_to_whom_it_was_given(store: Store) -> None:
    with store.writing() as conn:
        idempotency.keep(conn, ANSWER)
    with store.reading() as conn:
        assert ANSWER == idempotency.find(conn, ANNA, "k")
        assert idempotency.find(conn, "pat_bert", "k") is None


def test_who_answers_a_key_second_has_to_look_again(store: Store) -> None:
    with store.writing() as conn:
        idempotency.keep(conn, ANSWER)
    with pytest.raises(Busy), store.writing() as conn:
        idempotency.keep(conn, replace(ANSWER, body="other"))


def test_old_answers_are_forgotten(store: Store) -> None:
    with store.writing() as conn:
        idempotency.keep(conn, ANSWER)
        assert idempotency.forget(conn, before=NOW) == 0
        assert idempotency.forget(conn, before=NOW + MINUTE) == 1


def test_a_search_is_seen_as_far_as_it_has_come(store: Store) -> None:
    with store.writing() as conn:
        searches.add(conn, SEARCH)
        searches.save(conn, progress({"found": 2}, parts=[FOUND], works={"wrk_1": {"a": 1}}))
    with store.reading() as conn:
        seen = replace(SEARCH, state={"found": 2}, parts=(FOUND,))

        assert seen == searches.load(conn, "sea_1", now=NOW)
        assert searches.load(conn, "sea_2", now=NOW) is None
        assert searches.Chosen(SEARCH.owner, NOW, {"a": 1}) == searches.chosen(
            conn, "sea_1", "wrk_1", now=NOW
        )
        assert searches.chosen(conn, "sea_1", "wrk_2", now=NOW) is None
        assert searches.chosen(conn, "sea_1", "wrk_1", now=NOW + MINUTE) is None


def test_one_process_alone_goes_on_with_a_search_and_the_other_stores_nothing_more_of_it(
    store: Store,
) -> None:
    further = progress({"found": 3}, round=2, known=1, parts=[replace(FOUND, is_remembered=True)])
    with store.writing() as conn:
        searches.add(conn, replace(SEARCH, parts=(FOUND,)))

        assert [True, False] == [searches.go_on(conn, further) for _ in range(2)]

        searches.save(conn, progress({"found": 9}, known=1, parts=[FOUND]))
        searches.save(conn, further)
        seen = searches.load(conn, "sea_1", now=NOW)

        assert replace(SEARCH, state={"found": 3}, round=2, parts=(FOUND, *further.parts)) == seen
        assert (2, 0) == (searches.round_of(conn, "sea_1"), searches.round_of(conn, "sea_2"))


def progress(state: dict[str, Any], **facts: Any) -> searches.Progress:
    told = {"search_id": "sea_1", "round": 1, "expires_at": SEARCH.expires_at, **facts}
    return searches.Progress(state=state, **told)


def test_an_expired_search_is_gone(store: Store) -> None:
    with store.writing() as conn:
        searches.add(conn, replace(SEARCH, parts=(FOUND,)))
        assert searches.load(conn, "sea_1", now=NOW + MINUTE) is None
        assert searches.forget_expired(conn, now=NOW) == 0
        assert searches.forget_expired(conn, now=NOW + MINUTE) == 1
        assert searches.forget_parts(conn, now=NOW + MINUTE) == 1
        assert searches.forget_works(conn, now=NOW + MINUTE) == 0
        assert searches.load(conn, "sea_1", now=NOW) is None


def test_a_library_is_kept_with_its_connectors(store: Store) -> None:
    home = Library(code=BJTU, name="BJTU", name_zh="北京交通大学")
    with store.writing() as conn:
        libraries.put(conn, LIBRARY, {"find": {"kind": "sru"}})
        libraries.put(conn, home)
    with store.reading() as conn:
        assert [home, LIBRARY] == libraries.all_of(conn)
        assert LIBRARY == libraries.load(conn, NLC)
        assert libraries.load(conn, LibraryCode("pku")) is None
        assert {"find": {"kind": "sru"}} == connectors_of(conn, NLC)
        assert {} == connectors_of(conn, LibraryCode("pku"))
        assert {BJTU: {}, NLC: {"find": {"kind": "sru"}}} == libraries.all_connectors(conn)


def test_a_changed_profile_leaves_the_connectors_alone(store: Store) -> None:
    with store.writing() as conn:
        libraries.put(conn, LIBRARY, {"find": "a"})
        libraries.put(conn, replace(LIBRARY, lends=False))
        assert {"find": "a"} == connectors_of(conn, NLC)
        libraries.put(conn, LIBRARY, {"find": "b"})
        assert {"find": "b"} == connectors_of(conn, NLC)
        assert libraries.set_connectors(conn, NLC, {})
        assert not libraries.set_connectors(conn, BJTU, {})
        assert {} == connectors_of(conn, NLC)
        assert [LIBRARY] == libraries.all_of(conn)


def secret(text: str, since: datetime = NOW, until: datetime | None = None) -> Secret:
    return Secret(library=NLC, kind="inbound", secret=text, valid_from=since, valid_until=until)


def test_secrets_are_valid_from_their_beginning_to_before_their_end(store: Store) -> None:
    with store.writing() as conn:
        libraries.add_secret(conn, secret("old", NOW - MINUTE, NOW + MINUTE))
        libraries.add_secret(conn, secret("new"))
        libraries.add_secret(conn, secret("future", NOW + MINUTE))
        libraries.add_secret(conn, replace(secret("ours"), kind="outbound"))
        libraries.add_secret(conn, replace(secret("theirs"), library=BJTU))
        assert ("new", "old") == libraries.secrets_of(conn, NLC, "inbound", now=NOW)
        assert ("future", "new") == libraries.secrets_of(conn, NLC, "inbound", now=NOW + MINUTE)
        assert ("ours",) == libraries.secrets_of(conn, NLC, "outbound", now=NOW)


def test_while_a_secret_is_replaced_both_are_valid(store: Store) -> None:
    with store.writing() as conn:
        libraries.add_secret(conn, secret("gone", NOW - 2 * MINUTE, NOW - MINUTE))
        libraries.add_secret(conn, secret("old", NOW - MINUTE))
        libraries.add_secret(conn, replace(secret("ours"), kind="outbound"))
        libraries.rotate_secret(conn, secret("new"), old_until=NOW + MINUTE)
        assert ("new", "old") == libraries.secrets_of(conn, NLC, "inbound", now=NOW)
        assert ("new",) == libraries.secrets_of(conn, NLC, "inbound", now=NOW + MINUTE)
        assert ("ours",) == libraries.secrets_of(conn, NLC, "outbound", now=NOW + MINUTE)


def test_one_has_the_lease_until_it_ends(store: Store) -> None:
    with store.writing() as conn:
        assert leases.take(conn, "clock", "me", until=NOW + MINUTE, now=NOW)
        assert not leases.take(conn, "clock", "other", until=NOW + MINUTE, now=NOW)
        assert leases.take(conn, "clock", "me", until=NOW + 2 * MINUTE, now=NOW)
        assert not leases.take(conn, "clock", "other", until=NOW + 9 * MINUTE, now=NOW + MINUTE)
        assert leases.take(conn, "clock", "other", until=NOW + 9 * MINUTE, now=NOW + 2 * MINUTE)
        assert leases.take(conn, "another", "me", until=NOW + MINUTE, now=NOW)


def test_of_many_one_leads(store: Store) -> None:
    def lead(owner: int) -> bool:
        with store.writing() as conn:
            return leases.take(conn, "clock", str(owner), until=NOW + MINUTE, now=NOW)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(lead, range(8))) == 1


def test_failures_in_a_row_open_the_circuit_and_a_success_closes_it(store: Store) -> None:
    def fail() -> Health:
        health.failed(conn, NLC, "sru", now=NOW + MINUTE, detail="timeout", opens_at=2)
        return health.all_of(conn)[0]

    with store.writing() as conn:
        health.succeeded(conn, NLC, "sru", now=NOW)
        assert ("closed", 1) == (fail().state, health.all_of(conn)[0].failures)
        opened = fail()
        health.succeeded(conn, NLC, "sru", now=NOW + 2 * MINUTE)
        healed = health.all_of(conn)[0]

    assert opened == Health(
        library=NLC,
        connector="sru",
        state="open",
        failures=2,
        last_success=NOW,
        last_failure=NOW + MINUTE,
        detail="timeout",
    )
    assert replace(opened, state="closed", failures=0, last_success=NOW + 2 * MINUTE, detail=None) == healed


def test_a_connector_may_fail_before_it_ever_succeeds(store: Store) -> None:
    with store.writing() as conn:
        health.failed(conn, NLC, "sru", now=NOW, detail="x", opens_at=1)
        health.failed(conn, NLC, "webhook", now=NOW, detail="x", opens_at=3)
        health.set_state(conn, NLC, "sru", "half_open")
        health.set_state(conn, BJTU, "sru", "open")
        states = [(each.library, each.connector, each.state, each.failures) for each in health.all_of(conn)]

    assert [(BJTU, "sru", "open", 0), (NLC, "sru", "half_open", 1), (NLC, "webhook", "closed", 1)] == states
