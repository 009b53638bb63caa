"""Files that people ask for: whole or not there, as private as they were, no device replaced."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from callmine.errors import SettingsError, UsageError
from callmine.files import expanded, write_whole


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(params=[0o022, 0o077, 0o002], ids=oct)
def mask(request: pytest.FixtureRequest) -> Iterator[int]:
    """A umask that is set back after the test."""
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def test_files_are_whole_or_not_there(tmp_path: Path) -> None:
    """Folders are made when asked; a failure leaves what was there and no rest; it says where."""
    path = tmp_path / "a" / "b.md"
    with pytest.raises(UsageError, match=r"b\.md cannot be written: No such file"):
        write_whole(path, "first")
    write_whole(path, "fürst\n", folders=True)
    assert path.read_bytes() == "fürst\n".encode()
    with pytest.raises(UnicodeEncodeError):
        write_whole(path, "\udcff")
    assert path.read_text() == "fürst\n"
    assert [p.name for p in path.parent.iterdir()] == ["b.md"]
    with pytest.raises(UsageError, match="cannot be written"):
        write_whole(path / "c.md", "x", folders=True)


def test_a_disk_that_fills_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the new one is whole, the old one is the file."""
    path = tmp_path / "a.md"
    path.write_text("old")

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(UsageError, match=r"a\.md cannot be written: No space left on device"):
        write_whole(path, "new")
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.md"]


def test_a_new_file_is_as_private_as_the_umask_says(tmp_path: Path, mask: int) -> None:
    """A transcript that nobody else may read must not be made readable."""
    write_whole(tmp_path / "new.txt", "x")
    assert mode(tmp_path / "new.txt") == 0o666 & ~mask


@pytest.mark.parametrize("before", [0o600, 0o640, 0o664])
def test_a_file_keeps_its_mode(tmp_path: Path, mask: int, before: int) -> None:
    """Whatever the umask."""
    path = tmp_path / "old.txt"
    path.write_text("old")
    path.chmod(before)
    write_whole(path, "new")
    assert (path.read_text(), mode(path)) == ("new", before)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_keeps_its_owner(tmp_path: Path) -> None:
    """A private file that root writes again stays its owner's, who could not read it otherwise."""
    path = tmp_path / "old.txt"
    path.write_text("old")
    os.chown(path, 12_345, 54_321)
    path.chmod(0o600)
    write_whole(path, "new")
    assert (path.stat().st_uid, path.stat().st_gid, mode(path)) == (12_345, 54_321, 0o600)


@pytest.mark.parametrize("there", [True, False], ids=["target", "no target yet"])
def test_through_a_link_its_target_is_written(tmp_path: Path, there: bool) -> None:
    """The link stays one."""
    (tmp_path / "far").mkdir()
    target, link = tmp_path / "far" / "target.txt", tmp_path / "link.txt"
    if there:
        target.write_text("old")
    link.symlink_to(Path("far") / "target.txt")
    write_whole(link, "new")
    assert link.is_symlink()
    assert target.read_text() == "new"
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["far", "link.txt", "target.txt"]


def test_a_link_to_itself_is_told(tmp_path: Path) -> None:
    """It leads nowhere."""
    (tmp_path / "loop.txt").symlink_to("loop.txt")
    with pytest.raises(UsageError, match=r"loop\.txt cannot be written"):
        write_whole(tmp_path / "loop.txt", "x")


def test_a_pipe_is_written_to_and_stays_one(tmp_path: Path) -> None:
    """More than a pipe holds at once; its reader gets all of it."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    got: list[bytes] = []
    # Open at both ends first: a writer that comes before its reader is refused.
    keeper = os.open(path, os.O_RDWR)
    reader = threading.Thread(target=lambda: got.append(path.read_bytes()))
    reader.start()
    write_whole(path, "x" * 300_000)
    os.close(keeper)
    reader.join(20)
    assert got == [b"x" * 300_000]
    assert path.is_fifo()


def test_a_pipe_that_nobody_reads_is_not_waited_for(tmp_path: Path) -> None:
    """Opening it would wait for ever."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(UsageError, match="nothing reads from it"):
        write_whole(path, "x")
    assert path.is_fifo()


def test_a_device_is_written_to_and_stays_one(tmp_path: Path) -> None:
    """Root's ``-o /dev/null`` must not take /dev/null from the machine."""
    path = tmp_path / "null"
    try:
        os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
        path.open("wb").close()
    except OSError:
        pytest.skip("no device can be made here: not root, or the file system forbids it")
    write_whole(path, "x")
    assert stat.S_ISCHR(path.stat().st_mode)


def test_a_folder_is_told(tmp_path: Path) -> None:
    """A folder is no file."""
    with pytest.raises(UsageError, match="Is a directory"):
        write_whole(tmp_path, "x")


def test_a_name_may_be_as_long_as_the_system_allows(tmp_path: Path) -> None:
    """The file beside it, while it is written, has a short name."""
    path = tmp_path / ("y" * 255)
    write_whole(path, "x")
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    with pytest.raises(UsageError, match="too long"):
        write_whole(tmp_path / ("y" * 256), "x")


def test_the_home_folder_is_put_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """At the beginning of a path only."""
    monkeypatch.setenv("HOME", "/home/petra")
    assert expanded("~/models", setting="models_folder") == Path("/home/petra/models")
    assert expanded("/srv/~x", setting="models_folder") == Path("/srv/~x")


@pytest.mark.parametrize("path", ["~nosuchuser/models", "~a\0b/models"])
def test_a_home_folder_that_is_nowhere_names_the_setting(path: str) -> None:
    """A user who does not exist is no bug."""
    with pytest.raises(SettingsError, match=r"models_folder: .* cannot be found") as caught:
        expanded(path, setting="models_folder")
    assert "without ~" in caught.value.hint
