"""Loading trees: what comes out, in which order, with which values, and every fault at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from genarun.errors import Faults, SetupError, TreeError
from genarun.tree.load import load_tree, parse_input, resolve_inputs, tree_from_data, tree_names
from genarun.tree.spec import InputSpec
from genarun.tree.values import MISSING

from tests.say import says
from tests.tree.kinds import KINDS
from tests.tree.project import NODE, PROVIDERS, Project, fault, tree


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def raised(act: Any) -> SetupError:
    """The error that comes."""
    with pytest.raises(SetupError) as caught:
        act()
    return caught.value


# ---------------------------------------------------------------------- one tree


def test_a_tree_of_one_node(project: Project) -> None:
    project.write("trees/hello/config.yaml", f"version: 1\ntitle: A greeting{NODE}")
    found = project.load("hello")
    assert (found.name, found.spec.title, found.legacy) == ("hello", "A greeting", False)
    assert found.folder == (project.root / "trees" / "hello").resolve()
    assert [node.id for node in found.nodes] == ["a"]
    assert found.nodes[0].use is not None
    assert found.digest.startswith("sha256:")
    assert found.warnings == ()


def test_a_tree_can_be_loaded_by_its_file_or_its_folder(project: Project) -> None:
    file = project.write(
        "trees/hello/config.json", '{"version": 1, "generations": [{"id": "a", "type": "text", "config": {"prompt": "Hi"}}]}'
    )

    by_file = load_tree(file, kinds=KINDS, providers=PROVIDERS, root=project.root)
    assert by_file.digest == project.load("hello").digest
    assert by_file.name == "hello"


def test_a_tree_given_as_data() -> None:
    data = {"version": 1, "generations": ({"id": "a", "type": "text", "config": {"prompt": "Hello"}},)}
    found = tree_from_data(data, "mine", kinds=KINDS, providers=PROVIDERS)
    assert (found.name, found.folder) == ("mine", None)
    assert found.digest == tree(f"version: 1{NODE}").digest


def test_faults_of_data_name_their_place_in_words() -> None:
    error = raised(lambda: tree_from_data({"version": 1, "generations": [{"type": "text"}]}, kinds=KINDS, providers=PROVIDERS))
    assert isinstance(error, Faults)
    says(
        error.errors[0],
        "key-missing",
        """
        tree tree, generations.0: the key “id” is missing here
          → Add for example `"id": "ideas"`.
        """,
    )


def test_data_that_is_no_json() -> None:
    says(
        raised(lambda: tree_from_data({"version": 1, "seed": {1, 2}}, "mine", kinds=KINDS, providers=PROVIDERS)),
        "data-no-json",
        """
        tree mine, seed: a set that JSON cannot hold
          → Use dictionaries, lists, texts, numbers, True, False and None.
        """,
    )


def test_data_with_keys_that_are_no_texts() -> None:
    says(
        raised(lambda: tree_from_data({"models": {1: {}}}, "mine", kinds=KINDS, providers=PROVIDERS)),
        "data-key",
        """
        tree mine, models: the key 1 is no text
          → Use texts as keys.
        """,
    )


def test_data_that_holds_itself() -> None:
    loop: dict[str, Any] = {"version": 1}
    loop["generations"] = [loop]
    assert raised(lambda: tree_from_data(loop, kinds=KINDS, providers=PROVIDERS)).code == "nesting-too-deep"


def test_every_fault_is_told_at_once_in_the_order_of_the_lines() -> None:
    error = fault(
        """
        version: 1
        bugdet: {usd: 1}
        generations:
          - {id: a, type: tekst, config: {prompt: Hello}}
          - {id: A, type: text, enabled: 1, config: {prompt: Hello, model: nobody}}
        """
    )
    assert isinstance(error, Faults)
    assert [one.code for one in error.errors] == ["key-unknown", "kind-unknown", "node-twice", "wrong-type", "alias-unknown"]
    assert str(error).startswith("trees/t/config.yaml:2:1: there is no key “bugdet” here")


def test_faults_of_names_come_with_the_others() -> None:
    error = fault(
        """
        version: 1
        inputs: {size: {enum: [1]}}
        generations:
          - {id: a, type: text, config: {prompt: "${nobody}"}}
        """
    )
    assert isinstance(error, Faults)
    assert [one.code for one in error.errors] == ["input-value", "name-unknown"]


def test_hundreds_of_faults_are_told_in_part() -> None:
    error = fault("version: 1\n" + "".join(f"key{n}zz: 1\n" for n in range(60)) + NODE)
    assert isinstance(error, Faults)
    assert len(error.errors) == 51
    says(
        error.errors[-1],
        "more-faults",
        """
        and 10 more
          → Mend these first.
        """,
    )


def test_unreadable_shapes_pydantic_tells_itself() -> None:
    """What no rule here speaks of is still told with its place."""
    error = fault("version: 1\nmodels: {text: {provider: openai, model: m, price: {input: -1}}}" + NODE)
    assert error.code == "number-range"


def test_yaml_and_json_side_by_side(project: Project) -> None:
    project.write("trees/t/config.yaml", f"version: 1{NODE}")
    project.write("trees/t/config.json", "{}")
    says(
        raised(project.load),
        "config-twice",
        """
        trees/t: both config.yaml and config.json
          → Keep one of them.
        """,
    )


def test_a_folder_without_a_config(project: Project) -> None:
    (project.root / "trees" / "t").mkdir()
    says(
        raised(project.load),
        "config-missing",
        """
        trees/t: no config.yaml and no config.json
          → Write one of them.
        """,
    )


# ---------------------------------------------------------------------- several trees


def test_trees_run_after_those_that_they_read(project: Project) -> None:
    project.write("trees/a/config.yaml", "version: 1\ninputs: {news: {from: c}}" + NODE)
    project.write("trees/b/config.yaml", f"version: 1{NODE}")
    project.write("trees/c/config.yaml", "version: 1\ninputs: {base: {from: b}}" + NODE)
    assert [one.name for one in project.load_all()] == ["b", "c", "a"]
    assert [one.name for one in project.load_all("a", "b")] == ["a", "b"]  # `a` reads `c`, which does not run now
    assert project.load("a").after == ("c",)


def test_trees_that_wait_for_each_other(project: Project) -> None:
    project.write("trees/a/config.yaml", "version: 1\ninputs: {x: {from: b}}" + NODE)
    project.write("trees/b/config.yaml", "version: 1\ninputs:\n  y: {from: c}" + NODE)
    project.write("trees/c/config.yaml", "version: 1\ninputs: {z: {from: b}}" + NODE)
    says(
        raised(project.load_all),
        "trees-ring",
        """
        trees/b/config.yaml:3:13: trees wait for each other: b, which reads c, which reads b
          3 |   y: {from: c}
            |             ^
          → Take one `from` away.
        """,
    )


def test_faults_of_all_trees_are_told_at_once(project: Project) -> None:
    project.write("trees/a/config.yaml", "version: 1\n")
    project.write("trees/b/config.json", "{")
    project.write("trees/defaults.yaml", "budgets: {}\n")
    error = raised(project.load_all)
    assert isinstance(error, Faults)
    assert [one.code for one in error.errors] == ["key-missing", "json-end", "key-unknown"]


def test_a_tree_that_is_not_there(project: Project) -> None:
    project.write("trees/exhibition/config.yaml", f"version: 1{NODE}")
    says(
        raised(lambda: project.load_all("exhibtion")),
        "tree-unknown",
        """
        there is no tree “exhibtion”
          → Did you mean “exhibition”?
        """,
    )


def test_a_project_without_trees(project: Project) -> None:
    says(
        raised(project.load_all),
        "no-trees",
        f"""
        {project.root}: no tree in `trees/`
          → Write `trees/<name>/config.yaml`.
        """,
    )


def test_folders_that_are_no_trees_are_passed_over(project: Project) -> None:
    project.write("trees/notes/readme.md", "nothing")
    project.write("trees/.hidden/config.yaml", "nothing")
    project.write("trees/hello/config.yml", f"version: 1{NODE}")
    assert tree_names(project.root) == ["hello"]


def test_a_folder_that_cannot_name_a_tree(project: Project) -> None:
    project.write("trees/my tree/config.yaml", f"version: 1{NODE}")
    says(
        raised(project.load_all),
        "tree-name",
        """
        trees/my tree: “my tree” cannot name a tree
          → Rename the folder: letters, digits, - and _, beginning with a letter or digit.
        """,
    )


def test_folders_that_would_be_one_on_some_machines(project: Project) -> None:
    project.write("trees/News/config.yaml", f"version: 1{NODE}")
    project.write("trees/news/config.yaml", f"version: 1{NODE}")
    says(
        raised(project.load_all),
        "tree-twice",
        """
        trees/news: “News” and “news” differ only by upper and lower case
          → Rename one of the two: they would be one folder on some machines.
        """,
    )


# ---------------------------------------------------------------------- the digest


@pytest.mark.parametrize(
    "other",
    [
        "version: 1\n# a comment\ntitle: Hi\ndescription: Greets\nid: hello\nbudget: {usd: 9}\nretention: {runs: 1}",
        "version: 1\nmodels: {text: {concurrency: 2, rpm: 5, price: {input: 1}}}",
        "version: 1\ntimeout: 5s\nerrorPolicy: {maxRetries: 9, retryDelay: 5, publishPartial: true}\nrerunOnChange: false",
        "version: 1\nmodels: {unused: {provider: offline, model: m}}\nassets: {maxBytes: 5}",
    ],
)
def test_what_decides_no_output_leaves_the_digest_alone(other: str) -> None:
    assert tree(other + NODE).digest == tree("version: 1" + NODE).digest


@pytest.mark.parametrize(
    "node",
    [
        "{id: a, type: text, config: {prompt: Hello}, description: greets, retry: 1, timeout: 5, parallel: true}",
        "{id: a, type: text, config: {prompt: {template: Hello}, model: text}}",
        "{id: a, type: text, config: {prompt: Hello, picks: true}, cache: reuse, enabled: true, onError: fail}",
    ],
)
def test_what_says_the_same_of_a_node_leaves_the_digest_alone(node: str) -> None:
    assert tree(f"version: 1\ngenerations:\n  - {node}\n").digest == tree("version: 1" + NODE).digest


@pytest.mark.parametrize(
    "other",
    [
        "version: 1\nseed: 5" + NODE,
        "version: 1\nmodels: {text: {provider: openai, model: m}}" + NODE,
        "version: 1\nmodels: {text: {params: {temperature: 1}}}" + NODE,
        "version: 1\nproviders: {openai: {baseUrl: 'http://localhost'}}" + NODE,
        "version: 1\noutputFormats: [json, md]" + NODE,
        "version: 1\ninputs: {year: {type: integer, default: 1}}" + NODE,
        "version: 1" + NODE.replace("Hello", "Hello!"),
        "version: 1" + NODE.replace("id: a", "id: b"),
        "version: 1" + NODE.replace("type: text", "type: object"),
        "version: 1" + NODE.replace("type: text", "type: text, outputKey: b"),
        "version: 1" + NODE.replace("type: text", "type: text, validation: {maxLength: 9}"),
        "version: 1" + NODE.replace("prompt: Hello", "prompt: {system: Hello, template: Hello}"),
        "version: 1" + NODE.replace("prompt: Hello", "prompt: {prefix: Hello}"),
        "version: 1" + NODE.replace("prompt: Hello", "prompt: Hello, model: {name: text, temperature: 1}"),
        "version: 1" + NODE.replace("prompt: Hello", "prompt: Hello, picks: false"),
    ],
)
def test_what_decides_the_output_changes_the_digest(other: str) -> None:
    assert tree(other).digest != tree("version: 1" + NODE).digest


def test_the_text_of_a_prompt_file_is_part_of_the_digest(project: Project) -> None:
    project.write("trees/t/config.yaml", "version: 1" + NODE.replace("Hello", "{file: hello.md}"))
    project.write("trees/t/hello.md", "Hello")
    before = project.load().digest
    project.write("trees/t/hello.md", "Goodbye")
    assert project.load().digest != before
    project.write("trees/t/hello.md", "Hello\n")
    assert project.load().digest == before == tree("version: 1" + NODE).digest


def test_a_disabled_node_is_not_part_of_the_digest() -> None:
    off = "version: 1" + NODE + "  - {id: b, type: text, enabled: false, config: {prompt: Hello}}\n"
    assert tree(off).digest == tree("version: 1" + NODE).digest


# ---------------------------------------------------------------------- inputs


INPUTS = """
    version: 1
    inputs:
      year: {type: integer, description: The year of the edition.}
      mood: {enum: [calm, wild], default: calm}
      news: {from: news}
      notes: {type: any, default: null}
    """ + NODE.replace("\n", "\n    ")


def inputs(given: dict[str, Any], latest: Any = "today") -> dict[str, Any]:
    return resolve_inputs(tree(INPUTS), given, lambda name: latest)


def test_inputs_come_from_people_other_trees_and_defaults() -> None:
    assert inputs({"year": 2026}) == {"year": 2026, "mood": "calm", "news": "today", "notes": None}
    assert inputs({"year": 2026, "mood": "wild", "news": "mine"})["news"] == "mine"


def test_an_input_without_a_value() -> None:
    says(
        raised(lambda: inputs({})),
        "input-missing",
        """
        tree t: the input “year” has no value
          → Add `--input year=7`. It means: The year of the edition.
        """,
    )


def test_an_input_of_another_type() -> None:
    says(
        raised(lambda: inputs({"year": "soon"})),
        "input-type",
        """
        tree t: the input “year” wants a value of type integer, and this is the text “soon”
          → Give a value of type integer.
        """,
    )


def test_an_input_that_is_no_choice() -> None:
    says(
        raised(lambda: inputs({"year": 1, "mood": "sad"})),
        "input-choice",
        """
        tree t: the input “mood” cannot be the text “sad”
          → Possible values: calm, wild.
        """,
    )


def test_an_input_that_is_not_there() -> None:
    says(
        raised(lambda: inputs({"year": 1, "moood": "calm"})),
        "input-unknown",
        """
        tree t: there is no input “moood”
          → Did you mean “mood”?
        """,
    )


def test_an_input_from_a_tree_that_never_ran() -> None:
    says(
        raised(lambda: inputs({"year": 1}, MISSING)),
        "input-no-output",
        """
        tree t: the input “news” is the latest output of the tree news, which has none yet
          → Run `genarun run news` first.
        """,
    )


def test_all_faults_of_inputs_are_told_at_once() -> None:
    error = raised(lambda: inputs({"mood": 3, "x": 1}, MISSING))
    assert isinstance(error, Faults)
    assert {one.code for one in error.errors} == {"input-missing", "input-type", "input-unknown", "input-no-output"}


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("string", "7", "7"),
        ("integer", "7", 7),
        ("integer", "7.0", 7),
        ("number", "7.5", 7.5),
        ("boolean", "true", True),
        ("object", '{"a": 1}', {"a": 1}),
        ("array", "[1]", [1]),
        ("any", "[1]", [1]),
        ("any", "hello", "hello"),
        ("any", "NaN", "NaN"),
        ("any", "1e999", "1e999"),
        ("any", "9" * 30, "9" * 30),
        ("any", "[" * 5000, "[" * 5000),
    ],
)
def test_text_from_the_command_line_becomes_a_value(kind: str, text: str, value: Any) -> None:
    found = parse_input(InputSpec.model_validate({"type": kind}), text)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("kind", "text"),
    [("integer", "7.5"), ("integer", "true"), ("number", "NaN"), ("number", "1e999"), ("boolean", "yes"), ("object", "[]")],
)
def test_text_that_is_no_such_value(kind: str, text: str) -> None:
    assert raised(lambda: parse_input(InputSpec.model_validate({"type": kind}), text)).code == "input-text"


def test_text_that_is_no_number() -> None:
    says(
        raised(lambda: parse_input(InputSpec.model_validate({"type": "number"}), "many", "size")),
        "input-text",
        """
        the input “size” wants a value of type number, and “many” is none
          → Write for example `--input size=0.5`.
        """,
    )


def test_errors_know_that_they_are_of_files() -> None:
    assert isinstance(fault("version: 2" + NODE), TreeError)
    assert fault("version: 2" + NODE).exit_code == 2
