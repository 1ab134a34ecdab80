"""The desk's pages on a port of their own, and a phone's and a desktop's browser for them."""

import threading
from contextlib import contextmanager
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.core.wsgi import get_wsgi_application

from tests.chromium import running_chromium

PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True}
DESKTOP = {"viewport": {"width": 1280, "height": 900}}


class _Silent(WSGIRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def web(db, settings):
    """The desk's pages on a port of their own."""
    server = make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=_Silent)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(update={"public_url": address})
    yield address
    server.shutdown()
    thread.join()
    server.server_close()


@contextmanager
def page_of(screen):
    """A page whose scripts must not complain; refusals of the desk's own are none."""
    with running_chromium() as browser:
        page = browser.new_context(**screen).new_page()
        problems = []
        page.on("console", lambda message: problems.append(message.text))
        page.on("pageerror", lambda error: problems.append(str(error)))
        yield page
        assert [each for each in problems if "422" not in each and "403" not in each] == []


@pytest.fixture
def phone():
    with page_of(PHONE) as page:
        yield page


@pytest.fixture
def desktop():
    with page_of(DESKTOP) as page:
        yield page
