"""What a model takes, by the input schema that the service publishes of it, and how a request becomes that input.

Every version of a model describes itself by an OpenAPI document, whose `components.schemas.Input` names its parameters
(https://replicate.com/docs/reference/http#models.versions.get). What does not fit is refused here, before anything is started.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from genarun.errors import ProviderError
from genarun.providers.base import Attachment, Json, Medium, ModelRequest
from genarun.providers.faults import Service, quote
from genarun.tree.fit import Fit, SchemaFault, fits
from genarun.tree.report import nearest

PROMPTS: tuple[str, ...] = (
    *("prompt", "text", "input", "inputs", "message", "query", "question", "instruction", "caption", "script", "content"),
    *("input_text", "text_input", "text_prompt", "input_prompt", "user_prompt", "positive_prompt", "gen_text"),
    *("texts", "prompts", "sentences", "lyrics"),
)
"""Parameters for what a node asks, likeliest first."""

SPOKEN: tuple[str, ...] = ("text", *PROMPTS)
"""The same for sound: models that speak take the words as `text`, and as `prompt` how to say them."""

SYSTEMS: tuple[str, ...] = ("system_prompt", "system_instruction", "system_message", "system")
"""Parameters for what is said beforehand."""

PICTURES: tuple[str, ...] = (
    *("image", "images", "input_image", "input_images", "image_input", "image_inputs", "image_prompt"),
    *("start_image", "first_frame_image", "first_frame", "init_image", "source_image", "image_path", "img"),
    *("input_reference", "reference_image", "reference_images"),
)
"""Parameters for the pictures that a node shows, likeliest first."""

_PICTURE = re.compile(r"image|img|photo|picture|frame", re.I)
_NO_PROMPT = re.compile(r"url|path|file|dir|token|key|secret|json|image|audio|video|(^|_)id$", re.I)
_LONGEST_LIST = 1000
_MANY = 1_000_000


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter. schema: JSON Schema of its value, without wrappings. nullable: whether null is a value too."""

    schema: Mapping[str, Json]
    nullable: bool
    required: bool

    @property
    def text(self) -> bool:
        """Whether it takes what a person wrote: no address, no secret, no choice of few."""
        one = self._one
        return one.get("type", "string") == "string" and not {"enum", "format", "allOf", "anyOf", "$ref"} & set(one)

    @property
    def pictures(self) -> int:
        """How many pictures it takes."""
        one = self._one
        if one.get("type", "string") != "string" or one.get("format", "uri") != "uri" or {"enum", "allOf"} & set(one):
            return 0
        most = self.schema.get("maxItems", _MANY)
        return (most if isinstance(most, int) else _MANY) if self.many else 1

    @property
    def many(self) -> bool:
        """Whether it takes a list."""
        return self.schema.get("type") == "array"

    @property
    def _one(self) -> Mapping[str, Json]:
        items = self.schema.get("items") if self.many else self.schema
        return items if isinstance(items, dict) else {}


