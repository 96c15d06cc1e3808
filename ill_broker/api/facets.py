"""Facets on the wire: what may be chosen of works, and how many there are of each value."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from ill_broker.api.schemas import Shown, Strict
from ill_broker.web.fields import Code, OneOf, Pattern, Text, Whole
from workflows.discovery.facets import Choice, Facet
from workflows.policies.conditions import TYPES

#: values that may be chosen of one facet at once
_MOST_CHOSEN = 20
_FEW = validate.Length(max=_MOST_CHOSEN)


class ChoiceIn(Strict):
    """Which works are shown: those that have any of the values of each facet that is named."""

    library = fields.List(Code(), validate=_FEW)
    available = fields.List(OneOf("yes", "no"), validate=_FEW)
    language = fields.List(Pattern(r"[a-z]{3}"), validate=_FEW)
    year = fields.List(Pattern(r"\d{1,4}"), validate=_FEW)
    kind = fields.List(OneOf(*TYPES), validate=_FEW)
    author = fields.List(Text(max_length=1000), validate=_FEW)
    subject = fields.List(Text(max_length=1000), validate=_FEW)


class CountOut(Shown):
    value = Text(required=True, max_length=2000)
    works = Whole(required=True)


class FacetsOut(Shown):
    """How many of the works that were read have each value, the most frequent first."""

    library = fields.List(fields.Nested(CountOut), required=True)
    available = fields.List(fields.Nested(CountOut), required=True)
    language = fields.List(fields.Nested(CountOut), required=True)
    year = fields.List(fields.Nested(CountOut), required=True)
    kind = fields.List(fields.Nested(CountOut), required=True)
    author = fields.List(fields.Nested(CountOut), required=True)
    subject = fields.List(fields.Nested(CountOut), required=True)


def choice_of(wanted: Mapping[str, Any]) -> Choice:
    """Return what was chosen of the facets."""
    return {facet: frozenset(map(str, wanted[facet])) for facet in Facet if wanted.get(facet)}
