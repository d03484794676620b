from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from spark_cli.cli.app import run
from spark_cli.cli.apply import FORMATS, Order, ordered, serve
from spark_cli.cli.options import ApplyOptions, PatchFormat
from tests.cli.test_app import Recorder

DIFF = """\
--- a/a.txt
+++ b/a.txt
@@ -1,3 +1,3 @@
 one
-two
+TWO
 three
"""
V4A = """\
*** Begin Patch
*** Update File: a.txt
@@
-two
+TWO
*** Add File: new/b.txt
+hello
*** End Patch
"""
BEFORE, AFTER = "one\ntwo\nthree\n", "one\nTWO\nthree\n"


@pytest.fixture
def top(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SPARK_HOME", str(tmp_path / "home"))
    top = (tmp_path / "tree").resolve()
    top.mkdir()
    (top / "a.txt").write_text(BEFORE)
    (top / "p").write_text(DIFF)
    monkeypatch.chdir(top)
    return top


def spark(*argv: str) -> int:
    return run(["apply", *argv])


@pytest.mark.parametrize(
    ("argv", "order"),
    [
        ([], Order()),
        (["p"], Order(file="p")),
        (["-"], Order()),
        (["--check", "p", "-q"], Order(file="p", check=True, quiet=True)),
        (["--format", "sr"], Order(form="sr")),
        (["--format=udiff", "--yes", "p"], Order(file="p", form="udiff")),
        (["-C", ".", "--json", "-y"], Order(folder=".", json=True)),
        (["--json-lines"], Order(json_lines=True)),
    ],
)
def test_what_is_read_at_a_glance_is_what_typer_reads(
    argv: list[str], order: Order
) -> None:
    assert ordered(argv) == order

    options = Recorder().options("apply", *argv)

    assert isinstance(options, ApplyOptions)
    assert (options.file, options.form or "") == (order.file, order.form)
    assert (options.check, options.json) == (order.check, order.json)
    assert (options.json_lines, options.quiet) == (order.json_lines, order.quiet)


@pytest.mark.parametrize(
    "argv",
    [["--help"], ["a", "b"], ["--format", "x"], ["--format"], ["-C"], ["--chek"], [""]],
)
def test_what_is_odd_goes_the_long_way(argv: list[str]) -> None:
    assert ordered(argv) is None


def test_every_format_that_can_be_typed_is_known() -> None:
    assert set(PatchFormat) == set(FORMATS)


@pytest.mark.parametrize("text", [DIFF, V4A])
def test_a_patch_is_applied_and_its_files_are_told(
    top: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (top / "p").write_text(text)

    assert spark("p") == 0

    assert (top / "a.txt").read_text() == AFTER
    assert "M a.txt\n" in capsys.readouterr().out


def test_a_check_changes_nothing(top: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert spark("--check", "--json", "p") == 0

    assert (top / "a.txt").read_text() == BEFORE
    assert json.loads(capsys.readouterr().out) == {
        "type": "apply",
        "v": 1,
        "status": "checked",
        "exit_code": 0,
        "files": [
            {
                "action": "update",
                "name": "a.txt",
                "to": None,
                "hunks": 1,
                "tolerances": [],
            }
        ],
        "checkpoint": None,
    }


def test_a_patch_that_is_applied_already_is_no_failure(
    top: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert spark("-q", "p") == 0
    assert spark("p") == 0
    assert spark("--json", "p") == 0

    said, told = capsys.readouterr().out.splitlines()
    assert said == "already applied"
    assert json.loads(told)["status"] == "unchanged"
    assert (top / "a.txt").read_text() == AFTER


def test_a_patch_without_a_change_has_nothing_to_change(
    top: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (top / "p").write_text(
        "*** Begin Patch\n*** Update File: a.txt\n@@\n-two\n+two\n*** End Patch\n"
    )

    assert spark("--json", "p") == 4

    assert json.loads(capsys.readouterr().out)["status"] == "unchanged"


def test_a_patch_that_does_not_fit_is_refused_whole(
    top: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (top / "p").write_text(V4A.replace("-two", "-zwei"))

    assert spark("--json", "p") == 5

    told = json.loads(capsys.readouterr().out)
    assert told["status"] == "refused"
    assert [one["name"] for one in told["conflicts"]] == ["a.txt"]
    assert (top / "a.txt").read_text() == BEFORE
    assert not (top / "new").exists()


@pytest.mark.parametrize(
    ("argv", "code", "said"),
    [
        (["nowhere"], 2, "cannot read `nowhere`"),
        (["--cd", "nowhere", "p"], 2, "there is no such folder"),
        (["--format", "x", "p"], 2, "--format"),
        (["p", "q"], 2, "extra argument"),
        (["empty"], 5, "the patch is empty"),
        (["--format", "v4a", "p"], 5, "nothing was changed"),
    ],
)
def test_what_cannot_be_is_told(
    top: Path, argv: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (top / "empty").touch()

    assert spark(*argv) == code

    if said != "nothing was changed":
        assert said in capsys.readouterr().err
    assert (top / "a.txt").read_text() == BEFORE


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("a.txt", "sub"),
        ("sub/a.txt", "sub"),
        ("a.txt", "."),
        ("sub/a.txt", "."),
    ],
)
def test_names_are_from_here_and_gits_from_the_top(
    top: Path, name: str, place: str
) -> None:
    subprocess.run(["git", "init", "-q", top], check=True)
    (top / "sub").mkdir()
    (top / "sub/a.txt").write_text(BEFORE)
    if name == "sub/a.txt":
        (top / "a.txt").unlink()
    git = f"diff --git a/{name} b/{name}\n" + DIFF.replace("a.txt", name)
    (top / "p").write_text(git)

    assert spark("-q", "--cd", str(top / place), str(top / "p")) == 0

    meant = "a.txt" if (name, place) == ("a.txt", ".") else "sub/a.txt"
    assert (top / meant).read_text() == AFTER


@pytest.mark.parametrize(
    ("here", "blob", "meant"),
    [
        ("own\n", "4cb29ea", "a.txt"),
        ("own\n", "036911c", "sub/a.txt"),
        ("own\n", "", "sub/a.txt"),
        ("own\n", "1234567", None),
        ("", "4cb29ea", None),
    ],
)
def test_of_two_files_gits_name_for_the_content_tells_which(
    top: Path, here: str, blob: str, meant: str | None
) -> None:
    subprocess.run(["git", "init", "-q", top], check=True)
    (top / "sub").mkdir()
    (top / "sub/a.txt").write_text(BEFORE + here)
    index = f"index {blob}..1111111 100644\n" if blob else ""
    (top / "p").write_text(f"diff --git a/a.txt b/a.txt\n{index}{DIFF}")
    was = {name: (top / name).read_text() for name in ("a.txt", "sub/a.txt")}

    code = spark("-q", "--cd", str(top / "sub"), str(top / "p"))

    changed = [name for name in was if (top / name).read_text() != was[name]]
    assert (code, changed) == ((0, [meant]) if meant else (5, []))


@pytest.mark.parametrize(
    ("made", "mode", "code"),
    [
        ("83be497", "", 0),
        ("83be497", "old mode 100644\nnew mode 100755\n", 5),
        ("1111111", "", 5),
    ],
)
def test_gits_name_for_what_it_makes_tells_that_a_diff_was_applied(
    top: Path, made: str, mode: str, code: int
) -> None:
    (top / "b").write_bytes(b"ISC\n\nCopyright\n\n")
    (top / "p").write_text(
        f"diff --git a/b b/b\n{mode}index 1234567..{made}\n--- a/b\n+++ b/b\n"
        "@@ -1,4 +1,4 @@\n-MIT\n+ISC\n \n Copyright\n \n"
    )

    assert spark("--cd", str(top), str(top / "p")) == code
    assert (top / "b").read_bytes() == b"ISC\n\nCopyright\n\n"


@pytest.mark.parametrize("check", ["yes", "true", 1, [True], {"on": True}])
def test_a_doubtful_check_writes_nothing(top: Path, check: object) -> None:
    (reply,) = asked({"cwd": str(top), "patch": DIFF, "check": check})

    assert reply["rc"] == 2
    assert "`check` is neither" in str(reply["err"])
    assert (top / "a.txt").read_text() == BEFORE


def test_a_new_file_is_made_here(top: Path) -> None:
    subprocess.run(["git", "init", "-q", top], check=True)
    (top / "sub").mkdir()
    (top / "p").write_text("*** Begin Patch\n*** Add File: b\n+x\n*** End Patch\n")

    assert spark("-q", "--cd", str(top / "sub"), str(top / "p")) == 0

    assert (top / "sub/b").read_text() == "x\n"


def asked(*requests: object) -> list[dict[str, object]]:
    lines = [
        request if isinstance(request, str) else json.dumps(request)
        for request in requests
    ]
    replies = io.StringIO()
    assert serve(io.BytesIO("\n".join(lines).encode()), replies) == 0
    return [json.loads(line) for line in replies.getvalue().splitlines()]


def test_the_server_answers_line_by_line(top: Path) -> None:
    replies = asked(
        {"cwd": str(top), "patch": DIFF, "format": "udiff", "check": True},
        {"cwd": str(top), "patch": DIFF, "format": "udiff"},
        {"cwd": str(top), "patch": DIFF},
        "",
        {"cwd": str(top), "patch": V4A.replace("-two", "-zwei"), "format": "v4a"},
        "not JSON",
        [],
        {"cwd": str(top / "nowhere"), "patch": DIFF},
        {"cwd": str(top), "patch": DIFF, "format": "x"},
        {"cwd": str(top), "patch": DIFF, "format": ["udiff"]},
    )

    assert [reply["rc"] for reply in replies] == [0, 0, 0, 5, 2, 2, 2, 2, 2]
    assert "`a.txt`" in str(replies[3]["err"])
    assert (top / "a.txt").read_text() == AFTER


@pytest.mark.slow
def test_a_plain_apply_loads_nothing_that_it_does_not_need(top: Path) -> None:
    program = """
import sys
from spark_cli.__main__ import main
sys.argv = ["spark", "apply", "-q", "p"]
assert main() == 0
heavy = {"asyncio", "dataclasses", "difflib", "git", "httpx", "inspect", "logging"}
heavy |= {"prompt_toolkit", "pydantic", "rich", "subprocess", "tempfile", "tomli"}
heavy |= {"traceback", "typer", "websockets"}
print(sorted(heavy & sys.modules.keys()))
"""
    subprocess.run(["git", "init", "-q", top], check=True)

    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=top,
        check=True,
        capture_output=True,
        text=True,
    )

    assert done.stdout == "[]\n"
    assert (top / "a.txt").read_text() == AFTER
