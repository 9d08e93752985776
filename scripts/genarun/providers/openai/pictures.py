"""Pictures: drawn from words, or made from other pictures."""

from __future__ import annotations

from collections.abc import Mapping

from genarun.errors import ProviderError
from genarun.providers.base import Attachment, File, Json, ModelReply, ModelRequest, Usage
from genarun.providers.checks import encode, picture_of
from genarun.providers.faults import Service, misses
from genarun.providers.openai.answers import dollars, name, usage
from genarun.providers.openai.chat import data_url
from genarun.providers.openai.form import form
from genarun.providers.openai.link import Link, decode


async def draw(link: Link, request: ModelRequest) -> ModelReply:
    """One answer with its pictures. Where the request shows some, they are what is edited or varied."""
    shown = shown_pictures(request)
    fields = {"model": request.model, "prompt": words(request), **request.params}
    fields.pop("stream", None)
    if not shown:
        _, answer = await link.ask("POST", link.dialect.pictures, request.model, encode(link.service, fields))
    elif link.dialect.edits == "form":
        field = "image" if len(shown) == 1 else "image[]"
        body, headers = await form(link.service, fields, [(field, picture) for picture in shown])
        _, answer = await link.ask("POST", "images/edits", request.model, body, headers)
    elif link.dialect.edits == "references":
        fields["input_references"] = references(shown)
        _, answer = await link.ask("POST", link.dialect.pictures, request.model, encode(link.service, fields))
    else:
        raise no_pictures(link.service, "draws")
    return _read(link, request, answer)


def words(request: ModelRequest) -> str:
    """What a request says, as one text."""
    return "\n\n".join(message["content"] for message in request.messages)


def shown_pictures(request: ModelRequest) -> list[Attachment]:
    """The pictures that go with a request, in the order in which its messages name them."""
    return [request.attached[digest] for message in request.messages for digest in message.get("images", ())]


def references(pictures: list[Attachment]) -> list[Mapping[str, Json]]:
    """Pictures as parts of a JSON request."""
    return [{"type": "image_url", "image_url": {"url": data_url(picture)}} for picture in pictures]


def no_pictures(service: Service, does: str) -> ProviderError:
    """The error for pictures that a service has no field for. does: `draws` or `films`."""
    return ProviderError(
        "pictures-unsupported",
        f"{service.name} {does} from words alone: it takes no pictures to begin with",
        hint="Leave `images` out, or ask a model of another provider.",
        fatal=True,
    )


def _read(link: Link, request: ModelRequest, answer: bytes) -> ModelReply:
    found = decode(link.service, answer, request.model)
    pictures = found.get("data")
    if not isinstance(pictures, list) or not pictures:
        raise misses(link.service, "data")
    files = tuple(_file(link.service, one) for one in pictures)
    used = usage(found.get("usage"))
    return ModelReply(
        files=files,
        usage=Usage(used.input_tokens, used.output_tokens, len(files)),
        usd=dollars(found.get("usage")) if link.dialect.priced else None,
        model=name(found.get("model")),
    )


def _file(service: Service, found: Json) -> File:
    if isinstance(found, dict) and isinstance(found.get("b64_json"), str):
        return picture_of(service, found["b64_json"])
    if isinstance(found, dict) and isinstance(found.get("url"), str):
        return File(url=found["url"])
    raise misses(service, "a picture")
