"""The transport: proxies, sessions, and what is opened when."""

from __future__ import annotations

import asyncio

import pytest
from genarun.errors import SetupError
from genarun.providers.faults import Service
from genarun.providers.http import Transport, proxy_for

from tests.say import says
from tests.services.ask import ask, openai, text
from tests.services.openai_service import OpenAIService


@pytest.mark.parametrize(
    ("url", "env", "proxy"),
    [
        ("https://api.example/v1", {}, None),
        ("https://api.example/v1", {"HTTPS_PROXY": "http://proxy:3128"}, "http://proxy:3128"),
        ("https://api.example/v1", {"https_proxy": "proxy:3128"}, "http://proxy:3128"),
        ("https://api.example/v1", {"HTTP_PROXY": "http://proxy:3128"}, None),
        ("http://api.example/v1", {"ALL_PROXY": "http://proxy:3128"}, "http://proxy:3128"),
        ("https://api.example/v1", {"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "api.example"}, None),
        ("https://api.example/v1", {"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "localhost, .example"}, None),
        ("https://api.example/v1", {"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "*"}, None),
        ("https://api.example/v1", {"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "i.example"}, "http://proxy:3128"),
        ("https://api.example:8443/v1", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "api.example:443"}, "http://p:1"),
        ("https://api.example:8443/v1", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "api.example:8443"}, None),
        ("https://api.example/v1", {"HTTPS_PROXY": ""}, None),
    ],
)
def test_which_proxy_is_used(url: str, env: dict[str, str], proxy: str | None) -> None:
    assert proxy_for(url, env) == proxy


def test_a_proxy_of_another_kind() -> None:
    with pytest.raises(SetupError) as raised:
        proxy_for("https://api.example/v1", {"ALL_PROXY": "socks5://user:pass@proxy:1080"})
    says(
        raised.value,
        "proxy-unsupported",
        """
        the proxy socks5://proxy:1080 is of a kind that is not supported
          → Use an HTTP proxy, or name the host in NO_PROXY.
        """,
    )


def test_calls_go_through_the_proxy() -> None:
    with OpenAIService() as proxy:
        provider = openai("http://models.invalid/v1", env={"HTTP_PROXY": f"http://127.0.0.1:{proxy.port}"})
        [reply] = ask(provider, text("through"))
    assert reply.text == "An answer to: through"
    assert proxy.asked[0].headers["host"] == "models.invalid"


def test_nothing_is_opened_before_the_first_call_and_closing_twice_is_fine() -> None:
    async def go() -> None:
        transport = Transport(Service("openai", "http://127.0.0.1:1/v1"), {}, {})
        await transport.close()
        await transport.close()

    asyncio.run(go())
    with OpenAIService() as service:
        provider = openai(service)
        for _ in range(2):  # closed, and opened again in another loop
            assert ask(provider, text())[0].text == "An answer to: Say hello"
    assert service.counts["connections"] == 2


def test_answers_may_be_compressed() -> None:
    import gzip

    from tests.services.web import Reply

    whole = gzip.compress(b'{"choices":[{"message":{"content":"small"}}]}')
    with OpenAIService(answer=lambda _: Reply(whole, headers={"content-encoding": "gzip"})) as service:
        assert ask(openai(service), text())[0].text == "small"
