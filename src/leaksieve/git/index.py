"""What is staged, in the index of the repository and in those of its worktrees.

Source of the format: https://git-scm.com/docs/git-ls-files ("OUTPUT").
"""

import glob
import os

from leaksieve.errors import GitError
from leaksieve.git.repository import Repository


def staged_blobs(repository: Repository) -> dict[str, str]:
    """Map each staged blob to a path that it has; an index that git cannot read tells of none."""
    worktrees = os.path.join(glob.escape(repository.common_dir), "worktrees", "*", "index")
    staged: dict[str, str] = {}
    for index in (os.path.join(repository.common_dir, "index"), *sorted(glob.glob(worktrees))):
        for entry in _entries(repository, index):
            facts, _, path = entry.partition(b"\t")
            staged.setdefault(facts.split(b" ")[1].decode(), path.decode("utf-8", "surrogateescape"))
    return staged


def _entries(repository: Repository, index: str) -> list[bytes]:
    # From within the git directory: elsewhere git lists the current folder only.
    environment = repository.git.environment | {"GIT_INDEX_FILE": index}
    git = repository.git._replace(directory=os.path.dirname(index), environment=environment)
    try:
        return git.run("ls-files", "--stage", "-z").split(b"\0")[:-1]
    except GitError:
        return []
