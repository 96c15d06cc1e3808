"""A partner's SRU server: what it says of itself, what it finds, and how it complains."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from connectors.certify.examiner import Deviation, needs, require
from connectors.marc import marcxml
from connectors.sru import codec

if TYPE_CHECKING:
    from connectors.certify.examiner import Examiner, Exchange
    from connectors.sru.messages import SearchResponse

_FEW = 2
_FAR = "1000000"
_NOBODYS_WORD = "xyzzyplugh"


class Searched:
    """One examination of a server."""

    def __init__(self, examiner: Examiner) -> None:
        self._examiner = examiner
        self._word = examiner.endpoint.word

    def examine(self) -> None:
        check = self._examiner.check
        check("answers a search", "SRU 1.2, searchRetrieve response", self._nothing, is_needed=True)
        check("explains itself", "SRU 1.2, explain", self._explain)
        check("finds what is there", "SRU 1.2, numberOfRecords", self._finds)
        check("sends records in MARCXML", "SRU 1.2, recordSchema", self._records)
        check("sends no more records than are wanted", "SRU 1.2, maximumRecords", self._few)
        check("complains of a query that is none", "SRU diagnostics 10 to 49", self._broken)
        check("complains of an index it does not know", "SRU diagnostic 15 or 16", self._index)
        check("complains of a schema it does not know", "SRU diagnostic 66 or 67", self._schema)
        check("complains of a place after the last", "SRU diagnostic 61", self._beyond)
        check("takes a quotation mark for a letter", "CQL 1.2, quoting", self._quoted)

    def _nothing(self, exchange: Exchange) -> None:
        self._no_complaints(self._search(exchange, query=f'"{_NOBODYS_WORD}"'))

    def _explain(self, exchange: Exchange) -> None:
        url, params = self._examiner.endpoint.url, codec.explain_parameters("1.2")
        reply = self._examiner.call(exchange, "GET", url, params=params)
        try:
            told = codec.decode_explanation(reply.body)
        except codec.NotSru as error:
            raise Deviation(str(error)) from error
        require(holds=bool(told.indexes), otherwise="names no index")

    def _finds(self, exchange: Exchange) -> None:
        found = self._found(exchange)
        require(holds=found.total > 0, otherwise=f"has nothing with {self._word}")

    def _records(self, exchange: Exchange) -> None:
        found = self._found(exchange)
        require(holds=bool(found.records), otherwise="sends no record")
        read = [marcxml.marc_record(record.data) for record in found.records]
        require(holds=None not in read, otherwise="sends a record that is no MARCXML")

    def _few(self, exchange: Exchange) -> None:
        found = self._found(exchange)
        count = len(found.records)
        require(holds=count == min(_FEW, found.total), otherwise=f"{count} records of {_FEW} wanted")

    def _broken(self, exchange: Exchange) -> None:
        self._complains(self._search(exchange, query='dc.title = "open'), range(10, 50))

    def _index(self, exchange: Exchange) -> None:
        self._complains(self._search(exchange, query="nosuch.index = a"), range(15, 17))

    def _schema(self, exchange: Exchange) -> None:
        needs(self._word, "a word")
        found = self._search(exchange, query=f'"{self._word}"', recordSchema="info:no/such/schema")
        self._complains(found, range(66, 68))

    def _beyond(self, exchange: Exchange) -> None:
        needs(self._word, "a word")
        found = self._search(exchange, query=f'"{self._word}"', startRecord=_FAR)
        self._complains(found, range(61, 62))

    def _quoted(self, exchange: Exchange) -> None:
        found = self._no_complaints(self._search(exchange, query=f'"{_NOBODYS_WORD}\\" or \\"a"'))
        require(holds=found.total == 0, otherwise="a quotation mark in a term opens the query")

    # ------------------------------------------------------------ how it is said

    def _found(self, exchange: Exchange) -> SearchResponse:
        needs(self._word, "a word")
        return self._no_complaints(self._search(exchange, query=f'"{self._word}"'))

    def _search(self, exchange: Exchange, **said: str) -> SearchResponse:
        usual = {"version": "1.2", "operation": "searchRetrieve", "maximumRecords": str(_FEW),
                 "recordSchema": "marcxml"}  # fmt: skip
        reply = self._examiner.call(exchange, "GET", self._examiner.endpoint.url, params={**usual, **said})
        require(holds=reply.status == HTTPStatus.OK, otherwise=f"HTTP {reply.status} instead of 200")
        try:
            return codec.decode(reply.body)
        except codec.NotSru as error:
            raise Deviation(str(error)) from error

    @staticmethod
    def _no_complaints(found: SearchResponse) -> SearchResponse:
        words = "; ".join(map(str, found.diagnostics))
        require(holds=not words, otherwise=f"complains: {words}")
        return found

    @staticmethod
    def _complains(found: SearchResponse, codes: range) -> None:
        told = [diagnostic.code.rpartition("/")[2] for diagnostic in found.diagnostics]
        fits = any(code.isascii() and code.isdigit() and int(code) in codes for code in told)
        require(holds=fits, otherwise=f"diagnostics: {', '.join(told) or 'none'}")
