"""The layer around the server: who is the owner, from where a visitor comes, who is turned away."""

from __future__ import annotations

import types

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from stimage.errors import StimageError
from stimage.service.addresses import person
from stimage.ui import access
from stimage.ui.gateway import middleware, owner
from stimage.ui.gateway.client import client_address, networks
from stimage.ui.gateway.middleware import VISITOR_COOKIE, Gateway
from stimage.ui.gateway.start import address, announcement, server_settings, with_token

TOKEN = "a-token-of-the-test"  # noqa: S105 (it opens nothing else)
HOST = {"Host": "pictures.example.org"}
LOCAL = networks("127.0.0.1, ::1")


@pytest.fixture(autouse=True)
def token(monkeypatch):
    monkeypatch.setenv("STIMAGE_TOKEN", TOKEN)
    monkeypatch.delenv("STIMAGE_OWNER", raising=False)
    owner.token.cache_clear()
    yield TOKEN
    owner.token.cache_clear()


@pytest.fixture
def browser():
    """A server behind the gateway that says from where a request came, and a browser there."""

    async def page(request):
        return PlainTextResponse(request.client.host)

    async def stream(socket):
        await socket.accept()
        await socket.send_json({name: socket.headers.get(name) for name in ("origin", "cookie")})
        await socket.close()

    routes = [Route("/{path:path}", page), WebSocketRoute("/_stcore/stream", stream)]
    app = Starlette(routes=routes, middleware=[Middleware(Gateway, proxies=LOCAL)])
    with TestClient(app, "http://pictures.example.org", client=("127.0.0.1", 5)) as client:
        yield client


def test_an_address_with_the_token_becomes_a_cookie_and_leaves_the_address(browser):
    answer = browser.get(f"/models?steps=3&token={TOKEN}&seed=1", follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == "./models?steps=3&seed=1"
    assert answer.headers["cache-control"] == "no-store"
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{owner.cookie_name()}={owner.cookie()};")
    assert "HttpOnly; SameSite=Strict" in cookie
    assert "Secure" not in cookie
    assert TOKEN not in "".join(answer.headers.values()) + answer.text


@pytest.mark.parametrize("token", ["", "wrong", TOKEN[:-1], TOKEN.upper(), "ü", TOKEN + "\0"])
def test_a_wrong_token_leaves_the_address_and_makes_nobody_the_owner(browser, token):
    answer = browser.get("/", params={"token": token}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "./")
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("path", ["//evil.example", "/javascript:alert(1)", "/..//evil.example"])
def test_a_token_leads_to_no_other_host(browser, path):
    answer = browser.get(f"{path}?token={TOKEN}", follow_redirects=False)
    assert answer.headers["location"].startswith("./")
    assert "/" not in answer.headers["location"][2:]


def test_behind_tls_the_cookie_is_for_tls_only(browser):
    headers = {"X-Forwarded-Proto": "https"}
    answer = browser.get(f"/?token={TOKEN}", headers=headers, follow_redirects=False)
    assert "; Secure" in answer.headers["set-cookie"]


@pytest.mark.parametrize(
    ("setting", "cookie", "expected"),
    [
        (None, True, True),
        (None, False, False),
        ("0", True, False),
        ("1", False, True),
    ],
)
def test_the_owner_is_who_has_the_cookie_unless_a_setting_says_otherwise(
    monkeypatch, setting, cookie, expected
):
    if setting is not None:
        monkeypatch.setenv("STIMAGE_OWNER", setting)
    cookies = {owner.cookie_name(): owner.cookie() if cookie else TOKEN}
    context = types.SimpleNamespace(cookies=cookies, ip_address=None, headers={"Host": "localhost"})
    monkeypatch.setattr(access, "st", types.SimpleNamespace(context=context))
    assert access.is_owner() is expected


def test_every_start_has_another_token(monkeypatch):
    monkeypatch.delenv("STIMAGE_TOKEN")
    owner.token.cache_clear()
    first = owner.token()
    owner.token.cache_clear()
    assert owner.token() != first
    assert len(first) >= 43


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "http://localhost:9999",
        "http://pictures.example.org.evil.example",
        "http://pictures.example.org@evil.example",
        "http://[",
        "null",
        "pictures.example.org",
    ],
)
def test_a_page_of_another_site_opens_no_websocket(browser, origin):
    with (
        pytest.raises(WebSocketDisconnect) as refused,
        browser.websocket_connect("/_stcore/stream", headers=HOST | {"Origin": origin}),
    ):
        pass
    assert refused.value.code == 1008


@pytest.mark.parametrize("origin", ["http://pictures.example.org", None])
def test_streamlit_is_asked_nothing_about_origins(browser, origin):
    """To compare, it would look up this computer's address, in the loop that serves everybody."""
    headers = HOST | ({"Origin": origin} if origin else {})
    with browser.websocket_connect("/_stcore/stream", headers=headers) as socket:
        assert socket.receive_json()["origin"] is None


