"""A repository as bytes. Knows nothing of rules."""
