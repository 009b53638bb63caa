"""Settings: layers, faults, the written file, and where the workspace is."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from callmine.config import Settings, load_settings, settings_text
from callmine.errors import NoWorkspace, SettingsError, UsageError
from callmine.workspace import Workspace, find_workspace, models_folder


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A settings file with two values."""
    path = tmp_path / "callmine.toml"
    path.write_text('[transcribe]\nmodel = "small"\nbeam_size = 1\n')
    return path


def test_later_layers_win_key_by_key(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defaults, file, environment, flags: each changes only the keys that it names."""
    assert load_settings(None).transcribe.model == "base"
    found = load_settings(file).transcribe
    assert (found.model, found.beam_size, found.device) == ("small", 1, "auto")
    monkeypatch.setenv("CALLMINE_TRANSCRIBE__MODEL", "tiny.en")
    found = load_settings(file).transcribe
    assert (found.model, found.beam_size) == ("tiny.en", 1)
    found = load_settings(file, {"transcribe": {"model": "medium"}, "run": {"jobs": 2}}).transcribe
    assert (found.model, found.beam_size) == ("medium", 1)


def test_environment_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a file, variables change the defaults; numbers are read as such."""
    monkeypatch.setenv("CALLMINE_DIGEST__MIN_SCORE", "0.8")
    monkeypatch.setenv("CALLMINE_TIMEZONE", "Europe/Berlin")
    found = load_settings(None)
    assert (found.digest.min_score, found.timezone) == (0.8, "Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ('timezon = "UTC"', (":1: timezon: unknown key", "did you mean 'timezone'")),
        ("\n[run]\n\njobs = -1", (":4: run.jobs: ", "greater than or equal to 0")),
        ('[transcribe]\nengine = "whisper"', (":2: transcribe.engine: ", "'faster_whisper'")),
        ('timezone = "Berlin"', (":1: timezone: ", "write one such as Europe/Berlin")),
        ('[ingest]\nfile_pattern = "{rep}_{rep}"', (":2: ingest.file_pattern: ", "{rep} is there twice")),
        ('[ingest]\nfile_pattern = "{day}"', (":2: ingest.file_pattern: ", "{day} is unknown; use {date}")),
        ('[digest]\nmin_score = "much"', (":2: digest.min_score: ",)),
        ('[transcribe]\ncompute_type = "fp16"', (":2: transcribe.compute_type: ", "'float16'", "'auto'")),
        (
            '[transcribe]\nlanguage = "english"',
            (":2: transcribe.language: language 'english' is not a code; write an ISO 639-1 code",),
        ),
        ("[voices]\nmax_voices = 1", (":2: voices.max_voices: ", "greater than or equal to 2")),
        ("[run\njobs = 1", ("callmine.toml:1: not valid TOML: ",)),
        ("jobs = " + "[" * 5000, ("callmine.toml: ",)),
    ],
)
def test_a_fault_names_file_line_key_and_remedy(tmp_path: Path, text: str, parts: tuple[str, ...]) -> None:
    """A person can go to the line and knows what to write."""
    path = tmp_path / "callmine.toml"
    path.write_text(text)
    with pytest.raises(SettingsError) as raised:
        load_settings(path)
    for part in (str(path), *parts):
        assert part in raised.value.message
    assert raised.value.hint


def test_the_example_of_a_recipient_needs_only_its_hashes_removed(tmp_path: Path) -> None:
    """TOML cannot add to a list that is written empty, so ``init`` writes an example instead."""
    path = tmp_path / "callmine.toml"
    lines = settings_text(Settings()).splitlines()
    begin = lines.index("# [[delivery.recipients]]")
    lines[begin : begin + 5] = [line.removeprefix("# ") for line in lines[begin : begin + 5]]
    path.write_text("\n".join(lines))
    (recipient,) = load_settings(path).delivery.recipients
    assert (recipient.called, recipient.reports, recipient.redact) == (
        "Product marketing",
        ("digest",),
        True,
    )


def test_recipients_are_written_and_read_back(tmp_path: Path) -> None:
    """Each is a table of its own; keys of the section cannot fall into it."""
    people = [{"email": "a@x.example", "segment": 'the "large"'}, {"name": "B", "slack": "HOOK"}]
    settings = load_settings(None, {"delivery": {"recipients": people, "smtp_host": "mail.example"}})
    path = tmp_path / "callmine.toml"
    path.write_text(settings_text(settings))
    assert load_settings(path) == settings
    assert [one.called for one in load_settings(path).delivery.recipients] == ["a@x.example", "B"]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ('sender = "nobody"', ":2: delivery.sender: 'nobody' names no e-mail address"),
        ('sender = "Calls <a..b@x.example>"', "names no e-mail address"),
        ('sender = "A <a@x.example>\\r\\nBcc: b@x.example"', "names no e-mail address"),
        ('unsubscribe = "javascript:alert(1)"', ":2: delivery.unsubscribe: "),
        ('unsubscribe = "https://a.example/\\r\\nBcc: x"', ":2: delivery.unsubscribe: "),
        ('base_url = "file:///srv"', ":2: delivery.base_url: "),
        ('smtp_password = "hunter2"', ":2: delivery.smtp_password: unknown key"),
        ('smtp_password_env = "correct horse"', "never what it holds"),
        ('[[delivery.recipients]]\nemail = "a@x.example\\nBcc: b@x.example"', "is no e-mail address"),
        ('[[delivery.recipients]]\nemail = "a..b@x.example"', "is no e-mail address"),
        ('[[delivery.recipients]]\nemail = ".a@x.example"', "is no e-mail address"),
        ('[[delivery.recipients]]\nemail = "a.@x.example"', "is no e-mail address"),
        ('[[delivery.recipients]]\nslack = "https://hooks.example/secret"', "never what it holds"),
        ('[[delivery.recipients]]\nname = "A"', "an email or a slack"),
        ('[[delivery.recipients]]\nname = "A\\nBcc: b@x.example"\nemail = "a@x.example"', "one line"),
        (
            '[[delivery.recipients]]\nname = "A"\nemail = "a@x.example"\n'
            '[[delivery.recipients]]\nname = "a"\nemail = "b@x.example"',
            "is there twice",
        ),
    ],
)
def test_faults_of_delivery_are_told(tmp_path: Path, text: str, part: str) -> None:
    """Secrets are refused where they would be written down, and line breaks everywhere."""
    path = tmp_path / "callmine.toml"
    path.write_text(f"[delivery]\n{text}\n")
    with pytest.raises(SettingsError) as raised:
        load_settings(path)
    assert part in raised.value.message


