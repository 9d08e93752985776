"""`audio`: a sound from a model: a text read aloud, or music, by what the model does with a prompt."""

from __future__ import annotations

from genarun.nodes.asset import AssetKind

AUDIO = AssetKind("audio", "a sound")
