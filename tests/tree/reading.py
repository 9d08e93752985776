"""What the tests of reading share."""

from __future__ import annotations

import pytest
from genarun.errors import TreeError
from genarun.tree.source import parse_source

YAML = "trees/t/config.yaml"
JSON = "trees/t/config.json"


def fault(content: str, file: str) -> TreeError:
    """The error that a file's content leads to."""
    with pytest.raises(TreeError) as raised:
        parse_source(content, file)
    return raised.value
