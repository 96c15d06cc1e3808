"""The policies on the command line: checked, asked, explained, compared."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ill_broker.cli import main
from ill_broker.services.office.evaluation import CHUNK, MAX_LINE, answers
from ill_broker.storage.policy_files import MAX_BYTES, builtin_book
from ill_broker.texts.catalogue import say
from ill_broker.texts.flaws import Flaw
from tests.workflows.test_worked_examples import EXAMPLES

DATA = Path(str(resources.files("workflows") / "data"))
LATE: dict[str, Any] = {
    "policy": "szutl",
    "timeline": {"handover": "2025-03-03T10:00:00+08:00", "returned": "2025-04-06T09:30:00+08:00"},
}


def run(*arguments: str | Path, given: bytes = b"") -> Result:
    return CliRunner().invoke(main, ["policies", *map(str, arguments)], input=given)


def asked(*lines: object) -> bytes:
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def told(lines: bytes) -> list[Any]:
    """Return the answers to *lines*."""
    found = b"".join(answers(io.BytesIO(lines), builtin_book()))
    return [json.loads(line) for line in found.splitlines()]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the project's policies, which a test may spoil."""
    target = tmp_path / "policies"
    shutil.copytree(DATA / "policies", target)
    shutil.copytree(DATA / "calendars", target / "calendars")
    return target


# ---------------------------------------------------------------- check


def test_the_policies_of_the_project_are_without_fault() -> None:
    found = run("check")

    assert ("10 policies, 4 calendars, 0 faults\n", 0) == (found.stdout, found.exit_code)


def worded(fault: str, language: str = "en") -> str:
    """Return a fault, named up to its code, with its sentence."""
    return f"{fault}: {say(Flaw(fault.rpartition(': ')[2]).message, language)}"


def test_every_fault_is_named_by_file_path_and_code(folder: Path) -> None:
    text = (folder / "szutl.yaml").read_text(encoding="utf-8")
    spoilt = text.replace('rate: "0.20"', "rate: 0.20").replace("kind: library", "kind: shop")
    (folder / "szutl.yaml").write_text(spoilt, encoding="utf-8")
    calendar = folder / "calendars" / "jinan-sample.yaml"
    calendar.write_text("schema: 1\nid: jinan-sample\n", encoding="utf-8")
    found = run("check", folder)

    assert [
        worded(f"{calendar}: coverage: missing_field"),
        worded(f"{folder / 'jinan.yaml'}: calendar: bad_reference"),
        worded(f"{folder / 'szutl.yaml'}: fine.rate: bad_money"),
        worded(f"{folder / 'szutl.yaml'}: kind: bad_enum"),
        "10 policies, 4 calendars, 4 faults",
    ] == found.stdout.splitlines()
    assert 1 == found.exit_code


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"a: 1\nb: 2\na: 3\n", "key 'a' stands twice in \"<unicode string>\", line 3, column 1"),
        (b"a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "line 2, column 8"),
        (b"a: &a [*a]\n", "line 1, column 8"),
        (b"a: 1\nb: [1\n", "line 3, column 1"),
        (b"#" * 10 * MAX_BYTES, f"larger than {MAX_BYTES} bytes"),
        ("id: 图书馆\n".encode("gb18030"), "can't decode byte 0xca in position 6"),
        ("id: x\n".encode("utf-16"), "can't decode byte 0xff in position 0"),
        (b"a: " + b"[" * 3000, "line 1, column 23"),
        (b"? [1, 2]\n: 3\n", "a key is not text"),
    ],
)
def test_a_hostile_file_is_named_with_what_and_where(folder: Path, content: bytes, what: str) -> None:
    (folder / "zz.yaml").write_bytes(content)
    found = run("check", folder)

    assert found.stdout.startswith(f"{folder / 'zz.yaml'}: unreadable: ")
    assert what in found.stdout.splitlines()[0]
    assert ("10 policies, 4 calendars, 1 faults", 1) == (found.stdout.splitlines()[-1], found.exit_code)


def test_what_is_not_a_file_of_its_own_is_a_fault(folder: Path) -> None:
    (folder / "folder.yaml").mkdir()
    (folder / "gone.yaml").symlink_to(folder / "nowhere")
    found = run("check", folder)

    assert ["not a file", "not a file"] == [line.split(": ")[-1] for line in found.stdout.splitlines()[:2]]


def test_two_files_may_not_claim_the_same_id(folder: Path) -> None:
    shutil.copy(folder / "szutl.yaml", folder / "szutl-2.yaml")
    found = run("check", folder)

    assert f"{folder / 'szutl.yaml'}: id: duplicate_id: also in szutl-2.yaml" == found.stdout.splitlines()[0]
    assert 1 == found.exit_code


def test_calendars_may_lie_elsewhere_and_must_lie_somewhere(folder: Path, tmp_path: Path) -> None:
    moved = shutil.move(folder / "calendars", tmp_path / "days")

    assert 0 == run("check", folder, "--calendars", moved).exit_code
    missing = f"{folder / 'calendars'}: unreadable: no such folder"
    assert missing in run("check", folder).stdout.splitlines()


