"""The system of the patron's own library, kept in step with the desk: the book held, lent, back and gone.

Nothing at the desk waits for it: what it is told are effects, and where it does not do as it is told,
somebody looks.
"""

from datetime import date

from workflows.decisions.draft import Draft
from workflows.reasons import Attention
from workflows.requests import events
from workflows.requests.effects import Locally, TellLocalSystem
from workflows.requests.lifecycle import Step
from workflows.requests.message_commands import RecordLocally

#: what is raised for the desk when the system does not do as it is told
NOT_IN_STEP = Attention.LOCAL_SYSTEM

#: what takes back what the system was told at a step of the desk
_UNDOING = {
    Step.ARRIVE: Locally.FORGET,
    Step.HAND_OVER: Locally.CHECK_IN,
    Step.TAKE_BACK: Locally.CHECK_OUT,
}


def tell(draft: Draft, what: Locally, *, barcode: str | None = None) -> None:
    """Tell the system, if the library has one that can be told and the patron is its own reader.

    One that asked for its patron by itself keeps the book in its own books.
    """
    request = draft.request
    library = request.desk
    if request.by_partner:
        return
    if library != request.home or what not in draft.known.local_systems.get(library, frozenset()):
        return
    draft.then(
        TellLocalSystem(
            library=library,
            what=what,
            message=draft.message(f"{what}-locally"),
            barcode=barcode or request.item_barcode or request.number,
            due=request.due if what is Locally.CHECK_OUT else None,
        )
    )


def undo(draft: Draft, step: Step, *, barcode: str | None) -> None:
    """Tell the system the opposite of what it was told at a step that is undone."""
    what = _UNDOING.get(step)
    if what is not None:
        tell(draft, what, barcode=barcode)


def gone(draft: Draft) -> None:
    """Tell the system that a book is with its owner, or lost, which never left the desk by a step of ours."""
    instants = draft.request.instants
    if instants.arrived is None or instants.shipped_back is not None:
        return
    if instants.handover is not None and instants.returned is None:
        tell(draft, Locally.CHECK_IN)
    tell(draft, Locally.FORGET)


def heard(draft: Draft, command: RecordLocally) -> None:
    """Take down what became of a message to the system."""
    because = events.Because(message=command.message)
    if command.failure is not None:
        draft.happened(events.AttentionRaised(at=draft.now, what=NOT_IN_STEP, because=because))
    elif command.barcode is not None:
        draft.happened(events.HeldLocally(at=draft.now, item_barcode=command.barcode, because=because))


def due_of(effect: TellLocalSystem) -> date:
    """Return the day on which the system is to expect the book back."""
    if effect.due is None:
        raise AssertionError("a book that is lent has a due date")
    return effect.due
