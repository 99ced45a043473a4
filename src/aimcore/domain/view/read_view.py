"""All that a decision may read of the cluster: two primitives, and the reads by name that are made of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, cast

from aimcore.domain.hardware.inventory import Inventory
from aimcore.domain.kinds.config import NO_CONFIG, ResolvedConfig
from aimcore.domain.kinds.core import Absent, Child, Namespace, Secret, ServiceAccount
from aimcore.domain.kinds.records import AimObject, Model, RuntimeConfig, Template
from aimcore.domain.kinds.resources import NO_RESOURCES, Resources
from aimcore.domain.kinds.scope import Key, Kind, Reference
from aimcore.domain.view.keys import (
    CLAIMS_OF_CONTENT,
    DEPLOYMENTS,
    DRY_RUNS,
    DRY_RUNS_QUEUED,
    DRY_RUNS_UNFINISHED,
    JOBS_OF_CLAIM,
    MENTIONING,
    MODELS_NAMED,
    MODELS_OF_IMAGE,
    OWNED_BY,
    PODS_OF_JOB,
    PODS_OF_SERVICE,
    ROUTES,
    TEMPLATES_OF_MODEL,
    IndexDef,
    Mention,
    QueuedDryRun,
)

__all__ = ["ReadView"]


class ReadView(ABC):
    """A snapshot of the cluster. Whoever wraps `get`, `at` and `inventory` sees every read there is."""

    # The primitives ---------------------------------------------------------------------------------------------------

    @abstractmethod
    def get(self, kind: Kind, namespace: str | None, name: str) -> Any:
        """The object of that kind, namespace (None: of the cluster) and name; None where nothing is known of it."""

    @abstractmethod
    def at(self, index: IndexDef, namespace: str | None, word: str) -> tuple[Any, ...]:
        """What the index shows of each object that is found by that word."""

    @property
    @abstractmethod
    def inventory(self) -> Inventory | None:
        """What all nodes have together; None where nodes cannot be read."""

    # Reads by name ----------------------------------------------------------------------------------------------------

    def model(self, namespace: str | None, name: str) -> Model | None:
        """The model of that namespace (None: of the cluster) and name."""
        return cast("Model | None", self.get(Kind.MODEL, namespace, name))

    def model_reference(self, namespace: str | None, name: str) -> Reference | None:
        """Which model of that namespace (None: of the cluster) has this name; changes of its status, say, are not seen."""
        found = self.at(MODELS_NAMED, namespace, name)
        return found[0][0] if found else None

    def model_resources(self, namespace: str | None, name: str) -> Resources:
        """What the model of that namespace (None: of the cluster) and name asks for; nothing where there is none (RES-1)."""
        found = self.at(MODELS_NAMED, namespace, name)
        return found[0][1] if found else NO_RESOURCES

    def template(self, namespace: str | None, name: str) -> Template | None:
        """The template of that namespace (None: of the cluster) and name."""
        return cast("Template | None", self.get(Kind.TEMPLATE, namespace, name))

    def models_of_image(self, namespace: str | None, image: str) -> tuple[Model, ...]:
        """The image models of that namespace (None: of the cluster) whose normalised image is `image` (LOOK-4)."""
        return self.at(MODELS_OF_IMAGE, namespace, image)

    def templates_of_model(self, namespace: str | None, model: str) -> tuple[Template, ...]:
        """The templates of that namespace (None: of the cluster) that name this model."""
        return self.at(TEMPLATES_OF_MODEL, namespace, model)

    def child(self, kind: Kind, namespace: str | None, name: str) -> Child | None:
        """The Deployment, Service, HTTPRoute, claim or Job of that namespace and name, as far as it is followed."""
        return cast("Child | None", self.get(kind, namespace, name))

    def deployments_of(self, namespace: str) -> tuple[Child, ...]:
        """The Deployments of that namespace that the operator made."""
        return self.at(DEPLOYMENTS, namespace, "")

    def claims_of(self, namespace: str, content: str) -> tuple[Child, ...]:
        """The claims of that namespace that the operator made for content of this digest (CACHE-3)."""
        return self.at(CLAIMS_OF_CONTENT, namespace, content)

    def jobs_of(self, namespace: str, claim: str) -> tuple[Child, ...]:
        """The Jobs of that namespace that fill the claim of this name (CACHE-9)."""
        return self.at(JOBS_OF_CLAIM, namespace, claim)

    def dry_runs_of(self, namespace: str, asked: str) -> tuple[Child, ...]:
        """The Jobs of that namespace that ask an image what has this digest (PROFILE-2)."""
        return self.at(DRY_RUNS, namespace, asked)

    def dry_runs_unfinished(self) -> tuple[tuple[Key, str], ...]:
        """The Jobs of all namespaces that ask an image and have not ended, each with the time it was made."""
        return self.at(DRY_RUNS_UNFINISHED, None, "")

    def dry_runs_queued(self) -> tuple[QueuedDryRun, ...]:
        """The caches of all namespaces that wait for their turn to ask an image."""
        return self.at(DRY_RUNS_QUEUED, None, "")

    def pods_of_job(self, uid: str) -> tuple[Any, ...]:
        """What is seen of the pods (`ObservedPod`) that the Job of this uid made."""
        return self.at(PODS_OF_JOB, None, uid)

    def routes(self) -> tuple[Child, ...]:
        """Every HTTPRoute that the operator made, without its status and of its metadata only whose it is."""
        return self.at(ROUTES, None, "")

    def is_served(self, kind: Kind) -> bool:
        """Whether the server knows the kind at all."""
        return self.get(kind, None, "") is None

    def owned_by(self, uid: str) -> tuple[AimObject, ...]:
        """The objects whose controller is the object of this uid (OWN-2)."""
        return self.at(OWNED_BY, None, uid)

    def pods_of(self, namespace: str, label_value: str) -> tuple[Any, ...]:
        """What is seen of the pods of a service (`ObservedPod`), by namespace and the value of their service label (RUN-13)."""
        return self.at(PODS_OF_SERVICE, namespace, label_value)

    def mentioning(self, template: str) -> tuple[Mention, ...]:
        """Who names a template of this name in its spec or status (TMPL-4)."""
        return self.at(MENTIONING, None, template)

    def config(self, namespace: str | None, name: str) -> ResolvedConfig:
        """The merged configuration of this name for that namespace; without a `reference` when there is none."""
        near = None if namespace is None else self.get(Kind.RUNTIME_CONFIG, namespace, name)
        far = self.get(Kind.RUNTIME_CONFIG, None, name)
        return NO_CONFIG if near is None and far is None else self.merged(near, far)

    @abstractmethod
    def merged(self, near: RuntimeConfig | None, far: RuntimeConfig | None) -> ResolvedConfig:
        """The two merged; a cache of objects does it once for the many that use one configuration."""

    def deleting(self, namespace: str | None) -> bool:
        """Whether that namespace is on its way out; the cluster never is (OWN-3)."""
        found: Namespace | None = self.get(Kind.NAMESPACE, None, namespace or "")
        return found is not None and found.deleting

    def secret(self, namespace: str, name: str) -> Secret | None:
        """The secret of that name, as far as it may be looked at: that it is there, and its type."""
        found = self.get(Kind.SECRET, namespace, name)
        return found if isinstance(found, Secret) else None

    def account(self, namespace: str, name: str) -> ServiceAccount | None:
        """The service account of that name."""
        found = self.get(Kind.SERVICE_ACCOUNT, namespace, name)
        return found if isinstance(found, ServiceAccount) else None

    def is_absent(self, thing: Absent) -> bool:
        """Whether somebody looked for it, and it was not there."""
        return bool(self.get(thing.key.kind, thing.namespace, thing.name) == thing)
