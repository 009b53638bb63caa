"""From a file to what an engine listens to, in memory that does not grow with the call."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from callmine.audio.channels import separate, side_name
from callmine.audio.decode import decoding, width_of
from callmine.audio.leaks import suppress_leaks
from callmine.audio.outside import remark
from callmine.audio.probe import remarks
from callmine.audio.speech import find_speech
from callmine.audio.spool import Spool
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
        with decoding(path) as (info, blocks):
            spool = Spool(width_of(info), source=source)
            undo.callback(spool.close)
            for block in blocks:
                spool.write(block)
        tracks = spool.tracks()
        sides, indices, notes = separate(tracks)
        speech = suppress_leaks([tracks[i] for i in indices], [find_speech(side) for side in sides])
        outside = [
            remark(side, spans, name=side_name(index, len(tracks)))
            for index, side, spans in zip(indices, sides, speech, strict=True)
        ]
        recording = Recording(
            content=content,
            source=source,
            channels=tuple(sides),
            speech=speech,
            notes=(*remarks(path, info), *notes, *(said for said in outside if said)),
            spool=spool,
        )
        undo.pop_all()
    return recording
