"""What the templates of policies and calendars are given: versions, differences and trials in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from markupsafe import Markup

from ill_broker.pages.frame import local_day
from ill_broker.pages.libraries import library_name
from ill_broker.pages.office.calendar_presenters import covered_years
from ill_broker.pages.office.told import moment, names
from ill_broker.pages.office.typed import written
from ill_broker.services.members.directory import Directory
from ill_broker.services.members.policy_versions import FOLDER
from ill_broker.services.members.rulebook import RuleFile
from ill_broker.storage.policies import FileKind, Version
from ill_broker.storage.policy_files import builtin_text, parse
from ill_broker.texts.calendar_changes import calendar_words
from ill_broker.texts.catalogue import say
from ill_broker.texts.policy_changes import difference_words
from ill_broker.texts.simulation_chart import as_chart
from ill_broker.texts.simulation_texts import notes, table
from ill_broker.web.context import now, service
from ill_broker.web.language import page_language
from workflows.evaluation.simulation import Simulation
from workflows.ids import LibraryCode
from workflows.policies.calendar_days import day_changes
from workflows.policies.difference import difference

#: versions whose differences a page tells; the API lists them all
_MOST = 30


def shown_files(files: Iterable[RuleFile]) -> list[dict[str, Any]]:
    """Return every file with whose it is and since when it holds."""
    return [_head(file) | {"versions": len(file.versions)} for file in files]


def shown_file(file: RuleFile) -> dict[str, Any]:
    """Return a file with its versions, the newest first, each with what it changed."""
    shown = file.versions[:_MOST]
    called = names({one.author for one in shown})
    before = [*file.versions[1 : len(shown) + 1], None][: len(shown)]
    return _head(file) | {
        "name": file.name,
        "versions": [_version(file, one, old, called) for one, old in zip(shown, before, strict=True)],
        "is_calendar": file.kind is FileKind.CALENDAR,
        "year": _year(file) if file.kind is FileKind.CALENDAR else None,
    }


def shown_changes(kind: FileKind, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Return what one version changes in another, in words."""
    spoken = page_language()
    if kind is FileKind.CALENDAR:
        return list(calendar_words(day_changes(old, new), spoken))
    return list(difference_words(difference(old, new), spoken))


def shown_simulation(found: Simulation) -> dict[str, Any]:
    """Return what a trial of rules found, as a chart and as the table beside it."""
    spoken = page_language()
    head, *rows = table(found, spoken)
    return {
        "chart": Markup(as_chart(found, spoken)) if rows else "",  # noqa: S704 - drawn by us, every word escaped
        "head": head,
        "rows": [[cell.replace("->", "→") for cell in row] for row in rows],
        "notes": [note.replace("->", "→") for note in notes(found, spoken)],
    }


def text_of(file: RuleFile) -> str:
    """Return a file's own text with its comments where there is one, else one that says the same."""
    own = file.installed.written if file.installed else builtin_text(FOLDER[file.kind], file.name)
    return own if own and parse(own.encode(), file.name) == file.document else written(file.document)


def _head(file: RuleFile) -> dict[str, Any]:
    installed = file.installed
    return {
        "name": file.name,
        "title": title_of(file),
        "since": moment(installed.valid_from) if installed else "",
        "is_sample": file.document.get("sample") is True,
    }


def _year(file: RuleFile) -> int:
    """Return this year, or the nearest that a calendar knows."""
    years = covered_years(file.document)
    return min(max(local_day(now()).year, years[0]), years[-1])


def title_of(file: RuleFile) -> str:
    """Return what a file is called: by its library where it is one's."""
    code, title = LibraryCode(file.name), file.document.get("name")
    if code in service(Directory).libraries(now()):
        return library_name(code)
    return title if isinstance(title, str) else file.name


def _version(
    file: RuleFile, version: Version, before: Version | None, called: Mapping[str, str]
) -> dict[str, Any]:
    old = before.document if before else _as_it_came(file)
    spoken = page_language()
    return {
        "seq": version.seq,
        "who": called[version.author],
        "why": version.reason,
        "at": moment(version.created_at),
        "from": moment(version.valid_from),
        "is_in_force": file.installed is not None and file.installed.seq == version.seq,
        "is_to_come": version.valid_from > now(),
        "changes": shown_changes(file.kind, old, version.document)
        if old
        else [say("rule_file_page.first", spoken)],
    }


def _as_it_came(file: RuleFile) -> Mapping[str, Any] | None:
    """Return the file that comes with the service, None if there is none of this name."""
    base = service(Directory).base
    if file.kind is FileKind.CALENDAR:
        return base.calendar_document(file.name) if file.name in base.calendar_ids else None
    return base.document(file.name) if file.name in base.written else None
