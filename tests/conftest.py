"""Fixtures that several folders of tests use."""

import os
from pathlib import Path

import pytest

from leaksieve.core.detector import Detector
from leaksieve.core.rulebook import RuleBook
from leaksieve.ruleset.compiled import builtin_rules
from makers import CACHE, Repo


@pytest.fixture(scope="session")
def rules() -> RuleBook:
    """The shipped rules."""
    return builtin_rules(os.path.join(CACHE, "leaksieve"))


@pytest.fixture(scope="session")
def detector(rules: RuleBook) -> Detector:
    """A detector with the shipped rules."""
    return Detector(rules)


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    """An empty repository, and the current folder."""
    made = Repo(tmp_path / "repo")
    monkeypatch.chdir(made.path)
    return made
