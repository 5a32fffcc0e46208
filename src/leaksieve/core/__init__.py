"""Bytes in, matches out: no input or output, no clock, no log, and no knowledge of git."""
