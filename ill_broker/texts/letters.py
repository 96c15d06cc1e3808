"""Letters: a template says which sentences stand in one, the catalogues say them, as text and as HTML."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from ill_broker.texts.catalogue import say, unfilled
from workflows.languages import TAGS

#: the facts that are addresses to be opened
_LINKS = frozenset({"link", "base"})
#: language -> what stands between two sentences
_GAPS = {"zh": "", "en": " "}


@dataclass(frozen=True, slots=True)
class Written:
    """What a letter says, twice."""

    subject: str
    text: str
    html: str


def written(template: str, message: str, language: str, facts: Mapping[str, object]) -> Written:
    """Return the letter called *message*, text and HTML out of one template, so that both say the same.

    :raises KeyError: if a sentence or a fact is missing
    """
    place = {"message": message, "language": language, "gap": _GAPS[language]}
    subject = say(f"{message}.subject", language, facts)
    filled = _template(template, is_html=True).render({**_marked(facts), **place})
    marked = Markup(filled)  # noqa: S704 - the template escaped what it was given
    # Facts may leave any number of lines empty.
    paragraphs = [part.strip("\n").split("\n") for part in marked.split("\n\n") if part.strip("\n")]
    page = _template("page.html", is_html=True)
    html = page.render(tag=TAGS[language], subject=subject, paragraphs=paragraphs)
    return Written(subject=subject, text=_template(template).render({**facts, **place}), html=html)


@cache
def _template(name: str, *, is_html: bool = False) -> Template:
    environment = Environment(
        loader=PackageLoader("ill_broker.texts"),
        autoescape=is_html,  # noqa: S701 - the text is not HTML
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
    )
    environment.globals["say"] = _say
    return environment.get_template(name)


@pass_context
def _say(context: Context, message: str, **more: object) -> str:
    """Return a sentence, its facts out of the letter's."""
    facts = {**context.get_all(), **more}
    if not context.eval_ctx.autoescape:
        return say(message, facts["language"], facts)
    return escape(unfilled(message, facts["language"])).format_map(facts)


def _marked(facts: Mapping[str, object]) -> dict[str, object]:
    return {name: _link(fact) if name in _LINKS else _isolated(fact) for name, fact in facts.items()}


def _link(address: object) -> Markup:
    return Markup('<a href="{0}">{0}</a>').format(address)


def _isolated(fact: object) -> object:
    """Return a fact of which no line turns the direction of what stands around it."""
    if not fact:
        return fact
    if isinstance(fact, Mapping):
        return {name: _isolated(each) for name, each in fact.items()}
    return Markup("\n").join(Markup("<bdi>{}</bdi>").format(line) for line in str(fact).split("\n"))
