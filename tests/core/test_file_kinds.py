"""Kinds of files in which a finding known by its context only is lowered."""

import pytest

from leaksieve.core.file_kinds import noisy_kind


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("docs/config.rst", "a manual"),
        ("framework-docs/pages/beans.adoc", "a manual"),
        ("CHANGES.rst", "a manual"),
        ("doc/examples/mail.c", ""),
        ("docs/runbook.md", ""),
        ("README.rst", ""),
        ("README.md", ""),
        ("src/docsearch/app.py", ""),
        ("tests/test_login.py", ""),
        ("src/Mailer/Tests/Fixtures/clicks.json", "a test fixture"),
        ("internal/testdata/config.yml", "a test fixture"),
        ("test-data/users.csv", "a test fixture"),
        ("spec/cassettes/login.yml", "a test fixture"),
        ("src/__fixtures__/app.ts", "a test fixture"),
        ("vendor/golang.org/x/net/auth.go", "third-party code"),
        ("web/node_modules/left-pad/index.js", "third-party code"),
        ("src/vendors.py", ""),
        ("lib/fixtures.rb", ""),
        ("data/users.csv", ""),
        ("web/package-lock.json", "a lock file"),
        ("poetry.lock", "a lock file"),
        ("go.sum", "a lock file"),
        ("src/lock.py", ""),
        ("dist/app.tar.gz.sha256", "a list of checksums"),
        ("SHA256SUMS", "a list of checksums"),
        ("static/jquery.min.js", "a minified or generated file"),
        ("src/admin.js", ""),
        ("", ""),
    ],
)
def test_kinds_by_path(path: str, kind: str) -> None:
    assert noisy_kind(path) == kind
