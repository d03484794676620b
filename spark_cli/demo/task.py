"""What is asked for: the user's words, apart from what clients put around them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from spark_cli.core.items import AgentMessage, Item, ToolCall, ToolOutput, UserMessage
from spark_cli.demo.program import Done

# What a word in a request may be quoted with.
QUOTES = "`'\"\u2018\u2019\u201c\u201d"
_QUOTE = f"[{QUOTES}]"
# A file as people write it: with a path or an ending.
FILE = (
    rf"{_QUOTE}?(?P<file>[\w.@~+-]*(?:[/\\][\w.@+-]+)+"
    rf"|[\w@+-][\w.@+-]*\.[A-Za-z]\w*){_QUOTE}?"
)

# Clients tell of the machine, the project's rules and interruptions as the user.
_ENVELOPE = re.compile(
    r"\s*(?:<(?P<tag>(?!stdin\b|file\b)[a-zA-Z][\w-]*)\b[^>]*>"
    r".*</(?P=tag)>\s*$|# AGENTS\.md\b)",
    re.DOTALL,
)
_GO_ON = re.compile(
    r"\s*(?:please\s+)?(?:continue|go on|carry on|keep going|proceed|resume)\b"
    r"[\w\s,]{0,40}[.!]*\s*$",
    re.IGNORECASE,
)
_FENCE = re.compile(
    r"(?:^(?P<above>[^\n]*)\n)?^```(?P<tag>[^\n]*)\n(?P<body>.*?)^```",
    re.DOTALL | re.MULTILINE,
)
_TAGGED = re.compile(
    r"<(?P<tag>file(?:-\d+)?)\b[^>]*?(?:path|name)=[\"'](?P<name>[^\"']+)[\"'][^>]*>"
    r"\n?(?P<body>.*?)</(?P=tag)>",
    re.DOTALL,
)

# A place as people name it after "in": a file, with a dot or without, or a folder.
# What is taken is not given back: half a word is no place.
_WHERE = re.compile(
    r"\b(?:in|into|under|within|inside|below|throughout|across|from)\s+"
    r"(?P<given>(?:(?:an?|all|any|both|current|each|every|entire|its|my|our|that|the"
    r"|these|this|those|whole|your)\s+(?:of\s+)?)*+)"
    r"(?:(?:files?|folders?|director(?:y|ies)|packages?|modules?)\s+"
    r"(?!(?:and|as|but|for|is|it|now|of|only|or|please|that|to|too|where|with)\b))?+"
    rf"(?P<open>[{QUOTES}]?+)(?P<where>[\w.@~+/\\-]++)[{QUOTES}]?+"
    r"(?!\s+(?:class|format|function|language|lines?|method|places?|style|words?)\b)",
    re.IGNORECASE,
)
# With an article these are the whole of it; without one they may be a folder's name.
_WHOLE = {
    *("app", "application", "base", "code", "codebase", "directory", "everything"),
    *("file", "files", "folder", "folders", "module", "modules", "package", "place"),
    *("places", "program", "project", "repo", "repository", "sample", "source"),
    *("sources", "thing", "tree", "workspace"),
}
_ALWAYS_WHOLE = {
    *("all", "any", "both", "each", "every", "everything", "general", "here", "it"),
    *("one", "that", "them", "there", "these", "this", "those"),
}

_STDIN = re.compile(r"<(?P<tag>stdin(?:-\d+)?)>\n?(?P<body>.*?)</(?P=tag)>", re.DOTALL)
# Requests are short; a pasted megabyte is not searched for one.
_WORDS_CHARS = 4_000
# What a client without roles to spare says in the user's name.
_NOTE = re.compile(r"\A\[note\] .*?(?:\n\n|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Task:
    """`before` are the user's earlier requests, oldest first.

    `said` is what the model already said to this one before it was told to go on.
    `midway` says that the request came while the one before was being worked on.
    """

    text: str
    before: tuple[str, ...] = ()
    said: str = ""
    midway: bool = False

    @property
    def words(self) -> str:
        """The user's own words, without what is pasted under them."""
        text = self.text
        for block in (_TAGGED, _STDIN, _FENCE):
            text = block.sub(lambda found: found.groupdict().get("above") or "", text)
        return text.strip()[:_WORDS_CHARS]


def task(items: Sequence[Item]) -> Task:
    """The last thing that was really asked for."""
    requests = [
        (at, text)
        for at, item in enumerate(items)
        if isinstance(item, UserMessage) and (text := _request(item.text))
    ]
    going_on = len(requests) > 1 and _is_go_on(requests[-1][1])
    while len(requests) > 1 and _is_go_on(requests[-1][1]):
        requests.pop()
    if not requests:
        return Task("")
    at, text = requests[-1]
    return Task(
        text,
        tuple(text for _, text in requests[:-1]),
        said="".join(_said(items[at:])) if going_on else "",
        midway=at > 0 and isinstance(items[at - 1], ToolOutput),
    )


def done(items: Sequence[Item]) -> list[Done]:
    """The tool calls since the user last spoke, with their outputs.

    Calls from before are not used again: files may have changed meanwhile.
    """
    last = max(
        (at for at, item in enumerate(items) if isinstance(item, UserMessage)),
        default=0,
    )
    recent = items[last:]
    texts = {item.call: item.text for item in recent if isinstance(item, ToolOutput)}
    return [
        Done(item.name, item.input, texts[item.call])
        for item in recent
        if isinstance(item, ToolCall) and item.call in texts
    ]


def pasted(items: Sequence[Item]) -> Mapping[str, str]:
    """The files that the user put into the conversation: name -> text."""
    files: dict[str, str] = {}
    for item in items:
        if isinstance(item, UserMessage):
            for found in _TAGGED.finditer(item.text):
                files[found["name"]] = found["body"]
            for found in _STDIN.finditer(item.text):
                files["stdin"] = found["body"]
            for found in _FENCE.finditer(item.text):
                above = (found["above"] or "")[-200:]
                named = re.search(FILE, found["tag"][:200]) or re.search(FILE, above)
                files[named["file"] if named else "snippet.py"] = found["body"]
    return files


def bare(word: str) -> str:
    """A word without the quotes around it."""
    return word.strip(QUOTES)


def scope(text: str) -> str:
    """The file or folder that these words stay in, or nothing where they name none."""
    for found in _WHERE.finditer(text):
        word = found["where"].rstrip(".,;:/\\") or found["where"]
        whole = _WHOLE | _ALWAYS_WHOLE if found["given"] else _ALWAYS_WHOLE
        if found["open"] or word.lower() not in whole:
            return word
    return ""


def before(found: re.Match[str]) -> str:
    """The place that a sentence begins with, where a request follows in it."""
    head = re.split(r"[.!?]\s|\n", found.string[: found.start()])[-1]
    return (
        head
        if re.match(
            r"\s*(?:please,?\s+)?(?:in|under|within|inside)\b", head, re.IGNORECASE
        )
        else ""
    )


def has_ending(name: str) -> bool:
    """Whether a name looks like that of a file, and not of a folder."""
    return re.search(r"\w\.\w+$", name) is not None


def _request(text: str) -> str:
    """A user message without what is not the user's, or nothing."""
    while found := _NOTE.match(text):
        text = text[found.end() :]
    return "" if _ENVELOPE.match(text) else text.strip()


def _is_go_on(text: str) -> bool:
    return _GO_ON.match(text) is not None


def _said(items: Sequence[Item]) -> Iterator[str]:
    for item in items:
        if isinstance(item, AgentMessage):
            yield item.text
