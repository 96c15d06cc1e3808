"""What the templates of a search and of a work are given: words, days and addresses, never records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from flask import url_for

from ill_broker.pages.frame import me
from ill_broker.pages.libraries import library_name
from ill_broker.pages.patron.presenters import shown_citation, site_words
from ill_broker.services.discovery.fan_out import MemberState
from ill_broker.services.discovery.paging import Page, Wanted
from ill_broker.services.discovery.record import Search
from ill_broker.services.discovery.search import Discovery
from ill_broker.services.members.directory import Directory
from ill_broker.texts.catalogue import say
from ill_broker.texts.days_and_amounts import said_amount, said_day, said_days, said_language
from ill_broker.texts.policy_values import translated
from ill_broker.texts.reasons import why
from ill_broker.web.context import now, service
from ill_broker.web.language import page_language
from workflows.citation import Query
from workflows.discovery.facets import Choice, Facet, counted
from workflows.discovery.offers import Offer, own_copies
from workflows.discovery.wishes import within_reach
from workflows.discovery.works import Sort, Work

#: what may be typed; the first is shown, the others stand behind it
FIELDS = ("text", "title", "author", "subject", "isbn", "year")
#: values of a facet that stand open, editions under a work, libraries that are named while they are awaited
_OPEN_VALUES, _EDITIONS, _NAMED = 6, 4, 3
_GOOD = {MemberState.ANSWERED, MemberState.HARVESTED}


def shown_search(found: Page, wanted: Wanted) -> dict[str, Any]:
    """Return a page of a search as far as it has come."""
    search = found.search
    return {
        "search_id": search.id,
        "address": _address(search, wanted),
        "told": told_so_far(search),
        "text": _typed(search.query),
        "typed": typed(search.query),
        "is_over": found.is_whole and search.is_finished,
        "place": search.queue_place,
        **_members(search),
        "total": search.works_total,
        "suggestions": search.suggestions,
        "works": [_listed(one, search) for one in found.works],
        "is_first": wanted.after is None,
        "first": _address(search, wanted, after=None),
        "next": _address(search, wanted, after=str(found.next)) if found.next else "",
        "sorts": _sorts(search, wanted),
        "facets": [each for facet in Facet if (each := _facet(facet, search, wanted))],
        "chosen": _chosen(search, wanted),
        "unfiltered": _address(search, Wanted(sort=wanted.sort)),
    }


def told_so_far(search: Search) -> str:
    """Return what changes when there is something new to show."""
    waiting = sum(one.state is MemberState.WAITING for one in search.members)
    return f"{waiting}-{len(search.hits)}-{search.queue_place}-{search.is_finished:d}"


def typed(query: Query) -> dict[str, str]:
    """Return what was typed, by field; a number that was typed as a text stands there again."""
    fields = {name: getattr(query, name) or "" for name in FIELDS}
    if not any(value for name, value in fields.items() if name != "isbn"):
        return {"text": fields["isbn"] or query.issn or ""}
    return fields


def _typed(query: Query) -> str:
    return " · ".join(value for value in typed(query).values() if value)


def _members(search: Search) -> dict[str, Any]:
    """Return how far each member is, and in words whom it still waits for and who was silent."""
    asked = [one for one in search.members if one.state is not MemberState.NOT_SEARCHABLE]
    waiting = [library_name(one.library) for one in asked if one.state is MemberState.WAITING]
    silent = [one for one in asked if one.state not in {*_GOOD, MemberState.WAITING}]
    return {
        "members": [
            {"name": library_name(one.library), "state": one.state.value, "hits": one.hits} for one in asked
        ],
        "answered": len(asked) - len(waiting),
        "waiting": waiting[:_NAMED],
        "more_waiting": len(waiting[_NAMED:]),
        "silent": len(silent),
        "is_silent": bool(asked) and len(silent) == len(asked),
    }


def _address(search: Search, wanted: Wanted, **changed: Any) -> str:
    """Return the address of a page with another choice; a page of another choice begins with the first."""
    chosen = {facet.value: sorted(values) for facet, values in wanted.choice.items()}
    asked = {
        "sort": None if wanted.sort is Sort.RELEVANCE else wanted.sort.value,
        "after": wanted.after and str(wanted.after),
        **chosen,
        **changed,
    }
    return url_for("pages.search.show", search_id=search.id, **asked)


def _sorts(search: Search, wanted: Wanted) -> list[dict[str, Any]]:
    return [
        {
            "words": say(f"search_sort.{each}", page_language()),
            "is_chosen": each is wanted.sort,
            "address": _address(search, wanted, sort=each.value, after=None),
        }
        for each in Sort
    ]


def _facet(facet: Facet, search: Search, wanted: Wanted) -> dict[str, Any] | None:
    """Return a facet with its values as links that choose one or take it away; None if there is no choice."""
    chosen = wanted.choice.get(facet, frozenset())
    counts = counted(search.works(), wanted.choice)[facet]
    values = [
        {
            "words": _value(facet, each.value),
            "works": each.works,
            "is_chosen": each.value in chosen,
            "address": _toggled(search, wanted, facet, each.value),
        }
        for each in counts
        if facet is not Facet.AVAILABLE or each.value == "yes"
    ]
    if len(values) + (facet is Facet.AVAILABLE) < 2:  # noqa: PLR2004 - one value is no choice
        return None
    return {
        "name": say(f"facet.{facet}", page_language()),
        "is_told": facet in {Facet.AUTHOR, Facet.SUBJECT},
        "open": values[:_OPEN_VALUES],
        "folded": values[_OPEN_VALUES:],
    }


def _toggled(search: Search, wanted: Wanted, facet: Facet, value: str) -> str:
    chosen = sorted(wanted.choice.get(facet, frozenset()) ^ {value})
    return _address(search, wanted, after=None, **{facet.value: chosen})


def _chosen(search: Search, wanted: Wanted) -> list[dict[str, str]]:
    return [
        {"words": _value(facet, value), "address": _toggled(search, wanted, facet, value)}
        for facet, values in wanted.choice.items()
        for value in sorted(values)
    ]


def _value(facet: Facet, value: str) -> str:
    match facet:
        case Facet.LIBRARY:
            return library_name(value)
        case Facet.AVAILABLE:
            return say("facet_value.available", page_language())
        case Facet.KIND:
            return translated(value, page_language())
        case Facet.LANGUAGE:
            return said_language(value, page_language())
    return value


def _listed(work: Work, search: Search) -> dict[str, Any]:
    terms = service(Discovery).offers(work, me(), now())
    first = next((one for one in terms if one.is_lendable), None)
    others = [one for one in _editions(work, search) if not one["is_this"]]
    return {
        "id": work.id,
        "cited": shown_citation(work.citation),
        "kind": "" if work.citation.item_type == "book" else _value(Facet.KIND, work.citation.item_type),
        "own": _own(work),
        "lenders": sum(one.is_lendable for one in terms),
        "expected": _expected(first) if first else "",
        "why_not": why(terms[0].reason, page_language()) if terms and terms[0].reason and not first else "",
        "editions": others[:_EDITIONS],
        "more_editions": len(others[_EDITIONS:]),
    }


def shown_work(work: Work, search: Search) -> dict[str, Any]:
    """Return a work with each library's offer, in the order in which they would be asked."""
    terms = service(Discovery).offers(work, me(), now())
    home, editions = me().library, _editions(work, search)
    return {
        "work_id": work.id,
        "cited": shown_citation(work.citation),
        "own": _own(work),
        "editions": editions if len(editions) > 1 else [],
        "has_volumes": bool(work.citation.volume),
        "offers": [_offer(one) for one in terms if one.is_lendable],
        "others": [_offer(one) for one in terms if not one.is_lendable and one.lender != home],
        "desk": library_name(home),
        "sites": _sites(),
        "can_wish": within_reach(terms) is None,
    }


