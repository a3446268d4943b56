"""The JSON Schema and the loader agree.

Every scenario of the library validates against docs/scenario.schema.json; every file of bad/ is
refused by the schema and by `mailscope check`, which ends with status 2 and gives one line with
file, line, column and JSON pointer.

    schema_agreement.py <mailscope> <source folder>
"""
import glob
import json
import os
import re
import subprocess
import sys

from jsonschema import Draft202012Validator

program, source = sys.argv[1:]
problems = []


def main():
    path = os.path.join(source, "docs/scenario.schema.json")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    printed = subprocess.run([program, "schema"], capture_output=True, text=True, check=True).stdout
    if printed != text:
        problems.append("docs/scenario.schema.json is not what `mailscope schema` prints")
    schema = json.loads(text)
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)

    library = glob.glob(os.path.join(source, "scenarios/**/*.json"), recursive=True)
    if not library:
        problems.append("there are no scenarios")
    for name in sorted(library):
        with open(name, encoding="utf-8") as file:
            for error in validator.iter_errors(json.load(file)):
                problems.append(f"{name}: {error.json_path}: {error.message[:200]}")

    bad = sorted(glob.glob(os.path.join(source, "tests/scenario/bad/*.json")))
    if not bad:
        problems.append("there are no bad files")
    for name in bad:
        with open(name, encoding="utf-8") as file:
            if validator.is_valid(json.load(file)):
                problems.append(f"{name}: the schema takes it")
        run = subprocess.run([program, "check", name], capture_output=True, text=True)
        lines = run.stderr.splitlines()
        if run.returncode != 2:
            problems.append(f"{name}: `mailscope check` ends with {run.returncode}, not 2")
        if len(lines) != 1 or not re.fullmatch(r"mailscope: .*\.json:\d+:\d+: /[^:]*: .+", lines[0]):
            problems.append(f"{name}: not one clear error: {run.stderr!r}")
    for problem in problems:
        print(problem)
    print(f"{len(library)} scenarios, {len(bad)} bad files, {len(problems)} problems")
    return 1 if problems else 0


sys.exit(main())
