"""How an operator runs: flags before the environment, and what cannot be right is refused."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from aimcore.domain.errors import ParseError
from aimcore.entrypoints.cli.commands_on_clusters import operator
from aimcore.entrypoints.operator.options import Options

DOCS = Path("docs/reference/settings.md")


def test_nothing_said_is_what_most_want() -> None:
    options = Options.of({})
    assert (options.namespaces, options.workers, options.recheck, options.elect) == ((), 16, 6 * 3600, True)


def test_a_flag_comes_before_its_variable_and_an_empty_variable_is_none() -> None:
    environment = {"AIM_WORKERS": "3", "AIM_NAMESPACES": "a, b", "AIM_LOG_FORMAT": "json", "AIM_HEALTH_PORT": ""}
    options = Options.of(environment, workers=5, log_format=None)
    assert (options.workers, options.namespaces, options.log_format) == (5, ("a", "b"), "json")
    assert options.health_port == 8081


@pytest.mark.rule("DISC-3")
@pytest.mark.parametrize(("text", "seconds"), [("0", 0.0), ("90", 90.0), ("90s", 90.0), ("5m", 300.0), ("6h", 21600.0)])
def test_an_interval_is_a_number_with_its_unit(text: str, seconds: float) -> None:
    assert Options.of({}, recheck=text).recheck == seconds


WORKERS = "is out of range; expected a whole number from 1 to 64"
LEVELS = "is unknown; expected debug, info, warning or error"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        pytest.param({"recheck": "soon"}, "interval 'soon' is malformed", id="an interval that is none"),
        pytest.param({"recheck": "-1s"}, "interval '-1s' is malformed", id="an interval before now"),
        pytest.param({"namespaces": "a,B"}, "namespaces 'B' names no namespace", id="a namespace that cannot be"),
        pytest.param({"workers": 0}, f"workers '0' {WORKERS}", id="no workers"),
        pytest.param({"workers": 1000}, f"workers '1000' {WORKERS}", id="a crowd of workers"),
        pytest.param({"workers": "many"}, f"workers 'many' {WORKERS}", id="workers without a number"),
        pytest.param({"metrics_port": 65536}, "port '65536' is out of range", id="a port that cannot be"),
        pytest.param({"log_level": "loud"}, f"log level 'loud' {LEVELS}", id="a level that is none"),
        pytest.param(
            {"log_format": "xml"}, "log format 'xml' is unknown; expected text or json", id="no format of logs"
        ),
    ],
)
def test_what_cannot_be_right_is_refused(said: dict[str, object], told: str) -> None:
    with pytest.raises(ParseError) as refused:
        Options.of({}, **said)
    assert str(refused.value).startswith(told)


def test_every_flag_is_in_the_documentation() -> None:
    text = DOCS.read_text()
    assert isinstance(operator, click.Command)
    flags = [flag for option in operator.params for flag in (*option.opts, *option.secondary_opts)]
    assert [flag for flag in flags if f"`{flag}" not in text] == []
