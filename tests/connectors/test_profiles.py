"""What a library says of how it is reached: read whole, or refused with every fault."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.addresses import Reach
from connectors.connector import NEEDS, Connector
from connectors.iso18626.messages import AgencyId, Revision
from connectors.koha.client import KohaSystem
from connectors.koha.mapping import IllModule
from connectors.koha.supplier import KohaSupplier
from connectors.manual import ByHand
from connectors.members import ProfileRegistry, line_to
from connectors.ports import Connectors, Supplier
from connectors.profiles import FaultyProfile, Profile, check, read_profile
from connectors.registry import CONNECTORS
from connectors.sru.mapping import ALMA, Indexes
from connectors.z3950.messages import Credentials, Syntax
from tests.connectors.factories import NOW

SECRETS = {"outbound": "whsec_x", "sip2": "pw-sip2", "koha": "pw-koha", "z": "pw-z", "iso": "pw-iso"}
AGENCIES = {"our_agency": "ISIL:CN-420001", "their_agency": "CN-110001"}
WHOLE: dict[str, Any] = {
    "sru": {"url": "https://bhu.example/sru", "indexes": "alma", "holdings_schema": "isohold"},
    "z3950": {
        "host": "z.bhu.example",
        "syntaxes": ["OPAC", "UNIMARC"],
        "encoding": "gb18030",
        "habits": {"structure": None, "text": 1035},
        "credentials": {"user": "broker", "secret": {"ref": "z"}},
    },
    "oai": {"url": "https://bhu.example/oai", "set": "books"},
    "iso18626": {
        "url": "https://bhu.example/iso",
        **AGENCIES,
        "revision": "2021-2",
        "zone": "Asia/Kolkata",
        "token": {"ref": "iso"},
        "proof": {"header": "Authorization", "networks": ["192.0.2.0/24"]},
    },
    "webhook": {"base_url": "https://bhu.example"},
    "koha": {
        "base_url": "https://koha.bhu.example",
        "login": {"user": "broker", "secret": {"ref": "koha"}, "kind": "basic"},
        "ill": {"backend": "Standard", "patron_id": 7},
    },
    "email": {"address": "ill@bhu.example", "language": "en"},
    "sip2": {
        "host": "sip.bhu.example",
        "login": {"user": "broker", "secret": {"ref": "sip2"}},
        "terminal_secret": {"ref": "sip2"},
        "encoding": "gb18030",
    },
    "ncip": {"url": "https://bhu.example/ncip", "our_agency": "us", "their_agency": "bhu"},
    "serves": {"ask": "webhook", "circulation": None},
    "limits": {"connect": 2, "total": 9, "size": 100_000, "records": 20},
}


def read(told: object, **secrets: str) -> Profile:
    return read_profile("bhu", told, secrets or SECRETS)


def built(told: object, **secrets: str) -> Connectors:
    profile = read(told, **secrets)
    return ProfileRegistry({"bhu": profile}, now=lambda: NOW).connectors("bhu")


def faults(told: object, reach: Reach | None = None) -> list[tuple[str, str]]:
    return [(fault.path, fault.code) for fault in check(told, reach=reach)]


def test_every_protocol_is_read_into_its_own_profile() -> None:
    profile = read(WHOLE)
    has = profile.connectors

    assert (ALMA, "marcxml", "isohold") == (has["sru"].indexes, has["sru"].schema, has["sru"].holdings_schema)
    assert (Syntax.OPAC, Syntax.UNIMARC) == has["z3950"].syntaxes
    assert (None, 1035) == (has["z3950"].habits.structure, has["z3950"].habits.text)
    assert Credentials(user="broker", password="pw-z") == has["z3950"].credentials
    assert AgencyId("CN-110001", "ISIL") == has["iso18626"].their_agency
    assert ("pw-iso", Revision("2021-2")) == (has["iso18626"].token, has["iso18626"].revision)
    assert ZoneInfo("Asia/Kolkata") == has["iso18626"].zone
    assert IllModule("Standard", 7) == has["koha"].ill
    assert ("sip2", "gb18030") == (has["sip2"].terminal_secret, has["sip2"].encoding)
    assert profile.limits is not None
    assert (9, 20, {}) == (profile.limits.total, profile.limits.records, profile.waiting)


def test_secrets_are_named_in_a_profile_and_never_shown() -> None:
    shown = repr(read(WHOLE))

    assert [] == [secret for secret in SECRETS.values() if secret in shown]
    assert {"sip2", "koha", "z", "iso"} == read(WHOLE).secrets.keys()


def test_a_connector_waits_for_its_secret_and_the_others_do_not() -> None:
    profile = read(WHOLE, koha="pw-koha")
    waiting = {"z3950": "z", "iso18626": "iso", "webhook": "outbound", "sip2": "sip2"}

    assert waiting == profile.waiting
    assert "koha" in profile.connectors
    assert "sip2" not in profile.connectors


def test_what_null_means_depends_on_the_member() -> None:
    told = {"url": "https://bhu.example/sru", "schema": None, "version": None, "indexes": {"text": "any"}}
    z3950 = {"host": "x", "element_set": None, "habits": {"issn": None, "encoding": None}}
    has = read({"sru": told, "email": None, "limits": None, "z3950": z3950}).connectors

    assert (None, "1.2", Indexes(text="any")) == (has["sru"].schema, has["sru"].version, has["sru"].indexes)
    assert (None, None) == (has["z3950"].element_set, has["z3950"].credentials)
    assert (None, "utf-8") == (has["z3950"].habits.issn, has["z3950"].habits.encoding)


def test_numbers_go_as_far_as_the_form_says() -> None:
    ill = {"backend": "Standard", "patron_id": 2**31 - 1}
    koha = {**WHOLE["koha"], "ill": ill}

    assert [] == faults({"koha": koha, "limits": {"size": 50_000_000}})
    assert [("koha.ill.patron_id", "bad_number"), ("limits.size", "bad_number")] == faults(
        {"koha": {**koha, "ill": {**ill, "patron_id": 2**31}}, "limits": {"size": 50_000_001}}
    )


def test_a_partner_that_only_writes_to_us_is_not_asked() -> None:
    told = {"iso18626": {**AGENCIES, "proof": {"header": "Authorization"}}}

    assert "iso18626" not in read(told).connectors
    assert {"ask": "by_hand"} == built(told).served_by


@pytest.mark.parametrize("connector", CONNECTORS, ids=lambda each: each.name)
def test_a_connector_offers_what_it_says_that_it_can_serve(connector: Connector[Any]) -> None:
    profile = read(WHOLE)
    offered = connector.connect(
        profile.connectors[connector.name], line_to(profile, now=lambda: NOW, reach=Reach())
    )

    assert connector.serves == tuple(need for need, port in NEEDS.items() if getattr(offered, port))


def test_what_koha_cannot_be_told_goes_by_letter_or_by_hand() -> None:
    letters = ByHand("letters")

    def otherwise(told: object) -> Supplier:
        registry = ProfileRegistry({"bhu": read(told)}, now=lambda: NOW, by_mail=lambda *_: letters)
        supplier = registry.connectors("bhu").supplier
        assert isinstance(supplier, KohaSupplier)
        return supplier.otherwise

    assert otherwise({**WHOLE, "serves": {"ask": "koha"}}) is letters
    assert ByHand("bhu") == otherwise({"koha": WHOLE["koha"]})


def test_the_first_connector_that_can_serves_a_need() -> None:
    everything = {**WHOLE, "serves": {}}

    assert {
        "find": "sru",
        "harvest": "oai",
        "ask": "iso18626",
        "patrons": "sip2",
        "hold_shelf": "ncip",
        "circulation": "sip2",
        "temporary_items": "ncip",
    } == built(everything, **SECRETS).served_by
    koha = {"koha": {**WHOLE["koha"], "ill": None}}
    assert {"find": "koha", "ask": "by_hand", "patrons": "koha", "hold_shelf": "koha"} == built(
        koha
    ).served_by


def test_a_library_may_say_which_connector_serves_a_need() -> None:
    chosen = {"find": "z3950", "patrons": "koha", "hold_shelf": "koha", "ask": "email", "circulation": None}
    found = built({**WHOLE, "serves": chosen})

    assert ("z3950", "koha", "koha", "email") == tuple(
        list(found.served_by.values())[i] for i in (0, 3, 4, 2)
    )
    assert found.circulation is None
    assert isinstance(found.patrons, KohaSystem)
    assert isinstance(found.hold_shelf, KohaSystem)


def test_who_is_chosen_and_cannot_leaves_the_need_to_the_desk() -> None:
    found = built({**WHOLE, "serves": {"ask": "webhook", "patrons": "sip2"}}, koha="pw")

    assert found.patrons is None
    assert found.served_by["ask"] == "by_hand"


def test_a_connection_is_kept_while_the_profile_stays_the_same() -> None:
    registry = ProfileRegistry({"bhu": read(WHOLE)}, now=lambda: NOW)
    before = registry.connectors("bhu")
    registry.change({"bhu": read(WHOLE), "szutl": read({})})
    same = registry.connectors("bhu")
    registry.change({"bhu": read(WHOLE, **{**SECRETS, "sip2": "new"})})

    assert same is before
    assert registry.connectors("bhu") is not before


@pytest.mark.parametrize("told", [None, [], "sru", 3])
def test_what_is_no_object_is_no_profile(told: object) -> None:
    assert faults(told) == [("", "bad_type")]
    with pytest.raises(FaultyProfile, match=": bad_type"):
        read(told)


@pytest.mark.parametrize("name", [each.name for each in CONNECTORS])
def test_a_protocol_says_what_it_needs_and_knows_no_other_member(name: str) -> None:
    assert (f"{name}.whatever", "unknown_field") in faults({name: {"whatever": 1}})
    assert "missing_field" in {code for _, code in faults({name: {}})}
    assert faults({name: "x"}) == [(name, "bad_type")]


@pytest.mark.parametrize(
    ("told", "path", "code"),
    [
        ({"gopher": {}}, "gopher", "unknown_field"),
        ({"sru": {"url": 3}}, "sru.url", "bad_type"),
        ({"sru": {"url": "ftp://x"}}, "sru.url", "bad_scheme"),
        ({"sru": {"url": "http://x", "version": "3"}}, "sru.version", "bad_enum"),
        ({"sru": {"url": "http://x", "indexes": "x"}}, "sru.indexes", "bad_enum"),
        ({"sru": {"url": "http://x", "indexes": {"x": 1}}}, "sru.indexes.x", "unknown_field"),
        ({"ncip": {"checks_pins": 1}}, "ncip.checks_pins", "bad_type"),
        ({"sru": {"url": "http://x", "schema": ""}}, "sru.schema", "bad_text"),
        ({"sru": {"url": "http://x", "schema": "\n"}}, "sru.schema", "bad_text"),
        ({"z3950": {"host": "a b"}}, "z3950.host", "bad_host"),
        ({"z3950": {"host": ""}}, "z3950.host", "missing_host"),
        ({"z3950": {"host": 7}}, "z3950.host", "bad_type"),
        ({"z3950": {"host": "x", "port": 0}}, "z3950.port", "bad_number"),
        ({"z3950": {"host": "x", "port": 65_536}}, "z3950.port", "bad_number"),
        ({"z3950": {"host": "x", "port": True}}, "z3950.port", "bad_number"),
        ({"z3950": {"host": "x", "syntaxes": []}}, "z3950.syntaxes", "bad_length"),
        ({"z3950": {"host": "x", "syntaxes": ["GRS"]}}, "z3950.syntaxes[0]", "bad_enum"),
        ({"z3950": {"host": "x", "syntaxes": [None]}}, "z3950.syntaxes[0]", "bad_type"),
        ({"z3950": {"host": "x", "syntaxes": "OPAC"}}, "z3950.syntaxes", "bad_type"),
        ({"iso18626": {**AGENCIES, "our_agency": "ISIL:"}}, "iso18626.our_agency", "bad_text"),
        ({"iso18626": {**AGENCIES, "zone": "Mars/Olympus"}}, "iso18626.zone", "bad_zone"),
        ({"iso18626": {**AGENCIES, "zone": "../../etc"}}, "iso18626.zone", "bad_zone"),
        ({"iso18626": {**AGENCIES, "token": "plain"}}, "iso18626.token", "bad_type"),
        ({"iso18626": {**AGENCIES, "token": {"ref": "A B"}}}, "iso18626.token.ref", "bad_text"),
        ({"iso18626": {**AGENCIES, "token": {}}}, "iso18626.token.ref", "missing_field"),
        ({"iso18626": {"proof": {"networks": ["x"]}}}, "iso18626.proof.networks[0]", "bad_network"),
        ({"iso18626": {**AGENCIES, "proof": {"header": "a\r\nb"}}}, "iso18626.proof.header", "bad_text"),
        ({"koha": {"base_url": "http://x", "login": {"user": "x"}}}, "koha.login.secret", "missing_field"),
        ({"email": {"address": "nobody"}}, "email.address", "bad_text"),
        ({"email": {"address": "a@b.example", "language": "fr"}}, "email.language", "bad_enum"),
        ({"sip2": {"host": "x", "encoding": "utf-16"}}, "sip2.encoding", "bad_enum"),
        ({"sip2": {"host": "x", "connections": 0}}, "sip2.connections", "bad_number"),
        ({"limits": {"total": 31}}, "limits.total", "bad_number"),
        ({"limits": {"total": 10**5000}}, "limits.total", "bad_number"),
        ({"limits": {"total": "9"}}, "limits.total", "bad_number"),
        ({"serves": {"ask": "sru"}}, "serves.ask", "bad_enum"),
        ({"serves": {"cook": "sru"}}, "serves.cook", "unknown_field"),
        ({"serves": {"ask": "koha"}}, "serves.ask", "bad_reference"),
        ({"serves": []}, "serves", "bad_type"),
    ],
)  # fmt: skip
def test_each_fault_has_its_path_and_its_code(told: object, path: str, code: str) -> None:
    assert (path, code) in faults(told)
    with pytest.raises(FaultyProfile, match=code):
        read(told)


def test_every_fault_is_told_at_once() -> None:
    told = {"sru": {"url": "x"}, "limits": {"size": 1}, "serves": {"find": "koha", "ask": "by_hand"}}

    assert faults(told) == [
        ("limits.size", "bad_number"),
        ("serves.find", "bad_reference"),
        ("sru.url", "bad_scheme"),
    ]


def test_a_profile_of_faults_alone_is_not_told_without_end() -> None:
    assert len(faults({f"x{n}": 1 for n in range(1000)})) == 100


def test_addresses_are_looked_at_where_a_profile_is_saved() -> None:
    told = {"sru": {"url": "http://127.0.0.1/sru"}, "sip2": {"host": "169.254.169.254"}}

    assert faults(told) == []
    assert faults(told, Reach()) == [("sip2.host", "forbidden_address"), ("sru.url", "forbidden_address")]


def test_what_a_protocol_alone_knows_to_be_wrong_is_a_fault_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.profiles.check", lambda *_, **__: ())
    with pytest.raises(FaultyProfile, match="sip2: bad_value"):
        read({"sip2": {"host": "x", "connections": 0}})
