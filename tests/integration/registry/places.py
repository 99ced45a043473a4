"""Where images can be: what the contract puts them into, and what inspects them there."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from aimcore.adapters.egress import Exchange, Rules, Session
from aimcore.adapters.memory.outside import MemoryRegistry
from aimcore.adapters.oci.layout import LayoutInspector
from aimcore.adapters.oci.registry import RegistryInspector
from aimcore.domain.values.image import parse_image
from aimcore.domain.view.plan import Inspect
from aimcore.ports.errors import NotFound
from aimcore.ports.images import ImageInspector
from aimcore.ports.secrets import PullSecret
from tests.integration.registry.contents import Content
from tests.integration.registry.pushing import LayoutWriter
from tests.integration.registry.registries import PASSWORDS, WRONG, Registry, basic

__all__ = ["LayoutPlace", "MemoryPlace", "Place", "RegistryPlace", "SecretStore", "Store"]

NAMESPACE = "ml-team"


class SecretStore:
    """Pull secrets by namespace and name."""

    def __init__(self, secrets: Iterable[PullSecret] = ()) -> None:
        self._secrets = {(NAMESPACE, each.name): each for each in secrets}

    def read(self, namespace: str, name: str) -> PullSecret:
        try:
            return self._secrets[namespace, name]
        except KeyError:
            raise NotFound(f"secret {namespace}/{name} does not exist") from None


class Place(Protocol):
    """Somewhere images are. `host` is what references into it begin with."""

    host: str

    def put(self, content: Content, repository: str, *tags: str) -> str:
        """Returns the digest."""
        ...

    def inspector(self) -> ImageInspector:
        """A new one, which remembers nothing."""
        ...

    def want(self, image: str) -> Inspect:
        """The wish to know the image `host/image`, with the credentials that ann has for it."""
        ...


class Store(Place, Protocol):
    """One that holds content by its digest."""

    def remove(self, repository: str, digest: str) -> None:
        """Takes the image of that digest away, with its tags."""
        ...


@dataclass
class MemoryPlace:
    """The registry in memory: no digests, no platforms, no secrets."""

    host: str = "registry.example.com"
    _images: MemoryRegistry = field(default_factory=lambda: MemoryRegistry({}))

    def put(self, content: Content, repository: str, *tags: str) -> str:
        return [self._images.push(f"{self.host}/{repository}:{tag}", content.labels) for tag in tags][-1]

    def inspector(self) -> ImageInspector:
        return self._images

    def want(self, image: str) -> Inspect:
        return Inspect(parse_image(f"{self.host}/{image}"))


class LayoutPlace:
    """An OCI image layout."""

    def __init__(self, folder: Path) -> None:
        self.host = "registry.example.com"
        self._folder = folder
        self._writer = LayoutWriter(folder)

    def put(self, content: Content, repository: str, *tags: str) -> str:
        return self._writer.push(content, f"{self.host}/{repository}", *tags)

    def remove(self, repository: str, digest: str) -> None:
        del repository  # a layout files by digest alone
        self._writer.remove(digest)

    def inspector(self) -> ImageInspector:
        return LayoutInspector([self._folder])

    def want(self, image: str) -> Inspect:
        return Inspect(parse_image(f"{self.host}/{image}"))


class RegistryPlace:
    """A real registry. Its inspectors trust its authority, and reach it and its token server though they are on loopback."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.host = registry.address
        self._observe: Callable[[Exchange], object] = _look_away
        self._session = Session(self.rules, observe=self._tell)

    def close(self) -> None:
        self._session.close()

    def put(self, content: Content, repository: str, *tags: str) -> str:
        with self.registry.pusher() as pusher:
            return pusher.push(content, repository, *tags)

    def remove(self, repository: str, digest: str) -> None:
        with self.registry.pusher() as pusher:
            pusher.remove(repository, digest)

    def inspector(self) -> RegistryInspector:
        return self.observed(_look_away)

    def observed(self, observe: Callable[[Exchange], object]) -> RegistryInspector:
        """A new one that tells of each request it makes, from now on the only one that does. ann's secret is there, and bob's, and wrong ones."""
        secrets = SecretStore(
            [
                self._secret("ann", "ann", PASSWORDS["ann"]),
                self._secret("bob", "bob", PASSWORDS["bob"]),
                self._secret("wrong", "ann", WRONG),
            ]
        )
        self._observe = observe
        return RegistryInspector(self._session, secrets=secrets)

    @property
    def rules(self) -> Rules:
        tokens = frozenset() if self.registry.tokens is None else frozenset({self.registry.tokens.address})
        if self.registry.ca is not None:
            return Rules(allow_hosts=frozenset({self.host}), ca_file=self.registry.ca)
        return Rules(plain_http=frozenset({self.host}) | tokens)

    def _tell(self, exchange: Exchange) -> None:
        self._observe(exchange)

    def _secret(self, name: str, user: str, password: str) -> PullSecret:
        """A pull secret for this registry, as `kubectl create secret docker-registry` makes it."""
        document = json.dumps({"auths": {self.host: {"auth": basic(user, password)}}}).encode()
        return PullSecret(name=name, type="kubernetes.io/dockerconfigjson", document=document)

    def want(self, image: str) -> Inspect:
        return self.want_with(image, *(("ann",) if self.registry.guarded else ()))

    def want_with(self, image: str, *secrets: str) -> Inspect:
        """The wish to know it, with these secrets."""
        return Inspect(parse_image(f"{self.host}/{image}"), namespace=NAMESPACE, pull_secrets=secrets)


def _look_away(_: Exchange) -> None:
    """For those who do not count."""
