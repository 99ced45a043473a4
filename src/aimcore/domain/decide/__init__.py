"""The decisions: what is observed in, what to do out; no clock, no network, no chance."""

from aimcore.domain.decide.model import decide_model
from aimcore.domain.decide.service import decide_service
from aimcore.domain.decide.template import decide_template

__all__ = ["decide_model", "decide_service", "decide_template"]
