"""The demo submits its best practices and overwrites no other file."""

from pathlib import Path

from demo.paths import SAMPLE
from standalone.demo import BEST_PRACTICES, submit_sample_best_practices
from standalone.settings import Settings


def test_submits_the_sample_once_and_overwrites_nothing(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    submit_sample_best_practices(settings)
    inbox = tmp_path / "inbox" / "best_practices"
    assert {file.name: file.read_bytes() for file in inbox.iterdir()} == {
        name: (SAMPLE / sample).read_bytes() for name, sample in BEST_PRACTICES.items()
    }
    (inbox / "guangzhou_award.csv").write_text("mine")
    submit_sample_best_practices(settings)
    assert (inbox / "guangzhou_award.csv").read_text() == "mine"
