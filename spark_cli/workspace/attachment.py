"""What is added to a prompt and is not the user's own words: a block for each.

A block is marked, so that a model can tell it from the words, and says what it is.
Text is never cut: what is too large for it is refused, with its size.
"""

from __future__ import annotations

import stat
from fnmatch import fnmatchcase
from html import escape
from itertools import chain, count
from pathlib import Path, PurePosixPath

from spark_cli.core.errors import UsageError

BYTES_MAX = 16_000_000
"""More than this, no model takes."""

MENTIONED_BYTES_MAX = 256_000
"""A larger file is not meant as a whole by who names it in passing."""

_CHECK_NAME = "check the name"

_SECRETS = (
    *(".env", ".env.*", ".netrc", ".pgpass", ".npmrc", ".pypirc", ".htpasswd"),
    *("*.pem", "*.key", "*.p12", "*.pfx", "*.jks", "*.keystore", "*.kdbx", "*.gpg"),
    *("id_rsa*", "id_dsa*", "id_ecdsa*", "id_ed25519*", "credentials"),
    *("credentials.json", "secrets.*", "*.tfstate", "auth.json"),
)
_OPEN = (".env.example", ".env.sample", ".env.template", ".env.dist", "*.pub")


def block(tag: str, text: str, **attributes: str) -> str:
    """A text that cannot end its own block, under names that cannot add to its tag."""
    marks = chain([tag], (f"{tag}-{number}" for number in count(2)))
    mark = next(one for one in marks if f"</{one}>" not in text)
    told = "".join(f' {name}="{_quoted(said)}"' for name, said in attributes.items())
    end = "" if text.endswith("\n") else "\n"
    return f"<{mark}{told}>\n{text}{end}</{mark}>"


def _quoted(text: str) -> str:
    quoted = escape(text, quote=False).replace('"', "&quot;")
    return quoted.replace("\n", "&#10;")


def decoded(data: bytes, name: str) -> str:
    """What may go into a prompt; `UsageError` for what is no text at all."""
    if b"\0" in data:
        raise UsageError(f"`{name}` is binary, not text", "give it as text")
    return data.decode("utf-8", "replace")


def file_block(
    path: Path, name: str, lines: range | None = None, most: int = BYTES_MAX
) -> str:
    """A text file, or the `lines` of it (from 1), under a name that a model can use.

    Raises `UsageError`, which says why, for what cannot go into a prompt.
    """
    text = decoded(_bytes(path, name, BYTES_MAX if lines else most), name)
    attributes = {"path": name}
    if lines is not None:
        text, last = _cut_out(text, name, lines)
        attributes["lines"] = f"{lines.start}-{last}"
        if len(text.encode()) > most:
            raise UsageError(
                f"lines {lines.start} to {last} of `{name}` are larger than "
                f"{most:,} bytes",
                "name fewer lines",
            )
    return block("file", text, **attributes)


def looks_secret(name: str) -> bool:
    """Whether a file of that name is one that people keep keys in."""
    leaf = PurePosixPath(name).name.lower()
    if any(fnmatchcase(leaf, pattern) for pattern in _OPEN):
        return False
    return any(fnmatchcase(leaf, pattern) for pattern in _SECRETS)


def _bytes(path: Path, name: str, most: int) -> bytes:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise UsageError(f"cannot read `{name}`: it is no file", _CHECK_NAME)
        if status.st_size > most:
            raise UsageError(
                f"`{name}` has {status.st_size:,} bytes, and {most:,} are the most "
                "that is attached",
                "let the model search in it, or name lines: `@FILE:10-40`",
            )
        return path.read_bytes()
    except FileNotFoundError:
        raise UsageError(
            f"cannot read `{name}`: it does not exist", _CHECK_NAME
        ) from None
    except OSError as error:
        raise UsageError(
            f"cannot read `{name}`: {error.strerror}", _CHECK_NAME
        ) from error


def _cut_out(text: str, name: str, lines: range) -> tuple[str, int]:
    """Those lines, and the number of the last one that there is."""
    all_lines = text.removesuffix("\n").split("\n")
    if lines.start > len(all_lines) or not lines:
        raise UsageError(
            f"`{name}` has {len(all_lines):,} lines, and {_told(lines)} was asked for",
            "name lines that there are: `@FILE:10-40`",
        )
    chosen = all_lines[lines.start - 1 : lines.stop - 1]
    return "\n".join(chosen) + "\n", lines.start + len(chosen) - 1


def _told(lines: range) -> str:
    last = lines.stop - 1
    return f"line {lines.start}" if last == lines.start else f"{lines.start}-{last}"
