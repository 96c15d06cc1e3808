"""The Z39.50 target of a sandbox library: greeting, search and present over its shelf."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from connectors.marc import marcxml
from connectors.sandbox import cql
from connectors.sandbox.shelf import outgoing
from connectors.sandbox.sockets import SocketDoor
from connectors.z3950 import ber
from connectors.z3950.messages import Syntax

if TYPE_CHECKING:
    from connectors.marc.records import MarcRecord
    from connectors.sandbox.library import MemberLibrary
    from connectors.sandbox.shelf import Title
    from connectors.sandbox.sockets import Caller
    from connectors.z3950.ber import Element

_BIB1_DIAGNOSTICS = "1.2.840.10003.4.1"
_LARGEST = 1024 * 1024
_MOST = 50
_USE, _RELATION, _STRUCTURE = 1, 2, 4
#: Bib-1 use attributes, by the index of the catalogue that they are.
_USES = {
    4: "title",
    1003: "author",
    1004: "author",
    7: "isbn",
    8: "issn",
    12: "id",
    21: "subject",
    1018: "publisher",
    31: "year",
    1016: "any",
    1017: "any",
}
_RELATIONS = {2: "<=", 4: ">="}
_PHRASE = 1
_OPERATORS = {0: "and", 1: "or", 2: "not"}
_INITIALIZE, _SEARCH, _PRESENT, _CLOSE = 20, 22, 24, 48
_DEEPEST = 30


class _Trouble(Exception):
    """A diagnostic of Bib-1: its number, and what it is about."""


def open_door(library: MemberLibrary) -> SocketDoor:
    """Listen where the configuration says."""
    return SocketDoor(library, library.config.z3950_port, lambda caller: Talk(caller).run())


class Talk:
    """One connection, with its one result set."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._library = caller.library
        self._is_known = False
        self._found: list[Title] = []

    def run(self) -> None:
        framer = ber.Framer(_LARGEST)
        while piece := self._caller.heard():
            try:
                framer.feed(piece)
                while (message := framer.message()) is not None:
                    answer = self._answer(ber.decode(message))
                    if answer is None:
                        return
                    told = ber.encode(answer)
                    self._caller.say(b"\x00\x00" + told if self._caller.garbles else told)
            except ber.NotBer:
                self._caller.say(ber.encode(_closing(6)))
                return

    def _answer(self, asked: Element) -> Element | None:
        """Return the answer; None ends the talk."""
        if asked.tag == _INITIALIZE:
            return self._greet(asked)
        if asked.tag == _CLOSE:
            return None
        if not self._is_known or self._caller.is_broken or asked.tag not in {_SEARCH, _PRESENT}:
            return _closing(3)
        return self._search(asked) if asked.tag == _SEARCH else self._present(asked)

    def _greet(self, asked: Element) -> Element:
        config, shown = self._library.config, asked.part(7)
        told = [each.octets.decode("utf-8", "replace") for each in shown.parts[0].parts] if shown else []
        # who says nothing is a guest; who says something must be right
        self._is_known = not told or told[-2:] == [config.user, config.password]
        return ber.group(21, (
            ber.bits(3, (1, 2)), ber.bits(4, (0, 1)), ber.integer(5, _LARGEST), ber.integer(6, _LARGEST),
            ber.boolean(12, value=self._is_known), ber.text(111, self._library.config.library),
        ))  # fmt: skip

    def _search(self, asked: Element) -> Element:
        self._found, trouble = [], None
        try:
            self._found = self._library.catalogue.search(_query(asked))
        except _Trouble as told:
            trouble = _complaint(*told.args, tag=130, kind=ber.CONTEXT)
        count = (ber.integer(23, len(self._found)), ber.integer(24, 0), ber.integer(25, 1))
        return ber.group(23, (*count, ber.boolean(22, value=trouble is None), trouble))

    def _present(self, asked: Element) -> Element:
        first, count = (_number(asked.part(tag), 1) for tag in (30, 29))
        syntax = asked.part(104)
        try:
            form = syntax.oid if syntax else Syntax.MARC21.value
            records = [self._record(title, form) for title in self._chosen(first, count)]
        except _Trouble as told:
            trouble = _complaint(*told.args, tag=130, kind=ber.CONTEXT)
            return ber.group(25, (ber.integer(24, 0), ber.integer(25, 0), ber.integer(27, 5), trouble))
        here = ber.group(28, records)
        after = first + len(records)
        return ber.group(
            25, (ber.integer(24, len(records)), ber.integer(25, after), ber.integer(27, 0), here)
        )

    def _chosen(self, first: int, count: int) -> list[Title]:
        if not (0 < first and first + count - 1 <= len(self._found)):
            raise _Trouble(13, f"{first}+{count}")
        return self._found[first - 1 :][: min(count, _MOST)]

    def _record(self, title: Title, syntax: str) -> Element:
        is_chinese = self._library.config.marc == "cnmarc"
        record = outgoing(title, library=self._library.config.library, cnmarc=is_chinese)
        if syntax == Syntax.XML.value:
            octets = etree.tostring(marcxml.marc_element(record))
        elif syntax == (Syntax.UNIMARC if is_chinese else Syntax.MARC21).value:
            octets = _iso2709(record)
        else:
            raise _Trouble(239, syntax)
        parts = (ber.object_id(ber.OID, syntax, kind=ber.UNIVERSAL), ber.octets(1, octets))
        external = ber.group(ber.EXTERNAL, parts, kind=ber.UNIVERSAL)
        database = ber.text(0, self._library.config.library)
        choice = ber.group(1, (ber.group(1, (external,)),))
        return ber.group(ber.SEQUENCE, (database, choice), kind=ber.UNIVERSAL)


