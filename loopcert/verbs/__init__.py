"""One module a verb of the command line: its ``Options``, and ``run(options) -> status``."""
