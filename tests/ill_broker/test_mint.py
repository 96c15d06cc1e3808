from __future__ import annotations

import re
from base64 import b64decode
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ill_broker import mint

NOW = datetime(2026, 3, 2, 1, 40, tzinfo=UTC)
INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2900, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  (st gives the zone)


def test_an_id_has_its_prefix_and_seventeen_plain_digits() -> None:
    assert re.fullmatch(r"req_01[0-9a-hjkmnp-tv-z]{15}", mint.new_id("req", NOW))


@given(INSTANTS, st.integers(min_value=1, max_value=10**12))
def test_ids_sort_by_birth(born: datetime, later: int) -> None:
    earlier, after = (
        mint.new_id("x", born),
        mint.new_id("x", born + timedelta(milliseconds=min(later, 10**11))),
    )

    assert earlier < after


def test_ids_of_one_millisecond_differ() -> None:
    assert len({mint.new_id("x", NOW) for _ in range(1000)}) == 1000


def test_a_desk_number_has_no_letter_that_looks_like_another() -> None:
    numbers = [mint.desk_number() for _ in range(500)]

    assert all(
        re.fullmatch(r"[AC-HJKMNP-RTV-Y2-46-9]{4}-[AC-HJKMNP-RTV-Y2-46-9]{2}", number) for number in numbers
    )
    assert not set("".join(numbers)) & set("0O1IL5SB8ZU") - {"8"}
    assert len(set(numbers)) > 495


def test_tokens_are_long_and_never_the_same() -> None:
    one, other = mint.token(), mint.token()

    assert one != other
    assert re.fullmatch(r"[\w-]{43}", one)
    assert mint.token("ill_").startswith("ill_")


def test_a_token_is_found_by_its_hash_alone() -> None:
    token = mint.token()

    assert mint.token_hash(token) == mint.token_hash(token)
    assert token not in mint.token_hash(token)
    assert mint.token_hash(token) != mint.token_hash(token + "x")


def test_whatever_comes_as_a_token_can_be_hashed() -> None:
    assert len(mint.token_hash("\ud800\x00书")) == 64


def test_a_webhook_secret_is_what_standard_webhooks_asks_for() -> None:
    secret = mint.webhook_secret()

    assert secret.startswith("whsec_")
    assert len(b64decode(secret.removeprefix("whsec_"), validate=True)) == 32
