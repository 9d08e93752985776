"""What a run writes down. Every field is documented here, and nowhere else; `docs/reference/` is generated from it.

`records.jsonl` holds one `Record` a line, `logs.json` one `Summary`. Both carry camelCase keys; a key whose value is null
is left out of a record line, so that lines stay readable in a diff.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

Json = Any

SCHEMA_VERSION = 1

RunStatus = Literal["running", "succeeded", "partial", "failed", "waiting", "stopped"]
"""waiting: for a human. stopped: by a budget or an interrupt."""

RecordStatus = Literal["succeeded", "reused", "overridden", "answered", "waiting", "failed", "skipped"]
"""succeeded: called, and its value stands. reused: a recorded value serves. overridden: a person's value serves.
answered: one call of several that an instance made (an earlier turn, or an answer that did not fit); not the instance's value.
waiting: a person has not answered yet. failed: no value. skipped: left out, by `when` or by `onError` (then with `error`)."""

UNFINISHED: frozenset[RunStatus] = frozenset({"running", "partial", "failed", "waiting", "stopped"})


class _Model(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True, validate_by_alias=True, extra="ignore")


class UsageRecord(_Model):
    """What one call used, as the service reports it."""

    input_tokens: int | None = Field(None, description="Tokens read.")
    output_tokens: int | None = Field(None, description="Tokens written.")
    images: int | None = Field(None, description="Pictures made.")
    seconds: float | None = Field(None, description="Length of the sound or film made.")
    characters: int | None = Field(None, description="Characters spoken, where the service counts these.")


class Pick(_Model):
    """One choice that `[a | b]` made."""

    at: str = Field(description="Position in the prompt, `template:0` for the first brackets of the template.")
    chosen: str = Field(description="The text chosen.")
    of: int = Field(description="How many there were.")


class ErrorRecord(_Model):
    """Why there is no value."""

    code: str = Field(description="Stable name of the kind of error.")
    message: str = Field(description="What went wrong.")
    hint: str | None = Field(None, description="What to do next.")


class Record(_Model):
    """One finished call or instance. The sum of usd over all lines is what the run cost.

    An instance that took one call has one line. An instance that took several (turns of a conversation, repairs of an answer
    that did not fit) has a line `answered` for each call but the last, and its own line for the last.
    """

    path: str = Field(description="The instance: ids from the top, each array's id followed by the item's place.")
    node: str = Field(description="Ids from the top without places: `ideas/series`.")
    type: str = Field(description="The node's kind.")
    status: RecordStatus = Field(description="How the instance, or the call, ended.")
    key: str | None = Field(None, description="`sha256:` of what decides the instance's value; what reuse looks up.")
    call_key: str | None = Field(None, description="`sha256:` of the call's own request where it differs from `key`.")
    call: int | None = Field(None, description="Number of the call within its instance, from 0; none where there was no call.")
    provider: str | None = Field(None, description="Name of the provider that answered.")
    model: str | None = Field(None, description="The service's name of the model.")
    request: dict[str, Json] | None = Field(
        None, description="What was asked: params, messages, and schema where there was one."
    )
    text: str | None = Field(None, description="The raw answer, where the value is not the same text.")
    value: Json = Field(None, description="The value, children left out.")
    asset: str | None = Field(None, description="File that holds the value, relative to the run's folder.")
    confidence: float | None = Field(
        None, description="From 0 to 1: how probable the model found its answer, where the node asks for that."
    )
    usage: UsageRecord | None = Field(None, description="What the call used.")
    usd: str | None = Field(None, description="Dollars as a decimal string; absent where unknown.")
    attempts: int | None = Field(None, description="Requests sent for this call, failed ones included, to any model.")
    started_at: str | None = Field(None, description="UTC, ISO 8601, milliseconds.")
    duration_ms: int | None = Field(None, description="From the first request to the answer, waits between tries included.")
    reused_from: str | None = Field(None, description="`<run id>#<path>` of the line that first held the value.")
    question: dict[str, Json] | None = Field(
        None, description="What a person was asked: ask, prompt, options, and until when. `startedAt` tells since when."
    )
    answered_by: str | None = Field(None, description="Who answered a question.")
    override: str | None = Field(None, description="Where the person's value came from: `overrides.yaml`, or its file.")
    picks: list[Pick] | None = Field(None, description="Choices made in the prompt.")
    warnings: list[str] | None = Field(None, description="What a person should know.")
    error: ErrorRecord | None = Field(None, description="Why there is no value.")


class Totals(_Model):
    """Sums over records."""

    calls: int = Field(0, description="Calls that were answered.")
    requests: int = Field(0, description="Requests sent, failed ones included.")
    reused: int = Field(0, description="Instances whose recorded value was reused.")
    overridden: int = Field(0, description="Instances that a person's value stands for.")
    waiting: int = Field(0, description="Questions that a person has not answered yet.")
    failed: int = Field(0, description="Instances that failed.")
    skipped: int = Field(0, description="Instances left out.")
    input_tokens: int = Field(0, description="Tokens read, where services said.")
    output_tokens: int = Field(0, description="Tokens written, where services said.")
    images: int = Field(0, description="Pictures made, where services said.")
    seconds: float = Field(0, description="Length of the sounds and films made, where services said.")
    characters: int = Field(0, description="Characters spoken, where services said.")
    usd: str = Field("0", description="Dollars spent on calls with a known price.")
    unpriced: int = Field(0, description="Calls whose price is not known; they are not in `usd`.")
    bytes: int = Field(0, description="Size of the files made.")


class Summary(_Model):
    """logs.json: one run in short."""

    schema_version: int = Field(SCHEMA_VERSION, description="Version of this file and of records.jsonl.")
    run: str = Field(description="`<tree>/<stamp>`.")
    tree: str = Field(description="Name of the tree.")
    title: str | None = Field(None, description="The tree's title.")
    status: RunStatus = Field(description="How the run stands.")
    mode: Literal["real", "offline", "replay"] = Field("real", description="Who answered.")
    scope: Literal["full", "part"] = Field("full", description="part: --only or --skip left nodes out.")
    fresh: bool = Field(False, description="Made with --fresh.")
    tree_digest: str = Field(description="`sha256:` of what decides the output.")
    engine: str = Field(description="Version of genarun.")
    inputs: dict[str, Json] = Field(default_factory=dict, description="Inputs as resolved; long ones as `sha256:`.")
    seed: int = Field(description="The seed as resolved.")
    date: str = Field(description="UTC date that `${date}` shows, fixed at the start.")
    started_at: str = Field(description="UTC, ISO 8601.")
    ended_at: str | None = Field(None, description="UTC, ISO 8601; none while it runs.")
    duration_ms: int = Field(0, description="Time spent running, over all the commands that went on with it.")
    totals: Totals = Field(default_factory=Totals, description="Sums over all records.")
    nodes: dict[str, Totals] = Field(default_factory=dict, description="The same by node.")
    models: dict[str, Totals] = Field(default_factory=dict, description="The same by `provider/model`.")
    warnings: list[str] = Field(default_factory=list, description="What a person should know.")
    stopped_by: str | None = Field(None, description="What stopped it: a budget or an interrupt, in words.")
    files: dict[str, str] = Field(default_factory=dict, description="`sha256:` of each file that this run published.")


def utc(moment: datetime) -> str:
    """A time as records write it: UTC, ISO 8601, milliseconds, `Z`."""
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
