"""Who is let in at the door of a room without accounts: this computer, asked for by its own name."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from simulator.errors import InputError
from simulator.session import Room
from simulator.web.server import make_app, protected


def test_without_accounts_only_this_computer_under_its_own_name_is_answered(room: Room) -> None:
    app = make_app(room)

    def status(host: str, address: str = "127.0.0.1", path: str = "/work") -> int:
        client = TestClient(app, client=(address, 50000), follow_redirects=False)
        return client.get(path, headers={"host": host}).status_code

    for host in ("127.0.0.1:7860", "localhost", "localhost:1", "[::1]:7860", "127.0.0.1"):
        assert status(host) == 200, host
    assert status("localhost", address="::1") == 200
    for host in ("evil.example", "evil.example:7860", "localhost.evil.example", "192.168.1.4:7860", "", "[::1"):
        assert status(host) == 403, host
        assert status(host, path="/config") == 403, host
    assert status("localhost", address="192.168.1.9") == 403


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "example.org", ""])
def test_others_are_let_in_only_where_there_are_accounts(host: str) -> None:
    with pytest.raises(InputError, match="repair-room user add"):
        protected(host, False)
    protected(host, True)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.9", "::1", "localhost"])
def test_this_computer_needs_no_accounts(host: str) -> None:
    protected(host, False)
