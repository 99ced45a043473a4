"""Selectors mean what they mean to an API server."""

from __future__ import annotations

import pytest

from aimcore.adapters.memory.apiserver.endpoints import endpoints_of
from aimcore.adapters.memory.apiserver.refusals import Refusal
from aimcore.adapters.memory.apiserver.selecting import selector_of

SECRETS = endpoints_of(())["v1", "secrets"]
SECRET = {
    "metadata": {"name": "hub", "namespace": "ml", "labels": {"app": "a", "example.com/tier": ""}},
    "type": "Opaque",
}


@pytest.mark.parametrize(
    ("labels", "meant"),
    [
        ("", True),
        ("app=a", True),
        ("app==a", True),
        (" app = a , example.com/tier ", True),
        ("app=b", False),
        ("app!=b", True),
        ("other!=b", True),
        ("app in (a, b)", True),
        ("app in (b)", False),
        ("app notin (a)", False),
        ("other notin (a)", True),
        ("app", True),
        ("!app", False),
        ("!other", True),
        ("example.com/tier=", True),
        ("app=a,other", False),
        ("in", False),
        ("in in (in)", False),
    ],
)
def test_labels(labels: str, meant: bool) -> None:  # noqa: FBT001 - a column of the table
    assert selector_of(SECRETS, labels, "")(SECRET) == meant


@pytest.mark.parametrize(
    ("fields", "meant"),
    [
        ("metadata.name=hub", True),
        ("metadata.name==hub,metadata.namespace=ml", True),
        ("metadata.name!=hub", False),
        ("type=Opaque", True),
        ("type!=Opaque", False),
    ],
)
def test_fields(fields: str, meant: bool) -> None:  # noqa: FBT001 - a column of the table
    assert selector_of(SECRETS, "", fields)(SECRET) == meant


@pytest.mark.parametrize(
    ("labels", "fields"),
    [
        ("a b", ""),
        ("app in a", ""),
        ("=a", ""),
        ("app=a=b", ""),
        ("-app", ""),
        ("app=-a", ""),
        ("!", ""),
        ("", "data=x"),
        ("", "metadata.name"),
        ("", "metadata.name=a=b,x"),
        ("(" * 10_000, ""),
    ],
)
def test_what_is_no_selector_is_refused(labels: str, fields: str) -> None:
    with pytest.raises(Refusal) as caught:
        selector_of(SECRETS, labels, fields)
    assert caught.value.code == 400
