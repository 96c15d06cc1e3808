"""One spelling of a title finds another: characters, pinyin, accents, case, numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ill_broker.services.discovery.catalogue_readings import MOST_WORDS, loose_readings, readings
from ill_broker.services.discovery.catalogue_terms import MOST_TERMS, terms_of
from ill_broker.services.discovery.pinyin import LONGEST
from workflows.citation import Citation, Details, Query

HONGLOU = Citation(title="红楼梦: 校注本", author="曹雪芹", isbn="9787020002207")
ZURICH = Citation(title="Der Weg nach Zürich", author="Müller, Ö.", issn="0317-8471")


def finds(query: Query, citation: Citation) -> bool:
    known = set(terms_of(citation))
    return any(known.issuperset(terms) for choices in readings(query) for terms in choices)


def finds_loosely(query: Query, citation: Citation) -> bool:
    return any(set(terms_of(citation)).issuperset(terms) for terms in loose_readings(query))


@pytest.mark.parametrize(
    "text",
    [
        "红楼梦", "红楼", "楼", "校注本", "红楼梦 曹雪芹", "曹雪芹红楼梦"[:3], "《红楼梦》",
        "hong lou meng", "honglou meng", "hongloumeng", "HONGLOUMENG", "hóng lóu mèng", "hónglóumèng",
        "hong2lou2meng4", "hong2 lou2 meng4", "cao xueqin", "cao xueqin hongloumeng", "红楼 cao",
        "9787020002207",
    ],
)  # fmt: skip
def test_a_chinese_book_is_found_by_characters_and_by_sound(text: str) -> None:
    assert finds(Query(text=text), HONGLOU)


@pytest.mark.parametrize(
    ("text", "title", "author"),
    [
        ("紅樓夢", "红楼梦", None),
        ("红楼梦", "紅樓夢", None),
        ("研究", "硏究", None),
        ("楼梦研", "红楼 梦 硏究", None),
        ("梦校", "红楼梦: 校注本", None),
        ("托尔斯泰", "列夫·托尔斯泰传", None),
        ("列夫托尔斯泰", "列夫·托尔斯泰传", None),
        ("红楼梦曹雪芹", "红楼梦: 校注本", "曹雪芹"),
        ("曹雪芹红楼梦", "红楼梦: 校注本", "曹雪芹"),
        ("曹雪芹红楼梦校注本", "红楼梦: 校注本", "曹雪芹"),
        ("hongloumengcaoxueqin", "红楼梦", "曹雪芹"),
        ("曹雪芹，红楼梦", "红楼梦", "曹雪芹"),
        ("da shan di nü er", "大山的女儿", None),
        ("da shan de nv er", "大山的女儿", None),
        ("dashandenuer", "大山的女儿", None),
        ("yin yue", "音乐", None),
        ("yin le", "音乐", None),
        ("コーヒー", "東京のコーヒー", None),
        ("война и мир", "Voĭna i mir", None),
        ("voina i mir", "Война и мир", None),
        ("istoriia", "Istori\ufe20i\ufe21a Rossii", None),
        ("kitab al-arabi", "al-Kitāb al-ʻArabī", None),
        ("tokyo", "Tōkyō", None),
    ],
)
def test_a_book_is_found_as_it_is_typed(text: str, title: str, author: str | None) -> None:
    assert finds(Query(text=text), Citation(title=title, author=author))


@pytest.mark.parametrize(
    ("text", "title", "author"),
    [
        ("toukyou daigaku", "Tōkyō Daigaku", None),
        ("istoriya yunosti", "Istori\ufe20i\ufe21a i\ufe20u\ufe21nosti", None),
        ("红楼曹雪", "红楼梦", "曹雪芹"),
    ],
)
def test_where_nothing_is_found_other_ways_to_type_are_tried(
    text: str, title: str, author: str | None
) -> None:
    citation = Citation(title=title, author=author)

    assert (False, True) == (finds(Query(text=text), citation), finds_loosely(Query(text=text), citation))


@pytest.mark.parametrize(
    "text",
    ["dream of the red chamber", "hong lou meng", "gao e", "高鹗", "高鹗红楼梦", "fiction", "人民文学"],
)
def test_whatever_a_record_tells_is_found(text: str) -> None:
    told = Details(
        titles=("Hong lou meng", "Dream of the red chamber"),
        contributors=("高鹗", "Gao, E"),
        subjects=("Chinese fiction",),
        publishers=("人民文学出版社",),
    )
    known = set(terms_of(Citation(title="红楼梦"), told))

    assert any(known.issuperset(terms) for choices in readings(Query(text=text)) for terms in choices)


def test_an_issn_is_found() -> None:
    assert finds(Query(issn="0317-8471"), ZURICH)
    assert not finds(Query(issn="0317-8472"), ZURICH)


@pytest.mark.parametrize(
    "text", ["红梦", "梦红楼", "hong meng", "menghong", "hong3x", "红楼梦 zürich", "!!!", ""]
)
def test_another_book_is_not_found(text: str) -> None:
    assert not finds(Query(text=text or " ", title=None), HONGLOU)


@pytest.mark.parametrize(
    "isbn", ["9787020002207", "978-7-02-000220-7", "7-02-000220-X", "702000220x", " 7 02 000220 X "]
)
def test_an_isbn_is_found_in_every_spelling(isbn: str) -> None:
    assert finds(Query(isbn=isbn), HONGLOU)


@pytest.mark.parametrize("isbn", ["9787020002208", "x", "9787301000014"])
def test_another_or_a_wrong_isbn_finds_nothing(isbn: str) -> None:
    assert not finds(Query(isbn=isbn), HONGLOU)


@pytest.mark.parametrize(
    "text", ["zurich", "ZÜRICH", "weg zürich", "Ｚｕｒｉｃｈ", "muller", "0317-8471"[:4] + "8471"]
)
def test_a_latin_title_is_found_without_accents_case_and_width(text: str) -> None:
    assert finds(Query(text=text), ZURICH)


@pytest.mark.parametrize(
    ("title", "author", "is_found"),
    [
        ("红楼", "曹雪芹", True),
        ("红楼", "cao xueqin", True),
        ("红楼", "红楼", False),
        ("红楼", "鲁迅", False),
    ],
)
def test_an_author_is_looked_for_among_authors(title: str, author: str, is_found: bool) -> None:  # noqa: FBT001 - a table's column
    assert is_found == finds(Query(title=title, author=author), HONGLOU)


@pytest.mark.parametrize("title", ["Quicksort and lüse", "绿色中国"])
@pytest.mark.parametrize("text", ["lüse", "lǜsè"])
def test_the_two_dots_may_be_missing(title: str, text: str) -> None:
    assert finds(Query(text=text), Citation(title=title))


@pytest.mark.parametrize("text", ["lvse", "lv se", "luse"])
def test_u_with_dots_may_be_typed_as_v(text: str) -> None:
    assert finds(Query(text=text), Citation(title="绿色中国"))


def test_xian_is_read_as_one_syllable_and_as_two() -> None:
    assert finds(Query(text="xian"), Citation(title="先秦史"))
    assert finds(Query(text="xi'an"), Citation(title="西安城"))
    assert not finds(Query(text="xi an"), Citation(title="先秦史"))


def test_a_family_name_is_read_as_one() -> None:
    assert finds(Query(author="zeng guofan"), Citation(title="家书", author="曾国藩"))


def test_the_whole_title_is_the_first_reading() -> None:
    first, *_ = readings(Query(text="红楼梦"))

    assert set(first[0]) <= set(terms_of(HONGLOU))
    assert not set(first[0]) <= set(terms_of(Citation(title="红楼梦研究")))


def test_syllables_in_any_order_are_found_as_a_last_resort() -> None:
    query = Query(text="meng hong lou")

    assert (False, True) == (finds(query, HONGLOU), finds_loosely(query, HONGLOU))


@pytest.mark.parametrize("query", [Query(text="红楼梦"), Query(text="Zürich"), Query(isbn="x")])
def test_what_is_no_pinyin_has_no_last_resort(query: Query) -> None:
    assert () == loose_readings(query)


def test_an_endless_title_has_an_end() -> None:
    terms = terms_of(Citation(title="".join(map(chr, range(0x4E00, 0x4E00 + 5_000))) + "a" * 1_000))

    assert (MOST_TERMS, True) == (len(terms), max(map(len, terms)) <= LONGEST + 1)


def test_an_endless_query_is_cut_short() -> None:
    (terms,) = readings(Query(text=" ".join(f"w{number}z" for number in range(1_000))))[1]

    assert MOST_WORDS == len(terms)


@given(st.text(max_size=60), st.text(max_size=60))
def test_terms_hold_nothing_that_an_index_would_trip_over(title: str, author: str) -> None:
    citation = Citation(title=title, author=author)
    asked = [term for choices in readings(Query(text=title)) for terms in choices for term in terms]

    for term in (*terms_of(citation), *asked, *sum(loose_readings(Query(text=title)), ())):
        assert term
        assert not set(term) & set(" \t\n\0\"'*()")
        assert term.encode()


@given(st.text(alphabet="红楼梦研究史中国aeéghinoux 123'", min_size=1, max_size=12))
def test_every_title_is_found_by_itself(title: str) -> None:
    citation = Citation(title=title)

    assert finds(Query(text=title), citation) or not terms_of(citation)


@pytest.mark.timeout(5)
def test_letters_that_could_be_read_in_a_million_ways_are_read_at_once() -> None:
    assert readings(Query(text=" ".join(["xianxianxianxianxian" * 3] * 24)))
