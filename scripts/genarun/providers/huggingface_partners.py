"""How the partners of Hugging Face's router are asked for a picture, each in its own protocol, and how they answer.

Parameters carry the names of the Hub's task `text-to-image`; where a partner has another name for one, it is written so, as
`huggingface_hub` does it. Partners that are asked again and again until a picture is there (replicate, wavespeed, zai-org) are
left out: what they draw is paid for before it is there, and Genarun speaks to Replicate itself.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import orjson

from genarun.providers.base import File, Json
from genarun.providers.checks import picture_of
from genarun.providers.faults import Service, misses, not_json
from genarun.providers.media import sniff


@dataclass(frozen=True, slots=True)
class Route:
    """Who draws for a model. model: its name there. lora: the address of weights that its base model is to be drawn with."""

    partner: str
    model: str
    lora: str | None = None


def _ask_hf(route: Route, prompt: str, params: dict[str, Json]) -> tuple[str, Json]:
    return f"models/{route.model}", {"inputs": prompt, "parameters": params}


def _ask_fal(route: Route, prompt: str, params: dict[str, Json]) -> tuple[str, Json]:
    body = {"prompt": prompt, **params}
    if "width" in body and "height" in body:
        body["image_size"] = {"width": body.pop("width"), "height": body.pop("height")}
    if route.lora is not None:
        body["loras"] = [{"path": route.lora, "scale": 1}]
        if route.model == "fal-ai/lora":  # draws with any base model, and must be told which
            body["model_name"] = "stabilityai/stable-diffusion-xl-base-1.0"
    return route.model, body


def _ask_nscale(route: Route, prompt: str, params: dict[str, Json]) -> tuple[str, Json]:
    if "width" in params and "height" in params:
        params["size"] = f"{params.pop('width')}x{params.pop('height')}"
    for name in ("num_inference_steps", "cfg_scale"):  # not known there
        params.pop(name, None)
    return "v1/images/generations", {"response_format": "b64_json", "prompt": prompt, "model": route.model, **params}


def _ask_together(route: Route, prompt: str, params: dict[str, Json]) -> tuple[str, Json]:
    if "num_inference_steps" in params:
        params["steps"] = params.pop("num_inference_steps")
    return "v1/images/generations", {"prompt": prompt, "response_format": "base64", **params, "model": route.model}


def _raw(service: Service, body: bytes) -> tuple[File, ...]:
    """The picture that the body is. Nothing but opening it tells whether it is whole."""
    kind = sniff(body)
    if kind is None or not kind.startswith("image/"):
        raise not_json(service, body) if body.lstrip().startswith(b"<") else misses(service, "a picture")
    from PIL import Image  # only where a picture comes this way

    try:
        with Image.open(io.BytesIO(body)) as picture:
            picture.load()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise misses(service, "a whole picture") from None
    return (File(data=body, media_type=kind),)


def _in_json(field: str) -> Callable[[Service, bytes], tuple[File, ...]]:
    """The pictures that an answer in JSON lists: as addresses, or in base64."""

    def read(service: Service, body: bytes) -> tuple[File, ...]:
        try:
            found = orjson.loads(body)
        except orjson.JSONDecodeError:
            raise not_json(service, body) from None
        pictures = found.get(field) if isinstance(found, dict) else None
        if not isinstance(pictures, list) or not pictures:
            raise misses(service, field)
        return tuple(_picture(service, one) for one in pictures)

    return read


def _picture(service: Service, found: Json) -> File:
    inside, url = (found.get("b64_json"), found.get("url")) if isinstance(found, dict) else (None, None)
    if isinstance(inside, str):
        return picture_of(service, inside)
    if not isinstance(url, str):
        raise misses(service, "a picture")
    return picture_of(service, url) if url.startswith("data:") else File(url=url)


@dataclass(frozen=True, slots=True)
class Partner:
    """How one partner is asked. ask: path and body of a request. read: the pictures of an answer; raises ProviderError."""

    ask: Callable[[Route, str, dict[str, Json]], tuple[str, Json]]
    read: Callable[[Service, bytes], tuple[File, ...]]


PARTNERS: Mapping[str, Partner] = {
    "fal-ai": Partner(_ask_fal, _in_json("images")),
    "nscale": Partner(_ask_nscale, _in_json("data")),
    "together": Partner(_ask_together, _in_json("data")),
    "hf-inference": Partner(_ask_hf, _raw),
}
