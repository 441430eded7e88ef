"""A YAML text as a tree of mappings, lists and text, which remembers its lines."""

import re
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from alarmbridge.core.errors import ConfigError
from alarmbridge.settings.mistakes import Path

_NULL = "tag:yaml.org,2002:null"
_PLAIN_TAGS = frozenset(
    f"tag:yaml.org,2002:{kind}"
    for kind in ("str", "int", "float", "bool", "null", "timestamp", "seq", "map")
)
_RESOLVERS = {
    first: nulls
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    if (nulls := [resolver for resolver in resolvers if resolver[0] == _NULL])
}
_QUOTES = "a text that begins with one of & * ! % @ ` or has a colon and a space in it needs quotes"
_IN_PROGRESS = object()


@dataclass(frozen=True, slots=True)
class Document:
    """tree: mappings, lists, text and None. mistakes: what YAML allows and we do not."""

    tree: Any
    mistakes: list[tuple[Path, str]] = field(default_factory=list)
    root: Node | None = None

    def line_of(self, path: Path) -> int | None:
        """Say on which line the value at a path, or what should hold it, begins; from 1."""
        node, line = self.root, None
        for step in path:
            child = _child(node, step)
            if child is None:
                break
            line, node = child
        return line


def read_document(text: str) -> Document:
    """Read one YAML document; raises ConfigError, without a path, where it is none."""
    reader = _Reader()
    try:
        root = _compose(text)
        tree = reader.build(root, ())
    except yaml.MarkedYAMLError as error:
        raise ConfigError([_word_syntax(error)]) from None
    except yaml.YAMLError:
        raise ConfigError(["holds a control character, which YAML does not allow"]) from None
    except RecursionError:
        raise ConfigError(["is nested too deeply"]) from None
    return Document(tree, reader.mistakes, root)


def _compose(text: str) -> Node | None:
    loader = (yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader)(text)
    # Of all that a plain scalar may turn into, only null; the rest stays the text it is.
    loader.yaml_implicit_resolvers = _RESOLVERS
    try:
        return loader.get_single_node()
    finally:
        loader.dispose()


class _Reader:
    """Builds each node once, so that aliases share what they name and cannot multiply it."""

    def __init__(self) -> None:
        self.mistakes: list[tuple[Path, str]] = []
        self._built: dict[int, object] = {}

    def build(self, node: Node | None, path: Path) -> object:
        if node is None:
            return None
        if id(node) not in self._built:
            self._built[id(node)] = _IN_PROGRESS
            self._built[id(node)] = self._build(node, path)
        built = self._built[id(node)]
        if built is _IN_PROGRESS:
            self.mistakes.append((path, "is an alias for something that it stands in"))
            return None
        return built

    def _build(self, node: Node, path: Path) -> object:
        if node.tag not in _PLAIN_TAGS:
            self.mistakes.append((path, f"has a tag, and none is known; {_QUOTES}"))
        match node:
            case MappingNode():
                return self._mapping(node, path)
            case SequenceNode():
                return [self.build(item, (*path, at)) for at, item in enumerate(node.value)]
            case ScalarNode():
                return None if node.tag == _NULL else node.value
        raise AssertionError(node)

    def _mapping(self, node: MappingNode, path: Path) -> dict[str, object]:
        mapping: dict[str, object] = {}
        lines: dict[str, int] = {}
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                self.mistakes.append((path, "has a key that is no text"))
                continue
            line = key.start_mark.line + 1
            if key.value in mapping:
                first = lines[key.value]
                words = f"stands twice in its mapping, on lines {first} and {line}"
                self.mistakes.append(((*path, key.value), words))
                continue
            lines[key.value] = line
            mapping[key.value] = self.build(value, (*path, key.value))
        return mapping


def _child(node: Node | None, step: str | int) -> tuple[int, Node] | None:
    match node:
        case MappingNode():
            for key, value in node.value:
                if key.value == step:
                    return key.start_mark.line + 1, value
        case SequenceNode() if isinstance(step, int) and step < len(node.value):
            item = node.value[step]
            return item.start_mark.line + 1, item
    return None


def _word_syntax(error: yaml.MarkedYAMLError) -> str:
    # Not the error's own text: it quotes the line, and that may hold a password.
    problem = re.sub(r"'([^']*)'", _only_a_character, error.problem or "cannot be read")
    line = "" if error.problem_mark is None else f"line {error.problem_mark.line + 1}: "
    return f"{line}{problem} ({_QUOTES})"


def _only_a_character(quoted: re.Match[str]) -> str:
    return quoted[0] if len(quoted[1]) <= 1 else "'…'"
