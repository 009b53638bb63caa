"""Sound: read any recording, tell its channels apart, find the speech, cut clips.

PyAV and onnxruntime are imported inside the functions that need them, so that importing this
package stays cheap.
"""

from __future__ import annotations

from callmine.audio.channels import ChannelReport, analyse, separate
from callmine.audio.clips import CLIP_MIME, clip
from callmine.audio.decode import decode, decoding
from callmine.audio.leaks import suppress_leaks
from callmine.audio.listen import listen
from callmine.audio.probe import content_hash, probe, remarks
from callmine.audio.speech import find_speech

__all__ = [
    "CLIP_MIME",
    "ChannelReport",
    "analyse",
    "clip",
    "content_hash",
    "decode",
    "decoding",
    "find_speech",
    "listen",
    "probe",
    "remarks",
    "separate",
    "suppress_leaks",
]
