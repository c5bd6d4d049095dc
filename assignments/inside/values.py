"""Plain data as JSON: all that passes between the grader and a kernel; no pickle, no eval."""

import json

import numpy as np

TYPES = ("bool", "int64", "float32", "float64")


class NotPlain(TypeError):
    """A value is no number, text, list, dictionary, array or tensor."""


def pack(value):
    """Return what JSON can hold for a number, text, list, dict, array or tensor."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple)):
        return [pack(entry) for entry in value]
    if isinstance(value, dict):
        return {"dict": [[pack(key), pack(entry)] for key, entry in value.items()]}
    array = np.asarray(value.detach() if hasattr(value, "detach") else value)
    if array.dtype.name not in TYPES:
        raise NotPlain(f"{type(value).__name__} is not plain data")
    return {"array": array.tolist(), "type": array.dtype.name}


def unpack(value):
    """Return the value that was packed; raise an error for what nothing packs to."""
    if isinstance(value, list):
        return [unpack(entry) for entry in value]
    if isinstance(value, dict) and "dict" in value:
        return {unpack(key): unpack(entry) for key, entry in value["dict"]}
    if isinstance(value, dict):
        return np.array(value["array"], TYPES[TYPES.index(value["type"])])[()]
    return value


def packed(value):
    """Return the text that stands for a value."""
    return json.dumps(pack(value))


def unpacked(text):
    """Return the value that a text stands for."""
    return unpack(json.loads(text))
