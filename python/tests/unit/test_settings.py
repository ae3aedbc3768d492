"""Places that variables name: a path that is none is refused by the variable's name."""

import os

import pytest

from synth import settings
from synth.errors import BadInput


@pytest.mark.parametrize("value", [b"/tmp/caf\xe9", b"~nobody-of-this-name/x"])
def test_a_cache_directory_that_is_no_path_is_refused(monkeypatch, value):
    monkeypatch.setitem(os.environb, b"SYNTH_CACHE_DIR", value)
    with pytest.raises(BadInput, match="SYNTH_CACHE_DIR"):
        settings.cache_dir()


def test_a_socket_directory_that_is_no_path_is_refused(monkeypatch):
    monkeypatch.setitem(os.environb, b"SYNTH_PG_SOCKET_DIR", b"/tmp/caf\xe9")
    with pytest.raises(BadInput, match="SYNTH_PG_SOCKET_DIR"):
        settings.socket_dir()
