"""Compiles the patterns and their regexes when a wheel is built, so that an installed hook never has to."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUILD = Path("build")


class CompilePatterns(BuildHookInterface[Any]):
    """Put what is compiled beside the TOML files of the wheel. An editable install compiles on first use."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile before a standard wheel is put together."""
        if self.target_name != "wheel" or version == "editable":
            return
        root = Path(self.root)
        sys.path.insert(0, str(root / "src"))
        from leaksieve.core.rulebook import RuleBook  # noqa: PLC0415 - they are importable only now
        from leaksieve.ruleset.compiled import CODES, COMPILED, compile_patterns, compile_regexes  # noqa: PLC0415

        (root / BUILD).mkdir(exist_ok=True)
        text = compile_patterns(str(root / "patterns"))
        for name, data in ((COMPILED, text.encode()), (CODES, compile_regexes(RuleBook(text)))):
            target = root / BUILD / name
            target.write_bytes(data)
            build_data["force_include"][str(target)] = f"leaksieve/patterns/{name}"
