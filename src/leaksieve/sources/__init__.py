"""What to scan, and where a match lives: the index, a repository's history, a range of commits, files."""
