"""The demo model: a plain program that does real work, and says that it is no LLM.

`answer` is a pure function from a conversation and the declared tools to the next
items.  It understands a handful of requests (one module each in `skills`) and works
with whatever tools there are; to anything else it says what it can do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from spark_cli.demo import shape, task as tasks
from spark_cli.demo.ask import Answer, Ask, Message, Thought
from spark_cli.demo.hands import Hands
from spark_cli.demo.program import Done, Program, Step, advance
from spark_cli.demo.skills import (
    docstring,
    explain,
    function,
    rename,
    repair,
    replace,
    run,
    speak,
    strange,
)
from spark_cli.demo.task import Task
from spark_cli.demo.toolbox import recognise
from spark_cli.wire.request import ToolSpec

CALLS_MAX = 2_000

GREETING = """\
I am the **demo model**: a small deterministic program, not an LLM. What I do is \
real, though: I read your files with your tools, and I edit them with real patches. \
Try one of:

- `rename old_name to new_name`, everywhere or `in` a folder
- `replace 'this' with 'that' in README.md`
- `add a docstring to some_function in module.py`
- `add a function slugify to module.py`
- paste a Python traceback, and I fix the line that it names
- `explain module.py`
- ``run `git status` ``
- `write 2000 tokens of prose`, or `of code`, to see how fast it streams
"""

# The order decides where a request could be two things: a traceback quotes any words.
_PLANS: Sequence[Callable[[Task, Hands], Program[str] | None]] = (
    repair.plan,
    speak.plan,
    docstring.plan,
    rename.plan,
    replace.plan,
    function.plan,
    run.plan,
    explain.plan,
)


def answer(ask: Ask) -> tuple[Answer, ...]:
    """The next items of a conversation; the same conversation gives the same ones."""
    task = tasks.task(ask.items)
    done = tasks.done(ask.items)
    if len(done) > CALLS_MAX:
        step: Step | str = f"I have made {len(done)} tool calls for this: I stop here."
    else:
        step = advance(_program(ask, task, done), done)
    if isinstance(step, Step):
        return (
            *_thoughts(ask, f"The next thing is to call `{step.calls[0].name}`."),
            *([Message(step.words, final=False)] if step.words else []),
            *step.calls,
        )
    text = step if ask.schema is None else shape.fit_text(ask.schema, step)
    return (*_thoughts(ask, "I have what I need, and answer."), Message(text))


def _program(ask: Ask, task: Task, done: Sequence[Done]) -> Program[str]:
    tools = () if ask.choice == "none" else ask.tools
    spec = _demanded(ask, tools, done)
    if spec is not None and ask.choice == spec.name:
        return strange.call(spec, task.text)
    hands = Hands(recognise(tools), tasks.pasted(ask.items), ask.parallel)
    for each in _requests(task):
        for plan in _PLANS:
            program = plan(each, hands)
            if program is not None:
                return program
    others = [tool for tool in tools if tool not in _known(hands)]
    spec = strange.meant(task.text, others) or spec
    return strange.call(spec, task.text) if spec else _greet()


def _requests(task: Task) -> tuple[Task, ...]:
    """What may be meant: words that only steer leave the request before them."""
    if task.midway and task.before:
        return (task, Task(task.before[-1], task.before[:-1]))
    return (task,)


def _demanded(
    ask: Ask, tools: Sequence[ToolSpec], done: Sequence[Done]
) -> ToolSpec | None:
    """The tool that the client insists on, or insisted on before this request."""
    if ask.choice == "required" and not done:
        return tools[0] if tools else None
    name = done[0].name if done else ask.choice
    return next((tool for tool in tools if tool.name == name), None)


def _known(hands: Hands) -> list[ToolSpec]:
    return [grip.spec for grip in hands.grips.values()]


def _greet() -> Program[str]:
    yield from ()
    return GREETING


def _thoughts(ask: Ask, text: str) -> tuple[Answer, ...]:
    return (Thought(f"**The demo model thinks**\n\n{text}"),) if ask.summary else ()
