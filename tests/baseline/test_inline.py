"""Comments that excuse a finding, those of other tools as docs/baseline.md gives their meaning."""

import time

import pytest

from leaksieve.core.coverage import Coverage
from leaksieve.core.detector import Detector
from leaksieve.core.finding import Blob
from leaksieve.ruleset.examples import expand
from leaksieve.sieve import Sieve, scan_blob
from makers import github_token

TOKEN = github_token("inline")
KEY = expand("{{pem RSA PRIVATE KEY}}")
RULE = "github-personal-access-token"
# Quoted, so that nothing in the comments below is taken for a part of it; a single quote would begin a comment.
X = f'"{TOKEN}"'


def excuses(detector: Detector, text: str, path: str = "a.py") -> list[str | None]:
    matches = scan_blob(Sieve.of(detector), Blob("key", "file", text.encode(), path), Coverage())
    return [match.excuse for match in matches if match.rule in (RULE, "private-key-pem")]


OURS = [
    (f"t = {X}  # leaksieve:allow[{RULE}] revoked", "leaksieve:allow: revoked"),
    (f"t = {X}  # leaksieve:allow revoked", "leaksieve:allow: revoked"),
    (f"t = {X}  # leaksieve:allow", "leaksieve:allow"),
    (f"t = {X}  # leaksieve:allow[jwt, {RULE}] two rules", "leaksieve:allow: two rules"),
    (f"t = {X}  # leaksieve:allow[jwt] not this rule", None),
    (f"t = {X}  # leaksieve:allow[jwt] a  leaksieve:allow[*] b", "leaksieve:allow: b"),
    (f"/* leaksieve:allow[*] in C */ t = {X}", "leaksieve:allow: in C"),
    (f"t = {X}  # leaksieve:allowed", None),
    (f"t = {X}  # leaksieve:allow-something", None),
    (f"# leaksieve:allow[*] before\nt = {X}", "leaksieve:allow: before"),
    (f"<!-- leaksieve:allow[*] before -->\r\nt = {X}", "leaksieve:allow: before"),
    (f"u = 1  # leaksieve:allow[*] of its own line\nt = {X}", None),
    (f"# leaksieve:allow[*] two lines up\n\nt = {X}", None),
    (f"t = {X}\n# leaksieve:allow[*] after", None),
    (f"# leaksieve:allow[*] a key\n{KEY}", "leaksieve:allow: a key"),
    (f"{KEY}  # leaksieve:allow[*] on its last line", "leaksieve:allow: on its last line"),
    (f"# leaksieve:allow-begin[{RULE}] demo\n\n\nt = {X}\n# leaksieve:allow-end", "leaksieve:allow-begin: demo"),
    (f"# leaksieve:allow-begin[jwt] demo\nt = {X}\n# leaksieve:allow-end", None),
    (f"# leaksieve:allow-begin demo\n# leaksieve:allow-end\nt = {X}", None),
    (f"# leaksieve:allow-begin demo\nt = {X}", None),
    (f"# leaksieve:allow-end\nt = {X}\n# leaksieve:allow-end", None),
    (
        f"# leaksieve:allow-begin a\n# leaksieve:allow-begin b\n# leaksieve:allow-end\nt = {X}\n# leaksieve:allow-end",
        "leaksieve:allow-begin: a",
    ),
]
GITLEAKS = [
    (f"t = {X}  # gitleaks:allow", "gitleaks:allow"),
    (f"gitleaks:allow {X}", "gitleaks:allow"),
    (f"t = {X}  # gitleaks:allowed too, it is a plain substring", "gitleaks:allow"),
    (f"t = {X}  # Gitleaks:allow", None),
    (f"# gitleaks:allow\nt = {X}", None),
    (f"{KEY}  # gitleaks:allow", "gitleaks:allow"),
    (f"# gitleaks:allow {KEY}", "gitleaks:allow"),
]
TRUFFLEHOG = [
    (f"t = {X}  # trufflehog:ignore", "trufflehog:ignore"),
    (f"# trufflehog:ignore {X}", None),
    (f"t = {X}  # TRUFFLEHOG:IGNORE", None),
    (f"# trufflehog:ignore\nt = {X}", None),
    (f"t = {X}\n# trufflehog:ignore", None),
    (f"{KEY}  # trufflehog:ignore", "trufflehog:ignore"),
    (f"/* trufflehog:ignore */ {KEY}", None),
]
SAME = "detect-secrets: pragma"
NEXT = "detect-secrets: pragma on the line before"
DETECT_SECRETS = [
    (f"t = {X}  # pragma: allowlist secret", SAME),
    (f"t = {X}  # pragma:allowlist secret", SAME),
    (f"t = {X}  # pragma: whitelist secret", SAME),
    (f"t = {X}  # pragma: allowlist-secret", SAME),
    (f"t = {X}  # pragma:allowlist-secret because x", SAME),
    (f"# pragma: whitelist-secret {X}", SAME),
    (f"t = {X}  // pragma: whitelist secret", SAME),
    (f"t = {X}  /* pragma: whitelist secret */", SAME),
    (f"t = {X}  /* pragma: whitelist secret */\r", SAME),
    (f"t = {X}  /* pragma: whitelist secret", None),
    (f"t = {X}  /* pragma: whitelist secret */ more", None),
    (f"t = {X}  ' pragma: whitelist secret", SAME),
    (f"t = {X}  -- pragma: whitelist secret", SAME),
    (f"t = {X}  <!-- pragma: whitelist secret -->", SAME),
    # What is no comment of HTML is one of SQL.
    (f"t = {X}  <!-- pragma: whitelist secret", SAME),
    (f"t = {X}  ; pragma: whitelist secret", None),
    (f"t = {X}  pragma: whitelist secret", None),
    (f"t = {X}  pragma:allowlist secret", None),
    (f"t = {X}  # pragma:  whitelist secret", None),
    (f"t = {X}  # Pragma: whitelist secret", None),
    (f"# pragma: allowlist nextline secret\nt = {X}", NEXT),
    (f"    # pragma: allowlist-nextline-secret because\n    t = {X}", NEXT),
    (f"<!-- pragma: allowlist nextline secret -->\nt = {X}", NEXT),
    (f"# pragma: whitelist nextline secret\nt = {X}", None),
    (f"x = 1  # pragma: allowlist nextline secret\nt = {X}", None),
    (f"# pragma: allowlist secret\nt = {X}", None),
    (f"# pragma: allowlist nextline secret\n\nt = {X}", None),
    (f"# pragma: allowlist secret {KEY}", SAME),
    (f"{KEY}  # pragma: allowlist secret", "ripsecrets: pragma"),
]
OTHERS = [
    (f"t = {X}  ; pragma: allowlist secret", "ripsecrets: pragma"),
    (f"t = {X}  pragma: allowlist secret", "ripsecrets: pragma"),
    (f"pragma: allowlist secret {X}", None),
    (f"t = {X}  # ggignore", "ggignore"),
    (f"t = {X}  # ggignored", None),
    (f"# ggignore\nt = {X}", None),
    (f"t = {X}  # kingfisher:ignore", "kingfisher:ignore"),
    (f"# kingfisher:ignore\nt = {X}", "kingfisher:ignore on the line before"),
    (f"u = 1  # kingfisher:ignore\nt = {X}", None),
    (f't = """\n{TOKEN}\n"""  # kingfisher:ignore', "kingfisher:ignore after the string"),
    (f't = """\n{TOKEN}\n"""\nu = """\n"""  # kingfisher:ignore', None),
    (f'""" """\nt = {X}\nu = """  # kingfisher:ignore', None),
    (f"t = {X}  // secretlint-disable-line", "secretlint-disable-line"),
    (f"t = {X}  // secretlint-disable-line @secretlint/secretlint-rule-github", "secretlint-disable-line"),
    (f"// secretlint-disable-next-line\nt = {X}", "secretlint-disable-next-line"),
    (f"// secretlint-disable-line\nt = {X}", None),
    (f"t = {X} // secretlint-disable-next-line", None),
    (f"/* secretlint-disable */\n\nt = {X}", "secretlint-disable"),
    (f"/* secretlint-disable */\n/* secretlint-enable */\nt = {X}", None),
    (f"/* secretlint-disable */\nt = {X}\n/* secretlint-enable */", "secretlint-disable"),
    (f"/* secretlint-disable @a/b, @c/d -- why */\n/* secretlint-enable @a/b */\nt = {X}", "secretlint-disable"),
    (f"/* secretlint-disable @a/b, @c/d */\n/* secretlint-enable @a/b, @c/d */\nt = {X}", None),
    (f"/* secretlint-disable */\n/* secretlint-enable @a/b */\nt = {X}", None),
    (f"t = {X}\n/* secretlint-disable */", None),
    (f"t = {X}  # HashiCorpIgnore", "HashiCorpIgnore"),
    (f"t = {X}  # hashicorpignore", "HashiCorpIgnore"),
]


