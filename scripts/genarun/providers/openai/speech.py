"""Speech: a text read aloud. The answer is the sound itself; only refusals are JSON."""

from __future__ import annotations

from collections.abc import Mapping

from genarun.providers.base import File, Json, ModelReply, ModelRequest, Usage
from genarun.providers.checks import encode
from genarun.providers.faults import misses
from genarun.providers.media import sniff
from genarun.providers.openai.link import Link, decode

_KINDS = {
    "mp3": "audio/mpeg",
    "opus": "audio/ogg",
    "aac": "audio/aac",
    "flac": "audio/flac",
    "wav": "audio/wav",
    "pcm": "audio/pcm",
}
"""Media types by `response_format`, for sounds that do not show what they are."""


async def speak(link: Link, request: ModelRequest) -> ModelReply:
    """One sound: the user's words are read, what the system says goes along as instructions."""
    said = "\n\n".join(message["content"] for message in request.messages if message["role"] != "system")
    how = "\n\n".join(message["content"] for message in request.messages if message["role"] == "system")
    body: dict[str, Json] = {"model": request.model, "input": said}
    if how:
        body["instructions"] = how
    body |= request.params
    body.pop("stream_format", None)  # only a whole sound can be kept
    headers, answer = await link.ask(
        "POST", "audio/speech", request.model, encode(link.service, body), {"accept": "application/octet-stream"}
    )
    claim = _claim(headers)
    if claim == "application/json":
        decode(link.service, answer, request.model)  # raises what is wrong, where it says so
    if not answer or claim.startswith(("application/json", "text/")):
        raise misses(link.service, "a sound")
    kind = sniff(answer) or (claim if claim.startswith("audio/") else _KINDS.get(str(body.get("response_format"))))
    return ModelReply(files=(File(data=answer, media_type=kind),), usage=Usage(characters=len(said)), model=request.model)


def _claim(headers: Mapping[str, str]) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()
