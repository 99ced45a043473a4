"""Pictures of a terminal, made of what commands print on one."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

__all__ = ["pictures"]

ROOT = Path(__file__).parents[2]
_COLUMNS = 80
_SHOWN = {
    "plan.svg": "aimcore plan examples/first examples/cluster/nodes.yaml \\\n    --images examples/quickstart/images -q",
}
_THEME = TerminalTheme(
    (22, 27, 34),
    (230, 237, 243),
    [
        (72, 79, 88),
        (255, 123, 114),
        (86, 211, 100),
        (227, 179, 65),
        (121, 192, 255),
        (210, 168, 255),
        (86, 212, 221),
        (200, 209, 217),
    ],
)
"""Light text on dark, in colours that can be told apart; the frame makes it readable on any page."""
_FORMAT = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-label="A terminal">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal"><rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/></clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def pictures() -> Mapping[str, str]:
    """Every picture, by its name."""
    return {name: _picture(command) for name, command in _SHOWN.items()}


def _picture(command: str) -> str:
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        console = Console(record=True, width=_COLUMNS, file=nowhere, force_terminal=True, legacy_windows=False)
        console.print(Text(f"$ {command}", style="bold"))
        console.print(Text.from_ansi(_printed(command).rstrip()), end="\n\n")
        made = console.export_svg(title="", theme=_THEME, code_format=_FORMAT, unique_id="aimcore")
    return re.sub(r"[ \t]+$", "", made, flags=re.MULTILINE)


def _printed(command: str) -> str:
    """What the command prints on a terminal of eighty columns."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {"PATH": path, "COLUMNS": str(_COLUMNS), "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
    near, far = pty.openpty()
    try:
        with subprocess.Popen(
            ["sh", "-c", command], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=far, stderr=far
        ):
            os.close(far)
            return "".join(_pieces(near)).replace("\r\n", "\n")
    finally:
        os.close(near)


def _pieces(terminal: int) -> list[str]:
    pieces: list[bytes] = []
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # how Linux says that nobody writes any more
            piece = b""
        if not piece:
            return [b"".join(pieces).decode()]
        pieces.append(piece)
