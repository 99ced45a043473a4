from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.domain.hardware.affinity import NodeLabel
from aimcore.domain.hardware.taints import Toleration
from aimcore.domain.kinds.workload import PodSettings
from aimcore.domain.serving.placement import MOST_TERMS, node_terms, placement, product
from tests.unit.domain.serving.builders import MI300X

REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
Term = Mapping[str, Any]
Labels = dict[str, str]

OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist")
expressions = st.builds(
    lambda key, operator, values: {"key": key, "operator": operator} | ({"values": values} if "In" in operator else {}),
    st.sampled_from("ab"),
    st.sampled_from(OPERATORS),
    st.lists(st.sampled_from("xyz"), min_size=1, max_size=2),
)
fields = st.builds(lambda name: {"key": "metadata.name", "operator": "In", "values": [name]}, st.sampled_from("xyz"))
terms = st.fixed_dictionaries(
    {}, optional={"matchExpressions": st.lists(expressions, max_size=2), "matchFields": st.lists(fields, max_size=1)}
)
selectors = st.lists(terms, max_size=3)
nodes = st.fixed_dictionaries(
    {"metadata.name": st.sampled_from("xyz")}, optional={"a": st.sampled_from("xyz"), "b": st.sampled_from("xyz")}
)


def meets(node: Labels, selector: list[Any]) -> bool:
    """As the scheduler has it: any term, all its expressions; a term without any fits nothing."""
    return any(_meets_term(node, term) for term in selector)


def _meets_term(node: Labels, term: Term) -> bool:
    asked = [*term.get("matchExpressions", ()), *term.get("matchFields", ())]
    return bool(asked) and all(_meets_expression(node, one) for one in asked)


def _meets_expression(node: Labels, one: Term) -> bool:
    there = one["key"] in node
    among = node.get(one["key"]) in one.get("values", ())
    return {"In": there and among, "NotIn": not (there and among), "Exists": there, "DoesNotExist": not there}[
        one["operator"]
    ]


def required(*listed: Any) -> Term:
    return {"nodeAffinity": {REQUIRED: {"nodeSelectorTerms": list(listed)}}}


@pytest.mark.rule("RUN-8")
@given(nodes, selectors, selectors)
def test_a_node_meets_the_product_when_it_meets_both(node: Labels, ours: list[Any], theirs: list[Any]) -> None:
    assert meets(node, product(ours, theirs)) == (meets(node, ours) and meets(node, theirs))


@pytest.mark.rule("RUN-8")
@given(selectors, selectors)
def test_a_product_is_never_empty_nor_says_a_term_twice(ours: list[Any], theirs: list[Any]) -> None:
    both = product(ours, theirs)
    assert both
    assert all(one not in both[place + 1 :] for place, one in enumerate(both))


@pytest.mark.rule("RUN-8")
@pytest.mark.parametrize(
    ("labels", "asked", "said"),
    [
        pytest.param(
            MI300X,
            {},
            required(
                {"matchExpressions": [{"key": "amd.com/gpu.device-id", "operator": "In", "values": ["74a1", "74b5"]}]}
            ),
            id="the template alone",
        ),
        pytest.param((), {}, required({}), id="hardware that no node has"),
        pytest.param(None, {"podAffinity": {}}, {"podAffinity": {}}, id="the user alone"),
        pytest.param(
            (NodeLabel(key="g", values=("1",)),),
            {
                "nodeAffinity": {
                    REQUIRED: {"nodeSelectorTerms": [{"matchFields": [{"key": "metadata.name"}]}]},
                    "preferredDuringSchedulingIgnoredDuringExecution": [],
                },
                "podAffinity": {},
            },
            {
                "nodeAffinity": {
                    REQUIRED: {
                        "nodeSelectorTerms": [
                            {
                                "matchExpressions": [{"key": "g", "operator": "In", "values": ["1"]}],
                                "matchFields": [{"key": "metadata.name"}],
                            }
                        ]
                    },
                    "preferredDuringSchedulingIgnoredDuringExecution": [],
                },
                "podAffinity": {},
            },
            id="both",
        ),
    ],
)
def test_the_affinity_of_a_pod(labels: tuple[NodeLabel, ...] | None, asked: Term, said: Term) -> None:
    placed = placement(labels, PodSettings(affinity=asked))
    assert (placed.fields, placed.problems) == ({"affinity": said}, ())


@pytest.mark.rule("RUN-8")
def test_too_many_terms_are_invalid_and_one_less_is_not() -> None:
    ours = tuple(NodeLabel(key="g", values=(str(number),)) for number in range(8))
    listed = [{"matchExpressions": [{"key": "z", "operator": "In", "values": [str(number)]}]} for number in range(9)]
    fits = placement(ours, PodSettings(affinity=required(*listed[:8])))
    assert fits.problems == ()
    assert len(fits.fields["affinity"]["nodeAffinity"][REQUIRED]["nodeSelectorTerms"]) == MOST_TERMS
    (problem,) = placement(ours, PodSettings(affinity=required(*listed))).problems
    assert problem == (
        "pod.affinity and the nodes of the template together have 72 required node terms; "
        "expected at most 64, so ask by nodeSelector or by fewer terms"
    )


@pytest.mark.rule("RUN-8")
def test_what_else_says_where_a_pod_may_go() -> None:
    assert placement(None, PodSettings()).fields == {}
    said = PodSettings(
        node_selector={"pool": "a"},
        tolerations=(
            Toleration(key="k", operator="Exists", toleration_seconds=0),
            Toleration(value="v", effect="NoExecute"),
        ),
        topology_spread_constraints=({"maxSkew": 1},),
        priority_class_name="p",
        scheduler_name="s",
        runtime_class_name="r",
    )
    assert placement(None, said).fields == {
        "nodeSelector": {"pool": "a"},
        "tolerations": [
            {"key": "k", "operator": "Exists", "tolerationSeconds": 0},
            {"value": "v", "effect": "NoExecute"},
        ],
        "topologySpreadConstraints": [{"maxSkew": 1}],
        "priorityClassName": "p",
        "schedulerName": "s",
        "runtimeClassName": "r",
    }
    assert node_terms(()) == [{}]
