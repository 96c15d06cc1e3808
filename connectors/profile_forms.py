"""What may stand in a library's profile: every member of every protocol, and what is wrong with one."""

from __future__ import annotations

import re
from ipaddress import ip_network
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from connectors.addresses import ANYWHERE
from connectors.iso18626.messages import Revision
from connectors.marc.encodings import ENCODINGS as MARC_ENCODINGS
from connectors.ncip.mapping import DIALECTS
from connectors.sip2.mapping import ENCODINGS as SIP2_ENCODINGS
from connectors.z3950.messages import Syntax
from workflows.policies.document import Fault, Place, is_whole
from workflows.policies.item_types import FLAGS
from workflows.policies.rule_checks import TYPES

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from connectors.addresses import Reach

    Check = Callable[[Place, Reach | None], None]

#: How connectors are called, in the order in which they are thought of.
CONNECTORS = ("sru", "z3950", "oai", "iso18626", "webhook", "koha", "email", "sip2", "ncip")
BY_HAND = "by_hand"
#: Which connectors can serve a need, the first choice first; by hand is always possible.
NEEDS: Mapping[str, tuple[str, ...]] = {
    "find": ("sru", "z3950", "koha"),
    "harvest": ("oai",),
    "ask": ("iso18626", "webhook", "koha", "email", BY_HAND),
    "patrons": ("sip2", "ncip", "koha"),
    "hold_shelf": ("ncip", "koha"),
    "circulation": ("sip2", "ncip"),
    "temporary_items": ("ncip",),
}
_SECRET_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_COLLECTION = re.compile(r"[a-z][a-z0-9_]{0,39}")
_HEADER = re.compile(r"[A-Za-z0-9-]{1,60}")
_MAIL = re.compile(r"[^@\s<>,;:\"\\]{1,64}@[A-Za-z0-9.-]{1,190}")
_MOST_FAULTS = 100
_MOST_LISTED = 20
_MOST_WORDS, _LONGEST_WORD = 500, 100


def check(told: object, *, reach: Reach | None = None) -> tuple[Fault, ...]:
    """Return everything that is wrong with a profile.

    :param reach: looks at every address, too; without it only their form is looked at
    """
    place = Place(told)
    if place.is_absent:
        place.refuse("bad_type")
    _PROFILE(place, reach)
    _check_choices(place)
    return tuple(sorted(set(place.faults)))[:_MOST_FAULTS]


# ---------------------------------------------------------------- kinds of values


def _form(required: Collection[str], /, **members: Check) -> Check:
    """Return the check of an object that has these members and no others."""

    def checked(place: Place, reach: Reach | None) -> None:
        if place.is_absent or not place.is_section():
            return
        place.require(*required)
        for name, inside in place.fields():
            if name in members:
                members[name](inside, reach)
            else:
                inside.refuse("unknown_field")

    return checked


def _text(most: int = 200) -> Check:
    def checked(place: Place, _: Reach | None) -> None:
        place.text()
        if isinstance(place.value, str) and not (0 < len(place.value) <= most and place.value.isprintable()):
            place.refuse("bad_text")

    return checked


def _shaped(pattern: re.Pattern[str]) -> Check:
    def checked(place: Place, _: Reach | None) -> None:
        place.text()
        if isinstance(place.value, str) and not pattern.fullmatch(place.value):
            place.refuse("bad_text")

    return checked


def _one_of(allowed: Collection[object]) -> Check:
    return lambda place, _: place.one_of(allowed)


def _whole(least: int, most: int) -> Check:
    def checked(place: Place, _: Reach | None) -> None:
        number = place.value
        is_good = isinstance(number, int) and is_whole(number, least) and number <= most
        if not place.is_absent and not is_good:
            place.refuse("bad_number")

    return checked


def _list_of(one: Check) -> Check:
    def checked(place: Place, reach: Reach | None) -> None:
        if isinstance(place.value, list) and not 0 < len(place.value) <= _MOST_LISTED:
            place.refuse("bad_length")
            return
        for row in place.rows():
            if row.value is None:
                row.refuse("bad_type")
            else:
                one(row, reach)

    return checked


def _words(meaning: Check) -> Check:
    """Return the check of an object in which a library gives its own words, each with what it means."""

    def checked(place: Place, reach: Reach | None) -> None:
        if place.is_absent or not place.is_section():
            return
        words = list(place.fields())
        if len(words) > _MOST_WORDS:
            place.refuse("bad_length")
            return
        for word, inside in words:
            if not (word.strip() and word.isprintable() and len(word) <= _LONGEST_WORD):
                inside.refuse("bad_text")
            if inside.is_absent:
                inside.refuse("bad_type")
            meaning(inside, reach)

    return checked


def _flag(place: Place, _: Reach | None) -> None:
    place.boolean()


def _url(place: Place, reach: Reach | None) -> None:
    place.text()
    if isinstance(place.value, str) and (code := (reach or ANYWHERE).url_fault(place.value)):
        place.refuse(code)


def _host(place: Place, reach: Reach | None) -> None:
    place.text()
    if isinstance(place.value, str) and (code := (reach or ANYWHERE).fault(place.value)):
        place.refuse(code)


