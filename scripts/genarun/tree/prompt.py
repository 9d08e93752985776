"""A node's prompt, compiled: turns of one conversation, each a system message and a text to ask.

A prompt is written as a text, a file, `{prefix, template, suffix, system, parseJson}`, or a list of turns. All become turns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from genarun.tree import spec
from genarun.tree.picks import Chooser
from genarun.tree.pictures import Picture, ReadPicture, Shown, pictures, read_shown
from genarun.tree.template import Missing, Template, TemplateFault
from genarun.tree.values import Lookup


class PromptFault(ValueError):
    """A template of a prompt that cannot be read. path: from the prompt down to the text (`(0, "system")`). file: the file that
    holds the text, None where it stands in the tree. text: the whole text."""

    def __init__(self, fault: TemplateFault, path: tuple[str | int, ...], file: str | None, text: str) -> None:
        super().__init__(fault.message)
        self.fault = fault
        self.path = path
        self.file = file
        self.text = text


@dataclass(frozen=True, slots=True)
class Piece:
    """One text of a prompt and where it was written: `path` from the prompt down to it, `file` if it has one of its own."""

    template: Template
    path: tuple[str | int, ...]
    file: str | None


@dataclass(frozen=True, slots=True)
class RenderedTurn:
    """One turn as a model sees it. system: None where nothing was written, or nothing came of it. images: what it shows."""

    system: str | None
    user: str
    parse_json: bool
    images: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True)
class PromptTurn:
    """One call. user: rendered, then joined by one space, empty ones left out. images: entries of `images`."""

    system: Template | None
    user: tuple[Template, ...]
    parse_json: bool
    images: tuple[Shown, ...] = ()

    def render(self, lookup: Lookup, choose: Chooser | None, missing: Missing) -> RenderedTurn:
        system = self.system.render(lookup, choose, missing) if self.system else None
        user = self.user
        if len(user) == 1:
            text = user[0].render(lookup, choose, missing)
        else:
            text = " ".join(filter(None, [part.render(lookup, choose, missing) for part in user]))
        images = pictures(self.images, lookup, missing) if self.images else ()
        return RenderedTurn(system or None, text, self.parse_json, images)


@dataclass(frozen=True, slots=True)
class Prompt:
    """All turns of a node. pieces: the same templates with their places, for error texts."""

    turns: tuple[PromptTurn, ...]
    pieces: tuple[Piece, ...]
    has_picks: bool

    @property
    def names(self) -> tuple[tuple[str, ...], ...]:
        """The names used, split at their dots, each once, in the order of the prompt."""
        return tuple(dict.fromkeys(name for piece in self.pieces for name in piece.template.names))

    def render(self, lookup: Lookup, choose: Chooser | None = None, missing: Missing = "error") -> tuple[RenderedTurn, ...]:
        """Every turn with values in the place of names. choose: needed where `has_picks`.
        Raises MissingName, or Unknown while planning."""
        return tuple([turn.render(lookup, choose, missing) for turn in self.turns])


def compile_prompt(
    written: spec.Prompt, read_file: Callable[[str], str], picks: bool, *, lenient: bool = False, read_picture: ReadPicture
) -> Prompt:
    """Reads every text of a prompt once.

    read_file: gives the text of a file beside the tree, and raises what is wrong with it. A file's last line end is no part of
    the prompt, and its line ends become `\\n`, so that a checkout on another system asks the same. picks: whether `[a | b]`
    picks. lenient: Genarun v0, see `Template.parse`. read_picture: as read_file, for pictures. Raises PromptFault.
    """
    pieces: list[Piece] = []

    def read(text: spec.Text | None, at: str, *path: str | int) -> Template | None:
        file = text.file if isinstance(text, spec.FileRef) else None
        if isinstance(text, spec.FileRef):
            path = (*path, "file")
            text = read_file(text.file).removeprefix("\ufeff").replace("\r\n", "\n").removesuffix("\n")
        if not text:
            return None
        try:
            template = Template.parse(text, picks=picks, at=at, lenient=lenient)
        except TemplateFault as fault:
            raise PromptFault(fault, path, file, text) from None
        pieces.append(Piece(template, path, file))
        return template

    def show(images: list[spec.Text] | None, *path: str | int) -> tuple[Shown, ...]:
        shown: list[Shown] = []
        for n, one in enumerate(images or ()):
            if isinstance(one, spec.FileRef):
                shown.append(read_picture(one.file))
                continue
            place = (*path, "images", n)
            try:
                template = read_shown(one, f"images:{n}")
            except TemplateFault as fault:
                raise PromptFault(fault, place, None, one) from None
            pieces.append(Piece(template, place, None))
            shown.append(template)
        return tuple(shown)

    turns: list[PromptTurn] = []
    if isinstance(written, str | spec.FileRef):
        turns.append(PromptTurn(None, _texts(read(written, "template")), False))
    elif isinstance(written, spec.PromptParts):
        system = read(written.system, "system", "system")
        parts = [
            read(written.prefix, "prefix", "prefix"),
            read(written.template, "template", "template"),
            read(written.suffix, "suffix", "suffix"),
        ]
        turns.append(PromptTurn(system, _texts(*parts), written.parse_json, show(written.images)))
    else:
        for n, turn in enumerate(written, 1):
            system = read(turn.system, f"system{n}", n - 1, "system")
            asked = read(turn.template, f"turn{n}", n - 1, "template")
            turns.append(PromptTurn(system, _texts(asked), turn.parse_json, show(turn.images, n - 1)))
    return Prompt(tuple(turns), tuple(pieces), any(piece.template.has_picks for piece in pieces))


def _texts(*parts: Template | None) -> tuple[Template, ...]:
    return tuple(part for part in parts if part is not None)
