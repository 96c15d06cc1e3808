"""Every question that we put to a member library, ready to be put to a hostile one."""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from connectors.iso18626.client import IsoPartner
from connectors.iso18626.mapping import IsoProfile
from connectors.koha.calls import KohaCalls
from connectors.koha.client import KohaFinder, KohaSystem
from connectors.koha.keeper import Keeper
from connectors.koha.mapping import IllModule, KohaProfile, Login
from connectors.koha.supplier import KohaSupplier
from connectors.manual import ByHand
from connectors.ncip.client import NcipSystem
from connectors.ncip.mapping import NcipProfile
from connectors.oaipmh.client import OaiHarvester, OaiProfile
from connectors.ports import ArrivedItem, Finder, ShortText
from connectors.sip2.client import Sip2System
from connectors.sip2.mapping import Sip2Profile
from connectors.sms.client import HttpGateway
from connectors.sms.messages import Form
from connectors.sru.client import SruFinder
from connectors.transport import AsyncTarget, Limits, Target
from connectors.webhook.client import WebhookPartner
from connectors.z3950.client import Z3950Finder
from connectors.z3950.mapping import Z3950Profile
from tests.connectors.factories import NOW, SECRET, ask, cancel
from tests.connectors.iso18626_samples import OURS, THEIRS
from workflows.citation import Query

BOOK = ArrivedItem(message_id="m", request_id="req_1", card_number="P1", barcode="B1", title="三体")
QUERY = Query(title="法律")
DUE = date(2026, 4, 1)

#: what is put to a server, by the name of the call
Calls = Mapping[str, Callable[[], Any]]


@dataclass(frozen=True)
class End:
    """How a call ended, and after how many seconds."""

    error: BaseException | None
    answer: Any
    seconds: float


def ends(call: Callable[[], Any]) -> End:
    began = time.monotonic()
    answer, failed = None, None
    try:
        answer = call()
    except BaseException as error:  # noqa: BLE001 - which error it is, is what is looked at
        failed = error
    return End(failed, answer, time.monotonic() - began)


def ends_of(calls: Calls, *, seconds: float) -> dict[str, End]:
    """Make all *calls* at once; one that has not ended after *seconds* never does."""
    ended = {name: End(TimeoutError("it hangs"), None, math.inf) for name in calls}

    def make(name: str) -> None:
        ended[name] = ends(calls[name])

    threads = [threading.Thread(target=make, args=(name,), daemon=True) for name in calls]
    for thread in threads:
        thread.start()
    until = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    return dict(ended)


@contextmanager
def http_calls(url: str, limits: Limits) -> Iterator[Calls]:
    """Yield every call over HTTP to the server at *url*."""
    with ExitStack() as over:
        target = Target("bhu", limits)
        over.callback(target.close)
        yield {**_systems(target, url), **_partners(target, url), **_finders(url, limits)}


def _systems(target: Target, url: str) -> dict[str, Callable[[], Any]]:
    koha = KohaSystem(KohaCalls(target, keeper(url)))
    token = KohaSystem(KohaCalls(target, keeper(url, Login("u", "s"))))
    ill = KohaSupplier(koha.calls, IllModule("Standard", 1), ByHand("bhu"))
    ncip = NcipSystem(
        target, NcipProfile(url=url, our_agency="CN-420001", their_agency="CN-110001"), lambda: NOW
    )
    return {
        "koha look_up": partial(koha.look_up, "P1", password="1234"),
        "koha accept": partial(koha.accept, BOOK),
        "koha check_out": partial(koha.check_out, "m", card_number="P1", barcode="B1", due=DUE),
        "koha with a token": partial(token.look_up, "P1"),
        "koha ask": partial(ill.ask, ask()),
        "koha did_you_get": partial(ill.did_you_get, "msg_1"),
        "ncip look_up": partial(ncip.look_up, "P1", password="1234"),
        "ncip accept": partial(ncip.accept, BOOK),
        "ncip check_out": partial(ncip.check_out, "m", card_number="P1", barcode="B1", due=DUE),
        "ncip check_in": partial(ncip.check_in, "m", barcode="B1"),
        "ncip forget": partial(ncip.forget, "m", barcode="B1"),
    }


def _partners(target: Target, url: str) -> dict[str, Callable[[], Any]]:
    webhook = WebhookPartner(target, url, SECRET, lambda: NOW)
    iso = IsoPartner(target, IsoProfile(url=url, our_agency=OURS, their_agency=THEIRS))
    sms = HttpGateway(url=url, target=target, form=Form(taken=("Code", "OK")))
    oai = OaiHarvester(target, OaiProfile(url))
    return {
        "webhook ask": partial(webhook.ask, ask()),
        "webhook tell": partial(webhook.tell, cancel()),
        "webhook did_you_get": partial(webhook.did_you_get, "msg_1"),
        "iso ask": partial(iso.ask, ask()),
        "iso tell": partial(iso.tell, cancel()),
        "sms send": partial(sms.send, ShortText(message_id="m", to="+8613800000000", text="到了")),
        "oai begin": oai.begin,
        "oai begin since": partial(oai.begin, since=NOW),
        "oai go_on": partial(oai.go_on, "token"),
    }


def _finders(url: str, limits: Limits) -> dict[str, Callable[[], Any]]:
    def sru(target: AsyncTarget) -> Finder:
        return SruFinder(target, url)

    def sru_with_copies(target: AsyncTarget) -> Finder:
        return SruFinder(target, url, holdings_schema="isohold")

    def koha(target: AsyncTarget) -> Finder:
        return KohaFinder(target, keeper(url))

    async def found(make: Callable[[AsyncTarget], Finder]) -> Any:
        target = AsyncTarget("bhu", limits)
        try:
            return await make(target).find(QUERY, deadline=limits.total)
        finally:
            await target.close()

    async def explained() -> Any:
        target = AsyncTarget("bhu", limits)
        try:
            return await SruFinder(target, url).explain(deadline=limits.total)
        finally:
            await target.close()

    return {
        "sru find": lambda: asyncio.run(found(sru)),
        "sru find with copies": lambda: asyncio.run(found(sru_with_copies)),
        "sru explain": lambda: asyncio.run(explained()),
        "koha find": lambda: asyncio.run(found(koha)),
    }


def keeper(url: str, login: Login | None = None) -> Keeper:
    shown = login or Login("u", "s", "basic")
    return Keeper("bhu", KohaProfile(base_url=url, login=shown), {"s": "secret"}.__getitem__)


@contextmanager
def sip2_calls(port: int, limits: Limits, *, greets: bool = True) -> Iterator[Calls]:
    """Yield every call over SIP2 to the server at *port*."""
    profile = Sip2Profile(host="127.0.0.1", port=port, connections=4, greets=greets)
    system = Sip2System("bhu", profile, secrets=str, now=lambda: NOW, limits=limits)
    try:
        yield {
            "sip2 look_up": partial(system.look_up, "P1"),
            "sip2 check_out": partial(system.check_out, "m", card_number="P1", barcode="B1", due=DUE),
            "sip2 check_in": partial(system.check_in, "m", barcode="B1"),
        }
    finally:
        system.close()


@contextmanager
def z3950_calls(port: int, limits: Limits) -> Iterator[Calls]:
    """Yield finding over Z39.50 at *port*."""
    finder = Z3950Finder("bhu", Z3950Profile(host="127.0.0.1", port=port), limits)
    yield {"z3950 find": lambda: asyncio.run(finder.find(QUERY, deadline=limits.total))}
