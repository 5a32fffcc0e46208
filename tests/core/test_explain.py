"""Each step of the sieve is told, up to the verdict."""

from leaksieve.core.detector import Detector
from leaksieve.core.explain import Explanation, explain, explain_absence
from leaksieve.core.rule import Allowlist, Fragment, Neighbour
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
    assert steps[-2:] == ("counts within 5 lines of other", "dropped: that is not in the text")


def test_what_a_configuration_says_of_a_match(detector: Detector) -> None:
    rule = detector.rules.named(GITHUB)
    allowed = Detector(RuleBook.of([rule], allowlists=[Allowlist(regexes=("^ghp_",))]))
    assert explained(allowed, github_token(), GITHUB).steps[-1] == "dropped: an allowlist of the configuration has it"
    slow = rule._replace(trusted=False, regex="ghp_(?:a{1,30}){1,30}b", checks=())
    steps = explained(Detector(RuleBook.of([slow])), "ghp_" + "a" * 40 + "c", GITHUB).steps
    assert steps[-1].startswith("the regex took too long")


def test_rules_that_are_not_found_by_keywords(detector: Detector) -> None:
    fragment = detector.rules.named(GITHUB)._replace(
        id="acme", trusted=False, regex="acme_[a-f0-9]+", anchors=(), fragment=Fragment(("acme_",))
    )
    book = RuleBook.of([fragment])
    assert explained(Detector(book), "key acme_12ab", "acme").steps[1:] == (
        "the regex matches characters 5 to 13",
        "found with high confidence",
    )
    assert explain_absence(fragment, "x").steps == ("searches whole texts that hold 'acme_'", "does not match")
    path = fragment._replace(regex="", path="id_rsa$", trusted=True, fragment=None)
    assert explain_absence(path, "home/id_rsa").found
    assert not explain_absence(path, "home/id_rsa.pub").found
