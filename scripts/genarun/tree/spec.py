"""What a tree says, as pydantic models: the one definition that loading, editors' completion and the reference share.

`trees/tree.schema.json` is generated from here (`make schema`; `make check` fails when it drifts). Keys are camelCase in
files and snake_case in code. These models hold a tree *after* reading and before any default is filled in from
`trees/defaults.yaml`: a field that is None was not written.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, WithJsonSchema
from pydantic.alias_generators import to_camel

Json = Any

_DURATION = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,6})?)\s*(ms|s|m|h|d)")
_UNIT = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


def parse_duration(value: object) -> object:
    """Milliseconds from a number, or from text such as `250ms`, `30s`, `1.5m`, `2h`; other values pass through to fail."""
    if isinstance(value, str):
        found = _DURATION.fullmatch(value.strip())
        if found:
            return round(float(found[1]) * _UNIT[found[2]])
    return value


Duration = Annotated[
    int,
    BeforeValidator(parse_duration),
    Field(ge=0),
    WithJsonSchema(
        {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": rf"^\s*{_DURATION.pattern}\s*$"}]}
    ),
]
"""Milliseconds; files may write `30s` instead."""

# Where a value can be written in several forms, its shape decides which one is meant, so that a fault in it is told once and
# about the form that was meant. The tags stand in pydantic's places of faults; `tree.faults` takes them out again.
TAGS = ("<text>", "<number>", "<flag>", "<list>", "<mapping>", "<file>")


_FORMS = (("<text>", str), ("<flag>", bool), ("<number>", (int, float)), ("<list>", list))


def _form(value: object) -> str | None:
    if isinstance(value, FileRef):
        return "<file>"
    if isinstance(value, dict | BaseModel):
        return "<mapping>"
    return next((tag for tag, kinds in _FORMS if isinstance(value, kinds)), None)


def _file_form(value: object) -> str | None:
    return "<file>" if isinstance(value, dict) and "file" in value else _form(value)


def _by(form: Callable[[object], str | None], name: str) -> Discriminator:
    return Discriminator(form, custom_error_type=name, custom_error_message=name)


class Spec(BaseModel):
    """Base of all models here: camelCase in files, unknown keys refused."""

    model_config = ConfigDict(
        alias_generator=to_camel, validate_by_name=True, validate_by_alias=True, extra="forbid", frozen=True, strict=True
    )


class FileRef(Spec):
    """`{file: prompts/x.md}`: text kept in a file beside the config, its path relative to the tree's folder."""

    file: str = Field(description="Path of a text file, relative to the tree's folder.")


Text = Annotated[
    Annotated[str, Tag("<text>")] | Annotated[FileRef, Tag("<file>")],
    _by(lambda value: "<file>" if isinstance(value, dict) else _form(value), "form_of_text"),
]


class PromptParts(Spec):
    """A prompt in parts; prefix, template and suffix are joined by one space, empty ones left out."""

    prefix: Text | None = Field(None, description="Put before the template.")
    template: Text | None = Field(None, description="The prompt itself; `${name}` reads a value.")
    suffix: Text | None = Field(None, description="Put after the template.")
    system: Text | None = Field(None, description="The system message.")
    parse_json: bool = Field(False, description="Ask for JSON and read the answer as JSON.")
    images: list[Text] | None = Field(
        None,
        min_length=1,
        description="Pictures that the model is shown: `${name}` of what is or holds pictures, or a file.",
    )


class Turn(Spec):
    """One turn of a conversation: one call, which sees the answers before it."""

    system: Text | None = Field(None, description="A system message that this turn adds.")
    template: Text = Field(description="What is asked in this turn.")
    parse_json: bool = Field(False, description="Ask for JSON and read the answer as JSON.")
    images: list[Text] | None = Field(None, min_length=1, description="Pictures that this turn shows.")


Prompt = Annotated[
    Annotated[str, Tag("<text>")]
    | Annotated[FileRef, Tag("<file>")]
    | Annotated[PromptParts, Tag("<mapping>")]
    | Annotated[list[Turn], Field(min_length=1), Tag("<list>")],
    _by(_file_form, "form_of_prompt"),
]


