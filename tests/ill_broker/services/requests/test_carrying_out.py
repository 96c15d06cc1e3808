"""What a decision names is carried out, all of it in the one transaction that saves it."""

from __future__ import annotations

import inspect
import re
from dataclasses import fields, replace

from ill_broker.services.requests import carrying_out
from ill_broker.services.requests.carrying_out import Saving, carry_out
from ill_broker.storage import requests as request_rows
from ill_broker.storage.store import Store
from tests.ill_broker.services.lending import DESK, Lending
from workflows.decisions.consequences import Decision
from workflows.requests.request import Request


def test_whatever_a_decision_names_is_carried_out() -> None:
    looked_at = re.findall(r"\bdecision\.(\w+)", inspect.getsource(carrying_out))

    assert {one.name for one in fields(Decision)} == set(looked_at)


def test_where_nothing_has_happened_only_what_the_caller_adds_is_done(store: Store) -> None:
    lending, added = Lending(store), list[Request]()
    request = lending.asked()
    other = replace(request, new_book=True)
    with store.writing() as conn:
        carry_out(
            Saving(
                conn=conn,
                decision=Decision(request=other),
                actor=DESK,
                now=lending.now,
                also=lambda _, one: added.append(one),
            )
        )
        kept = request_rows.load(conn, request.id)

    assert ([other], request) == (added, kept)
