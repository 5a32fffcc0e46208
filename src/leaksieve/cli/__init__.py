"""argv and environment become typed options here and nowhere else; one file for each command."""
