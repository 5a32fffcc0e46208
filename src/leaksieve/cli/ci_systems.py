"""What each CI system says of the change that it builds."""

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from leaksieve.errors import InputError
from leaksieve.git.cat_file import is_none


class CiRun(NamedTuple):
    """A change to check, in names that git may or may not know.

    Attributes:
        system: the CI system.
        head: the commit to check.
        targets: where a pull request goes: each of these that is here is known; the branch itself comes last. Empty
            when it is none.
        before: what the branch was before a push; None or zeros when that is not told.
        branch: the branch that was pushed, or None.
        default: the repository's default branch, or None when that is not told.
        deepen: how to get the whole history there.
        nothing: why there is nothing to check, or None.
    """

    system: str
    head: str
    targets: tuple[str, ...] = ()
    before: str | None = None
    branch: str | None = None
    default: str | None = None
    deepen: str = "clone it whole (git fetch --unshallow)"
    nothing: str | None = None


Variables = Mapping[str, str]


def remote_branch(name: str) -> str:
    """Name a branch as a clone knows it."""
    return f"refs/remotes/origin/{name.removeprefix('refs/heads/')}"


def find_run(variables: Variables) -> CiRun | None:
    """Recognise the CI system and read what it says, or give None outside of those known.

    Raises:
        InputError: it says nothing of a change.
    """
    for sign, read in _SYSTEMS.items():
        if variables.get(sign):
            return read(variables)
    return None


def _github(variables: Variables) -> CiRun:
    """GitHub Actions, and what behaves like it.

    Raises:
        InputError: the event names no change, or lacks what GitHub's events have.
    """
    try:
        return _github_event(variables)
    except (KeyError, TypeError, AttributeError):
        name = variables.get("GITHUB_EVENT_NAME", "")
        raise InputError(f"the event {name!r} is not what GitHub's looks like: give --base and --head") from None


def _github_event(variables: Variables) -> CiRun:
    """Read the event's file.

    Sources: https://docs.github.com/en/actions/reference/workflows-and-actions/variables,
    https://docs.github.com/en/webhooks/webhook-events-and-payloads (pull_request, push, merge_group) and
    https://github.com/actions/checkout#fetch-all-history-for-all-tags-and-branches.
    """
    event = _event(variables.get("GITHUB_EVENT_PATH", ""))
    name = variables.get("GITHUB_EVENT_NAME", "")
    found = CiRun(
        "GitHub Actions",
        variables.get("GITHUB_SHA", "HEAD"),
        deepen="give actions/checkout `fetch-depth: 0`",
        default=event.get("repository", {}).get("default_branch"),
    )
    if "pull_request" in event:
        head, base = event["pull_request"]["head"]["sha"], event["pull_request"]["base"]
        if name == "pull_request_target":
            found = found._replace(deepen=f"{found.deepen} and `ref: ${{{{ github.event.pull_request.head.sha }}}}`")
        return found._replace(head=head, targets=(base["sha"], remote_branch(base["ref"])))
    if "merge_group" in event:
        return found._replace(head=event["merge_group"]["head_sha"], targets=(event["merge_group"]["base_sha"],))
    if name != "push":
        raise InputError(
            f"GitHub's event {name!r} names no change: give --base and --head, or audit: leaksieve history"
        )
    if event.get("deleted"):
        return found._replace(nothing=f"{event.get('ref')} was deleted")
    return found._replace(head=event["after"], before=event["before"], branch=event["ref"].removeprefix("refs/heads/"))


def _event(path: str) -> dict[str, Any]:
    try:
        with open(path, encoding="utf-8") as file:
            event = json.load(file)
    except (OSError, ValueError):
        raise InputError(f"GITHUB_EVENT_PATH: cannot read GitHub's event from {path!r}") from None
    return event if isinstance(event, dict) else {}


