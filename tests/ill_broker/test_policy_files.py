from pathlib import Path

import pytest

from ill_broker.storage.policy_files import MAX_BYTES, builtin_book, parse, read_policies
from workflows.errors import FaultyPolicy

DATA = Path(__file__).parents[2] / "workflows" / "data"


@pytest.mark.parametrize(
    "content",
    [
        b"a: 1\na: 2\n",
        b"a: {b: 1, b: 2}\n",
        b"a: &x [1]\nb: *x\n",
        b"base: &x {a: 1}\nb: {<<: *x}\n",
        b"a: '\xff'\n",
        "a: ü\n".encode("utf-16"),
        b"a: !!python/object/apply:os.system ['true']\n",
        b"a: [1\n",
        b"a: " + b"[" * 3000,
        b"#" * (MAX_BYTES + 1),
        b"? [1, 2]\n: 3\n",
    ],
)
def test_a_file_that_is_not_plain_yaml_is_refused(content: bytes) -> None:
    with pytest.raises(FaultyPolicy) as caught:
        parse(content, "x.yaml")

    assert {"x.yaml": [("", "unreadable")]} == caught.value.facts["faults"]


def test_plain_yaml_becomes_plain_values() -> None:
    assert {"a": ["1", 2, None]} == parse(b"a: ['1', 2, null]\n", "x.yaml")


def test_the_policies_that_come_with_the_project_are_whole() -> None:
    ids = {"balis", "bhu", "bjtu", "bulc", "fjmu", "jinan", "nlc", "pku", "shlib", "szutl"}

    assert ids == set(builtin_book().ids)
    assert builtin_book() is builtin_book()


def test_a_directory_of_ones_own_is_read_the_same_way(tmp_path: Path) -> None:
    (tmp_path / "calendars").mkdir()
    for name, folder in (("szutl.yaml", "policies"), ("szutl-sample.yaml", "calendars")):
        target = tmp_path / ("calendars" if folder == "calendars" else ".") / name
        target.write_bytes((DATA / folder / name).read_bytes())
    (tmp_path / "notes.txt").write_text("not a policy")

    assert ("szutl",) == read_policies(tmp_path).ids


def test_a_faulty_file_keeps_the_directory_from_being_read(tmp_path: Path) -> None:
    (tmp_path / "calendars").mkdir()
    (tmp_path / "odd.yaml").write_text("id: odd\n", encoding="utf-8")
    with pytest.raises(FaultyPolicy):
        read_policies(tmp_path)
