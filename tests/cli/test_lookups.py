"""What commands look up, in real sessions on the embedded endpoint."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from spark_cli.cli.assemble import Session, Wish, open_session
from spark_cli.cli.lookups import lookups
from spark_cli.cli.options import Options
from spark_cli.core.effects import Approval
from spark_cli.core.errors import SparkError
from spark_cli.core.events import (
    Configured,
    Event,
    ItemCompleted,
    TurnEnded,
    TurnStarted,
    TurnStatus,
)
from spark_cli.core.ids import ItemId, TurnId
from spark_cli.core.items import AgentMessage, UserMessage
from spark_cli.core.ops import Configure, Undo
from spark_cli.core.usage import Usage
from spark_cli.store.journal import Header, Journal
from spark_cli.store.sessions import Sessions
from spark_cli.workspace.tree import Change, File
from tests.store.disks import full_disk


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SPARK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = (tmp_path / "tree").resolve()
    folder.mkdir()
    (folder / "a.py").write_text("old\n")
    return folder


@pytest.fixture
def session(root: Path) -> Iterator[Session]:
    options = Options(model="demo", provider="demo", directory=root)
    with ExitStack() as closing:
        made = open_session(options.load(os.environ), root, Wish())
        yield closing.enter_context(made)


def speak(session: Session, *prompts: str) -> None:
    """What a journal has after so many turns."""
    journal = Journal(Sessions(session.loaded.paths.sessions).path(session.id))
    journal.begin(Header(session.id, str(session.root.path), 0))
    for number, prompt in enumerate(prompts):
        said: tuple[Event, ...] = (
            TurnStarted(TurnId(f"t{number}")),
            ItemCompleted(UserMessage(ItemId(f"u{number}"), prompt)),
            ItemCompleted(AgentMessage(ItemId(f"a{number}"), "ok")),
            TurnEnded(TurnId(f"t{number}"), TurnStatus.COMPLETED, Usage()),
        )
        for event in said:
            journal.record(event)
    journal.close()


def test_the_changes_are_those_of_the_session_and_know_what_stands(
    session: Session,
) -> None:
    look = lookups(session)
    change = Change("a.py", File(b"old\n"), File(b"new\nlines\n"))
    made = session.checkpoints.write([change], "patch a.py")

    [before] = look.changes()
    session.undo(Undo())
    [after] = look.changes()

    assert (before.id, before.added, before.removed, before.files) == (
        *(made, 2, 1),
        ("a.py",),
    )
    assert (before.standing, after.standing) == (True, False)
    assert "+new" in look.change_diff(made)


def test_the_models_are_the_endpoints_with_what_is_known_of_them(
    session: Session,
) -> None:
    offer = lookups(session).models()

    assert [one.name for one in offer.models][:2] == ["demo", "gpt-5.3-codex-spark"]
    assert (offer.models[0].context_window, offer.problem) == (128_000, "")


def test_an_endpoint_that_cannot_be_asked_leaves_what_spark_knows(
    root: Path,
) -> None:
    options = Options(
        provider="vllm", sets=("providers.vllm.base_url='http://[::1]:9'",)
    )
    with open_session(options.load(os.environ), root, Wish()) as session:
        offer = lookups(session).models()

    assert "the list is spark's own: " in offer.problem
    assert "gpt-5.5" in [one.name for one in offer.models]


def test_a_fork_follows_with_the_conversation_and_the_approval(
    session: Session,
) -> None:
    speak(session, "one", "two")
    session.chosen = session.chosen.changed(Configure(approval=Approval.AUTO_EDIT))
    look = lookups(session)

    look.fork(ItemId("u1"))

    following = session.following
    assert following is not None
    assert following.id != session.id
    assert following.chosen.approval is Approval.AUTO_EDIT
    assert [item.id for item in following.past.items] == ["u0", "a0"]
    [told] = look.sessions()
    assert (told.id, told.words, told.turns) == (following.id, "one", 1)


def test_a_session_that_is_open_elsewhere_does_not_follow(session: Session) -> None:
    speak(session, "one")
    sessions = Sessions(session.loaded.paths.sessions)
    other = sessions.fork(session.id)
    held = Journal(sessions.path(other))

    with pytest.raises(SparkError, match="open in another spark"):
        lookups(session).resume(other)
    held.close()
    with pytest.raises(SparkError, match="is this session"):
        lookups(session).resume(session.id)
    with pytest.raises(SparkError, match="no session `nope`"):
        lookups(session).resume("nope")
    assert session.following is None


def test_the_users_own_commands_come_before_the_projects(
    session: Session, root: Path
) -> None:
    mine = session.loaded.paths.config / "commands"
    theirs = root / ".spark" / "commands"
    for folder, text in ((mine, "mine"), (theirs, "theirs")):
        folder.mkdir(parents=True)
        (folder / "look.md").write_text(text)
    (theirs / "more.md").write_text("more")
    (theirs / "No Name.md").write_text("none")

    custom = lookups(session).custom()
    found = {one.name: (one.summary, one.place) for one in custom if not one.unusable}

    assert found == {
        "look": ("mine", "~/home/commands/look.md"),
        "more": ("more", ".spark/commands/more.md"),
    }
    [passed_over] = [one for one in custom if one.unusable]
    assert passed_over.place == ".spark/commands/No Name.md"


def test_a_conversation_is_written_to_a_new_private_file(
    session: Session, root: Path
) -> None:
    save = lookups(session).save

    assert save("", "text") == f"~/tree/spark-{session.id}.md"
    written = root / f"spark-{session.id}.md"
    assert written.read_text() == "text"
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    with pytest.raises(SparkError, match="is there already"):
        save(written.name, "other")
    with pytest.raises(SparkError, match="No such file"):
        save("none/x.md", "other")
    with pytest.raises(SparkError, match="no name of a file"):
        save("x\0y.md", "other")


def test_a_disk_that_is_full_leaves_no_half_of_a_conversation(
    session: Session, root: Path
) -> None:
    before = sorted(root.iterdir())

    with full_disk(), pytest.raises(SparkError, match="cannot write `~/tree/x.md`"):
        lookups(session).save("x.md", "long " * 2_000)

    assert sorted(root.iterdir()) == before


def test_what_every_request_carries_is_known_once_there_is_one(
    session: Session,
) -> None:
    look = lookups(session)
    assert look.fixed().tools == 0

    request = session.equip(session.chosen).request

    fixed = look.fixed()
    assert fixed.instructions == len(request.instructions)
    assert (fixed.tool_count, fixed.tools > 100) == (len(request.tools), True)


def test_the_checks_and_the_settings_are_those_of_the_command_line(
    session: Session,
) -> None:
    look = lookups(session)

    assert 'model = "demo"' in look.config()
    rows = dict(look.doctor())
    assert rows["ok connection"] == "the model answers over websocket and sse"


def test_the_checks_are_of_the_settings_that_the_session_has(root: Path) -> None:
    options = Options(
        provider="vllm", sets=("providers.vllm.base_url='http://[::1]:9'",)
    )
    with open_session(options.load(os.environ), root, Wish()) as session:
        session.chosen = session.chosen.changed(Configure(model="big-7"))
        rows = dict(lookups(session).doctor())

    assert rows["ok provider"].startswith("vllm, http://[::1]:9, ")
    assert rows["ok model"].startswith("big-7, ")


def test_the_effort_of_a_session_is_gone_on_with(session: Session) -> None:
    speak(session, "one")
    path = Sessions(session.loaded.paths.sessions).path(session.id)
    journal = Journal(path)
    journal.record(Configured("demo", "demo", Approval.ASK, "high"))
    journal.close()
    loaded = Options().load(os.environ)

    again = open_session(loaded, session.cwd, Wish(resume=session.id))

    assert (again.chosen.model, again.chosen.effort) == ("demo", "high")

    typed = Options(sets=('effort="low"',)).load(os.environ)
    again = open_session(typed, session.cwd, Wish(resume=session.id))

    assert (again.chosen.model, again.chosen.effort) == ("demo", "low")
