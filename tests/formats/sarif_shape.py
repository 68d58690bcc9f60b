"""The part of the SARIF 2.1.0 schema that proscribe uses, closed: any other property is a fault.

Names, required properties and enumerations are those of the OASIS schema; what proscribe never writes is left out.
"""

from __future__ import annotations

from typing import Any

URI = {"type": "string", "format": "uri-reference", "pattern": r"^[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+$"}
INDEX = {"type": "integer", "minimum": 0}
ONE = {"type": "integer", "minimum": 1}


def closed(required: tuple[str, ...], **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": properties,
    }


def some(item: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": item, **more}


MESSAGE = closed(("text",), text={"type": "string", "minLength": 1})
HELP = closed(("text",), text={"type": "string", "minLength": 1}, markdown={"type": "string", "minLength": 1})
LEVEL = {"enum": ["none", "note", "warning", "error"]}
ARTIFACT_LOCATION = closed(("uri",), uri=URI, uriBaseId={"type": "string"}, index=INDEX)
REGION = closed(
    ("startLine", "startColumn", "endLine", "endColumn"), startLine=ONE, startColumn=ONE, endLine=ONE, endColumn=ONE
)
PHYSICAL = closed(("artifactLocation", "region"), artifactLocation=ARTIFACT_LOCATION, region=REGION)
INSERTED = closed(("text",), text={"type": "string"})
REPLACEMENT = closed(("deletedRegion",), deletedRegion=REGION, insertedContent=INSERTED)
CHANGE = closed(
    ("artifactLocation", "replacements"),
    artifactLocation=ARTIFACT_LOCATION,
    replacements=some(REPLACEMENT, minItems=1),
)
RESULT = closed(
    ("message", "ruleId", "ruleIndex", "level", "locations"),
    ruleId={"type": "string", "pattern": "^[PL][0-9]{3}$"},
    ruleIndex=INDEX,
    level=LEVEL,
    message=MESSAGE,
    locations=some(closed(("physicalLocation",), physicalLocation=PHYSICAL), minItems=1, maxItems=1),
    partialFingerprints={"type": "object", "additionalProperties": {"type": "string"}},
    relatedLocations=some(
        closed(("id", "message", "physicalLocation"), id=INDEX, message=MESSAGE, physicalLocation=PHYSICAL),
        minItems=1,
        uniqueItems=True,
    ),
    fixes=some(closed(("artifactChanges",), description=MESSAGE, artifactChanges=some(CHANGE, minItems=1)), minItems=1),
)
RULE = closed(
    ("id", "shortDescription", "fullDescription", "help", "defaultConfiguration"),
    id={"type": "string"},
    shortDescription=MESSAGE,
    fullDescription=MESSAGE,
    help=HELP,
    defaultConfiguration=closed(("level",), level=LEVEL),
)
ARTIFACT = closed(
    ("location",),
    location=ARTIFACT_LOCATION,
    encoding={"const": "UTF-8"},
    mimeType={"type": "string", "pattern": "^[^/]+/.+$"},
    hashes=closed(("sha-256",), **{"sha-256": {"type": "string", "pattern": "^[0-9a-f]{64}$"}}),
)
RUN = closed(
    ("tool", "results", "columnKind"),
    tool=closed(
        ("driver",),
        driver=closed(("name", "rules"), name={"const": "proscribe"}, version={"type": "string"}, rules=some(RULE)),
    ),
    automationDetails=closed(("id",), id={"type": "string", "pattern": "^proscribe/[a-z]+/$"}),
    invocations=some(closed(("executionSuccessful",), executionSuccessful={"type": "boolean"})),
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
    originalUriBaseIds={"type": "object", "additionalProperties": closed((), uri=URI, description=MESSAGE)},
    artifacts=some(ARTIFACT, uniqueItems=True),
    results=some(RESULT),
)
LOG = closed(
    ("version", "runs", "$schema"),
    version={"const": "2.1.0"},
    runs=some(RUN, minItems=1, maxItems=1),
    **{"$schema": {"type": "string", "pattern": "^https://.*sarif-schema-2.1.0.json$"}},
)


def faults(log: dict[str, Any]) -> list[str]:
    """Everything that is wrong with a log: its shape, and the references that a shape cannot check."""
    from jsonschema import Draft7Validator

    found = [f"{e.json_path}: {e.message}" for e in Draft7Validator(LOG).iter_errors(log)]
    if found:
        return found
    (run,) = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    if len(set(rules)) != len(rules):
        found.append("a rule is described twice")
    for result in run["results"]:
        if result["ruleIndex"] >= len(rules) or rules[result["ruleIndex"]] != result["ruleId"]:
            found.append(f"ruleIndex of {result['ruleId']} leads elsewhere")
    for place in _places(run["results"]):
        start, end = (place["startLine"], place["startColumn"]), (place["endLine"], place["endColumn"])
        if start > end:
            found.append(f"a region ends before it starts: {place}")
    for location in _locations(run):
        index = location.get("index")
        if index is not None and run["artifacts"][index]["location"]["uri"] != location["uri"]:
            found.append(f"index of {location['uri']} leads elsewhere")
        if "uriBaseId" in location and location["uriBaseId"] not in run["originalUriBaseIds"]:
            found.append(f"{location['uriBaseId']} is not declared")
        if ("uriBaseId" in location) == location["uri"].startswith(("/", "file:")):
            found.append(f"{location['uri']} is absolute and has a base, or is relative and has none")
    return found


def _places(value: Any) -> list[dict[str, Any]]:
    return _with(value, "startLine")


def _locations(value: Any) -> list[dict[str, Any]]:
    return [found for found in _with(value, "uri") if "description" not in found]


def _with(value: Any, key: str) -> list[dict[str, Any]]:
    if isinstance(value, list):
        return [found for item in value for found in _with(item, key)]
    if not isinstance(value, dict):
        return []
    return ([value] if key in value else []) + [found for item in value.values() for found in _with(item, key)]
