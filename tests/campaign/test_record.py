"""What a campaign has played is kept, so that it can be stopped and goes on."""

import json
from dataclasses import asdict

from tests.campaign.record import Record
from tests.campaign.story import Run, Step


def kept(record, *seeds):
    for seed in seeds:
        run = Run(seed, "drift", steps=[Step("open", "none", outcome="filled")])
        record.add(json.dumps(asdict(run)) + "\n")


def test_a_campaign_that_was_stopped_knows_what_it_has_played(tmp_path):
    record = Record(tmp_path / "chaos")
    record.begin()
    kept(record, 3, 1)
    again = Record(tmp_path / "chaos")
    assert [run.seed for run in again.runs()] == [1, 3]
    assert again.runs()[0].steps[0].outcome == "filled"


def test_a_run_that_was_cut_off_while_it_was_kept_is_played_again(tmp_path):
    record = Record(tmp_path)
    record.begin()
    kept(record, 1)
    with (tmp_path / "runs.jsonl").open("a") as file:
        file.write('{"seed": 2, "depl')
    assert [run.seed for run in record.runs()] == [1]
    kept(record, 3)
    assert [run.seed for run in record.runs()] == [1, 3]


def test_a_new_campaign_begins_with_nothing_and_puts_the_earlier_one_aside(tmp_path):
    record = Record(tmp_path)
    record.begin()
    kept(record, 1)
    record.begin()
    assert record.runs() == []
    assert (tmp_path / "runs.before.jsonl").exists()
