"""The part of CQL that a sandbox library understands."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|(==|<>|<=|>=|[=<>()/])|([^\s"=<>()/]+))', re.DOTALL)
_BOOLEANS = frozenset({"and", "or", "not"})
_RELATIONS = frozenset({"=", "==", "all", "any", "adj", "exact", ">=", "<="})
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_DEEPEST = 50

_INDEXES = {
    "any": ("cql.serverchoice", "cql.anywhere", "cql.allindexes", "cql.anyindexes", "any"),
    "title": ("dc.title", "bath.title", "title"),
    "author": ("dc.creator", "dc.author", "bath.author", "bath.name", "author"),
    "isbn": ("bath.isbn", "dc.identifier", "isbn"),
    "issn": ("bath.issn", "issn"),
    "subject": ("dc.subject", "bath.subject", "subject"),
    "publisher": ("dc.publisher", "bath.publisher", "publisher"),
    "year": ("dc.date", "date", "year"),
    "id": ("rec.id", "rec.identifier"),
}
_KNOWN = {name: index for index, names in _INDEXES.items() for name in names}


class CqlFault(Exception):
    """The query cannot be answered; *code* is the SRU diagnostic."""

    def __init__(self, code: int, details: str) -> None:
        super().__init__(details)
        self.code = code
        self.details = details

    @classmethod
    def syntax(cls, details: str) -> CqlFault:
        return cls(10, details)


@dataclass(frozen=True, slots=True)
class Clause:
    #: any, title, author, subject, publisher, isbn, issn, year or id.
    index: str
    relation: str
    term: str


@dataclass(frozen=True, slots=True)
class Pair:
    #: and, or, not.
    operator: str
    left: Node
    right: Node


Node = Clause | Pair


def parse(query: str) -> Node:
    """Return what *query* asks for.

    :raises CqlFault: if it is not CQL, or more of it than is understood here
    """
    reader = _Reader(query)
    node = reader.query(0)
    if reader.peek() is not None:
        raise CqlFault.syntax(f"unexpected {reader.peek()}")
    return node


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    quoted: bool = False

    @property
    def is_mark(self) -> bool:
        return not self.quoted and self.text in {"=", "==", "<>", "<=", ">=", "<", ">", "(", ")", "/"}

    @property
    def word(self) -> str:
        return "" if self.quoted else self.text.lower()


class _Reader:
    def __init__(self, query: str) -> None:
        self._tokens = _tokens(query)
        self._at = 0

    def peek(self) -> _Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def query(self, depth: int) -> Node:
        if depth > _DEEPEST:
            raise CqlFault.syntax("nested too deeply")
        node = self._clause(depth)
        while (token := self.peek()) is not None and token.word in _BOOLEANS:
            self._at += 1
            node = Pair(token.word, node, self._clause(depth))
        return node

    def _next(self) -> _Token:
        token = self.peek()
        if token is None:
            raise CqlFault.syntax("the query ends too early")
        self._at += 1
        return token

    def _clause(self, depth: int) -> Node:
        token = self._next()
        if not token.quoted and token.text == "(":
            node = self.query(depth + 1)
            if self._next().word != ")":
                raise CqlFault.syntax("a bracket is not closed")
            return node
        relation = self.peek()
        if relation is None or token.quoted or not (relation.is_mark or relation.word in _RELATIONS):
            return Clause("any", "all", _term(token))
        if relation.text == ")":
            return Clause("any", "all", _term(token))
        self._at += 1
        return _clause(token.text, relation.word, _term(self._next()))


def _clause(index: str, relation: str, term: str) -> Clause:
    if index.lower() not in _KNOWN:
        raise CqlFault(16, index)
    if relation not in _RELATIONS:
        raise CqlFault(19, relation)
    return Clause(_KNOWN[index.lower()], relation, term)


def _term(token: _Token) -> str:
    if token.is_mark:
        raise CqlFault.syntax(f"unexpected {token.text}")
    return _ESCAPED.sub(r"\1", token.text)


def _tokens(query: str) -> list[_Token]:
    tokens, at, text = [], 0, query.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise CqlFault.syntax(text[at : at + 20])
        quoted, mark, word = match.groups()
        tokens.append(_Token(quoted, quoted=True) if quoted is not None else _Token(mark or word))
        at = match.end()
    return tokens
