"""What tests of the office's services stand on: loans under way, and another version of a policy."""

from __future__ import annotations

import copy
from typing import Any

from ill_broker.services.members.rulebook import NewFile, Rulebook
from ill_broker.services.office.amendments import Amendments
from ill_broker.storage.policies import FileKind, Version
from tests.factories import BARCODE, PKU, the_book
from tests.ill_broker.services.lending import Lending
from workflows.ids import LibraryCode
from workflows.requests.commands import Arrive, CallResult, HandOver, RecordCall, ReportedStatus
from workflows.requests.request import Request

#: a version of the terms that pku inherits, under which a loan lasts a week
A_WEEK = {"loan_rules": [{"id": "a-week", "when": {}, "period": {"days": 7}}]}


def a_file(name: str = "balis", kind: FileKind = FileKind.POLICY, /, **changes: Any) -> NewFile:
    """Return a file that comes with the service, with sections changed."""
    book = the_book()
    document = book.document(name) if kind is FileKind.POLICY else book.calendar_document(name)
    return NewFile(
        kind=kind, name=name, document={**copy.deepcopy(dict(document)), **changes}, source=f"{name}.yaml"
    )


class Office:
    """The office beside a consortium on a store."""

    def __init__(self, lending: Lending) -> None:
        self.lending = lending
        self.rulebook = Rulebook(lending.store, lending.directory)
        self.amendments = Amendments(lending.store, lending.directory, lending.requests)

    def install(self, *files: NewFile, **facts: Any) -> tuple[Version, ...]:
        facts = {"author": "stf_office", "reason": "decided", "now": self.lending.now, **facts}
        return self.rulebook.install(files, **facts)

    def waiting(self, lender: LibraryCode = PKU) -> Request:
        """Return a request whose patron is on the way to the desk."""
        lending = self.lending
        request = lending.asked(lender)
        lending.hear(request, ReportedStatus.WILL_SUPPLY)
        lending.hear(request, ReportedStatus.LOANED)
        lending.do(request, Arrive(barcode=f"{BARCODE}-{request.id}"))
        return lending.do(request, RecordCall(result=CallResult.REACHED))

    def lent(self, lender: LibraryCode = PKU) -> Request:
        """Return a loan that has just begun."""
        return self.lending.do(self.waiting(lender), HandOver())
