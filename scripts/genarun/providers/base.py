"""The door for model services: read this file first when you add one.

A provider turns a `ModelRequest` into a `ModelReply`. It knows one service's protocol and nothing else: retries, limits,
budgets, reuse, validation and journalling belong to the engine and are the same for every provider. Built-in providers
come in by the entry-point group `genarun.providers`, exactly as a third party's package does; `catalog.py` lists them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from genarun.tree.kinds import Medium as Medium

if TYPE_CHECKING:
    from collections.abc import Sequence

Json = Any  # a JSON value: None, bool, int, float, str, list, dict
Message = Mapping[str, Json]
Structured = Literal["schema", "json", "none"]
"""How a service takes the shape of an answer: by JSON Schema, as free JSON with the shape in words, or in words alone."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A picture that goes with a request.

    digest: what messages, keys and records name it by: `sha256:` and the first 16 hex digits. name: its file, relative to
    output.json, or to the tree's folder for a picture that a person put there. data: its bytes, read by the engine just
    before the call and empty until then. media_type: as the bytes show it, set with them.
    """

    digest: str
    name: str
    data: bytes = b""
    media_type: str | None = None


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One call to one model. Everything that decides the answer is here; the reuse key is made from it.

    medium: what comes back: `text`, `image`, `audio`, `video` or `embedding`.
    model: the service's own name for the model.
    params: parameters as the service names them, merged already: node over alias over provider.
    messages: rendered turns, `{"role": "system"|"user"|"assistant", "content": str}`; a user's turn that shows pictures has
        `"images": [digest, …]` too. For anything but text, one user message: what to draw, say, film or embed.
    schema: JSON Schema (draft 2020-12) of the answer where one is wanted, always an object at its root; else None.
    json: whether the answer must be JSON (true whenever `schema` is given).
    logprobs: whether the log-probabilities of the answer's tokens are wanted. A service without them answers all the same.
    attached: the pictures that messages name, by digest. Not in the key: the digests are.
    seed: the run's resolved seed. Only providers that declare so (offline) let it decide the answer.
    about: the node's description, else its id with dashes as spaces: for people, logs and offline answers.
    node, path: the node's id and the instance's path, for messages and for recordings. Never part of the key.
    """

    medium: Medium
    model: str
    params: Mapping[str, Json]
    messages: tuple[Message, ...]
    schema: Mapping[str, Json] | None = None
    json: bool = False
    logprobs: bool = False
    attached: Mapping[str, Attachment] = field(default_factory=dict)
    seed: int = 0
    about: str = ""
    node: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """What one call used, as the service reports it; None where it does not say.

    images: pictures made. seconds: of sound or film made. characters: of text spoken, where the service counts these.
    """

    input_tokens: int | None = None
    output_tokens: int | None = None
    images: int | None = None
    seconds: float | None = None
    characters: int | None = None


@dataclass(frozen=True, slots=True)
class File:
    """A file in an answer: bytes, or an address to download them from. media_type as `image/png`, None if unknown."""

    data: bytes | None = None
    url: str | None = None
    media_type: str | None = None


@dataclass(frozen=True, slots=True)
class ModelReply:
    """What came back: `text` for text, `files` for pictures, sound and film, `vector` for an embedding.

    usd: where the service itself names the price. model: the model that answered, in the service's own words.
    tokens: the text's tokens, each with its natural log-probability (0 or below), where they were asked for and given; joined
        they are the text. confidence: from 0 to 1, of a recorded answer: what was made of its tokens when it came.
    recorded: not asked now, but in an earlier run.
    """

    text: str | None = None
    files: tuple[File, ...] = ()
    vector: tuple[float, ...] | None = None
    usage: Usage = field(default_factory=Usage)
    usd: Decimal | None = None
    model: str | None = None
    tokens: tuple[tuple[str, float], ...] = ()
    confidence: float | None = None
    recorded: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """A model that a service says it has. media: what it makes, None where the service does not tell. note: for people."""

    model: str
    media: frozenset[Medium] | None = None
    note: str = ""


