"""Brings the catalogues in step with the code: what is new waits for words, what nobody says goes."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from ill_broker.api.problems import codes
from ill_broker.pages import errors
from ill_broker.pages.citing import LANGUAGES, CitedForm
from ill_broker.pages.desk import scan_presenters as scans
from ill_broker.pages.desk.bar import LISTS
from ill_broker.pages.desk.home import CRATE
from ill_broker.pages.desk.money_presenters import METHODS
from ill_broker.pages.desk.sizes import SIZES
from ill_broker.pages.navigation import NAVIGATION
from ill_broker.pages.office.admission_presenters import NAMES
from ill_broker.pages.office.report_presenters import REPORTED, REPORTED_CARDS
from ill_broker.services.discovery.fan_out import MemberState
from ill_broker.services.members.onboarding import Step
from ill_broker.services.office.reports import AT_ONCE, TABLES, By, Report
from ill_broker.services.partners.mail_answers import Reason
from ill_broker.services.people.mails import Mail
from ill_broker.services.refusals import SignOnFailure
from ill_broker.services.scans.scans import Word
from ill_broker.storage.announcements import Audience, Weight
from ill_broker.storage.audit import Action, Doer, Subject
from ill_broker.storage.card_reports import CardDeed
from ill_broker.texts.explanation_texts import CODES
from ill_broker.texts.explanation_words import Heading
from ill_broker.texts.flaws import CaseFlaw, Flaw
from ill_broker.texts.labels import Label
from ill_broker.texts.library_letters import LETTERS
from ill_broker.texts.library_words import Sentence
from ill_broker.texts.simulation_chart import PANELS
from ill_broker.texts.simulation_texts import COLUMNS
from tools.desk_messages import said_of_desk_requests
from workflows.accounts.account import Kind as PostingKind
from workflows.cards.card import CardNotice, CardStatus
from workflows.discovery.facets import Facet
from workflows.discovery.wishes import WishNotice
from workflows.discovery.works import Sort
from workflows.evaluation.simulation import Side
from workflows.loan_clock.case import LoanStatus
from workflows.policies.difference import Kind
from workflows.policies.document import PERIOD_UNITS
from workflows.policies.meanings import MEANINGS
from workflows.reasons import LIMITS, Attention, PassedOver, Placed, Refusal
from workflows.requests.effects import Notice
from workflows.requests.journey import STEPS
from workflows.requests.lending import Answer, LendingList
from workflows.requests.lifecycle import Outcome, Status
from workflows.requests.measures import Stage
from workflows.requests.papers import Paper
from workflows.requests.typed import Declined, TypedNotice, TypedStatus

#: what stands above the sentences, without the hour at which it was written
HEADER = """# What the service says to people.
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Language: {language}\\n"
"Plural-Forms: {plurals}\\n"

