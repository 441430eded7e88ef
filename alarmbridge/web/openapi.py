"""The OpenAPI document, made from what the operations themselves read and write by."""

import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import JsonSchemaMode

from alarmbridge import __version__
from alarmbridge.web.operations import JSON, Group, Operation
from alarmbridge.web.problems import PROBLEM
from alarmbridge.web.shapes import Problem

Document = dict[str, Any]

_COMPONENTS = "#/components/schemas/{model}"
_PROBLEM = "a problem"
_QUERY = "query of "
_ABOUT = """\
What alarmbridge keeps of alarms, and what may be done about them.

Whoever asks shows a token: `Authorization: Bearer …`. A viewer's reads; an operator's or an admin's
may change something as well. Where no `api.tokens` are configured, whoever is on the same machine
needs none.

A list answers `items`, the newest first, and `next`: give that as `after`, with all else the same,
for what comes behind it. A parameter that takes several values is repeated, and any of them fits.
Unknown parameters and keys are mistakes. Whatever goes wrong is answered by a problem document
(RFC 9457), which names each mistake."""

_REASONS = {
    HTTPStatus.BAD_REQUEST: "Something is wrong with the question; `errors` names each mistake.",
    HTTPStatus.UNAUTHORIZED: "No token of ours was shown.",
    HTTPStatus.FORBIDDEN: "The token's role may not do this, or a page of another origin asks.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "The body is not said to be application/json.",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many wrong tokens came from this address; wait.",
    HTTPStatus.SERVICE_UNAVAILABLE: "The archive has failed.",
}


def build_document(groups: Iterable[Group]) -> Document:
    """Build the document of all operations; whoever tells it adds where they are served."""
    groups = list(groups)
    schemas = _Schemas(one for group in groups for one in group.operations())
    paths: dict[str, Document] = {}
    tags = []
    for group in groups:
        tags.append({"name": group.topic})
        for operation in group.operations():
            path = paths.setdefault(plain_path(operation.path), {})
            path[operation.method.lower()] = _describe(operation, group.topic, schemas)
    responses = {status.phrase.replace(" ", ""): _refusal(status, schemas) for status in _REASONS}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "alarmbridge",
            "version": __version__,
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "security": [{"bearer": []}],
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": schemas.components(),
            "responses": responses,
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def plain_path(path: str) -> str:
    """Write a path of the router as OpenAPI does, without the patterns of its parts."""
    return re.sub(r"\{(\w+):[^}]*\}", r"{\1}", path)


class _Schemas:
    """The schemas of all that operations read and write.

    They are made in one go, because otherwise one type would take the place of another of its name.
    """

    def __init__(self, operations: Iterable[Operation]) -> None:
        uses: list[tuple[str, JsonSchemaMode, Any]] = [(_PROBLEM, "serialization", Problem)]
        for one in operations:
            uses.append((_query_of(one), "validation", one.query))
            if one.body is not None:
                uses.append((one.name, "validation", one.body))
            if one.answer is not None:
                uses.append((one.name, "serialization", one.answer))
        self._made, rest = TypeAdapter.json_schemas(
            [(name, mode, TypeAdapter(kind)) for name, mode, kind in uses], ref_template=_COMPONENTS
        )
        self.known: dict[str, Document] = rest["$defs"]
        self._queries = {
            name: self.known[schema["$ref"].rpartition("/")[2]]
            for (name, _), schema in self._made.items()
            if name.startswith(_QUERY)
        }

    def read(self, operation: Operation) -> Document:
        """Describe the body that an operation reads."""
        return self._made[operation.name, "validation"]

    def written(self, name: str) -> Document:
        """Describe what an operation answers."""
        return self._made[name, "serialization"]

    def parameters(self, operation: Operation) -> list[Document]:
        """Describe the parameters of an operation's query."""
        asked = self._queries[_query_of(operation)].get("properties", {})
        return [_parameter(name, schema) for name, schema in asked.items()]

    def components(self) -> dict[str, Document]:
        """List what others refer to, by name; nobody refers to a query."""
        asked = list(self._queries.values())
        return {name: one for name, one in sorted(self.known.items()) if one not in asked}


def _query_of(operation: Operation) -> str:
    return f"{_QUERY}{operation.name}"


def _describe(operation: Operation, topic: str, schemas: _Schemas) -> Document:
    described: Document = {
        "operationId": operation.name,
        "tags": [topic],
        "summary": operation.summary,
        "parameters": [
            {
                "name": name,
                "in": "path",
                "required": True,
                "description": words,
                "schema": {"type": "string", "minLength": 1},
            }
            for name, words in operation.parts.items()
        ]
        + schemas.parameters(operation),
        "responses": _answers(operation, schemas),
    }
    if operation.about:
        described["description"] = operation.about
    if operation.body is not None:
        content = {JSON: {"schema": schemas.read(operation)}}
        described["requestBody"] = {"required": not operation.body.optional, "content": content}
    return described


def _answers(operation: Operation, schemas: _Schemas) -> Document:
    good: Document = {"description": operation.status.phrase}
    if operation.answer is not None:
        good["content"] = {operation.media: {"schema": schemas.written(operation.name)}}
    elif operation.status is not HTTPStatus.NO_CONTENT:
        good["content"] = {operation.media: {"schema": {"type": "string"}}}
    if operation.headers:
        good["headers"] = {
            name: {"description": words, "schema": {"type": "string"}}
            for name, words in operation.headers.items()
        }
    refused = {
        str(status.value): _problem(words, schemas) for status, words in operation.problems.items()
    }
    usual = {str(status.value): _refer(status) for status in _REASONS if _may(operation, status)}
    return dict(sorted({str(operation.status.value): good, **usual, **refused}.items()))


def _may(operation: Operation, status: HTTPStatus) -> bool:
    if status is HTTPStatus.UNSUPPORTED_MEDIA_TYPE:
        return operation.body is not None
    if status is HTTPStatus.FORBIDDEN:
        return operation.admin or operation.method != "GET"
    return True


def _refer(status: HTTPStatus) -> Document:
    return {"$ref": f"#/components/responses/{status.phrase.replace(' ', '')}"}


def _refusal(status: HTTPStatus, schemas: _Schemas) -> Document:
    described = _problem(_REASONS[status], schemas)
    header = {
        HTTPStatus.UNAUTHORIZED: ("WWW-Authenticate", "How to ask: `Bearer`."),
        HTTPStatus.TOO_MANY_REQUESTS: ("Retry-After", "After how many seconds."),
    }.get(status)
    if header is not None:
        name, words = header
        described["headers"] = {name: {"description": words, "schema": {"type": "string"}}}
    return described


def _problem(words: str, schemas: _Schemas) -> Document:
    return {
        "description": words,
        "content": {PROBLEM: {"schema": schemas.written(_PROBLEM)}},
    }


def _parameter(name: str, schema: Mapping[str, Any]) -> Document:
    """Describe one parameter; what may be left out is so by not being there, never by null."""
    kept = {key: value for key, value in schema.items() if key not in {"title", "description"}}
    kinds = [one for one in kept.pop("anyOf", ()) if one != {"type": "null"}]
    if kept.get("default") in (None, []):
        kept.pop("default", None)
    described = {"name": name, "in": "query", "schema": {**kept, **(kinds[0] if kinds else {})}}
    if "description" in schema:
        described["description"] = schema["description"]
    return described
