"""HTTP servers that hang, lie and flood: every call ends as a failure with a name, in time."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from connectors.ports import Acknowledgement
from connectors.transport import Limits
from tests.connectors.hostile.calls import End, ends_of, http_calls
from tests.connectors.hostile.manners import HTTP

SIZE = 64 * 1024
#: for servers that do not answer, and for those that do, on a machine that does much else
HURRIED, PATIENT = Limits(connect=0.3, total=0.3, size=SIZE), Limits(connect=60, total=60, size=SIZE)
#: what a call may take beyond its limit, beside all the others
SLACK = 60.0

#: answers that are as good as any to who asked: the behaviour, the call, and the answer
ANSWERS: dict[tuple[str, str], Any] = {
    ("html 404", "webhook did_you_get"): False,
    # a partner that takes a message need not say anything about it
    ("nothing at all", "webhook ask"): Acknowledgement("msg_1"),
    ("nothing at all", "webhook tell"): Acknowledgement("msg_2"),
    ("nothing at all", "webhook did_you_get"): True,
    ("says json as json", "webhook ask"): Acknowledgement("msg_1"),
    ("says json as json", "webhook tell"): Acknowledgement("msg_2"),
    ("says json as json", "webhook did_you_get"): True,
}


def is_right(behaviour: str, call: str, end: End) -> bool:
    """Say whether a call ended as one of the failures that it may end as."""
    if end.error is None:
        return (behaviour, call) in ANSWERS and bool(ANSWERS[behaviour, call] == end.answer)
    return isinstance(end.error, HTTP[behaviour].ends)


@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize("behaviour", HTTP)
def test_a_hostile_server_ends_as_a_failure_with_a_name(behaviour: str, servers: dict[str, Any]) -> None:
    limits = HURRIED if HTTP[behaviour].is_slow else PATIENT
    with http_calls(f"http://127.0.0.1:{servers['http']}/{quote(behaviour)}", limits) as calls:
        ended = ends_of(calls, seconds=limits.total + SLACK)

    assert {} == {call: end for call, end in ended.items() if not is_right(behaviour, call, end)}
