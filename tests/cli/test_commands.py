"""A day on the command line: check, plan, run, look, compare, keep, thin out."""

from __future__ import annotations

import base64
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from genarun.cli.execute import exit_code
from genarun.store.lock import lock

from tests.cli.conftest import Story
from tests.helpers import asked, by_prompt
from tests.services.openai_service import OpenAIService

STAMP = r"\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d(?:_\d+)?"


def tidy(text: str) -> str:
    """Output with what differs from run to run replaced."""
    text = re.sub(STAMP, "STAMP", text)
    text = re.sub(r"-[0-9a-f]{16}\.", "-HASH.", text)
    return re.sub(r" *\d+(\.\d+)? m?s\b", " TIME", text)


# Check ---------------------------------------------------------------------------------------------------------------


def test_check_says_what_is_there(story: Story) -> None:
    story.genarun("check")
    assert (story.code, story.out, story.err) == (0, "✓ zoo  4 nodes · openai/gpt-image-test, openai/gpt-test\n", "")
    story.genarun("check", "--json")
    (tree,) = story.document["trees"]
    assert story.document["ok"] is True
    assert tree["nodes"] == ["animals", "animals/poem", "animals/picture", "foreword"]


def test_check_tells_every_fault_of_every_tree(story: Story) -> None:
    story.tree("generations: [{id: a, type: text, config: {prompt: hi, modle: text}}]", "one")
    story.tree("generations: [{id: b, type: txt, config: {prompt: hi}}]", "two")
    story.genarun("check")
    assert story.code == 2
    assert story.out == ""
    assert "trees/one/config.yaml:2:" in story.err
    assert "trees/two/config.yaml:2:" in story.err
    assert story.err.endswith("2 faults; nothing was called.\n")


def test_check_prints_the_schema_for_editors(story: Story) -> None:
    story.genarun("check", "--schema")
    assert story.code == 0
    assert story.document["$schema"].startswith("https://json-schema.org/")


# Run -----------------------------------------------------------------------------------------------------------------


def test_a_run_ends_with_a_summary_and_where_things_are(story: Story) -> None:
    story.genarun("run", "--offline")
    assert story.code == 0
    assert tidy(story.out).splitlines() == [
        "✓ A zoo in words: succeeded in TIME",
        "",
        "  node       calls  cost  per call",
        "  animals        1  free TIME",
        "    poem         3  free TIME",
        "    picture      3  free TIME",
        "  foreword       1  free TIME",
        "  ────────────────────────────────",
        "  total          8  free TIME",
        "",
        "  output      trees/zoo/STAMP/output.json",
        "  latest      trees/zoo/latest/",
        *tidy(story.out).splitlines()[12:15],
    ]
    assert tidy(story.out).splitlines()[12].startswith("  3 pictures  trees/zoo/STAMP/assets/picture-HASH.")
    for line in story.out.splitlines()[12:15]:
        assert Path(line.split()[-1]).is_file()
    assert story.err.startswith("zoo: reading what there is\nzoo: zoo/20")


def test_nothing_changed_nothing_called(story: Story) -> None:
    story.genarun("run", "--offline")
    story.genarun("run", "--offline")
    assert story.code == 0
    assert tidy(story.out) == (
        "✓ A zoo in words: nothing changed, so nothing was called\n  the output stands in trees/zoo/STAMP/output.json\n"
    )
    assert len(story.runs("zoo")) == 1


def test_json_is_one_document_and_progress_goes_to_stderr(story: Story) -> None:
    story.genarun("run", "--offline", "--json")
    document = story.document
    assert (story.code, document["exitCode"], document["notRun"]) == (0, 0, [])
    (tree,) = document["trees"]
    assert tree["status"] == "succeeded"
    assert tree["summary"]["totals"]["calls"] == 8
    assert set(tree["output"]) == {"animals", "foreword"}
    assert len(tree["assets"]) == 3
    assert tree["error"] is None
    assert re.search(r"✓ zoo: succeeded, 8 calls, offline: free, ", story.err)


def test_all_trees_are_checked_before_the_first_call(story: Story) -> None:
    story.tree("generations: [{id: a, type: text, config: {prompt: hi}}]", "needs")
    story.genarun("run")
    assert story.code == 2
    assert story.out == ""
    assert "OPENAI_API_KEY is not set" in story.err
    assert story.runs("zoo") == []


