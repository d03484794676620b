from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from spark_cli.core.ids import CallId
from spark_cli.core.items import AgentMessage, Note, ToolCall, ToolOutput, UserMessage
from spark_cli.demo import sample
from spark_cli.demo.ask import Ask, Message, Thought, Use
from spark_cli.demo.model import GREETING, answer
from spark_cli.demo.skills.speak import pieces
from spark_cli.wire.request import ToolSpec
from tests.demo.desk import ALL, CODEX, NO_ID, NOTHING, SPARK, Kit, function, work


@pytest.fixture
def cafe(tmp_path: Path) -> Path:
    for name, text in sample.FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def changed(folder: Path) -> Mapping[str, str]:
    """The sample's files that are not what they were."""
    return {
        name: (folder / name).read_text()
        for name, text in sample.FILES.items()
        if (folder / name).read_text() != text
    }


def edited(name: str, old: str, new: str) -> Mapping[str, str]:
    assert old in sample.FILES[name]
    return {name: sample.FILES[name].replace(old, new)}


def asked(text: str, *tools: ToolSpec, choice: str = "auto") -> Ask:
    return Ask((UserMessage(NO_ID, text),), tools, choice)


def words(ask: Ask) -> str:
    (message,) = answer(ask)
    assert isinstance(message, Message)
    return message.text


@pytest.mark.parametrize("kit", ALL.values(), ids=ALL.keys())
def test_a_symbol_is_renamed_in_every_file_whatever_the_tools(
    cafe: Path, kit: Kit
) -> None:
    talk = work(cafe, "rename net_price to price_before_tax", kit)

    assert changed(cafe) == {
        name: re.sub(r"\bnet_price\b", "price_before_tax", text)
        for name, text in sample.FILES.items()
        if re.search(r"\bnet_price\b", text)
    }
    assert "5 places in 4 files" in talk.said


@pytest.mark.parametrize("kit", ALL.values(), ids=ALL.keys())
@pytest.mark.parametrize(
    ("prompt", "after"),
    [
        (
            "replace 'croissant' with 'pain au chocolat' in README.md",
            edited("README.md", "croissant", "pain au chocolat"),
        ),
        (
            "Please fix the crash in crash.log!",
            edited(
                "cafe/till.py",
                "return total / len(book.orders)",
                "return total / len(book.orders) if len(book.orders) else 0",
            ),
        ),
        (
            "add a docstring to add_tip in till.py",
            edited(
                "cafe/till.py",
                "percent):\n",
                'percent):\n    """Add tip, given `cents` and `percent`."""\n',
            ),
        ),
        (
            "add a function clamp to cafe/menu.py",
            edited(
                "cafe/menu.py",
                "    return PRICES[name]\n",
                "    return PRICES[name]\n\n\ndef clamp(value, low, high):\n"
                '    """Return the value, held between low and high."""\n'
                "    return max(low, min(high, value))\n",
            ),
        ),
    ],
)
def test_files_are_edited_whatever_the_tools(
    cafe: Path, kit: Kit, prompt: str, after: Mapping[str, str]
) -> None:
    work(cafe, prompt, kit)

    assert changed(cafe) == after


@pytest.mark.parametrize(
    ("prompt", "names"),
    [
        ("rename `Order` to `Ticket` in cafe", ["cafe/__main__.py", "cafe/orders.py"]),
        ("rename the function receipt -> slip in cafe/till.py", []),
    ],
)
def test_a_rename_stays_where_it_was_asked_for(
    cafe: Path, prompt: str, names: list[str]
) -> None:
    work(cafe, prompt, SPARK)

    assert list(changed(cafe)) == [*names, "cafe/till.py"]


def test_only_whole_words_are_renamed(cafe: Path) -> None:
    (cafe / "words.py").write_text("pot = spot(pots, pot_2, pot)\n")

    work(cafe, "rename pot to pan", SPARK)

    assert (cafe / "words.py").read_text() == "pan = spot(pots, pot_2, pan)\n"


def test_what_a_search_did_not_show_is_searched_again(cafe: Path) -> None:
    for number in range(30):
        (cafe / f"m{number:02}.py").write_text("bean = 1\n" * 5)

    talk = work(cafe, "rename bean to leaf", SPARK)

    texts = {path.read_text() for path in cafe.glob("m*.py")}
    assert texts == {"leaf = 1\n" * 5}
    assert "150 places in 30 files" in talk.said


