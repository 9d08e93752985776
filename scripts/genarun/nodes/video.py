"""`video`: a film from a model, from a prompt and, where the model takes them, pictures that the prompt shows."""

from __future__ import annotations

from genarun.nodes.asset import AssetKind

VIDEO = AssetKind("video", "a film")
