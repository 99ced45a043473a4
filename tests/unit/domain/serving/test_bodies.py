from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.domain.hardware.taints import Toleration
from aimcore.domain.kinds.workload import PodSettings
from aimcore.domain.serving.bodies import canonical, digest, plain, said
from aimcore.domain.values.profile import Metric
from aimcore.domain.values.quantity import parse_quantity

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.rule("RUN-13")
@given(st.dictionaries(st.text(max_size=3), json_values, max_size=4))
def test_the_canonical_text_does_not_know_the_order_of_keys(body: dict[str, object]) -> None:
    turned = dict([*body.items()][::-1])
    assert canonical(turned) == canonical(body)
    assert digest(turned) == digest(body)


def test_a_digest_is_of_the_canonical_text() -> None:
    assert digest({"b": 1, "a": "é"}) == sha256('{"a":"é","b":1}'.encode()).hexdigest()[:10]
    assert len(digest("\ud800")) == 10


def test_a_record_is_said_by_its_fields() -> None:
    settings = PodSettings(
        tolerations=(Toleration(key="a"),), labels={"x": "y"}, shared_memory_size=parse_quantity("1Ki"), drain_seconds=0
    )
    assert plain(settings) == {
        "drain_seconds": 0,
        "labels": {"x": "y"},
        "shared_memory_size": "1024",
        "tolerations": [{"key": "a"}],
    }
    assert plain(settings, without=("labels", "key")) == {
        "drain_seconds": 0,
        "shared_memory_size": "1024",
        "tolerations": [{}],
    }
    assert plain([Metric.LATENCY, None, 1]) == ["latency", None, 1]
    assert said({"a": None, "b": False, "c": 0}) == {"b": False, "c": 0}
