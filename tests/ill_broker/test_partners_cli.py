"""`ill-broker partners certify` against a sandbox library on the loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from click.testing import CliRunner, Result

from connectors.sandbox.app import start
from connectors.sandbox.config import Config
from ill_broker.cli import main
from tests.connectors.sandboxes import serving

SECRET = Config(library="bhu").secret


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving(start(Config(library="bhu", share=0.01, protocols=("iso18626",), iso_token="t-1"))) as told:
        yield told


def certify(*arguments: str, **environment: str) -> Result:
    return CliRunner(env=environment).invoke(main, ["partners", "certify", *arguments])


def test_a_partner_that_conforms_is_told_so_and_ends_well(url: str) -> None:
    result = certify(url, ILL_CERTIFY_SECRET=SECRET)

    assert (0, "0 does not conform" in result.output) == (result.exit_code, True)
    assert result.output.startswith(f"webhook at {url}\n + takes a signed ask [partner webhook: 2xx]\n")


def test_a_partner_that_does_not_conform_ends_badly_and_is_told_why(url: str) -> None:
    result = certify(url, "--secret", "whsec_d3Jvbmctc2VjcmV0LW9mLW5vYm9keQ==", "--format", "json")
    told = json.loads(result.output)

    assert [1, False] == [result.exit_code, told["conforms"]]
    assert told["findings"][0]["detail"] == "HTTP 401 instead of 2xx"


def test_the_protocol_can_be_named(url: str) -> None:
    result = certify(f"{url}/iso18626", "--protocol", "iso18626", ILL_CERTIFY_TOKEN="t-1")

    assert result.exit_code == 0, result.output


def test_a_partner_that_sends_nothing_is_waited_for(url: str) -> None:
    result = certify(
        url, "--secret", SECRET, "--listen", "127.0.0.1:0", "--seconds", "0.1", "--format", "json"
    )
    found = {each["claim"]: each["detail"] for each in json.loads(result.output)["findings"]}

    assert result.exit_code == 1
    assert found["tells what comes of an ask"] == "nothing within 0.1 seconds"


@pytest.mark.parametrize("place", ["here", "127.0.0.1:x", "127.0.0.1:999999"])
def test_nobody_listens_where_nobody_can(url: str, place: str) -> None:
    result = certify(url, "--listen", place)

    assert result.exit_code == 2
    assert "--listen" in result.output
