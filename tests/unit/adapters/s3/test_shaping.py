"""Where a bucket is asked: in virtual style of AWS, in path style of an endpoint of one's own."""

from __future__ import annotations

import pytest

from aimcore.adapters.s3.settings import parse_settings
from aimcore.adapters.s3.shaping import url_of


@pytest.mark.parametrize(
    ("bucket", "environment", "address"),
    [
        pytest.param("b-1", {}, "https://b-1.s3.us-east-1.amazonaws.com/", id="no region"),
        pytest.param("b-1", {"AWS_REGION": "eu-west-1"}, "https://b-1.s3.eu-west-1.amazonaws.com/", id="a region"),
        pytest.param(
            "b-1", {"AWS_REGION": "cn-north-1"}, "https://b-1.s3.cn-north-1.amazonaws.com.cn/", id="partition"
        ),
        pytest.param("a.b", {"AWS_REGION": "eu-west-1"}, "https://s3.eu-west-1.amazonaws.com/a.b", id="a dot"),
        pytest.param("s3.evil.example", {}, "https://s3.us-east-1.amazonaws.com/s3.evil.example", id="A29: a host"),
        pytest.param("b-1", {"AWS_ENDPOINT_URL": "http://h:9000"}, "http://h:9000/b-1", id="an endpoint"),
        pytest.param("b-1", {"AWS_ENDPOINT_URL": "https://h/s3"}, "https://h/s3/b-1", id="an endpoint with a path"),
        pytest.param("b-1", {"AWS_ENDPOINT_URL": "http://[::1]:9000"}, "http://[::1]:9000/b-1", id="IPv6"),
        pytest.param("b_1", {}, "https://s3.us-east-1.amazonaws.com/b_1", id="an underscore"),
        pytest.param("Bucket", {"AWS_REGION": "NL"}, "https://s3.NL.amazonaws.com/Bucket", id="capitals"),
        pytest.param("b_1", {"AWS_ENDPOINT_URL": "https://g.example"}, "https://g.example/b_1", id="of Google"),
        pytest.param("b-1", {"AWS_ENDPOINT_URL": "https://b-1.oss.example"}, "https://b-1.oss.example/", id="its host"),
        pytest.param("127", {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, "http://127.0.0.1:9/127", id="no name"),
        pytest.param(
            "b-1", {"AWS_DEFAULT_REGION": "eu-west-1"}, "https://b-1.s3.eu-west-1.amazonaws.com/", id="as the tools"
        ),
        pytest.param(
            "b-1",
            {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-north-1"},
            "https://b-1.s3.eu-west-1.amazonaws.com/",
            id="both",
        ),
    ],
)
def test_a_bucket_is_asked_at_its_address(bucket: str, environment: dict[str, str], address: str) -> None:
    url = url_of("list_objects_v2", parse_settings(environment), {"Bucket": bucket, "Prefix": "a b/"})
    assert url == f"{address}?list-type=2&prefix=a%20b%2F&encoding-type=url"


@pytest.mark.rule("SIZE-1")
@pytest.mark.parametrize(
    ("bucket", "endpoint", "address"),
    [
        pytest.param("b-1", "https://oss.example", "https://b-1.oss.example/", id="a name"),
        pytest.param("b-1", "http://oss.example:9000/s3", "http://b-1.oss.example:9000/s3", id="a port and a path"),
        pytest.param("b_1", "https://oss.example", "https://oss.example/b_1", id="what is no host"),
    ],
)
def test_a_bucket_has_a_host_of_its_own_where_the_store_wants_one(bucket: str, endpoint: str, address: str) -> None:
    settings = parse_settings({"AWS_ENDPOINT_URL": endpoint})
    url = url_of("list_objects_v2", settings, {"Bucket": bucket, "Prefix": "a/"}, own_host=True)
    assert url.partition("?")[0] == address


def test_a_key_is_escaped_and_keeps_its_slashes() -> None:
    url = url_of("head_object", parse_settings({"AWS_ENDPOINT_URL": "http://h"}), {"Bucket": "b-1", "Key": "/a//é+%"})
    assert url == "http://h/b-1//a//%C3%A9%2B%25"