@pytest.mark.parametrize(("written", "code"), [("", ""), ("EN", "en"), ("en-US", "en"), ("pt_BR", "pt")])
def test_a_language_is_read_as_in_a_manifest(written: str, code: str) -> None:
    """Empty means: detect."""
    assert load_settings(None, {"transcribe": {"language": written}}).transcribe.language == code


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    """Two faults are two lines."""
    path = tmp_path / "callmine.toml"
    path.write_text("[run]\njobs = -1\n[digest]\nclips = 7\n")
    with pytest.raises(SettingsError) as raised:
        load_settings(path)
    assert len(raised.value.message.splitlines()) == 2


@pytest.mark.parametrize(
    ("name", "value", "part"),
    [
        ("CALLMINE_TRANSCRIBE__MODLE", "x", "environment: transcribe.modle: unknown key"),
        ("CALLMINE_RUN__JOBS", "many", "environment: run.jobs: "),
        ("CALLMINE_RUN", "many", "environment: "),
    ],
)
def test_a_fault_of_the_environment_does_not_blame_the_file(
    file: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, part: str
) -> None:
    """The message speaks of the environment, and the hint says how variables are written."""
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as raised:
        load_settings(file)
    assert raised.value.message.startswith(part)
    assert "CALLMINE_SECTION__KEY" in raised.value.hint


def test_a_fault_of_a_flag_does_not_blame_the_file(file: Path) -> None:
    """A recipe's or option's bad value is told as such."""
    with pytest.raises(SettingsError, match=r"recipe or options: run\.jobs"):
        load_settings(file, {"run": {"jobs": 1000}})


def test_file_that_is_not_text(tmp_path: Path) -> None:
    """Bytes that are not UTF-8 are a fault of the file, not a bug."""
    path = tmp_path / "callmine.toml"
    path.write_bytes(b'timezone = "\xff"')
    with pytest.raises(SettingsError, match=r"callmine\.toml"):
        load_settings(path)


def test_written_settings_are_read_back_the_same(tmp_path: Path) -> None:
    """The file that ``init`` writes holds every key, explained, and says what the defaults are."""
    path = tmp_path / "callmine.toml"
    path.write_text(settings_text(Settings()))
    assert load_settings(path) == Settings()
    every = Settings().model_dump(mode="json")
    assert every["delivery"].pop("recipients") == []
    assert tomllib.loads(path.read_text()) == every
    assert all("#" in line for line in path.read_text().splitlines() if "=" in line)


def test_quotes_and_backslashes_are_written_safely(tmp_path: Path) -> None:
    """A value with quotes comes back as it was."""
    odd = Settings(models_folder='C:\\models "of mine"')
    path = tmp_path / "callmine.toml"
    path.write_text(settings_text(odd))
    assert load_settings(path) == odd


def test_paths_of_a_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All paths come from the root; models are kept outside of it."""
    place = Workspace(tmp_path, Settings())
    assert place.database == tmp_path / "callmine.db"
    assert (place.inbox, place.reports) == (tmp_path / "inbox", tmp_path / "reports")
    monkeypatch.delenv("CALLMINE_MODELS", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert place.models == tmp_path / "cache" / "callmine" / "models"
    assert models_folder(Settings(models_folder="/srv/models")) == Path("/srv/models")
    monkeypatch.setenv("CALLMINE_MODELS", "/opt/models")
    assert models_folder(Settings(models_folder="/srv/models")) == Path("/opt/models")


def test_a_model_folder_that_is_nowhere_names_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment wins, also over a setting that leads nowhere."""
    monkeypatch.delenv("CALLMINE_MODELS", raising=False)
    odd = Settings(models_folder="~nosuchuser/models")
    with pytest.raises(SettingsError, match="models_folder: '~nosuchuser/models'"):
        models_folder(odd)
    monkeypatch.setenv("CALLMINE_MODELS", "/opt/models")
    assert models_folder(odd) == Path("/opt/models")


def test_workspace_is_found_upwards(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The nearest parent with settings is it; none at all and a wrong one are told apart."""
    monkeypatch.delenv("CALLMINE_WORKSPACE", raising=False)
    deep = file.parent / "a" / "b"
    deep.mkdir(parents=True)
    monkeypatch.chdir(deep)
    assert find_workspace().root == file.parent.resolve()
    with pytest.raises(UsageError, match="not a callmine workspace"):
        find_workspace(deep)
    file.unlink()
    with pytest.raises(NoWorkspace):
        find_workspace()