def test_a_long_file_is_read_page_by_page(cafe: Path) -> None:
    lines = [f"row_{number} = {number}" for number in range(1000)]
    (cafe / "long.py").write_text("\n".join([*lines, "last = total\n"]))

    for kit in (SPARK, CODEX):
        (cafe / "long.py").write_text("\n".join([*lines, "last = total\n"]))
        work(cafe, "replace 'last = total' with 'last = 0' in long.py", kit)
        assert (cafe / "long.py").read_text().endswith("row_999 = 999\nlast = 0\n")


def test_a_rename_can_be_amended_after_it_was_made(cafe: Path) -> None:
    first = work(cafe, "rename add_tip to add_extra", SPARK)
    work(cafe, "no, call it tipped", SPARK, first.items)

    assert changed(cafe) == edited("cafe/till.py", "add_tip", "tipped")


def test_a_patch_that_does_not_land_is_made_again_from_what_is_there_now(
    cafe: Path,
) -> None:
    tries: list[str] = []

    def late(folder: Path, given: Mapping[str, object], text: str) -> str:
        tries.append(text)
        if len(tries) == 1:
            till = folder / "cafe/till.py"
            till.write_text("# moved on\n" + till.read_text())
            return "hunk 1 of 1 does not match `cafe/till.py`; nothing was changed"
        return SPARK.run["apply_patch"](folder, given, text)

    kit = replace(SPARK, run={**SPARK.run, "apply_patch": late})
    work(cafe, "rename TAX to VAT in cafe/till.py", kit)

    assert (cafe / "cafe/till.py").read_text().startswith("# moved on\n")
    assert "VAT = 0.07" in (cafe / "cafe/till.py").read_text()
    assert len(tries) == 2


@pytest.mark.parametrize(
    ("output", "tries", "words"),
    [
        ("hunk 1 of 1 does not match `cafe/till.py`", 2, "twice"),
        ("the user refused this patch: not today", 1, "did not want that change"),
        (
            "not done: the user refused: nobody is there to approve it in this run",
            1,
            "I was not allowed to make that change, so nothing was written",
        ),
        ("not done: the session is read-only, it may look", 1, "not allowed"),
        (
            "not done: the user interrupted before this was carried out",
            1,
            "was interrupted, so nothing was written",
        ),
    ],
)
def test_a_patch_that_cannot_be_made_is_given_up_and_told(
    cafe: Path, output: str, tries: int, words: str
) -> None:
    kit = replace(SPARK, run={**SPARK.run, "apply_patch": lambda *_: output})

    talk = work(cafe, "rename TAX to VAT", kit)

    assert len(talk.named("apply_patch")) == tries
    assert words in talk.said
    assert changed(cafe) == {}


@pytest.mark.parametrize("prompt", sample.PROMPTS)
@pytest.mark.parametrize("output", ["", "error: nothing works today", "{}", "null"])
def test_a_client_that_answers_nothing_of_use_is_not_asked_for_ever(
    cafe: Path, prompt: str, output: str
) -> None:
    kit = replace(SPARK, run=dict.fromkeys(SPARK.run, lambda *_: output))

    assert work(cafe, prompt, kit).said


def test_without_tools_a_pasted_file_is_answered_with_a_patch() -> None:
    prompt = "rename add to plus in calc.py\n\n```python calc.py\ndef add(a): ...\n```"
    talk = work(Path(), prompt, NOTHING)

    assert "-def add(a): ...\n+def plus(a): ...\n" in talk.said
    assert "*** Update File: calc.py" in talk.said


def test_without_tools_a_file_is_asked_for() -> None:
    assert "Paste `calc.py`" in words(asked("explain calc.py"))


@pytest.mark.parametrize("text", ["", "hello", "make me a sandwich", "\ud800\x00"])
def test_it_says_what_it_is_and_can_do(text: str) -> None:
    assert words(asked(text, *SPARK.tools)) == GREETING
    assert "not an LLM" in GREETING


def test_explaining_a_file_names_what_it_defines(cafe: Path) -> None:
    said = work(cafe, "what does cafe/orders.py do?", SPARK).said

    assert "- class `Book`, lines 25-32: A day's orders." in said
    assert "  - `net_price()`, lines 19-21: The price of all of it" in said


