"""However a title is written, it is the same title; where the difference tells titles apart, it is not."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools import simplified
from workflows.writing import fold, pieces


@pytest.mark.parametrize(
    "same",
    [
        ("红楼梦", "紅樓夢"),
        ("中国历史", "中國歷史"),
        ("发展", "發展"),
        ("教育研究概论", "敎育硏究槪論"),
        ("经济关系史", "経済関係史"),
        ("头发", "頭髮"),
        ("ABC 12", "ａｂｃ　１２"),
        ("Zürich", "zurich", "Zu\u0308rich", "ZÜRICH"),
        ("Xi'an", "Xi’an", "xian"),
        ("Istorii͡a", "Istori\ufe20i\ufe21a", "istoriia", "История"),
        ("Voĭna i mir", "Война и мир", "ВОЙНА И МИР"),
        ("Tolstoĭ, Lev, Pisʹma", "толстой, лев, письма"),
        ("Obʺi͡avlenie", "Объявление", "obiavlenie"),
        ("Харків", "Kharkiv"),
        ("Kitāb al-ʻarabīyah", "Kitāb al-ʿarabīyah", "kitab al-arabiyah"),
        ("اَلْكِتَابُ", "الكتاب", "ٱلكتاب", "الكتـاب"),
        ("Tōkyō", "Tokyo", "ＴＯＫＹＯ"),
        ("コーヒー", "ｺｰﾋｰ"),
        ("Łódź", "Lodz"),
        ("Straße", "STRASSE"),
        ("zero\u200bwidth", "zerowidth"),
    ],
)
def test_ways_of_writing_make_no_difference(same: tuple[str, ...]) -> None:
    assert 1 == len({fold(text) for text in same})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("红楼梦", "红楼"),
        ("か", "が"),
        ("シ", "ツ"),
        ("कि", "कु"),
        ("C++", "C#"),
        ("wort", "word"),
        ("東", "束"),
    ],
)
def test_what_tells_titles_apart_stays(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@given(st.text())
def test_what_is_folded_stays_as_it_is(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_how_letters_are_put_together_makes_no_difference(text: str) -> None:
    for form in ("NFC", "NFD"):
        assert fold(text) == fold(unicodedata.normalize(form, text))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("《红楼梦》：脂评本", ["红楼梦", "脂评本"]),
        ("列夫·托尔斯泰", ["列夫", "托尔斯泰"]),
        ("Python编程3", ["python", "编程", "3"]),
        ("東京のコーヒー", ["东京のコーヒー"]),
        ("!!!", []),
    ],
)
def test_a_text_falls_into_words_and_runs_of_characters(text: str, told: list[str]) -> None:
    assert told == pieces(text)


def test_characters_are_compared_as_opencc_simplifies_them() -> None:
    assert simplified.MODULE.read_text(encoding="utf-8") == simplified.text(), "call `make characters`"