def _editions(work: Work, search: Search) -> list[dict[str, Any]]:
    """Return the editions or volumes of a book: what tells each from the others, and who has it."""
    every = search.editions_of(work)
    named = Counter(map(_edition, every))
    return [
        {
            "id": one.id,
            "words": _edition(one, with_number=named[_edition(one)] > 1) or one.citation.title,
            "libraries": len(one.libraries),
            "is_in": one.available > 0,
            "is_this": one.id == work.id,
        }
        for one in every
    ]


def _edition(work: Work, *, with_number: bool = False) -> str:
    """Return what tells an edition from others; its number where nothing else does."""
    cited = work.citation
    parts = (cited.volume, cited.year and str(cited.year), cited.edition, cited.publisher)
    return " · ".join(part for part in (*parts, cited.isbn if with_number else None) if part)


def _own(work: Work) -> dict[str, Any] | None:
    """Return the reader's own library's first copy: where to walk to."""
    copies = own_copies(work, me().library)
    if not copies:
        return None
    return {"call_number": copies[0].call_number or "", "is_in": copies[0].available is True}


def _offer(one: Offer) -> dict[str, Any]:
    spoken = page_language()
    return {
        "library": library_name(one.lender),
        "expected": _expected(one),
        "days": (one.due - one.expected).days if one.due and one.expected else None,
        "due": said_day(one.due, spoken) if one.due else "",
        "is_sure": one.is_sure,
        "fine": said_amount(one.fine_rate, spoken) if one.fine_rate else "",
        "most": said_amount(one.fine_cap, spoken) if one.fine_cap else "",
        "is_in": one.holding.available,
        "why_not": why(one.reason, spoken) if one.reason else "",
    }


def _expected(one: Offer) -> str:
    if one.expected is None or one.expected_by is None:
        return ""
    return said_days(one.expected, one.expected_by, page_language())


def _sites() -> list[tuple[str, str]]:
    """Return where the reader's own desk lets books be fetched, if that is to be chosen."""
    home = me().library
    sites: Mapping[str, Any] = service(Directory).in_force(now()).policy(home).pickup if home else {}
    return [(site, site_words(site)) for site in sorted(sites)]


def choice_of(asked: Mapping[str, list[str]]) -> Choice:
    """Return what was chosen of the facets in an address."""
    return {facet: frozenset(asked[facet]) for facet in Facet if asked.get(facet)}
