"""What has no counterpart: fields that wait for something to be built, and kinds that are left out.

Whoever builds what a field waits for takes its line from here and says in `spellings` what it becomes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aimcore.adapters.conversion.rewriting import Field, dropped, undecided

__all__ = ["LATER", "WITHOUT_COUNTERPART"]

CACHE_OF_SERVICE = "caching of a service is not built yet; nothing is cached until then"
LATER: Final[Mapping[str, Field]] = {
    "service.caching": dropped(CACHE_OF_SERVICE),
    "service.cacheModel": dropped(CACHE_OF_SERVICE),
    "service.routing": dropped(
        "routing of a single service is not built yet; write it into the runtime config that the service names"
    ),
    "service.autoscaling": undecided("set replicas; autoscaling of a service is not built yet"),
    "template.caching": dropped("filling a cache ahead of the first service is not built yet"),
}

_MADE_FROM_TEMPLATES: Final = "weights are found from the sources of a template; the object is left out"
WITHOUT_COUNTERPART: Final[Mapping[str, str]] = {
    "AIMArtifact": _MADE_FROM_TEMPLATES,
    "AIMModelCache": _MADE_FROM_TEMPLATES,
    "AIMTemplateCache": "caches are not built yet; the object is left out",
    "AIMClusterModelSource": "registries are not searched for models; write an AIMClusterModel for each image you want",
    "AIMKVCache": "there is no counterpart; the object is left out",
}
"""Kinds that are left out, and why. Of a kind that is not listed nothing more is known than that."""
