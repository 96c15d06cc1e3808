"""The office's first page."""

from __future__ import annotations

from typing import Any

from ill_broker.pages.frame import me, page, room, seen_by
from ill_broker.pages.libraries import library_name
from workflows.actors import Role

blueprint = room("office_home", __name__)


@blueprint.get("/office")
@seen_by(Role.OFFICE)
def show() -> Any:
    """Show where everything of the office begins."""
    return page("office/home.html", library=library_name(me().library))
