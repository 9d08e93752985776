"""A Genarun v0 project runs as it is, and its output has the shape that v0 published."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.helpers import Place, asked, chats
from tests.services.openai_service import OpenAIService

PROJECT = {
    "baseDir": "2024",
    "outputFormats": ["md", "json"],
    "models": {
        "text": {"endpoint": "gpt-4", "defaultParams": {"temperature": 0.7, "maxTokens": 900}},
        "image": {"endpoint": "dall-e-3", "defaultParams": {"size": "1024x1024"}},
    },
    "generations": [
        {
            "id": "year",
            "type": "object",
            "requiredInputs": ["year"],
            "generations": [
                {
                    "id": "ideas",
                    "type": "text-array",
                    "outputKey": "themes",
                    "config": {
                        "prompt": [
                            {"template": "Think of many subjects for ${year}"},
                            {"parseJson": True, "template": "Keep three, as JSON: {data: ['a', 'b']}"},
                        ],
                        "model": {"name": "text", "temperature": 0.8},
                    },
                    "validation": {"minLength": 3, "maxLength": 20, "required": True},
                    "generations": [
                        {
                            "id": "series",
                            "type": "object",
                            "requiredInputs": ["i"],
                            "outputKey": "texts",
                            "config": {"prompt": [{"parseJson": True, "template": "A series in JSON on [this | that] ${i}"}]},
                            "validation": {"required": ["title", "portrait"]},
                            "generations": [
                                {
                                    "id": "photogPortraitUrl",
                                    "type": "image",
                                    "config": {"prompt": {"prefix": "Face:", "template": "${portrait}", "suffix": "in grey"}},
                                },
                                {
                                    "id": "photos",
                                    "type": "text-array",
                                    "outputKey": "scenes",
                                    "config": {"prompt": [{"parseJson": True, "template": "Five scenes in JSON of ${title}"}]},
                                    "validation": {"minLength": 5},
                                    "generations": [
                                        {
                                            "id": "imageUrls",
                                            "type": "image",
                                            "requiredInputs": ["i"],
                                            "config": {"prompt": {"template": "Scene: ${i}"}, "model": {"name": "image"}},
                                        }
                                    ],
                                },
                            ],
                        }
                    ],
                }
            ],
        }
    ],
}


def answer(body: dict[str, Any]) -> Any:
    text = asked(body).split("\n")[0]  # below it the provider may ask for JSON in words
    if text.startswith("Keep three"):
        return {"data": ["harbours", "trams", "rain"]}
    if text.startswith("A series"):
        return {"title": f"On {text.split()[-1]}", "portrait": f"A face for {text.split()[-1]}"}
    if text.startswith("Five scenes"):
        return {"data": [f"{text[22:]} {n}" for n in range(5)]}
    return None


def test_a_v0_project_runs_unchanged(tmp_path: Path) -> None:
    with OpenAIService(answer=answer) as service:
        place = Place(tmp_path, service, defaults="assets: {allowPrivate: true}\nbudget: {usd: 50, calls: 500}\n")
        place.write("trees/old/config.json", json.dumps(PROJECT))
        result = place.run("old", inputs={"year": "2024"})

        assert result.status == "succeeded", result.failures
        assert any("Genarun v0" in text for text in result.warnings)
        assert isinstance(result.output, list), "a node with one child becomes that child's value, up to the top"
        assert [sorted(entry) for entry in result.output] == [["photogPortraitUrl", "photos", "portrait", "title"]] * 3
        for entry in result.output:
            assert entry["photogPortraitUrl"].startswith("assets/photogPortraitUrl-")
            assert len(entry["photos"]) == 5
            assert all(photo.startswith("assets/imageUrls-") for photo in entry["photos"])
        said = [text.split("\n")[0] for text in chats(service)]
        assert said[0] == "Think of many subjects for 2024"
        assert "A series in JSON on [this | that] harbours" in said, "picks are off"
        assert "Face: A face for trams in grey" in said
        assert service.asked[0].json["temperature"] == 0.8
        assert result.folder is not None
        assert (result.folder / "output.md").is_file()
        assert place.run("old", inputs={"year": "2024"}).unchanged


def test_a_bare_root_node_and_a_missing_name(tmp_path: Path) -> None:
    with OpenAIService(answer=answer) as service:
        place = Place(tmp_path, service, defaults="assets: {allowPrivate: true}\nbudget: {usd: 50, calls: 500}\n")
        place.write("trees/old/config.json", json.dumps(PROJECT["generations"][0]))  # type: ignore[index]
        result = place.run("old")
        assert chats(service)[0].strip() == "Think of many subjects for", "a missing name renders as nothing"
        assert len(result.output) == 3
