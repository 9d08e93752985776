"""The loopback service against Replicate's own SDK, whose types hold the answers of every endpoint that the provider needs."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from replicate.client import Client
from replicate.exceptions import ReplicateError
from replicate.version import Versions

from tests.services.replicate_models import FLUX, FLUX_TAKES, GPT, PUBLISHED
from tests.services.replicate_service import ReplicateService, version_of


@pytest.fixture
def service() -> Iterator[ReplicateService]:
    with ReplicateService(
        schemas=PUBLISHED, official={FLUX: ["https://replicate.delivery/x/out-0.webp"], GPT: ["Hi"]}
    ) as found:
        assert isinstance(found, ReplicateService)
        yield found


@pytest.fixture
def client(service: ReplicateService) -> Iterator[Client]:
    found = Client(service.key, base_url=service.url)
    yield found
    found._client.close()


def test_a_model_and_its_version(client: Client) -> None:
    model = client.models.get(FLUX)
    assert (model.id, model.visibility, model.run_count) == (FLUX, "public", 7)
    assert model.latest_version is not None
    assert model.latest_version.openapi_schema == FLUX_TAKES
    version = Versions(client, tuple(FLUX.split("/"))).get(version_of(FLUX))
    assert version.openapi_schema == FLUX_TAKES
    assert model.versions.get(version.id) == version == model.latest_version
    assert model.default_example is not None
    assert model.default_example.output == ["https://replicate.delivery/x/out-0.webp"]


def test_a_model_that_publishes_nothing(client: Client) -> None:
    assert client.models.get("someone/unfinished").latest_version is None


def test_a_collection(client: Client) -> None:
    found = client.collections.get("official")
    assert [model.id for model in found] == [FLUX, GPT]
    assert [model.latest_version.openapi_schema for model in found if model.latest_version] == [PUBLISHED[FLUX], PUBLISHED[GPT]]


def test_a_prediction_from_its_start_to_its_end(client: Client) -> None:
    client.poll_interval = 0.01
    prediction = client.models.predictions.create(GPT, input={"prompt": "Hello"})
    assert (prediction.status, prediction.model) == ("starting", GPT)
    prediction.wait()
    assert (prediction.status, prediction.output) == ("succeeded", ["An answer", " to: ", "Hello"])
    assert (prediction.metrics or {})["output_token_count"] == 12
    assert client.predictions.get(prediction.id) == prediction
    assert client.predictions.create(version_of("a/b"), input={"prompt": "Hello"}).version == version_of("a/b")


def test_a_prediction_that_is_cancelled(client: Client) -> None:
    prediction = client.models.predictions.create(GPT, input={"prompt": "Hello"})
    assert client.predictions.cancel(prediction.id).status == "canceled"


def test_a_file(client: Client, service: ReplicateService) -> None:
    file = client.files.create(io.BytesIO(b"bytes\r\n--of a picture"), filename="a.png", content_type="image/png")
    assert (file.name, file.content_type, file.size) == ("a.png", "image/png", 21)
    assert file.urls["get"] == f"{service.url}/v1/files/{file.id}"
    assert client.files.get(file.id) == file
    assert service.uploads[file.id][2] == b"bytes\r\n--of a picture"


def test_an_input_that_the_service_itself_refuses(client: Client) -> None:
    for wrong in ({"aspect_ratio": "4:3"}, {"num_outputs": 9}, {"speed": 2}):
        with pytest.raises(ReplicateError) as raised:
            client.models.predictions.create(FLUX, input={"prompt": "Hello", **wrong})
        assert (raised.value.status, raised.value.title) == (422, "Input validation failed")


def test_what_is_not_there(client: Client) -> None:
    for path in ("/v1/models/a/b/versions", "/v1/collections/none", "/v1/files/none", "/v1/predictions/none"):
        with pytest.raises(ReplicateError) as raised:
            client._request("GET", path)
        assert raised.value.status == 404
