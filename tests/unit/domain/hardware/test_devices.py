from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.domain.hardware.devices import DEVICES, device_ids, gpu_model, model_of_device, vram

TABLE = json.loads((Path(__file__).parents[3] / "vectors" / "devices.json").read_text(encoding="utf-8"))["models"]
MODELS = [device.model for device in DEVICES]


@pytest.mark.rule("TMPL-6")
def test_the_table_is_the_published_one() -> None:
    ours = [{"model": device.model, "deviceIds": list(device.ids), "vram": str(device.vram)} for device in DEVICES]
    assert ours == TABLE


def test_no_model_and_no_device_id_stands_twice() -> None:
    ids = [device_id for device in DEVICES for device_id in device.ids]
    assert (len(set(ids)), len(set(MODELS))) == (len(ids), len(MODELS))


@pytest.mark.rule("TMPL-6")
@pytest.mark.parametrize(
    ("text", "model"),
    [
        ("MI300X", "MI300X"),
        ("mi300x", "MI300X"),
        ("AMD-Instinct-MI300X-OAM", "MI300X"),
        ("AMD_Instinct_MI300X_OAM", "MI300X"),
        ("Instinct MI300X", "MI300X"),
        (" MI300X (rev 2)", "MI300X"),
        ("AMD_Instinct_MI308X_HF", "MI308X"),
        ("MI250", "MI250X"),
        ("AMD Instinct MI250X/MI250", "MI250X"),
        ("MI350", "MI350"),
        ("AMD_Radeon_RX_7900_XTX", "RX7900"),
        ("RX7900-XTX", "RX7900"),
        ("AMD_Radeon_PRO_W6800X_Duo", "W6800X"),
        ("AMD_Radeon_Pro_V710_MxGPU", "V710"),
        ("AMD_Radeon_8060S_Graphics", "8060S-GRAPHICS"),
        ("NVIDIA-H100-80GB-HBM3", "H100-80GB-HBM3"),
        ("NVIDIA A100-SXM4-40GB", "A100-SXM4-40GB"),
        ("Tesla-T4", "TESLA-T4"),
        ("AMD", "AMD"),
        ("AMD NVIDIA", "NVIDIA"),
        ("-- _", ""),
        ("", ""),
    ],
)
def test_the_spellings_of_a_gpu_have_one_name(text: str, model: str) -> None:
    assert gpu_model(text) == model


@pytest.mark.rule("TMPL-6")
@given(
    model=st.sampled_from(MODELS),
    maker=st.sampled_from(["", "AMD", "amd instinct", "AMD Radeon PRO"]),
    between=st.sampled_from([" ", "_", "-"]),
    change=st.sampled_from([str.lower, str.upper, str.title]),
)
def test_maker_form_separators_and_case_say_nothing(
    model: str, maker: str, *, between: str, change: Callable[[str], str]
) -> None:
    assert gpu_model(change(f"{maker} {model} OAM".replace(" ", between))) == model


@given(text=st.text() | st.text(alphabet="AMDamd -_/0RX7925MI", max_size=16))
def test_a_normalised_name_stays_as_it_is(text: str) -> None:
    assert gpu_model(gpu_model(text)) == gpu_model(text)


@pytest.mark.rule("TMPL-6")
@given(model=st.sampled_from(MODELS))
def test_every_device_id_of_a_model_leads_back_to_it(model: str) -> None:
    for device_id in device_ids(f"AMD {model.lower()}"):
        assert model_of_device(device_id) == model_of_device(f"0x{device_id.upper()}") == model


@pytest.mark.rule("TMPL-6")
def test_the_memory_of_a_model_is_known_by_any_of_its_names() -> None:
    assert str(vram("AMD_Instinct_MI325X_OAM")) == "256Gi"
    assert str(vram("MI250")) == "128Gi"


def test_what_is_not_in_the_table_is_not_known() -> None:
    assert (vram("H100"), device_ids("H100"), model_of_device("ffff")) == (None, (), None)
