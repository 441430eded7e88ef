"""The language of templates: Jinja2 in a sandbox, less what could run long or grow without bounds.

No loop in a loop, nothing that repeats (`*`, `range`, padding), no macros, no files; the filters
and methods that are listed here and no others. So a template takes about as long as the texts it
is given are, in the daemon's own loop as it runs there.
"""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, Undefined, nodes
from jinja2.meta import find_undeclared_variables
from jinja2.sandbox import ImmutableSandboxedEnvironment

LONGEST = 100_000
"""Characters that a template may make; more of them fail."""

_FILTERS = """
    abs capitalize count d default dictsort first float int items join last length list lower map
    max min reject rejectattr replace reverse round select selectattr sort string sum title tojson
    trim truncate unique upper urlencode wordcount
"""
_METHODS = """
    cycle endswith get items keys lower lstrip partition removeprefix removesuffix replace
    rpartition rsplit rstrip split startswith strip title upper values
"""
_NOT_HERE: Mapping[type[nodes.Node], str] = {
    nodes.Mul: "*",
    nodes.Pow: "**",
    nodes.Mod: "%",
    nodes.Macro: "macro",
    nodes.CallBlock: "call",
    nodes.Block: "block",
    nodes.Extends: "extends",
    nodes.Include: "include",
    nodes.Import: "import",
    nodes.FromImport: "import",
}


class TemplateFailed(Exception):
    """A template that cannot be filled; the text says why."""


class OpenMapping(dict[str, Any]):
    """A mapping of which nobody knows the keys beforehand; one that it has not is none."""

    def __missing__(self, key: str) -> None:
        return None


def compile_template(text: str, known: Mapping[str, Any]) -> Template:
    """Compile a template; raises TemplateFailed.

    known: a value for each variable that there is. What its mappings have not is a mistake.
    """
    try:
        tree = _ENVIRONMENT.parse(text)
        if (mistake := next(_mistakes(tree, known), None)) is not None:
            raise TemplateFailed(mistake)
        return _ENVIRONMENT.from_string(tree)
    except TemplateSyntaxError as error:
        raise TemplateFailed(f"line {error.lineno}: {_words(error)}") from error
    except (RecursionError, ValueError) as error:
        # Parentheses thousands deep, and numbers of thousands of digits.
        raise TemplateFailed(_words(error)) from error


def fill_template(template: Template, values: Mapping[str, Any]) -> str:
    """Fill a template; raises TemplateFailed."""
    pieces, left = [], LONGEST
    try:
        for piece in template.generate(values):
            pieces.append(piece)
            left -= len(piece)
            if left < 0:
                break
    except Exception as error:
        raise TemplateFailed(_words(error)) from error
    if left < 0:
        raise TemplateFailed(f"it makes more than {LONGEST} characters")
    return "".join(pieces)


def _make_environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        autoescape=False,
        finalize=_finish,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.clear()
    environment.filters = {name: environment.filters[name] for name in _FILTERS.split()}
    return environment


def _finish(value: object) -> object:
    if callable(value) and not isinstance(value, Undefined):
        raise TemplateFailed("a method needs its () to be called")
    return "" if value is None else value


_ENVIRONMENT = _make_environment()


def _mistakes(tree: nodes.Template, known: Mapping[str, Any]) -> Iterator[str]:
    """Find what no template may have, also in branches that no sample takes."""
    for node in tree.find_all(tuple(_NOT_HERE)):
        yield f"line {node.lineno}: {_NOT_HERE[type(node)]} cannot be used here"
    for loop in tree.find_all(nodes.For):
        if loop.recursive or loop.find(nodes.For):
            yield f"line {loop.lineno}: a loop cannot stand in a loop here"
    for call in tree.find_all(nodes.Call):
        if not (isinstance(call.node, nodes.Getattr) and call.node.attr in _METHODS.split()):
            yield f"line {call.lineno}: what is called there cannot be used here"
    yield from _misspelt(tree, known)


def _misspelt(tree: nodes.Template, known: Mapping[str, Any]) -> Iterator[str]:
    names = list(tree.find_all(nodes.Name))
    # Jinja2 knows `self` as well, of which nothing but an address in memory can be shown.
    named = find_undeclared_variables(tree) | ({name.name for name in names} & {"self"})
    for name in sorted(named - known.keys()):
        yield f"there is no {name}{_meant(name, known)}"
    own = {name.name for name in names if name.ctx != "load"}
    shapes = {name: value for name, value in known.items() if name not in own}
    for step in tree.find_all(nodes.Getattr):
        holder = _shape_of(step.node, shapes)
        if holder is not None and step.attr not in {*holder, *_METHODS.split()}:
            yield f"line {step.lineno}: there is no {step.attr} in it{_meant(step.attr, holder)}"


def _shape_of(node: nodes.Node, shapes: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Say which keys a part of a template has; None where that is not known."""
    found: Any = None
    match node:
        case nodes.Name():
            found = shapes.get(node.name)
        case nodes.Getattr():
            found = (_shape_of(node.node, shapes) or {}).get(node.attr)
    return found if isinstance(found, dict) and not isinstance(found, OpenMapping) else None


def _meant(name: str, known: Mapping[str, Any]) -> str:
    close = get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]}?" if close else f"; there are: {', '.join(sorted(known))}"


def _words(error: Exception) -> str:
    return str(error).partition("\n")[0] or type(error).__name__
