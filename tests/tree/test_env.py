"""`.env` beside `trees/`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from genarun.errors import TreeError
from genarun.tree.env import read_env

from tests.say import says


def env(folder: Path, content: bytes, **environ: str) -> dict[str, str]:
    (folder / ".env").write_bytes(content)
    return read_env(folder, environ)


def fault(folder: Path, content: bytes) -> TreeError:
    with pytest.raises(TreeError) as raised:
        env(folder, content)
    return raised.value


def test_variables_are_read_as_dotenv_reads_them(tmp_path: Path) -> None:
    text = b"""
# keys
OPENAI_API_KEY=sk-1
export REPLICATE_API_TOKEN="r8 # 2"  # mine
SINGLE='a b'
EMPTY=
BARE
HOST=localhost
URL=http://${HOST}:${PORT}/${NOBODY:-v1}
"""
    assert env(tmp_path, text, PORT="80") == {
        "OPENAI_API_KEY": "sk-1",
        "REPLICATE_API_TOKEN": "r8 # 2",
        "SINGLE": "a b",
        "EMPTY": "",
        "HOST": "localhost",
        "URL": "http://localhost:80/v1",
        "PORT": "80",
    }


def test_the_environment_wins_and_stays_as_it_is(tmp_path: Path) -> None:
    before = dict(os.environ)
    environ = {"KEY": "mine"}
    (tmp_path / ".env").write_text("KEY=file\nOTHER=file\n")
    assert read_env(tmp_path, environ) == {"KEY": "mine", "OTHER": "file"}
    assert environ == {"KEY": "mine"}
    assert dict(os.environ) == before


def test_no_env_file_and_a_virtual_environment_of_that_name_say_nothing(tmp_path: Path) -> None:
    assert read_env(tmp_path, {"A": "1"}) == {"A": "1"}
    (tmp_path / ".env").mkdir()
    assert read_env(tmp_path, {"A": "1"}) == {"A": "1"}


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    assert env(tmp_path, b"\xef\xbb\xbfA=1\r\nB=2\r\n") == {"A": "1", "B": "2"}


def test_a_line_that_says_nothing_is_not_shown_for_it_may_hold_a_key(tmp_path: Path) -> None:
    says(
        fault(tmp_path, b"A=1\n\nOPENAI_API_KEY sk-canary\n"),
        "env-line",
        """
        .env:3: a line that is no NAME=value
          → Write NAME=value; a value with spaces or # needs quotes: NAME="a value". Comments begin with #.
        """,
    )


def test_a_quote_that_never_closes(tmp_path: Path) -> None:
    error = fault(tmp_path, b'\n\nKEY="sk-canary\n')
    assert error.code == "env-line"
    assert str(error).startswith(".env:3: ")
    assert "canary" not in str(error)


def test_a_null_character(tmp_path: Path) -> None:
    says(
        fault(tmp_path, b"A=1\nB=\x00\n"),
        "env-nul",
        """
        .env:2: a variable with a NUL character
          → Write the line anew.
        """,
    )


def test_another_encoding(tmp_path: Path) -> None:
    says(
        fault(tmp_path, b"A=1\nB=caf\xe9\n"),
        "env-not-utf8",
        """
        .env:2: a byte that is no UTF-8
          → Save the file as UTF-8.
        """,
    )


def test_a_file_that_is_too_big(tmp_path: Path) -> None:
    says(
        fault(tmp_path, b"#" * 1_000_001),
        "env-too-big",
        """
        .env: larger than 1 MB
          → It should hold a few lines such as NAME=value.
        """,
    )


def test_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".env")
    with pytest.raises(TreeError) as raised:
        read_env(tmp_path, {})
    says(
        raised.value,
        "env-special",
        """
        .env: this is no ordinary file
          → Write a text file with lines such as NAME=value.
        """,
    )


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("A=1")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(TreeError) as raised:
        read_env(tmp_path, {})
    says(
        raised.value,
        "env-unreadable",
        """
        .env: cannot be read: permission denied
          → Check the file's permissions.
        """,
    )
