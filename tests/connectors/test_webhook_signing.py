"""Signatures: made and checked as the reference library does, with the time as an argument."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.failures import NotAuthentic
from connectors.webhook.signing import signed_headers, verified_id
from tests.connectors.factories import NOW, OTHER_SECRET, SECRET

#: Made by the reference library of the specification.
VECTORS = [
    (
        SECRET,
        "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W",
        1674087231,
        '{"type":"request.shipped","timestamp":"2026-01-05T09:00:00Z","data":{"id":1}}',
        "v1,nQkI8b01/kHgy20bbwfZrKCCvY7jJZZof3rVGgsdVGc=",
    ),
    (
        OTHER_SECRET,
        "msg_2",
        1700000000,
        '{"type":"request.created","data":{"title":"三体"}}',
        "v1,uG+b31xQGHeY66uIvw/Ej8mB5ZRCB8G2I4e9ue44R0U=",
    ),
]
BODY = b'{"type":"request.status"}'


def headers(**changed: str) -> dict[str, str]:
    signed = signed_headers(message_id="msg_1", body=BODY, secret=SECRET, now=NOW)
    return signed | {name.replace("_", "-"): value for name, value in changed.items()}


@pytest.mark.parametrize(("secret", "message_id", "seconds", "body", "signature"), VECTORS)
def test_signatures_are_those_of_the_reference(
    secret: str, message_id: str, seconds: int, body: str, signature: str
) -> None:
    now = datetime.fromtimestamp(seconds, UTC)
    made = signed_headers(message_id=message_id, body=body.encode(), secret=secret, now=now)

    assert made["webhook-signature"] == signature
    assert message_id == verified_id(made, body.encode(), secrets=[secret], now=now)


def test_a_moment_in_another_zone_is_the_same_moment() -> None:
    beijing = NOW.astimezone(datetime.fromisoformat("2026-01-01T00:00:00+08:00").tzinfo)

    assert headers() == signed_headers(message_id="msg_1", body=BODY, secret=SECRET, now=beijing)


def test_names_of_headers_may_be_written_in_any_case() -> None:
    loud = {name.upper(): value for name, value in headers().items()}

    assert verified_id(loud, BODY, secrets=[SECRET], now=NOW) == "msg_1"


def test_during_rotation_either_secret_will_do() -> None:
    assert verified_id(headers(), BODY, secrets=[OTHER_SECRET, SECRET], now=NOW) == "msg_1"


def test_of_several_signatures_one_must_fit() -> None:
    several = "v1,bm8= v1a,eHg= " + headers()["webhook-signature"]

    assert verified_id(headers(webhook_signature=several), BODY, secrets=[SECRET], now=NOW) == "msg_1"


@pytest.mark.parametrize("off", [timedelta(minutes=5), timedelta(minutes=-5)])
def test_five_minutes_off_are_borne(off: timedelta) -> None:
    assert verified_id(headers(), BODY, secrets=[SECRET], now=NOW + off) == "msg_1"


@pytest.mark.parametrize("off", [timedelta(minutes=5, seconds=1), timedelta(minutes=-5, seconds=-1)])
def test_more_than_five_minutes_off_are_not(off: timedelta) -> None:
    with pytest.raises(NotAuthentic):
        verified_id(headers(), BODY, secrets=[SECRET], now=NOW + off)


@pytest.mark.parametrize(
    "changed",
    [
        {"webhook_id": "msg_2"},
        {"webhook_id": ""},
        {"webhook_id": "msg 1"},
        {"webhook_timestamp": "1"},
        {"webhook_timestamp": "soon"},
        {"webhook_timestamp": "-5"},
        {"webhook_timestamp": "99999999999"},
        {"webhook_signature": ""},
        {"webhook_signature": "v1,bm8="},
        {"webhook_signature": "签"},
    ],
)
def test_what_was_not_signed_is_not_believed(changed: dict[str, str]) -> None:
    with pytest.raises(NotAuthentic):
        verified_id(headers(**changed), BODY, secrets=[SECRET], now=NOW)


@pytest.mark.parametrize("body", [BODY + b" ", b"", b"\xff"])
def test_another_body_is_not_believed(body: bytes) -> None:
    with pytest.raises(NotAuthentic):
        verified_id(headers(), body, secrets=[SECRET], now=NOW)


def test_another_librarys_secret_is_not_believed() -> None:
    for secrets in ([], [OTHER_SECRET]):
        with pytest.raises(NotAuthentic):
            verified_id(headers(), BODY, secrets=secrets, now=NOW)


@given(
    st.dictionaries(
        st.sampled_from(["webhook-id", "webhook-timestamp", "webhook-signature"]), st.text(max_size=20)
    ),
    st.binary(max_size=20),
)
def test_no_headers_lead_to_anything_but_a_refusal(given_headers: dict[str, str], body: bytes) -> None:
    with pytest.raises(NotAuthentic):
        verified_id(given_headers, body, secrets=[SECRET], now=NOW)
