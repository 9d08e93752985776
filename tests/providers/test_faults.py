"""What services answer when something is wrong, end to end where a loopback service can be made to."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from genarun.errors import ProviderError
from genarun.providers.base import Settings
from genarun.providers.faults import Service, plain_address, quote, read_said, refused, retry_after
from genarun.providers.http import network_fault
from genarun.providers.openai import OpenAI
from hypothesis import given
from hypothesis import strategies as st

from tests.say import says
from tests.services.ask import fault, openai, text
from tests.services.openai_service import KEY, OpenAIService, error
from tests.services.web import Faults, Refuse, Reply

HOST = Service("openai", "https://api.openai.com/v1")


def answering(status: int, message: str, code: str | None = None) -> OpenAIService:
    def answer(body: dict[str, Any]) -> Any:
        raise error(status, message, code)

    return OpenAIService(answer=answer)


def test_a_key_that_is_rejected() -> None:
    with OpenAIService() as service:
        found = fault(openai(service, env={"OPENAI_API_KEY": "sk-wrong-0123456789"}), text())
    assert (found.fatal, found.retry, found.status) == (True, False, 401)
    says(
        found,
        "key-rejected",
        """
        openai rejected the key (HTTP 401): Incorrect API key provided: ***.
          → Check the value of OPENAI_API_KEY in .env, or in Actions the repository secret. Keys are made at https://platform.openai.com/api-keys
        """,
    )


def test_a_service_that_wants_a_key_though_the_tree_names_none() -> None:
    with OpenAIService() as service:
        found = fault(OpenAI(Settings("press", base_url=service.url, key_env="")), text())
    says(
        found,
        "key-rejected",
        """
        press rejected the key (HTTP 401): You didn't provide an API key. You need to provide your API key in an Authorization header.
          → Name the variable that holds its key: `keyEnv` under `providers: press:`.
        """,  # noqa: E501
    )


def test_a_model_that_does_not_exist() -> None:
    with OpenAIService(models=frozenset({"gpt-real"})) as service:
        found = fault(openai(service), text(model="gpt-typo"))
    assert found.fatal
    says(
        found,
        "model-unknown",
        """
        openai does not know the model gpt-typo (HTTP 404): The model `gpt-typo` does not exist or you do not have access to it.
          → Check the model's name under `models` in the tree or in trees/defaults.yaml, and that the key may use it.
        """,
    )


def test_no_credit() -> None:
    with answering(429, "You exceeded your current quota.", "insufficient_quota") as service:
        found = fault(openai(service), text())
    assert (found.fatal, found.retry) == (True, False)
    says(
        found,
        "no-credit",
        """
        openai has no credit left for this key (HTTP 429): You exceeded your current quota.
          → Add credit or raise the limit at the service, then run again; finished calls are kept.
        """,
    )


def test_a_base_url_that_leads_nowhere() -> None:
    with OpenAIService() as service:
        found = fault(openai(service.url.replace("/v1", "/v2")), text())
        says(
            found,
            "address-unknown",
            f"""
            openai has nothing at http://127.0.0.1:{service.port}/v2/chat/completions (HTTP 404): Invalid URL (POST /v2/chat/completions)
              → Check the model's name and the service's base URL.
            """,  # noqa: E501
        )
    assert found.fatal


def test_a_service_that_has_moved() -> None:
    def answer(body: dict[str, Any]) -> Any:
        raise Refuse(Reply(b"", 308, headers={"location": "https://new.example/v1/chat/completions?token=secret"}))

    with OpenAIService(answer=answer) as service:
        found = fault(openai(service), text())
        assert found.fatal
        says(
            found,
            "address-moved",
            f"""
            openai has moved: http://127.0.0.1:{service.port}/v1/chat/completions sends us to https://new.example/v1/chat/completions (HTTP 308)
              → Set the service's new address as its base URL.
            """,  # noqa: E501
        )


def test_too_many_requests() -> None:
    with OpenAIService(faults=Faults(1.0, ("429",), retry_after="7")) as service:
        found = fault(openai(service), text())
    assert (found.retry, found.fatal, found.retry_after) == (True, False, 7.0)
    says(
        found,
        "rate-limited",
        """
        openai asks us to slow down (HTTP 429): Rate limit reached for requests.
          → If this goes on, lower `concurrency` or set `rpm` on the model alias.
        """,
    )


@pytest.mark.parametrize("status", [408, 409, 500, 502, 503, 529])
def test_a_service_that_fails(status: int) -> None:
    with answering(status, "The server had an error.") as service:
        found = fault(openai(service), text())
    assert (found.retry, found.status) == (True, status)
    says(
        found,
        "service-failed",
        f"""
        openai failed (HTTP {status}): The server had an error.
          → Nothing is wrong on this side; run again later, finished calls are kept.
        """,
    )


def test_a_parameter_that_the_service_does_not_know() -> None:
    with OpenAIService() as service:
        found = fault(openai(service), text(params={"temprature": 1}))
    assert (found.retry, found.fatal) == (False, False)
    says(
        found,
        "request-refused",
        """
        openai refused the request for gpt-test (HTTP 400): Unrecognized request argument supplied: temprature
          → Check the prompt, and the parameters of the model and of the node.
        """,
    )


def test_a_web_page_instead_of_json() -> None:
    with OpenAIService(faults=Faults(1.0, ("html",))) as service:
        found = fault(openai(service), text())
    assert found.retry
    says(
        found,
        "answer-html",
        """
        openai answered with a web page instead of JSON
          → Something between here and the service answers in its place; if it stays, check the base URL and the proxy.
        """,
    )


def test_json_that_breaks_off() -> None:
    with OpenAIService(answer=lambda _: Reply(b'{"choices": [')) as service:
        found = fault(openai(service), text())
    assert found.retry
    says(found, "answer-not-json", "openai answered with 13 bytes that are not JSON")


@pytest.mark.parametrize("kind", ["drop", "truncated"])
def test_a_dropped_connection(kind: str) -> None:
    with OpenAIService(faults=Faults(1.0, (kind,))) as service:
        found = fault(openai(service), text())
    assert found.retry
    says(found, "connection-lost", "openai dropped the connection before its answer was whole")


def test_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        found = fault(openai(f"http://127.0.0.1:{port}/v1"), text())
    assert found.retry
    says(
        found,
        "connection-refused",
        f"""
        openai at http://127.0.0.1:{port}/v1 refuses connections
          → Is the service running, and is the base URL right?
        """,
    )


def test_a_host_without_an_address() -> None:
    found = fault(openai("https://models.invalid/v1"), text())
    assert found.retry
    says(
        found,
        "host-unknown",
        """
        the address of openai, https://models.invalid/v1, cannot be resolved
          → Check the network and the base URL.
        """,
    )


@contextmanager
def a_mail_server() -> Iterator[int]:
    """Something that listens, and speaks neither HTTP nor TLS; its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            line, _ = server.accept()
            line.recv(65536)
            line.sendall(b"220 mail.example ESMTP\r\n")
            line.close()

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        thread.join()