# ---------------------------------------------------------------- queries


def _query(asked: Element) -> cql.Node:
    """Return what a search asks for.

    :raises _Trouble: if it asks in a way that is not understood here
    """
    query = asked.part(21)
    rpn = query.part(1) if query else None
    if rpn is None or not rpn.parts:
        raise _Trouble(107, "type-1 alone")
    return _node(rpn.parts[-1], 0)


def _node(element: Element, depth: int) -> cql.Node:
    """Return what an RPN structure asks for."""
    if depth > _DEEPEST:
        raise _Trouble(3, "nested too deeply")
    if element.tag == 0:
        operand = element.part(102)
        if operand is None:
            raise _Trouble(18, "no result set by name")
        return _clause(operand)
    left, right, operator = (*element.parts, *[element] * 3)[:3]
    named = _OPERATORS.get(operator.parts[0].tag if operator.parts else -1)
    if element.tag != 1 or named is None:
        raise _Trouble(110, "and, or, not")
    return cql.Pair(named, _node(left, depth + 1), _node(right, depth + 1))


def _clause(operand: Element) -> cql.Clause:
    attributes, term = operand.part(44), operand.part(45)
    if term is None:
        raise _Trouble(108, "no term")
    told = {
        _number(each.part(120), 0): _number(each.part(121), 0)
        for each in (attributes.parts if attributes else ())
    }
    use = told.get(_USE, 1016)
    if use not in _USES:
        raise _Trouble(114, str(use))
    usual = "adj" if told.get(_STRUCTURE) == _PHRASE else "all"
    relation = _RELATIONS.get(told.get(_RELATION, 0), usual)
    return cql.Clause(_USES[use], relation, term.octets.decode("utf-8", "replace"))


def _number(element: Element | None, usual: int) -> int:
    return usual if element is None else element.number


# ---------------------------------------------------------------- the wire


def _complaint(code: int, details: str, *, tag: int, kind: int) -> Element:
    parts = (
        ber.object_id(ber.OID, _BIB1_DIAGNOSTICS, kind=ber.UNIVERSAL),
        ber.integer(ber.INTEGER, code, kind=ber.UNIVERSAL),
        ber.text(26, details, kind=ber.UNIVERSAL),
    )
    return ber.group(tag, parts, kind=kind)


def _closing(reason: int) -> Element:
    return ber.group(_CLOSE, (ber.integer(211, reason),))


def _iso2709(record: MarcRecord) -> bytes:
    """Return *record* as ISO 2709 in UTF-8."""
    contents = [(tag, value.encode()) for tag, value in record.control]
    for field in record.fields:
        told = "".join(f"\x1f{code}{value}" for code, value in field.subfields)
        contents.append((field.tag, (field.indicators + told).encode()))
    directory, data = "", b""
    for tag, octets in contents:
        directory += f"{tag}{len(octets) + 1:04}{len(data):05}"
        data += octets + b"\x1e"
    base = 24 + len(directory) + 1
    leader = f"{base + len(data) + 1:05}{record.leader[5:12]}{base:05}{record.leader[17:24]}"
    return f"{leader}{directory}\x1e".encode("ascii") + data + b"\x1d"
