#!/usr/bin/python3
"""Makes the copies beside it from the packages that README.md names, unpacked in the folder given. What a validator does
not read is left out, and what neither a Job nor a CronJob leads to."""

import json
import pathlib
import shutil
import sys

here = pathlib.Path(__file__).parent
source = pathlib.Path(sys.argv[1])

PROSE = {"description", "markdownDescription", "enumDescriptions", "markdownEnumDescriptions", "examples"}


def bare(schema):
    """Without prose; a property may be called as prose is, and is then a schema."""
    if isinstance(schema, list):
        return [bare(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: bare(value) for key, value in schema.items() if key not in PROSE or isinstance(value, (dict, bool))}


def write(name, schema):
    (here / name).write_text(json.dumps(bare(schema), separators=(",", ":"), ensure_ascii=False) + "\n")


def led_to(schema):
    if isinstance(schema, dict):
        if "$ref" in schema:
            yield schema["$ref"].rpartition("/")[2]
        schema = list(schema.values())
    if isinstance(schema, list):
        for item in schema:
            yield from led_to(item)


def local(schema):
    return json.loads(json.dumps(schema).replace("/api/_definitions.json#/", "#/"))


def kubernetes(folder):
    definitions = json.loads((folder / "_definitions.json").read_text())["$defs"]
    kept, wanted = {}, []
    for kind in ["Job", "CronJob"]:
        # With their apiVersion and kind, which the definitions leave open.
        root = local(json.loads((folder / (kind.lower() + "-batch-v1.json")).read_text()))
        kept["io.k8s.api.batch.v1." + kind] = {key: root[key] for key in root if key not in ("$id", "$schema")}
        wanted += led_to(root)
    while wanted:
        name = wanted.pop()
        if name not in kept:
            kept[name] = local(definitions[name])
            wanted += led_to(kept[name])
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": dict(sorted(kept.items()))}


vendor = source / "check_jsonschema/builtin_schemas/vendor"
for name, known_as in [("github-workflow", "github-workflows"), ("github-action", "github-actions"), ("gitlab-ci", "gitlab-ci")]:
    write(name + ".json", json.loads((vendor / (known_as + ".json")).read_text()))
shutil.copyfile(vendor / "licenses/LICENSE.gitlab", here / "LICENSE-gitlab")
write("kubernetes.json", kubernetes(source / "kubernetes_validate/kubernetes-json-schema/v1.37.0-local-strict"))
shutil.copyfile(source / "pytest-9.2.0/testing/example_scripts/junit-10.xsd", here / "junit-10.xsd")
