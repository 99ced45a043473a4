"""moto's S3 behind a door: it takes any key, so whoever is not known is turned away before (run as a program).

python s3_moto.py KEY_ID [ADDRESS]      # prints the port that it listens on
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import Any

__all__ = ["guarded"]

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def guarded(application: Application, key_id: str) -> Application:
    """The application for those who sign with that key, and what S3 says for everybody else."""

    def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        authorization = environ.get("HTTP_AUTHORIZATION", "")
        if f"Credential={key_id}/" in authorization:
            return application(environ, start)
        code = "InvalidAccessKeyId" if authorization else "AccessDenied"
        start("403 Forbidden", [("content-type", "application/xml")])
        return [f"<Error><Code>{code}</Code><Message>no</Message></Error>".encode()]

    return answer


def main() -> None:
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app  # noqa: PLC0415
    from werkzeug.serving import make_server  # noqa: PLC0415 - of moto; who imports `guarded` alone needs neither

    application = guarded(DomainDispatcherApplication(create_backend_app), sys.argv[1])
    address = sys.argv[2] if len(sys.argv) > 2 else "127.0.0.1"
    server = make_server(address, 0, application, threaded=True)
    print(server.server_port, flush=True)  # noqa: T201 - it is how the other side knows
    server.serve_forever()


if __name__ == "__main__":
    main()
