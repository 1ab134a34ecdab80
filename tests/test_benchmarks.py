"""The benchmarks still run; what they find is not a test's business."""

from benchmarks.__main__ import main


def test_a_small_run_prints_each_figure_beside_its_bound(capsys):
    assert main(["--only", "decoder", "--rows", "20", "--rounds", "1"]) == 0

    said = capsys.readouterr().out
    assert "driftpy" in said
    assert "ratio ≤ 1.0" in said


def test_the_results_page_holds_the_circumstances_and_every_figure(tmp_path, monkeypatch):
    from benchmarks import results
    from benchmarks.measuring import compared

    page = tmp_path / "RESULTS.md"
    monkeypatch.setattr(results, "RESULTS", page)
    found = [compared("a thing", 3.0, 2.0, bound_name="bare", at_most=1.2)]

    results.write_results({"things": found}, command=["python -m benchmarks"])

    written = page.read_text()
    assert "| a thing | 3 s | 2 s bare | 1.50 | ratio ≤ 1.2 | MISSED |" in written
    assert "`python -m benchmarks`" in written


def test_a_run_of_some_leaves_the_parts_of_the_others_on_the_page(tmp_path, monkeypatch):
    from benchmarks import results
    from benchmarks.measuring import compared

    page = tmp_path / "RESULTS.md"
    monkeypatch.setattr(results, "RESULTS", page)
    found = {
        name: [compared(name, 3.0, 2.0, bound_name="bare", at_most=2.0)] for name in ("one", "two")
    }
    results.write_results(found, command=["all of them"])
    whole = page.read_text()
    again = [compared("again", 1.0, 2.0, bound_name="bare", at_most=2.0)]

    results.write_results({"two": again}, command=["one of them"])

    written = page.read_text()
    assert "| again | 1 s | 2 s bare | 0.50 |" in written
    assert "| two |" not in written
    assert written[: written.index("## two")] == whole[: whole.index("## two")]