def test_a_service_that_speaks_no_tls() -> None:
    with a_mail_server() as port:
        found = fault(openai(f"https://127.0.0.1:{port}/v1"), text())
    assert found.retry
    says(found, "tls-failed", f"no secure connection to openai at https://127.0.0.1:{port}/v1 came about")


def test_something_that_is_not_http() -> None:
    with a_mail_server() as port:
        found = fault(openai(f"http://127.0.0.1:{port}/v1"), text())
    assert found.retry
    says(found, "answer-not-http", f"openai at http://127.0.0.1:{port}/v1 answered with something that is not HTTP")


def test_a_proxy_that_does_not_answer() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        proxy = f"http://127.0.0.1:{taken.getsockname()[1]}"
        found = fault(openai("http://models.invalid/v1", env={"HTTP_PROXY": proxy}), text())
    assert found.retry
    says(
        found,
        "proxy-failed",
        """
        the proxy on the way to openai does not answer, or refuses
          → Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY.
        """,
    )


def test_faults_that_a_loopback_cannot_make() -> None:
    key = aiohttp.client_reqrep.ConnectionKey("api.openai.com", 443, True, True, None, None, None)
    rejected = network_fault(HOST, aiohttp.ClientConnectorCertificateError(key, Exception("self-signed")))
    assert (rejected.fatal, rejected.retry) == (True, False)
    says(
        rejected,
        "certificate-rejected",
        """
        the certificate of openai at https://api.openai.com/v1 cannot be trusted
          → Check the base URL; behind a company proxy, set SSL_CERT_FILE to its authority.
        """,
    )
    late = network_fault(HOST, aiohttp.ConnectionTimeoutError())
    assert late.retry
    says(late, "connect-timeout", "openai at https://api.openai.com/v1 did not take the connection in time")
    unreachable = network_fault(HOST, aiohttp.ClientConnectorError(key, OSError(101, "Network is unreachable")))
    assert unreachable.retry
    says(
        unreachable,
        "connection-failed",
        """
        openai at https://api.openai.com/v1 cannot be reached
          → Check the network.
        """,
    )


