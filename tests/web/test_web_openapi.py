"""The OpenAPI document: what it is made of keeps its own name and its bounds."""

from enum import StrEnum

from pydantic import SerializeAsAny
from typing_extensions import TypedDict

from alarmbridge.web.openapi import build_document
from alarmbridge.web.operations import Operation
from alarmbridge.web.parameters import Paged

NEAR = StrEnum("Place", ["near", "nearer"], module="here")
FAR = StrEnum("Place", ["far", "farther"], module="there")


class Here(TypedDict):
    """Somewhere."""

    place: SerializeAsAny[NEAR]


class There(TypedDict):
    """Elsewhere."""

    place: SerializeAsAny[FAR]


async def nothing(_: object) -> None:
    """Answer nothing."""


class Places:
    """Two operations, of which each has a Place of its own."""

    topic = "places"

    def operations(self) -> list[Operation]:
        return [
            Operation(
                path=f"/{name}", handler=nothing, name=name, summary=name, query=Paged, answer=kind
            )
            for name, kind in (("here", Here), ("there", There))
        ]


def test_two_types_of_one_name_stay_two() -> None:
    schemas = build_document([Places()])["components"]["schemas"]
    words = {
        name: schemas[schemas[name]["properties"]["place"]["$ref"].rpartition("/")[2]]["enum"]
        for name in ("Here", "There")
    }
    assert words == {"Here": ["near", "nearer"], "There": ["far", "farther"]}


def test_parameters_have_their_bounds_and_are_no_component() -> None:
    document = build_document([Places()])
    limit, after = document["paths"]["/here"]["get"]["parameters"]
    assert limit == {
        "name": "limit",
        "in": "query",
        "description": "Items of a page.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100},
    }
    assert after["schema"] == {
        "type": "string",
        "minLength": 1,
        "maxLength": 500,
        "pattern": "^[^\\u0000]+$",
    }
    assert "Paged" not in document["components"]["schemas"]
