"""JSON on the wire: calls to partners, and their status reports, read strictly."""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate, validates_schema

from connectors import jsontext
from connectors.failures import Defect, Unreadable
from connectors.partner_ports import StatusReport
from connectors.webhook.messages import STATUS, Call
from workflows.requests.commands import ReportedStatus

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{5,18}(Z|[+-][0-9]{2}:[0-9]{2})")
_ID_LENGTH = 200
_NOTE_LENGTH = 2000


class _Instant(fields.Field[datetime]):
    """An instant in ISO 8601 with its offset, turned to UTC."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> datetime:
        if isinstance(value, str) and _INSTANT.fullmatch(value):
            try:
                return datetime.fromisoformat(value).astimezone(UTC)
            except (ValueError, OverflowError):
                pass
        raise ValidationError("Not an instant with an offset, such as 2026-03-02T10:15:00+08:00.")


class _Day(fields.Field[date]):
    def _deserialize(self, value: Any, *_: Any, **__: Any) -> date:
        if isinstance(value, str) and _DAY.fullmatch(value):
            try:
                return date.fromisoformat(value)
            except ValueError:
                pass
        raise ValidationError("Not a day, such as 2026-04-20.")


def _storable(text: str) -> None:
    """Refuse what no database and no page can hold."""
    # Lone surrogates and control characters, but for line breaks and tabs.
    if any(unicodedata.category(mark) in {"Cc", "Cs"} and mark not in "\t\n\r" for mark in text):
        raise ValidationError("Holds characters that cannot be stored.")


def _text(longest: int) -> fields.String:
    return fields.String(
        load_default=None, allow_none=True, validate=[validate.Length(min=1, max=longest), _storable]
    )


class _ReportData(Schema):
    class Meta:
        unknown = EXCLUDE  # a partner may say more than we ask

    request_id = _text(_ID_LENGTH)
    lender_request_id = _text(_ID_LENGTH)
    status = fields.String(required=True, validate=validate.OneOf([*map(str, ReportedStatus)]))
    occurred_at = _Instant(required=True)
    item_barcode = _text(_ID_LENGTH)
    lender_due_date = _Day(load_default=None, allow_none=True)
    tracking = _text(_ID_LENGTH)
    reason = _text(_ID_LENGTH)
    note = _text(_NOTE_LENGTH)

    @validates_schema(skip_on_field_errors=False)
    def _names_a_request(self, data: Mapping[str, Any], **_: Any) -> None:
        if data.get("request_id") is None and data.get("lender_request_id") is None:
            raise ValidationError("Either request_id or lender_request_id is needed.", "request_id")


class _Report(Schema):
    class Meta:
        unknown = EXCLUDE

    type = fields.String(required=True, validate=validate.Equal(STATUS))
    timestamp = _Instant(required=True)
    data = fields.Nested(_ReportData, required=True)


_REPORT = _Report()


def decode_report(body: bytes) -> StatusReport:
    """Return the status report in *body*.

    :raises Unreadable: with everything that is wrong in it
    """
    try:
        loaded = _REPORT.load(_object(body))
    except ValidationError as error:
        raise Unreadable(*_defects(error.messages)) from error
    data = loaded["data"]
    return StatusReport(said_at=loaded["timestamp"], **{**data, "status": ReportedStatus(data["status"])})


def encode_report(report: StatusReport) -> bytes:
    """Return *report* as a partner would write it."""
    data = {
        "request_id": report.request_id,
        "lender_request_id": report.lender_request_id,
        "status": report.status.value,
        "occurred_at": report.occurred_at.isoformat(),
        "item_barcode": report.item_barcode,
        "lender_due_date": report.lender_due_date.isoformat() if report.lender_due_date else None,
        "tracking": report.tracking,
        "reason": report.reason,
        "note": report.note,
    }
    return encode_call(Call(STATUS, report.said_at, data))


def encode_call(call: Call) -> bytes:
    body = {"type": call.type, "timestamp": call.timestamp.isoformat(), "data": dict(call.data)}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def decode_call(body: bytes) -> Call:
    """Return the call in *body*.

    :raises Unreadable: if it is none
    """
    content = _object(body)
    defects = []
    if not isinstance(content.get("type"), str):
        defects.append(Defect("type", "Not a text."))
    if not isinstance(content.get("data"), dict):
        defects.append(Defect("data", "Not an object."))
    try:
        timestamp: Any = _Instant(required=True).deserialize(content.get("timestamp"))
    except ValidationError as error:
        raise Unreadable(*defects, *_defects({"timestamp": error.messages})) from error
    if defects:
        raise Unreadable(*defects)
    return Call(content["type"], timestamp, content["data"])


def decode_acknowledgement(body: bytes) -> str | None:
    """Return the lender's own id of the request, None if it did not tell.

    :raises Unreadable: if the answer is not what was agreed
    """
    if not body.strip():
        return None
    value = _object(body).get("lender_request_id")
    try:
        told: str | None = _text(_ID_LENGTH).deserialize(value)
    except ValidationError as error:
        raise Unreadable(*_defects({"lender_request_id": error.messages})) from error
    return told


def _object(body: bytes) -> dict[str, Any]:
    try:
        content = jsontext.parse(body.decode(), pairs=_single_names)
    except ValueError as error:
        raise Unreadable(Defect("", f"Not JSON in UTF-8: {type(error).__name__}.")) from error
    if not isinstance(content, dict):
        raise Unreadable(Defect("", "Not a JSON object."))
    return content


def _single_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse an object that says one thing twice: readers would disagree on what it says."""
    named = dict(pairs)
    if len(named) != len(pairs):
        raise ValueError("a name occurs twice")
    return named


def _defects(messages: Any, path: str = "") -> Iterator[Defect]:
    if isinstance(messages, dict):
        for name, inner in messages.items():
            place = path if name == "_schema" else f"{path}.{name}".lstrip(".")
            yield from _defects(inner, place)
    else:
        yield from (Defect(path, str(message)) for message in messages)