@pytest.mark.parametrize("origin", ["http://evil.example", "http://pictures.example.org"])
def test_without_the_protection_a_page_of_another_site_comes_in_as_nobody(
    browser, monkeypatch, origin
):
    options = {"server.enableCORS": False, "server.corsAllowedOrigins": []}
    monkeypatch.setattr(middleware, "st", types.SimpleNamespace(get_option=options.get))
    headers = HOST | {"Origin": origin, "Cookie": f"{owner.cookie_name()}={owner.cookie()}"}
    with browser.websocket_connect("/_stcore/stream", headers=headers) as socket:
        kept = socket.receive_json()["cookie"]
    assert (kept is None) == ("evil" in origin)


def test_no_page_takes_files(browser):
    answer = browser.put("/_stcore/upload_file/session/file", content=b"x" * 100)
    assert answer.status_code == 403


def test_no_other_site_may_frame_a_page_of_an_owner(browser, monkeypatch):
    policy = "content-security-policy"
    assert browser.get("/models").headers[policy] == "frame-ancestors 'self'"
    monkeypatch.setenv("STIMAGE_OWNER", "1")
    assert browser.get("/models").headers[policy] == "frame-ancestors 'self'"
    monkeypatch.setenv("STIMAGE_OWNER", "0")
    assert policy not in browser.get("/models").headers


def test_each_browser_gets_a_name_of_its_own_once(browser):
    cookie = browser.get("/_stcore/host-config").headers["set-cookie"]
    assert cookie.startswith(VISITOR_COOKIE)
    assert "HttpOnly; SameSite=Strict" in cookie
    assert "set-cookie" not in browser.get("/_stcore/host-config").headers
    assert len(browser.cookies[VISITOR_COOKIE]) >= 22


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("203.0.113.9", [], "203.0.113.9"),
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),  # nobody we trust says so
        ("127.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("::ffff:127.0.0.1", ["198.51.100.1"], "198.51.100.1"),  # the server listens on ::
        ("127.0.0.1", ["6.6.6.6, 198.51.100.1"], "198.51.100.1"),  # what the visitor wrote, first
        ("127.0.0.1", ["6.6.6.6", "198.51.100.1"], "198.51.100.1"),
        ("198.51.100.1", ["198.51.100.1"], "198.51.100.1"),  # uvicorn has looked already
        ("127.0.0.1", ["198.51.100.1:443"], "198.51.100.1"),
        ("::1", ["[2001:db8::1]:443"], "2001:db8::1"),
        ("127.0.0.1", ["198.51.100.1, 127.0.0.1"], "198.51.100.1"),  # two proxies here
        ("127.0.0.1", ["unknown"], "unknown"),
        ("127.0.0.1", [], "127.0.0.1"),
    ],
)
def test_a_trusted_proxy_says_from_where_a_visitor_comes(peer, forwarded, expected):
    assert client_address(peer, forwarded, LOCAL) == expected


@pytest.mark.parametrize("header", ["198.51.100.1", "198.51.100.1:99", "127.0.0.1"])
def test_without_a_trusted_proxy_the_header_is_a_claim(header):
    """Whoever comes through a forwarder on this computer stays one person, whatever they write."""
    believed_by_uvicorn = header.partition(":")[0]
    assert client_address(believed_by_uvicorn, [header], []) == "127.0.0.1"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::9", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::9", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unknown", "unknown"),
    ],
)
def test_a_router_of_ipv6_counts_as_one_person(address, expected):
    assert person(address) == expected


@settings(derandomize=True, deadline=None)
@given(st.text(max_size=20), st.lists(st.text(max_size=30), max_size=3))
def test_no_header_breaks_the_search_for_an_address(peer, forwarded):
    assert isinstance(person(client_address(peer, forwarded, LOCAL)), str)


def test_the_icon_of_the_browsers_tab_is_ours_under_every_path(browser):
    for path in ("/favicon.png", "/school/stimage/favicon.png"):
        answer = browser.get(path)
        assert answer.headers["content-type"] == "image/webp"
        assert answer.content == middleware.OUR_ICON.read_bytes()


def test_a_wrong_list_of_proxies_is_said_at_the_start(monkeypatch):
    with pytest.raises(StimageError) as wrong:
        networks("10.0.0.0/8, my proxy")
    assert (wrong.value.code, wrong.value.values) == ("not_an_address", {"text": "my proxy"})
    monkeypatch.setenv("STIMAGE_PROXIES", "my proxy")
    with pytest.raises(SystemExit, match="my proxy"):
        server_settings()


def test_the_terminal_shows_the_address_with_the_token_unless_a_setting_decides(monkeypatch):
    here = address("::1")
    assert here.startswith("http://[::1]:")
    assert with_token(here) in announcement([here])
    monkeypatch.setenv("STIMAGE_OWNER", "0")
    assert TOKEN not in announcement([here])
