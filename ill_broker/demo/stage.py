"""The page of a demonstration, and of nothing else: everybody is a button, and the story is watched."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Flask, current_app, redirect, request, url_for

from ill_broker.demo.consortium import PASSWORD
from ill_broker.demo.playbill import DESKS, OFFICE, PAGE, READERS, SEEN_BY, STEPS, Part
from ill_broker.demo.story import Story
from ill_broker.pages.errors import speak_to_browsers
from ill_broker.pages.frame import ours, page, room, zone
from ill_broker.pages.navigation import FIRST
from ill_broker.services.people.sessions import Sessions
from ill_broker.web.context import now, service
from ill_broker.web.language import page_language
from ill_broker.web.throttle import network
from ill_broker.web.visits import begin_visit, end_visit

blueprint = room("stage", __name__)
blueprint.template_folder = "templates"
# somebody who comes later in the story is not registered yet
speak_to_browsers(blueprint)
_STORY = "demonstration_story"
_LOGINS = frozenset(one.login for one in (*READERS, *DESKS, OFFICE))


def set_stage(app: Flask, folder: Path) -> None:
    """Hang the page into the application of a demonstration."""
    app.extensions[_STORY] = Story(folder)
    app.register_blueprint(blueprint)


@blueprint.get("/demonstration")
def show() -> Any:
    """Show the story as far as it has come, and everybody as a button."""
    parts = [("readers", READERS), ("desks", DESKS), ("office", (OFFICE,))]
    told, spoken = _story().read(), page_language()
    return page(
        "stage.html",
        words={name: text.said(spoken) for name, text in PAGE.items()},
        steps=[_step(one) for one in told["steps"]],
        story=told,
        parts=[(PAGE[name].said(spoken), [_part(one) for one in them]) for name, them in parts],
    )


@blueprint.post("/demonstration/log-in")
def log_in() -> Any:
    """Become somebody of the demonstration, by the password that everybody knows."""
    login, to = request.form.get("login", ""), ours(request.form.get("to"))
    if login not in _LOGINS:
        return redirect(url_for(".show"), 303)
    end_visit()
    opened = service(Sessions).open(
        login=login, password=PASSWORD, library=None, network=network(), now=now()
    )
    begin_visit(opened)
    return redirect(url_for(FIRST[opened.actor.role]) if to == "/" else to, 303)


@blueprint.post("/demonstration/next")
def ask_on() -> Any:
    """Ask for the next step of the story."""
    _story().ask_on()
    return redirect(url_for(".show"), 303)


def _story() -> Story:
    story: Story = current_app.extensions[_STORY]
    return story


def _part(part: Part) -> dict[str, str]:
    spoken = page_language()
    return {"login": part.login, "name": part.name.said(spoken), "tries": part.tries.said(spoken)}


def _step(told: dict[str, Any]) -> dict[str, Any]:
    spoken = page_language()
    who, what = STEPS[told["step"]]
    return {
        "at": f"{datetime.fromisoformat(told['at']).astimezone(zone()):%Y-%m-%d %H:%M}",
        "who": who.said(spoken),
        "what": what.said(spoken),
        "requests": [one | {"seen_by": _seen_by(one)} for one in told["requests"]],
    }


def _seen_by(one: dict[str, str]) -> list[dict[str, str]]:
    """Return as whom a request of the story can be looked at, and where."""
    spoken = page_language()
    return [
        {"login": login or one["reader"], "to": where.format(id=one["id"]), "words": words.said(spoken)}
        for login, where, words in SEEN_BY
    ]