def test_a_command_is_run_and_its_end_is_told(cafe: Path) -> None:
    assert "exit code 3" in work(cafe, "run `echo oops; exit 3`", SPARK).said
    assert "```\nhi\n```" in work(cafe, "run echo hi", CODEX).said


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("not done: the user refused", "You did not want that command"),
        (
            "not done: the user refused: nobody is there to approve it in this run",
            "I was not allowed to run that command, so it did not run",
        ),
        ("ended after 2 s, its time limit, 2.00 s, no output", "It took too long"),
        ("exit code 0, 0.01 s\nError: command timed out", "It ran."),
        ("exit code 0, 0.01 s\nnot done: 3 of 4", "It ran."),
    ],
)
def test_a_command_that_did_not_end_by_itself_is_told_so(
    cafe: Path, output: str, said: str
) -> None:
    kit = replace(SPARK, run={**SPARK.run, "shell": lambda *_: output})

    assert work(cafe, "run `sleep 9`", kit).said.startswith(said)


@pytest.mark.parametrize("kit", ALL.values(), ids=ALL.keys())
@pytest.mark.parametrize(
    "prompt", ["explain LICENSE", "what is in the file license", "explain `license`?"]
)
def test_a_file_without_a_dot_is_explained(cafe: Path, kit: Kit, prompt: str) -> None:
    name = "LICENSE" if "LICENSE" in prompt else "license"
    (cafe / name).write_text("MIT\n")

    assert work(cafe, prompt, kit).said.startswith(f"`{name}`: 1 line, 4 bytes.")


@pytest.mark.parametrize("kit", ALL.values(), ids=ALL.keys())
def test_a_plain_word_is_a_file_only_if_there_is_one(cafe: Path, kit: Kit) -> None:
    assert "no file `recursion`" in work(cafe, "explain recursion", kit).said
    (cafe / "recursion").write_text("see recursion\n")
    assert work(cafe, "explain recursion", kit).said.startswith("`recursion`: 1 line")
    assert words(asked("explain yourself", *kit.tools)) == GREETING


@pytest.mark.parametrize("unit", ["prose", "code"])
@pytest.mark.parametrize("count", [1, 17, 12_000])
def test_it_says_as_many_tokens_as_it_is_asked_for(unit: str, count: int) -> None:
    said = words(asked(f"write {count} tokens of {unit}"))

    assert len(pieces(said)) == count
    assert count < 100 or 3 <= len(said) / count <= 6


def test_it_says_as_many_lines_as_it_is_asked_for() -> None:
    assert words(asked("print 40 lines of code")).count("\n") == 39


def test_what_was_interrupted_goes_on_where_it_ended() -> None:
    whole = words(asked("write 500 tokens of prose"))
    items = (
        UserMessage(NO_ID, "write 500 tokens of prose"),
        AgentMessage(NO_ID, whole[:700], complete=False),
        Note(NO_ID, "the user interrupted you"),
        UserMessage(NO_ID, "<turn_aborted>\nby the user\n</turn_aborted>"),
        UserMessage(NO_ID, "please go on"),
    )

    assert words(Ask(items)) == whole[700:]


def test_an_interrupted_task_is_taken_up_with_fresh_eyes() -> None:
    items = (
        UserMessage(NO_ID, "rename a1 to b1"),
        ToolCall(NO_ID, CallId("c"), "search", r'{"pattern": "\\ba1\\b"}'),
        ToolOutput(NO_ID, CallId("c"), "aborted by user"),
        UserMessage(NO_ID, "continue"),
    )

    answers = answer(Ask(items, tuple(SPARK.tools)))

    assert answers[-1] == Use("search", r'{"pattern": "\\ba1\\b"}')


def test_what_clients_tell_in_the_users_name_is_no_request() -> None:
    items = (
        UserMessage(NO_ID, "# AGENTS.md instructions for /x\nrename a to b"),
        UserMessage(NO_ID, "hello"),
        UserMessage(
            NO_ID, "<environment_context>\nrename c to d\n</environment_context>"
        ),
    )

    assert words(Ask(items)) == GREETING


def test_a_note_in_the_users_name_is_no_request(cafe: Path) -> None:
    first = asked("write 300 tokens of prose")
    whole = words(first)
    items = (
        *first.items,
        AgentMessage(NO_ID, whole[:200]),
        UserMessage(NO_ID, "[note] [The user interrupted you here.]\n\ncontinue"),
    )

    assert words(Ask(items)) == whole[200:]


