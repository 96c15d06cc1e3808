"""Every reader of strangers' bytes, as far as our own words; what it may raise; samples to begin with."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from typing import TYPE_CHECKING, Any, get_args

from connectors import xml
from connectors.failures import MessageFault, PartnerFailure
from connectors.iso18626.dialogue import IsoDialogue
from connectors.koha import codec as koha
from connectors.koha import mapping as koha_mapping
from connectors.marc import catalogue, iso2709
from connectors.marc.encodings import Encoding
from connectors.ncip import codec as ncip
from connectors.ncip import mapping as ncip_mapping
from connectors.ncip.mapping import NcipProfile
from connectors.oaipmh import codec as oai
from connectors.oaipmh import mapping as oai_mapping
from connectors.sip2 import codec as sip2
from connectors.sip2 import mapping as sip2_mapping
from connectors.sip2.messages import Code
from connectors.sms import codec as sms
from connectors.sms.messages import Form
from connectors.sru import codec as sru
from connectors.sru import mapping as sru_mapping
from connectors.transport import Reply
from connectors.webhook import codec as webhook
from connectors.z3950 import ber
from connectors.z3950 import codec as z3950
from connectors.z3950 import mapping as z3950_mapping
from connectors.z3950.messages import PresentResponse
from tests.connectors.factories import NOW, field, marc21, report
from tests.connectors.factories import iso2709 as as_iso2709
from tests.connectors.iso18626_samples import LOANED
from tests.support.reference import references

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

AT = datetime(2026, 3, 2, tzinfo=UTC)
_ENCODINGS: tuple[Encoding, ...] = get_args(Encoding)


@dataclass(frozen=True)
class Reader:
    """One way in."""

    name: str
    read: Callable[[bytes], object]
    #: what it may raise; anything else is a fault of ours
    own: tuple[type[Exception], ...]
    samples: tuple[bytes, ...]


@cache
def readers() -> tuple[Reader, ...]:
    """Return all of them; with the reference files they have more samples."""
    return (
        Reader(
            "iso18626", _iso18626, (MessageFault,), _samples(LOANED.encode(), "iso18626/**/*.xml", *_talks())
        ),
        Reader(
            "ncip",
            _ncip,
            (ncip.NotNcip, PartnerFailure),
            _samples(_NCIP, "ncip/**/*response*.xml", "ncip/samples/*.xml"),
        ),
        Reader("sip2", _sip2, (sip2.NotSip2, PartnerFailure), _samples(_SIP2, *_frames())),
        Reader("z3950", _z3950, (ber.NotBer, z3950.NotZ3950, PartnerFailure), _samples(_BER)),
        Reader("sru", _sru, (sru.NotSru, PartnerFailure), _samples(_SRU, "sru/**/*.xml", "holdings/*.xml")),
        Reader("sru explain", _explain, (sru.NotSru,), _samples(_EXPLANATION, "sru/responses/*explain*.xml")),
        Reader(
            "record",
            _record,
            (xml.NotXml,),
            _samples(_SRU, "sru/**/*.xml", "holdings/*.xml", "marc/records/*.xml"),
        ),
        Reader("iso2709", _iso2709, (iso2709.NotIso2709,), _samples(_MARC, "marc/records/*.mrc")),
        Reader("oai", _oai, (oai.NotOai, PartnerFailure), _samples(_OAI)),
        Reader("oai identity", oai.decode_identity, (oai.NotOai,), _samples(_IDENTITY)),
        Reader("koha", _koha, (koha.NotKoha, PartnerFailure), _samples(*_KOHA)),
        Reader("webhook report", _report, (MessageFault,), _samples(_REPORT)),
        Reader("webhook call", _call, (MessageFault,), _samples(_CALL)),
        Reader(
            "sms",
            partial(sms.refusal, form=Form(taken=("code", "0"))),
            (ValueError,),
            _samples(b'{"code": 0}', b"code=0"),
        ),
    )


# ---------------------------------------------------------------- how far each goes


def _iso18626(body: bytes) -> None:
    IsoDialogue().text(body)
    heard = IsoDialogue().read(body)
    heard.answer(now=AT)
    assert isinstance(heard.sender, str)
    if not heard.is_flawed:
        assert heard.message_id
        heard.action()
        heard.report(UTC)
        heard.request(UTC)


def _ncip(body: bytes) -> None:
    answer = ncip.decode(body)
    speaker = ncip_mapping.Speaker(NcipProfile(url="http://x.example", our_agency="A", their_agency="B"))
    ncip_mapping.local_patron(answer, speaker.look_up("1"), "1", library="x", zone="Asia/Shanghai", now=AT)


def _sip2(line: bytes) -> None:
    for encoding in ("utf-8", "gb18030", "cp850"):
        answer = sip2.decode(line, encoding=encoding)
        if answer.code in {Code.PATRON_STATUS_TOLD, Code.PATRON_TOLD}:
            sip2_mapping.local_patron(answer, library="x", card_number="1", password="1")


def _z3950(data: bytes) -> None:
    framer = ber.Framer(1024 * 1024)
    for at in range(0, len(data), 700):
        framer.feed(data[at : at + 700])
    while (message := framer.message()) is not None:
        answer = z3950.decode(message)
        if isinstance(answer, PresentResponse):
            z3950_mapping.found_records(
                answer.records, answer.diagnostics, total=1, library="x", encoding="auto"
            )


def _sru(body: bytes) -> None:
    answer = sru.decode(body)
    found = sru_mapping.found_records(answer, library="x")
    sru_mapping.with_copies(found, answer)


def _explain(body: bytes) -> None:
    sru_mapping.chosen(sru.decode_explanation(body))


def _record(body: bytes) -> None:
    catalogue.hit(xml.parse(body), library="x")


def _iso2709(data: bytes) -> None:
    for raw in iso2709.split(data):
        for encoding in _ENCODINGS:
            catalogue.marc_hit(iso2709.decode(raw, encoding=encoding), library="x")


def _oai(body: bytes) -> None:
    oai_mapping.harvest_page(oai.decode(body), library="x")


def _koha(body: bytes) -> None:
    koha.complaint(400, body)
    koha_mapping.failure("x", Reply(403, {}, body))
    for read in (_koha_records, _koha_objects, koha.token):
        try:
            read(body)
        except koha.NotKoha:
            continue


def _koha_records(body: bytes) -> None:
    for record in koha.records(body):
        koha_mapping.hit(record, (), library="x")


def _koha_objects(body: bytes) -> None:
    for content in koha.objects(body):
        koha.item(content)
        koha_mapping.local_patron(koha.patron(content), password_is_right=None)


def _report(body: bytes) -> None:
    webhook.decode_report(body)


def _call(body: bytes) -> None:
    webhook.decode_acknowledgement(body)
    webhook.decode_call(body)


# ---------------------------------------------------------------- samples


def _samples(*told: bytes | str) -> tuple[bytes, ...]:
    """Return the samples given, and the reference files that the patterns among them find."""
    patterns = [f"standards/{each}" for each in told if isinstance(each, str)]
    found = [file.read_bytes() for file in references(*patterns)]
    return (*(each for each in told if isinstance(each, bytes)), *found)


def _talks() -> Iterable[bytes]:
    for file in references("standards/iso18626/conversations/*.json"):
        for said in _texts(json.loads(file.read_text(encoding="utf-8"))):
            if said.lstrip().startswith("<"):
                yield said.encode()


def _frames() -> Iterable[bytes]:
    for file in references("standards/sip2/exchanges.json"):
        for pair in json.loads(file.read_text(encoding="utf-8"))["exchanges"]:
            yield from (pair[side].encode() for side in ("request", "answer") if pair.get(side))


def _texts(content: Any) -> Iterable[str]:
    if isinstance(content, str):
        yield content
    elif isinstance(content, dict | list):
        for part in content.values() if isinstance(content, dict) else content:
            yield from _texts(part)


_MARC = as_iso2709(marc21(field("020", "a9787536692930"), field("880", "6245-01/$1", "a三体")))
_SIP2 = (
    "64              00020261122    012053000000000000000000000000AOCN-420001|AAP0001|AE张三|BLY|CQY|"
    "BHCNY|BV1.50|"
).encode()
_NCIP = """<NCIPMessage xmlns="http://www.niso.org/2008/ncip" version="1"><LookupUserResponse>
<UserId><UserIdentifierValue>P1</UserIdentifierValue></UserId><UserOptionalFields><NameInformation><PersonalNameInformation>
<UnstructuredPersonalUserName>张三</UnstructuredPersonalUserName></PersonalNameInformation></NameInformation>
<UserPrivilege><AgencyUserPrivilegeType>student</AgencyUserPrivilegeType>
<ValidToDate>2027-01-01T00:00:00Z</ValidToDate>
</UserPrivilege></UserOptionalFields></LookupUserResponse></NCIPMessage>""".encode()
_SRU = """<searchRetrieveResponse xmlns="http://www.loc.gov/zing/srw/"><version>1.2</version>
<numberOfRecords>1</numberOfRecords>
<records><record><recordSchema>marcxml</recordSchema><recordPacking>xml</recordPacking><recordData>
<record xmlns="http://www.loc.gov/MARC21/slim"><leader>00000nam a2200000 a 4500</leader>
<controlfield tag="001">1</controlfield><datafield tag="245" ind1="0" ind2="0"><subfield code="a">三体
</subfield></datafield></record></recordData></record></records>
</searchRetrieveResponse>""".encode()
_EXPLANATION = b"""<explainResponse xmlns="http://www.loc.gov/zing/srw/"><version>1.2</version><record>
<recordSchema>http://explain.z3950.org/dtd/2.0/</recordSchema><recordPacking>xml</recordPacking><recordData>
<explain xmlns="http://explain.z3950.org/dtd/2.0/"><serverInfo protocol="SRU" version="1.2"/>
<indexInfo><index><title>Title</title><map><name set="dc">title</name></map></index><index><map>
<name set="bath">isbn</name></map></index></indexInfo><schemaInfo><schema name="marcxml"
identifier="info:srw/schema/1/marcxml-v1.1"/></schemaInfo></explain></recordData></record></explainResponse>"""
_OAI = """<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-03-02T02:15:00Z</responseDate>
<request verb="ListRecords">http://x.example/oai</request><ListRecords><record><header><identifier>oai:x:1</identifier>
<datestamp>2026-03-01</datestamp></header><metadata><record xmlns="http://www.loc.gov/MARC21/slim">
<leader>00000nam a2200000 a 4500</leader><controlfield tag="001">1</controlfield>
<datafield tag="245" ind1="0" ind2="0"><subfield code="a">三体</subfield>
</datafield></record></metadata></record><record><header status="deleted">
<identifier>oai:x:2</identifier><datestamp>2026-03-01</datestamp></header></record>
<resumptionToken completeListSize="3" cursor="0" expirationDate="2026-03-03T00:00:00Z">next</resumptionToken>
</ListRecords></OAI-PMH>""".encode()
_IDENTITY = b"""<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-03-02T02:15:00Z</responseDate>
<Identify><repositoryName>X</repositoryName><protocolVersion>2.0</protocolVersion>
<earliestDatestamp>1990-01-01</earliestDatestamp><deletedRecord>persistent</deletedRecord>
<granularity>YYYY-MM-DD</granularity></Identify></OAI-PMH>"""
_BER = ber.encode(
    ber.group(
        25,
        (
            ber.integer(24, 1),
            ber.integer(25, 2),
            ber.integer(27, 0),
            ber.group(28, (ber.group(16, (ber.octets(1, _MARC),), kind=ber.UNIVERSAL),)),
        ),
    )
)
_KOHA = (
    json.dumps([{"biblio_id": 1, "item_id": 2, "external_id": "B1", "callnumber": "I247"}]).encode(),
    json.dumps([{"patron_id": 1, "cardnumber": "P1", "surname": "张", "expiry_date": "2027-01-01"}]).encode(),
    json.dumps({"access_token": "x", "expires_in": 3600, "token_type": "Bearer"}).encode(),
    json.dumps(
        [
            {
                "leader": "00000nam a2200000 a 4500",
                "fields": [{"001": "1"}, {"245": {"ind1": "0", "ind2": "0", "subfields": [{"a": "三体"}]}}],
            }
        ]
    ).encode(),
    json.dumps({"errors": [{"message": "Missing property.", "path": "/body/a"}]}).encode(),
    b"<html><body><h1>Forbidden</h1></body></html>",
    _SRU,
)
_REPORT = webhook.encode_report(report(item_barcode="B1", tracking="SF123", note="请爱护"))
_CALL = json.dumps(
    {
        "type": "request.ask",
        "timestamp": NOW.isoformat(),
        "data": {"message_id": "m", "request_id": "r", "at": NOW.isoformat()},
    }
).encode()
