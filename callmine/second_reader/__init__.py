"""The optional second reader: a language model that reads findings again, and writes headlines.

It may confirm, reject or relabel what the extractors found, and nothing else. What it answers is
checked against what it was asked; what does not pass is thrown away. Only
:mod:`callmine.second_reader.model` knows the ``llm`` library.
"""
