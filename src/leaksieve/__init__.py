"""Leaksieve finds credentials in git."""

__version__ = "0.1.0"
