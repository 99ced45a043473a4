"""Sources on the command line, sized side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from aimcore.adapters.egress import EgressError, Rules, Session
from aimcore.adapters.egress.origins import parse_url
from aimcore.domain.decide.sizing import probe_of
from aimcore.domain.view.plan import Probe
from aimcore.domain.weights.filter import FileFilter
from aimcore.domain.weights.sources import EnvVar, ModelSource, S3Uri, parse_source_uri
from aimcore.entrypoints.present.answers import Weighed, Weights
from aimcore.entrypoints.settings import Registries
from aimcore.entrypoints.wiring.probers import host_prober
from aimcore.entrypoints.wiring.rules import rules_of
from aimcore.entrypoints.wiring.secrets import ManifestSecrets
from aimcore.entrypoints.wiring.sizes import Sizer
from aimcore.entrypoints.wiring.sources import Meter, SetupError, ask_of

__all__ = ["ENDPOINTS", "host_rules", "weigh"]

ENDPOINTS = ("AWS_ENDPOINT_URL", "HF_ENDPOINT")


def weigh(
    uris: Sequence[str],
    *,
    environment: Mapping[str, str],
    endpoint: str | None,
    registries: Registries,
    by: FileFilter,
    progress: Callable[[str], object],
) -> Weights:
    """The size of each source, in the order given, read with those variables of the environment that are of its scheme.

    What the filter `by` leaves out is told beside it.

    An `endpoint` is asked instead of AWS and Hugging Face, wherever it is. Raises `ParseError` for what names no source,
    `SetupError` for an endpoint or authorities that cannot be used.
    """
    variables = {**environment, **({} if endpoint is None else dict.fromkeys(ENDPOINTS, endpoint))}
    wants = [_want(uri, variables) for uri in uris]
    meter = Meter()
    try:
        session = Session(host_rules(registries, endpoint, uris), observe=meter)
    except EgressError as error:
        raise SetupError(str(error)) from error
    with session:
        sizer = Sizer(host_prober(session), ManifestSecrets(()), by)
        answers = ask_of(sizer.size, progress, "sizing {}/{} sources")(wants)
    weighed = (Weighed(uri=want.uri, answer=answer) for want, answer in zip(wants, answers, strict=True))
    return Weights(sources=tuple(weighed), cost=meter.cost)


def _want(uri: str, variables: Mapping[str, str]) -> Probe:
    parse_source_uri(uri)
    env = tuple(EnvVar(name=name, value=value) for name, value in variables.items())
    return probe_of(ModelSource(model_id="", source_uri=uri, env=env), "")


def host_rules(registries: Registries, endpoint: str | None, uris: Sequence[str]) -> Rules:
    """Whoever names an endpoint means it and the buckets below it, http and this machine included (SEC-3)."""
    rules = rules_of(registries)
    if endpoint is None:
        return rules
    origin = parse_url(endpoint).origin
    sources = map(parse_source_uri, uris)
    buckets = (f"{source.bucket}.{origin.host}" for source in sources if isinstance(source, S3Uri))
    host = frozenset(f"{name}:{origin.port}" for name in (origin.host, *buckets))
    if origin.scheme == "http":
        return replace(rules, plain_http=rules.plain_http | host)
    return replace(rules, allow_hosts=rules.allow_hosts | host)