@pytest.mark.parametrize(("text", "excuse"), OURS + GITLEAKS + TRUFFLEHOG + DETECT_SECRETS + OTHERS)
def test_a_comment_excuses_what_its_tool_says(detector: Detector, text: str, excuse: str | None) -> None:
    assert excuses(detector, text) == [excuse]


@pytest.mark.parametrize(("path", "excuse"), [("a.yaml", None), ("a.yml", SAME), ("", SAME)])
def test_yaml_has_one_kind_of_comment(detector: Detector, path: str, excuse: str | None) -> None:
    assert excuses(detector, f"t: {X}  // pragma: whitelist secret", path) == [excuse]
    assert excuses(detector, f"t: {X}  # pragma: whitelist secret", path) == [SAME]


def test_a_reason_never_repeats_a_credential(detector: Detector) -> None:
    other = github_token("other")
    found = excuses(detector, f"t = {X}  # leaksieve:allow see '{other}'\n# leaksieve:allow not '{other}'\nt = {X}")
    assert found == ["leaksieve:allow: (the reason holds a credential)"] * 4


def test_an_unclosed_block_is_told(detector: Detector) -> None:
    coverage = Coverage()
    text = f"\n# leaksieve:allow-begin demo\nt = {X}\n".encode()
    for path in ("a.py", "", ""):
        scan_blob(Sieve.of(detector), Blob("key", "file", text, path), coverage)
    told = "leaksieve:allow-begin without leaksieve:allow-end excuses nothing"
    assert sorted(set(coverage.notes)) == [f"a file in the history: {told}", f"a.py:2: {told}"]


@pytest.mark.parametrize("between", ["\n", " ", "  # leaksieve:allow[jwt] no\n", " /* leaksieve:allow[jwt] no */ "])
def test_thousands_of_matches_stay_cheap(detector: Detector, between: str) -> None:
    """Excuses are sought once for each line, however many matches it has."""
    data = between.join(f"'{github_token(str(number % 50))}'" for number in range(5000)).encode()
    begin = time.process_time()
    assert len(scan_blob(Sieve.of(detector), Blob("key", "file", data, "a.js"), Coverage())) == 5000
    assert time.process_time() - begin < 10
