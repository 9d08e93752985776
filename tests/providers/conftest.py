"""What one test learns of a service must not reach another, whose service may have come to listen at the same port."""

from __future__ import annotations

import pytest
from genarun.providers.replicate import provider


@pytest.fixture(autouse=True)
def _nothing_is_known_of_models() -> None:
    provider._READ.clear()
