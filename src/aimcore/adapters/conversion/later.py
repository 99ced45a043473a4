"""What has no counterpart: fields that wait for something to be built, and kinds that are left out.

Whoever builds what a field waits for takes its line from here and says in `spellings` what it becomes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aimcore.adapters.conversion.rewriting import Field, dropped, undecided

__all__ = ["LATER", "WITHOUT_COUNTERPART"]

CACHE_OF_SERVICE = (
    "caching is not carried over; set spec.caching.mode to Shared or Dedicated where weights are to be kept on a volume"
)
LATER: Final[Mapping[str, Field]] = {
    "service.caching": dropped(CACHE_OF_SERVICE),
    "service.cacheModel": dropped(CACHE_OF_SERVICE),
    "service.routing": dropped(
        "routing is not carried over; write spec.routing of the service, or of the runtime config that it names"
    ),
    "service.autoscaling": undecided("set replicas; autoscaling of a service is not built yet"),
    "template.caching": dropped(
        "caches are not filled by a template; write an AIMTemplateCache to fill one ahead of the first service"
    ),
}

_MADE_FROM_TEMPLATES: Final = "weights are found from the sources of a template; the object is left out"
WITHOUT_COUNTERPART: Final[Mapping[str, str]] = {
    "AIMArtifact": _MADE_FROM_TEMPLATES,
    "AIMModelCache": _MADE_FROM_TEMPLATES,
    "AIMTemplateCache": "fields differ; write one anew where weights are to be on a volume before a service asks, else leave it out",
    "AIMClusterModelSource": "registries are not searched for models; write an AIMClusterModel for each image you want",
    "AIMKVCache": "there is no counterpart; the object is left out",
}
"""Kinds that are left out, and why. Of a kind that is not listed nothing more is known than that."""
