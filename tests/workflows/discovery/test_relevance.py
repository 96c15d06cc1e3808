"""What is meant comes first: the number, the title, how it begins, its words, title and author, the rest."""

import pytest

from workflows.citation import Citation, Details, Hit, Holding, Query
from workflows.discovery.relevance import relevance
from workflows.discovery.works import Sort, ordered, works
from workflows.ids import LibraryCode

ISBN, OTHER_ISBN = "9787301000014", "9787301000021"
DREAM = Citation(title="Dream of the red chamber", author="Cao, Xueqin", isbn=ISBN, publisher="Penguin")
LOU = Citation(title="红楼梦 : 一百二十回", author="(清) 曹雪芹, 高鹗著")

#: by falling worth
LADDERS = (
    (
        Query(text="dream of the red chamber", isbn=ISBN),
        Query(text="Dream of the Red-Chamber!"),
        Query(text="dream of the"),
        Query(text="red chamber dream"),
        Query(text="xueqin dream"),
        Query(text="penguin dream"),
        Query(text="dreams"),
    ),
    (
        Query(text="红楼梦一百二十回"),
        Query(text="红楼梦"),
        Query(text="红楼"),
        Query(text="一百二十回"),
        Query(text="曹雪芹红楼梦"),
        Query(text="西游记"),
    ),
    (
        Query(title="dream of the red chamber", author="cao"),
        Query(title="dream of the red chamber", author="wu"),
        Query(title="dream of", author="cao"),
        Query(title="dream chamber"),
        Query(author="cao"),
        Query(author="wu"),
    ),
)


@pytest.mark.parametrize("ladder", LADDERS)
def test_what_is_meant_is_worth_more_than_what_only_fits(ladder: tuple[Query, ...]) -> None:
    citation = LOU if ladder[0].text and ladder[0].text.startswith("红") else DREAM
    worth = [relevance(query, citation) for query in ladder]

    assert sorted(set(worth), reverse=True) == worth


def test_what_a_record_tells_beside_its_citation_counts_as_well() -> None:
    more = Details(
        contributors=("Hawkes, David",),
        titles=("The story of the stone", "Hong lou meng"),
        series=("Penguin classics",),
        subjects=("China -- History",),
        contents=("The golden days",),
    )
    typed = ("dream of the red chamber", "story stone", "dream hawkes", "penguin classics")
    worth = [relevance(Query(text=text), DREAM, more) for text in (*typed, "hawkes golden days history")]

    assert sorted(worth, reverse=True) == worth
    assert (1, 1) == worth[3] == worth[4] < worth[2] < worth[1] < worth[0]
    assert (0, 1) == relevance(Query(author="david hawkes"), DREAM, more)
    assert relevance(Query(title="hong lou meng"), DREAM, more) > relevance(
        Query(title="the story"), DREAM, more
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("红楼梦曹雪芹", "曹雪芹红楼梦"),
        ("红楼梦 曹雪芹", "高鹗红楼"),
        ("ＤＲＥＡＭ cao", "cao dream"),
    ],
)
def test_title_and_author_are_found_in_either_order_with_or_without_a_space(one: str, other: str) -> None:
    citation = DREAM if "cao" in one else LOU

    assert relevance(Query(text=one), citation) == relevance(Query(text=other), citation) > (1, 0)


def test_a_query_is_worth_what_its_best_writing_is() -> None:
    book, other = Citation(title="红楼梦"), Query(text="红楼梦")

    pinyin = relevance(Query(text="hongloumeng", also=(other,)), book)

    assert relevance(other, book)[0] == pinyin[0]
    assert relevance(other, book) > pinyin > relevance(Query(text="hongloumeng"), book)
    assert relevance(Query(text="x"), book) == relevance(Query(text="x", also=(Query(text="y"),)), book)


def test_the_beginning_of_a_word_is_not_the_beginning_of_a_title() -> None:
    assert (0, 0) == relevance(Query(text="cat"), Citation(title="Catalogues"))


@pytest.mark.parametrize(
    "query", [Query(text="…"), Query(title="…"), Query(isbn=OTHER_ISBN), Query(author="…")]
)
def test_what_only_the_catalogue_knows_is_worth_nothing(query: Query) -> None:
    assert (0, 0) == relevance(query, DREAM)


def test_a_record_without_an_author_matches_no_author() -> None:
    assert (0, 0) == relevance(Query(author="Cao"), Citation(title="Dream"))


def hit(title: str, states: str = "", year: int | None = None) -> Hit:
    copies = tuple(
        Holding(
            library=LibraryCode(f"l{place}"), record_id="r", barcode=f"{title}{place}", available=state == "+"
        )
        for place, state in enumerate(states)
    )
    return Hit(citation=Citation(title=title, year=year), holdings=copies)


def test_of_equals_the_one_with_more_copies_in_comes_first_then_the_one_of_more_libraries() -> None:
    hits = [hit("红楼梦注", "+-"), hit("红楼梦论", "+"), hit("红楼梦谱", "++")]
    found = works(hits, Query(text="红楼梦"))

    assert ["红楼梦谱", "红楼梦注", "红楼梦论"] == [work.citation.title for work in found]


@pytest.mark.parametrize(
    ("sort", "titles"),
    [
        (Sort.RELEVANCE, ["红楼梦", "红楼梦谱", "红楼梦论", "红楼梦a"]),
        (Sort.YEAR, ["红楼梦论", "红楼梦", "红楼梦谱", "红楼梦a"]),
        (Sort.TITLE, ["红楼梦", "红楼梦a", "红楼梦论", "红楼梦谱"]),
    ],
)
def test_works_are_shown_by_year_or_title_on_wish(sort: Sort, titles: list[str]) -> None:
    hits = [
        hit("红楼梦a"),
        hit("红楼梦谱", "+", year=1990),
        hit("红楼梦", year=1990),
        hit("红楼梦论", "-", year=2001),
    ]
    found = ordered(works(hits, Query(text="红楼梦")), sort)

    assert titles == [work.citation.title for work in found]
