"""What the demo model does to files, with whatever tools the client declares.

Every action is a program (see `program.py`).  Without any tool, files are those that
were pasted into the conversation, and an edit ends as a patch in the answer.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from spark_cli.demo import hunks, outputs
from spark_cli.demo.ask import Use
from spark_cli.demo.hunks import Change
from spark_cli.demo.outputs import Verdict
from spark_cli.demo.program import Program, Step
from spark_cli.demo.toolbox import Grip, Skill

T = TypeVar("T")

PAGE_LINES = 300
_PAGES_MAX = 40
_SIDE_BY_SIDE = 8
_SMALL_SIDE_BY_SIDE = 16
_SLASH = re.compile(r"[/\\]")
_SPECIAL = re.compile(r"[\\.^$*+?{}()|\[\]]")
_NOT_TEXT = re.compile(r"\.(?:png|jpe?g|gif|ico|pdf|zip|gz|whl|so|pyc|lock|woff2?)$")


@dataclass(frozen=True, slots=True)
class Source:
    """A file as far as it was read; lines are left out before each of the `seams`."""

    name: str
    lines: tuple[str, ...]
    seams: tuple[int, ...] = ()
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Found:
    """Files, and the lines in them that match as far as all are told.

    `more` says that there are matches in other files too; `trouble`, that the search
    could not look, in its own words.
    """

    lines: Mapping[str, tuple[int, ...]]
    more: bool = False
    trouble: str = ""

    @property
    def names(self) -> list[str]:
        return list(self.lines)


@dataclass(frozen=True, slots=True)
class Edited:
    """How an edit went; `shown` is the patch where there was no tool to make it.

    `begun` says that a part of it was written before the rest was not.
    """

    verdict: Verdict
    told: str = ""
    shown: str = ""
    begun: bool = False


@dataclass(frozen=True, slots=True)
class Hands:
    grips: Mapping[Skill, Grip]
    pasted: Mapping[str, str]
    parallel: bool = True

    @property
    def can_read(self) -> bool:
        return Skill.READ in self.grips or Skill.RUN in self.grips

    @property
    def can_look_around(self) -> bool:
        return bool({Skill.SEARCH, Skill.LIST, Skill.GLOB, Skill.RUN} & set(self.grips))

    def read(self, names: Sequence[str], words: str = "") -> Program[list[Source]]:
        """The files that could be read, in the order in which they were asked for."""
        if not self.can_read:
            return [
                Source(name, tuple(outputs.split(self.pasted[name])))
                for name in names
                if name in self.pasted
            ]
        found: list[Source] = []
        for group in _chunks(names, _SIDE_BY_SIDE if self.parallel else 1):
            texts = yield Step(tuple(self._reading(name, 1) for name in group), words)
            words = ""
            for name, text in zip(group, texts, strict=True):
                source = yield from self._rest(name, text)
                if source is not None:
                    found.append(source)
        return found

    def find(
        self, word: str, where: str = "", words: str = "", *, whole: bool = False
    ) -> Program[Found]:
        """The files that contain a text, as far as the client's search tells."""
        if Skill.SEARCH in self.grips:
            (text,) = yield Step((self.searching(word, where, whole=whole),), words)
            hits = outputs.found(text)
            lines, more = hits.lines, hits.more
        elif Skill.RUN in self.grips:
            (text,) = yield Step(
                (self.running(_grep(word, where, whole=whole)),), words
            )
            lines, more = dict.fromkeys(outputs.names(outputs.ran(text)[1]), ()), False
        else:
            return (yield from self._held(word, where, words))
        trouble = "" if lines else outputs.trouble(text)
        kept = {
            name: numbers
            for name, numbers in lines.items()
            if not _NOT_TEXT.search(name) and (self._scopes or _within(name, where))
        }
        return Found(kept, more, trouble)

    def list(
        self, where: str = "", words: str = "", like: str | None = None
    ) -> Program[list[str]]:
        """The files of a folder, all the way down; those `like` a glob if it can."""
        if Skill.GLOB in self.grips and Skill.LIST not in self.grips:
            glob = self.grips[Skill.GLOB].use(
                pattern=like or "**/*", path=where or None
            )
            (text,) = yield Step((glob,), words)
            return outputs.names(text)
        if Skill.LIST in self.grips:
            (text,) = yield Step(
                (self.grips[Skill.LIST].use(path=where or ".", glob=like),), words
            )
            return outputs.names(text)
        if Skill.RUN in self.grips:
            text = yield from self.run(_listing(where), words)
            return outputs.names(text)
        return list(self.pasted)

    def locate(self, name: str, words: str = "") -> Program[Source | None]:
        """A file by its name, or by the end of it where it is not quite a path."""
        sources = yield from self.read([name], words)
        if not sources and self.can_look_around:
            names = yield from self.list(like=f"**/{_SLASH.split(name)[-1]}")
            near = _ending_like(name, names)
            sources = (yield from self.read([near])) if near else []
        if not sources and len(self.pasted) == 1 and not self.can_read:
            sources = yield from self.read(list(self.pasted))
        return sources[0] if sources else None

    def named(self, name: str, words: str = "") -> Program[Sequence[str]]:
        """The files and folders whose path ends with this one."""
        wanted = name.replace("\\", "/").strip("/")
        last = wanted.rsplit("/", 1)[-1]
        names = yield from self.list(words=words, like=f"**/{last}")
        found: dict[str, None] = {}
        for path in names:
            before, mark, _ = f"/{path}/".partition(f"/{wanted}/")
            if mark:
                found.setdefault(f"{before}/{wanted}".removeprefix("/"))
        return list(found)

    def run(self, command: str, words: str = "") -> Program[str]:
        """The output of a command; empty where there is no shell."""
        if Skill.RUN not in self.grips:
            return ""
        (text,) = yield Step((self.running(command),), words)
        return outputs.ran(text)[1]

    def running(self, command: str) -> Use:
        grip = self.grips[Skill.RUN]
        vector = grip.kind_of("command") == "array"
        return grip.use(command=["bash", "-lc", command] if vector else command)

    def searching(self, word: str, where: str, *, whole: bool = False) -> Use:
        """A search for a text as it stands; as a `whole` word if the tool knows how."""
        grip = self.grips[Skill.SEARCH]
        fixed = grip.has("fixed") or None
        pattern = word if fixed else _SPECIAL.sub(r"\\\g<0>", word)
        if whole and re.fullmatch(r"\w+", word) and grip.roles["pattern"] != "query":
            pattern, fixed = rf"\b{word}\b", None
        return grip.use(pattern=pattern, path=where or None, fixed=fixed)

    def side_by_side(self, uses: Sequence[Use]) -> Program[Sequence[str]]:
        """The outputs of many small calls, in their order."""
        found: list[str] = []
        for group in _chunks(uses, _SMALL_SIDE_BY_SIDE if self.parallel else 1):
            found += yield Step(tuple(group))
        return found

    def edit(self, changes: Sequence[Change], words: str = "") -> Program[Edited]:
        """Make changes to files: in one patch where a tool takes one."""
        uses = list(self._uses(changes))
        if not uses:
            return Edited(Verdict.DONE, shown=hunks.patch(changes))
        for at, use in enumerate(uses):
            (text,) = yield Step((use,), words)
            words = ""
            judged = outputs.verdict(text)
            if judged is not Verdict.DONE:
                return Edited(judged, outputs.told(text), begun=at > 0)
        return Edited(Verdict.DONE)

    def _uses(self, changes: Sequence[Change]) -> Iterator[Use]:
        if Skill.PATCH in self.grips:
            yield self.grips[Skill.PATCH].use(patch=hunks.patch(changes))
            return
        for change in changes:
            if Skill.REPLACE in self.grips and change.before is not None:
                yield from _replacements(self.grips[Skill.REPLACE], change)
            elif Skill.WRITE in self.grips:
                whole = "\n".join([*change.after, ""])
                yield self.grips[Skill.WRITE].use(path=change.name, content=whole)
            elif Skill.RUN in self.grips:
                yield self.running(_writing(change))

    def _held(self, word: str, where: str, words: str) -> Program[Found]:
        """The files that there are, where nothing can search them."""
        if Skill.LIST in self.grips:
            names = yield from self.list(where, words)
            trouble = f"no files in `{where}`" if where and not names else ""
            return Found(dict.fromkeys(names, ()), trouble=trouble)
        names = [name for name in self.pasted if _within(name, where)]
        return Found({name: () for name in names if word in self.pasted[name]})

    @property
    def _scopes(self) -> bool:
        """Whether a search can be told where to look."""
        search = self.grips.get(Skill.SEARCH)
        return search is None or search.has("path")

    def _reading(self, name: str, start: int) -> Use:
        grip = self.grips.get(Skill.READ)
        if grip is None:
            end = start + PAGE_LINES - 1
            return self.running(f"sed -n '{start},{end}p' {quoted(name)}")
        if start == 1:
            return grip.use(path=name)
        return grip.use(path=name, start=start, count=PAGE_LINES)

    def _rest(self, name: str, text: str) -> Program[Source | None]:
        """The other pages of a file, given the first."""
        page = self._page(text, 1)
        if page is None:
            return None
        lines = list(page.lines)
        for _ in range(_PAGES_MAX):
            if page is None or page.after is None or not self._can_turn:
                break
            (text,) = yield Step((self._reading(name, page.after),))
            page = self._page(text, page.after)
            lines += page.lines if page else ()
        return Source(name, tuple(lines))

    @property
    def _can_turn(self) -> bool:
        grip = self.grips.get(Skill.READ)
        return grip is None or grip.has("start")

    def _page(self, text: str, start: int) -> outputs.Page | None:
        if Skill.READ in self.grips:
            return outputs.page(text)
        ran = outputs.command(text)
        body = ran.output
        if ran.verdict is not Verdict.DONE or re.match(r"(?:/bin/)?sed: ", body):
            return None
        lines = outputs.split(body)
        full = len(lines) >= PAGE_LINES
        return outputs.Page(tuple(lines), start + PAGE_LINES if full else None)


