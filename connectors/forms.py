"""The kinds of values that a profile is made of: checked for where may be called, read with the secrets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from connectors.addresses import ANYWHERE
from workflows.policies.document import is_whole
from workflows.policies.forms import FLAG, Form, Kind, choice, form_of, names, rows, section, told

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sized

    from connectors.addresses import Reach
    from connectors.profile_secrets import Secrets
    from workflows.policies.document import Place

_SECRET_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_MOST_LISTED = 20
_MOST_WORDS, _LONGEST_WORD = 500, 100


def form(
    build: Callable[..., Any], required: Collection[str], nulls: Collection[str] = (), /, **members: Kind
) -> Kind:
    """Return the kind of an object that has these members and no others.

    :param build: makes a record of those that say something
    :param nulls: those of which null says something, too
    """
    fields = {name: told(one, required=name in required) for name, one in members.items()}

    def read(said: Mapping[str, Any], secrets: Secrets) -> Any:
        values = {
            name: None if value is None else members[name].read(value, secrets)
            for name, value in said.items()
            if value is not None or name in nulls
        }
        return build(**values)

    return Kind(check=Form(fields=fields).check, read=read)


def record_of(made: type) -> Kind:
    """Return the kind of an object whose members are told beside the attributes of a record."""
    return section(form_of(made))


def _of_text(fault: Callable[[str, Reach], str | None]) -> Kind:
    """Return the kind that is a text, in which *fault* finds what is wrong."""

    def check(place: Place, reach: Reach | None) -> None:
        place.text()
        if isinstance(place.value, str) and (code := fault(place.value, reach or ANYWHERE)):
            place.refuse(code)

    return Kind(check=check)


def text(most: int = 200) -> Kind:
    return _of_text(lambda said, _: None if 0 < len(said) <= most and said.isprintable() else "bad_text")


def shaped(pattern: re.Pattern[str]) -> Kind:
    return _of_text(lambda said, _: None if pattern.fullmatch(said) else "bad_text")


def whole(least: int, most: int) -> Kind:
    def check(place: Place, _: Reach | None) -> None:
        if not place.is_absent and not is_whole(place.value, least, most):
            place.refuse("bad_number")

    return Kind(check=check)


def _no_more(most: int, of: type[Sized], kind: Kind, least: int = 0) -> Kind:
    """Return the kind that has no more in it than so many, and is not looked into otherwise."""

    def check(place: Place, reach: Reach | None) -> None:
        if isinstance(place.value, of) and not least <= len(place.value) <= most:
            place.refuse("bad_length")
        else:
            kind.check(place, reach)

    return replace(kind, check=check)


def list_of(one: Kind) -> Kind:
    def check(row: Place, reach: Reach | None) -> None:
        if row.value is None:
            row.refuse("bad_type")
        else:
            one.check(row, reach)

    return _no_more(_MOST_LISTED, list, rows(replace(one, check=check)), least=1)


def words(meaning: Kind) -> Kind:
    """Return the kind in which a library gives its own words, each with what it means."""

    def check(place: Place, _: Reach | None) -> None:
        for word, inside in place.fields() if isinstance(place.value, Mapping) else ():
            if not (word.strip() and word.isprintable() and len(word) <= _LONGEST_WORD):
                inside.refuse("bad_text")

    kind = replace(
        names(meaning, may_be_null=False, beside=check),
        read=lambda said, _: {str(word): what for word, what in said.items()},
    )
    return _no_more(_MOST_WORDS, dict, kind)


def _zone_fault(name: str, _: Reach) -> str | None:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return "bad_zone"
    return None


url = _of_text(lambda said, reach: reach.url_fault(said))
host = _of_text(lambda said, reach: reach.fault(said))
zone = _of_text(_zone_fault)
flag, one_of = FLAG, choice
port = whole(1, 65_535)
#: by its name in the profile; read as the secret itself, or as its name once it is sure that there is one
secret_name = replace(
    form(dict, ["ref"], ref=shaped(_SECRET_NAME)), read=lambda reference, secrets: secrets.name(reference)
)
secret = replace(secret_name, read=lambda reference, secrets: secrets.meant(reference), is_secret=True)
