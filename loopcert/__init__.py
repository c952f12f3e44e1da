"""Theory-first certification of training loops that feed a model its own curated output."""

__all__ = ["check", "claims"]


def __getattr__(name):
    if name in __all__:
        from loopcert import ledger

        return getattr(ledger, name)
    if name == "__version__":
        from importlib.metadata import version

        return version("loopcert")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted([*globals(), *__all__, "__version__"])
