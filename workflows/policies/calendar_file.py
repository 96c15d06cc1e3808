"""The fields of a calendar file, and what its days are read into."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, TypeVar

from workflows.calendars import Holiday, Span
from workflows.languages import TAGS
from workflows.policies.conditions import DAY, HOURS
from workflows.policies.document import Place
from workflows.policies.forms import FLAG, TEXT, Field, Form, Kind, choice, named, rows, section, told

SpanT = TypeVar("SpanT", bound=Span)


def _check_order(span: Place, _: object) -> None:
    alone = Place(span.value)
    first, last = alone["from"], alone["to"]
    first.day()
    last.day()
    if not alone.faults and str(first.value) > str(last.value):
        span.refuse("bad_range")


def _spans(build: Callable[..., Span] = Span, **more: Field) -> Form:
    ends = {
        "from": told(DAY, "Included.", required=True, attribute="first"),
        "to": told(DAY, "Included.", required=True, attribute="last"),
    }
    return Form(fields={**ends, **more}, build=build, beside=_check_order)


def _in_order(spans: Iterable[SpanT]) -> tuple[SpanT, ...]:
    return tuple(sorted(spans, key=lambda span: span.first))


def _check_label(label: Place, _: object) -> None:
    if isinstance(label.value, Mapping):
        _BY_LANGUAGE.check(label, None)
        for _, text in label.fields():
            text.text()
    else:
        label.text()


_BY_LANGUAGE = Form(fields={tag: told(TEXT, required=True) for tag in TAGS})
_LABEL = named(
    "label",
    Kind(check=_check_label, schema={"anyOf": [TEXT.schema, _BY_LANGUAGE.schema]}),
    "A word for people: one text, or one in each language.",
)


def _opening(day: date, hours: Any) -> tuple[date, Any]:
    return day, hours


_EXTRA_OPEN = Form(
    fields={
        "date": told(DAY, required=True, attribute="day"),
        "hours": told(HOURS, "They beat closures and weekdays.", required=True, attribute="hours"),
        "label": told(_LABEL),
    },
    build=_opening,
)
_TERM = _spans(id=told(TEXT, required=True, attribute="label"))
_HOLIDAY = _spans(Holiday, kind=told(choice("winter", "summer"), required=True, attribute="label"))
CALENDAR = Form(
    fields={
        "schema": told(choice(1), "Version of this format.", required=True),
        "id": told(TEXT, required=True, attribute="id"),
        "sample": told(FLAG, "Made up.", unsaid=False, attribute="sample"),
        "coverage": told(
            section(_spans()), "Outside of it nothing is known.", required=True, attribute="coverage"
        ),
        "terms": told(rows(section(_TERM), read_as=_in_order), "Semesters.", attribute="terms"),
        "holidays": told(rows(section(_HOLIDAY), read_as=_in_order), "Vacations.", attribute="holidays"),
        "closures": told(
            rows(section(_spans(label=told(_LABEL))), read_as=_in_order),
            "Days when the desk is closed.",
            attribute="closures",
        ),
        "extra_open": told(
            rows(section(_EXTRA_OPEN), read_as=dict),
            "Days when it is open all the same.",
            attribute="extra_open",
        ),
    }
)
