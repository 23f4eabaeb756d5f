"""The programs notice damaged result files; more of the same: tests/mutate_files.py --mutations 10000."""

import sys

import pytest
from command_line import PARACRINE, ROOT

sys.path.insert(0, str(ROOT / "tests"))
import mutate_files


@pytest.fixture
def another_program(tmp_path, monkeypatch):
    """Puts a shell script in the place of the program; $REAL in it is the program."""

    def put(text):
        script = tmp_path / "program"
        script.write_text(f'#!/bin/sh\nREAL=\'{PARACRINE}\'\n{text}\nexec "$REAL" "$@"\n')
        script.chmod(0o755)
        monkeypatch.setenv("PARACRINE", str(script))

    return put


def verdicts(folder, mutations, seed, readers=None):
    originals = mutate_files.make_originals(folder)
    if readers:
        originals = [
            mutate_files.dataclasses.replace(original, readers=readers)
            for original in originals
            if set(readers) <= set(original.readers)
        ]
    return [answer.verdict for *_, answer in mutate_files.examine(originals, mutations, seed, folder)]


def test_no_reader_crashes_hangs_or_reads_other_values(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PARACRINE", PARACRINE)
    found = verdicts(tmp_path, 70, 1)
    assert set(found) == {"read", "refused"}, capsys.readouterr().out
    assert found.count("refused") > 35


@pytest.mark.parametrize(
    ("script", "verdict"),
    [
        # a digest that looks at no checksum
        ('[ "$3" = --digest ] && exec sha256sum "$2"', "difference"),
        ('if [ "$3" = --digest ]; then "$REAL" "$@" || kill -SEGV $$; exit 0; fi', "crash"),
        (
            'if [ "$3" = --digest ]; then "$REAL" "$@" || { echo "paracrine: internal error" >&2; exit 2; }; exit 0; fi',
            "crash",
        ),
        ('if [ "$3" = --digest ]; then "$REAL" "$@" || exit 1; exit 0; fi', "crash"),
        ('if [ "$3" = --digest ]; then "$REAL" "$@" || kill -KILL $$; exit 0; fi', "hang"),
    ],
)
def test_what_goes_wrong_is_noticed(tmp_path, another_program, capsys, script, verdict):
    another_program(script)
    found = verdicts(tmp_path, 6, 2, ("digest",))
    assert verdict in found
    assert f"digest: {verdict}: " in capsys.readouterr().out
