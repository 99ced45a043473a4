"""What the installation and the caller decided, once, as one frozen value: flags first, then AIM_* of the environment."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from attrs import Attribute, define, field, validators

from aimcore.domain.errors import ParseError
from aimcore.domain.kinds.workload import DefaultResources
from aimcore.domain.serving.amounts import DEFAULT_RESOURCES
from aimcore.domain.values.image import parse_image
from aimcore.domain.values.kubenames import is_dns1123_label
from aimcore.domain.values.quantity import parse_quantity
from aimcore.domain.view.observed import CreationScopeFrom, Policy, Unseen

__all__ = ["PLATFORM", "Registries", "Settings"]

HOST: Final = re.compile(
    r"(?:[a-z0-9]++(?:(?:\.|-++)[a-z0-9]++)*+|\[[a-f0-9:.]++\])(?::(?P<port>[0-9]{1,5}))?", re.IGNORECASE
)
PLATFORM: Final = "linux/amd64"
"""What is read where an image is built for several (DISC-4)."""
PLATFORMS: Final = re.compile(r"[a-z0-9]+/[a-z0-9]+")
SWITCHES: Final = {"on": True, "true": True, "off": False, "false": False}
TRUTHS: Final = {"true": True, "1": True, "false": False, "0": False}


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


def _hosts(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(map(_host, texts))


def _host(text: str) -> str:
    found = HOST.fullmatch(text)
    if found is None or int(found["port"] or "1") not in range(1, 2**16):
        expected = "HOST or HOST:PORT, without a scheme and a path"
        raise ParseError("host", text, problem="names no registry", expected=expected)
    return text.lower()


def _pairs(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(map(_pair, texts))


def _pair(text: str) -> str:
    registry, equals, service = text.partition("=")
    if not equals:
        raise ParseError(
            "token service", text, problem="names no pair", expected="REGISTRY=SERVICE, each a HOST[:PORT]"
        )
    return f"{_host(registry.strip())}={_host(service.strip())}"


def _platform(_registries: object, _attribute: object, value: str) -> None:
    if not PLATFORMS.fullmatch(value):
        raise ParseError("platform", value, problem="is malformed", expected="OS/ARCH, such as linux/amd64")


def _truth(text: str) -> bool:
    if text.lower() not in TRUTHS:
        raise ParseError("AIM_REFUSE_PRIVATE", text, problem="is not a boolean", expected="true or false")
    return TRUTHS[text.lower()]


def _switch(name: str, text: str | None) -> bool | None:
    """Reads `on` and `off`; None where nothing is said."""
    if not text:
        return None
    if text.lower() not in SWITCHES:
        raise ParseError(name, text, problem="is unknown", expected="on or off")
    return SWITCHES[text.lower()]


def _resources(text: str | DefaultResources | None) -> DefaultResources | None:
    """`none`, or the CPU and memory requested and the memory limit of each GPU: `4,32Gi,48Gi`."""
    if not isinstance(text, str):
        return text
    if text.strip().lower() == "none":
        return None
    amounts = text.split(",")
    if len(amounts) != 3:
        expected = "none, or CPU, memory and memory limit for each GPU: 4,32Gi,48Gi"
        raise ParseError("default resources", text, problem="cannot be read", expected=expected)
    cpu, memory, limit = (parse_quantity(one.strip()) for one in amounts)
    return DefaultResources(cpu_request=cpu, memory_request=memory, memory_limit=limit)


def _at_once(text: str | int) -> int:
    """A whole number of things that go on at a time, at least one."""
    said = str(text)
    if not (said.isascii() and said.isdigit() and int(said[:4]) >= 1 and len(said) <= 3):
        raise ParseError("dry runs", said, problem="is no number of them", expected="1 to 999")
    return int(said)


@define(frozen=True, kw_only=True)
class Registries:
    """How registries are spoken to: which hosts over plain HTTP, which wherever they are, and with whose credentials.

    A host is `HOST`, for every port of it, or `HOST:PORT`. `ca_file` is trusted beside the system's authorities,
    `config_file` is a docker config (`{"auths": {...}}`), and `platform` the one that is read where there are several.
    `token_services` are pairs, REGISTRY=SERVICE, of a registry and a token service of another site that may have its credentials.
    Raises `ParseError` for a value that cannot be right.
    """

    plain_http: frozenset[str] = field(default=frozenset(), converter=_hosts)
    allow_hosts: frozenset[str] = field(default=frozenset(), converter=_hosts)
    refuse_private: bool = False
    ca_file: Path | None = None
    config_file: Path | None = None
    token_services: frozenset[str] = field(default=frozenset(), converter=_pairs)
    platform: str = field(default=PLATFORM, validator=_platform)

    @classmethod
    def of(
        cls,
        environment: Mapping[str, str],
        *,
        plain_http: tuple[str, ...] = (),
        allow_hosts: tuple[str, ...] = (),
        refuse_private: bool = False,
        ca_file: Path | None = None,
        config_file: Path | None = None,
        token_services: tuple[str, ...] = (),
        platform: str | None = None,
    ) -> Registries:
        """What these flags say, and the environment where they are silent; an empty variable counts as unset."""
        private = environment.get("AIM_REFUSE_PRIVATE")
        ca, config = environment.get("AIM_CA_FILE"), environment.get("AIM_REGISTRY_CONFIG")
        return cls(
            plain_http=plain_http or _listed(environment.get("AIM_PLAIN_HTTP", "")),
            allow_hosts=allow_hosts or _listed(environment.get("AIM_ALLOW_HOSTS", "")),
            refuse_private=refuse_private or bool(private and _truth(private)),
            ca_file=ca_file or (Path(ca) if ca else None),
            config_file=config_file or (Path(config) if config else None),
            token_services=token_services or _listed(environment.get("AIM_TOKEN_SERVICES", "")),
            platform=platform or environment.get("AIM_PLATFORM") or PLATFORM,
        )

    @property
    def of_hosts(self) -> tuple[tuple[str, str], ...]:
        """What is said of hosts, as the variables that say it: for processes that are to speak to the same ones."""
        said = {
            "AIM_ALLOW_HOSTS": ",".join(sorted(self.allow_hosts)),
            "AIM_PLAIN_HTTP": ",".join(sorted(self.plain_http)),
            "AIM_REFUSE_PRIVATE": "true" if self.refuse_private else "",
        }
        return tuple((name, value) for name, value in said.items() if value)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(word for part in text.split(",") if (word := part.strip()))


@define(frozen=True, kw_only=True)
class Settings:
    """How to decide.

    With `workloads` off services are resolved and not started (RUN-15). `default_resources` is what each GPU brings along where
    nobody says anything else; with `crash_text` off no word of a crashed container is shown, with `pod_logs` off none of any pod is read.
    At most `dry_runs` images are asked for their profile at a time. `strict` takes nothing for present that is not among the manifests; `namespace` is where manifests go that name none,
    None when the caller did not say. Raises `ParseError` for a value that cannot be right.
    """

    operator_namespace: str = field(
        default="aim-system", validator=_namespace, metadata={"said": "AIM_SYSTEM_NAMESPACE"}
    )
    base_image: str = field(default="amdenterpriseai/aim-base:latest", validator=_image)
    creation_scope_from: CreationScopeFrom = field(default=CreationScopeFrom.MERGED, converter=_scope)
    workloads: bool = True
    default_resources: DefaultResources | None = field(default=DEFAULT_RESOURCES, converter=_resources)
    crash_text: bool = True
    download_image: str | None = field(default=None, validator=validators.optional(_image))
    job_ids: bool = True
    pod_logs: bool = True
    dry_runs: int = field(default=4, converter=_at_once)
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
        workloads: str | None = None,
        default_resources: str | None = None,
        crash_text: str | None = None,
        pod_logs: str | None = None,
        dry_runs: int | None = None,
    ) -> Settings:
        """The settings of this environment and these flags; an empty variable counts as unset."""
        said: dict[str, Any] = {
            "operator_namespace": environment.get("AIM_SYSTEM_NAMESPACE"),
            "base_image": environment.get("AIM_BASE_IMAGE"),
            "creation_scope_from": creation_scope_from or environment.get("AIM_CREATION_SCOPE_FROM"),
            "workloads": _switch("workloads", workloads or environment.get("AIM_WORKLOADS")),
            "default_resources": default_resources or environment.get("AIM_DEFAULT_RESOURCES"),
            "download_image": environment.get("AIM_DOWNLOAD_IMAGE"),
            "job_ids": _switch("job ids", environment.get("AIM_JOB_IDS")),
            "crash_text": _switch("crash text", crash_text or environment.get("AIM_CRASH_TEXT")),
            "pod_logs": _switch("pod logs", pod_logs or environment.get("AIM_POD_LOGS")),
            "dry_runs": environment.get("AIM_DRY_RUNS") if dry_runs is None else dry_runs,
        }
        return cls(
            strict=strict,
            namespace=namespace,
            **{name: value for name, value in said.items() if value not in (None, "")},
        )

    @property
    def policy(self) -> Policy:
        """What of this a decision may see."""
        return Policy(
            operator_namespace=self.operator_namespace,
            base_image=self.base_image,
            creation_scope_from=self.creation_scope_from,
            unseen=Unseen.ABSENT if self.strict else Unseen.ASSUMED,
            workloads=self.workloads,
            default_resources=self.default_resources,
            crash_text=self.crash_text,
            download_image=self.download_image,
            job_ids=self.job_ids,
            pod_logs=self.pod_logs,
            dry_runs=self.dry_runs,
        )