class Inputs:
    """What one model takes."""

    def __init__(self, parameters: Mapping[str, Parameter], components: Json = None, *, closed: bool = True) -> None:
        """parameters: in the order of the model's page. components: where references point. closed: whether these are all."""
        self.parameters = parameters
        self._closed = closed
        self._components = components
        self._fits: dict[str, Fit] = {}

    def fill(self, service: Service, request: ModelRequest, prompt: str, system: str) -> dict[str, Any]:
        """The input for a request: its prompt, system text and pictures where they belong, and over them its parameters.

        Pictures are in it as Attachment. Raises ProviderError, which is not fatal: other nodes ask other models, and what is
        wrong here costs nothing, however often it comes.
        """
        about, given = f"{request.model} on {service.name}", request.params
        for name in given:
            if self._closed and name not in self.parameters and not self._declines(name, given):
                raise self._unknown(about, name)
        found: dict[str, Any] = {}
        where = self._for_text(SYSTEMS, given) if system else None
        if where:
            found[where] = system
        elif system:
            prompt = f"{system}\n\n{prompt}"
        where = self._for_prompt(request.medium, given)
        if where:
            found[where] = [prompt] if self.parameters[where].many else prompt
        elif not self._declines("prompt", given):
            raise self._nowhere(about)
        if shown := _shown(request):
            where = self._for_pictures(about, shown, given)
            found[where] = shown if self.parameters[where].many else shown[0]
        found |= {name: value for name, value in given.items() if name in self.parameters or not self._closed}
        for name, value in found.items():
            self._check(service, about, name, value)
        for name, parameter in self.parameters.items():
            if parameter.required and name not in found:
                raise self._missing(about, name)
        return found

    # Where things go

    def _for_text(self, names: Sequence[str], given: Mapping[str, Json]) -> str | None:
        return self._first([name for name in names if name in self.parameters and self.parameters[name].text], given)

    def _first(self, names: Sequence[str], given: Mapping[str, Json]) -> str | None:
        """The likeliest of these names: one that must have a value, and has none, comes before the others."""
        lacking = [name for name in names if self.parameters[name].required and name not in given]
        return next(iter(lacking or names), None)

    def _for_prompt(self, medium: Medium, given: Mapping[str, Json]) -> str | None:
        found = self._for_text(SPOKEN if medium == "audio" else PROMPTS, given)
        # A model may have a name of its own for it: the first text that it must have, unless the name says otherwise.
        needed = [name for name, one in self.parameters.items() if one.required and not _NO_PROMPT.search(name)]
        return found or self._for_text(needed, given)

    def _declines(self, name: str, given: Mapping[str, Json]) -> bool:
        """Whether a person says that this model, which takes no text, is to be sent none."""
        return name == "prompt" and name not in self.parameters and name in given and given[name] is None

    def _for_pictures(self, about: str, shown: Sequence[Attachment], given: Mapping[str, Json]) -> str:
        known = [name for name in PICTURES if name in self.parameters and self.parameters[name].pictures]
        known = known or [name for name in self.parameters if self._needs_picture(name)]
        if enough := self._first([name for name in known if self.parameters[name].pictures >= len(shown)], given):
            return enough
        most = max((self.parameters[name].pictures for name in known), default=0)
        takes = "no pictures" if not most else "one picture" if most == 1 else f"{most} pictures at most"
        raise ProviderError(
            "pictures-not-taken",
            f"{about} takes {takes}, and the node shows it {len(shown)}",
            hint=f"{'Show fewer, or choose' if most else 'Choose'} another model.{self._takes()}",
        )

    def _needs_picture(self, name: str) -> bool:
        parameter = self.parameters[name]
        return parameter.required and parameter.pictures > 0 and not parameter.text and bool(_PICTURE.search(name))

    # What does not fit

    def _check(self, service: Service, about: str, name: str, value: Json) -> None:
        parameter = self.parameters.get(name)
        if parameter is None or not parameter.schema or (value is None and parameter.nullable):
            return
        fit = self._fits.get(name)
        if fit is None:
            try:
                fit = fits({**parameter.schema, "components": self._components})
            except SchemaFault:  # a schema that is none checks nothing
                fit = _anything
            self._fits[name] = fit
        # In place of a picture stands what it is sent as: an address.
        plain = [_as_sent(one) for one in value] if isinstance(value, list) else _as_sent(value)
        if sentence := fit(plain):
            default = parameter.schema.get("default")
            shown = quote(json.dumps(default, ensure_ascii=False), (), 60)
            left_out = "" if default is None or parameter.required else f" Left out, it is {shown}."
            raise ProviderError(
                "parameter-misfit",
                f"the parameter `{name}` of {about} {quote(sentence, service.secrets, _LONGEST_LIST)}",
                hint=f"Nothing was started: change it under `models`, or in the node.{left_out}",
            )

    def _unknown(self, about: str, name: str) -> ProviderError:
        near = nearest(name, self.parameters)
        return ProviderError(
            "parameter-unknown",
            f"{about} has no parameter `{name}`",
            hint=f"Nothing was started.{f' Did you mean `{near}`?' if near else ''}{self._takes()}",
        )

    def _missing(self, about: str, name: str) -> ProviderError:
        parameter = self.parameters[name]
        described = quote(str(parameter.schema.get("description") or parameter.schema.get("title") or "")).rstrip(".")
        way = "Show it a picture, or write it" if self._needs_picture(name) else "Write it"
        return ProviderError(
            "parameter-missing",
            f"{about} needs a value for its parameter `{name}`{f': {described}' if described else ''}",
            hint=f"Nothing was started. {way} under `models`, or in the node.",
        )

    def _nowhere(self, about: str) -> ProviderError:
        return ProviderError(
            "prompt-not-taken",
            f"{about} takes no text, and the node has a prompt for it",
            hint=f"Choose another model, or write `prompt: null` among its parameters to send none.{self._takes()}",
        )

    def _takes(self) -> str:
        return f" It takes {quote(', '.join(self.parameters), (), _LONGEST_LIST)}." if self._closed else ""


