"""Behind nginx and Caddy, set up as docs/operations.md says: the real programs and a browser."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time

import pytest
from playwright.sync_api import expect

from benchmarks.session import session
from stimage.i18n import text
from stimage.paths import ROOT
from tests.support.browser import AS_OWNER, free_port, visits
from tests.support.visitors import pictures_before, stop, submit

OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
APP = "127.0.0.1:8501"  # as the document says
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(sys.platform != "linux", reason="needs 127.0.0.2 as a second address"),
]


def documented(name):
    """The configuration that the document shows for a proxy."""
    return re.search(rf"^{name}:\n\n```\n(.*?)```", OPERATIONS, re.DOTALL | re.MULTILINE)[1]


def nginx(folder, port, app):
    """Write its configuration, with ports and certificate of the test; return its command line."""
    certificate = ["-subj", "/CN=localhost", "-keyout", "key.pem", "-out", "certificate.pem"]
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *certificate]
    subprocess.run(made, cwd=folder, check=True, capture_output=True)
    server = documented("nginx").replace("listen 443", f"listen 127.0.0.1:{port}")
    server = server.replace("/etc/ssl/pictures.pem", f"{folder}/certificate.pem")
    server = server.replace("/etc/ssl/pictures.key", f"{folder}/key.pem").replace(APP, app)
    bodies = [f"{kind}_temp_path {folder};" for kind in ("client_body", "proxy", "fastcgi")]
    bodies += [f"{kind}_temp_path {folder};" for kind in ("uwsgi", "scgi")]
    http = " ".join(["access_log off;", *bodies, server])
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/log; events {{}} http {{ {http} }}"
    )
    return ["nginx", "-p", folder, "-c", folder / "nginx.conf"]


def caddy(folder, port, app):
    """The same; Caddy makes a certificate of its own."""
    own = f"localhost:{port} {{\ntls internal"
    site = documented("Caddy").replace("pictures.example.org {", own)
    globally = "{\nadmin off\nskip_install_trust\nauto_https disable_redirects\n}\n"
    (folder / "Caddyfile").write_text(globally + site.replace(APP, app))
    return ["caddy", "run", "--adapter", "caddyfile", "--config", folder / "Caddyfile"]


@pytest.fixture(params=[nginx, caddy], ids=lambda proxy: proxy.__name__)
def proxied(request, tmp_path, address):
    """The address of the app as the proxy offers it."""
    name = request.param.__name__
    if shutil.which(name) is None or shutil.which("openssl") is None:
        pytest.skip(f"{name} is missing; on Debian and Ubuntu: sudo apt install {name} openssl")
    port, app = free_port(), f"127.0.0.1:{address.rsplit(':', 1)[1]}"
    command = request.param(tmp_path, port, app)
    homes = dict.fromkeys(("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"), str(tmp_path))
    with subprocess.Popen(
        command, env=os.environ | homes, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as proxy:
        try:
            wait_for_tls(port, proxy)
            yield f"https://localhost:{port}"
        finally:
            proxy.terminate()


def wait_for_tls(port, proxy):
    """Until it shows a certificate: Caddy listens before it has made one."""
    end = time.monotonic() + 60
    while time.monotonic() < end and proxy.poll() is None:
        with (
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", port), 5) as plain,
            trusting().wrap_socket(plain, server_hostname="localhost"),
        ):
            return
        time.sleep(0.05)
    pytest.fail("The proxy did not start.")


def trusting():
    """A TLS context that takes any certificate."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def test_behind_a_proxy_only_the_token_makes_an_owner(chromium, proxied):
    with visits(chromium) as open_page:
        page = open_page(f"{proxied}/models", ignore_https_errors=True)
        expect(page.get_by_text(text("models.visitor")[:40])).to_be_visible()
        expect(page.get_by_label(text("models.path"))).to_have_count(0)
        page.goto(f"{proxied}/models{AS_OWNER}")
        expect(page.get_by_label(text("models.path"))).to_be_visible()
        expect(page).to_have_url(f"{proxied}/models")
        page.reload()
        expect(page.get_by_label(text("models.path"))).to_be_visible()
        cookies = {cookie["name"]: cookie for cookie in page.context.cookies()}
        ours = [cookie for name, cookie in cookies.items() if name.startswith("stimage-")]
        assert len(ours) == 2
        assert all(cookie["httpOnly"] and cookie["secure"] for cookie in ours)


def test_behind_a_proxy_turns_are_taken_by_the_address_it_names(proxied):
    """Whatever a visitor writes into the header; the proxy adds the address it sees."""
    with contextlib.ExitStack() as stack:

        def arrive(source, claim):
            headers, here = {"X-Forwarded-For": claim}, (source, 0)
            visit = session(proxied, "steps=50", headers, ssl=trusting(), source_address=here)
            return stack.enter_context(visit)

        greedy = [arrive("127.0.0.2", f"203.0.113.{number}") for number in range(6)]
        last = [pictures_before(submit(tab)) for tab in greedy][-1]
        polite = arrive("127.0.0.3", "203.0.113.1")
        assert pictures_before(submit(polite)) <= 2 < last
        for visit in (*greedy, polite):
            stop(visit)
