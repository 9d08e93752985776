"""Pictures in a row as a WebM file: VP8 key frames in the smallest container that browsers play.

A lossy WebP picture is one VP8 key frame in a RIFF file (WebP Container Specification), so a film of such frames needs a
container and no encoder. The container is Matroska (RFC 9559), which is written in EBML (RFC 8794), with what the WebM
Container Guidelines ask for: document type `webm`, codec `V_VP8`, times in milliseconds. Every frame is a key frame.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

_VERSION = 4  # of Matroska's elements: SimpleBlock came with 2, nothing here is younger
_WRITER = "genarun"
_KEY_FRAME = 0x80
_MOST_MILLISECONDS = 32767  # a block's time is 16 bits, counted from its cluster's


def webm(frames: Sequence[bytes], width: int, height: int, milliseconds: int) -> bytes:
    """A WebM file. frames: VP8 key frames, `width` by `height` pixels each. milliseconds: how long each is shown.

    Raises ValueError for no frames, and for a film of more than half a minute.
    """
    if not frames or milliseconds < 1 or (len(frames) - 1) * milliseconds > _MOST_MILLISECONDS:
        raise ValueError("a film has frames, and at most half a minute of them")
    header = _element(
        0x1A45DFA3,
        _unsigned(0x4286, 1) + _unsigned(0x42F7, 1),  # EBMLVersion, EBMLReadVersion
        _unsigned(0x42F2, 4) + _unsigned(0x42F3, 8),  # EBMLMaxIDLength, EBMLMaxSizeLength
        _text(0x4282, "webm") + _unsigned(0x4287, _VERSION) + _unsigned(0x4285, 2),  # DocType, -Version, -ReadVersion
    )
    info = _element(
        0x1549A966,
        _unsigned(0x2AD7B1, 1_000_000),  # TimestampScale: a millisecond, in nanoseconds
        _element(0x4489, struct.pack(">d", len(frames) * milliseconds)),  # Duration
        _text(0x4D80, _WRITER) + _text(0x5741, _WRITER),  # MuxingApp, WritingApp
    )
    video = _element(0xE0, _unsigned(0xB0, width) + _unsigned(0xBA, height))  # PixelWidth, PixelHeight
    track = _element(
        0xAE,
        _unsigned(0xD7, 1) + _unsigned(0x73C5, 1) + _unsigned(0x83, 1),  # TrackNumber, TrackUID, TrackType: a film
        _unsigned(0x9C, 0) + _text(0x86, "V_VP8"),  # FlagLacing, CodecID
        _unsigned(0x23E383, milliseconds * 1_000_000) + video,  # DefaultDuration, Video
    )
    tracks = _element(0x1654AE6B, track)
    cluster = _element(
        0x1F43B675,
        _unsigned(0xE7, 0),  # Timestamp
        *(_block(frame, number * milliseconds) for number, frame in enumerate(frames)),
    )
    before = len(info) + len(tracks)
    cues = _cues(before)
    return header + _element(0x18538067, info, tracks, _cues(before + len(cues)), cluster)  # Segment


def vp8(picture: bytes) -> bytes:
    """The VP8 frame of a lossy WebP picture. Raises ValueError where there is none: lossless, transparent or moving ones."""
    if picture[:4] != b"RIFF" or picture[8:12] != b"WEBP":
        raise ValueError("no WebP picture")
    at = 12
    while at + 8 <= len(picture):
        name, size = picture[at : at + 4], int.from_bytes(picture[at + 4 : at + 8], "little")
        if name == b"VP8 ":
            return picture[at + 8 : at + 8 + size]
        at += 8 + size + size % 2
    raise ValueError("no lossy WebP picture")


def _cues(cluster: int) -> bytes:
    """Where a player finds the cluster, counted from the Segment's first byte: always as long, whatever the place."""
    positions = _element(0xB7, _unsigned(0xF7, 1) + _element(0xF1, cluster.to_bytes(4, "big")))
    return _element(0x1C53BB6B, _element(0xBB, _unsigned(0xB3, 0) + positions))


def _block(frame: bytes, milliseconds: int) -> bytes:
    """A SimpleBlock of track 1."""
    return _element(0xA3, b"\x81" + struct.pack(">hB", milliseconds, _KEY_FRAME) + frame)


def _element(identifier: int, *parts: bytes) -> bytes:
    """An EBML element: its identifier, the size of its content in as few bytes as hold it, its content."""
    content = b"".join(parts)
    length = next(count for count in range(1, 9) if len(content) < (1 << (7 * count)) - 1)
    size = (len(content) | 1 << (7 * length)).to_bytes(length, "big")
    return identifier.to_bytes((identifier.bit_length() + 7) // 8, "big") + size + content


def _unsigned(identifier: int, number: int) -> bytes:
    return _element(identifier, number.to_bytes(max(1, (number.bit_length() + 7) // 8), "big"))


def _text(identifier: int, text: str) -> bytes:
    return _element(identifier, text.encode("ascii"))
