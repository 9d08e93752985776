"""`image`: a picture from a model. Pictures that its prompt shows are changed, or taken as examples, as the model does it."""

from __future__ import annotations

from genarun.nodes.asset import AssetKind

IMAGE = AssetKind("image", "a picture")
