"""Keys are read only from places where nobody else can put another one."""

import os

import pytest
import signed_pack

from synth.custody import seal
from synth.errors import BadInput
from synth.pack import keys, places, trust

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
SOMEBODY = 12_345


@pytest.fixture
def home(tmp_path):
    """A directory of one's own, in which each test makes its mess."""
    folder = tmp_path / "home"
    folder.mkdir(mode=0o755)
    return folder


@pytest.fixture
def trusted(home, monkeypatch):
    folder = home / "trusted"
    monkeypatch.setenv(keys.TRUSTED_VARIABLE, str(folder))
    return folder


@pytest.fixture
def signed(home, trusted):
    """A pack that a trusted officer signed."""
    key = signed_pack.officer_key(home, trusted=True)
    pack = signed_pack.make(home)
    signed_pack.sign(pack, key)
    assert trust.check(pack).is_trusted
    return pack


def refused(pack, words):
    """Neither with nor without --allow-unsigned is a list of keys believed that others can edit."""
    for allowed in (False, True):
        with pytest.raises(BadInput, match=words) as caught:
            trust.check(pack, allow_unsigned=allowed)
        assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("mode", [0o775, 0o757, 0o777, 0o1777, 0o2775])
def test_a_directory_that_others_may_write_is_refused_with_the_chmod(signed, trusted, mode):
    trusted.chmod(mode)
    assert refused(signed, "other users can write").endswith(f"chmod go-w {trusted}")
    trusted.chmod(0o755)
    assert trust.check(signed).is_trusted


@pytest.mark.parametrize("mode", [0o664, 0o646, 0o666])
def test_a_key_that_others_may_write_is_refused(signed, trusted, mode):
    path = trusted / f"{signed_pack.OFFICER}.pub"
    path.chmod(mode)
    assert f"chmod go-w {path}" in refused(signed, "other users can write")


@pytest.mark.parametrize(("mode", "is_safe"), [(0o775, False), (0o777, False), (0o1777, True)])
def test_so_is_one_below_a_directory_that_others_may_write(signed, home, mode, is_safe):
    home.chmod(mode)
    if is_safe:
        # As below /tmp: what is ours there nobody else can move.
        assert trust.check(signed).is_trusted
    else:
        assert f"chmod go-w {home}" in refused(signed, "other users can write")


@AS_ROOT
@pytest.mark.parametrize("name", ["trusted", "trusted/officer-1.pub", ""])
def test_what_belongs_to_somebody_else_is_refused(signed, home, name):
    os.chown(home / name, SOMEBODY, -1)
    refused(signed, "belongs to another user")


def _behind_a_link(trusted, monkeypatch, folder):
    link = folder / "link"
    link.symlink_to(trusted)
    monkeypatch.setenv(keys.TRUSTED_VARIABLE, str(link))
    return link


def test_a_link_of_ours_will_do(signed, trusted, home, monkeypatch):
    _behind_a_link(trusted, monkeypatch, home)
    assert trust.check(signed).is_trusted


def test_a_link_that_others_can_replace_is_refused(signed, trusted, tmp_path, monkeypatch):
    shared = tmp_path / "shared"
    shared.mkdir()
    _behind_a_link(trusted, monkeypatch, shared)
    shared.chmod(0o777)
    assert f"chmod go-w {shared}" in refused(signed, "other users can write")


def test_so_is_one_through_such_a_directory_and_back(signed, home, tmp_path, monkeypatch):
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    monkeypatch.setenv(keys.TRUSTED_VARIABLE, str(home / "link"))
    # The text of the path passes by `shared`, which may become a link to anywhere.
    (home / "link").symlink_to(f"{shared}/../home/trusted")
    refused(signed, "other users can write")


@AS_ROOT
def test_a_link_of_somebody_else_is_refused(signed, trusted, tmp_path, monkeypatch):
    sticky = tmp_path / "sticky"
    sticky.mkdir()
    link = _behind_a_link(trusted, monkeypatch, sticky)
    sticky.chmod(0o1777)
    assert trust.check(signed).is_trusted
    os.lchown(link, SOMEBODY, -1)
    refused(signed, "link belongs to another user")