class Provider(Protocol):
    """A live connection to one service, made once per run and used by many calls at once."""

    def identity(self, request: ModelRequest) -> dict[str, Json]:
        """What, beside the request itself, decides the answer: at least `provider`; `baseUrl` where there is one; `seed`
        for providers whose answers depend on it. Part of the reuse key, so it must not change between runs."""

    async def open(self) -> None:
        """Make ready: heavy imports, connections. Called before the first call and outside of its time-out; may be called
        again, and by several calls at once, so it must not wait between looking and making."""

    async def call(self, request: ModelRequest) -> ModelReply:
        """Ask once. Raises ProviderError, never another exception, for whatever the service or the network does."""

    async def close(self) -> None:
        """Free connections. Called once, also after errors."""


class ListsModels(Protocol):
    """What a provider may do beside: `genarun models` asks it. Looked for by `hasattr(provider, "models")`."""

    async def models(self) -> Sequence[Listed]:
        """The models that this key can reach. Raises ProviderError."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a provider is made with.

    name: the name under which trees know it (`openai`, or one from `providers:` in defaults.yaml).
    info: the entry that it is made from: one class can speak for many services.
    base_url: from the tree's settings; None means the service's own or its SDK's environment variable.
    key_env: the variable that holds the key; None means the provider's own.
    env: the environment, `.env` included. Providers read it and never os.environ.
    tree_folder: the folder of the tree that runs, for recordings; None for a tree without one.
    step_folders: those of the trees that are steps of it.
    allow_private: whether downloads may go to private addresses.
    options: anything else that the tree's settings say for this provider.
    """

    name: str
    base_url: str | None = None
    key_env: str | None = None
    info: ProviderInfo | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    tree_folder: Path | None = None
    step_folders: tuple[Path, ...] = ()
    allow_private: bool = False
    options: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProviderInfo:
    """What can be known of a provider without importing its package: what an entry point names.

    name: as trees write it.
    implementation: `module:Class`, imported when a tree uses it; called with `Settings`.
    media: what it can make.
    key_env: the variable that holds its key; None where it needs none.
    key_optional: whether it may do without that key: a server that asks for none, a program that is signed in by itself. A
        variable that a tree names with `keyEnv` is needed all the same.
    key_url: where a person gets a key.
    secret_env: every variable whose value must never be shown, `key_env` among them.
    base_url: the service's address; None where it has none.
    base_url_env: the variable that the service's SDK honours for it.
    host_only: whether that variable names the server alone, as `127.0.0.1:11434` does; the rest is as in base_url.
    extra: the package that must be installed, with its install command, where it is not a core dependency.
    title: for people: `Google Gemini`. page: where its own documentation starts.
    models: sensible models to begin with, by medium.
    defaults: parameters sent where a tree gives none, by medium.
    structured: how it takes the shape of an answer. sees: whether texts can be asked about pictures. logprobs: whether it
        gives log-probabilities of tokens.
    prices: its id in `genai-prices`; None where that list does not know it.
    local: runs on the person's own machine, and costs nothing as long as its address is there.
    limits: what people should know, a sentence each.
    options: what `options:` may hold, and what each does.
    """

    name: str
    implementation: str
    media: frozenset[Medium]
    key_env: str | None = None
    key_optional: bool = False
    key_url: str | None = None
    secret_env: tuple[str, ...] = ()
    base_url: str | None = None
    base_url_env: str | None = None
    host_only: bool = False
    extra: str | None = None
    title: str = ""
    page: str | None = None
    models: Mapping[Medium, str] = field(default_factory=dict)
    defaults: Mapping[Medium, Mapping[str, Json]] = field(default_factory=dict)
    structured: Structured = "none"
    sees: bool = False
    logprobs: bool = False
    prices: str | None = None
    local: bool = False
    limits: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
