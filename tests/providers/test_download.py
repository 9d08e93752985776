"""Files that an answer names by address: limits on size, time, type and place."""

from __future__ import annotations

import asyncio
import base64
import gzip
from collections.abc import Callable
from typing import Any

import pytest
from genarun.errors import ProviderError
from genarun.providers.base import File
from genarun.providers.download import fetch, public
from genarun.providers.media import EXTENSIONS, NOUNS, TAKEN, TAKEN_WORDS, WORDS, extension_of, medium_of, sniff
from genarun.tree.kinds import ASSETS

from tests.say import says
from tests.services.samples import png
from tests.services.web import Asked, Faults, Reply, Service

PNG = png("door")
CONVERT = (
    "Raise `assets.maxBytes`, set `assets.format: webp`, "
    "or ask the model for a smaller picture (its `size`, `quality` or `output_format`)."
)


class Files(Service):
    """answer: a request -> what is there."""

    def __init__(self, answer: Callable[[Asked], Reply] | None = None, **more: Any) -> None:
        super().__init__(**more)
        self.answer = answer or (lambda asked: Reply(PNG, media="image/png"))

    def handle(self, asked: Asked) -> Reply:
        return self.answer(asked)

    def rate_limited(self, after: str) -> Reply:
        return Reply(b"", 429, headers={"retry-after": after})

    def failed(self) -> Reply:
        return Reply(b"", 500)


def get(url: str, **more: Any) -> File:
    given: dict[str, Any] = {"max_bytes": 10_000, "timeout": 5.0, "allow_private": True, "media": ("image",), **more}
    return asyncio.run(fetch(url, **given))


def fault(url: str, **more: Any) -> ProviderError:
    with pytest.raises(ProviderError) as raised:
        get(url, **more)
    assert "secret" not in str(raised.value), "signatures are never shown"
    return raised.value


def inline(data: bytes, kind: str = "image/png") -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def test_a_picture() -> None:
    with Files() as files:
        assert get(f"{files.url}/a.png?sig=secret") == File(data=PNG, media_type="image/png")
    assert files.asked[0].query == {"sig": "secret"}
    assert "authorization" not in files.asked[0].headers


def test_credentials_are_never_sent() -> None:
    with Files() as files:
        get(f"http://user:secret@127.0.0.1:{files.port}/a.png")
    assert "authorization" not in files.asked[0].headers
    assert "cookie" not in files.asked[0].headers


def test_a_picture_inside_the_answer() -> None:
    assert get(inline(PNG)) == File(data=PNG, media_type="image/png")
    assert get("data:image/svg+xml,%3Csvg%20xmlns='x'/%3E").media_type == "image/svg+xml"


@pytest.mark.parametrize("url", ["data:image/png;base64,%%%", "data:image/png;base64,", "data:image/png", inline(b"")])
def test_a_data_address_that_is_broken(url: str) -> None:
    found = fault(url)
    assert found.retry
    says(found, "download-broken", "the answer holds a data: address that cannot be read")


@pytest.mark.parametrize("url", [inline(b"x" * 20_000), "data:text/plain," + "%41" * 20_000])
def test_a_data_address_that_is_too_large(url: str) -> None:
    assert fault(url).code == "download-too-large"


@pytest.mark.parametrize(
    ("url", "scheme"),
    [
        ("file:///etc/passwd", "file"),
        ("ftp://x/y", "ftp"),
        ("a.png", "(none)"),
        ("http://", "http"),
        ("http://x:99999/", "(none)"),
    ],
)
def test_an_address_of_another_kind(url: str, scheme: str) -> None:
    says(
        fault(url),
        "download-address",
        f"the answer names a file by an address that is neither http, https nor data: {scheme}:",
    )


# Place


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "169.254.169.254", "10.0.0.1", "0.0.0.0"]
)
def test_private_addresses_are_refused(host: str) -> None:
    with Files() as files:
        found = fault(f"http://{host}:{files.port}/a.png?sig=secret", allow_private=False)
    assert not files.asked
    assert not found.retry
    says(
        found,
        "download-private",
        f"""
        http://{host}:{files.port}/a.png is in a private network, and downloads do not go there
          → If it is yours, allow it: `assets: {{allowPrivate: true}}` in the tree or in trees/defaults.yaml.
        """,
    )


def test_a_redirect_into_a_private_network_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    # The loopback plays the open internet, so that the first step is allowed; the second leads to a private address.
    monkeypatch.setattr("genarun.providers.download.public", lambda address: address == "127.0.0.1")
    with Files(lambda asked: Reply(b"", 302, headers={"location": "http://169.254.169.254/latest/meta-data?secret"})) as files:
        found = fault(f"{files.url}/a.png", allow_private=False)
    assert len(files.asked) == 1
    assert found.code == "download-private"
    assert found.what.startswith("http://169.254.169.254/latest/meta-data ")


