"""Editions stand under one of them, the newest first, and volumes too; periodicals and namesakes apart."""

from workflows.citation import Citation, Hit, Holding, Query
from workflows.discovery.editions import book_of, editions, first_of_each
from workflows.discovery.facets import Facet, counted
from workflows.discovery.works import Work, works
from workflows.ids import LibraryCode


def found(**facts: object) -> Hit:
    told: dict[str, object] = {"title": "红楼梦", "author": "曹雪芹", **facts}
    copy = Holding(library=LibraryCode("pku"), record_id="r", barcode=str(sorted(facts.items())))
    return Hit(citation=Citation(**told), holdings=(copy,))  # type: ignore[arg-type]  # facts of any kind


def listed(*hits: Hit) -> tuple[Work, ...]:
    return works(hits, Query(text="红楼梦"))


OLD = found(isbn="9787301000014", year=1982)
NEW = found(isbn="9787301000021", year=2008, title="紅樓夢")
REPRINT = found(isbn="9787301000038", year=2008)
SECOND = found(isbn="9787301000038", year=2008, volume="2")


def test_editions_of_one_title_and_author_stand_under_one_the_newest_first() -> None:
    every = listed(OLD, SECOND, NEW, REPRINT, found(title="红楼梦研究"))
    shown = [work for _, work in first_of_each(enumerate(every))]
    told = editions(every)[book_of(shown[0])]

    assert ["红楼梦/曹雪芹", "红楼梦研究/曹雪芹"] == [book_of(work) for work in shown]
    assert [(2008, None), (2008, None), (2008, "2"), (1982, None)] == [
        (work.citation.year, work.citation.volume) for work in told
    ]
    assert len({work.id for work in told}) == len(told)


def test_volumes_stand_in_the_order_of_their_numbers() -> None:
    every = listed(*(found(volume=volume) for volume in ("第10册", "第2册", "第1册", "")))
    (told,) = editions(every).values()

    assert [None, "第1册", "第2册", "第10册"] == [work.citation.volume or None for work in told]


def test_books_without_an_author_and_periodicals_have_no_editions() -> None:
    nameless = [found(author=None, year=year) for year in (1982, 2008)]
    serials = [found(item_type="bound_periodical", issn=issn) for issn in ("0317-8471", "0378-5955")]
    every = listed(*nameless, *serials)

    assert 4 == len(list(first_of_each(enumerate(every)))) == len(editions(every))


def test_a_periodical_is_never_the_same_work_as_a_book_of_its_title() -> None:
    book, serial, year = found(), found(item_type="bound_periodical"), found(item_type="newspaper", year=1999)

    assert [1, 2] == sorted(len(work.holdings) for work in listed(book, serial, year))


def test_editions_of_one_book_are_counted_once_for_each_value() -> None:
    counts = counted(listed(OLD, NEW, REPRINT), {})

    assert [("pku", 1)] == [(count.value, count.works) for count in counts[Facet.LIBRARY]]
    assert [("1982", 1), ("2008", 1)] == [(count.value, count.works) for count in counts[Facet.YEAR]]