def test_a_key_that_is_a_link_into_such_a_place_is_refused(signed, trusted, tmp_path):
    shared = tmp_path / "shared"
    shared.mkdir()
    path = trusted / f"{signed_pack.OFFICER}.pub"
    path.rename(shared / "any.pub")
    path.symlink_to(shared / "any.pub")
    assert trust.check(signed).is_trusted
    shared.chmod(0o777)
    refused(signed, "other users can write")


def test_links_in_a_circle_end(home):
    (home / "a").symlink_to("b")
    (home / "b").symlink_to("a")
    with pytest.raises(BadInput, match="too many links"):
        places.check(home / "a")


@pytest.mark.parametrize("umask", [0o002, 0o000])
def test_a_directory_that_trust_makes_is_safe_under_any_umask(home, trusted, monkeypatch, umask):
    monkeypatch.setenv(keys.TRUSTED_VARIABLE, str(home / "new" / "deep" / "trusted"))
    before = os.umask(umask)
    try:
        signed_pack.officer_key(home, trusted=True)
    finally:
        os.umask(before)
    assert list(keys.trusted()) == [signed_pack.OFFICER]


def test_nothing_is_put_into_a_directory_that_others_may_write(home, trusted):
    trusted.mkdir()
    trusted.chmod(0o775)
    with pytest.raises(BadInput, match="chmod go-w"):
        signed_pack.officer_key(home, trusted=True)
    assert list(trusted.iterdir()) == []


def test_a_private_key_in_such_a_place_is_refused(home):
    path = signed_pack.officer_key(home, trusted=False)
    identity = home / "age.key"
    seal.create_identity(identity)
    (home / "x.age").write_bytes(b"x")
    home.chmod(0o777)
    for read in (
        lambda: keys.load_private(path, signed_pack.no_passphrase),
        lambda: seal.unseal(home / "x.age", identity, home / "out"),
    ):
        with pytest.raises(BadInput, match="other users can write"):
            read()


# --- names and contents of public keys ---


@pytest.mark.parametrize("other", ["Officer-1", "OFFICER-1", "officer_1", "officer 1", "officer-l"])
def test_a_name_that_looks_like_another_is_not_trusted_beside_it(signed, home, trusted, other):
    folder = home / "other"
    folder.mkdir()
    public, _ = keys.create(folder / "key", other)
    with pytest.raises(BadInput, match="look alike"):
        keys.trust(public, other)
    # Put there by hand, neither is believed.
    (trusted / f"{other}.pub").write_bytes(public.read_bytes())
    (trusted / f"{other}.pub").chmod(0o644)
    refused(signed, "look alike")


def test_a_name_is_found_as_it_is_written_only(signed, trusted):
    path = trusted / f"{signed_pack.OFFICER}.pub"
    path.rename(trusted / "Officer-1.pub")
    assert keys.trusted_key(signed_pack.OFFICER) is None


@pytest.mark.parametrize("name", ["\u043efficer-1.pub", "officer\u20111.pub", "..pub", "-x.pub"])
def test_a_file_that_is_not_named_like_an_officer_is_said(signed, trusted, name):
    (trusted / name).write_text("")
    with pytest.raises(BadInput, match=r"1 files in .* are not named like an officer"):
        keys.trusted()


def test_a_file_of_two_keys_is_refused(signed, trusted, home):
    path = trusted / f"{signed_pack.OFFICER}.pub"
    folder = home / "other"
    folder.mkdir()
    public, _ = keys.create(folder / "key", "other")
    own = path.read_bytes()
    for content in (own + public.read_bytes(), own + b"\n# and more\n"):
        path.write_bytes(content)
        refused(signed, "more than one key")
    path.write_bytes(own + b"\n")
    assert trust.check(signed).is_trusted
