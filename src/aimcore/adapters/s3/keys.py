"""Keys of a store, which are shown to nobody but to sign with (SEC-1)."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Keys"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """Whom to ask as; `token` is empty but for keys that are lent for a while. `repr` shows nothing (SEC-1)."""

    id: str = field(repr=False)
    secret: str = field(repr=False)
    token: str = field(repr=False)

    def hold(self, text: str) -> bool:
        """Whether `text` stands in one of them, so that it must not be shown."""
        return any(text in each for each in (self.id, self.secret, self.token))
