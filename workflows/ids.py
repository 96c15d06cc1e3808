"""The identifiers of the service, each a kind of its own."""

from typing import NewType

RequestId = NewType("RequestId", str)
PatronId = NewType("PatronId", str)
StaffId = NewType("StaffId", str)
#: of a loan card
CardId = NewType("CardId", str)
#: of a posting in a patron's account
PostingId = NewType("PostingId", str)
#: of what a library has recorded of a patron: a suspension, a permission
PrivilegeId = NewType("PrivilegeId", str)
#: of a due date that was amended for many loans at once
AmendmentId = NewType("AmendmentId", str)
#: of what a reader waits for until it can be had
WishId = NewType("WishId", str)
#: of what a reader typed because no search had found it
TypedRequestId = NewType("TypedRequestId", str)
#: the code of a member library; its terms stand in the policy book under it
LibraryCode = NewType("LibraryCode", str)
#: how one is written
LIBRARY_CODE = r"[a-z0-9][a-z0-9-]{0,31}"
#: names one message on the wire; resending keeps it
MessageId = NewType("MessageId", str)
