"""The page docs/providers.md: every provider that ships, from the catalogue and the kinds. `scripts/reference.py` writes it."""

from __future__ import annotations

from genarun.nodes.registry import node_kinds
from genarun.providers.base import ProviderInfo
from genarun.providers.catalog import CATALOG
from genarun.tree.kinds import Medium

MEDIA: tuple[Medium, ...] = ("text", "image", "audio", "video", "embedding")
MAKES = {"text": "texts", "image": "pictures", "audio": "sound", "video": "film", "embedding": "embeddings"}
SHAPES = {
    "schema": "by JSON Schema",
    "json": "as free JSON, the shape in words",
    "none": "in words alone",
}
PROMPTS = {
    "text": "Write a haiku about a ferry.",
    "image": "A ferry at dusk.",
    "audio": "The last ferry leaves at ten past eleven.",
    "video": "A ferry leaves the harbour.",
    "embedding": "ferry timetable",
}
HEAD = """# Providers

{note}

A model alias names one of these, in a tree or in `trees/defaults.yaml`: `{{provider: mistral, model: …}}`. Where keys go is in
[providers-and-keys.md](providers-and-keys.md); `genarun models` lists what your keys reach; a provider of your own is
[a small package](extending.md). The models named here are ones to begin with: services retire theirs, and the catalogue,
`scripts/genarun/providers/catalog.toml`, is the only place that names them. Every example on this page is run by the tests.
"""


def makes(info: ProviderInfo) -> str:
    """What a provider makes, in words."""
    return ", ".join(MAKES[medium] for medium in MEDIA if medium in info.media)


def kinds_of(info: ProviderInfo) -> str:
    """The kinds of nodes that can ask a provider."""
    return ", ".join(f"`{name}`" for name, kind in node_kinds().items() if kind.medium in info.media)


def example(info: ProviderInfo) -> str:
    """A tree that asks a provider for one of each that it has a model for. Empty for one that has none to begin with."""
    media = [medium for medium in MEDIA if medium in info.models]
    if not media:
        return ""
    aliases = [f"  {medium}: {{provider: {info.name}, model: {_quoted(info.models[medium])}}}" for medium in media]
    nodes = [f'  - {{id: {medium}1, type: {medium}, config: {{prompt: "{PROMPTS[medium]}"}}}}' for medium in media]
    return "\n".join(["```yaml", "version: 1", "models:", *aliases, "generations:", *nodes, "```"])


def _quoted(model: str) -> str:
    return f'"{model}"' if ":" in model or model.startswith("@") else model


def table() -> list[str]:
    """Every provider in one line."""
    lines = [
        "| provider | | makes | shapes | sees pictures | log-probabilities | key |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for info in CATALOG.values():
        cells = [
            f"[`{info.name}`](#{info.name})",
            info.title,
            makes(info),
            SHAPES[info.structured] if "text" in info.media else "",
            "yes" if info.sees else "",
            "yes" if info.logprobs else "",
            f"`{info.key_env}`" if info.key_env else "none",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def section(info: ProviderInfo) -> list[str]:
    """All that is known of one provider."""
    lines = ["", f"## {info.name}", ""]
    title = f"[{info.title}]({info.page})" if info.page else info.title
    lines += [f"{title}. Kinds of nodes: {kinds_of(info)}.", ""]
    if info.key_env:
        where = f", [made here]({info.key_url})" if info.key_url else ""
        free = " It can do without." if info.key_optional else ""
        lines.append(f"- Key: `{info.key_env}`{where}.{free}")
    if info.base_url:
        moved = f"; `{info.base_url_env}` moves it" if info.base_url_env else ""
        lines.append(f"- Address: `{info.base_url}`{moved}.")
    if info.extra:
        lines.append(f"- Needs a package of its own: `{info.extra}`.")
    lines += [f"- Model to begin with, {MAKES[medium]}: `{info.models[medium]}`." for medium in MEDIA if medium in info.models]
    lines += [f"- Option `{name}`: {what}" for name, what in info.options.items()]
    lines += [f"- {limit}" for limit in info.limits]
    found = example(info)
    return [*lines, *(["", found] if found else [])]


def page(note: str) -> str:
    """The whole page. note: the line that says where it comes from."""
    lines = [HEAD.format(note=note), *table()]
    for info in CATALOG.values():
        lines += section(info)
    return "\n".join(lines) + "\n"
