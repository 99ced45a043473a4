"""What every `ImageInspector` promises: the same cases on folders, on the registry in memory, and on real registries."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from aimcore.adapters.egress import Rules, Session
from aimcore.adapters.oci.registry import RegistryInspector
from aimcore.domain.images.inspection import Cause, Inspected, InspectionFailed, Unchanged
from aimcore.domain.values.image import parse_image
from aimcore.domain.view.plan import Inspect
from tests.integration.registry.contents import Content, Family, artifact, image, index
from tests.integration.registry.places import Place, RegistryPlace, SecretStore, Store
from tests.integration.registry.registries import PASSWORDS, WRONG

REGISTRIES = ("open_to_all", "htpasswd", "tls", "token")

everywhere = pytest.mark.parametrize("place", ["memory", "layout", *REGISTRIES], indirect=True)
where_content_is = pytest.mark.parametrize("place", ["layout", *REGISTRIES], indirect=True)
on_registries = pytest.mark.parametrize("place", REGISTRIES, indirect=True)
where_passwords_are = pytest.mark.parametrize("place", ["htpasswd", "token"], indirect=True)

LABELS = {"com.amd.aim.model.canonicalName": "meta-llama/Llama-3.1-8B-Instruct", "org.opencontainers.image.title": "ü"}
OTHERS = {"com.amd.aim.model.canonicalName": "acme/other"}
NOWHERE = "sha256:" + "0" * 64


def labelled(content: Content) -> Inspected:
    return Inspected(digest=content.digest, labels=content.labels)


def failure(answer: object) -> tuple[Cause, str]:
    assert isinstance(answer, InspectionFailed)
    return answer.cause, answer.message


# --- by name ---------------------------------------------------------------------------------------------------------


@everywhere
def test_an_image_is_found_by_its_tag(place: Place, home: str) -> None:
    digest = place.put(image(LABELS), home, "1.0")
    assert place.inspector().inspect(place.want(f"{home}:1.0")) == Inspected(digest=digest, labels=LABELS)


@everywhere
def test_tags_of_one_repository_are_told_apart(place: Place, home: str) -> None:
    first, second = place.put(image(LABELS), home, "1.0", "1"), place.put(image(OTHERS), home, "2.0")
    inspector = place.inspector()
    answers = [inspector.inspect(place.want(f"{home}:{tag}")) for tag in ("1.0", "1", "2.0")]
    assert answers == [
        Inspected(digest=first, labels=LABELS),
        Inspected(digest=first, labels=LABELS),
        Inspected(digest=second, labels=OTHERS),
    ]


@pytest.mark.parametrize("place", ["memory", "layout", "tls"], indirect=True)  # pushing them takes a while
def test_one_of_a_thousand_tags_is_found_as_any_other(place: Place, home: str) -> None:
    digest = place.put(image(LABELS), home, *(f"v{number}" for number in range(999)))
    last = place.put(image(OTHERS), home, "zuletzt")
    inspector = place.inspector()
    assert inspector.inspect(place.want(f"{home}:v500")) == Inspected(digest=digest, labels=LABELS)
    assert inspector.inspect(place.want(f"{home}:zuletzt")) == Inspected(digest=last, labels=OTHERS)


@everywhere
@pytest.mark.parametrize("exists", [pytest.param(True, id="no such tag"), pytest.param(False, id="no such repository")])
def test_what_is_not_there_is_not_found_and_is_named(place: Place, home: str, *, exists: bool) -> None:
    if exists:
        place.put(image(LABELS), home, "1.0")
    cause, message = failure(place.inspector().inspect(place.want(f"{home}:2.0")))
    assert cause is Cause.NOT_FOUND
    assert f"{place.host}/{home}:2.0" in message


@everywhere
def test_several_threads_may_ask_one_inspector(place: Place, home: str) -> None:
    contents = {f"v{number}": image(LABELS | {"number": str(number)}) for number in range(12)}
    for tag, content in contents.items():
        place.put(content, home, tag)
    inspector = place.inspector()
    with ThreadPoolExecutor(8) as threads:
        answers = threads.map(inspector.inspect, [place.want(f"{home}:{tag}") for tag in contents])
    assert [answer.labels for answer in answers if isinstance(answer, Inspected)] == [
        content.labels for content in contents.values()
    ]


# --- by digest -------------------------------------------------------------------------------------------------------


@where_content_is
@pytest.mark.parametrize(
    "tag", [pytest.param("", id="alone"), pytest.param(":1.0", id="beside a tag of another image")]
)
def test_an_image_is_found_by_its_digest(place: Place, home: str, tag: str) -> None:
    place.put(image(OTHERS), home, "1.0")
    content = image(LABELS)
    place.put(content, home)
    answer = place.inspector().inspect(place.want(f"{home}{tag}@{content.digest}"))
    assert answer == labelled(content)


@where_content_is
def test_a_digest_that_is_not_there_is_not_found_whatever_tag_is(place: Place, home: str) -> None:
    place.put(image(LABELS), home, "1.0")
    cause, message = failure(place.inspector().inspect(place.want(f"{home}:1.0@{NOWHERE}")))
    assert cause is Cause.NOT_FOUND
    assert f"{home}:1.0@{NOWHERE}" in message


# --- what an image can be --------------------------------------------------------------------------------------------


@where_content_is
@pytest.mark.parametrize("family", Family, ids=lambda family: family.value)
@pytest.mark.rule("DISC-4")
def test_of_several_platforms_the_image_for_linux_amd64_speaks(place: Place, home: str, family: Family) -> None:
    others = [image({"for": name}, family=family, platform=name) for name in ("linux/arm64", "windows/amd64")]
    content = index([*others, image(LABELS, family=family)], labels=LABELS, family=family)
    place.put(content, home, "1.0")
    assert place.inspector().inspect(place.want(f"{home}:1.0")) == labelled(content)


@where_content_is
@pytest.mark.parametrize("attested", [pytest.param(True, id="attested"), pytest.param(False, id="alone")])
@pytest.mark.rule("DISC-4")
def test_the_only_image_of_an_index_speaks_whatever_it_is_for(place: Place, home: str, *, attested: bool) -> None:
    only = image(LABELS, platform="linux/arm64")
    content = index([only, *([only.attestation()] if attested else [])])
    place.put(content, home, "1.0")
    assert place.inspector().inspect(place.want(f"{home}:1.0")) == labelled(content)


@where_content_is
@pytest.mark.rule("DISC-4")
def test_an_index_for_other_platforms_says_which(place: Place, home: str) -> None:
    content = index([image({"for": name}, platform=f"linux/{name}") for name in ("arm64", "s390x")])
    place.put(content, home, "1.0")
    cause, message = failure(place.inspector().inspect(place.want(f"{home}:1.0")))
    assert cause is Cause.NO_MATCHING_PLATFORM
    assert "linux/amd64" in message
    assert "linux/arm64, linux/s390x" in message


@where_content_is
@pytest.mark.parametrize(
    "content",
    [
        pytest.param(image(LABELS, family=Family.DOCKER), id="Docker's media types"),
        pytest.param(image({}), id="no labels"),
        pytest.param(image(None), id="no word of labels"),
        pytest.param(image(LABELS | {"long": "x" * 200_000}), id="labels of 200 kB"),
    ],
)
def test_an_image_has_the_labels_of_its_config_and_no_others(place: Place, home: str, content: Content) -> None:
    place.put(content, home, "1.0")
    assert place.inspector().inspect(place.want(f"{home}:1.0")) == labelled(content)


@where_content_is
@pytest.mark.rule("DISC-4")
def test_an_artifact_has_no_labels_and_is_called_one(place: Place, home: str) -> None:
    place.put(chart := artifact(), home, "1.0")
    told = "this is an artifact of type 'application/vnd.cncf.helm.config.v1+json' and no image; name the image"
    wanted = Inspected(digest=chart.digest, labels={}, problems=(told,))
    assert place.inspector().inspect(place.want(f"{home}:1.0")) == wanted


# --- again -----------------------------------------------------------------------------------------------------------


@everywhere
@pytest.mark.rule("DISC-3")
def test_a_tag_that_did_not_move_is_unchanged(place: Place, home: str) -> None:
    digest = place.put(image(LABELS), home, "1.0")
    assert place.inspector().recheck(place.want(f"{home}:1.0"), digest) == Unchanged(digest=digest)


@everywhere
@pytest.mark.rule("DISC-3")
def test_a_tag_that_moved_is_read_again(place: Place, home: str) -> None:
    held = place.put(image(LABELS), home, "1.0")
    digest = place.put(image(OTHERS), home, "1.0")
    assert place.inspector().recheck(place.want(f"{home}:1.0"), held) == Inspected(digest=digest, labels=OTHERS)


@where_content_is
@pytest.mark.rule("DISC-3")
def test_an_index_is_unchanged_under_its_own_digest(place: Place, home: str) -> None:
    content = index([image(OTHERS, platform="linux/arm64"), image(LABELS)], labels=LABELS)
    digest = place.put(content, home, "1.0")
    assert place.inspector().recheck(place.want(f"{home}:1.0"), digest) == Unchanged(digest=digest)


@where_content_is
@pytest.mark.rule("DISC-3")
def test_an_image_that_went_away_is_not_found(place: Store, home: str) -> None:
    digest = place.put(image(LABELS | {"of": home}), home, "1.0")
    place.remove(home, digest)
    cause, message = failure(place.inspector().recheck(place.want(f"{home}:1.0"), digest))
    assert cause is Cause.NOT_FOUND
    assert f"{home}:1.0" in message


@everywhere
@pytest.mark.rule("DISC-3")
def test_an_image_that_never_was_is_not_found_again_either(place: Place, home: str) -> None:
    assert failure(place.inspector().recheck(place.want(f"{home}:1.0"), NOWHERE))[0] is Cause.NOT_FOUND


# --- with secrets ----------------------------------------------------------------------------------------------------


@where_passwords_are
@pytest.mark.rule("SEC-1")
@pytest.mark.parametrize("secrets", [pytest.param((), id="none"), pytest.param(("wrong",), id="a wrong one")])
def test_a_private_image_without_its_credential_is_refused_and_no_password_told(
    place: RegistryPlace, home: str, secrets: tuple[str, ...]
) -> None:
    place.put(image(LABELS), home, "1.0")
    cause, message = failure(place.inspector().inspect(place.want_with(f"{home}:1.0", *secrets)))
    assert cause is Cause.UNAUTHORIZED
    assert f"{place.host}/{home}:1.0" in message
    assert not [password for password in (*PASSWORDS.values(), WRONG) if password in message]


@where_passwords_are
@pytest.mark.parametrize(
    "secrets",
    [
        pytest.param(("wrong", "ann"), id="a wrong password first"),
        pytest.param(("ann", "wrong"), id="a wrong password behind it"),
    ],
)
def test_the_first_secret_that_is_let_in_counts(place: RegistryPlace, home: str, secrets: tuple[str, ...]) -> None:
    content = image(LABELS)
    place.put(content, home, "1.0")
    assert place.inspector().inspect(place.want_with(f"{home}:1.0", *secrets)) == labelled(content)


def test_the_secret_of_another_user_is_passed_over_for_the_right_one(token: RegistryPlace, home: str) -> None:
    content = image(LABELS)
    token.put(content, home, "1.0")
    inspector = token.inspector()
    assert failure(inspector.inspect(token.want_with(f"{home}:1.0", "bob")))[0] is Cause.UNAUTHORIZED
    assert inspector.inspect(token.want_with(f"{home}:1.0", "bob", "ann")) == labelled(content)


def test_two_users_see_each_their_own_image_of_one_inspector(token: RegistryPlace, home: str) -> None:
    for owner in ("ann", "bob"):
        token.put(image({"of": owner}), home.replace("ann", owner), "1.0")
    inspector = token.inspector()
    seen = {
        (user, owner): isinstance(
            inspector.inspect(token.want_with(f"{home.replace('ann', owner)}:1.0", user)), Inspected
        )
        for user in ("ann", "bob", "ann")
        for owner in ("ann", "bob")
    }
    assert seen == {("ann", "ann"): True, ("ann", "bob"): False, ("bob", "ann"): False, ("bob", "bob"): True}


@where_passwords_are
@pytest.mark.rule("DISC-4")
@pytest.mark.parametrize("secrets", [pytest.param((), id="none"), pytest.param(("wrong",), id="a wrong one")])
def test_what_one_credential_read_is_not_told_to_another(
    place: RegistryPlace, home: str, secrets: tuple[str, ...]
) -> None:
    digest = place.put(image(LABELS), home, "1.0")
    inspector = place.inspector()
    assert isinstance(inspector.inspect(place.want(f"{home}:1.0")), Inspected)
    for name in (f"{home}:1.0", f"{home}@{digest}"):
        assert failure(inspector.inspect(place.want_with(name, *secrets)))[0] is Cause.UNAUTHORIZED


def test_a_public_image_beside_private_ones_needs_no_secret(token: RegistryPlace, home: str) -> None:
    content = image(LABELS)
    public = home.replace("ann", "public")
    token.put(content, public, "1.0")
    inspector = token.inspector()
    assert inspector.inspect(token.want_with(f"{public}:1.0")) == labelled(content)
    assert inspector.inspect(token.want_with(f"{public}:1.0", "bob")) == labelled(content)


def test_a_secret_that_is_not_good_is_not_left_out_even_for_a_public_image(token: RegistryPlace, home: str) -> None:
    public = home.replace("ann", "public")
    token.put(image(LABELS), public, "1.0")
    cause, message = failure(token.inspector().inspect(token.want_with(f"{public}:1.0", "wrong")))
    assert cause is Cause.UNAUTHORIZED  # the kubelet would not pull it either
    assert "'wrong'" in message


@on_registries
@pytest.mark.rule("DISC-7")
def test_a_secret_that_is_missing_is_an_error_even_for_an_image_that_needs_none(
    place: RegistryPlace, home: str
) -> None:
    place.put(image(LABELS), home, "1.0")
    cause, message = failure(place.inspector().inspect(place.want_with(f"{home}:1.0", "ann", "lost")))
    assert cause is Cause.SECRET_MISSING
    assert "lost" in message


@pytest.mark.rule("SEC-1")
def test_a_token_is_asked_for_one_repository_and_only_to_pull(token: RegistryPlace, home: str) -> None:
    token.put(image(LABELS), home, "1.0")
    tokens = token.registry.tokens
    assert tokens is not None
    tokens.asked.clear()
    token.inspector().inspect(token.want(f"{home}:1.0"))
    assert tokens.asked == [("ann", (f"repository:{home}:pull",))]


# --- whom to trust ---------------------------------------------------------------------------------------------------


def asked_under(rules: Rules, want: Inspect) -> tuple[Cause, str]:
    with Session(rules) as session:
        return failure(RegistryInspector(session, secrets=SecretStore()).inspect(want))


@pytest.mark.rule("SEC-3")
def test_a_registry_that_no_known_authority_vouches_for_is_not_trusted(tls: RegistryPlace, home: str) -> None:
    tls.put(image(LABELS), home, "1.0")
    cause, message = asked_under(Rules(allow_hosts=frozenset({tls.host})), tls.want(f"{home}:1.0"))
    assert cause is Cause.UNTRUSTED
    assert tls.host in message


@on_registries
@pytest.mark.rule("SEC-3")
def test_a_registry_on_loopback_is_not_asked_unless_a_setting_says_so(place: RegistryPlace, home: str) -> None:
    place.put(image(LABELS), home, "1.0")
    cause, message = asked_under(Rules(ca_file=place.registry.ca), place.want_with(f"{home}:1.0"))
    assert cause is Cause.UNTRUSTED
    assert place.host in message


def test_a_registry_that_is_not_there_is_unreachable() -> None:
    rules = Rules(plain_http=frozenset({"127.0.0.1:1"}))
    cause, message = asked_under(rules, Inspect(parse_image("127.0.0.1:1/acme/chat:1.0")))
    assert cause is Cause.UNREACHABLE
    assert "127.0.0.1:1" in message