def test_a_key_that_cannot_be_put_into_a_header() -> None:
    with OpenAIService() as service:
        found = fault(openai(service, env={"OPENAI_API_KEY": "sk-one\nX-Injected: yes"}), text())
        says(
            found,
            "request-unsendable",
            f"""
            a request to openai at {service.url} cannot be put into HTTP
              → Check the key and the base URL for characters that do not belong there.
            """,
        )
    assert not service.asked


# The parts


NOW = datetime(2026, 11, 21, 10, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": "0.25"}, 0.25),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after-ms": "soon", "retry-after": "9"}, 9.0),
        ({"retry-after": "Sat, 21 Nov 2026 10:00:30 GMT"}, 30.0),
        ({"retry-after": "Sat, 21 Nov 2026 09:00:00 GMT"}, 0.0),
        ({"retry-after": "-5"}, 0.0),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "tomorrow"}, None),
        ({"retry-after": "Sat, 21 Nov 99999999 10:00:30 GMT"}, None),
    ],
)
def test_how_long_a_service_asks_us_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, NOW) == seconds


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"error": {"message": "No."}}, "No."),
        ({"error": "No."}, "No."),
        ({"detail": "No.", "title": "Refused"}, "No."),
        ({"title": "Refused"}, "Refused"),
        ({"message": "No."}, "No."),
        ([{"error": {"message": "No."}}], "No."),
        ({"detail": [{"msg": "field required"}]}, "field required"),
        ({"detail": [{"loc": ["body", "n"], "msg": "too big"}, {"msg": "no"}]}, "body.n: too big; no"),
        ({"message": {"detail": [{"loc": ["body", "n"], "msg": "too big"}]}, "type": "x"}, "body.n: too big"),
        ({"detail": [{"text": "odd"}]}, '[{"text": "odd"}]'),
        ("No.", "No."),
        (7, ""),
    ],
)
def test_where_services_put_their_words(body: Any, message: str) -> None:
    assert read_said(json.dumps(body).encode()).message == message


@given(st.binary(max_size=300), st.integers(300, 599))
def test_no_error_body_is_too_strange(body: bytes, status: int) -> None:
    found = refused(HOST, "gpt-test", status, {}, body)
    assert isinstance(found, ProviderError)
    assert len(str(found)) < 800


@given(st.recursive(st.none() | st.booleans() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_no_error_json_is_too_strange(body: Any) -> None:
    assert isinstance(refused(HOST, "m", 400, {}, json.dumps({"error": body}).encode()), ProviderError)
    assert isinstance(refused(HOST, "m", 400, {}, json.dumps(body).encode()), ProviderError)


def test_quotes_are_short_and_on_one_line() -> None:
    assert quote("one\n\n two\x1b[31m three") == "one two [31m three"
    assert len(quote("word " * 200)) == 300


@given(st.text("abcdefghijklmnop0123456789-_/+", min_size=12, max_size=40), st.integers(0, 320), st.integers(0, 3))
def test_a_key_is_never_quoted_even_where_a_text_is_cut(key: str, lead: int, form: int) -> None:
    import base64
    from urllib.parse import quote as url

    raw = key.encode()
    forms = [key, url(key, safe=""), base64.b64encode(b"x" * (lead % 3) + raw).decode(), base64.urlsafe_b64encode(raw).decode()]
    shown = quote("." * lead + " " + forms[form] + " end", (key,))
    if form < 2:
        assert key[:10] not in shown
    else:
        assert forms[form][4:-4] not in shown


def test_addresses_are_shown_without_what_is_secret_in_them() -> None:
    assert plain_address("https://user:pass@cdn.example:8443/a/b.png?sig=abc#x") == "https://cdn.example:8443/a/b.png"
    assert plain_address("http://[::1]:80/") == "http://[::1]:80/"


def test_the_loopback_key_is_long_enough_to_be_masked() -> None:
    assert len(KEY) >= 8
