"""What calls for somebody is over once they say that they have seen to it."""

from workflows.decisions.draft import Draft
from workflows.refusals import WrongState
from workflows.requests import events
from workflows.requests.commands import SeeTo
from workflows.requests.request import to_see_to


def see_to(draft: Draft, command: SeeTo) -> None:
    """Note that somebody has looked at it; what calls for nobody any more is left alone.

    :raises WrongState: if something of it stays for as long as it is open, such as a case
    """
    held = [what.value for what in command.what if what.is_held]
    if held:
        raise WrongState(
            f"settle it first: {', '.join(held)}", status=draft.request.status, step=command.step
        )
    seen = tuple(what.value for what in to_see_to(draft.request) if what in command.what)
    if seen:
        draft.happened(events.SeenTo(at=draft.now, what=seen, note=command.note))
