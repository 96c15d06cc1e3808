"""What is typed becomes a query."""

import pytest

from ill_broker.services.discovery.terms import query_of, terms_of
from workflows.citation import Citation, Query

ISBN = "9787301000014"


@pytest.mark.parametrize(
    "text",
    [
        "978-7-301-00001-4", "7301000014", ISBN, "ISBN 978-7-301-00001-4", "isbn7301000014",
        "ISBN：7-301-00001-4", "ISBN-13: 9787301000014", "ISBN10 7301000014", "eISBN 9787301000014.",
    ],
)  # fmt: skip
def test_a_text_that_is_an_isbn_is_looked_for_as_one(text: str) -> None:
    assert Query(isbn=ISBN) == query_of(text=text)


@pytest.mark.parametrize(
    "text", ["0317-8471", "03178471", "ISSN 0317-8471", "ISSN：0317-8471", "e-ISSN 03178471"]
)
def test_a_text_that_is_an_issn_is_looked_for_as_one(text: str) -> None:
    assert Query(issn="0317-8471") == query_of(text=text)


def test_a_text_that_is_none_stays_a_text() -> None:
    assert Query(text="9787301000015") == query_of(text="9787301000015")


def test_an_isbn_beside_a_text_stays_what_it_is() -> None:
    assert Query(text="红楼梦", isbn=ISBN) == query_of(text="红楼梦", isbn=ISBN)


def test_a_search_for_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing"):
        query_of(text="")


def test_a_citation_with_a_number_is_looked_for_by_it_alone() -> None:
    assert Query(isbn=ISBN) == terms_of(Citation(title="Book", author="Ann", isbn=ISBN))


def test_a_citation_without_one_is_looked_for_by_title_and_author() -> None:
    assert Query(title="Book", author="Ann") == terms_of(Citation(title="Book", author="Ann"))
