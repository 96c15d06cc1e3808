"""The parts that the form of a profile is made of: each looks at one value and says what is wrong with it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from connectors.addresses import ANYWHERE
from workflows.policies.document import Place, is_whole
from workflows.policies.forms import FLAG, Form, Kind, choice, told

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from connectors.addresses import Reach

    Check = Callable[[Place, Reach | None], None]

_SECRET_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_MOST_LISTED = 20
_MOST_WORDS, _LONGEST_WORD = 500, 100


def form(required: Collection[str], /, **members: Check) -> Check:
    """Return the check of an object that has these members and no others."""
    return Form(
        fields={name: told(Kind(check=one), required=name in required) for name, one in members.items()}
    ).check


def text(most: int = 200) -> Check:
    def checked(place: Place, _: Reach | None) -> None:
        place.text()
        if isinstance(place.value, str) and not (0 < len(place.value) <= most and place.value.isprintable()):
            place.refuse("bad_text")

    return checked


def shaped(pattern: re.Pattern[str]) -> Check:
    def checked(place: Place, _: Reach | None) -> None:
        place.text()
        if isinstance(place.value, str) and not pattern.fullmatch(place.value):
            place.refuse("bad_text")

    return checked


def one_of(allowed: Collection[object]) -> Check:
    return choice(*allowed).check


def whole(least: int, most: int) -> Check:
    def checked(place: Place, _: Reach | None) -> None:
        number = place.value
        is_good = isinstance(number, int) and is_whole(number, least) and number <= most
        if not place.is_absent and not is_good:
            place.refuse("bad_number")

    return checked


def list_of(one: Check) -> Check:
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


def words(meaning: Check) -> Check:
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


def url(place: Place, reach: Reach | None) -> None:
    place.text()
    if isinstance(place.value, str) and (code := (reach or ANYWHERE).url_fault(place.value)):
        place.refuse(code)


def host(place: Place, reach: Reach | None) -> None:
    place.text()
    if isinstance(place.value, str) and (code := (reach or ANYWHERE).fault(place.value)):
        place.refuse(code)


def zone(place: Place, _: Reach | None) -> None:
    place.text()
    if isinstance(place.value, str):
        try:
            ZoneInfo(place.value)
        except (KeyError, ValueError, OSError):
            place.refuse("bad_zone")


flag = FLAG.check
secret = form(["ref"], ref=shaped(_SECRET_NAME))
port = whole(1, 65_535)


def present(said: Mapping[str, Any], *, but: Collection[str] = ()) -> dict[str, Any]:
    """Return the members that say something; null says nothing, except where *but* names them."""
    return {name: value for name, value in said.items() if value is not None or name in but}
