"""A thing that somebody paused is marked wherever it is listed, drawn or explained."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aimcore.domain.kinds.records import Meta, ModelByRef, Service, ServiceSpec
from aimcore.domain.kinds.scope import Key, Kind
from aimcore.domain.view.observed import PAUSED
from aimcore.entrypoints.present.objects import Listed, list_outline
from aimcore.entrypoints.present.verdicts import thing_data, verdict_entry

RUNS = Service(key=Key(Kind.SERVICE, "ml", "chat"), spec=ServiceSpec(model=ModelByRef(ref="llama")))
PAUSES = replace(RUNS, meta=Meta(annotations={PAUSED: "true"}))


@pytest.mark.rule("RUN-15", "OWN-3")
@pytest.mark.parametrize(("service", "mark"), [(RUNS, ""), (PAUSES, " (paused)")], ids=["runs", "paused"])
def test_lists_and_explanations_mark_what_is_paused(service: Service, mark: str) -> None:
    listed = [
        entry.text
        for section in list_outline([Listed(thing=service, created=None, base_image="")], 0)
        for entry in section.entries
    ]
    assert listed == [f"ml/chat{mark}"]
    assert verdict_entry(service).text == f"AIMService ml/chat{mark}"
    assert thing_data(service).get("paused", False) is bool(mark)
