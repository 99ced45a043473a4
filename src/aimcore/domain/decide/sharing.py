"""What a service should know of a model that others share with it (AUTO-1, AUTO-3)."""

from __future__ import annotations

from collections.abc import Iterator

from aimcore.domain.children.creation import auto_model
from aimcore.domain.decide.conditions import CREATION_SCOPE_NARROWED, MODEL_SHARED
from aimcore.domain.decide.credentials import Credentials, model_config, model_credentials
from aimcore.domain.decide.resolution import Resolution, ToCreate
from aimcore.domain.kinds.conditions import Condition
from aimcore.domain.kinds.config import ConfigMissing, ResolvedConfig, config_name
from aimcore.domain.kinds.records import Model, ModelByImage, Service
from aimcore.domain.kinds.scope import Scope
from aimcore.domain.values.image import parse_image
from aimcore.domain.view.lookup import Found, is_auto_generated
from aimcore.domain.view.observed import Observed

__all__ = ["sharing_conditions"]


def sharing_conditions(
    observed: Observed[Service], resolution: Resolution, credentials: Credentials
) -> Iterator[Condition]:
    """`ModelShared` and `CreationScopeNarrowed`, for a service that names an image."""
    wanted = observed.subject.spec.model
    if not isinstance(wanted, ModelByImage) or resolution.model is None:
        return
    match resolution.model:
        case Found(thing=model) if is_auto_generated(model):
            differs = _differences(observed, model, credentials)
            if differs:
                message = f"{model.key} was created with other {' and '.join(differs)} than this service's"
                yield MODEL_SHARED("SettingsDiffer", message)
            narrowed = _narrowed(observed, wanted, resolution) if model.key.scope is Scope.NAMESPACE else ""
        case ToCreate(narrowed=told):
            narrowed = told
        case _:
            narrowed = ""
    if narrowed:
        yield CREATION_SCOPE_NARROWED("CreationScopeNarrowed", narrowed)


def _differences(observed: Observed[Service], model: Model, credentials: Credentials) -> list[str]:
    """In what the service differs from the model it did not get to create. A cluster model has no config of its own."""
    found = model_config(observed.view, observed.policy, model)
    config = ResolvedConfig() if isinstance(found, ConfigMissing) else found
    theirs = model_credentials(observed.view, observed.policy, model=model, config=config)
    asked = config_name(observed.subject.spec.runtime_config_name)
    differs = ["pull secrets"] if set(credentials.pull_secrets) - set(theirs.pull_secrets) else []
    if model.key.scope is Scope.NAMESPACE and config_name(model.spec.runtime_config_name) != asked:
        differs.append("runtime config")
    return differs


def _narrowed(observed: Observed[Service], wanted: ModelByImage, resolution: Resolution) -> str:
    if isinstance(resolution.config, ConfigMissing):
        return ""
    return auto_model(observed, parse_image(wanted.image), resolution.config).narrowed
