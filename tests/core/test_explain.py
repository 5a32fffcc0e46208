"""Each step of the sieve is told, up to the verdict."""

from leaksieve.core.detector import Detector
from leaksieve.core.explain import Explanation, explain
from leaksieve.core.rule import Neighbour
from leaksieve.core.rulebook import RuleBook
from leaksieve.ruleset.examples import expand
from makers import github_token

GITHUB = "github-personal-access-token"


def explained(detector: Detector, text: str, rule: str) -> Explanation:
    return next(explanation for explanation in explain(detector, text) if explanation.rule == rule)


def test_a_finding(detector: Detector) -> None:
    steps = explained(detector, f"token {github_token()}", GITHUB)
    assert steps == (
        GITHUB,
        (
            "keyword 'ghp_' at character 7",
            "the regex matches characters 7 to 46",
            "check crc32-base62: crc32 checksum holds (passed, which raises the confidence to high)",
            "found with high confidence",
        ),
        True,
    )


def test_what_stops_a_match(detector: Detector) -> None:
    assert explained(detector, "ghp_" + "x" * 36, GITHUB).steps[-1] == "dropped: the value is a placeholder (filler)"
    assert explained(detector, "ghp_x", GITHUB).steps[-1] == "the regex does not match around it"
    left = explained(detector, f'token = "{github_token()}"', "generic-secret")
    assert left.steps[-1] == f"left to {GITHUB}, which knows more of it"
    assert not left.found


def test_the_secret_its_entropy_and_a_failed_check(detector: Detector) -> None:
    steps = explained(detector, "postgres://app:summer201@localhost/x", "database-connection-uri").steps
    assert steps[1] == "the regex matches characters 1 to 34, of which 16 to 24 are the secret"
    assert "host is local (failed, which lowers the confidence to low)" in steps[2]
    jwk = explained(detector, expand('"d": "{{base64url 43}}"'), "jwk-private-key").steps
    assert any("bits a character, of at least 4.0" in step for step in jwk)


def test_conditions_that_a_text_alone_cannot_meet(detector: Detector) -> None:
    path = explained(detector, expand("password '{{password 14}}'"), "gradle-repository-credentials").steps
    assert path[-2] == "counts in paths that match \\.gradle$"
    both = detector.rules.named(GITHUB)._replace(requires=(Neighbour("other", 5),))
    steps = explained(Detector(RuleBook.of([both])), github_token(), GITHUB).steps
    assert steps[-2] == "counts within 5 lines of other"