def test_several_trees_end_with_a_line_each(story: Story) -> None:
    story.tree("generations: [{id: a, type: text, config: {prompt: 'On ${news}'}}]\ninputs: {news: {from: zoo}}", "after")
    story.genarun("run", "--offline")
    assert story.code == 0
    assert tidy(story.out).splitlines()[-2:] == [
        "✓ zoo: succeeded, 8 calls, offline: free, TIME",
        "✓ after: succeeded, 1 call, offline: free, TIME",
    ]


def test_inputs_and_only_go_to_the_trees_that_know_them(story: Story) -> None:
    story.tree("inputs: {year: {type: integer}}\ngenerations: [{id: a, type: text, config: {prompt: 'In ${year}'}}]", "years")
    story.genarun("run", "--offline", "--input", "year=2027", "--json")
    assert story.code == 0
    assert {tree["tree"]: tree["summary"]["inputs"] for tree in story.document["trees"]} == {"years": {"year": 2027}, "zoo": {}}
    story.genarun("run", "--offline", "--fresh", "--only", "poem", "--json")
    assert [tree["tree"] for tree in story.document["trees"]] == ["zoo"]
    story.genarun("run", "--offline", "--input", "year=soon")
    assert story.code == 2
    story.genarun("run", "--offline", "--input", "yaer=2027", "--input", "year=2027")
    assert story.code == 2
    assert "yaer" in story.err
    story.genarun("run", "--offline", "--only", "peom", "--input", "year=1")
    assert story.code == 2
    assert "Did you mean “poem”?" in story.err


