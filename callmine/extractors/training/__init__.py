"""Train the encoder behind the objection and positioning extractors (``make train``).

Needs the ``reference`` extra (torch) and ``onnx``; nothing here is imported at run time.
"""