"""
SERVICE = Path(__file__).resolve().parent.parent / "ill_broker"
CATALOGUES = SERVICE / "texts" / "catalogues"
#: words of policy files and currencies, of which anybody may write any: only the catalogues list them
TERMS = ("term.", "amount.")

#: dates that a reader has to know next
_NEXT = (
    "kept",
    "expected",
    "late_on_the_road",
    "answer",
    "conditions",
    "shipping",
    "due",
    "due_today",
    "overdue",
)


def said() -> set[str]:
    """Return the name of every sentence that the code says in one form."""
    reasons: list[Refusal | PassedOver | Placed | Attention | Sentence | Flaw | CaseFlaw | Label | Reason] = [
        *Refusal,
        *PassedOver,
        *Placed,
        *Attention,
        *Sentence,
        *Flaw,
        *CaseFlaw,
        *Label,
        *Reason,
    ]
    next_steps = {attention.next_message for attention in Attention}
    notices = [
        *(f"notice.{notice}" for notice in Notice),
        *(f"card_notice.{notice}" for notice in CardNotice),
        *(f"wish_notice.{notice}" for notice in WishNotice),
        *(f"typed_notice.{notice}" for notice in TypedNotice),
    ]
    return (
        next_steps
        | {reason.message for reason in reasons}
        | {reason.message for reason in Declined}
        | {status.message for status in LoanStatus}
        | {failure.message for failure in SignOnFailure}
        | {f"problem.{code}" for code in codes()}
        | {f"{notice}{part}" for notice in notices for part in ("", ".subject", ".sms")}
        | {f"letter.{mail}.subject" for mail in Mail}
        | {f"{letter}{part}" for letter in LETTERS.values() for part in ("", ".subject")}
        | {f"partner_page.standing.{standing}" for standing in (*Status, "elsewhere")}
        | {"sms.your_book", "letter.not_known", "letter.place"}
        | said_on_pages()
        | said_of_policies()
        | said_in_explanations()
        | said_of_simulations()
    )


def said_on_pages() -> set[str]:
    """Return the name of every sentence of pages and letters; what they put together is listed here."""
    return (
        extracted("texts/templates", "jinja2")
        | extracted("pages/templates", "jinja2")
        | extracted("pages", "python")
        | {f"error_page.{kind}.{part}" for kind in errors.KINDS for part in ("heading", "next")}
        | {entry.message for entries in NAVIGATION.values() for entry in entries}
        | {f"request_{name}.{each}" for name in ("status", "where") for each in (*Status, *Outcome)}
        | {f"request_next.{each}" for each in _NEXT}
        | {f"search_member.{each}" for each in MemberState}
        | {f"search_sort.{each}" for each in Sort}
        | {f"facet.{each}" for each in Facet}
        | {f"journey.{step}" for step in STEPS}
        | {f"typed.{name}.{status}" for name in ("status", "next") for status in TypedStatus}
        | {f"desk.typed.status.{status}" for status in TypedStatus}
        | {f"typed.language.{language}" for language in LANGUAGES}
        | {f"typed.field.{name}" for name in CitedForm().fields}
        | {f"desk_cards.{status}" for status in CardStatus}
        | {f"desk_money.{each}" for each in (*METHODS, PostingKind.DISPUTE, PostingKind.WAIVER_PROPOSAL)}
        | {f"posting.{kind}" for kind in PostingKind}
        | {f"desk.bar.{each}" for each in LISTS}
        | {f"desk.done.{each}" for each in scans.DONE}
        | {f"desk.choice.{each}" for each in scans.CHOICES}
        | {f"desk.fact.{each}" for each in scans.FACTS}
        | {f"desk.mode.{each}" for each in CRATE}
        | {f"desk.word.{each}" for each in Word}
        | said_of_desk_requests()
        | {f"paper.{paper.value}" for paper in Paper}
        | {f"lending_page.{part}.{each}" for part in ("list", "empty") for each in LendingList}
        | {f"lending_page.answer.{answer.name.lower()}" for answer in Answer}
        | {f"paper.size.{size}" for size in SIZES}
        | said_in_reports()
        | said_of_members()
        | {action.message for action in Action}
        | {f"announcement.audience.{one}" for one in Audience}
        | {f"announcement.weight.{one}" for one in Weight}
        | {f"announcement.state.{one}" for one in ("holds", "waits", "over", "withdrawn")}
        | {f"audit_page.subject.{subject}" for subject in Subject}
        | {f"audit_page.who.{who}" for who in (Doer.STRANGER, Doer.SYSTEM, Doer.PATRON)}
        | {f"posting.since_{kind}" for kind in (PostingKind.DISPUTE, PostingKind.REVERSAL)}
    )


def said_of_members() -> set[str]:
    """Return the name of every sentence about what the office says of a member, and how far it is."""
    return (
        {f"member_field.{name}" for name in NAMES}
        | {f"admission_page.{name}_hint" for name in ("lends", "by_sms")}
        | {f"health_chart.{part}" for part in ("title", "well", "failed")}
        | {f"member_step.{step}{part}" for step in Step for part in ("", ".help")}
    )


def said_in_reports() -> set[str]:
    """Return the name of every sentence of reports."""
    columns = {name for table, _ in (*TABLES.values(), *AT_ONCE.values()) for name in table}
    return (
        {f"report.{report}{part}" for report in Report for part in ("", ".help")}
        | {f"report.by.{by}" for by in By}
        | {f"report.stage.{stage}" for stage in Stage}
        | {f"report.deed.{deed}" for deed in CardDeed}
        | {f"report.limit.{limit}" for limit in LIMITS}
        | {f"report.posting.{kind}" for kind in PostingKind}
        | {f"report.column.{name}" for name in (*columns, *REPORTED, *REPORTED_CARDS, "home", "month")}
    )


def extracted(folder: str, method: str, called: str = "say") -> set[str]:
    """Return the names that stand in the calls of *called* in the templates or the code of a folder."""
    pattern = "**.py" if method == "python" else "**.*"
    found = extract_from_dir(
        SERVICE / folder,
        [(pattern, method)],
        {pattern: {"silent": "false"}} if method == "jinja2" else None,
        keywords={called: None},
    )
    return {str(message) for _, _, message, _, _ in found if "." in str(message)}


def said_of_policies() -> set[str]:
    """Return the name of every sentence about what differs between two policies."""
    meanings = {
        name for one in MEANINGS.values() for name in (one.up, one.down, one.other, *one.values.values())
    } - {""}
    return (
        {f"field.{path}" for path in MEANINGS}
        | {f"meaning.{name}" for name in meanings}
        | {f"change.{kind}" for kind in (*get_args(Kind), "explained", "none", "begun")}
        | {f"value.{name}" for name in ("unstated", "empty", "several", "parts")}
        | {f"calendar_change.{name}" for name in ("closed", "opened", "others", "run")}
    )


def said_in_explanations() -> set[str]:
    """Return the name of every sentence that an explanation, and the page of one, is made of."""
    subjects = {**CODES, "heading": get_args(Heading)}
    return {f"explanation.{subject}.{name}" for subject, names in subjects.items() for name in names}


def said_of_simulations() -> set[str]:
    """Return the name of every sentence about what a simulation found."""
    drawn = ("title", "group", "more", *get_args(Side), *(panel.name for panel in PANELS))
    return (
        {f"simulation.column.{column}" for column in COLUMNS}
        | {f"simulation.{name}" for name in ("all", "moved", "usable", "out")}
        | {f"simulation.unjudged.{side}" for side in get_args(Side)}
        | {f"simulation.chart.{name}" for name in drawn}
        | {f"amendment_chart.{name}" for name in ("title", "was", "goes", "line")}
    )


def counted() -> set[str]:
    """Return the name of every sentence that has a form for each way of counting of a language."""
    in_code = {f"count.{unit}" for unit in PERIOD_UNITS} | {
        "simulation.counted",
        "simulation.not_lent",
        "count.loans",
    }
    on_pages = extracted("pages/templates", "jinja2", "say_count") | extracted("pages", "python", "say_count")
    return in_code | on_pages


def sentences(language: str) -> dict[str, tuple[str, ...]]:
    """Return what a catalogue says by name, each in as many forms as it has."""
    return {name_of(one): forms(one) for one in read(CATALOGUES / f"{language}.po") if one.id}


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.stem)


def name_of(sentence: Message) -> str:
    return str(sentence.id[0] if sentence.pluralizable else sentence.id)


def forms(sentence: Message) -> tuple[str, ...]:
    return (sentence.string,) if isinstance(sentence.string, str) else tuple(sentence.string or ("",))


def brought_in_step(catalogue: Catalog, names: set[str], counted: set[str]) -> list[str]:
    """Add and remove what differs, and return the names of the sentences that wait for their words."""
    known = {name_of(one) for one in catalogue if one.id}
    for name in known - names - counted:
        if not name.startswith(TERMS):
            catalogue.delete(name)
    for name in names - known:
        catalogue.add(name)
    for name in counted - known:
        catalogue.add((name, name))
    return sorted(name_of(one) for one in catalogue if one.id and not all(forms(one)))


def main() -> None:
    for path in sorted(CATALOGUES.glob("*.po")):
        catalogue = read(path)
        waiting = brought_in_step(catalogue, said(), counted())
        with path.open("wb") as file:
            file.write(HEADER.format(language=path.stem, plurals=catalogue.plural_forms).encode())
            write_po(file, catalogue, sort_output=True, no_location=True, omit_header=True, width=0)
        print(f"{path.name}: {len(catalogue)} sentences, {len(waiting)} without words {' '.join(waiting)}")


if __name__ == "__main__":
    main()
