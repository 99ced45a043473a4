"""nanio with pages of three keys (run as a program).

python s3_nanio.py KEY_ID SECRET FOLDER      # prints the port that it listens on
"""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import uvicorn
from nanio.app import build_app
from nanio.auth.credentials import StaticCredentialResolver
from nanio.config import Settings


def main() -> None:
    key_id, secret, folder = sys.argv[1:]
    keys = StaticCredentialResolver({key_id: secret})
    application = build_app(Settings(data_dir=Path(folder), max_list_keys=3, credentials=keys))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        print(listening.getsockname()[1], flush=True)  # noqa: T201 - it is how the other side knows
        uvicorn.Server(uvicorn.Config(application, log_level="error")).run(sockets=[listening])


if __name__ == "__main__":
    main()