UNPUBLISHED = Inputs({name: Parameter({}, True, False) for name in ("prompt", "system_prompt", "image")}, closed=False)
"""A model that publishes no schema: everything is passed on, unchecked."""


def read_inputs(document: Json) -> Inputs:
    """Read a version's OpenAPI document; `UNPUBLISHED` for one that does not say what the model takes."""
    schemas = _within(document, "components", "schemas")
    declared = _within(schemas, "Input")
    written = _within(declared, "properties").items()
    properties = {name: one for name, one in written if isinstance(one, dict) and name.isidentifier()}
    if not properties:
        return UNPUBLISHED
    required = declared.get("required")
    required = required if isinstance(required, list) else []

    def order(name: str) -> tuple[float, str]:
        place = properties[name].get("x-order")
        return (place if isinstance(place, int) else _MANY, name)

    parameters = {name: _parameter(properties[name], schemas, name in required) for name in sorted(properties, key=order)}
    return Inputs(parameters, {"schemas": schemas}, closed=not declared.get("additionalProperties"))


def _parameter(schema: dict[str, Json], schemas: Mapping[str, Json], required: bool) -> Parameter:
    """Take the wrappings off: `nullable` (OpenAPI 3.0), a choice between something and null, `allOf` of one, a reference."""
    nullable = False
    for _ in range(8):
        kinds = schema.get("type")
        if isinstance(kinds, list) and "null" in kinds:
            left = [kind for kind in kinds if kind != "null"]
            schema, nullable = {**schema, "type": left[0] if len(left) == 1 else left}, True
        nullable |= schema.get("nullable") is True
        rest = {name: value for name, value in schema.items() if name not in ("$ref", "allOf", "anyOf", "oneOf", "nullable")}
        choice = schema.get("anyOf") or schema.get("oneOf")
        if isinstance(reference := schema.get("$ref"), str):
            inner = schemas.get(reference.removeprefix("#/components/schemas/"))
        elif isinstance(all_of := schema.get("allOf"), list) and len(all_of) == 1:
            inner = all_of[0]
        elif isinstance(choice, list) and len(choice) == 2 and {"type": "null"} in choice:
            inner = next((one for one in choice if one != {"type": "null"}), None)
            nullable = True
        else:
            break
        if not isinstance(inner, dict):
            break
        schema = {**inner, **rest}
    return Parameter(schema, nullable, required)


def _within(found: Json, *names: str) -> dict[str, Json]:
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def _shown(request: ModelRequest) -> list[Attachment]:
    """The pictures of a conversation, each once: here it becomes one prompt, which shows them all."""
    named = [digest for message in request.messages for digest in message.get("images", ())]
    return [request.attached[digest] for digest in dict.fromkeys(named)]


def _as_sent(value: Any) -> Json:
    return "data:" if isinstance(value, Attachment) else value


def _anything(value: Json) -> None:
    return None
