"""Compiles the patterns when a wheel is built, so that an installed hook never has to."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

COMPILED = Path("build") / "compiled.jsonl"


class CompilePatterns(BuildHookInterface[Any]):
    """Put `compiled.jsonl` beside the TOML files of the wheel. An editable install compiles on first use."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile before a standard wheel is put together."""
        if self.target_name != "wheel" or version == "editable":
            return
        root = Path(self.root)
        sys.path.insert(0, str(root / "src"))
        from leaksieve.ruleset.compiled import compile_patterns  # noqa: PLC0415 - it is importable only now

        target = root / COMPILED
        target.parent.mkdir(exist_ok=True)
        target.write_text(compile_patterns(str(root / "patterns")), encoding="utf-8")
        build_data["force_include"][str(target)] = "leaksieve/patterns/compiled.jsonl"
