"""What was and what was not scanned."""

from collections import Counter


class Coverage:
    """Counts and problems of a scan; those of several workers add up.

    Attributes:
        objects: how many pieces of each kind were read ("blob", "commit", "file", ...).
        bytes_scanned: their bytes.
        read_by: how many git objects came from a "pack" read directly, and how many through "git".
        lines: how many lines were looked up; those that a delta left alone were not.
        distinct_lines: how many of them had not been seen before by the same worker, and were sieved.
        problems: one line for each thing that could not be scanned; any makes the scan incomplete.
        notes: one line for each limit that lies in the source itself, such as a shallow clone.
    """

    def __init__(self) -> None:
        """Begin with nothing scanned."""
        self.objects: Counter[str] = Counter()
        self.bytes_scanned = 0
        self.read_by: Counter[str] = Counter()
        self.lines = 0
        self.distinct_lines = 0
        self.problems: list[str] = []
        self.notes: list[str] = []

    @property
    def complete(self) -> bool:
        """Whether everything was scanned."""
        return not self.problems

    def count(self, kind: str, size: int) -> None:
        """Count one piece that was read."""
        self.objects[kind] += 1
        self.bytes_scanned += size

    def add(self, other: "Coverage") -> None:
        """Add what another worker covered."""
        self.objects.update(other.objects)
        self.bytes_scanned += other.bytes_scanned
        self.read_by.update(other.read_by)
        self.lines += other.lines
        self.distinct_lines += other.distinct_lines
        self.problems += other.problems
        self.notes += other.notes