def test_worked_examples_beside_the_policies_are_no_policy(folder: Path) -> None:
    (folder / "worked_examples.yaml").write_text("examples: []\n", encoding="utf-8")

    assert "10 policies, 4 calendars, 0 faults\n" == run("check", folder).stdout


def test_a_file_that_may_not_be_read_is_a_fault(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    found = run("check", folder)

    assert f"{folder / 'balis.yaml'}: unreadable: Permission denied" == found.stdout.splitlines()[0]


@pytest.mark.parametrize(
    ("words", "spoilt"),
    [
        ("id: balis\n", "id: [balis]\n"),
        ("exclude_lenders: [nlc, shlib]", "exclude_lenders: null"),
        ("clock:\n", "quota: null\npickup: null\nclock:\n"),
    ],
)
def test_a_value_of_another_kind_or_none_is_checked_and_not_stumbled_over(
    folder: Path, words: str, spoilt: str
) -> None:
    text = (folder / "balis.yaml").read_text(encoding="utf-8")
    (folder / "balis.yaml").write_text(text.replace(words, spoilt), encoding="utf-8")

    assert run("check", folder).stdout.splitlines()[-1].startswith("10 policies, 4 calendars, ")


def test_a_list_in_the_place_of_a_policy_is_a_fault(folder: Path) -> None:
    (folder / "zz.yaml").write_text("[1]\n", encoding="utf-8")

    english, chinese = (run("check", folder, "--language", language).stdout for language in ("en", "zh"))

    assert worded(f"{folder / 'zz.yaml'}: bad_type") == english.splitlines()[0]
    assert worded(f"{folder / 'zz.yaml'}: bad_type", "zh") == chinese.splitlines()[0]


# ---------------------------------------------------------------- evaluate


def test_every_worked_example_is_answered_by_the_program() -> None:
    given = asked(*({key: example[key] for key in ("id", "kind", "input")} for example in EXAMPLES))
    done = subprocess.run(
        [sys.executable, "-m", "ill_broker", "policies", "evaluate"],
        input=given,
        capture_output=True,
        check=True,
        timeout=60,
    )
    found = [json.loads(line) for line in done.stdout.splitlines()]

    assert [{"id": example["id"], "answer": example["expected"]} for example in EXAMPLES] == found


def test_a_line_is_answered_before_the_next_is_asked() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "ill_broker", "policies", "evaluate"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        for number in (1, 2):
            child.stdin.write(asked({"id": number, "kind": "loan", "input": LATE}))
            child.stdin.flush()

            assert number == json.loads(child.stdout.readline())["id"]
        child.stdin.close()

        assert 0 == child.wait(60)


def test_an_invalid_input_is_answered_by_its_code() -> None:
    found = told(
        asked(
            {"id": 1, "kind": "loan", "input": {"policy": "nowhere"}},
            {"id": 2, "kind": "dance", "input": {}},
            {"id": 3, "kind": ["loan"], "input": {}},
            {"id": 4, "kind": "loan", "input": 5},
            {"kind": "loan"},
        )
    )

    assert ["unknown_policy", "unknown_kind", "unknown_kind", "bad_input", "unknown_policy"] == [
        answer["answer"]["error"] for answer in found
    ]
    assert [1, 2, 3, 4, None] == [answer["id"] for answer in found]


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b"",
        b"[1]",
        b"\xff",
        b'{"id": NaN}',
        b'{"id": 1e999}',
        b"[" * 100_000,
        b"9" * 5_000,
    ],
)
def test_a_broken_line_is_answered_with_its_number(line: bytes) -> None:
    good = asked({"id": "x", "kind": "loan", "input": LATE})
    found = told(good + line + b"\n" + good)

    assert {"id": None, "line": 2, "answer": {"error": "bad_line"}} == found[1]
    assert ["x", None, "x"] == [answer["id"] for answer in found]


def test_a_line_without_an_end_is_kept_to_a_bound() -> None:
    good = asked({"id": 1.5, "kind": "loan", "input": LATE})
    found = told(good + b"x" * (MAX_LINE + 3 * CHUNK) + b"\n" + good.rstrip())

    assert {"id": None, "line": 2, "answer": {"error": "line_too_long"}} == found[1]
    assert [1.5, None, 1.5] == [answer["id"] for answer in found]


def test_an_input_that_no_rule_can_take_is_refused() -> None:
    patch = '{"a":' * 400 + "1" + "}" * 400
    line = f'{{"id": 1, "kind": "loan", "input": {{"policy": "szutl", "patch": {patch}}}}}'

    assert told(line.encode())[0]["answer"]["error"] in ("bad_input", "invalid_policy")


