"""Engines before their first call: why a model does not load, what enters the fingerprint, which device."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import ctranslate2
import faster_whisper
import numpy as np
import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordLevel

from callmine import weights
from callmine.engines.faster_whisper import FasterWhisper
from callmine.engines.openai_whisper import OpenAIWhisper
from callmine.errors import MissingDependency, ModelError, RunError, UsageError


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    """A folder that looks like a model, with a name that looks like a GPU's fault."""
    folder = tmp_path / "cuda" / "paper"
    folder.mkdir(parents=True)
    (folder / "model.bin").write_bytes(b"paper")
    words = Tokenizer(WordLevel({"<|notimestamps|>": 0, "paper": 1}, "paper"))
    words.save(str(folder / "tokenizer.json"))
    (folder / "config.json").write_text("{}")
    return folder


def gpus(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    """Let CTranslate2 see so many GPUs."""
    monkeypatch.setattr(ctranslate2, "get_cuda_device_count", lambda: count)
    if count:
        types = {"float32", "float16"}
        monkeypatch.setattr(ctranslate2, "get_supported_compute_types", lambda device: types)


# -- faults ----------------------------------------------------------------------------------


def test_a_compute_type_that_the_processor_has_not_stops_the_run(paper: Path) -> None:
    """By the real library's word, before it tries; the message says what to write."""
    engine = FasterWhisper(model=str(paper), device="cpu", compute_type="float16")
    with pytest.raises(UsageError) as caught:
        engine.load()
    assert caught.value.exit_code == 2
    assert 'compute_type = "float16"' in caught.value.message
    assert 'compute_type = "auto", or one of ' in caught.value.hint
    assert "float32" in caught.value.hint


@pytest.mark.parametrize(
    ("device", "compute_type", "possible"),
    [
        ("cpu", "int8", "default, float32."),
        ("cpu", "bfloat16", "default, float32."),
        ("cpu", "float16", "default, float32."),
        ("cuda", "int8_float16", "default, float16, float32."),
    ],
)
def test_the_reference_computes_in_no_other_type_in_silence(
    device: str, compute_type: str, possible: str, paper: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would take float32, and the call's record would say something else."""
    torch = pytest.importorskip("torch", reason="torch is an extra")
    pytest.importorskip("whisper", reason="openai-whisper is an extra")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    engine = OpenAIWhisper(model=str(paper), device=device, compute_type=compute_type)
    with pytest.raises(UsageError, match=f'compute_type = "{compute_type}"') as caught:
        engine.load()
    assert "openai_whisper cannot compute so" in caught.value.message
    assert caught.value.hint.endswith(f'"auto", or one of {possible}')


@pytest.mark.parametrize(
    ("device", "compute_type"),
    [
        ("cpu", "auto"),
        ("cpu", "default"),
        ("cpu", "float32"),
        ("cuda", "auto"),
        ("cuda", "float16"),
        ("cuda", "float32"),
    ],
)
def test_the_reference_takes_the_types_it_has(
    device: str, compute_type: str, paper: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch = pytest.importorskip("torch", reason="torch is an extra")
    pytest.importorskip("whisper", reason="openai-whisper is an extra")
    went: list[str] = []
    model = SimpleNamespace(is_multilingual=True, num_languages=99, to=lambda device: went.append(device))
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr("callmine.engines.openai_whisper.load_whisper", lambda path: model)
    OpenAIWhisper(model=str(paper), device=device, compute_type=compute_type).load()
    assert went == [device]


def test_a_gpu_that_is_not_there_stops_the_run(paper: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gpus(monkeypatch, 0)
    with pytest.raises(UsageError, match='device = "cuda" is set') as caught:
        FasterWhisper(model=str(paper), device="cuda").load()
    assert 'device = "auto"' in caught.value.hint


@pytest.mark.parametrize(
    ("at", "error", "kind", "told", "hint"),
    [
        (
            "open",
            RuntimeError("CUDA failed with error out of memory"),
            UsageError,
            "memory",
            "smaller model",
        ),
        ("encode", RuntimeError("CUDA failed with error out of memory"), UsageError, "memory", '"cpu"'),
        ("open", MemoryError(), UsageError, "memory", "smaller model"),
        ("encode", RuntimeError("Library libcublas.so.12 is not found"), MissingDependency, "GPU", '"cpu"'),
        ("open", RuntimeError("CUDA driver version is insufficient"), MissingDependency, "GPU", "driver"),
        ("open", RuntimeError("Unable to open file 'model.bin' in PATH"), ModelError, "model", "paper"),
        ("open", ValueError("Unsupported model binary version"), ModelError, "model", "paper"),
    ],
)
def test_what_the_gpus_library_says_stops_the_run(
    paper: Path,
    monkeypatch: pytest.MonkeyPatch,
    at: str,
    error: Exception,
    kind: type[RunError],
    told: str,
    hint: str,
) -> None:
    """Also what comes out only with the first sound: it concerns every call and is no bug."""
    error.args = tuple(str(arg).replace("PATH", str(paper)) for arg in error.args)

    class Broken:
        feature_extractor = SimpleNamespace(mel_filters=np.zeros((80, 201)))

        def __init__(self, *args: object, **named: object) -> None:
            if at == "open":
                raise error

        def encode(self, features: Any) -> None:
            assert features.shape == (1, 80, 3000)
            raise error

    gpus(monkeypatch, 1)
    monkeypatch.setattr(faster_whisper, "WhisperModel", Broken)
    with pytest.raises(RunError) as caught:
        FasterWhisper(model=str(paper)).load()
    assert type(caught.value) is kind
    assert told in caught.value.message
    assert hint in caught.value.hint


def test_a_damaged_model_is_told_as_one(paper: Path) -> None:
    """By the real library, on the processor."""
    with pytest.raises(ModelError, match="does not load") as caught:
        FasterWhisper(model=str(paper), device="cpu", threads=1).load()
    assert str(paper) in caught.value.hint


@pytest.mark.parametrize("name", ["tokenizer.json", "config.json"])
def test_a_model_without_its_files_asks_nobody_for_others(
    name: str, paper: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library would fetch the smallest model's from the hub; the run stops and says what is missing."""

    def build(*args: object, **named: object) -> None:
        raise AssertionError("the library was asked")

    monkeypatch.setattr(faster_whisper, "WhisperModel", build)
    (paper / name).unlink()
    with pytest.raises(ModelError, match=rf"paper holds no {name}") as caught:
        FasterWhisper(model=str(paper), device="cpu").load()
    assert "--copy_files tokenizer.json" in caught.value.hint


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "damaged"),
        ('{"version": "1.0"', "damaged"),
        ("{}", "damaged"),
        (Tokenizer(WordLevel({"paper": 0}, "paper")).to_str(), "not a Whisper model's"),
    ],
    ids=["empty", "cut off", "something else", "another model's"],
)
def test_a_tokenizer_that_is_none_stops_the_run(content: str, told: str, paper: Path) -> None:
    """By the real library, which raises nothing narrower than Exception: no call can be heard."""
    (paper / "tokenizer.json").write_text(content)
    with pytest.raises(ModelError, match=rf"does not load: its tokenizer\.json is {told}") as caught:
        FasterWhisper(model=str(paper), device="cpu").load()
    assert str(paper) in caught.value.hint


@pytest.mark.parametrize(
    ("name", "content"), [("config.json", "[]"), ("config.json", "{"), ("vocabulary.json", "[")]
)
def test_a_damaged_file_of_a_model_is_named(name: str, content: str, paper: Path) -> None:
    (paper / name).write_text(content)
    with pytest.raises(ModelError, match=rf"does not load: its {name} is damaged"):
        FasterWhisper(model=str(paper), device="cpu").load()


@pytest.mark.audio
def test_files_of_two_models_do_not_go_together(model_folder: Path, tmp_path: Path) -> None:
    """The aligner would never end, or read beyond its memory; or the spectrum would not fit."""
    real = weights.resolve("tiny.en", folder=model_folder)
    mixed = tmp_path / "mixed"
    shutil.copytree(real, mixed)
    tokens = (mixed / "vocabulary.txt").read_text().split("\n")
    (mixed / "vocabulary.txt").write_text("\n".join(["<one more>", *tokens[:-1]]))
    with pytest.raises(ModelError, match=r"its tokenizer\.json is another model's"):
        FasterWhisper(model=str(mixed), device="cpu").load()
    shutil.copy(real / "vocabulary.txt", mixed)
    (mixed / "preprocessor_config.json").write_text('{"feature_size": 128}')
    with pytest.raises(ModelError, match="does not load"):
        FasterWhisper(model=str(mixed), device="cpu").load()
    (mixed / "preprocessor_config.json").write_text('{"feature_size": 80}')
    FasterWhisper(model=str(mixed), device="cpu").load()


@pytest.mark.parametrize("content", [b"", b"junk", b"PK\x03\x04junk"], ids=["empty", "junk", "archive"])
def test_a_file_that_the_reference_cannot_read_stops_the_run(content: bytes, tmp_path: Path) -> None:
    """By the real library, which has an error of its own for what is not to be unpickled."""
    pytest.importorskip("whisper", reason="openai-whisper is an extra")
    (tmp_path / "mine.pt").write_bytes(content)
    with pytest.raises(ModelError, match=r"mine\.pt is not a model in OpenAI's format"):
        OpenAIWhisper(model=str(tmp_path / "mine.pt"), device="cpu").load()


def test_a_folder_that_lacks_a_file_stops_the_run_of_the_reference(
    model_folder: Path, tmp_path: Path
) -> None:
    """The weights alone are not enough: the heads that time the words are named beside them."""
    pytest.importorskip("whisper", reason="openai-whisper is an extra")
    (tmp_path / "alone").mkdir()
    whole = weights.resolve("tiny.en", folder=model_folder)
    (tmp_path / "alone" / "model.bin").symlink_to(whole / "model.bin")
    with pytest.raises(ModelError, match="alone is not a model in OpenAI's format"):
        OpenAIWhisper(model=str(tmp_path / "alone"), device="cpu").load()


def test_a_gpus_fault_is_no_fault_of_the_file(paper: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library raises one type for both."""
    torch = pytest.importorskip("torch", reason="torch is an extra")
    pytest.importorskip("whisper", reason="openai-whisper is an extra")
    full = RuntimeError("CUDA error: out of memory")

    class Model:
        is_multilingual, num_languages = True, 99

        def to(self, device: str) -> None:
            assert device == "cuda"
            raise full

    def load(path: Path, *, device: str = "cpu") -> Model:
        if device == "cuda":
            raise full
        return Model()

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr("callmine.engines.openai_whisper.load_whisper", load)
    with pytest.raises(UsageError, match="too little memory"):
        OpenAIWhisper(model=str(paper)).load()


# -- settings --------------------------------------------------------------------------------


def test_a_model_may_move(paper: Path, tmp_path: Path) -> None:
    """Its weights count, not its path; other weights are other settings."""
    before = FasterWhisper(model=str(paper)).settings()
    after = paper.rename(tmp_path / "elsewhere")
    assert FasterWhisper(model=str(after)).settings() == before
    (after / "model.bin").write_bytes(b"other paper")
    assert FasterWhisper(model=str(after)).settings() != before


def test_settings_hold_only_what_an_engine_uses(paper: Path) -> None:
    """faster-whisper never draws; openai-whisper falls back to other temperatures."""
    for kind, same in ((FasterWhisper, True), (OpenAIWhisper, False)):
        cold = kind(model=str(paper), temperatures=[0.0]).settings()
        assert (cold == kind(model=str(paper)).settings()) is same


def test_settings_fetch_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The catalogue and the folder are asked; what only the hub knows is not known yet."""

    def fetch(*args: object) -> None:
        raise AssertionError("fetched")

    monkeypatch.setattr(weights, "_fetch", fetch)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "model.bin").write_bytes(b"x")
    known = {
        name: FasterWhisper(model=name, model_dir=tmp_path).settings()["weights"]
        for name in ("base", "medium", "mine")
    }
    assert str(known["base"]).startswith("d01c3014881c")
    assert known["medium"] is None
    assert known["mine"] == weights.file_sha(tmp_path / "mine" / "model.bin")


# -- device ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("count", "device"), [(0, "cpu"), (1, "cuda")])
def test_the_engines_library_says_whether_there_is_a_gpu(
    count: int, device: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not the driver's tool: it shows GPUs that are hidden, and is not there in every container."""
    gpus(monkeypatch, count)
    if not count:
        tool = tmp_path / "nvidia-smi"
        tool.write_text("#!/bin/sh\necho 5000\n")
        tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert FasterWhisper().runs_on() == device
    assert FasterWhisper(device="cpu").runs_on() == "cpu"


# -- languages -------------------------------------------------------------------------------


# The library leaves its vocabulary open; loading an engine, which this test does not, heeds that.
@pytest.mark.filterwarnings("ignore:unclosed file .*tiktoken:ResourceWarning")
@pytest.mark.parametrize("kind", [FasterWhisper, OpenAIWhisper])
def test_a_model_knows_the_languages_it_has_tokens_for(
    kind: type[FasterWhisper | OpenAIWhisper], model_folder: Path
) -> None:
    """By the real tokenizers of a model with 99 languages; Cantonese came with a later one."""
    engine = kind(model="base", model_dir=model_folder)
    if kind is FasterWhisper:
        from faster_whisper.tokenizer import _LANGUAGE_CODES
        from tokenizers import Tokenizer

        path = weights.resolve("base", folder=model_folder) / "tokenizer.json"
        engine._model = SimpleNamespace(
            hf_tokenizer=Tokenizer.from_file(str(path)), supported_languages=_LANGUAGE_CODES
        )
    else:
        pytest.importorskip("whisper", reason="openai-whisper is an extra")
        engine._model = SimpleNamespace(is_multilingual=True, num_languages=99)
    known = [code for code in ("en", "no", "nn", "jw", "nb", "jv", "ga", "yue") if engine._knows(code)]
    assert known == ["en", "no", "nn", "jw"]
