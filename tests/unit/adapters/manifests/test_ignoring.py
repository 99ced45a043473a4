"""Which paths are not looked at, by the rules of gitignore."""

from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aimcore.adapters.manifests import Loaded, Wanted, Why, read_manifests
from aimcore.adapters.manifests.ignoring import Ignored, parse_rules

FILES = ("a.yaml", "values.yaml", "apps/chat/a.yaml", "apps/chat/patches/p.yaml", "apps/dev/a.yaml", "patches/q.yaml")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in FILES:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"apiVersion: g/v1\nkind: X\nmetadata: {{name: {name.replace('/', '-')}}}\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def read(*paths: str, ignore: tuple[str, ...] = ()) -> Loaded:
    return read_manifests(paths, recursive=True, stdin=io.BytesIO(), wanted=Wanted(ignore=ignore))


def files(loaded: Loaded) -> set[str]:
    return {str(Path(file)) for file in loaded.files}


@pytest.mark.rule("FILE-2")
@pytest.mark.parametrize(
    ("patterns", "left"),
    [
        pytest.param((), set(FILES), id="none"),
        pytest.param(("patches/",), set(FILES) - {FILES[3], FILES[5]}, id="a folder at any depth"),
        pytest.param(("/patches",), set(FILES) - {FILES[5]}, id="a folder at the base"),
        pytest.param(("*.yaml",), set(), id="a name"),
        pytest.param(("*.yaml", "!values.yaml"), {"values.yaml"}, id="taken back"),
        pytest.param(("apps/*/a.yaml",), set(FILES) - {FILES[2], FILES[4]}, id="a star within a name"),
        pytest.param(("apps/*.yaml",), set(FILES), id="a star does not cross folders"),
        pytest.param(("apps/**/p.yaml",), set(FILES) - {FILES[3]}, id="two stars cross folders"),
        pytest.param(("apps/", "!apps/chat/a.yaml"), set(FILES) - set(FILES[2:5]), id="nothing in a folder comes back"),
        pytest.param(("values.yaml/",), set(FILES), id="a file is no folder"),
        pytest.param(
            ("# a.yaml", "", "[ab].yaml"), set(FILES) - {FILES[0], FILES[2], FILES[4]}, id="comments, classes"
        ),
    ],
)
def test_what_a_pattern_names_is_not_read(repository: Path, patterns: tuple[str, ...], left: set[str]) -> None:
    assert files(read(".", ignore=patterns)) == left
    (repository / ".aimcoreignore").write_text("\n".join(patterns))
    assert files(read(".")) == left
    assert read(".").problems == ()


@pytest.mark.rule("FILE-2")
@pytest.mark.usefixtures("repository")
def test_a_file_that_is_named_and_ignored_is_counted() -> None:
    loaded = read("a.yaml", ignore=("a.yaml",))
    assert (loaded.documents, loaded.problems, loaded.files) == ((), (), ())
    assert [one.why for one in loaded.skipped] == [Why.IGNORED]


@pytest.mark.rule("FILE-2")
def test_patterns_count_from_the_folder_that_is_named_and_from_where_one_is(repository: Path) -> None:
    (repository / "apps" / ".aimcoreignore").write_text("/dev\n")
    assert files(read("apps")) == {FILES[2], FILES[3]}
    assert files(read("apps", ignore=("/chat",))) == set()
    assert files(read(str(repository / "apps"), ignore=("apps/chat",))) == set()


def test_an_ignore_file_that_cannot_be_read_is_a_problem(repository: Path) -> None:
    (repository / ".aimcoreignore").write_bytes(b"\xff\n")
    assert [problem.rule for problem in read(".").problems] == ["FILE"]
    (repository / ".aimcoreignore").write_text("x" * 2**17)
    assert "is larger" in read(".").problems[0].message


def test_many_stars_are_no_burden(repository: Path) -> None:
    rules = tuple(parse_rules(["**/*a*b*c*d*e*f*g*/" * 20], repository))
    assert not Ignored(rules).hides(repository / ("/".join(["abcdef" * 30] * 60) + ".yaml"))


NAMES = st.sampled_from(["a", "b", "ab", "a.yaml"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
PATTERNS = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["", "!"]),
    st.sampled_from(["", "/"]),
    st.lists(st.sampled_from(["a", "b", "*", "**", "?", "a*", "[ab]", "a.yaml"]), min_size=1, max_size=3).map("/".join),
    st.sampled_from(["", "/"]),
)


@pytest.mark.rule("FILE-2")
@pytest.mark.skipif(shutil.which("git") is None, reason="git says what gitignore means")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=PATHS, patterns=st.lists(PATTERNS, min_size=1, max_size=3))
def test_git_is_of_the_same_mind(tmp_path_factory: pytest.TempPathFactory, path: str, patterns: list[str]) -> None:
    home = tmp_path_factory.mktemp("git")
    subprocess.run(["git", "init", "-q", home], check=True)
    (home / ".gitignore").write_text("\n".join(patterns) + "\n")
    file = home / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
    said = subprocess.run(["git", "-C", home, "check-ignore", "--no-index", "-q", path], check=False)
    assert Ignored(tuple(parse_rules(patterns, home))).hides(file) == (said.returncode == 0)
