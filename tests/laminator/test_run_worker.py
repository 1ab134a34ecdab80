"""Which queues a worker takes."""

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from laminator.celery import app


@pytest.fixture
def taken(monkeypatch):
    """The queues that a worker would begin with; it is not begun."""
    begun = []

    class Worker:
        exitcode = 0

        def __init__(self, **words):
            begun.append(words["queues"])

        def start(self):
            pass

    monkeypatch.setattr(app, "Worker", Worker)

    def taken(*arguments):
        with pytest.raises(SystemExit):
            call_command("run_worker", *arguments)
        return begun.pop()

    return taken


def test_a_worker_takes_all_queues_but_the_withdrawals_or_those_it_is_told(taken):
    assert set(taken()) == set(settings.QUEUES) - {"withdrawal"}
    assert taken("--queues", "money") == ["money"]
    assert taken("--withdrawals") == ["withdrawal"]


@pytest.mark.parametrize("queues", ["withdrawal", "mony", "money,withdrawal"])
def test_a_queue_that_is_not_there_or_needs_another_key_is_refused(queues):
    with pytest.raises(CommandError, match="there are money, upkeep"):
        call_command("run_worker", "--queues", queues)


def test_each_task_of_a_queue_is_there_and_a_withdrawals_message_keeps_to_its_own():
    app.loader.import_default_modules()
    named = {task for tasks in settings.QUEUES.values() for task in tasks}
    assert named - set(app.tasks) == set()
    router = app.amqp.Router()
    assert router.route({}, "chain.tasks.submit")["queue"].name == "money"
    assert router.route({"queue": "withdrawal"}, "chain.tasks.submit")["queue"].name == "withdrawal"
    assert router.route({}, "wallets.tasks.sync_balances")["queue"].name == "upkeep"
