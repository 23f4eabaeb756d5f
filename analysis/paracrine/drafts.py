"""Files written so that nobody ever sees half of one: drafts with unique names, renamed when they are whole."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator

from paracrine.errors import InputError

LONGEST_START = 60  # characters of a name that a draft repeats


@contextlib.contextmanager
def draft(path: str | os.PathLike[str], *, force: bool = True) -> Iterator[str]:
    """Give the name of an empty file beside `path`, to be written; at the end of the block it becomes `path`.

    The draft is created exclusively under a random name, so several writers never meet and no symbolic link is followed. What `path` was before, a link
    included, is replaced. When the block raises, the draft is removed and `path` stays as it was.

    Parameters
    ----------
    path : path
        The file to be written.
    force : bool
        Replace a file that exists.

    Yields
    ------
    str
        The draft's name; it ends as `path` does.

    Raises
    ------
    InputError
        `path` exists and `force` is not set.
    OSError
        The folder cannot be written.

    Examples
    --------
    >>> import pathlib
    >>> with draft("docstring_draft.csv") as name:
    ...     _ = pathlib.Path(name).write_text("a,b")
    >>> pathlib.Path("docstring_draft.csv").read_text(), name.endswith(".csv")
    ('a,b', True)
    """
    final = os.fspath(path)
    folder, name = os.path.split(final)
    stem, ending = os.path.splitext(name)
    while True:
        own = os.path.join(folder, f".{stem[:LONGEST_START]}.{secrets.token_hex(8)}.tmp{ending}")
        try:
            os.close(os.open(own, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666))
            break
        except FileExistsError:
            continue
    try:
        yield own
        _sync(own)
        if force:
            os.replace(own, final)
        else:
            _rename_to_new(own, final)
        _sync(folder or ".")
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(own)


def write_text(path: str | os.PathLike[str], text: str, *, force: bool = True) -> None:
    """Write a text file as a `draft`: UTF-8, line ends as they are."""
    with draft(path, force=force) as name, open(name, "w", encoding="utf-8", newline="") as file:
        file.write(text)


def open_to_append(path: str | os.PathLike[str]) -> int:
    """Open a file for reading and appending, made when it is missing; a symbolic link is refused.

    Returns
    -------
    int
        The descriptor.

    Raises
    ------
    OSError
    """
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    return os.open(path, flags, 0o666)


def _rename_to_new(own: str, final: str) -> None:
    try:
        os.link(own, final)
    except FileExistsError:
        raise InputError(f'"{final}" exists; choose another name, or overwrite it with force') from None
    except OSError:  # a file system without hard links
        if os.path.lexists(final):
            raise InputError(f'"{final}" exists; choose another name, or overwrite it with force') from None
        os.replace(own, final)


def _sync(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        with contextlib.suppress(OSError):  # some file systems cannot
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
