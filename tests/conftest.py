"""Fixtures that several folders of tests use."""

from pathlib import Path

import pytest

from leaksieve.core.detector import Detector
from leaksieve.core.rulebook import RuleBook
from leaksieve.ruleset.compiled import builtin_rules
from makers import Repo


@pytest.fixture(scope="session")
def rules(tmp_path_factory: pytest.TempPathFactory) -> RuleBook:
    """The shipped rules."""
    return builtin_rules(str(tmp_path_factory.mktemp("cache")))


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
