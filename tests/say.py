"""How tests hold an error to its exact text.

Every error code in the package must appear as a literal in a call of `says`; `tests/test_messages.py` compares the two.
"""

from __future__ import annotations

from textwrap import dedent

from genarun.errors import GenarunError


def says(error: BaseException, code: str, text: str) -> None:
    """The error carries this code and reads exactly so. `text` may be indented and start on a line of its own."""
    assert isinstance(error, GenarunError), f"not one of ours: {error!r}"
    assert error.code == code
    assert str(error) == dedent(text).strip("\n")
