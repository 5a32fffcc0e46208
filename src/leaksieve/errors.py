"""What can go wrong, in the words that a user gets to read.

Every message is one line, names the input at fault and, where there is one, the way out. None ever
quotes scanned text: a message may end up in a public CI log.
"""


class LeaksieveError(Exception):
    """A failure that ends a command with exit code 2 and its message on one line."""


class InputError(LeaksieveError):
    """An argument, path or file that the user gave cannot be used."""


class RuleError(LeaksieveError):
    """A rule that is refused.

    Args:
        source: the file that holds the rule.
        rule: the rule's id, or a description of where it stands when it has none.
        reason: why it is refused.
    """

    def __init__(self, source: str, rule: str, reason: str) -> None:
        """Join the three parts to the one line that the user reads."""
        super().__init__(f"{source}: rule {rule!r}: {reason}")
        self.source = source
        self.rule = rule
        self.reason = reason


class GitError(LeaksieveError):
    """Git could not be run, or refused."""


class WorkerError(LeaksieveError):
    """A worker process died before it returned its share of the scan."""
