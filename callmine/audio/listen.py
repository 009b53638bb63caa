"""From a file to what an engine listens to, in memory that does not grow with the call."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from callmine.audio.channels import separate, side_name
from callmine.audio.leaks import leak_remark, suppress_leaks
from callmine.audio.outside import remark
from callmine.audio.probe import remarks
from callmine.audio.speech import find_speech
from callmine.audio.spool import spooled
from callmine.audio.types import Recording


def listen(path: Path, *, content: str, source: str) -> Recording:
    """Decode a recording once, tell its channels apart and find the speech in each.

    The sound waits in a :class:`callmine.audio.spool.Spool`, which the caller frees by closing
    the recording. Speech is looked for in the tracks an engine gets (the mean of two channels,
    a raised one), not in the raw channels: so dual-mono costs one detection, a silent channel
    none, and a quiet voice is found. Leaks are judged by the raw channels: when a channel that
    holds a leak has been raised, the leak is as loud as the original.

    Args:
        path: The recording.
        content: SHA-256 (hex) of the file.
        source: The file's name, for messages.

    Raises:
        callmine.errors.UnreadableRecording: It cannot be decoded to its end.
        callmine.errors.CallError: There is no room for its sound.
    """
    with ExitStack() as undo:
        info, spool = spooled(path, source=source)
        undo.callback(spool.close)
        tracks = spool.tracks()
        sides, indices, notes = separate(tracks)
        found = [find_speech(side) for side in sides]
        speech = suppress_leaks([tracks[i] for i in indices], found)
        names = [side_name(index, len(tracks)) for index in indices]
        leaked = map(leak_remark, names, found, speech)
        outside = [
            remark(side, spans, name=name) for name, side, spans in zip(names, sides, speech, strict=True)
        ]
        recording = Recording(
            content=content,
            source=source,
            channels=tuple(sides),
            speech=speech,
            notes=(*remarks(path, info), *notes, *(said for said in (*leaked, *outside) if said)),
            spool=spool,
        )
        undo.pop_all()
    return recording
