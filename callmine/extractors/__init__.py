"""Extractors: passages of talk in, evidence out."""