def test_the_answers_come_as_the_questions_do() -> None:
    line = asked({"id": 1, "kind": "loan", "input": LATE})
    source = io.BytesIO(line * 2_000)
    first = next(answers(source, builtin_book()))

    assert CHUNK == source.tell()
    assert CHUNK // len(line) == first.count(b"\n")


def test_faulty_policies_answer_nothing(folder: Path) -> None:
    (folder / "szutl.yaml").write_text("id: szutl\n", encoding="utf-8")
    found = run("evaluate", "--policies", folder, given=asked({"id": 1}))

    assert ("", 1) == (found.stdout, found.exit_code)
    assert f"{folder / 'szutl.yaml'}: calendar: missing_field" in found.stderr


def test_policies_of_ones_own_answer(folder: Path) -> None:
    text = (folder / "szutl.yaml").read_text(encoding="utf-8")
    (folder / "szutl.yaml").write_text(text.replace('rate: "0.20"', 'rate: "2.00"'), encoding="utf-8")
    line = asked({"id": 1, "kind": "loan", "input": LATE})
    fines = [
        json.loads(run("evaluate", *options, given=line).stdout)["answer"]["fine"]["amount"]
        for options in ((), ("--policies", folder))
    ]

    assert ["0.60", "6.00"] == fines


# ---------------------------------------------------------------- explain


def test_a_case_is_explained_in_both_languages() -> None:
    english, chinese = (run("explain", "--language", lang, given=asked(LATE)) for lang in ("en", "zh"))

    assert "3 days late: CNY 0.60 [R-SZUTL-18" in english.stdout
    assert "逾期 3 天：0.60 元 [R-SZUTL-18" in chinese.stdout
    assert [0, 0] == [english.exit_code, chinese.exit_code]


def test_a_case_may_be_a_whole_line_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "case.json"
    file.write_bytes(asked({"id": "x", "kind": "loan", "input": LATE}))

    assert run("explain", given=asked(LATE)).stdout == run("explain", file).stdout


NOW = "2026-03-02T10:00:00Z"
COLOURED = {"loan_rules": [{"id": "x", "when": {"colour": []}, "period": {"days": 1}}]}
PAID = {"at": NOW, "policy": "szutl", "currency": "CNY", "amount": "9" * 5_000}


@pytest.mark.parametrize(
    "odd",
    [
        {"kind": "loan", "input": {**LATE, "patch": COLOURED}},
        {"kind": "loan", "input": {**LATE, "patch": {"fine": {"rate": "9" * 5_000}}}},
        {"kind": "route", "input": {"at": NOW, "candidates": [{"policy": "szutl", "holds": "false"}]}},
        {"kind": "account", "input": {"payments": [PAID]}},
    ],
)
def test_an_odd_line_leaves_the_answers_before_and_after_it(odd: dict[str, object]) -> None:
    plain = {"id": "plain", "kind": "loan", "input": LATE}
    lines = [json.loads(line) for line in run("evaluate", given=asked(plain, odd, plain)).stdout.splitlines()]

    assert lines[0] == lines[2] == {**lines[0], "id": "plain"}
    assert 3 == len(lines)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (b"{", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "a case is a JSON object"),
        (asked({"kind": "desk", "input": {}}), "only a loan can be explained"),
        (asked({"policy": "nowhere"}), "unknown_policy: There is no such policy."),
        (asked(LATE | {"timeline": {"handover": "9999-12-31T10:00:00Z"}}), "bad_timestamp"),
        (asked(LATE | {"patch": {"loan_rules": [{"id": "x", "period": {"days": 10**9}}]}}), "invalid_policy"),
    ],
)
def test_what_cannot_be_explained_says_why(given: bytes, reason: str) -> None:
    found = run("explain", given=given)

    assert reason in found.stderr
    assert ("", 1) == (found.stdout, found.exit_code)


# ---------------------------------------------------------------- diff


def test_two_versions_are_compared_in_both_languages(folder: Path) -> None:
    old, new = folder / "szutl.yaml", folder / "new.yaml"
    text = old.read_text(encoding="utf-8")
    new.write_text(text.replace('rate: "0.20"', 'rate: "0.50"'), encoding="utf-8")

    assert [
        "Fine per day: 0.20 -> 0.50. A late reader pays more.",
        "Loans that have begun keep the terms they began under.",
    ] == run("diff", old, new).stdout.splitlines()
    assert "每日逾期费：0.20 → 0.50。逾期读者付费增加。" in run("diff", old, new, "--language", "zh").stdout
    assert "Nothing changes.\n" == run("diff", old, old).stdout


@pytest.mark.parametrize(
    ("content", "reason"), [(b"a: 1\na: 2\n", "stands twice"), (b"[1]\n", "not a policy")]
)
def test_what_is_no_policy_cannot_be_compared(folder: Path, content: bytes, reason: str) -> None:
    (folder / "new.yaml").write_bytes(content)
    found = run("diff", folder / "szutl.yaml", folder / "new.yaml")

    assert reason in found.stderr
    assert 1 == found.exit_code