def _gitlab(variables: Variables) -> CiRun:
    """GitLab CI.

    Sources: https://docs.gitlab.com/ci/variables/predefined_variables/ and, for the depth,
    https://docs.gitlab.com/ci/runners/configure_runners/#shallow-cloning.
    """
    base = variables.get("CI_MERGE_REQUEST_DIFF_BASE_SHA", "")
    target = variables.get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "")
    return CiRun(
        "GitLab CI",
        # Set for merged results only, where CI_COMMIT_SHA is a merge that GitLab made.
        variables.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA") or variables.get("CI_COMMIT_SHA", "HEAD"),
        targets=(base, remote_branch(target)) if base else (),
        before=variables.get("CI_COMMIT_BEFORE_SHA"),
        branch=variables.get("CI_COMMIT_BRANCH"),
        default=variables.get("CI_DEFAULT_BRANCH"),
        deepen='set the job\'s variable `GIT_DEPTH: "0"`, and fetch the default branch as docs/ci.md shows',
    )


def _bitbucket(variables: Variables) -> CiRun:
    """Bitbucket Pipelines.

    Sources: https://support.atlassian.com/bitbucket-cloud/docs/variables-and-secrets/ and
    https://support.atlassian.com/bitbucket-cloud/docs/git-clone-behavior/.
    """
    target = variables.get("BITBUCKET_PR_DESTINATION_BRANCH")
    known = (variables.get("BITBUCKET_PR_DESTINATION_COMMIT", ""), remote_branch(target)) if target else ()
    return CiRun(
        "Bitbucket Pipelines",
        variables.get("BITBUCKET_COMMIT", "HEAD"),
        targets=known,
        branch=variables.get("BITBUCKET_BRANCH"),
        deepen="set `clone: depth: full` in bitbucket-pipelines.yml",
    )


def _azure(variables: Variables) -> CiRun:
    """Azure Pipelines.

    Sources: https://learn.microsoft.com/en-us/azure/devops/pipelines/build/variables and
    https://learn.microsoft.com/en-us/azure/devops/pipelines/yaml-schema/steps-checkout (fetchDepth).
    """
    target = variables.get("SYSTEM_PULLREQUEST_TARGETBRANCH")
    pull_head = variables.get("SYSTEM_PULLREQUEST_SOURCECOMMITID") if target else None
    return CiRun(
        "Azure Pipelines",
        pull_head or variables.get("BUILD_SOURCEVERSION", "HEAD"),
        targets=(remote_branch(target),) if target else (),
        branch=variables.get("BUILD_SOURCEBRANCH", "").removeprefix("refs/heads/") or None,
        deepen="give the step `checkout: self` its `fetchDepth: 0`",
    )


def _circle(variables: Variables) -> CiRun:
    """CircleCI.

    Sources: https://circleci.com/docs/reference/variables/ and
    https://circleci.com/docs/reference/configuration-reference/#checkout (method).
    """
    return CiRun(
        "CircleCI",
        variables.get("CIRCLE_SHA1", "HEAD"),
        branch=variables.get("CIRCLE_BRANCH"),
        deepen="set `method: full` on the checkout step",
    )


def _jenkins(variables: Variables) -> CiRun:
    """Jenkins.

    Sources: https://plugins.jenkins.io/git/ ("Environment variables", "Shallow clone") and
    https://www.jenkins.io/doc/book/pipeline/multibranch/ (CHANGE_TARGET).
    """
    target = variables.get("CHANGE_TARGET")
    return CiRun(
        "Jenkins",
        variables.get("GIT_COMMIT", "HEAD"),
        targets=(remote_branch(target),) if target else (),
        before=variables.get("GIT_PREVIOUS_SUCCESSFUL_COMMIT"),
        branch=variables.get("BRANCH_NAME") or variables.get("GIT_BRANCH", "").removeprefix("origin/") or None,
        deepen="turn off the shallow clone in the Git plugin, and let its refspec fetch the target branch",
    )


# The variable by which each says that it is there.
_SYSTEMS: dict[str, Callable[[Variables], CiRun]] = {
    "GITHUB_ACTIONS": _github,
    "GITLAB_CI": _gitlab,
    "BITBUCKET_BUILD_NUMBER": _bitbucket,
    "TF_BUILD": _azure,
    "CIRCLECI": _circle,
    "JENKINS_URL": _jenkins,
}


def is_told(oid: str | None) -> bool:
    """Tell whether a variable names a commit."""
    return oid is not None and not is_none(oid)