def _chunks(every: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for at in range(0, len(every), size):
        yield every[at : at + size]


def _within(name: str, where: str) -> bool:
    """Whether a file is this one, or in this folder."""
    place = where.strip("/").removeprefix("./")
    return place in {"", "."} or f"/{place}/" in f"/{name}/"


def quoted(name: str) -> str:
    """A name as a shell word that no program takes for an option."""
    return shlex.quote(f"./{name}" if name.startswith("-") else name)


def _grep(word: str, where: str, *, whole: bool) -> str:
    only = "w" if whole else ""
    word, place = shlex.quote(word), quoted(where or ".")
    return (
        "if command -v rg >/dev/null 2>&1; "
        f"then rg -lF{only} --hidden -g '!.git' --sort path -e {word} {place}; "
        f"else grep -rlIF{only} --exclude-dir=.git -e {word} {place}; fi"
    )


def _listing(where: str) -> str:
    place = quoted(where or ".")
    return (
        "if command -v rg >/dev/null 2>&1; "
        f"then rg --files --hidden -g '!.git' --sort path {place}; "
        f"else find {place} -type f -not -path '*/.git/*' | sort; fi"
    )


def _writing(change: Change) -> str:
    """A shell command that writes a file whole."""
    mark = "END_OF_FILE"
    while mark in change.after:
        mark += "_"
    body = "\n".join([*change.after, mark])
    return f"cat > {quoted(change.name)} <<'{mark}'\n{body}\n"


def _replacements(grip: Grip, change: Change) -> Iterator[Use]:
    for hunk in hunks.hunks(change.before or (), change.after, change.seams):
        yield grip.use(
            path=change.name, old="\n".join(hunk.old), new="\n".join(hunk.new)
        )


def _ending_like(name: str, names: Iterable[str]) -> str | None:
    """The listed file that shares the longest end of its path with `name`."""
    wanted = name.replace("\\", "/").strip("/").split("/")

    def shared(other: str) -> int:
        own = other.split("/")
        count = 0
        while (
            count < min(len(own), len(wanted))
            and own[-1 - count] == (wanted[-1 - count])
        ):
            count += 1
        return count

    best = max(names, key=shared, default=None)
    return best if best is not None and shared(best) else None
