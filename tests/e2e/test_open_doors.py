"""What one visitor can't do to another: tried from outside, on the running app."""

from __future__ import annotations

import contextlib
import http.client
import math
import time
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.exceptions import InvalidStatus

from benchmarks.session import session
from stimage.i18n import text
from tests.support.browser import TOKEN, visits
from tests.support.visitors import cancel_keys, pictures_before, stop, submit

pytestmark = pytest.mark.browser
SCHOOL, ELSEWHERE = "198.51.100.1", "203.0.113.7"
FOREVER = "steps=50"


def get(address, path, method="GET", **headers):
    """Ask the server for something; return status and headers of the answer."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


def owner_cookie(address):
    return get(address, f"/?token={TOKEN}").getheader("Set-Cookie").partition(";")[0]


def is_owner(texts):
    return text("models.import_button") in texts


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Forwarded-For": "127.0.0.1"},
        {"X-Forwarded-Host": "localhost", "Forwarded": "for=127.0.0.1;host=localhost"},
        {"Cookie": f"stimage-owner={TOKEN}"},
    ],
)
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_no_header_and_no_name_makes_an_owner(address, headers, host):
    place = f"http://{host}:{urlsplit(address).port}"
    with session(place, headers=headers) as visit:
        assert not is_owner(visit.run(page="models"))
    with session(place, query=f"token={TOKEN}", headers=headers) as visit:
        assert not is_owner(visit.run(page="models"))
    with session(place, headers=headers | {"Cookie": owner_cookie(place)}) as visit:
        assert is_owner(visit.run(page="models"))


@pytest.mark.parametrize("host", ["localhost:evil", "evil.example@localhost", "[", ""])
def test_a_malformed_host_is_answered(address, host):
    assert get(address, "/", Host=host).status < 500
    assert get(address, f"/?token={TOKEN}", Host=host).status == 303
    assert get(address, "/_stcore/host-config", Host=host).status < 500


def test_beside_forty_tabs_of_one_address_a_first_picture_waits_for_two_at_most(address):
    with contextlib.ExitStack() as stack:

        def arrive(place, prompt):
            visit = stack.enter_context(session(address, "steps=5", {"X-Forwarded-For": place}))
            return visit, pictures_before(submit(visit, prompt))

        tabs = [arrive(SCHOOL, f"a fox {number}") for number in range(40)]
        polite, before = arrive(ELSEWHERE, "a cat")
        assert before <= 2 < tabs[-1][1]
        while not polite.pictures:
            polite.look()
        for tab, _ in tabs:
            stop(tab)


def test_a_link_shows_a_picture_and_only_who_asked_cancels_it(address):
    with session(address, FOREVER) as asks, session(address) as looks:
        submit(asks)
        looks.query = asks.query
        assert text("studio.seen_by_link") in looks.run()
        assert not cancel_keys(looks)
        looks.widgets |= asks.widgets
        looks.click(*cancel_keys(asks))
        assert text("studio.cancelled") not in asks.run()
        stop(asks)
        assert text("studio.cancelled") in asks.run()


def test_a_reload_keeps_the_right_to_cancel(address):
    cookie = get(address, "/_stcore/host-config").getheader("Set-Cookie").partition(";")[0]
    with session(address, FOREVER, {"Cookie": cookie}) as before:
        submit(before)
        query = before.query
    with session(address, query, {"Cookie": cookie}) as after:
        after.run()
        assert text("studio.cancelled") in stop(after)


def test_who_empties_streamlits_caches_takes_nothing_from_others(address):
    with session(address, FOREVER) as asks, session(address) as clears:
        submit(asks)
        clears.run()
        clears.clear_cache()
        clears.run()
        assert text("studio.cancel") in asks.run()
        stop(asks)


NUMBERS = st.sampled_from([0, -1, 2**53 - 1, -(2**63)])
FLOATS = st.floats() | st.sampled_from([math.inf, -math.inf, math.nan])
TEXTS = st.text(max_size=40) | st.sampled_from(["", "x" * 5000, "\0", "1e999", "--5", "{"])
STATES = st.one_of(
    st.fixed_dictionaries({"trigger_value": st.booleans()}),
    st.fixed_dictionaries({"bool_value": st.booleans()}),
    st.fixed_dictionaries({"int_value": NUMBERS}),
    st.fixed_dictionaries({"double_value": FLOATS}),
    st.fixed_dictionaries({"string_value": TEXTS}),
    st.fixed_dictionaries({"json_value": TEXTS}),
    st.fixed_dictionaries({"json_trigger_value": TEXTS}),
    st.fixed_dictionaries({"bytes_value": st.binary(max_size=9)}),
    st.builds(lambda data: {"double_array_value": {"data": data}}, st.lists(FLOATS, max_size=3)),
    st.builds(lambda data: {"int_array_value": {"data": data}}, st.lists(NUMBERS, max_size=3)),
    st.builds(lambda data: {"string_array_value": {"data": data}}, st.lists(TEXTS, max_size=3)),
    st.just({"file_uploader_state_value": {}}),
    st.just({"chat_input_value": {"data": "x"}}),
    st.just({"string_trigger_value": {"data": "x"}}),
    st.just({"arrow_value": {}}),
    st.just({}),
)


@settings(derandomize=True, deadline=None, max_examples=40)
@given(st.booleans(), st.lists(st.tuples(st.integers(0, 99), STATES), min_size=1, max_size=3))
def test_no_state_of_a_widget_breaks_a_page(fuzzed, studio, asked):
    """Whatever a program sends: never a traceback, and the page is whole at the next look."""
    fuzzed.run(page="" if studio else "models")
    if studio:
        fuzzed.click("dice_button")
    keys = [key for key in sorted(fuzzed.widgets) if not key.startswith(("download-", "del"))]
    chosen = {fuzzed.widgets[keys[number % len(keys)]]: state for number, state in asked}
    fuzzed.send(*(WidgetState(id=name, **state) for name, state in chosen.items()))
    assert "exception" not in fuzzed.kinds
    assert text("studio.title" if studio else "models.title") in fuzzed.run()
    assert "exception" not in fuzzed.kinds


@pytest.fixture(scope="module")
def fuzzed(address):
    """A visit of the owner, who has every button."""
    with session(address, headers={"Cookie": owner_cookie(address)}) as visit:
        yield visit


def test_no_file_can_be_sent(address):
    xsrf = get(address, "/_stcore/health").getheader("Set-Cookie") or ""
    cookie = xsrf.partition(";")[0]
    path = "/_stcore/upload_file/any/any"
    headers = {"Cookie": cookie, "X-Xsrftoken": cookie.partition("=")[2]}
    assert get(address, path, "PUT", **headers).status == 403


def test_no_other_host_is_asked_and_nobody_waits_for_one(address, overheard):
    """At the start, on every page, and when a page of another site knocks."""
    with session(address) as visit:
        for page in ("", "how_it_works", "models"):
            assert visit.run(page=page)
        started = time.monotonic()
        for origin in ("http://evil.example", "http://localhost:9", "null", "http://["):
            with pytest.raises(InvalidStatus), session(address, origin=origin):
                pass
        visit.run()
        assert time.monotonic() - started < 5
    with session(address, origin=address) as visit:
        assert visit.run()
    assert not overheard.exists(), overheard.read_text(encoding="utf-8")


def test_no_foreign_page_frames_what_the_owner_does(chromium, address):
    with visits(chromium) as open_page:
        page = open_page(address)
        page.get_by_role("button", name=text("studio.submit")).wait_for()
        page.goto("about:blank")
        page.set_content(f"<iframe src='{address}/models?token={TOKEN}' name='framed'></iframe>")
        page.frame("framed").wait_for_load_state()
        assert page.frame("framed").url.startswith("chrome-error:")
