import pytest
from command_line import SCENARIO


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with a small scenario, as the current one."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s.toml").write_text(SCENARIO)
    return tmp_path
