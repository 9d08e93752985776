"""Every error that Genarun raises on purpose, and the one way they are written for people.

    GenarunError            what, where, hint; a stable code; an exit code
    ├── SetupError     2    something was set up wrong; nothing was called
    │   ├── TreeError       a fault in a file that a person wrote: tree, defaults, overrides, .env
    │   └── Faults          several of the above, reported together
    ├── RunError       1    something failed while running
    │   ├── ProviderError   a model service answered with an error, or not at all
    │   ├── Misfit          an answer came, and does not fit what the node asked for
    │   └── StoreError      the disk refused: full, read-only, locked
    ├── BudgetStop     5    the next call could exceed a budget
    └── Interrupted  130    a person pressed Ctrl-C

"Set up wrong" and "failed while running" are different on purpose: a person mends the first in a file, and the second by
running again. Expected errors are caught once, at the edge of the command line; only unexpected ones show a traceback.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Where:
    """A place in a file that a person wrote.

    file: path as the person would type it, relative to the project.
    line, column: counted from 1; 0 where unknown.
    text: the line itself, without its end.
    """

    file: str
    line: int = 0
    column: int = 0
    text: str | None = None

    def __str__(self) -> str:
        if not self.line:
            return self.file
        return f"{self.file}:{self.line}:{self.column}" if self.column else f"{self.file}:{self.line}"

    def snippet(self) -> str:
        """The line with a caret under the column, indented by two; empty where the line is not known."""
        if self.text is None or not self.line:
            return ""
        text, column = self.text.replace("\t", " "), self.column
        if len(text) > 100:  # a minified file is one long line: show the part that matters
            start = max(0, column - 40)
            text, column = text[start : start + 100], column - start
        number = str(self.line)
        lines = [f"  {number} | {text}"]
        if column:
            lines.append(f"  {' ' * len(number)} | {' ' * (column - 1)}^")
        return "\n".join(lines)


class GenarunError(Exception):
    """Root of the family.

    code: stable, kebab-case, unique to one kind of fault; `--json` prints it, tests name it.
    what: one sentence without a full stop at its end.
    where: a place in a file, or a short text such as `tree exhibition, node ideas/2`.
    hint: what to do next, as one or more whole sentences.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, code: str, what: str, where: Where | str | None = None, hint: str | None = None) -> None:
        super().__init__(code, what, where, hint)
        self.code = code
        self.what = what
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        lines = [head]
        if isinstance(self.where, Where) and (snippet := self.where.snippet()):
            lines.append(snippet)
        if self.hint:
            lines.append(f"  → {self.hint}")
        return "\n".join(lines)

    def as_json(self) -> dict[str, object]:
        """The error as `--json` prints it: code, what, hint, and file, line, column where there is a place."""
        found: dict[str, object] = {"code": self.code, "what": self.what}
        if isinstance(self.where, Where):
            found |= {"file": self.where.file, "line": self.where.line, "column": self.where.column}
        elif self.where:
            found["where"] = self.where
        if self.hint:
            found["hint"] = self.hint
        return found


class SetupError(GenarunError):
    """Something was set up wrong; nothing was called."""

    exit_code = 2


class TreeError(SetupError):
    """A fault in a file that a person wrote."""


class Faults(SetupError):
    """Several faults at once, so that a person mends them in one go. `errors` is never empty."""

    def __init__(self, errors: Sequence[SetupError]) -> None:
        self.errors = tuple(errors)
        super().__init__("faults", f"{len(self.errors)} faults")

    def __str__(self) -> str:
        return "\n\n".join(str(error) for error in self.errors)


class RunError(GenarunError):
    """Something failed while running."""


class ProviderError(RunError):
    """A model service answered with an error, or not at all.

    status: HTTP status where there was one.
    retry: whether asking again can help (429, 5xx, dropped connections, time-outs, answers that are no JSON).
    fatal: whether every further call would end the same way (a rejected key, an unknown model, no credit): stops the run.
    retry_after: seconds that the service asked us to wait, where it did.
    """

    def __init__(
        self,
        code: str,
        what: str,
        where: Where | str | None = None,
        hint: str | None = None,
        *,
        status: int | None = None,
        retry: bool = False,
        fatal: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(code, what, where, hint)
        self.status = status
        self.retry = retry
        self.fatal = fatal
        self.retry_after = retry_after


class Misfit(RunError):
    """An answer came, and does not fit what the node asked for. `what` is written so that a model can mend its answer."""


class StoreError(RunError):
    """The disk refused."""


class BudgetStop(RunError):
    """The next call could exceed a budget."""

    exit_code = 5


class Interrupted(RunError):
    """A person pressed Ctrl-C."""

    exit_code = 130
