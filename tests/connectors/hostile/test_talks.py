"""SIP2 systems, Z39.50 targets and mail servers that hang, lie and flood."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.mail.client import SmtpMailer
from connectors.transport import Limits
from tests.connectors.factories import letter
from tests.connectors.hostile.calls import Calls, End, ends_of, sip2_calls, z3950_calls
from tests.connectors.hostile.manners import BER, LINES, MAIL, Behaviour

HURRIED, PATIENT = (Limits(connect=60, total=seconds, size=64 * 1024) for seconds in (0.3, 60.0))
SLACK = 60.0


def limits_of(behaviour: Behaviour) -> Limits:
    return HURRIED if behaviour.is_slow else PATIENT


def wrong(behaviour: Behaviour, calls: Calls) -> dict[str, End]:
    """Return the calls that did not end as they may, or not in time."""
    ended = ends_of(calls, seconds=limits_of(behaviour).total + SLACK)
    return {name: end for name, end in ended.items() if not isinstance(end.error, behaviour.ends)}


@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize("greets", [True, False])
@pytest.mark.parametrize("behaviour", LINES)
def test_a_hostile_sip2_system_ends_as_a_failure_with_a_name(
    behaviour: str, servers: dict[str, Any], *, greets: bool
) -> None:
    manners = LINES[behaviour]
    with sip2_calls(servers["lines"][behaviour], limits_of(manners), greets=greets) as calls:
        assert {} == wrong(manners, calls)


@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize("behaviour", BER)
def test_a_hostile_z3950_target_ends_as_a_failure_with_a_name(
    behaviour: str, servers: dict[str, Any]
) -> None:
    manners = BER[behaviour]
    with z3950_calls(servers["ber"][behaviour], limits_of(manners)) as calls:
        assert {} == wrong(manners, calls)


@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize("behaviour", MAIL)
def test_a_hostile_mail_server_ends_as_a_failure_with_a_name(behaviour: str, servers: dict[str, Any]) -> None:
    manners = MAIL[behaviour]
    mailer = SmtpMailer(
        "127.0.0.1", servers["mail"][behaviour], "broker@example.org", timeout=limits_of(manners).total
    )

    assert {} == wrong(manners, {"mail send": lambda: mailer.send(letter())})