class ModelChoice(Spec):
    """`{name: text, temperature: 0.2}`: an alias with parameters of this node's own, which beat the alias's."""

    model_config = ConfigDict(
        alias_generator=to_camel, validate_by_name=True, validate_by_alias=True, extra="allow", frozen=True, strict=True
    )
    name: str = Field(description="An alias under `models`, in the tree or in trees/defaults.yaml.")

    @property
    def params(self) -> dict[str, Json]:
        """Everything but the name, as written."""
        return dict(self.model_extra or {})


class NodeConfig(Spec):
    """What a node asks, and whom. A kind may declare further keys (`KindFacts.extra_config`), kept in `model_extra`."""

    model_config = ConfigDict(
        alias_generator=to_camel, validate_by_name=True, validate_by_alias=True, extra="allow", frozen=True, strict=True
    )
    prompt: Prompt | None = Field(None, description="What is asked; see docs on prompts.")
    model: (
        Annotated[
            Annotated[str, Tag("<text>")] | Annotated[ModelChoice, Tag("<mapping>")],
            _by(_form, "form_of_model"),
        ]
        | None
    ) = Field(
        None,
        description="A model alias, or `{name: alias, …parameters}`. Default: what the kind asks for: `text`, `image`, …",
    )
    picks: bool = Field(True, description="Whether `[a | b]` in prompts picks one.")


class Validation(Spec):
    """What a value must satisfy beside its schema."""

    min_length: int | None = Field(None, ge=0, description="Fewest items of an array, fewest characters of a text.")
    max_length: int | None = Field(None, ge=0, description="Most items of an array, most characters of a text.")
    required: (
        Annotated[
            Annotated[bool, Tag("<flag>")] | Annotated[list[str], Tag("<list>")],
            _by(_form, "form_of_required"),
        ]
        | None
    ) = Field(None, description="true: not empty. A list: the fields that an object, or each object of an array, must have.")
    min_confidence: float | None = Field(
        None, gt=0, le=1, description="choice and number: least probability of the answer, by the tokens' log-probabilities."
    )


Operator = Literal["equals", "not_equals", "contains", "starts_with", "ends_with", "gt", "lt", "in_range", "exists"]


class Condition(Spec):
    """One condition of `when`."""

    name: str = Field(description="A name as prompts use it, dots included: `series.title`.")
    operator: Operator = Field("equals", description="How the value is compared.")
    value: Json = Field(None, description="What it is compared with; for `in_range` a list of two numbers.")


class Retry(Spec):
    """How often a failed call, or an answer that does not fit, is tried again."""

    max: int | None = Field(None, ge=0, le=20, description="Further tries after the first. Default: errorPolicy's maxRetries.")
    delay: Duration | None = Field(
        None, description="Wait before the first further try; doubles, with jitter. Default: errorPolicy's retryDelay."
    )


class NodeSpec(Spec):
    """One step of a tree."""

    id: str = Field(
        pattern=r"^[A-Za-z][A-Za-z0-9_-]*$", max_length=64, description="Name of the node, unique among siblings ignoring case."
    )
    type: str = Field(
        description="The node's kind: text, text-array, object, object-array, image, audio, video, embedding, number, choice, "
        "range, tree, group, template."
    )
    description: str | None = Field(None, description="What the node is for; shown to people, and shapes offline answers.")
    required_inputs: list[str] | None = Field(None, description="Names that must have a value before this node runs.")
    output_key: str | None = Field(None, min_length=1, description="Key of this node's value in the output. Default: its id.")
    item_key: str | None = Field(None, min_length=1, description="Name of an array's item for its children. Default: item.")
    parallel: bool = Field(True, description="false runs an array's items one after the other.")
    config: NodeConfig | None = Field(None, description="Prompt and model.")
    schema_: dict[str, Json] | None = Field(
        None, alias="schema", description="JSON Schema of the value (of one item, for an array)."
    )
    validation: Validation | None = Field(None, description="Lengths and required fields.")
    when: (
        Annotated[
            Annotated[Condition, Tag("<mapping>")] | Annotated[list[Condition], Tag("<list>")],
            _by(_form, "form_of_when"),
        ]
        | None
    ) = Field(None, description="Runs only if all conditions hold.")
    retry: (
        Annotated[
            Annotated[int, Field(ge=0, le=20), Tag("<number>")] | Annotated[Retry, Tag("<mapping>")],
            _by(_form, "form_of_retry"),
        ]
        | None
    ) = Field(None, description="Further tries; a number, or {max, delay}.")
    timeout: Duration | None = Field(None, description="Longest time for one call.")
    cache: Literal["reuse", "shared", "never"] = Field(
        "reuse",
        description="reuse: an unchanged request takes its recorded value. shared: equal requests share one call. "
        "never: always call.",
    )
    on_error: Literal["fail", "skip", "null"] = Field("fail", description="What a failure does: fail, leave out, or null.")
    collapse: bool = Field(False, description="Put the only child's value in this node's place.")
    enabled: bool = Field(True, description="false leaves the node and its children out.")
    generations: list[NodeSpec] | None = Field(None, description="Child nodes.")


