"""What loopback services answer when a test does not say: values that fit a schema, and small real pictures."""

from __future__ import annotations

import struct
import zlib
from hashlib import sha256
from typing import Any


def sample(schema: dict[str, Any], seed: str, root: dict[str, Any] | None = None, depth: int = 0) -> Any:
    """A value that fits a schema of the common keywords; different for different seeds."""
    root = root or schema
    if "$ref" in schema:
        target: Any = root
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        return sample(target, seed, root, depth + 1)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][_number(seed) % len(schema["enum"])]
    if "anyOf" in schema or "oneOf" in schema:
        return sample((schema.get("anyOf") or schema["oneOf"])[0], seed, root, depth + 1)
    kind = schema.get("type", "object" if "properties" in schema else "string")
    if isinstance(kind, list):
        kind = next(one for one in kind if one != "null")
    if kind == "object":
        return {name: sample(part, f"{seed}.{name}", root, depth + 1) for name, part in schema.get("properties", {}).items()}
    if kind == "array":
        count = max(schema.get("minItems", 0), min(3, schema.get("maxItems", 3)))
        return [sample(schema.get("items", {}), f"{seed}.{place}", root, depth + 1) for place in range(count)]
    if kind in ("integer", "number"):
        low = schema.get("minimum", schema.get("exclusiveMinimum", 0) + ("exclusiveMinimum" in schema))
        high = schema.get("maximum", low + 100)
        found = low + _number(seed) % max(1, int(high - low) + 1)
        return int(found) if kind == "integer" else float(found)
    if kind == "boolean":
        return bool(_number(seed) % 2)
    if kind == "null":
        return None
    text = f"{seed.rpartition('.')[2]} {_number(seed):08x}"
    text += (
        " and more" * (max(0, schema.get("minLength", 0) - len(text)) // 9 + 1)
        if schema.get("minLength", 0) > len(text)
        else ""
    )
    return text[: schema.get("maxLength", len(text))]


def _number(seed: str) -> int:
    return int.from_bytes(sha256(seed.encode()).digest()[:4])


def png(seed: str, side: int = 8) -> bytes:
    """A small picture in one colour, which the seed decides."""
    colour = sha256(seed.encode()).digest()[:3]
    rows = (b"\0" + colour * side) * side

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def wav(seed: str, seconds: float = 0.05, rate: int = 8000) -> bytes:
    """A short tone, whose height the seed decides."""
    half = 4 + sha256(seed.encode()).digest()[0] % 40
    data = bytes(200 if at // half % 2 else 56 for at in range(int(seconds * rate)))
    head = b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, rate, rate, 1, 8)
    return b"RIFF" + struct.pack("<I", 4 + 24 + 8 + len(data)) + head + b"data" + struct.pack("<I", len(data)) + data


def mp3(seed: str) -> bytes:
    """What begins as an MP3 without tags does: a frame of MPEG-1 Layer III at 128 kbit/s and 44.1 kHz."""
    return (b"\xff\xfb\x90\x00" + sha256(seed.encode()).digest()).ljust(417, b"\0")


def mp4(seed: str) -> bytes:
    """What begins as an MP4 does."""
    brand = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"
    data = sha256(seed.encode()).digest() * 8
    return brand + struct.pack(">I", 8 + len(data)) + b"mdat" + data
