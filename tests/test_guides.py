"""The guides say what is so: every tree in them runs, every fragment fits, every link leads somewhere."""

from __future__ import annotations

import json
import re
import shutil
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from genarun.nodes.registry import node_kinds
from genarun.providers.registry import provider_infos
from genarun.tree.load import load_tree
from genarun.tree.spec import DefaultsSpec, NodeSpec

from tests.helpers import Place, by_prompt
from tests.services.openai_service import OpenAIService
from tests.services.samples import png

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("docs/decisions/*.md")])

ANSWERS = {
    "haiku about a ferry": "Rope, gull, and a bell.",
    "Name two fruits": {"data": ["plum", "quince"]},
    "taste of a plum": "dusky",
    "taste of a quince": "stern",
    "Invent a village": {"name": "Lower Ash", "river": "Teem"},
    "How many stars": {"value": 4},
    "What should a visitor do": {"value": "go one day"},
    "gingerbread riders": {"low": 4, "high": 9},
    "What do people in Lower Ash say of the Teem": "It takes what you lend it.",
}
"""What the model says in the examples of docs/trees.md, by a piece of the prompt."""


def blocks(page: Path) -> list[tuple[str, str]]:
    """Language and text of every fenced block."""
    return re.findall(r"^```(\w+)\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)


def trees() -> list[tuple[str, str]]:
    """Each whole tree of docs/trees.md with the output beside it."""
    found = blocks(ROOT / "docs" / "trees.md")
    return [
        (text, following) for (kind, text), (next_kind, following) in pairwise(found) if (kind, next_kind) == ("yaml", "json")
    ]


@pytest.mark.parametrize(("config", "output"), trees())
def test_a_tree_of_the_guide_makes_the_output_beside_it(config: str, output: str, tmp_path: Path) -> None:
    with OpenAIService(answer=by_prompt(ANSWERS)) as service:
        place = Place(tmp_path, service)
        place.write("trees/t/config.yaml", config)
        result = place.run()
    assert result.output == json.loads(output)


def test_fragments_of_the_guides_are_what_a_tree_may_say() -> None:
    seen = 0
    for page in PAGES:
        for kind, text in blocks(page):
            if kind != "yaml" or "generations:" in text:
                continue
            data = yaml.safe_load(text)
            if isinstance(data, list):
                for node in data:
                    NodeSpec.model_validate(node)
            elif set(data) <= {field.alias or name for name, field in DefaultsSpec.model_fields.items()}:
                DefaultsSpec.model_validate(data)
            seen += 1
    assert seen > 2


def test_whole_trees_of_the_other_guides_load(tmp_path: Path) -> None:
    Place(tmp_path)
    for page in PAGES:
        for number, (kind, text) in enumerate(blocks(page)):
            if kind == "yaml" and text.startswith("version: 1") and page.name != "extending.md":  # run by test_extending
                folder = tmp_path / "trees" / f"{page.stem.lower()[:20]}-{number}"
                folder.mkdir()
                (folder / "config.yaml").write_text(text, "utf-8")
                load_tree(folder, kinds=node_kinds(), providers=provider_infos(), root=tmp_path)


@pytest.mark.skipif(not (ROOT / "trees/exhibition").is_dir(), reason="the demos were deleted")
def test_the_overrides_of_the_guide_stand(tmp_path: Path) -> None:
    place = Place(tmp_path)
    shutil.copytree(ROOT / "trees/exhibition", tmp_path / "trees/exhibition", ignore=shutil.ignore_patterns("latest", "20*"))
    (text,) = [text for kind, text in blocks(ROOT / "docs/running.md") if kind == "yaml" and "introduction:" in text]
    place.write("trees/exhibition/overrides.yaml", text)
    place.write("trees/exhibition/overrides/portrait.png", png("mine"))
    result = place.run("exhibition", offline=True)
    assert result.output["introduction"] == yaml.safe_load(text)["introduction"]
    assert (result.folder / result.output["series"][0]["portrait"]).read_bytes() == png("mine")
    assert result.summary.totals.calls == 34


def anchor(heading: str) -> str:
    """A heading's address, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, part = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), f"{page.name}: {target}"
        if part:
            headings = re.findall(r"^#+ (.*)$", file.read_text("utf-8"), re.MULTILINE)
            assert part in map(anchor, headings), f"{page.name}: {target}"