class InputSpec(Spec):
    """A value that a run is given, or that comes from another tree."""

    type: Literal["string", "number", "integer", "boolean", "object", "array", "any"] = Field(
        "string", description="JSON type of the value. An input with `from` is `any`."
    )
    default: Json = Field(None, description="Used when no value is given; without it the input is required.")
    enum: list[Json] | None = Field(None, min_length=1, description="The values allowed.")
    description: str | None = Field(None, description="Shown when the value is missing.")
    from_: str | None = Field(
        None, alias="from", description="A tree whose latest output is the value; this tree then runs after it."
    )


class Budget(Spec):
    """What a run may spend. A run stops before the call that could exceed any of these; null lifts a limit."""

    usd: float | None = Field(None, ge=0, description="Dollars per run.")
    calls: int | None = Field(None, ge=0, description="Requests sent per run, retries included.")
    minutes: float | None = Field(None, ge=0, description="Minutes of one command.")


class ErrorPolicy(Spec):
    """What failures do to the rest of the run."""

    continue_on_child_failure: bool | None = Field(None, description="Go on elsewhere when an instance fails. Default true.")
    return_partial_results: bool | None = Field(None, description="Write what there is when something failed. Default true.")
    publish_partial: bool | None = Field(None, description="Let a partial run become latest/. Default false.")
    max_retries: int | None = Field(None, ge=0, le=20, description="Further tries per call. Default 3.")
    retry_delay: Duration | None = Field(None, description="Wait before the first further try. Default 1s.")


class Price(Spec):
    """Prices of a model, in dollars; beat the price list."""

    input: float | None = Field(None, ge=0, description="Dollars per million input tokens.")
    output: float | None = Field(None, ge=0, description="Dollars per million output tokens.")
    image: float | None = Field(None, ge=0, description="Dollars per picture.")
    second: float | None = Field(None, ge=0, description="Dollars per second of sound or film.")
    characters: float | None = Field(None, ge=0, description="Dollars per million characters of text spoken.")
    call: float | None = Field(None, ge=0, description="Dollars per call.")


class MemberSpec(Spec):
    """One model of a pool, written out where it stands."""

    provider: str = Field(description="openai, replicate, offline, or a name under `providers`.")
    model: str = Field(description="The service's own name of the model.")
    params: dict[str, Json] | None = Field(None, description="Parameters as the service names them.")
    concurrency: int | None = Field(None, ge=1, le=1000, description="Calls at once. Default 8.")
    rpm: int | None = Field(None, ge=1, description="Calls started per minute.")
    price: Price | None = Field(None, description="Prices that beat the price list.")


class BreakerSpec(Spec):
    """When a pool leaves a model alone for a while."""

    failures: int | None = Field(None, ge=1, le=1000, description="Failed calls in a row that it takes. Default 3.")
    cool_down: Duration | None = Field(None, description="How long it is left alone; then one call tries it. Default 30s.")


Policy = Literal["ordered", "cheapest", "round-robin", "random", "sticky"]
"""Which model of a pool an instance asks first; the others follow where it fails."""


