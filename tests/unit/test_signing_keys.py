"""The signing key: made once by however many start at once, configured, rotated, and refused when it is of no use."""

import resource
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

from evalsys.app import create_app
from evalsys.config import Config, ConfigError
from evalsys.errors import Conflict, NoRoom
from evalsys.reports.signing import NotSigned
from evalsys.services.signing import current_seal, known_certificates, own, rotate_key
from evalsys.services.signing.keys import check_settings
from tests.stamping import make_pair

NOW = datetime.now(UTC)
SECRET = "x" * 40


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(secret_key=SECRET, database_url="sqlite://", instance_path=tmp_path / "instance")


def test_of_several_that_make_the_first_key_at_once_all_use_the_same(config: Config) -> None:
    barrier, seals = Barrier(6), []

    def make() -> None:
        barrier.wait()
        seals.append(current_seal(config, NOW))

    threads = [Thread(target=make) for _number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({seal.key for seal in seals}) == 1
    assert len(own.generations(config.instance_path)) == 1
    assert not [path for path in own.folder(config.instance_path).iterdir() if path.name.startswith(".")]


def test_a_full_disk_is_named_and_leaves_no_half_of_a_key(config: Config) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        with pytest.raises(NoRoom):
            current_seal(config, NOW)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(own.folder(config.instance_path).iterdir()) == []


def test_nobody_else_may_read_the_key(config: Config) -> None:
    current_seal(config, NOW)
    files = [path for path in own.folder(config.instance_path).rglob("*") if path.is_file()]
    assert len(files) == 5
    assert all(path.stat().st_mode & 0o077 == 0 for path in [own.folder(config.instance_path), *files])


def test_a_rotated_key_keeps_the_root_and_the_former_certificate_stays_published(config: Config) -> None:
    before = current_seal(config, NOW)
    rotate_key(config, with_new_root=False, now=NOW)
    after = current_seal(config, NOW)
    assert before.key != after.key
    assert before.chain[-1] == after.chain[-1]
    assert [one.is_current for one in known_certificates(config)].count(True) == 1
    assert len(known_certificates(config)) == 2
    rotate_key(config, with_new_root=True, now=NOW)
    assert current_seal(config, NOW).chain[-1] != before.chain[-1]
    assert len({one.root_digest for one in known_certificates(config)}) == 2


def test_a_key_whose_certificate_ran_out_signs_nothing_and_says_what_to_do(config: Config) -> None:
    current_seal(config, NOW)
    with pytest.raises(NotSigned, match="signing rotate"):
        current_seal(config, NOW + timedelta(days=6 * 365))


def test_a_configured_key_signs_and_stays_published_when_another_one_is_configured(
    config: Config, tmp_path: Path
) -> None:
    root = make_pair("City root")
    signer, other = make_pair("City seal", root), make_pair("Next seal", root)
    key = chain = ""
    for one, name in ((signer, "one"), (other, "two")):
        key, chain = one.write(tmp_path, name, root)
        seal = current_seal(replace(config, signing_key=key, signing_certificate=chain), NOW)
        assert len(seal.chain) == 2
    found = known_certificates(replace(config, signing_key=key, signing_certificate=chain))
    assert {(one.name, one.is_current) for one in found} == {("City seal", False), ("Next seal", True)}


def test_a_key_in_a_pkcs12_file_needs_its_password(config: Config, tmp_path: Path) -> None:
    root = make_pair("City root")
    signer, file = make_pair("City seal", root), tmp_path / "seal.p12"
    locked = BestAvailableEncryption(b"open sesame")
    file.write_bytes(
        pkcs12.serialize_key_and_certificates(b"s", signer.key, signer.certificate, [root.certificate], locked)
    )
    fit = replace(config, signing_key=str(file), signing_password="open sesame")
    assert len(current_seal(fit, NOW).chain) == 2
    with pytest.raises(ConfigError, match="EVALSYS_SIGNING_PASSWORD"):
        current_seal(replace(fit, signing_password="wrong"), NOW)


@pytest.mark.parametrize("fault", ["other key", "run out", "order", "no file", "no key", "no certificate"])
def test_a_configured_key_that_is_of_no_use_refuses_the_start(config: Config, tmp_path: Path, fault: str) -> None:
    root = make_pair("City root")
    signer = make_pair("City seal", root, days=-1 if fault == "run out" else 300)
    key, chain = signer.write(tmp_path, "seal", *([make_pair("Another")] if fault == "order" else [root]))
    if fault == "other key":
        key = make_pair("Another").write(tmp_path, "another")[0]
    elif fault == "no file":
        key = str(tmp_path / "nowhere")
    elif fault == "no key":
        Path(key).write_text("no key at all")
    elif fault == "no certificate":
        Path(chain).write_text("no certificate at all")
    with pytest.raises(ConfigError, match="EVALSYS_SIGNING_"):
        create_app(replace(config, signing_key=key, signing_certificate=chain))


def test_a_configured_key_cannot_be_rotated_by_us(config: Config, tmp_path: Path) -> None:
    key, chain = make_pair("City seal").write(tmp_path, "seal")
    with pytest.raises(Conflict, match="configured"):
        rotate_key(replace(config, signing_key=key, signing_certificate=chain), with_new_root=False, now=NOW)
    check_settings(config)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"EVALSYS_SIGNING_CERTIFICATE": "a.pem"}, "EVALSYS_SIGNING_KEY"),
        ({"EVALSYS_SIGNING_KEY": "a.key"}, "EVALSYS_SIGNING_CERTIFICATE"),
        ({"EVALSYS_TIMESTAMP_URL": "ftp://stamp.example"}, "EVALSYS_TIMESTAMP_URL"),
        ({"EVALSYS_TIMESTAMP_URL": "https://stamp.example"}, "EVALSYS_TIMESTAMP_CERTIFICATE"),
    ],
)
def test_half_a_setting_is_named(given: dict[str, str], named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        Config.from_env({"SECRET_KEY": SECRET, **given})
