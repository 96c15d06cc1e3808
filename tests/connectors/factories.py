"""Messages, works and answers for the tests of the connectors, each with its usual facts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from connectors.marc.records import Field, MarcRecord
from connectors.partner_ports import StatusReport
from connectors.ports import AskToSupply, CancelAsk, Desk, Letter
from workflows.citation import Citation, Holding
from workflows.ids import LibraryCode
from workflows.requests.commands import ReportedStatus

NOW = datetime(2026, 3, 2, 2, 15, tzinfo=UTC)
SECRET = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"
OTHER_SECRET = "whsec_ZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7fH1+f4CBgoM="


def ask(**facts: Any) -> AskToSupply:
    usual: dict[str, Any] = {
        "message_id": "msg_1",
        "request_id": "req_1",
        "at": NOW,
        "citation": Citation(title="三体", isbn="9787536692930"),
        "desk": Desk("jinan", "Main desk"),
        "holding": Holding(library=LibraryCode("bhu"), record_id="1", barcode="B1"),
    }
    return AskToSupply(**{**usual, **facts})


def cancel(**facts: Any) -> CancelAsk:
    return CancelAsk(**{"message_id": "msg_2", "request_id": "req_1", "at": NOW, **facts})


def report(**facts: Any) -> StatusReport:
    usual: dict[str, Any] = {
        "status": ReportedStatus.LOANED,
        "occurred_at": NOW,
        "said_at": NOW,
        "request_id": "req_1",
    }
    return StatusReport(**{**usual, **facts})


def letter(**facts: Any) -> Letter:
    usual = {
        "message_id": "msg_3",
        "at": NOW,
        "to": "li@example.org",
        "subject": "您的书到了",
        "text": "《三体》在服务台。\n",
        "language": "zh",
    }
    return Letter(**{**usual, **facts})


def field(tag: str, *subfields: str) -> Field:
    """Return a field out of texts such as "a三体"."""
    return Field(tag, "  ", tuple((text[0], text[1:]) for text in subfields))


def marc21(*fields: Field, title: str = "Three bodies /", **control: str) -> MarcRecord:
    """Return a record; *control* names control fields as in tag_008=..."""
    numbers = {"001": "42", "008": " " * 7 + "2008" + " " * 24 + "eng  "}
    numbers |= {name.removeprefix("tag_"): value for name, value in control.items()}
    leader = "00000nam a2200000 a 4500"
    return MarcRecord(leader, tuple(numbers.items()), (field("245", "a" + title), *fields))


def cnmarc(*fields: Field) -> MarcRecord:
    return MarcRecord("00000nam0 2200000   450 ", (("001", "43"),), (field("200", "a三体"), *fields))


def iso2709(record: MarcRecord, *, encoding: str = "utf-8") -> bytes:
    """Return *record* as files and Z39.50 hold it."""
    contents = [(tag, value.encode(encoding)) for tag, value in record.control]
    for each in record.fields:
        told = "".join(f"\x1f{code}{value}" for code, value in each.subfields)
        contents.append((each.tag, (each.indicators + told).encode(encoding)))
    directory, data = "", b""
    for tag, octets in contents:
        directory += f"{tag}{len(octets) + 1:04}{len(data):05}"
        data += octets + b"\x1e"
    base = 24 + len(directory) + 1
    size = base + len(data) + 1
    leader = f"{size:05}{record.leader[5:12]}{base:05}{record.leader[17:24]}"
    return f"{leader}{directory}\x1e".encode("ascii") + data + b"\x1d"
