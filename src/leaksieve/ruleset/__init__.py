"""From TOML files to `Rule` objects: reading, checking, and a compiled cache."""