def test_what_a_name_resolves_to_is_checked_when_it_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def only_once(address: str) -> bool:  # a name that answers with a public address first and a private one later
        seen.append(address)
        return False

    monkeypatch.setattr("genarun.providers.download.public", only_once)
    with Files() as files:
        assert fault(f"http://localhost:{files.port}/a.png", allow_private=False).code == "download-private"
    assert set(seen) <= {"127.0.0.1", "::1"}


def test_behind_a_proxy_names_are_checked_before() -> None:
    with Files() as proxy:
        env = {"HTTP_PROXY": f"http://127.0.0.1:{proxy.port}"}
        assert fault("http://localhost/a.png", allow_private=False, env=env).code == "download-private"
        assert fault("http://10.1.2.3/a.png", allow_private=False, env=env).code == "download-private"
        assert not proxy.asked
        assert get("http://pictures.invalid/a.png", allow_private=False, env=env).data == PNG


@pytest.mark.parametrize(
    ("address", "open_"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("127.0.0.1", False),
        ("10.0.0.1", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("ff02::1", False),
        ("::ffff:10.0.0.1", False),
        ("::ffff:8.8.8.8", True),
        ("64:ff9b::a00:1", False),
        ("64:ff9b::808:808", True),
        ("2002:a00:1::", False),
        ("2001:0:4136:e378:8000:63bf:f5ff:fffe", False),
    ],
)
def test_which_addresses_are_of_the_open_internet(address: str, open_: bool) -> None:
    assert public(address) is open_


# Redirects, size, type, time


def test_redirects_are_followed() -> None:
    def answer(asked: Asked) -> Reply:
        if asked.path == "/a":
            return Reply(b"", 302, headers={"location": "/b"})
        return Reply(PNG, media="image/png")

    with Files(answer) as files:
        assert get(f"{files.url}/a").data == PNG


def test_redirects_without_an_end() -> None:
    with Files(lambda asked: Reply(b"", 307, headers={"location": "/again?sig=secret"})) as files:
        says(
            fault(f"{files.url}/a"),
            "download-redirects",
            f"{files.url}/again leads from one address to the next without an end",
        )
    assert len(files.asked) == 6


def test_a_redirect_to_another_kind_of_address() -> None:
    with Files(lambda asked: Reply(b"", 302, headers={"location": "file:///etc/passwd"})) as files:
        assert fault(f"{files.url}/a").code == "download-address"


def test_a_file_that_says_it_is_too_large() -> None:
    with Files(lambda asked: Reply(PNG * 200, media="image/png")) as files:
        says(
            fault(f"{files.url}/a.png"),
            "download-too-large",
            f"""
            {files.url}/a.png has {len(PNG) * 200:,} bytes, more than the 10,000 allowed
              → {CONVERT}
            """,
        )


def test_a_file_whose_size_is_not_known() -> None:
    says(
        fault(inline(b"ID3" + bytes(20_000)), media=("audio",)),
        "download-too-large",
        """
        the file in the answer has more than the 10,000 bytes allowed
          → Raise `assets.maxBytes`, or ask the model for a shorter sound, or for MP3.
        """,
    )
    assert fault(inline(b"ID3" + bytes(9_999)), media=("audio", "video")).hint == (
        "Raise `assets.maxBytes`, or ask the model for a smaller file."
    )


def test_a_picture_that_is_going_to_be_converted_is_not_told_to_be() -> None:
    found = fault(inline(bytes(100_000_001)), max_bytes=100_000_000)
    assert found.what == "the file in the answer has 100,000,001 bytes, more than the 100,000,000 allowed"
    assert found.hint is not None
    assert "webp" not in found.hint
    assert found.hint.endswith("Git hosting warns of files of more than 50 MiB.")


def test_a_file_that_unpacks_to_more_than_allowed() -> None:
    bomb = gzip.compress(b"\0" * 5_000_000)
    with Files(lambda asked: Reply(bomb, media="image/png", headers={"content-encoding": "gzip"})) as files:
        assert fault(f"{files.url}/a.png").code == "download-too-large"


def test_bytes_count_and_not_what_a_header_says() -> None:
    with Files(lambda asked: Reply(b"<html>Sign in</html>", media="image/png")) as files:
        says(
            fault(f"{files.url}/a.png"),
            "download-type",
            f"""
            {files.url}/a.png is no file of the kind wanted (image): it is of unknown type, though it is said to be image/png
            """,
        )
    with Files(lambda asked: Reply(PNG, media="text/html")) as files:
        assert get(f"{files.url}/a").media_type == "image/png"
        found = fault(f"{files.url}/a", media=("image/jpeg", "application/pdf")).what
        assert found.endswith("(image/jpeg, application/pdf): it is image/png, though it is said to be text/html")
        assert get(f"{files.url}/a", media=("image/png",)).data == PNG


def test_a_file_that_is_text() -> None:
    with Files(lambda asked: Reply(b"name,year\n", media="text/csv")) as files:
        assert get(f"{files.url}/a.csv", media=("text/csv",)).media_type == "text/csv"


def test_a_file_that_does_not_come() -> None:
    with Files(faults=Faults(1.0, ("hang",))) as files:
        found = fault(f"{files.url}/a.png?sig=secret", timeout=0.2)
        assert found.retry
        says(found, "download-timeout", f"{files.url}/a.png did not arrive within 0.2 s")


@pytest.mark.parametrize("kind", ["drop", "truncated"])
def test_a_connection_that_breaks(kind: str) -> None:
    with Files(faults=Faults(1.0, (kind,))) as files:
        found = fault(f"{files.url}/a.png?sig=secret")
        assert found.retry
        says(
            found,
            "download-lost",
            f"""
            {files.url}/a.png cannot be downloaded: the connection failed
              → Check the network.
            """,
        )


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_file_that_is_gone(status: int) -> None:
    with Files(lambda asked: Reply(b"", status)) as files:
        found = fault(f"{files.url}/a.png?sig=secret")
        assert not found.retry
        says(
            found,
            "download-refused",
            f"""
            {files.url}/a.png is not to be had (HTTP {status})
              → Addresses of generated files expire; run again to have it made again.
            """,
        )


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_file_that_is_not_there_yet(status: int) -> None:
    with Files(lambda asked: Reply(b"", status, headers={"retry-after": "2"})) as files:
        found = fault(f"{files.url}/a.png?sig=secret")
        assert (found.retry, found.retry_after) == (True, 2.0)
        says(found, "download-unavailable", f"{files.url}/a.png is not to be had at the moment (HTTP {status})")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"RIFF\0\0\0\0WAVEfmt ", "audio/wav"),
        (b"RIFF\0\0\0\0AVI LIST", "video/x-msvideo"),
        (b"RIFF\0\0\0\0ACON", None),
        (b"\0\0\0\x1cftypavif", "image/avif"),
        (b"\0\0\0\x20ftypmif1\0\0\0\0mif1avifmiaf", "image/avif"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "image/heic"),
        (b"\0\0\0\x18ftypisom\0\0\0\0xavifiso", "video/mp4"),
        (b"\0\0\0\x10ftypmp42\0\0\0\0avif", "video/mp4"),
        (b"\0\0\0\x1cftypisom", "video/mp4"),
        (b"\0\0\0\x14ftypqt  \0\0\2\0qt  ", "video/quicktime"),
        (b"\0\0\0\x20ftypM4A \0\0\2\0M4A mp42isom", "audio/mp4"),
        (b"\x1aE\xdf\xa3\x9fB\x86\x81\1B\xf7\x81\1B\xf2\x81\4B\xf3\x81\x08B\x82\x84webmB\x87\x81\4", "video/webm"),
        (b"\x1aE\xdf\xa3\xa3B\x86\x81\1B\xf7\x81\1B\xf2\x81\4B\xf3\x81\x08B\x82\x88matroska", "video/x-matroska"),
        (b"\x1aE\xdf\xa3\x9fB\x86\x81\1B\x82", None),
        (b"ID3\4\0\0", "audio/mpeg"),
        (b"\xff\xfb\x90\x64", "audio/mpeg"),
        (b"\xff\xf3\x84\xc4", "audio/mpeg"),
        (b"\xff\xfb\xf0\x64", None),
        (b"\xff\xfb", None),
        (b"\xff\xf1\x50\x80", "audio/aac"),
        (b"\xff\xf9\x4c\x80", "audio/aac"),
        ("\ufeffhello".encode("utf-16-le"), None),
        (b"OggS\0\2", "audio/ogg"),
        (b"fLaC\0\0\0\x22", "audio/flac"),
        (b"BM\x36\0\x0c\0\0\0\0\0\x36", "image/bmp"),
        (b"BMW makes cars", None),
        (b"PK\3\4", "application/zip"),
        (b"%PDF-1.7", "application/pdf"),
        (b'<?xml version="1.0"?>\n<!-- x --><svg xmlns="y">', "image/svg+xml"),
        (b"<html><svg>", None),
        (b"", None),
    ],
)
def test_what_bytes_show(data: bytes, kind: str | None) -> None:
    assert sniff(data) == kind
    assert extension_of(data) == (EXTENSIONS[kind] if kind else None)


def test_every_kind_that_a_node_takes_has_a_name_and_an_extension_of_its_own() -> None:
    taken = set[str]().union(*TAKEN.values())
    assert taken <= set(EXTENSIONS) == set(WORDS)
    assert len({EXTENSIONS[kind] for kind in taken}) == len(taken)
    for medium, kinds in TAKEN.items():
        assert {medium_of(f"assets/x-0.{EXTENSIONS[kind]}") for kind in kinds} == {medium}
    assert TAKEN.keys() == NOUNS.keys() == TAKEN_WORDS.keys() == ASSETS
    assert medium_of("output.json") is None
