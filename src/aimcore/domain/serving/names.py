"""What the children of a service are called and labelled (RUN-2, RUN-13)."""

from __future__ import annotations

from collections.abc import Mapping

from aimcore.domain.kinds.naming import derived_name, label_value
from aimcore.domain.kinds.ownership import MANAGED_BY, MANAGER, SERVICE_LABEL
from aimcore.domain.serving.bodies import digest
from aimcore.domain.values.kubenames import is_dns1123_label

__all__ = ["MANAGED_BY", "SERVICE_LABEL", "child_labels", "child_name", "pod_selector", "selector_text"]


def child_name(service: str) -> str:
    """The one name of a service's Deployment, Service and HTTPRoute: `aim-{service}`, with a digest where that cannot be.

    It begins with a letter, as the name of a Service must, and people can guess it.

    >>> child_name("chat"), child_name("llama-3.1")
    ('aim-chat', 'aim-llama-3-1-8918c474e5')
    """
    name = f"aim-{service}"
    if is_dns1123_label(name):
        return name
    return derived_name(("aim", service), digest({"identity": "service-child/1", "service": service}))


def pod_selector(service: str) -> dict[str, str]:
    """The labels that select a service's pods: one alone, the same in every version, as no server lets it be changed."""
    return {SERVICE_LABEL: label_value(service)}


def selector_text(service: str) -> str:
    """The selector as `status.selector` has it, for autoscalers (RUN-11)."""
    return ",".join(f"{name}={value}" for name, value in pod_selector(service).items())


def child_labels(service: str, propagated: Mapping[str, str]) -> dict[str, str]:
    """The labels of every child: those propagated to it, and over them our own."""
    return {**propagated, MANAGED_BY: MANAGER, **pod_selector(service)}
