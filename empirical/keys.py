"""What can be set: every dotted key of a config, with its type, default and documentation."""

import dataclasses
import inspect
import re
import typing
from dataclasses import dataclass

__all__ = ["Key", "attributes", "keys"]


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a config.

    Attributes
    ----------
    name : str
        Dotted, as after `--set`.
    type : str
        "int", "float", "str", "bool", or "tuple of" one of these.
    default : object
        Of the task; a preset may have another.
    doc : str
        What it means.
    """

    name: str
    type: str
    default: object
    doc: str


def keys(config, where=""):
    """Return the :class:`Key` s of a config, those of nested configs with dotted names."""
    hints, docs = typing.get_type_hints(type(config)), attributes(type(config))
    found = []
    for field in dataclasses.fields(config):
        name, value = f"{where}{field.name}", getattr(config, field.name)
        if dataclasses.is_dataclass(value):
            found += keys(value, f"{name}.")
        else:
            found.append(Key(name, _type(hints[field.name]), value, docs.get(field.name, "")))
    return tuple(found)


def _type(hint):
    if typing.get_origin(hint) is tuple:
        return f"tuple of {typing.get_args(hint)[0].__name__}"
    return hint.__name__


def attributes(kind):
    """Return the section Attributes of a class's documentation: name to text, on one line.

    Names that share an entry ("low, high : int") share its text.

    Examples
    --------
    >>> attributes(Key)["doc"]
    'What it means.'
    """
    lines = inspect.cleandoc(kind.__doc__ or "").splitlines()
    if "Attributes" not in lines:
        return {}
    texts, names = {}, ()
    for line in lines[lines.index("Attributes") + 2 :]:
        entry = re.match(r"(\w+(?:, \w+)*)( : .*)?$", line)
        if entry:
            names = tuple(entry[1].split(", "))
            texts |= dict.fromkeys(names, "")
        elif line.strip():
            for name in names:
                texts[name] = f"{texts[name]} {line.strip()}".strip()
    return {name: _plain(text) for name, text in texts.items()}


def _plain(text):
    """Return a docstring's text without the marks of references: only the name stays."""
    text = re.sub(r":\w+:`~?(?:[\w.]+\.)?([\w]+)`", r"\1", text)
    return text.replace("`", "")
