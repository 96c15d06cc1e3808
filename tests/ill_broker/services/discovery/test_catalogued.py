"""What is typed is asked for as records write it, too."""

from __future__ import annotations

import pytest

from ill_broker.services.discovery.catalogued import MOST_OTHERS, with_others
from tests.factories import BHU
from workflows.citation import Citation, Details, Hit, Holding, Query


def hit(title: str, author: str | None = None, **details: tuple[str, ...]) -> Hit:
    held = (Holding(library=BHU, record_id="r"),)
    return Hit(citation=Citation(title=title, author=author), holdings=held, details=Details(**details))


HONGLOU = hit(
    "紅樓夢: 校注本", "曹雪芹", titles=("Hong lou meng",), subjects=("Fiction",), publishers=("人民文学",)
)


@pytest.mark.parametrize(
    ("typed", "record", "asked"),
    [
        ("hongloumeng", HONGLOU, "紅樓夢"),
        ("hong lou meng", HONGLOU, "紅樓夢"),
        ("lou2meng4", HONGLOU, "樓夢"),
        ("honglou cao xueqin", HONGLOU, "紅樓 曹雪芹"),
        ("红楼梦曹雪芹", HONGLOU, "紅樓夢 曹雪芹"),
        ("da shan de nv er", hit("大山的女儿"), "大山的女儿"),
        ("研究", hit("红学硏究"), "硏究"),
        ("史料1926.9--1987.10", hit("贛州史料, 1926.9-1987.10"), "史料, 1926.9-1987.10"),
        ("война и мир", hit("Voĭna i mir: roman"), "Voĭna i mir"),
        ("voina i mir", hit("Война и мир"), "Война и мир"),
        ("tokyo", hit("Tōkyō no machi"), "Tōkyō"),
        ("toukyou daigaku", hit("Tōkyō Daigaku: annai"), "Tōkyō Daigaku"),
    ],
)
def test_what_is_typed_is_asked_for_as_a_record_writes_it(typed: str, record: Hit, asked: str) -> None:
    query = with_others(Query(text=typed), [record])

    assert (typed, (Query(text=asked),)) == (query.text, query.also)


def test_title_and_author_stay_apart() -> None:
    query = with_others(Query(title="honglou", author="cao xueqin"), [HONGLOU])

    assert (Query(title="紅樓", author="曹雪芹"),) == query.also


@pytest.mark.parametrize(
    "query",
    [
        Query(text="红楼梦"),
        Query(text="紅樓 夢"),
        Query(text='"hong lou"'),
        Query(text="honglou", year="1982"),
        Query(isbn="9787020002207"),
        Query(title="xiyouji"),
        Query(text="fiction"),
        Query(text="人民 文学"),
    ],
)
def test_what_records_write_as_it_was_typed_or_do_not_have_is_asked_for_alone(query: Query) -> None:
    assert query == with_others(query, [HONGLOU])


def test_so_many_ways_are_asked_and_each_once() -> None:
    records = [hit(title) for title in ("事实", "实施", "事实", "实时", "逝世", "试试")]
    query = with_others(Query(text="shishi"), records)

    assert ["事实", "实施", "实时"] == [other.text for other in query.also]
    assert MOST_OTHERS == len(query.also)


@pytest.mark.timeout(5)
def test_an_endless_run_is_not_parted_everywhere() -> None:
    records = [hit("红" * 200 + str(number), "红") for number in range(30)]

    assert "红楼" in (with_others(Query(text="红" * 5_000 + "楼"), records).text or "")
