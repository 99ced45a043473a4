"""Sizes of sources: the environment of a source is resolved, and a prober is asked (SIZE-1, SIZE-3).

The value of a secret goes there and nowhere else: no message here repeats one, nor what was said about it (SEC-1).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aimcore.domain.errors import AimError, ParseError, quoted
from aimcore.domain.view.plan import Probe
from aimcore.domain.weights.filter import ALL_BUT_DUPLICATES, FileFilter
from aimcore.domain.weights.probing import ProbeAnswer, ProbeCause, ProbeFailed
from aimcore.domain.weights.sources import EnvVar, SecretKeyRef, parse_source_uri
from aimcore.ports.errors import AccessDenied, NotFound, PortError
from aimcore.ports.secrets import SecretValues
from aimcore.ports.sizes import SizeProber

__all__ = ["Sizer"]


class UnresolvedError(AimError):
    """A variable has no value that may be read: the `cause` for the answer, and why."""

    def __init__(self, cause: ProbeCause, problem: str) -> None:
        super().__init__(problem)
        self.cause = cause


@dataclass(frozen=True, slots=True)
class Sizer:
    """Answers wishes by one prober, with secrets that are read anew each time; for several threads at once."""

    prober: SizeProber
    secrets: SecretValues
    by: FileFilter = ALL_BUT_DUPLICATES

    def size(self, want: Probe) -> ProbeAnswer:
        """The size of the source, or why it is not known."""
        try:
            source = parse_source_uri(want.uri)
            return self.prober.probe(source, self._environment(want), by=self.by)
        except ParseError as error:
            return ProbeFailed(cause=ProbeCause.MALFORMED, message=str(error))
        except UnresolvedError as error:
            return ProbeFailed(cause=error.cause, message=f"source {quoted(want.uri)}: {error}")

    def _environment(self, want: Probe) -> Mapping[str, str]:
        values = {variable.name: self._value(variable, want.namespace) for variable in want.env}
        return {name: value for name, value in values.items() if value is not None}

    def _value(self, variable: EnvVar, namespace: str) -> str | None:
        """The value, None where it may be absent and is."""
        match variable.value_from:
            case None:
                return variable.value
            case SecretKeyRef() as reference:
                return self._secret(variable.name, reference, namespace)
            case _:
                problem = f"{variable.name} comes from neither a value nor a secret; expected one of the two"
                raise UnresolvedError(ProbeCause.MALFORMED, problem)

    def _secret(self, name: str, reference: SecretKeyRef, namespace: str) -> str | None:
        there = f"key {quoted(reference.key)} of secret {quoted(reference.name)} in namespace {namespace}"
        try:
            return self.secrets.value(namespace, reference.name, reference.key)
        except NotFound:
            if reference.optional:
                return None
            cause, problem = ProbeCause.SECRET_MISSING, f"{name} is not there as text: {there}; create it"
        except AccessDenied:
            cause, problem = ProbeCause.SECRET_MISSING, f"{name} may not be read: {there}; allow it"
        except PortError:
            cause, problem = ProbeCause.UNREACHABLE, f"{name} cannot be read now: {there}"
        raise UnresolvedError(cause, problem)
