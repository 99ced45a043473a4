"""B7: what reading images from a registry costs: requests, bytes, and time beside what else one could use.

Every reader reads the same images from the same registry in one run; requests and bytes are counted by the registry.
"""

from __future__ import annotations

import http.client
import json
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from oras.provider import Registry as Oras

from aimcore.adapters.egress import Exchange
from aimcore.domain.images.inspection import Inspected
from aimcore.domain.view.plan import Inspect
from tests.bench.domain import chat_labels
from tests.bench.measure import Row
from tests.integration.registry.contents import image, index
from tests.integration.registry.places import RegistryPlace
from tests.integration.registry.registries import PASSWORDS, Registry, missing, open_registry, token_registry
from tests.integration.registry.tokens import token_server

IMAGES = 500
THREADS = 8
RUNS = 2
SKOPEO_IMAGES = 50  # it is started anew for each

_ANSWER = re.compile(r'"(?:GET|HEAD) \S+ \S+" \d{3} (\d+) ')  # of the registry's access log: the bytes of the body


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What reading one image cost on average."""

    requests: float
    received: float
    seconds: float
    busy: float  # seconds of this process's own work; a command that is started is not part of it


def rows() -> Iterator[Row]:
    lacking = missing()
    if lacking:
        yield Row("everything", "not measured", lacking, met=False)
        return
    with TemporaryDirectory() as folder:
        yield from _counted(Path(folder))
        yield from _timed(Path(folder))


def _counted(folder: Path) -> Iterator[Row]:
    """The dearest there is: an index in a private repository behind a token server."""
    tokens_at, registry_at = _new(folder, "tokens"), _new(folder, "token")
    with (
        token_server(tokens_at, PASSWORDS) as tokens,
        token_registry(registry_at, tokens) as registry,
        closing(RegistryPlace(registry)) as place,
    ):
        children = [image(chat_labels(0), platform=f"linux/{name}") for name in ("arm64", "amd64")]
        digest = place.put(index(children), "ann/image", "1.0")
        sent: list[Exchange] = []
        inspector = place.observed(sent.append)
        _read(inspector.inspect(place.want("ann/image:1.0")))
        received = sum(each.received for each in sent)
        yield _at_most("requests for an index behind a token, cold", len(sent), 6)
        yield _at_most("bytes for it", received, 64 * 1024)
        sent.clear()
        inspector.recheck(place.want("ann/image:1.0"), digest)
        yield _at_most("requests for a tag that did not move", len(sent), 1)
        sent.clear()
        inspector.recheck(place.want(f"ann/image@{digest}"), digest)
        yield _at_most("requests for a digest, again", len(sent), 0)


def _timed(folder: Path) -> Iterator[Row]:
    with open_registry(_new(folder, "open"), on_disk=True) as registry, closing(RegistryPlace(registry)) as place:
        names = [f"acme/chat-{number}" for number in range(IMAGES)]
        for number, name in enumerate(names):
            place.put(image(chat_labels(number)), name, "1.0")
        wants = [place.want(f"{name}:1.0") for name in names]
        ours = _measured(registry, IMAGES, lambda: _ours(place, wants, threads=THREADS))
        alone = _measured(registry, IMAGES, lambda: _ours(place, wants, threads=1))
        floor = _measured(registry, IMAGES, lambda: _floor(registry, names))
        peer = _measured(registry, IMAGES, lambda: _oras(registry, names, threads=THREADS))
        peer_alone = _measured(registry, IMAGES, lambda: _oras(registry, names, threads=1))
        yield _at_most("requests an image, over oras-py", ours.requests / peer.requests, 1)
        yield _at_most("bytes an image, over oras-py", ours.received / peer.received, 1)
        yield _over("one by one, over a bare loop", alone, floor, bar=1.5)
        yield _over("one by one, over oras-py", alone, peer_alone, bar=1)
        yield _over(f"{THREADS} threads, over oras-py's {THREADS}", ours, peer, bar=1)
        yield _over(f"{THREADS} threads, over oras-py one by one", ours, peer_alone, bar=1)
        yield _busier("work of ours, over a bare loop's", alone, floor, bar=3)
        yield _busier("work of ours, over oras-py's", alone, peer_alone, bar=1)
        if shutil.which("skopeo"):
            tool = _measured(registry, SKOPEO_IMAGES, lambda: _skopeo(registry, names[:SKOPEO_IMAGES]))
            yield _at_most("requests an image, over skopeo", ours.requests / tool.requests, 1)
            yield _over(f"{THREADS} threads, over skopeo {THREADS} at once", ours, tool, bar=1)


def _ours(place: RegistryPlace, wants: Sequence[Inspect], *, threads: int) -> None:
    inspector = place.inspector()
    with ThreadPoolExecutor(threads) as pool:
        for answer in pool.map(inspector.inspect, wants):
            _read(answer)


def _floor(registry: Registry, names: Sequence[str]) -> None:
    """The fewest requests on one connection, and nothing looked at but the way to the labels."""
    connection = http.client.HTTPConnection(registry.address)
    accept = {"Accept": "application/vnd.oci.image.manifest.v1+json"}
    for name in names:
        connection.request("GET", f"/v2/{name}/manifests/1.0", headers=accept)
        manifest = json.loads(connection.getresponse().read())
        connection.request("GET", f"/v2/{name}/blobs/{manifest['config']['digest']}")
        _labelled(json.loads(connection.getresponse().read()))
    connection.close()


def _oras(registry: Registry, names: Sequence[str], *, threads: int) -> None:
    """What its user writes: one client, `get_manifest`, and the blob of the config."""
    client = Oras(hostname=registry.address, insecure=True)

    def read(name: str) -> None:
        container = client.get_container(f"{registry.address}/{name}:1.0")
        manifest = client.get_manifest(container)
        _labelled(client.get_blob(container, manifest["config"]["digest"]).json())

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(read, names))


def _skopeo(registry: Registry, names: Sequence[str]) -> None:
    def read(name: str) -> None:
        command = ["skopeo", "inspect", "--no-tags", "--tls-verify=false", f"docker://{registry.address}/{name}:1.0"]
        json.loads(subprocess.run(command, check=True, capture_output=True).stdout)["Labels"]["com.amd.aim.title"]

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(read, names))


def _measured(registry: Registry, images: int, work: Callable[[], None]) -> Reading:
    """One run counted by the registry, and the time of the best of several."""
    before = registry.log.stat().st_size
    start = time.process_time()
    times = [_elapsed(work)]
    busy = time.process_time() - start
    answers = _ANSWER.findall(registry.log.read_text()[before:])
    received = sum(map(int, answers))
    times += [_elapsed(work) for _ in range(RUNS - 1)]
    return Reading(
        requests=len(answers) / images, received=received / images, seconds=min(times) / images, busy=busy / images
    )


def _elapsed(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _read(answer: object) -> None:
    if not isinstance(answer, Inspected):
        message = f"{answer} is not what this benchmark is about"
        raise TypeError(message)


def _labelled(config: dict[str, dict[str, dict[str, str]]]) -> None:
    config["config"]["Labels"]["com.amd.aim.title"]


def _at_most(name: str, count: float, bar: float) -> Row:
    return Row(name, f"{count:,.3g}" if count < 1000 else f"{count:,.0f}", f"<= {bar:,}", count <= bar)


def _over(name: str, one: Reading, other: Reading, *, bar: float) -> Row:
    times = one.seconds / other.seconds
    return Row(f"{name} ({one.seconds * 1000:.1f} ms)", f"{times:.2f}x", f"<= {bar}x", times <= bar)


def _busier(name: str, one: Reading, other: Reading, *, bar: float) -> Row:
    times = one.busy / other.busy
    return Row(f"{name} ({one.busy * 1000:.1f} ms)", f"{times:.2f}x", f"<= {bar}x", times <= bar)


def _new(folder: Path, name: str) -> Path:
    place = folder / name
    place.mkdir()
    return place
