"""Make fragment rules of other tools' patterns."""

from leaksieve.core.rule import HIGH, MEDIUM, SPECIFIC, Fragment, Rule


def fragment_rule(rule_id: str, description: str, regex: str, family: str, fragment: Fragment) -> Rule:
    """Make a rule of another tool's pattern: nobody said how sure it is, so it blocks as the other tool would."""
    return Rule(
        id=rule_id,
        description=description,
        provider="",
        kind="api-key" if regex else "file",
        regex=regex,
        anchors=(),
        secret_group=0,
        entropy=0.0,
        severity=HIGH,
        confidence=MEDIUM,
        checks=(),
        specificity=SPECIFIC,
        reach=0,
        longest=0,
        ahead=0,
        path="",
        requires=(),
        allow=(),
        revoke="",
        references=(),
        family=family,
        trusted=False,
        fragment=fragment,
    )