def test_words_that_only_steer_leave_the_task_as_it_is() -> None:
    use = Use("search", r'{"pattern": "\\ba1\\b"}')
    items = (
        UserMessage(NO_ID, "rename a1 to b1"),
        ToolCall(NO_ID, CallId("c"), use.name, use.input),
        ToolOutput(NO_ID, CallId("c"), "no match"),
        UserMessage(NO_ID, "and be quick about it"),
    )

    assert answer(Ask(items, tuple(SPARK.tools)))[-1] == use


def test_words_that_steer_elsewhere_are_followed() -> None:
    items = (
        UserMessage(NO_ID, "rename a1 to b1"),
        ToolCall(NO_ID, CallId("c"), "search", "{}"),
        ToolOutput(NO_ID, CallId("c"), "no match"),
        UserMessage(NO_ID, "no, explain a.py instead"),
    )

    last = answer(Ask(items, tuple(SPARK.tools)))[-1]
    assert last == Use("read_file", '{"path": "a.py"}')


def test_what_is_pasted_is_not_taken_for_the_users_words() -> None:
    pasted = "what is this?\n\n<file path=\"a.py\">\nrename = 'rename a to b'\n</file>"

    assert words(asked(pasted)).startswith("`a.py`: 1 line, 25 bytes.")


def test_a_traceback_may_be_piped_in(cafe: Path) -> None:
    work(cafe, f"fix this\n\n<stdin>\n{sample.CRASH}</stdin>", SPARK)

    assert list(changed(cafe)) == ["cafe/till.py"]


@pytest.mark.parametrize(
    "text", ["a" * 300_000, "a.b/" * 80_000, "add " * 80_000, "```\n" * 80_000]
)
def test_a_pasted_megabyte_is_read_in_no_time(text: str) -> None:
    assert answer(asked(f"what now?\n{text}", *SPARK.tools))


WEATHER = function("get_weather", location="string", days="integer")


@pytest.mark.parametrize(
    ("ask", "given"),
    [
        (asked("What is the weather in New York?", WEATHER), "New York"),
        (asked("weather for 'Oslo', 3 days", WEATHER), "Oslo"),
        (asked('call get_weather with {"location": "Rome"}', WEATHER), "Rome"),
        (asked("tell me about Paris", WEATHER, choice="required"), "Paris"),
        (asked("tell me about Paris", WEATHER, choice="get_weather"), "Paris"),
    ],
)
def test_a_tool_that_has_nothing_to_do_with_files_is_called_when_meant(
    ask: Ask, given: str
) -> None:
    (use,) = answer(ask)
    assert isinstance(use, Use)
    assert f'"location": "{given}"' in use.input

    call = ToolCall(NO_ID, CallId("c"), use.name, use.input)
    output = ToolOutput(NO_ID, CallId("c"), "sunny, 21 degrees")
    assert words(replace(ask, items=(*ask.items, call, output))) == (
        "`get_weather` says: sunny, 21 degrees"
    )


def test_a_tool_is_not_called_where_the_client_says_none() -> None:
    assert words(asked("What is the weather?", WEATHER, choice="none")) == GREETING


def test_calls_are_made_one_by_one_where_the_client_wants_that(cafe: Path) -> None:
    items = [UserMessage(NO_ID, "rename net_price to n")]
    search = r'{"pattern": "\\bnet_price\\b"}'
    call = ToolCall(NO_ID, CallId("c"), "search", search)
    output = ToolOutput(NO_ID, CallId("c"), "a.py:1: net_price\nb.py:2: net_price")
    ask = Ask((*items, call, output), tuple(SPARK.tools))

    assert [use.input for use in answer(ask) if isinstance(use, Use)] == [
        '{"path": "a.py", "start": 1, "count": 5}',
        '{"path": "b.py", "start": 1, "count": 6}',
    ]
    assert answer(replace(ask, parallel=False)) == (
        Use("read_file", '{"path": "a.py", "start": 1, "count": 5}'),
    )


def test_reasoning_is_told_only_where_it_is_asked_for() -> None:
    ask = asked("hello")

    assert not any(isinstance(each, Thought) for each in answer(ask))
    assert isinstance(answer(replace(ask, summary=True))[0], Thought)


def test_the_same_conversation_gets_the_same_answer() -> None:
    ask = asked("write 300 tokens of code")

    assert answer(ask) == answer(ask)
