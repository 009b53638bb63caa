"""Read every recorded sales call; see the README."""

import os

# onnxruntime keeps a device id and usage events under ~/.cache/Microsoft and tries to send them. It reads
# this switch when it is first imported, in every process; nothing of callmine is imported before this file.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