def test_only_what_changed_since_a_revision(story: Story) -> None:
    for words in (["init", "-q"], ["add", "-A"], ["-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "first"]):
        subprocess.run(["git", *words], cwd=story.root, check=True, capture_output=True)
    story.genarun("run", "--offline", "--changed", "HEAD")
    assert (story.code, story.out) == (0, "No tree changed since HEAD; nothing was called.\n")
    story.genarun("plan", "--offline", "--changed", "HEAD")
    assert story.out == "No tree changed since HEAD; nothing would be called.\n"
    story.genarun("run", "--offline", "--changed", "HEAD", "--json")
    assert story.document == {"exitCode": 0, "trees": [], "notRun": []}
    story.tree("generations: [{id: a, type: text, config: {prompt: hi}}]", "new")
    story.genarun("run", "--offline", "--changed", "HEAD", "--json")
    assert [tree["tree"] for tree in story.document["trees"]] == ["new"]


def test_trees_that_read_each_other_run_from_nothing_with_inputs(story: Story) -> None:
    story.tree(
        "inputs: {news: {from: zoo}, year: {type: integer}}\n"
        "generations: [{id: a, type: text, config: {prompt: 'On ${news} in ${year}'}}]",
        "after",
    )
    story.genarun("run", "--offline", "--input", "year=2027")
    assert story.code == 0
    assert story.out.splitlines()[-1].startswith("✓ after: succeeded, 1 call")


def test_failures_are_told_with_their_reason_and_the_next_command(story: Story) -> None:
    def answer(body: dict[str, object]) -> object:
        return by_prompt({"Name three": {"data": ["ant", "bee", "cat"]}, "poem on": ""})(body)

    with OpenAIService(answer=answer) as service:
        story.env |= {"OPENAI_BASE_URL": service.url, "OPENAI_API_KEY": service.key}
        story.genarun("run", "zoo")
    assert story.code == 1
    assert story.out.startswith("◐ A zoo in words: partial after ")
    assert "  ✗ animals/0/poem and 2 more like it\n" in story.out
    assert story.out.endswith("\n  next: genarun resume zoo\n")
    assert "  ✗ animals/0/poem  " in story.err
    story.genarun("show", "zoo")
    assert "◐ A zoo in words: partial" in story.out
    assert "  ✗ animals/0/poem and 2 more like it" in story.out


def test_a_budget_that_is_used_up_is_exit_5(story: Story) -> None:
    with OpenAIService(answer=by_prompt({"Name three": {"data": ["ant", "bee", "cat"]}})) as service:
        story.env |= {"OPENAI_BASE_URL": service.url, "OPENAI_API_KEY": service.key}
        story.tree(Path("trees/zoo/config.yaml").read_text().replace("version: 1", "") + "\nbudget: {calls: 3}\n", "zoo")
        story.genarun("run", "zoo", "--json")
    assert story.code == 5
    (tree,) = story.document["trees"]
    assert (tree["status"], tree["error"]["code"]) == ("stopped", "budget-calls")


def test_a_tree_that_another_process_runs_did_not_begin(story: Story) -> None:
    with lock(story.folder("zoo")):
        story.genarun("run", "--offline")
    assert story.code == 2
    assert story.out == "✗ A zoo in words: did not begin\n"
    assert "another run of this tree is going on" in story.err


def test_no_command_shows_a_secret(story: Story) -> None:
    secret = "sk-canary-0123456789abcdef"
    coded = base64.b64encode(f"xx{secret}yy".encode()).decode()

    def echo(body: dict[str, Any]) -> object:
        if "Name three" in asked(body):
            return {"data": [f"ant {secret}", f"bee {coded}", "cat"]}
        return f"\x1b[31m{secret} and {coded}"

    with OpenAIService(answer=echo, key=secret) as service:
        story.env |= {"OPENAI_BASE_URL": service.url, "OPENAI_API_KEY": secret}
        printed = []
        for words in (
            ["run"], ["runs"], ["show", "zoo"], ["show", "zoo", "animals/0/poem"], ["plan", "--fresh"],
            ["run", "--seed", "2", "--fresh", "--json"], ["diff", "zoo", "zoo/latest"], ["pin", "zoo", "foreword"], ["doctor"],
        ):  # fmt: skip
            story.genarun(*words)
            assert story.code == 0, (words, story.err)
            printed.append(story.out + story.err)
    everything = "".join(printed)
    assert "canary" not in everything
    assert coded[8:-8] not in everything
    assert "\x1b" not in everything
    assert "***" in everything


@pytest.mark.parametrize(
    ("codes", "one"),
    [([], 0), ([0, 0], 0), ([0, 3], 3), ([3, 5], 5), ([5, 2], 2), ([5, 1, 0], 1), ([1, 130], 130)],
)
def test_one_exit_code_for_several_trees(codes: list[int], one: int) -> None:
    assert exit_code(codes) == one


# Resume --------------------------------------------------------------------------------------------------------------


def test_resume_says_when_there_is_nothing_to_resume(story: Story) -> None:
    story.genarun("run", "--offline")
    story.genarun("resume", "zoo")
    assert story.code == 2
    assert tidy(story.err) == (
        "zoo/STAMP is finished; there is nothing to go on with\n"
        "  → `genarun run zoo` makes a new run; it reuses everything that has not changed.\n"
    )


def test_resume_goes_on_in_the_way_the_run_began(story: Story) -> None:
    story.genarun("run", "--offline")
    logs = story.root / "trees/zoo" / story.runs("zoo")[0] / "logs.json"
    records = logs.with_name("records.jsonl")
    lines = [line for line in records.read_text().splitlines() if '"path":"foreword"' not in line]
    records.write_text("\n".join(lines) + "\n")
    logs.write_text(json.dumps({**json.loads(logs.read_text()), "status": "stopped"}))
    story.genarun("plan", "zoo", "--offline", "--json")
    assert [step["path"] for step in story.document["trees"][0]["steps"] if step["calls"]] == ["foreword"]
    story.genarun("resume", "zoo", "--json")
    assert story.code == 0
    (tree,) = story.document["trees"]
    assert tree["run"] == f"zoo/{story.runs('zoo')[0]}"
    assert len(story.runs("zoo")) == 1
    assert tree["summary"]["mode"] == "offline"


# Plan ----------------------------------------------------------------------------------------------------------------


def test_a_plan_says_what_why_and_how_much(story: Story) -> None:
    story.env |= {"OPENAI_API_KEY": "sk-0123456789"}
    story.genarun("plan")
    assert story.code == 0
    lines = story.out.splitlines()
    assert lines[0] == "A zoo in words  zoo"
    assert lines[2].split() == ["node", "calls", "cost", "model", "why"]
    assert re.fullmatch(r"  animals +1 +≈ \$\d\.\d+ +openai/gpt-test +new", lines[3])
    assert re.fullmatch(r"  animals/picture +3 +≈ \$0\.03 +openai/gpt-image-test +3 items", lines[5])
    assert re.fullmatch(r"  total +8 +≈ \$\d\.\d+", lines[8])
    assert "  The run makes exactly these calls, retries aside." in lines
    assert lines[-1].startswith("  Within the budget: 8 of 100,000 calls, $0.")
    assert story.runs("zoo") == []


def test_a_plan_after_a_change_names_what_changed(story: Story) -> None:
    story.genarun("run", "--offline")
    config = story.root / "trees/zoo/config.yaml"
    config.write_text(config.read_text().replace("A poem on", "A long poem on"))
    story.genarun("plan", "--offline", "--json")
    (plan,) = story.document["trees"]
    called = {step["path"]: step["reason"] for step in plan["steps"] if step["action"] == "call"}
    assert called["animals/1/poem"] == "the prompt changed"
    assert set(called) == {"animals/0/poem", "animals/1/poem", "animals/2/poem", "foreword"}
    story.genarun("plan", "--offline")
    assert "  ≈ foreword: at most: " in story.out


def test_an_unchanged_tree_plans_nothing(story: Story) -> None:
    story.genarun("run", "--offline")
    story.genarun("plan", "--offline")
    assert story.out == "A zoo in words  zoo\n  nothing would be called: everything asked for is recorded already\n"
    story.genarun("plan", "--offline", "--markdown")
    assert story.out == (
        "**No calls**: what these trees ask for is recorded already.\n\n"
        "### A zoo in words (<code>zoo</code>)\n\nNothing would be called: everything asked for is recorded already.\n"
    )


def test_a_budget_that_is_too_small_is_said_before_it_is_spent(story: Story) -> None:
    story.env |= {"OPENAI_API_KEY": "sk-0123456789"}
    story.genarun("plan", "--budget", "0.01")
    assert "  Over the budget: 8 of 100,000 calls, $0.0" in story.out
    assert story.code == 0


def test_a_plan_of_trees_that_read_each_other(story: Story) -> None:
    story.tree("generations: [{id: a, type: text, config: {prompt: 'On ${news}'}}]\ninputs: {news: {from: zoo}}", "after")
    story.genarun("plan", "--offline")
    assert story.code == 0
    assert story.out.endswith("\nafter reads zoo, which has no output yet: it can be planned when that has run\n")
    story.genarun("plan", "--offline", "--json")
    assert story.document["waiting"] == [{"tree": "after", "reads": ["zoo"]}]
    story.genarun("run", "--offline")
    config = story.root / "trees/zoo/config.yaml"
    config.write_text(config.read_text().replace("A poem on", "A long poem on"))
    story.genarun("plan", "--offline")
    assert "  ▲ reads zoo, which would change: what depends on it is planned for the output that stands now\n" in story.out


def test_the_plan_as_markdown(story: Story) -> None:
    story.tree("generations: [{id: a, type: text, config: {prompt: 'On ${news}'}}]\ninputs: {news: {from: zoo}}", "after")
    story.genarun("plan", "--offline", "--markdown")
    lines = story.out.splitlines()
    assert lines[0] == "**8 calls** in 1 tree · free: the offline provider answers  "
    assert lines[1] == "1 tree cannot be planned yet."
    assert "| <code>animals/poem</code> | 3 |  | free | 3 items |" in lines
    assert lines[-1] == "Reads <code>zoo</code>, which has no output yet: it can be planned when that has run."


# Looking back --------------------------------------------------------------------------------------------------------


def test_runs_are_listed_newest_first(story: Story) -> None:
    story.genarun("runs")
    assert story.out == "There are no runs yet. Make one: `genarun run`.\n"
    story.genarun("run", "--offline")
    story.genarun("run", "--offline", "--fresh")
    story.genarun("runs", "zoo")
    lines = tidy(story.out).splitlines()
    assert lines[0].split() == ["run", "status", "when", "UTC", "took", "calls", "cost", "notes"]
    assert re.fullmatch(
        r"zoo/STAMP +✓ succeeded  just now  \d\d-\d\d \d\d:\d\d UTC TIME      8  free  offline, fresh", lines[1]
    )
    assert lines[2].endswith("free  offline")
    story.genarun("runs", "--limit", "1")
    assert story.out.splitlines()[-1] == "… and 1 older run; `--limit 0` shows all"
    story.genarun("runs", "--json", "--limit", "1")
    assert story.document["total"] == 2
    assert story.document["runs"][0]["summary"]["fresh"] is True
    story.genarun("runs", "zo")
    assert story.code == 2
    assert "Did you mean `zoo`?" in story.err


def test_a_run_that_was_killed_is_not_called_running(story: Story) -> None:
    story.genarun("run", "--offline")
    logs = story.root / "trees/zoo" / story.runs("zoo")[0] / "logs.json"
    logs.write_text(json.dumps({**json.loads(logs.read_text()), "status": "running"}))
    assert "■ killed" in story.genarun("runs").out
    with lock(story.folder("zoo")):
        assert "▶ running" in story.genarun("runs").out
    assert "is unfinished (killed, or still running)\n    → `genarun resume zoo` goes on.\n" in story.genarun("doctor").out


def test_show_a_run_a_node_and_an_instance(story: Story) -> None:
    story.genarun("run", "--offline")
    story.genarun("show", "zoo")
    assert story.out.startswith("✓ A zoo in words: succeeded  zoo/")
    assert "\n  models  offline/gpt-test (5), offline/gpt-image-test (3)\n" in story.out
    assert "\n    poem         3  free" in story.out
    story.genarun("show", "zoo", "animals/poem")
    lines = story.out.splitlines()
    assert [line.split()[0] for line in lines] == ["instance", "animals/0/poem", "animals/1/poem", "animals/2/poem"]
    story.genarun("show", "zoo", "animals/0/poem")
    assert story.out.startswith("animals/0/poem  ✓ succeeded\n  text · offline/gpt-test · cost $0 · ")
    assert "\n  user\n    A poem on " in story.out
    assert "\n  value\n    " in story.out
    story.genarun("show", "zoo", "animals/0/poem", "--json")
    (record,) = story.document["records"]
    assert record["status"] == "succeeded"


def test_show_what_is_not_there(story: Story) -> None:
    story.genarun("run", "--offline")
    story.genarun("show", "zoo", "animals/7/poem")
    assert story.code == 2
    assert tidy(story.err) == (
        "zoo/STAMP holds no instance `animals/7/poem`\n  → Near it: animals/2/poem, animals/1/poem, animals/0/poem.\n"
    )


def test_diff_tells_words_and_pictures(story: Story) -> None:
    with OpenAIService(answer=by_prompt({"Name three": {"data": ["ant", "bee", "cat"]}})) as service:
        story.env |= {"OPENAI_BASE_URL": service.url, "OPENAI_API_KEY": service.key}
        story.genarun("run")
        config = story.root / "trees/zoo/config.yaml"
        config.write_text(config.read_text().replace("A poem on ${item}", "A poem with many rhymes on ${item}"))
        story.genarun("run")
    old, new = story.runs("zoo")[::-1]
    story.genarun("diff", f"zoo/{old}", f"zoo/{new}")
    assert story.code == 0
    assert "\n4 changed, 0 added, 0 removed, 4 the same\n" in story.out
    assert "\n~ animals/1/poem\n    answer to: A poem {+with many rhymes +}on bee\n" in story.out
    story.genarun("diff", f"zoo/{new}", "zoo/latest")
    assert story.out.endswith("\nNo difference: 8 equal values.\n")
    story.genarun("diff", f"zoo/{old}", f"zoo/{new}", "--json")
    assert [item["path"] for item in story.document["changed"]][:2] == ["animals/0/poem", "animals/1/poem"]


# Pin -----------------------------------------------------------------------------------------------------------------


def test_a_pinned_value_stands_in_every_later_run(story: Story) -> None:
    story.genarun("run", "--offline")
    poem = story.json("trees/zoo/latest/output.json")["animals"][1]["poem"]
    story.genarun("pin", "zoo", "animals/1/poem")
    assert story.code == 0
    assert story.out.splitlines()[-1] == "1 value in trees/zoo/overrides.yaml; the next `genarun run zoo` takes them from there"
    story.genarun("run", "--offline", "--fresh", "--seed", "7")
    assert story.json("trees/zoo/latest/output.json")["animals"][1]["poem"] == poem


def test_an_edit_in_latest_is_kept_by_pin(story: Story) -> None:
    story.genarun("run", "--offline")
    latest = story.root / "trees/zoo/latest/output.json"
    output = json.loads(latest.read_text())
    output["foreword"] = "A better foreword."
    output["animals"][0]["poem"] = "A better poem."
    latest.write_text(json.dumps(output))
    story.genarun("pin", "zoo/latest", "--json")
    assert [one["path"] for one in story.document["pinned"]] == ["animals/0/poem", "foreword"]
    story.genarun("run", "--offline")
    assert story.code == 0
    assert story.json("trees/zoo/latest/output.json") == output
    story.genarun("pin", "zoo/latest")
    assert tidy(story.err) == (
        "zoo/latest is as its run left it: there is no edit to keep\n"
        "  → To keep a value of the run, name it: `genarun pin zoo/latest PATH`.\n"
    )


def test_a_picture_can_be_pinned(story: Story) -> None:
    story.genarun("run", "--offline")
    story.genarun("pin", "zoo", "animals/2/picture")
    assert story.code == 0
    (kept,) = (story.root / "trees/zoo/overrides").iterdir()
    assert kept.stem == "animals-2-picture"


# Purge ---------------------------------------------------------------------------------------------------------------


def test_purge_lists_and_asks_before_it_deletes(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in ("1", "2", "3"):
        story.genarun("run", "--offline", "--seed", seed)
    oldest = story.runs("zoo")[-1]
    story.genarun("purge", "--runs", "2", "--dry-run")
    assert story.out.splitlines()[1].startswith(f"zoo/{oldest}  ✓ succeeded")
    assert "▲ 8 recorded values of zoo would go for good: asked again, they are paid again" in story.out
    assert len(story.runs("zoo")) == 3
    story.genarun("purge", "--runs", "2")
    assert story.code == 2
    assert story.err == (
        "1 run would be deleted, and nobody is there to say yes\n"
        "  → Add `--yes` to delete them, or `--dry-run` to only list them.\n"
    )
    story.genarun("purge", "--runs", "2", "--yes")
    assert story.out.splitlines()[-1] == "✓ 1 run deleted"
    assert oldest not in story.runs("zoo")
    story.genarun("purge", "--runs", "1", "--yes", "--json")
    assert story.document["dryRun"] is False
    assert len(story.document["runs"]) == 1
    story.genarun("purge")
    assert story.out == "Nothing to delete.\n"  # the tree's own retention keeps thirty


# Doctor --------------------------------------------------------------------------------------------------------------


def test_doctor_says_what_is_missing_and_how_to_get_it(story: Story) -> None:
    story.genarun("run", "--offline")
    story.genarun("doctor")
    assert story.code == 0
    assert "\n  ✓ loads: 4 nodes\n" in story.out
    assert (
        "\n  ▲ runs offline only: OPENAI_API_KEY is not set\n"
        "    → Put into .env, or into a repository secret: OPENAI_API_KEY=… (get a key at https://platform.openai.com/api-keys).\n"
    ) in story.out
    assert "\n  ✓ latest/ is as the run left it\n" in story.out
    assert "✓ nothing is broken; " in story.out


def test_doctor_shows_no_value_of_a_key(story: Story) -> None:
    story.write(".env", "OPENAI_API_KEY=sk-canary-0123456789\n")
    story.genarun("doctor")
    assert "OPENAI_API_KEY is set, in .env" in story.out
    assert "  ✓ can run for real: every key is set\n" in story.out
    assert "canary" not in story.out + story.err


def test_doctor_is_exit_1_where_something_is_broken(story: Story) -> None:
    story.tree("generations: [{id: a, type: txt, config: {prompt: hi}}]", "broken")
    story.write("trees/zoo/latest/output.json", "{}")
    story.genarun("doctor", "--json")
    assert story.code == 1
    document = story.document
    assert document["ok"] is False
    broken = [finding for finding in document["findings"] if finding["broken"]]
    assert [finding["about"] for finding in broken] == ["broken"]
    assert broken[0]["what"].startswith("trees/broken/config.yaml:2:")


def test_doctor_warns_of_keys_in_git(story: Story) -> None:
    story.write(".env", "OPENAI_API_KEY=sk-canary-0123456789\n")
    for words in (["init", "-q"], ["add", "-f", ".env"]):
        subprocess.run(["git", *words], cwd=story.root, check=True, capture_output=True)
    story.genarun("doctor")
    assert story.code == 1
    assert "  ✗ .env is committed to git, keys and all\n" in story.out
    subprocess.run(["git", "rm", "-q", "--cached", ".env"], cwd=story.root, check=True, capture_output=True)
    assert "  ✗ .env is not ignored by git\n    → Add a line `.env` to .gitignore.\n" in story.genarun("doctor").out
    story.write(".gitignore", ".env\n")
    assert "  ✓ .env is ignored by git\n" in story.genarun("doctor").out


def test_doctor_survives_a_key_that_is_too_short(story: Story) -> None:
    story.env["OPENAI_API_KEY"] = "short"
    story.genarun("doctor")
    assert story.code == 1
    assert "the value of OPENAI_API_KEY is shorter than 8 characters" in story.out