class ModelSpec(Spec):
    """What an alias stands for: one model, or a pool of several."""

    provider: str | None = Field(None, description="openai, replicate, offline, or a name under `providers`.")
    model: str | None = Field(None, description="The service's own name of the model.")
    params: dict[str, Json] | None = Field(None, description="Parameters as the service names them.")
    concurrency: int | None = Field(None, ge=1, le=1000, description="Calls at once. Default 8.")
    rpm: int | None = Field(None, ge=1, description="Calls started per minute.")
    price: Price | None = Field(None, description="Prices that beat the price list.")
    models: (
        list[
            Annotated[
                Annotated[str, Tag("<text>")] | Annotated[MemberSpec, Tag("<mapping>")],
                _by(_form, "form_of_member"),
            ]
        ]
        | None
    ) = Field(
        None,
        min_length=1,
        description="Several models instead of one: aliases, or `{provider, model}`. Parameters beside it beat theirs.",
    )
    policy: Policy | None = Field(None, description="Which of `models` is asked first. Default ordered: as they are listed.")
    sticky: str | None = Field(None, description="For the policy sticky: the input whose value decides.")
    breaker: BreakerSpec | None = Field(None, description="When one of `models` is passed over.")


class ProviderSpec(Spec):
    """A service reached through one of the known protocols."""

    provider: str | None = Field(
        None, description="Whose protocol it speaks, of those that `genarun models` lists. Default: its own, else openai."
    )
    base_url: str | None = Field(None, description="Address of the service.")
    key_env: str | None = Field(None, description="The variable that holds its key; empty text for a service without keys.")
    params: dict[str, Json] | None = Field(None, description="Parameters for every call.")
    options: dict[str, Json] | None = Field(None, description="Further settings of the protocol.")


class Assets(Spec):
    """What happens to files that a run makes."""

    max_bytes: int | None = Field(None, ge=1, description="Bytes of the largest file kept. Default 20 MB.")
    format: Literal["keep", "webp"] | None = Field(
        None,
        description="keep: as the service sent it. webp: PNG and JPEG pictures are converted where that makes them smaller. "
        "Default keep.",
    )
    allow_private: bool | None = Field(None, description="Let downloads go to private addresses. Default false.")


class Retention(Spec):
    """How long runs are kept."""

    runs: int | None = Field(None, ge=1, description="Newest runs kept by `purge`.")
    days: int | None = Field(None, ge=0, description="Runs younger than this are kept by `purge`.")


class TreeSettings(Spec):
    """What both a tree and trees/defaults.yaml may say; merged key by key, the tree wins."""

    budget: Budget | None = Field(None, description="What a run may spend.")
    error_policy: ErrorPolicy | None = Field(None, description="What failures do to the rest of the run.")
    models: dict[str, ModelSpec] | None = Field(None, description="Model aliases.")
    providers: dict[str, ProviderSpec] | None = Field(None, description="Services beside the built-in ones.")
    assets: Assets | None = Field(None, description="What happens to files that a run makes.")
    output_formats: list[Literal["json", "md"]] | None = Field(None, description="Formats of the output. Default json.")
    retention: Retention | None = Field(None, description="How long runs are kept.")
    timeout: Duration | None = Field(None, description="Longest time for one call. Default 120s.")


class TreeSpec(TreeSettings):
    """A tree, version 1."""

    editor_schema: str | None = Field(None, alias="$schema", description="Address of this schema, for editors.")
    version: Literal[1] = Field(description="1. A file without it is read as a Genarun v0 tree.")
    id: str | None = Field(
        None, pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=64, description="Name of the tree. Default: its folder's name."
    )
    title: str | None = Field(None, description="Title for people.")
    description: str | None = Field(None, description="What the tree makes.")
    kind: Literal["data", "sitegen"] = Field("data", description="data, or sitegen for a tree that proposes the site.")
    rerun_on_change: bool = Field(True, description="Whether a push that changes the tree runs it.")
    inputs: dict[str, InputSpec] | None = Field(None, description="Values that a run is given.")
    seed: Annotated[
        Annotated[int, Tag("<number>")] | Annotated[Literal["date", "random"], Tag("<text>")],
        _by(_form, "form_of_seed"),
    ] = Field(0, description="A number, `date` (a new one each day, UTC) or `random`.")
    generations: list[NodeSpec] = Field(min_length=1, description="Top-level nodes.")


class DefaultsSpec(TreeSettings):
    """trees/defaults.yaml: inherited by every tree."""

    editor_schema: str | None = Field(None, alias="$schema", description="Address of a schema, for editors.")
