"""Texts over HTTP: any gateway's field names, each text once, failures in our words."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.failures import Garbled, PartnerFailure, Refused, Unreachable
from connectors.ports import ShortText
from connectors.sandbox.texts import TextGateway
from connectors.sms import codec
from connectors.sms.client import LIMITS, HttpGateway, gateway_target
from connectors.sms.messages import Form
from connectors.transport import Target

TOKEN = "a-token"
URL = "http://gateway.example/texts"
WEB_FORM = Form(
    is_web_form=True, to="mobile", text="content", id="uid", always={"sign": "ILL"}, taken=("code", "0")
)


def text(**facts: str) -> ShortText:
    return ShortText(
        **{"message_id": "msg_1", "to": "+8613800138000", "text": "【馆际互借】《三体》已到总服务台", **facts}
    )


def over(app: Any, form: Form | None = None, token: str = TOKEN) -> HttpGateway:
    target = Target("sms", limits=LIMITS, transport=httpx.WSGITransport(app))
    return HttpGateway(url=URL, token=token, form=form or Form(), target=target)


def answering(answer: httpx.Response | Exception, form: Form | None = None) -> HttpGateway:
    def carry(_: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    target = Target("sms", limits=LIMITS, transport=httpx.MockTransport(carry))
    return HttpGateway(url=URL, form=form or Form(), target=target)


@pytest.mark.parametrize("is_web_form", [False, True])
def test_a_text_arrives_with_every_character(*, is_web_form: bool) -> None:
    box = TextGateway(TOKEN)
    over(box.app, Form(is_web_form=is_web_form)).send(text())

    assert [text().text] == box.to("+8613800138000")
    assert [] == box.to("+8613900000000")


def test_a_text_that_is_sent_again_is_kept_once() -> None:
    box = TextGateway(TOKEN)
    for each in (text(), text(), text(message_id="msg_2", text="another")):
        over(box.app).send(each)

    assert [text().text, "another"] == box.to(text().to) == box.all()


def test_a_gateway_that_is_busy_is_worth_another_try() -> None:
    box = TextGateway(TOKEN, answers=[503])
    with pytest.raises(Unreachable) as caught:
        over(box.app).send(text())
    over(box.app).send(text())

    assert caught.value.again
    assert 1 == len(box.to(text().to))


def test_a_stranger_is_sent_nothing_for() -> None:
    box = TextGateway(TOKEN)
    with pytest.raises(Refused) as caught:
        over(box.app, token="another").send(text())

    assert (False, []) == (caught.value.again, box.to(text().to))


def test_the_box_shows_what_it_keeps_and_takes_nothing_that_is_no_text() -> None:
    box = TextGateway()
    over(box.app, token="").send(text())
    client = box.app.test_client()
    shown = client.get("/texts").get_json()
    bad = [
        client.post("/texts", json={"to": "1", "text": "x"}),
        client.post("/texts", json=["to", "text"], headers={"Idempotency-Key": "k"}),
        client.post("/texts", data={"to": "1"}, headers={"Idempotency-Key": "k"}),
    ]

    assert {"texts": [{"to": text().to, "text": text().text, "id": "msg_1"}]} == shown
    assert [400, 400, 400] == [each.status_code for each in bad]


def test_a_gateway_is_asked_under_its_own_names() -> None:
    body, kind = codec.encode(text(text="a&b=c d"), WEB_FORM)

    assert "application/x-www-form-urlencoded; charset=utf-8" == kind
    assert {
        "sign": ["ILL"], "mobile": ["+8613800138000"], "content": ["a&b=c d"], "uid": ["msg_1"]
    } == parse_qs(body.decode())  # fmt: skip


def test_what_is_always_said_never_stands_for_the_text() -> None:
    body, _ = codec.encode(text(text="true"), Form(always={"text": "false"}))

    assert "true" == json.loads(body)["text"]


@given(st.text().filter(lambda said: said.isprintable()))
def test_a_text_comes_out_of_json_and_of_forms_as_it_went_in(said: str) -> None:
    as_json, as_form = (codec.encode(text(text=said), form)[0] for form in (Form(), Form(is_web_form=True)))

    assert said == json.loads(as_json)["text"]
    assert said == parse_qs(as_form.decode(), keep_blank_values=True)["text"][0]


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (httpx.Response(200, json={"code": 7, "message": "bad number"}), Refused),
        (httpx.Response(200, json={"code": "E1"}), Refused),
        (httpx.Response(200, json={}), Garbled),
        (httpx.Response(200, json=[0]), Garbled),
        (httpx.Response(200, content=b"OK"), Garbled),
        (httpx.Response(200, content=b"\xff"), Garbled),
        (httpx.Response(200, content=b"[" * 60_000), Garbled),
        (httpx.Response(200, content=b"x" * (LIMITS.size + 1)), Garbled),
        (httpx.Response(429, headers={"retry-after": "9"}), Refused),
        (httpx.Response(302, headers={"location": "http://elsewhere.example"}), Refused),
        (httpx.Response(500), Unreachable),
        (httpx.ReadTimeout("late"), Unreachable),
    ],
)
def test_a_gateway_fails_in_our_words(answer: httpx.Response | Exception, failure: type[Exception]) -> None:
    with pytest.raises(failure):
        answering(answer, WEB_FORM).send(text())


@pytest.mark.parametrize("said", [{"code": 0}, {"code": "0"}])
def test_a_yes_may_be_a_number_or_a_word(said: dict[str, Any]) -> None:
    answering(httpx.Response(200, json=said), WEB_FORM).send(text())

    assert codec.refusal(json.dumps(said).encode(), WEB_FORM) is None


def test_a_gateway_that_asks_for_time_is_given_it() -> None:
    with pytest.raises(PartnerFailure) as caught:
        answering(httpx.Response(429, headers={"retry-after": "9"})).send(text())

    assert (True, 9.0) == (caught.value.again, caught.value.retry_after)


def test_a_token_is_not_shown() -> None:
    gateway = HttpGateway(url=URL, token=TOKEN)

    assert TOKEN not in repr(gateway)
    assert ("sms", 10.0) == (gateway_target().library, gateway.target.limits.total)
