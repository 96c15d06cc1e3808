"""What a member cannot be asked is looked for in its answer: nothing is lost by what it can."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.citation import Citation, Details, Hit, Query
from workflows.discovery.criteria import (
    NOTHING,
    Abilities,
    All,
    Criterion,
    Either,
    Index,
    Tree,
    Without,
    asked,
    fits,
    fitting,
    years,
)

WORK = Citation(
    title="Dream of the red chamber", author="Cao Xueqin", publisher="Penguin", isbn="9787301000014",
    issn="0378-5955", year=1982, volume="2",
)  # fmt: skip
MORE = Details(
    contributors=("Hawkes, David", "曹雪芹"),
    titles=("红楼梦 : 一百二十回",),
    subjects=("Families -- China", "Love stories"),
    series=("Classics",),
    publishers=("企鹅",),
    contents=("The golden days",),
)


@pytest.mark.parametrize(
    ("query", "does"),
    [
        (NOTHING, True),
        (Query(title="chamber dream"), True),
        (Query(title="红楼梦一百二十回"), True),
        (Query(title="曹雪芹"), False),
        (Query(title='"red chamber"'), True),
        (Query(title="“chamber red”"), False),
        (Query(title='"chamber" "red'), True),
        (Query(title='"红楼" chamber'), True),
        (Query(title='"梦红"'), False),
        (Query(author="david hawkes"), True),
        (Query(author='"david hawkes"'), False),
        (Query(subject="china love"), True),
        (Query(subject='"china love"'), False),
        (Query(subject="dream"), False),
        (Query(publisher="企鹅"), True),
        (Query(publisher="tor"), False),
        (Query(text="golden classics families hawkes 1982 红楼"), True),
        (Query(text="western journey"), False),
        (Query(isbn="9787301000014"), True),
        (Query(isbn="9787301000021"), False),
        (Query(issn="0378-5955"), True),
        (Query(issn="0317-8471"), False),
        (Query(year="1982"), True),
        (Query(year="1983"), False),
        (Query(year="1980-1982"), True),
        (Query(year="1983-"), False),
        (Query(year="-1981"), False),
        (Query(title="dream", any_of=(Query(subject="war"), Query(year="1982"))), True),
        (Query(title="dream", any_of=(Query(subject="war"), Query(year="1983"))), False),
        (Query(title="dream", none_of=(Query(subject="war"), Query(author="hawkes"))), False),
        (Query(title="dream", none_of=(Query(subject="war"), Query(author="hawkes", year="1983"))), True),
    ],
)
def test_a_record_fits_that_has_all_that_is_asked_for(query: Query, *, does: bool) -> None:
    assert does == fits(query, WORK, MORE)
    assert does == bool(fitting([Hit(citation=WORK, holdings=(), details=MORE)], query))


def test_a_record_without_a_year_is_of_none() -> None:
    assert not fits(Query(year="-1999"), Citation(title="X"), Details())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("1982", (1982, 1982)),
        ("1980-1989", (1980, 1989)),
        ("1980-", (1980, None)),
        ("-1989", (None, 1989)),
    ],
)
def test_years_may_have_one_end(text: str, told: tuple[int | None, int | None]) -> None:
    assert told == years(text)


def test_other_ways_to_write_a_query_are_asked_for_beside_it() -> None:
    query = Query(text="honglou", also=(Query(text="红楼"), Query(subject="x", year="1982")))
    able = Abilities(frozenset({Index.TEXT}), anywhere=False)
    typed, other = Criterion(Index.TEXT, "honglou"), Criterion(Index.TEXT, "红楼")

    assert (Either((typed, other)), NOTHING) == asked(query, able)
    assert (None, Query(title="x")) == asked(Query(title="x", also=(Query(title="y"),)), able)


def test_what_cannot_be_asked_anywhere_is_left_to_look_for() -> None:
    poor = Abilities(frozenset({Index.TITLE, Index.TEXT}), anywhere=False, exclusions=False)
    query = Query(title="x", subject="y", issn="0378-5955", none_of=(Query(title="z"),))
    rest = Query(subject="y", issn="0378-5955", none_of=query.none_of)

    assert (Criterion(Index.TITLE, "x"), rest) == asked(query, poor)
    assert (Criterion(Index.TITLE, "x y"), Query(title='"x y"')) == asked(Query(title='"x y"'), poor)
    assert (None, Query(subject="y")) == asked(Query(subject="y"), poor)


WORDS = st.lists(
    st.sampled_from(["dream", "red", '"red chamber"', '"chamber red"', "war", "红楼", ""]), max_size=2
)
TEXTS = st.none() | WORDS.map(" ".join)
EVERYTHING = Abilities(frozenset(Index), phrases=True)
FLAT = st.builds(
    Query,
    text=TEXTS,
    title=TEXTS,
    author=TEXTS,
    subject=TEXTS,
    publisher=TEXTS,
    isbn=st.sampled_from([None, None, WORK.isbn, "9787301000021"]),
    issn=st.sampled_from([None, None, WORK.issn]),
    year=st.sampled_from([None, None, "1982", "1983-", "1980-1990"]),
)
QUERIES = st.builds(
    lambda flat, any_of, none_of: Query(
        **{name: getattr(flat, name) for name in Index}, any_of=tuple(any_of), none_of=tuple(none_of)
    ),
    FLAT,
    st.lists(FLAT.filter(lambda one: asked(one, EVERYTHING)[0] is not None), max_size=2),
    st.lists(FLAT.filter(lambda one: asked(one, EVERYTHING)[0] is not None), max_size=2),
)
ABLE = st.builds(
    lambda more, phrases, exclusions, anywhere: Abilities(
        frozenset({Index.TEXT, Index.TITLE, Index.ISBN, *more}), phrases, exclusions, anywhere
    ),
    st.frozensets(st.sampled_from(Index)),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
SOME = st.sampled_from([(WORK, MORE), (WORK, Details()), (Citation(title="Red dream"), MORE)])


@given(QUERIES, ABLE, SOME)
def test_what_a_member_finds_and_what_is_looked_for_then_is_what_was_meant(
    query: Query, able: Abilities, some: tuple[Citation, Details]
) -> None:
    tree, rest = asked(query, able)

    assert tree is None or fits(query, *some) == (found(tree, *some) and fits(rest, *some))


def found(tree: Tree, work: Citation, details: Details) -> bool:
    """Say whether a member that does exactly as it is asked finds the record."""
    match tree:
        case Criterion(index, value, is_phrase):
            said = f'"{value}"' if is_phrase else value
            return fits(Query(**{index: said}), work, details)  # type: ignore[arg-type]  # facts of several types
        case All(parts):
            return all(found(part, work, details) for part in parts)
        case Either(parts):
            return any(found(part, work, details) for part in parts)
        case Without(wanted, unwanted):
            return found(wanted, work, details) and not any(found(part, work, details) for part in unwanted)
