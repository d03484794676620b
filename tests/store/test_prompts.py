from __future__ import annotations

from pathlib import Path

from spark_cli.store.prompts import BYTES_MAX, FILES_MAX, PromptFile, prompts


def test_files_are_commands_and_folders_their_prefixes(tmp_path: Path) -> None:
    (tmp_path / "db" / "x" / "deep").mkdir(parents=True)
    (tmp_path / "review.md").write_text("look")
    (tmp_path / "notes.txt").write_text("no")
    (tmp_path / "db" / "Migrate.md").write_text("move")
    (tmp_path / "db" / "x" / "y.md").write_text("far")
    (tmp_path / "db" / "x" / "deep" / "z.md").write_text("too far")

    assert prompts(tmp_path) == [
        PromptFile("db:migrate", "move", "db/Migrate.md"),
        PromptFile("db:x:y", "far", "db/x/y.md"),
        PromptFile("review", "look", "review.md"),
    ]
    assert prompts(tmp_path / "none") == []


def test_what_lies_elsewhere_or_is_no_text_is_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "key.md").write_text("hush")
    folder = tmp_path / "commands"
    folder.mkdir()
    (folder / "link.md").symlink_to(secret / "key.md")
    (folder / "linked").symlink_to(secret)
    (folder / "big.md").write_bytes(b"x" * (BYTES_MAX + 1))
    (folder / "odd.md").write_bytes(b"\xff")

    assert prompts(folder) == [
        PromptFile("big", "", "big.md", "it is larger than 65,536 bytes"),
        PromptFile("odd", "\ufffd", "odd.md"),
    ]


def test_no_more_than_a_list_can_show(tmp_path: Path) -> None:
    for number in range(FILES_MAX + 5):
        (tmp_path / f"{number:03}.md").write_text("x")

    *read, passed_over = prompts(tmp_path)

    assert (len(read), {one.problem for one in read}) == (FILES_MAX, {""})
    assert passed_over.problem == "of more than 200 files, the last 5 are not read"
