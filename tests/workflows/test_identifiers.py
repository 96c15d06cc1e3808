"""One identifier, however it is typed."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.identifiers import fold

UNSEEN = (
    "\u00ad\u034f\u061c\u115f\u180e\u200b\u200d\u200e\u202e"
    "\u2060\u2066\u2069\u3164\ufe0f\ufeff\U000e0061\U000e0100"
)
BLANK = " \t\u00a0\u2003\u3000\u2028"


@pytest.mark.parametrize(
    "typed",
    ["２０２６０００１", "2026 0001", "\u200b20260001", "2026\u00ad0001", "2026\u202e0001", "20260001\ufe0f"],
)
def test_a_number_is_one_however_it_is_typed(typed: str) -> None:
    assert "20260001" == fold(typed)


@given(st.text())
def test_what_is_folded_stays_as_it_is(text: str) -> None:
    assert fold(text) == fold(fold(text))


@given(
    st.lists(
        st.tuples(st.sampled_from("abcXYZ0189-_./王é"), st.text(UNSEEN + BLANK, max_size=3), st.booleans())
    ),
    st.text(UNSEEN + BLANK, max_size=3),
)
def test_width_case_and_what_nobody_sees_make_no_difference(
    letters: list[tuple[str, str, bool]], before: str
) -> None:
    plain = "".join(letter for letter, _, _ in letters)
    dressed = before + "".join(
        (_wide(letter) if is_wide else letter) + unseen for letter, unseen, is_wide in letters
    )

    assert fold(plain) == fold(dressed.swapcase())


@given(st.text("0123456789abc-", min_size=1), st.text("0123456789abc-", min_size=1))
def test_two_identifiers_stay_two(one: str, other: str) -> None:
    assert (one == other) == (fold(one) == fold(other))


@given(st.text(UNSEEN + BLANK))
def test_nothing_is_left_of_what_nobody_sees(text: str) -> None:
    assert not fold(text)


def _wide(letter: str) -> str:
    """Return the letter as an input method for Chinese writes it."""
    return chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else unicodedata.normalize("NFD", letter)
