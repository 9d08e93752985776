"""Reads the pictures that a request shows, just before it is sent: plans and keys need no more than their digests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from genarun.errors import RunError
from genarun.providers.base import Attachment, ModelRequest
from genarun.providers.media import sniff
from genarun.tree.project import inside

BESIDE = "tree:"
"""What the name of a picture begins with that lies beside the tree's file."""


def attach(request: ModelRequest, folders: Sequence[Path], tree: Path | None) -> ModelRequest:
    """The request with the bytes of its pictures in it.

    folders: where assets are looked for: this run's folder, then the latest runs of trees that it reads. tree: the tree's own
    folder. Raises RunError for a picture that is gone, or is not the one that its digest names.
    """
    return replace(request, attached={digest: _read(one, folders, tree) for digest, one in request.attached.items()})


def _read(one: Attachment, folders: Sequence[Path], tree: Path | None) -> Attachment:
    if one.name.startswith(BESIDE):
        name = one.name.removeprefix(BESIDE)
        paths = [inside(tree, name)] if tree is not None else []
    else:
        name = one.name
        paths = [folder / name for folder in folders]
    for path in paths:
        try:
            data = path.read_bytes()
        except OSError:
            continue
        if f"sha256:{sha256(data).hexdigest()[:16]}" == one.digest:
            return replace(one, data=data, media_type=sniff(data))
    raise RunError(
        "image-missing",
        f"the picture {name} that the prompt shows is missing or was changed",
        None,
        "Bring the file back with git, or run again with --fresh for the node that made it.",
    )
