"""Calls of the desk's own beside a browser that runs."""

from concurrent.futures import ThreadPoolExecutor

from django.db import connection


def beside(act):
    """The desk's own calls, in a thread where no browser's event loop runs."""

    def call():
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(call).result()
