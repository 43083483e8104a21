# SPDX-License-Identifier: MIT OR Apache-2.0
"""Asks QEMU's minikconf which selects contradict a `depends on` in a configuration.

    minikconf.py check LIBRARY FOLDER…
    minikconf.py ask LIBRARY ROOT CONFIG ANSWERS FOLDER…

LIBRARY is `minikconf`; it is looked for in the FOLDERs. ANSWERS is not read: minikconf runs no commands.
minikconf stops at the first contradiction. This script lets minikconf go on, and prints each
contradiction in the words of conf's warning.
"""

import importlib
import re
import sys


def load(name, folders):
    sys.path[:0] = folders
    library = importlib.import_module(name)
    if not hasattr(library, "KconfigData"):
        sys.exit(f"{name} has no KconfigData")
    return library


def set_value(self, value, clause):
    """In place of minikconf's own, which raises an error at a second value."""
    self.clauses_for_var.append(clause)
    self.value = value if self.value is None else self.value or value


def selectors(var, library):
    """The symbols whose selects contradict a dependency of this one."""
    data = library.KconfigData
    if not any(isinstance(it, data.DependsOnClause) for it in var.clauses_for_var):
        return
    for clause in var.clauses_for_var:
        if isinstance(clause, data.SelectClause):
            # `do_select` puts the selector behind the condition.
            condition = clause.cond
            while isinstance(condition, data.AND):
                condition = condition.rhs
            yield condition.name


def ask(library, root, config):
    library.KconfigData.Var.set_value = set_value
    data = library.KconfigData(library.defconfig)
    parser = library.KconfigParser(data)
    with open(config, encoding="utf-8") as file:
        for line in file:
            match = re.match(r"(?:# )?(CONFIG_\w+)(=y| is not set)$", line.strip())
            if match:
                parser.do_assignment(match.group(1), match.group(2) == "=y")
    with open(root, encoding="utf-8") as file:
        parser.parse_file(file)
    data.compute_config()
    for var in data.referenced_vars.values():
        for selector in selectors(var, library):
            print(f"WARNING: unmet direct dependencies detected for {var.name}", file=sys.stderr)
            print("  Depends on [n]:", file=sys.stderr)
            print("  Selected by [y]:", file=sys.stderr)
            print(f"  - {selector}", file=sys.stderr)


def main():
    mode, name, *rest = sys.argv[1:]
    if mode == "check":
        load(name, rest)
        return
    root, config, _answers, *folders = rest
    ask(load(name, folders), root, config)


main()
