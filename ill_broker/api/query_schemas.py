"""What is looked for, on the wire: fields that all have to fit, alternatives, and what is not wanted."""

from typing import Any

from marshmallow import fields, post_load, validates_schema
from marshmallow.validate import Length

from ill_broker.api.schemas import Shown, Strict
from ill_broker.services.discovery.terms import query_of
from ill_broker.texts.flaws import Flaw
from ill_broker.web.fields import Isbn, Issn, Text, Years, refuse
from workflows.citation import Query

#: alternatives, and things not wanted, of one query
MOST_ALTERNATIVES = 8


class CriteriaIn(Strict):
    """Fields that all have to fit; words in quotation marks have to stand side by side."""

    text = Text(max_length=300)
    title = Text(max_length=300)
    author = Text(max_length=300)
    subject = Text(max_length=300)
    publisher = Text(max_length=300)
    isbn = Isbn()
    issn = Issn()
    year = Years()

    @validates_schema
    def looks_for_something(self, read: dict[str, Any], **_: Any) -> None:
        """Refuse a search for nothing, or only for what is not to be there."""
        if not read.keys() - {"none_of"}:
            raise refuse(Flaw.NO_QUERY)

    @post_load
    def as_query(self, read: dict[str, Any], **_: Any) -> Query:
        """Return the record."""
        return query_of(**read)


def _alternatives() -> Any:
    return fields.List(fields.Nested(CriteriaIn), validate=Length(min=1, max=MOST_ALTERNATIVES))


class QueryIn(CriteriaIn):
    """What is looked for: at least one of them; a text that is an ISBN is taken as one."""

    any_of = _alternatives()
    none_of = _alternatives()


class CriteriaOut(Shown):
    text = Text(required=True, allow_none=True)
    title = Text(required=True, allow_none=True)
    author = Text(required=True, allow_none=True)
    subject = Text(required=True, allow_none=True)
    publisher = Text(required=True, allow_none=True)
    isbn = Text(required=True, allow_none=True)
    issn = Text(required=True, allow_none=True)
    year = Text(required=True, allow_none=True)


class QueryOut(CriteriaOut):
    any_of = fields.List(fields.Nested(CriteriaOut), required=True)
    none_of = fields.List(fields.Nested(CriteriaOut), required=True)
