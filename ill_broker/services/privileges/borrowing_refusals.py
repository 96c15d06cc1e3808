"""What is refused to those who record what a patron may borrow."""

from workflows.errors import WorkflowError


class NoSuchMember(WorkflowError):
    """No member library has this code."""

    code = "unknown_library"
    title = "There is no such member library"
    #: what of the input it is about
    pointer = "/library"


class NotInForce(WorkflowError):
    """It has ended already."""

    code = "not_in_force"
    title = "This is not in force any more"


class AlreadySuspended(WorkflowError):
    """The library suspends the patron for the same, from and until the same day."""

    code = "already_suspended"
    title = "The patron is suspended for this already"


class UnknownCategory(WorkflowError):
    """The library's policy has no such category; ``facts["categories"]`` lists those it has."""

    code = "unknown_category"
    title = "The library has no such category of readers"
    pointer = "/category"


class TooManyAgents(WorkflowError):
    """The agent of this request was changed too often."""

    code = "too_many_agents"
    title = "The agent of this request cannot be changed any more"
