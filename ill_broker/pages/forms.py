"""Reads forms as strictly as the API reads JSON, and says at each field what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from flask import request
from marshmallow import EXCLUDE, Schema, ValidationError
from webargs.multidictproxy import MultiDictProxy
from werkzeug.datastructures import MultiDict

from ill_broker.pages.refused import said
from ill_broker.storage.failures import Stale
from ill_broker.texts.flaws import Flaw
from ill_broker.web.fields import WrongValue
from ill_broker.web.language import page_language
from workflows.errors import WorkflowError

T = TypeVar("T")


class Form(Schema):
    """What a form brings; what else stands in it is the frame's."""

    class Meta:
        unknown = EXCLUDE


@dataclass(slots=True)
class Filled:
    """A form as its template shows it: what was typed, what is wrong with each field, what with the whole."""

    values: Mapping[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    refusals: list[str] = field(default_factory=list)

    def refuse(self, error: WorkflowError) -> None:
        """Take in why a service refused: at its field where it names one."""
        where, told = getattr(error, "pointer", "").lstrip("/"), said(error, page_language())
        if where:
            self.errors[where] = " ".join(told)
        else:
            self.refusals += told


def read_form(schema: Schema) -> tuple[Any, Filled]:
    """Return what the form at hand says, None if it is faulty, and the form as it is shown then.

    A field that is left empty counts as not filled in. A form that changes nothing is sent in the address.
    """
    sent = request.form if request.method == "POST" else request.args
    # a browser ends the lines of a text as HTTP does
    lined = ((name, value.replace("\r\n", "\n")) for name, value in sent.items(multi=True))
    typed = MultiDict((name, value) for name, value in lined if value.strip())
    form = Filled(values=typed.to_dict())
    try:
        return schema.load(MultiDictProxy(typed, schema)), form
    except ValidationError as error:
        spoken = page_language()
        messages: Any = error.messages
        for name, faults in messages.items():
            form.errors[name] = _fault(faults).said(spoken)
        form.refusals += [form.errors.pop("_schema")] if "_schema" in form.errors else []
        return None, form


def means(shown: int) -> Callable[[int], None]:
    """Return what raises if the last version is not the one of this number, which the form was shown with."""

    def is_meant(last: int) -> None:
        if last != shown:
            raise Stale(f"version {last}")

    return is_meant


def _fault(told: Any) -> WrongValue:
    """Return the first of the faults of a field; only what is missing has no words of ours."""
    first = next(iter(told.values())) if isinstance(told, dict) else told[0]
    while isinstance(first, list | dict):
        first = next(iter(first.values())) if isinstance(first, dict) else first[0]
    return first if isinstance(first, WrongValue) else WrongValue(Flaw.REQUIRED)
