"""What was typed, as a catalogue is asked for it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.writings import as_written, words, writings
from workflows.discovery.criteria import All, Criterion, Either, Index, Tree, Without


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("《红楼梦》", ["红楼梦"]),
        ("红楼梦，曹雪芹", ["红楼梦", "曹雪芹"]),
        ("列夫·托尔斯泰", ["列夫", "托尔斯泰"]),
        ("红 楼 梦", ["红楼梦"]),
        ("罗\u3000亦农 文集", ["罗亦农", "文集"]),
        ("红楼梦 曹雪芹", ["红楼梦", "曹雪芹"]),
        ("老 舍 茶馆", ["老舍", "茶馆"]),
        ("红楼 梦", ["红楼", "梦"]),
        ("A 梦", ["A", "梦"]),
        ("梦 A", ["梦", "A"]),
        ("ＡＢＣ １２", ["ABC", "12"]),
        ("(C++) C#, 0317-8471.", ["C++", "C#", "0317-8471"]),
        ("a\x00b\u200b", ["a", "b"]),
        ("《》 !", []),
    ],
)
def test_marks_are_left_out_and_characters_put_together(text: str, told: list[str]) -> None:
    assert told == words(text)


@given(st.text())
def test_words_stay_as_they_are(text: str) -> None:
    told = " ".join(words(text))

    assert " ".join(words(told)).split() == " ".join(words(" ".join(words(told)))).split()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("红楼梦", ("红楼梦", "紅樓夢")),
        ("紅樓夢", ("紅樓夢", "红楼梦")),
        ("头发与发展", ("头发与发展", "頭髮與發展")),
        ("文学", ("文学", "文學")),
        ("三年", ("三年",)),
        ("Book", ("Book",)),
        ("\ud800红", ("\ud800红",)),
    ],
)
def test_a_text_has_two_writings_where_they_differ(text: str, told: tuple[str, ...]) -> None:
    assert told == writings(text)


def test_words_are_asked_for_in_either_writing_and_numbers_as_they_are() -> None:
    title, number = Criterion(Index.TITLE, "《红楼》"), Criterion(Index.ISBN, "7-02-000220-X")
    tree: Tree = Without(All((title, number)), (Either((title, number)),))
    both = Either((Criterion(Index.TITLE, "红楼"), Criterion(Index.TITLE, "紅樓")))

    assert Without(All((both, number)), (Either((both, number)),)) == as_written(tree, in_both=True)
    assert Criterion(Index.TITLE, "红楼") == as_written(title, in_both=False)
