"""What the installation and the caller decided, once, as one frozen value: flags first, then AIM_* of the environment."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import Attribute, define, field, validators

from aimcore.domain.errors import ParseError
from aimcore.domain.image import parse_image
from aimcore.domain.kubenames import is_dns1123_label
from aimcore.domain.observed import CreationScopeFrom, Policy

__all__ = ["Settings"]


def _namespace(_settings: object, attribute: Attribute[str], value: str) -> None:
    if not is_dns1123_label(value):
        expected = "a DNS label: at most 63 lower-case letters, digits and '-'"
        raise ParseError(attribute.metadata["said"], value, problem="names no namespace", expected=expected)


def _image(_settings: object, _attribute: object, value: str) -> None:
    parse_image(value)


def _scope(text: str) -> CreationScopeFrom:
    try:
        return CreationScopeFrom(text)
    except ValueError as error:
        expected = " or ".join(CreationScopeFrom)
        raise ParseError("AIM_CREATION_SCOPE_FROM", text, problem="is unknown", expected=expected) from error


@define(frozen=True, kw_only=True)
class Settings:
    """How to judge.

    `strict` takes nothing for present that is not among the manifests; `namespace` is where manifests go that name none,
    None when the caller did not say. Raises `ParseError` for a value that cannot be right.
    """

    operator_namespace: str = field(
        default="aim-system", validator=_namespace, metadata={"said": "AIM_SYSTEM_NAMESPACE"}
    )
    base_image: str = field(default="amdenterpriseai/aim-base:latest", validator=_image)
    creation_scope_from: CreationScopeFrom = field(default=CreationScopeFrom.MERGED, converter=_scope)
    strict: bool = False
    namespace: str | None = field(
        default=None, validator=validators.optional(_namespace), metadata={"said": "namespace"}
    )

    @classmethod
    def of(
        cls,
        environment: Mapping[str, str],
        *,
        strict: bool = False,
        namespace: str | None = None,
        creation_scope_from: str | None = None,
    ) -> Settings:
        """The settings of this environment and these flags; an empty variable counts as unset."""
        said = {
            "operator_namespace": environment.get("AIM_SYSTEM_NAMESPACE"),
            "base_image": environment.get("AIM_BASE_IMAGE"),
            "creation_scope_from": creation_scope_from or environment.get("AIM_CREATION_SCOPE_FROM"),
        }
        return cls(strict=strict, namespace=namespace, **{name: value for name, value in said.items() if value})

    @property
    def policy(self) -> Policy:
        """What of this a decision may see."""
        return Policy(
            operator_namespace=self.operator_namespace,
            base_image=self.base_image,
            creation_scope_from=self.creation_scope_from,
            assume_present=not self.strict,
        )
