"""`genarun init`, and what `genarun doctor` says of GitHub: against the emulated API, with what it lacks in front of it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pexpect
import pytest
from genarun.engine.model import Options
from genarun.errors import GenarunError, SetupError
from genarun.github.keys import Keys, needs
from genarun.github.origin import find_origin
from genarun.github.people import LABELS
from genarun.github.trees import runnable
from genarun.providers.registry import provider_infos
from github import Auth, Github
from github.Repository import Repository

from tests.cli.conftest import ZOO, Story
from tests.github.emulated import TOKEN
from tests.helpers import Place
from tests.say import says
from tests.services.github_service import GithubService

KEY = "sk-canary-0123456789abcdef"
NAMES = "OPENAI_API_KEY: ${{ secrets.OPENAI_API_KEY }}\n"
POOL = """
models:
  text:
    policy: ordered
    models:
      - {provider: openai, model: gpt-test, price: {input: 1, output: 1}}
      - {provider: groq, model: llama, price: {input: 1, output: 1}}
generations: [{id: a, type: text, config: {prompt: hi}}]
"""


@pytest.fixture
def hub(api: str) -> Iterator[GithubService]:
    with GithubService(behind=api) as service:
        assert isinstance(service, GithubService)
        yield service


@pytest.fixture
def copy(tmp_path: Path, hub: GithubService, repository: Repository) -> Story:
    """A clone of a copy of the template, whose owner has a token."""
    made = Story(tmp_path, env={"GITHUB_API_URL": hub.url, "GH_TOKEN": TOKEN})
    made.tree(ZOO, "zoo")
    made.write(".github/workflows/run.yaml", NAMES)
    for words in (["init", "-q"], ["remote", "add", "origin", f"https://github.com/{repository.full_name}.git"]):
        subprocess.run(["git", "-C", str(tmp_path), *words], check=True)
    return made


def seen(hub: GithubService, repository: Repository) -> Repository:
    """The repository as the API gives it now."""
    return Github(auth=Auth.Token(TOKEN), base_url=hub.url).get_repo(repository.full_name)


# Setting up ----------------------------------------------------------------------------------------------------------


def test_a_new_copy_is_set_up_and_a_second_time_changes_nothing(
    copy: Story, hub: GithubService, repository: Repository
) -> None:
    repository.edit(has_issues=False)
    hub.actions["enabled"] = False
    hub.workflow["can_approve_pull_request_reviews"] = True
    copy.write(".env", f"OPENAI_API_KEY={KEY}\n")
    name = repository.full_name
    copy.genarun("init")
    assert (copy.code, copy.err) == (0, "")
    assert copy.out == (
        f"{name}  https://github.com/{name}\n"
        "  ✓ the token may set it up\n"
        "  ✓ switched issues on, for the questions of `human` nodes\n"
        "  ✓ switched Actions on\n"
        "  ✓ made workflows read only, unless they say otherwise\n"
        "  ✓ made the labels genarun:question and genarun:answered\n"
        "  ✓ no rule keeps data from being committed to main\n"
        "  ✓ set the secret OPENAI_API_KEY, from .env\n"
        "\n✓ set up\n"
        f"  next: git push, then https://github.com/{name}/actions\n"
    )
    assert seen(hub, repository).has_issues
    assert hub.actions == {"enabled": True, "allowed_actions": "all", "sha_pinning_required": False}
    assert hub.workflow == {"default_workflow_permissions": "read", "can_approve_pull_request_reviews": True}
    assert {label.name: (label.color, label.description) for label in repository.get_labels() if label.name in LABELS} == dict(
        LABELS
    )
    assert hub.secrets == {"OPENAI_API_KEY": KEY}
    assert not any(KEY.encode() in asked.body for asked in hub.asked)
    changed = len(hub.writes)
    copy.genarun("init")
    assert copy.code == 0
    assert len(hub.writes) == changed
    assert "✓ the secret OPENAI_API_KEY is set\n" in copy.out
    assert "✓ issues are on" in copy.out


def test_one_document_for_programs(copy: Story, hub: GithubService, repository: Repository) -> None:
    copy.genarun("init", "--json")
    assert copy.code == 0
    document = copy.document
    assert (document["ok"], document["repository"]) == (True, repository.full_name)
    assert [step["state"] for step in document["steps"]] == ["there", "there", "there", "done", "done", "there", "open"]
    left = document["steps"][-1]
    assert left["what"] == "zoo needs OPENAI_API_KEY, which is not set; until then a push leaves it alone"
    assert "/settings/secrets/actions/new (OPENAI_API_KEY: get a key at https://platform.openai.com/api-keys)" in left["hint"]


def test_a_key_is_sent_anew_only_when_that_is_asked(copy: Story, hub: GithubService) -> None:
    hub.secrets["OPENAI_API_KEY"] = "sk-older"
    copy.env["OPENAI_API_KEY"] = KEY
    assert "the secret OPENAI_API_KEY is set" in copy.genarun("init").out
    assert hub.secrets["OPENAI_API_KEY"] == "sk-older"
    assert "set the secret OPENAI_API_KEY anew, from the environment" in copy.genarun("init", "--replace").out
    assert hub.secrets["OPENAI_API_KEY"] == KEY


def test_secrets_can_be_left_alone(copy: Story, hub: GithubService) -> None:
    copy.env["OPENAI_API_KEY"] = KEY
    copy.genarun("init", "--no-secrets")
    assert hub.secrets == {}
    assert not any("actions/secrets" in asked.path for asked in hub.asked)


def test_a_secret_of_the_organisation_is_enough(copy: Story, hub: GithubService) -> None:
    hub.shared.append("OPENAI_API_KEY")
    copy.genarun("init")
    assert "✓ the secret OPENAI_API_KEY is set\n" in copy.out
    assert hub.secrets == {}


def test_what_is_allowed_beside_githubs_own_actions_stays(copy: Story, hub: GithubService) -> None:
    hub.actions["allowed_actions"] = "selected"
    hub.selected["patterns_allowed"] = ["octo/*"]
    assert "✓ allowed the actions that GitHub itself makes\n" in copy.genarun("init").out
    assert hub.selected == {"github_owned_allowed": True, "verified_allowed": False, "patterns_allowed": ["octo/*"]}
    assert hub.actions["allowed_actions"] == "selected"


def test_actions_of_others_are_not_let_in(copy: Story, hub: GithubService) -> None:
    hub.actions |= {"allowed_actions": "local_only", "sha_pinning_required": True}
    copy.genarun("init")
    assert hub.actions == {"enabled": True, "allowed_actions": "selected", "sha_pinning_required": True}
    assert hub.selected == {"github_owned_allowed": True, "verified_allowed": False, "patterns_allowed": []}


def test_a_rule_that_refuses_data_is_told(copy: Story, hub: GithubService) -> None:
    hub.rules = [{"type": "deletion"}, {"type": "pull_request"}, {"type": "required_signatures"}]
    copy.genarun("init")
    assert "▲ a rule of main demands pull requests and demands signed commits: data cannot be committed to it\n" in copy.out
    assert "/settings/rules" in copy.out


def test_a_service_of_ones_own_has_to_be_named_in_the_workflow(copy: Story, hub: GithubService) -> None:
    copy.write(
        "trees/defaults.yaml",
        """
        providers: {ours: {provider: openai, baseUrl: "https://models.example.org/v1", keyEnv: OUR_KEY}}
        models: {text: {provider: ours, model: m, price: {input: 1, output: 1}}}
        """,
    )
    copy.tree("generations: [{id: a, type: text, config: {prompt: hi}}]", "zoo")
    copy.env["OUR_KEY"] = KEY
    copy.genarun("init")
    assert hub.secrets == {"OUR_KEY": KEY}
    assert (
        "▲ the workflows do not hand OUR_KEY to the runs\n    → Name OUR_KEY in .github/workflows/run.yaml, and in" in copy.out
    )
    (copy.root / ".github/workflows/run.yaml").unlink()
    assert "there is no .github/workflows/run.yaml: a push runs nothing" in copy.genarun("init").out


def test_trees_with_faults_do_not_keep_the_settings_from_being_set(copy: Story, hub: GithubService) -> None:
    copy.tree("generations: [{id: a, type: txet, config: {prompt: hi}}]", "broken")
    copy.genarun("init")
    assert copy.code == 0
    assert hub.workflow["default_workflow_permissions"] == "read"
    assert "trees/broken/config.yaml:2" in copy.out
    assert "which keys the trees need is not known before they check" in copy.out


@pytest.mark.parametrize("given", [KEY, ""], ids=["given", "later"])
def test_a_person_is_asked_for_the_key_and_it_is_not_shown(copy: Story, hub: GithubService, given: str) -> None:
    process = pexpect.spawn(
        sys.executable, ["-m", "genarun.cli", "init"], cwd=str(copy.root), encoding="utf-8", timeout=30,
        env={**copy.process_env(), "TERM": "xterm-256color"}, dimensions=(40, 100),
    )  # fmt: skip
    process.expect("OPENAI_API_KEY .get a key at https://platform.openai.com/api-keys., or Enter for later: ")
    before = str(process.before)
    process.sendline(given)
    process.expect(pexpect.EOF)
    process.close()
    assert process.exitstatus == 0
    assert "sk-canary" not in before + str(process.before)
    if given:
        assert "set the secret OPENAI_API_KEY\r\n" in process.before
        assert hub.secrets == {"OPENAI_API_KEY": KEY}
    else:
        assert "1 thing left to you" in process.before
        assert hub.secrets == {}


def test_a_person_is_asked_for_the_token(copy: Story, hub: GithubService) -> None:
    copy.env.pop("GH_TOKEN")
    hub.token = TOKEN
    process = pexpect.spawn(
        sys.executable, ["-m", "genarun.cli", "init", "--no-secrets"], cwd=str(copy.root), encoding="utf-8", timeout=30,
        env={**copy.process_env(), "TERM": "xterm-256color"}, dimensions=(40, 100),
    )  # fmt: skip
    process.expect("Paste it here: ")
    assert "administration=write" in str(process.before).replace("\r\n", "")
    process.sendline(TOKEN)
    process.expect(pexpect.EOF)
    process.close()
    assert process.exitstatus == 0
    assert TOKEN not in str(process.before)
    assert hub.workflow["default_workflow_permissions"] == "read"


# What GitHub refuses --------------------------------------------------------------------------------------------------


def test_a_refusal_is_told_with_the_permission_and_the_rest_is_done(copy: Story, hub: GithubService) -> None:
    hub.scopes, hub.lacking = None, {"administration"}
    copy.env["OPENAI_API_KEY"] = KEY
    copy.genarun("init")
    assert copy.code == 1
    assert (
        "  ✗ GitHub did not tell whether Actions are on: Resource not accessible by personal access token (403)\n"
        "    → Give the token the permission `administration=write`.\n"
    ) in copy.out
    assert "✗ 2 steps refused; run it again when that is put right\n" in copy.out
    assert hub.secrets == {"OPENAI_API_KEY": KEY}


def test_what_an_organisation_decides_is_left_to_its_owners(copy: Story, hub: GithubService) -> None:
    hub.locked = True
    copy.genarun("init")
    assert copy.code == 1
    assert "Conflict: the organization decides (409)\n    → An organisation or enterprise decides this" in copy.out


def test_secrets_that_cannot_be_listed_or_set(copy: Story, hub: GithubService) -> None:
    copy.env["OPENAI_API_KEY"] = KEY
    hub.lacking = {"secrets"}
    copy.genarun("init")
    assert copy.code == 1
    assert "✗ GitHub did not list the secrets: Resource not accessible by personal access token (403)\n" in copy.out
    assert "`secrets=write`" in copy.out


def test_what_cannot_be_a_key_is_not_sent(copy: Story, hub: GithubService, repository: Repository) -> None:
    copy.env["OPENAI_API_KEY"] = "sk-two words"
    copy.genarun("init")
    assert copy.code == 1
    assert "✗ what was given for OPENAI_API_KEY cannot be a key\n    → Copy it anew" in copy.out
    assert hub.secrets == {}
    assert "two words" not in copy.out
    with pytest.raises(SetupError) as caught:
        Keys(seen(hub, repository), [], {}, {}, {}).send("OPENAI_API_KEY", "two words")
    says(
        caught.value, "key-unusable",
        """
        what was given for OPENAI_API_KEY cannot be a key
          → Copy it anew, without quotes, blanks and line breaks.
        """,
    )  # fmt: skip


def test_who_may_not_is_told_before_anything_changes(copy: Story, hub: GithubService, repository: Repository) -> None:
    name, new = repository.full_name, find_origin(copy.root, copy.env).token_url

    def fault(**change: object) -> GenarunError:
        with ExitStack() as undone:
            for field, value in change.items():
                undone.callback(setattr, hub, field, getattr(hub, field))
                setattr(hub, field, value)
            return copy.fault("init")

    says(
        fault(token="another"), "token-refused",
        f"""
        GitHub refuses the token: it is wrong, or has expired
          → Make a new one: {new}
        """,
    )  # fmt: skip
    says(
        fault(scopes="gist, user"), "token-scopes",
        f"""
        the token lacks the scope `repo`; it has `gist`, `user`
          → Make one that has it: {new}
        """,
    )  # fmt: skip
    assert "it has no scope\n" in str(fault(scopes=""))
    says(
        fault(over={"permissions": {"pull": True, "push": True, "admin": False}}), "not-admin",
        f"""
        you do not administer {name}
          → Ask an owner to run this, or make a copy of your own with *Use this template*.
        """,
    )  # fmt: skip
    says(
        fault(over={"archived": True}), "repository-archived",
        f"""
        {name} is archived
          → Open it again under https://github.com/{name}/settings, then go on.
        """,
    )  # fmt: skip
    says(
        fault(over={"is_template": True}), "is-template",
        f"""
        {name} is a template itself: a secret in it would reach none of its copies
          → Click *Use this template*, clone the copy, and run this there.
        """,
    )  # fmt: skip
    assert hub.writes == []


def test_a_public_repository_needs_less_of_a_token(copy: Story, hub: GithubService) -> None:
    hub.scopes = "public_repo"
    assert copy.genarun("init").code == 0
    hub.over["private"] = True
    assert copy.fault("init").code == "token-scopes"


def test_a_repository_that_is_not_there(copy: Story) -> None:
    fault = copy.fault("init", "--repository", "octo/nowhere")
    url = find_origin(copy.root, copy.env, "octo/nowhere").token_url
    says(
        fault, "repository-unknown",
        f"""
        GitHub knows no repository octo/nowhere, or this token does not see it
          → Check the name, and give the token access to it: {url}
        """,
    )  # fmt: skip


def test_a_github_that_does_not_answer(copy: Story) -> None:
    copy.env["GITHUB_API_URL"] = "http://localhost:9"
    says(
        copy.fault("init"), "github-silent",
        """
        http://localhost:9 does not answer (ConnectionError)
          → Run it again when you are online.
        """,
    )  # fmt: skip
    assert "▲ http://localhost:9 does not answer (ConnectionError)\n" in copy.genarun("doctor").out


def test_without_a_token(copy: Story) -> None:
    copy.env.pop("GH_TOKEN")
    copy.env["PATH"] = "/usr/bin:/bin"
    fault, page = copy.fault("init"), find_origin(copy.root, copy.env).token_url
    says(
        fault, "no-token",
        f"""
        there is no token for GitHub
          → Make one on {page} and run this with GH_TOKEN=… set, or log in with `gh auth login`.
        """,
    )  # fmt: skip
    assert page.startswith("https://github.com/settings/personal-access-tokens/new?name=Genarun&")
    assert page.endswith("&administration=write&secrets=write&issues=write")
    assert fault.exit_code == 2


# Keys ----------------------------------------------------------------------------------------------------------------


def test_of_a_pool_one_key_is_enough(copy: Story, hub: GithubService, repository: Repository) -> None:
    copy.tree(POOL, "zoo")
    copy.tree(POOL.replace("id: a", "id: b"), "ark")
    trees = copy.project.load()
    [need] = needs(trees, provider_infos())
    assert need.text == "ark and zoo need OPENAI_API_KEY or GROQ_API_KEY"
    hub.secrets["GROQ_API_KEY"] = KEY
    keys = Keys(seen(hub, repository), trees, provider_infos(), {}, {})
    assert keys.unmet() == []
    assert "▲" not in copy.genarun("init").out.replace("▲ the workflows do not hand GROQ_API_KEY", "")


def test_the_jobs_own_token_is_no_secret(tmp_path: Path) -> None:
    place = Place(tmp_path, defaults="models: {text: {provider: copilot, model: gpt-5-mini}}\n")
    place.tree("generations: [{id: a, type: text, config: {prompt: hi}}]")
    assert needs(place.project.load(), provider_infos()) == []


def test_a_run_that_lacks_a_key_says_what_else_it_takes(copy: Story) -> None:
    copy.write(".github/workflows/run.yaml", "secrets.ANOTHER_KEY")
    trees = copy.project.load()
    [skipped] = runnable(copy.project, trees, {"zoo": Options()}).skipped
    assert (skipped.origins or {})["OPENAI_API_KEY"].endswith(
        "platform.openai.com/api-keys. Name OPENAI_API_KEY in .github/workflows/run.yaml, and in regenerate.yaml "
        "and answer.yaml beside it, where the other keys stand."
    )
    copy.write(".github/workflows/run.yaml", NAMES)
    [skipped] = runnable(copy.project, trees, {"zoo": Options()}).skipped
    assert (skipped.origins or {})["OPENAI_API_KEY"].endswith("platform.openai.com/api-keys")


# Doctor --------------------------------------------------------------------------------------------------------------


def told(copy: Story) -> list[tuple[bool, str, str]]:
    found = [one for one in copy.genarun("doctor", "--json").document["findings"] if one["about"] == "github"]
    return [(one["ok"], one["what"], one["hint"]) for one in found]


def test_doctor_sees_what_init_would_put_right_and_changes_nothing(
    copy: Story, hub: GithubService, repository: Repository
) -> None:
    before = told(copy)
    assert hub.writes == []
    mends = "`genarun init` puts it right."
    page = f"{seen(hub, repository).html_url}/settings/secrets/actions/new"
    assert before == [
        (True, f"{repository.full_name}, as GH_TOKEN sees it", ""),
        (True, "issues are on, for the questions of `human` nodes", ""),
        (True, "Actions are on", ""),
        (False, "every workflow may write, also one that does not say so", mends),
        (False, "labels are missing: genarun:question and genarun:answered", mends),
        (True, "no rule keeps data from being committed to main", ""),
        (
            False,
            "on GitHub zoo needs OPENAI_API_KEY, and no such secret is set",
            f"`genarun init` sets it, or {page} (OPENAI_API_KEY: get a key at https://platform.openai.com/api-keys).",
        ),
    ]  # fmt: skip
    copy.env["OPENAI_API_KEY"] = KEY
    copy.genarun("init")
    after = told(copy)
    assert all(ok for ok, _, _ in after)
    assert after[-1][1] == "a secret is set: OPENAI_API_KEY"


def test_doctor_asks_nobody_without_a_token(copy: Story, hub: GithubService, repository: Repository) -> None:
    copy.env.pop("GH_TOKEN")
    assert told(copy) == [(True, f"{repository.full_name}; its settings are looked at where GH_TOKEN is set", "")]
    assert hub.asked == []


def test_doctor_tells_what_keeps_it_from_looking(copy: Story, hub: GithubService, repository: Repository) -> None:
    hub.token = "another"
    assert told(copy)[0][1] == "GitHub refuses the token: it is wrong, or has expired"
    hub.token, hub.lacking = None, {"administration", "secrets"}
    assert [what for ok, what, _ in told(copy) if not ok][:2] == [
        "GitHub did not tell whether Actions are on: Resource not accessible by personal access token (403)",
        "GitHub did not tell what a workflow may do: Resource not accessible by personal access token (403)",
    ]
    assert copy.code == 0  # a laptop needs none of it


def test_doctor_sees_a_workflow_that_hands_a_key_to_nobody(copy: Story) -> None:
    copy.write(".github/workflows/run.yaml", "")
    copy.env.pop("GH_TOKEN")
    assert told(copy)[0][:2] == (False, "the workflows do not hand OPENAI_API_KEY to the runs")
