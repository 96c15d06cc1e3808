"""Z39.50 on the wire: our requests as BER, a target's BER as its answer.

Tags, types and object identifiers are those of ANSI/NISO Z39.50-2003, appendix REC and 3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from connectors import xml
from connectors.marc.opac import Circulation, OpacHolding
from connectors.z3950 import ber
from connectors.z3950.messages import (
    Both,
    Close,
    Diagnostic,
    Either,
    InitializeRequest,
    InitializeResponse,
    OpacRecord,
    Operand,
    PresentRequest,
    PresentResponse,
    RawRecord,
    SearchRequest,
    SearchResponse,
    Syntax,
    Without,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from connectors.z3950.ber import Element
    from connectors.z3950.messages import Credentials, Record, Request, Response, Rpn

_BIB1 = "1.2.840.10003.3.1"
_RESULT_SET = "default"
#: Bits of an initialize request: versions 2 and 3; search and present.
_VERSIONS, _OPTIONS = (1, 2), (0, 1)
_MOST_DETAILS = 200


class NotZ3950(ValueError):
    """The answer is not one of Z39.50 that we could have asked for."""


# ---------------------------------------------------------------- requests


def encode(request: Request) -> bytes:
    """Return *request* as it is sent."""
    match request:
        case InitializeRequest():
            return ber.encode(_initialize(request))
        case SearchRequest():
            return ber.encode(_search(request))
        case PresentRequest():
            return ber.encode(_present(request))
        case Close():
            return ber.encode(ber.group(48, (ber.integer(211, request.reason),)))
        case _:
            assert_never(request)


def _initialize(request: InitializeRequest) -> Element:
    return ber.group(20, (
        ber.bits(3, _VERSIONS),
        ber.bits(4, _OPTIONS),
        ber.integer(5, request.message_size),
        ber.integer(6, request.message_size),
        ber.group(7, (_identity(request.credentials),)) if request.credentials else None,
        ber.text(111, "ill-broker"),
    ))  # fmt: skip


def _identity(credentials: Credentials) -> Element:
    parts = ((0, credentials.group), (1, credentials.user), (2, credentials.password))
    told = (ber.text(tag, text) if text else None for tag, text in parts)
    return ber.group(ber.SEQUENCE, told, kind=ber.UNIVERSAL)


def _search(request: SearchRequest) -> Element:
    query = ber.group(1, (ber.object_id(ber.OID, _BIB1, kind=ber.UNIVERSAL), _rpn(request.query)))
    return ber.group(22, (
        ber.integer(13, 0),  # no records with the answer, however few there are:
        ber.integer(14, 1),  # they are asked for by number and form afterwards
        ber.integer(15, 0),
        ber.boolean(16, value=True),
        ber.text(17, _RESULT_SET),
        ber.group(18, (ber.text(105, request.database),)),
        ber.object_id(104, request.syntax.value),
        ber.group(21, (query,)),
    ))  # fmt: skip


_OPERATORS = {Both: 0, Either: 1, Without: 2}


def _rpn(query: Rpn) -> Element:
    if isinstance(query, Operand):
        attributes = [
            ber.group(ber.SEQUENCE, (ber.integer(120, kind), ber.integer(121, value)), kind=ber.UNIVERSAL)
            for kind, value in query.attributes
        ]
        return ber.group(0, (ber.group(102, (ber.group(44, attributes), ber.octets(45, query.term))),))
    operator = ber.octets(_OPERATORS[type(query)], b"")
    return ber.group(1, (_rpn(query.left), _rpn(query.right), ber.group(46, (operator,))))


def _present(request: PresentRequest) -> Element:
    elements = request.element_set
    return ber.group(24, (
        ber.text(31, _RESULT_SET),
        ber.integer(30, request.start),
        ber.integer(29, request.size),
        ber.group(19, (ber.text(0, elements),)) if elements else None,
        ber.object_id(104, request.syntax.value),
    ))  # fmt: skip


# ---------------------------------------------------------------- responses


def decode(data: bytes) -> Response:
    """Return the answer that *data* holds.

    :raises NotZ3950: if it holds none
    """
    try:
        root = ber.decode(data)
        read = _RESPONSES.get(root.tag) if root.kind == ber.CONTEXT else None
        if read is None:
            raise NotZ3950(f"an answer with tag {root.tag}")
        return read(root)
    except ber.NotBer as error:
        raise NotZ3950(str(error)) from error


def _initialize_response(root: Element) -> InitializeResponse:
    told = root.part(11)
    complaints = () if told is None else tuple(_diagnostics_within(told))
    return InitializeResponse(_is_true(root.part(12)), complaints)


def _search_response(root: Element) -> SearchResponse:
    _, diagnostics, _ = _records(root)
    return SearchResponse(max(_number(root.part(23)), 0), _is_true(root.part(22)), diagnostics)


def _present_response(root: Element) -> PresentResponse:
    return PresentResponse(*_records(root))


def _close(root: Element) -> Close:
    return Close(_number(root.part(211)), _text(root.part(3))[:_MOST_DETAILS])


_RESPONSES: dict[int, Callable[[Element], Response]] = {
    21: _initialize_response,
    23: _search_response,
    25: _present_response,
    48: _close,
}


def _records(root: Element) -> tuple[tuple[Record, ...], tuple[Diagnostic, ...], int]:
    """Return records and complaints of an answer, and how many places they fill in the result set."""
    one, several, found = root.part(130), root.part(205), root.part(28)
    complaints = [] if one is None else [_default_diagnostic(one)]
    complaints += () if several is None else _diagnostics_within(several)
    records: list[Record] = []
    named = () if found is None else found.parts
    for each in named:
        choice = each.part(1)
        for form in () if choice is None else choice.parts:
            if form.tag == 1:
                records.append(_record(form))
            else:
                complaints += _diagnostics_within(form)
    return tuple(records), tuple(complaints), len(named)


def _record(holder: Element) -> Record:
    external = holder.part(ber.EXTERNAL, kind=ber.UNIVERSAL) or holder
    syntax = external.part(ber.OID, kind=ber.UNIVERSAL)
    name = "" if syntax is None else syntax.oid
    opac = external.part(0)
    if name == Syntax.OPAC.value and opac is not None and opac.parts:
        return _opac_record(opac.parts[0])
    return RawRecord(name, _external_octets(external))


def _external_octets(external: Element) -> bytes:
    octets = external.part(1)
    if octets is not None:
        return octets.octets
    # Some send text as a value of its own type instead.
    value = external.part(0)
    return value.parts[0].octets if value is not None and value.parts else b""


def _opac_record(opac: Element) -> OpacRecord:
    record, copies = opac.part(1), opac.part(2)
    described = None if record is None else _record(record)
    holdings = () if copies is None else tuple(_holding(copy) for copy in copies.all(2))
    return OpacRecord(described if isinstance(described, RawRecord) else None, holdings)


def _holding(element: Element) -> OpacHolding:
    told = element.part(19)
    return OpacHolding(
        call_number=_text(element.part(11)),
        public_note=_text(element.part(14)),
        location=_text(element.part(9)),
        shelf=_text(element.part(10)),
        circulations=() if told is None else tuple(map(_circulation, told.parts)),
    )


def _circulation(element: Element) -> Circulation:
    now = element.part(1)
    return Circulation(
        is_available=None if now is None else _is_true(now),
        item_id=_text(element.part(5)),
        is_on_hold=_is_true(element.part(7)),
        temporary_location=_text(element.part(10)),
    )


def _diagnostics_within(element: Element) -> Iterator[Diagnostic]:
    """Return the complaints of the usual form anywhere in *element*; targets wrap them differently."""
    if element.part(ber.INTEGER, kind=ber.UNIVERSAL) and element.part(ber.OID, kind=ber.UNIVERSAL):
        yield _default_diagnostic(element)
        return
    for part in element.parts:
        yield from _diagnostics_within(part)


def _default_diagnostic(element: Element) -> Diagnostic:
    code = _number(element.part(ber.INTEGER, kind=ber.UNIVERSAL))
    details = _text(element.parts[-1]) if element.parts else ""
    return Diagnostic(code, details[:_MOST_DETAILS])


def _number(element: Element | None) -> int:
    return 0 if element is None else element.number


def _is_true(element: Element | None) -> bool:
    return element is not None and element.number != 0


def _text(element: Element | None) -> str:
    """Return a text without control characters; what encoding it is in is nowhere said."""
    octets = b"" if element is None else element.octets
    try:
        return xml.speakable(octets.decode())
    except UnicodeDecodeError:
        return xml.speakable(octets.decode("gb18030", "replace"))
