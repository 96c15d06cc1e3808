"""The servers and processes that other tests stand on do what they promise."""

from __future__ import annotations

import os
import signal
import smtplib
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path

import psycopg
import pytest

from connectors.mail.codec import message_of
from connectors.ports import Letter
from tests.support.postgres import Cluster
from tests.support.processes import Child, NotReady
from tests.support.smtp import Postbox, faults_of

ROOT = Path(__file__).resolve().parent.parent
READY = "import json, time; print('warming up'); print(json.dumps({'port': 7})); time.sleep(60)"


def _dsn(url: str) -> str:
    return url.replace("+psycopg", "")


def test_each_database_is_empty_and_its_own(postgres_cluster: Cluster, postgres_url: str) -> None:
    other = postgres_cluster.new_database()
    with psycopg.connect(_dsn(postgres_url)) as here:
        here.execute("CREATE TABLE loan (id int)")
    with psycopg.connect(_dsn(other)) as there:
        found = there.execute("SELECT to_regclass('loan')").fetchone()
    postgres_cluster.drop_database(other)

    assert found == (None,)


@pytest.mark.ci
def test_what_a_durable_cluster_committed_survives_a_pulled_plug() -> None:
    with Cluster(durable=True) as cluster:
        url = _dsn(cluster.new_database())
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE loan AS SELECT 41 AS id")
        cluster.stop(signal.SIGKILL)
        cluster.start()
        with psycopg.connect(url) as connection:
            found = connection.execute("SELECT id FROM loan").fetchone()

    assert found == (41,)


def test_a_letter_can_be_read_by_whom_it_went_to(postbox: Postbox) -> None:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "desk@example.org", "li@example.org", "到书通知"
    letter["Date"], letter["Message-ID"] = formatdate(localtime=True), make_msgid(domain="example.org")
    letter.set_content("您预约的图书已到馆。", cte="base64")
    letter["Auto-Submitted"], letter["Content-Language"] = "auto-generated", "zh-Hans"
    with smtplib.SMTP(postbox.host, postbox.port, timeout=60) as client:
        client.send_message(letter)

    assert [("到书通知", "您预约的图书已到馆。\n")] == [
        (mail["subject"], mail.get_content()) for mail in postbox.to("li@example.org")
    ]
    assert postbox.to("wang@example.org") == []


@pytest.mark.parametrize(
    ("was", "spoilt"),
    [
        (b"Subject: Due soon", b"Subject: " + b"Due soon " * 12),
        (b"Dear Li", b"Dear Li" * 12),
        (b"<p>Dear Li", b"<p>Dear Wang"),
        (b"<p>Dear Li", b"<p>Dear Li<img src='https://elsewhere.example/x.png'>"),
        (b"</p>", b""),
        (b"</html>", b""),
        (b'<html lang="en">', b"<html>"),
        (b"text/html", b"text/richtext"),
    ],
)
def test_a_letter_that_is_malformed_or_says_two_things_is_found_out(was: bytes, spoilt: bytes) -> None:
    html = '<html lang="en">\n<title>Due soon</title>\n<body>\n<p>Dear Li</p>\n</body>\n</html>\n'
    whole = Letter(
        message_id="m", at=datetime(2026, 3, 1, tzinfo=UTC), to="li@example.org", subject="Due soon",
        text="Dear Li\n", html=html, language="en",
    )  # fmt: skip
    sent = message_of(whole, sender="desk@example.org").as_bytes()

    assert [] == faults_of(sent)
    assert was in sent
    assert [] != faults_of(sent.replace(was, spoilt))


def test_a_refused_recipient_is_refused(postbox: Postbox) -> None:
    postbox.refused.add("gone@example.org")
    with (
        smtplib.SMTP(postbox.host, postbox.port, timeout=60) as client,
        pytest.raises(smtplib.SMTPRecipientsRefused),
    ):
        client.sendmail("desk@example.org", "gone@example.org", "Subject: x\r\n\r\nx")


def test_a_child_tells_its_ready_line_after_other_words(start: Callable[..., Child]) -> None:
    child = start("-c", READY)

    assert child.wait_until_ready() == {"port": 7}
    assert child.output[0] == "warming up\n"


def test_a_child_that_ends_before_it_is_ready_shows_what_it_wrote(start: Callable[..., Child]) -> None:
    child = start("-c", "import sys; sys.exit('no database')")

    with pytest.raises(NotReady, match="no database"):
        child.wait_until_ready()


def test_a_killed_child_has_no_last_words(start: Callable[..., Child]) -> None:
    child = start("-c", READY)
    child.wait_until_ready()
    child.kill()

    assert child.process.returncode == -signal.SIGKILL


def test_an_ended_child_may_clean_up(start: Callable[..., Child]) -> None:
    cleaning = "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit(3)); " + READY
    child = start("-c", cleaning)
    child.wait_until_ready()

    assert child.end() == 3


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's word for this is Linux's")
def test_a_child_does_not_outlive_whoever_started_it(start: Callable[..., Child]) -> None:
    parent = start(
        "-c",
        "import json, time; from tests.support.processes import Child\n"
        "child = Child('-c', 'import time; time.sleep(60)')\n"
        "print(json.dumps({'pid': child.process.pid}), flush=True); time.sleep(60)",
    )
    orphan = parent.wait_until_ready()["pid"]
    os.kill(parent.process.pid, signal.SIGKILL)

    assert _gone(orphan)


SKIPS = """
import pytest
def test_tool(): pytest.skip("no browser here")
@pytest.mark.xfail(strict=True)
def test_known(): assert False
def test_fine(): pass
"""


@pytest.mark.parametrize(
    ("required", "outcome"),
    [
        ("", "1 passed, 1 skipped, 1 xfailed"),
        ("1", "1 failed, 1 passed, 1 xfailed"),
    ],
)
def test_a_skip_is_a_failure_where_everything_is_required(
    tmp_path: Path, required: str, outcome: str
) -> None:
    (tmp_path / "test_skips.py").write_text(SKIPS, encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest", "-p", "no:cacheprovider", "."],
        cwd=tmp_path,
        env={**_plain_environment(), "PYTHONPATH": str(ROOT), "ILL_REQUIRE_ALL": required},
        capture_output=True,
        text=True,
        check=False,
    )

    assert outcome in run.stdout


def _plain_environment() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if not key.startswith(("COV", "PYTEST"))}


def _gone(pid: int) -> bool:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.01)
    return False