def _network(place: Place, _: Reach | None) -> None:
    try:
        ip_network(str(place.value), strict=False)
    except ValueError:
        place.refuse("bad_network")


def _agency(place: Place, _: Reach | None) -> None:
    place.text()
    if isinstance(place.value, str) and not place.value.rpartition(":")[2].strip():
        place.refuse("bad_text")


def _indexes(place: Place, reach: Reach | None) -> None:
    if isinstance(place.value, str):
        place.one_of(("bath", "alma", "k10plus"))
    else:
        _INDEXES(place, reach)


def _zone(place: Place, _: Reach | None) -> None:
    place.text()
    if isinstance(place.value, str):
        try:
            ZoneInfo(place.value)
        except (KeyError, ValueError, OSError):
            place.refuse("bad_zone")


# ---------------------------------------------------------------- the forms


_secret = _form(["ref"], ref=_shaped(_SECRET_NAME))
_port = _whole(1, 65_535)
_attribute = _whole(1, 9_999)

_INDEXES = _form(
    (), text=_text(), title=_text(), author=_text(), isbn=_text(), words=_text(), asks_both_isbns=_flag
)
_SRU = _form(
    ["url"],
    url=_url,
    version=_one_of(("1.1", "1.2", "2.0")),
    schema=_text(),
    indexes=_indexes,
    holdings_schema=_text(),
)
_HABITS = _form(
    (),
    text=_attribute,
    title=_attribute,
    author=_attribute,
    isbn=_attribute,
    structure=_attribute,
    relation=_attribute,
    truncation=_attribute,
    splits_words=_flag,
    asks_both_isbns=_flag,
    encoding=_one_of(("utf-8", "gb18030", "latin-1")),
)
_Z3950 = _form(
    ["host"],
    host=_host,
    port=_port,
    database=_text(),
    syntaxes=_list_of(_one_of(tuple(Syntax.__members__))),
    encoding=_one_of(MARC_ENCODINGS),
    element_set=_text(),
    habits=_HABITS,
    credentials=_form((), user=_text(), group=_text(), secret=_secret),
)
_OAI = _form(["url"], url=_url, set=_text(), prefix=_text())
_PROOF = _form(
    (),
    header=_shaped(_HEADER),
    query=_text(),
    networks=_list_of(_network),
    certificate=_shaped(_HEADER),
    subject=_text(500),
)
_ISO18626 = _form(
    ["our_agency", "their_agency"],
    url=_url,
    our_agency=_agency,
    their_agency=_agency,
    revision=_one_of(tuple(revision.value for revision in Revision)),
    zone=_zone,
    token_header=_shaped(_HEADER),
    token=_secret,
    account=_text(),
    security_code=_secret,
    proof=_PROOF,
)
_KOHA = _form(
    ["base_url", "login"],
    base_url=_url,
    login=_form(["user", "secret"], user=_text(), secret=_secret, kind=_one_of(("oauth", "basic"))),
    library_id=_text(),
    flavour=_one_of(("MARC21", "UNIMARC")),
    item_type=_text(),
    ill=_form(["backend", "patron_id"], backend=_text(), patron_id=_whole(1, 2**31 - 1)),
)
_SIP2 = _form(
    ["host"],
    host=_host,
    port=_port,
    institution=_text(),
    login=_form(["user", "secret"], user=_text(), secret=_secret, location=_text()),
    terminal_secret=_secret,
    encoding=_one_of(tuple(SIP2_ENCODINGS)),
    checksum=_flag,
    greets=_flag,
    tls=_flag,
    connections=_whole(1, 16),
    zone=_zone,
)
_NCIP = _form(
    ["url", "our_agency", "their_agency"],
    url=_url,
    our_agency=_text(),
    their_agency=_text(),
    application_profile=_text(),
    vendor=_one_of(tuple(DIALECTS)),
    zone=_zone,
    checks_pins=_flag,
)
_kinds = _words(_one_of((*TYPES, *FLAGS)))
_ITEMS = _form(
    (),
    item_types=_kinds,
    labels=_kinds,
    call_numbers=_kinds,
    places=_kinds,
    collections=_words(_shaped(_COLLECTION)),
)
_PROFILE = _form(
    (),
    sru=_SRU,
    z3950=_Z3950,
    oai=_OAI,
    iso18626=_ISO18626,
    webhook=_form(["base_url"], base_url=_url),
    koha=_KOHA,
    email=_form(["address"], address=_shaped(_MAIL), language=_one_of(("zh", "en"))),
    sip2=_SIP2,
    ncip=_NCIP,
    items=_ITEMS,
    serves=_form((), **{need: _one_of(able) for need, able in NEEDS.items()}),
    limits=_form((), connect=_whole(1, 20), total=_whole(1, 30), size=_whole(1_000, 50_000_000)),
)


def _check_choices(place: Place) -> None:
    """Refuse a choice of a connector that the profile does not have."""
    if place["serves"].is_absent or not isinstance(place["serves"].value, dict):
        return
    for need, chosen in place["serves"].fields():
        is_had = chosen.value == BY_HAND or not place[str(chosen.value)].is_absent
        if need in NEEDS and not chosen.is_absent and chosen.value in NEEDS[need] and not is_had:
            chosen.refuse("bad_reference")
