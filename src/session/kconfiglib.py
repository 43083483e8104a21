# SPDX-License-Identifier: MIT OR Apache-2.0
"""Asks kconfiglib, or its fork esp-idf-kconfig, what it says to a configuration.

    kconfiglib.py check LIBRARY FOLDER…
    kconfiglib.py ask LIBRARY ROOT CONFIG ANSWERS FOLDER…

LIBRARY is `kconfiglib` or `esp_kconfiglib.core`; it is looked for in the FOLDERs first. ANSWERS holds
commands and answers by turns, each ended by a NUL. Prints the warnings about unmet dependencies in
the words of conf, whose reader reads both.
"""

import importlib
import re
import sys
import types

LETTERS = "nmy"


def load(name, folders):
    sys.path[:0] = folders
    library = importlib.import_module(name)
    if not hasattr(library, "Kconfig"):
        sys.exit(f"{name} has no Kconfig")
    return library


class Log:
    """Keeps the warnings of esp-idf-kconfig."""

    def __init__(self):
        self.warnings = []

    def warn(self, *words, **_options):
        self.warnings.append(" ".join(map(str, words)))

    def __getattr__(self, _name):
        return lambda *_words, **_options: None


def answers(path):
    with open(path, "rb") as file:
        texts = [text.decode("utf-8", "surrogateescape") for text in file.read().split(b"\0")]
    return dict(zip(texts[::2], texts[1::2]))


def functions(known):
    """The functions that the project defines in Python, with the answers for them."""

    def function(_kconfig, name, *words):
        return known[f"$({','.join((name, *words))})"]

    names = (re.match(r"\$\(([-\w]+)[,)]", text) for text in known)
    module = types.ModuleType("kconfigfunctions")
    module.functions = {match.group(1): (function, 0, None) for match in names if match}
    return module


def read(library, root, known):
    shell = library._shell_fn
    library._shell_fn = lambda kconfig, name, command: (
        known[command] if command in known else shell(kconfig, name, command)
    )
    asked = functions(known)
    if asked.functions:
        sys.modules["kconfigfunctions"] = asked
    if library.__name__ == "kconfiglib":
        kconfig = library.Kconfig(root, warn_to_stderr=False)
        return kconfig, kconfig.warnings
    library.log = Log()
    return library.Kconfig(root), library.log.warnings


def ask(library, root, config, known):
    kconfig, warnings = read(library, root, known)
    kconfig.load_config(config)
    kconfig._invalidate_all()
    del warnings[:]
    for symbol in kconfig.unique_defined_syms:
        symbol.str_value
    warned = [text.split("warning: ")[-1] for text in warnings if " has direct dependencies " in text]
    named = {text.split(" ", 1)[0] for text in warned}
    level = lambda expression: LETTERS[library.expr_value(expression)]
    for symbol in kconfig.unique_defined_syms:
        if symbol.name not in named:
            continue
        print(f"WARNING: unmet direct dependencies detected for {symbol.name}", file=sys.stderr)
        print(f"  Depends on [{level(symbol.direct_dep)}]:", file=sys.stderr)
        for select in library.split_expr(symbol.rev_dep, library.OR):
            if level(select) != "n":
                selector = library.split_expr(select, library.AND)[0]
                print(f"  Selected by [{level(select)}]:", file=sys.stderr)
                print(f"  - {selector.name}", file=sys.stderr)


def main():
    mode, name, *rest = sys.argv[1:]
    if mode == "check":
        load(name, rest)
        return
    root, config, recorded, *folders = rest
    ask(load(name, folders), root, config, answers(recorded))


main()
