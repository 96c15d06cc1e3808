"""What the templates of members are given: names, words and times, never records."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from connectors.trials import Outcome, Trial
from ill_broker.pages.libraries import library_name
from ill_broker.pages.office.told import moment
from ill_broker.services.members.connector_health import ConnectorHealth
from ill_broker.storage.health import CLOSED, OPEN
from ill_broker.texts.catalogue import say
from ill_broker.web.language import page_language
from workflows.libraries import Library

#: worst first
_MOODS = ("bad", "look", "good", "quiet")


def shown_members(libraries: Iterable[Library], standings: Iterable[ConnectorHealth]) -> list[dict[str, Any]]:
    """Return each member with how it is doing, those in trouble first."""
    health: dict[str, list[dict[str, Any]]] = {}
    for one in standings:
        health.setdefault(one.health.library, []).append(shown_health(one))
    members = [shown_library(one) | _at_a_glance(health.get(one.code, [])) for one in libraries]
    return sorted(members, key=lambda one: (_MOODS.index(one["mood"]), one["name"]))


def shown_library(library: Library) -> dict[str, Any]:
    """Return who a member is."""
    zh = page_language() == "zh"
    return {
        "code": library.code,
        "name": library.name_zh if zh else library.name,
        "desk": (library.desk_zh if zh else library.desk) or "",
        "lends": library.lends,
        "policy": library.policy or library.code,
        "return_desks": [library_name(one) for one in library.return_desks],
    }


def shown_health(standing: ConnectorHealth) -> dict[str, Any]:
    """Return how a connector has been doing."""
    health, spoken = standing.health, page_language()
    is_well = standing.state == CLOSED and not health.failures
    state = (
        say("members_page.well", spoken)
        if is_well
        else say("members_page.resting", spoken)
        if standing.state == OPEN
        else say("members_page.failing", spoken)
    )
    return {
        "connector": health.connector,
        "mood": "good" if is_well else "bad" if standing.state == OPEN else "look",
        "state": state,
        "failures": health.failures,
        "rests_until": moment(standing.rests_until),
        "last_success": moment(health.last_success),
        "last_failure": moment(health.last_failure),
        "detail": health.detail or "",
    }


def shown_trial(trial: Trial) -> dict[str, Any]:
    """Return what came of trying a connector."""
    spoken = page_language()
    told = {
        Outcome.OK: ("good", say("trial_page.ok", spoken)),
        Outcome.FAILED: ("bad", say("trial_page.failed", spoken)),
        Outcome.NOT_TRIED: ("quiet", say("trial_page.not_tried", spoken)),
    }
    mood, outcome = told[trial.outcome]
    return {
        "connector": trial.connector,
        "mood": mood,
        "outcome": outcome,
        "milliseconds": trial.milliseconds,
        "detail": trial.detail,
        "refused": [(one.field, one.detail) for one in trial.refused],
    }


def _at_a_glance(health: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a member's worst connector; of one that was never called, that."""
    if not health:
        return {"mood": "quiet", "state": say("members_page.not_called", page_language()), "trouble": ""}
    worst = min(health, key=lambda one: _MOODS.index(one["mood"]))
    trouble = "" if worst["mood"] == "good" else worst["connector"]
    return {"mood": worst["mood"], "state": worst["state"], "trouble": trouble}
