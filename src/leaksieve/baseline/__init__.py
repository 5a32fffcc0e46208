"""Findings that were accepted, with a reason: comments in the text."""
