"""Planted secrets, and every spelling in which they might leak."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from urllib.parse import quote

from aimcore.ports.secrets import PullSecret

__all__ = ["Canary", "docker_config"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """A user and a password that stand nowhere else, and that `home` alone may hear."""

    home: str
    user: str
    password: str = field(repr=False)

    @property
    def basic(self) -> str:
        """The two as Basic authentication has them."""
        return base64.b64encode(f"{self.user}:{self.password}".encode()).decode()

    def leaks(self, *texts: str | bytes) -> list[str]:
        """Which spellings of the password stand in `texts`, each named."""
        everything = b"\n".join(text if isinstance(text, bytes) else text.encode(errors="replace") for text in texts)
        spellings = {
            "as it is": self.password.encode(),
            "as Basic": self.basic.encode(),
            "in base64": base64.b64encode(self.password.encode()).rstrip(b"="),
            "in hex": self.password.encode().hex().encode(),
            "in a URL": quote(self.password, safe="").encode(),
            "backwards": self.password[::-1].encode(),
        }
        return [f"{self.home}'s password {how}" for how, spelling in spellings.items() if spelling in everything]


def docker_config(*canaries: Canary, name: str = "team/pull") -> PullSecret:
    """A pull secret that holds them all."""
    auths = {each.home: {"auth": each.basic} for each in canaries}
    document = json.dumps({"auths": auths}).encode()
    return PullSecret(name=name, type="kubernetes.io/dockerconfigjson", document=document)
