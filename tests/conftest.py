"""Fixtures that the whole suite shares."""

from __future__ import annotations

from pathlib import Path

import pytest

from callmine import weights


@pytest.fixture(scope="session")
def model_folder() -> Path:
    """The folder with real weights; fetched once a machine, checked by hash."""
    return weights.default_folder()
