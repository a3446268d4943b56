#!/usr/bin/env python3
# House rules as a test (CONTRIBUTING.md lists them): reads the text of the sources, builds nothing.
#
#   tests/tidy/tidy.py [ROOT]    prints "file:line: rule: what is wrong"; 1 when there is anything
#
# A rule is a function that takes a Tree and yields Findings. tidy_test.py proves of each that it
# fails on a bad sample.
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field

CODE = (".cpp", ".hpp")
SOURCE_FOLDERS = ("server/", "sim/", "viz/")

# Folders of server/, lowest first, as in server/CMakeLists.txt; net and trace are one step, the seam.
SERVER_ORDER = ["net trace", "mail", "policy", "dns", "auth", "store", "smtp", "pop3", "imap", "sieve", "managesieve", "queue", "host", "live"]
# A library of its own (server/store/CMakeLists.txt): the queue's tables in the store's database.
ORDER_EXCEPTIONS = ("server/store/sqlite_queue.",)

# What may stand at the top of the repository.
TOP_LEVEL = {
    "CMakeLists.txt", "CMakePresets.json", "CONTRIBUTING.md", "LICENSE", "README.md", "cmake", "dev",
    "docs", "scenarios", "server", "sim", "tests", "viz",
    ".ci", ".clang-format", ".gitattributes", ".github", ".gitignore",
}

# What CMake looks for -> the Debian package that has it; None: comes with the compiler.
PACKAGES = {
    "OpenSSL": "libssl-dev", "Boost": "libboost-dev", "SQLite3": "libsqlite3-dev", "ZLIB": "zlib1g-dev",
    "fmt": "libfmt-dev", "nlohmann_json": "nlohmann-json3-dev", "CLI11": "libcli11-dev", "Threads": None,
    "PkgConfig": "pkg-config", "PNG": "libpng-dev", "imgui": "libimgui-dev", "glfw3": "libglfw3-dev",
    "OpenGL": "libgl-dev", "Catch2": "catch2", "Python3": "python3",
}

MAX_COLUMNS = 100      # .clang-format's limit
STATUSES = ("done", "partial", "not", "reference")


@dataclass
class Finding:
    path: str
    line: int
    rule: str
    message: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.rule}: {self.message}"


@dataclass
class Tree:
    """The files of a repository: path from its root -> text."""
    root: str
    files: dict = field(default_factory=dict)

    @staticmethod
    def read(root):
        tree = Tree(root)
        for path in list_files(root):
            try:
                with open(os.path.join(root, path), encoding="utf-8") as file:
                    tree.files[path] = file.read()
            except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
                tree.files[path] = None  # binary, or deleted and not committed yet
        return tree

    def select(self, *folders, ends=CODE):
        for path, text in sorted(self.files.items()):
            if text is not None and path.startswith(folders or "") and path.endswith(ends):
                yield path, text


def list_files(root):
    if os.path.exists(os.path.join(root, ".git")):
        listed = subprocess.run(["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                                capture_output=True, check=False)
        if listed.returncode == 0:
            return sorted(set(listed.stdout.decode().split("\0")) - {""})
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = [f for f in folders if f not in (".git", "build", "out") and not f.startswith("build-")]
        found += [os.path.relpath(os.path.join(folder, name), root) for name in names]
    return sorted(found)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def without_comments(text, strings=False):
    """C++ with comments (and, if asked, strings) blanked out; lines stay where they are."""
    pattern = re.compile(r'R"([^(\s]*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'|//[^\n]*|/\*.*?\*/', re.DOTALL)

    def blank(match):
        piece = match.group(0)
        if not piece.startswith("/") and not strings:
            return piece
        return re.sub(r"[^\n]", " ", piece)

    return pattern.sub(blank, text)


def includes(text):
    for match in re.finditer(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', text, re.MULTILINE):
        yield line_of(text, match.start(2)), match.group(2), match.group(1) == '"'


def folder_step(name):
    for step, names in enumerate(SERVER_ORDER):
        if name in names.split():
            return step
    return None


# Rules.

def include_direction(tree):
    """Arrows point down: viz -> sim -> server; in server/ along its CMakeLists.txt."""
    above = {"server": ("sim", "viz", "tests"), "sim": ("viz", "tests"), "viz": ("tests",)}
    for path, text in tree.select(*SOURCE_FOLDERS):
        parts = path.split("/")
        for line, name, quoted in includes(text):
            if not quoted:
                continue
            target = name.split("/")
            if len(target) < 2:
                yield Finding(path, line, "include", f'"{name}": include from the root of the repository')
                continue
            if target[0] in above[parts[0]]:
                yield Finding(path, line, "include", f"{parts[0]}/ must not know {target[0]}/: {name}")
            if parts[0] != "server" or target[0] != "server" or path.startswith(ORDER_EXCEPTIONS):
                continue
            own, other = folder_step(parts[1]), folder_step(target[1])
            if own is None:
                yield Finding(path, line, "include", f"server/{parts[1]} has no place in the order of folders")
            elif other is not None and other > own:
                yield Finding(path, line, "include", f"server/{parts[1]} stands below server/{target[1]}: {name}")


REAL_WORLD = re.compile(
    r"\b(system_clock::now|steady_clock::now|high_resolution_clock|random_device|std::rand|srand|getrandom"
    r"|gettimeofday|clock_gettime|localtime(_r)?|sleep_for|sleep_until|usleep|nanosleep|RAND_bytes"
    r"|mt19937|(?<![\w.:>])sleep(?=\s*\()|(?<![\w.>])time(?=\s*\(\s*(nullptr|NULL|0)\s*\)))")


def seam(tree):
    """No real time, randomness or sockets but in the real implementations of the seam."""
    for path, text in tree.select(*SOURCE_FOLDERS):
        if path.startswith(("server/live/", "viz/app/")):
            continue
        for match in REAL_WORLD.finditer(without_comments(text, strings=True)):
            yield Finding(path, line_of(text, match.start()), "seam",
                          f"{match.group(0)} belongs to server/live; here time and chance come through the seam")
        for line, name, quoted in includes(text):
            if name.startswith(("sys/socket", "netinet/", "poll.h", "sys/epoll")):
                yield Finding(path, line, "seam", f"<{name}>: sockets belong to server/live")


def heavy_headers(tree):
    """Boost.Asio in server/live only, HTTP's parser in one file more; nlohmann/json and Catch2 in few headers, because they compile slowly."""
    for path, text in tree.select(*SOURCE_FOLDERS, "tests/"):
        for line, name, _ in includes(text):
            asio = name.startswith(("boost/asio", "boost/beast"))
            if asio and not path.startswith(("server/live/", "tests/", "sim/gateway/web.cpp")):
                yield Finding(path, line, "heavy", f"<{name}>: Boost.Asio stays in server/live")
            json_header = name.startswith("nlohmann/") and name != "nlohmann/json_fwd.hpp" and path.endswith(".hpp")
            if json_header and path != "sim/scenario/document.hpp":
                yield Finding(path, line, "heavy", f"<{name}> in a header: include it in the .cpp file")
            if name.startswith("catch2/") and path not in ("tests/catch.hpp", "tests/test_main.cpp"):
                yield Finding(path, line, "heavy", f'<{name}>: include "tests/catch.hpp", which knows both versions')


CITATION = re.compile(r"\bRFCs?[ \n]+(\d{2,5})((?:(?:,| and|, and) \d{3,5}\b(?! ?(?:s\b|ms|octets)))*)")


def cited(tree, *folders):
    """RFC number -> (path, line) of its first citation."""
    found = {}
    for path, text in tree.select(*folders, ends=CODE + (".def", ".json")):
        if path.endswith(".schema.json"):
            continue
        for match in CITATION.finditer(text):
            for number in [match.group(1)] + re.findall(r"\d+", match.group(2)):
                found.setdefault(int(number), (path, line_of(text, match.start())))
    return found


def rfc_list(tree):
    """docs/rfc.md: number -> (line, status)."""
    listed = {}
    for number, line in enumerate((tree.files.get("docs/rfc.md") or "").splitlines(), 1):
        row = re.match(r"\|\s*(\d+)\s*\|([^|]*)\|\s*([a-z]+)\s*\|", line)
        if row:
            listed[int(row.group(1))] = (number, row.group(3))
    return listed


def rfcs(tree):
    """The citations and docs/rfc.md agree."""
    listed = rfc_list(tree)
    used = cited(tree, *SOURCE_FOLDERS, "scenarios/")
    tested = cited(tree, "tests/")
    for number, (path, line) in sorted(used.items()):
        if number not in listed:
            yield Finding(path, line, "rfc", f"RFC {number} is cited, but docs/rfc.md does not list it")
    for number, (line, status) in sorted(listed.items()):
        if status not in STATUSES:
            yield Finding("docs/rfc.md", line, "rfc", f"RFC {number}: {status} is none of {', '.join(STATUSES)}")
        elif status in ("done", "partial") and number not in used and number not in tested:
            yield Finding("docs/rfc.md", line, "rfc", f"RFC {number} is {status}, but nobody cites it")
    for path, text in tree.select(*SOURCE_FOLDERS):
        for match in re.finditer(r"\bRFC-?(?!822)\d+|\bRFC \d+,? (?:[Ss]ec\.|Section\b|sect?\b)", text):
            yield Finding(path, line_of(text, match.start()), "rfc",
                          f'"{match.group(0)}": write "RFC 5321 section 4.1.1"')


# Walks whose order reaches nothing, with the reason.
HARMLESS_WALKS = {
    ("server/store/sqlite_database.cpp", "statements_"): "closing the database: each is finalized",
}


def unordered(tree):
    """Nobody walks an unordered container: its order differs from one library to the next. Best effort:
    names that are declared as one in the same folder."""
    by_folder = {}
    for path, text in tree.select("server/", "sim/"):
        by_folder.setdefault(os.path.dirname(path), []).append((path, without_comments(text)))
    for files in by_folder.values():
        names = {}
        for path, text in files:
            stem = os.path.splitext(path)[0]
            kinds = [r"(?:std::)?unordered_(?:multi)?(?:map|set)\s*<[^;{}()]*>"]
            kinds += [rf"\b{alias}" for alias in re.findall(r"using (\w+)\s*=\s*std::unordered_(?:map|set)\b", text)]
            for kind in kinds:
                for match in re.finditer(kind + r"&?\s+(\w+)\s*[;={]", text):
                    names[match.group(1)] = None if match.group(1).endswith("_") else stem
        for path, text in files:
            for name, only_in in names.items():
                if (path, name) in HARMLESS_WALKS or only_in not in (None, os.path.splitext(path)[0]):
                    continue
                walk = rf"for\s*\([^;()]*[^:]:\s*(?:\w+(?:\.|->))*{name}\s*\)|\b{name}\.c?begin\(\)"
                for match in re.finditer(walk, text):
                    yield Finding(path, line_of(text, match.start()), "unordered",
                                  f"{name} is unordered: its order must not reach anything; use std::map or sort")


def kinds(tree):
    """server/trace/kinds.def: names begin with their layer, fields have types, every row has a text."""
    path = "server/trace/kinds.def"
    layers = re.search(r"enum class Layer[^{]*\{([^}]*)\}", tree.files.get("server/trace/event.hpp") or "")
    known = set(re.findall(r"\w+", layers.group(1))) if layers else set()
    seen = set()
    for number, line in enumerate((tree.files.get(path) or "").splitlines(), 1):
        if not line.startswith("KIND("):
            continue
        row = re.fullmatch(r'KIND\((\w+),\s*(\w+),\s*"([^"]*)",\s*"((?:\\.|[^"\\])*)"\)', line)
        if not row:
            yield Finding(path, number, "kinds", "not KIND(name, layer, \"field:type ...\", \"text\") in one line")
            continue
        name, layer, fields, text = row.groups()
        if layer not in known:
            yield Finding(path, number, "kinds", f"there is no layer {layer}")
        if not name.startswith(layer + "_"):
            yield Finding(path, number, "kinds", f"{name} must begin with its layer: {layer}_")
        if name in seen:
            yield Finding(path, number, "kinds", f"{name} is there twice")
        seen.add(name)
        if not text.strip():
            yield Finding(path, number, "kinds", f"{name} has no text")
        for word in fields.split():
            if not re.fullmatch(r"[a-z][a-z0-9_]*:[isbx]", word):
                yield Finding(path, number, "kinds", f'{name}: "{word}" is no field:type')


def opening(tree):
    """Each file opens with what it is for (a .cpp file may leave that to its header); each header says
    #pragma once."""
    for path, text in tree.select(ends=CODE + (".def", ".in", ".py", ".sh")):
        lines = text.splitlines()
        if lines and lines[0].startswith("#!"):
            lines = lines[1:]
        first = lines[0] if lines else ""
        header = re.sub(r"\.cpp$", ".hpp", path)
        if path.endswith(".cpp") and first == f'#include "{header}"' and header in tree.files:
            continue
        if not first.startswith(("//", "# ", '"""', "/*")) or len(first) < 8:
            yield Finding(path, 1, "opening", "opens without a comment that says what it is for")
        if path.endswith(".hpp") and "#pragma once" not in text:
            yield Finding(path, 1, "opening", "a header without #pragma once")


UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK|TBD)\b|\bnot yet implemented\b|\bstub(?:bed)?\b", re.IGNORECASE)


def unfinished(tree):
    """Nothing is left for later. A stub is a stub resolver."""
    for path, text in tree.select(*SOURCE_FOLDERS, "tests/", "cmake/", "docs/", "scenarios/", "dev", "CMake",
                                  ends=CODE + (".txt", ".cmake", ".md", ".py", ".def", ".json", "dev")):
        if path.startswith("tests/tidy/"):
            continue
        for match in UNFINISHED.finditer(text):
            word = match.group(0)
            if word.lower() in ("todo", "fixme", "xxx", "hack", "tbd") and not word.isupper():
                continue
            start = text.rfind("\n", 0, match.start()) + 1
            line = text[start:text.find("\n", match.end())]
            about_dns = "dns" in path or "story" in path or "resolver" in line.lower() or "dns/stub" in line
            if word.lower().startswith("stub") and about_dns:
                continue
            yield Finding(path, line_of(text, match.start()), "unfinished", f'"{word}"')


def width(tree):
    """Lines fit; no tabs; no blanks at the end. Raw strings and tables set by hand may be wider."""
    for path, text in tree.select(*SOURCE_FOLDERS, "tests/"):
        by_hand, raw = False, None  # raw: what ends the raw string that we are in
        for number, line in enumerate(text.splitlines(), 1):
            if "clang-format off" in line:
                by_hand = True
            if "clang-format on" in line:
                by_hand = False
            begins = None if raw else re.search(r'R"([^\s()\\"]*)\(', line)
            exempt = by_hand or raw or begins
            if begins and f'){begins.group(1)}"' not in line[begins.end():]:
                raw = f'){begins.group(1)}"'
            elif raw and raw in line:
                raw = None
            # A word that is wider than the line (an address, a sample) cannot be broken.
            widest = max((len(word) for word in line.split()), default=0)
            if len(line) > MAX_COLUMNS and not exempt and widest < MAX_COLUMNS - 20:
                yield Finding(path, number, "width", f"{len(line)} columns; {MAX_COLUMNS} are the most (./dev fmt)")
            if "\t" in line and not exempt:
                yield Finding(path, number, "width", "a tab")
            if line != line.rstrip() and not exempt:
                yield Finding(path, number, "width", "blanks at the end of the line")


def scenarios(tree):
    """A scenario says its title and goals, and expects something: it is a lesson and a test."""
    titles = {}
    for path, text in tree.select("scenarios/", ends=(".json",)):
        try:
            scenario = json.loads(text)
        except ValueError as error:
            yield Finding(path, 1, "scenario", f"no JSON: {error}")
            continue
        for key in ("title", "goals", "expect"):
            if not scenario.get(key):
                yield Finding(path, 1, "scenario", f'has no "{key}"')
        title = scenario.get("title")
        if title in titles:
            yield Finding(path, 1, "scenario", f"has the title of {titles[title]}")
        titles.setdefault(title, path)
        schema = scenario.get("$schema")
        if schema is not None:
            place = os.path.normpath(os.path.join(os.path.dirname(path), schema))
            if place != "docs/scenario.schema.json":
                yield Finding(path, 1, "scenario", f'"$schema" leads to {place}, not to docs/scenario.schema.json')


def machine_paths(tree):
    """Nothing committed knows the machine that it was written on."""
    for path, text in tree.select(ends=""):
        if path.startswith("tests/tidy/"):
            continue
        for match in re.finditer(r"(?<![\w.}/])/(?:work|home/\w+|root)/|/tmp/b-", text):
            yield Finding(path, line_of(text, match.start()), "path", f'"{match.group(0)}": a place on one machine')


def top_level(tree):
    """The top of the repository holds what the design names, and nothing else."""
    for entry in sorted({path.split("/")[0] for path in tree.files} - TOP_LEVEL):
        yield Finding(entry, 1, "top", "has no place at the top level (docs/architecture.md)")


def packages(tree):
    """What CMake looks for, ./dev installs."""
    lists = " ".join(re.findall(r'^PACKAGES_\w+="([^"]*)"', tree.files.get("dev") or "", re.MULTILINE)).split()
    for path, text in tree.select(ends=("CMakeLists.txt", ".cmake")):
        text = re.sub(r"#[^\n]*", "", text)
        wanted = [(m.start(), m.group(1)) for m in re.finditer(r"find_package\(\s*(\w+)", text)]
        wanted += [(m.start(), name) for m in re.finditer(r"pkg_(?:check|search)_modules\(\s*\w+([^)]*)\)", text)
                   for name in re.findall(r"[a-z][\w.+-]*", m.group(1))]
        for offset, name in wanted:
            if name not in PACKAGES:
                yield Finding(path, line_of(text, offset), "package", f"{name}: add its Debian package to tidy.py")
            elif PACKAGES[name] is not None and PACKAGES[name] not in lists:
                yield Finding(path, line_of(text, offset), "package", f"./dev does not install {PACKAGES[name]}")


def sources(tree):
    """Each .cpp file is built by the list of its folder, and each list names files that are there."""
    lists = {}
    for path, text in tree.select(*SOURCE_FOLDERS, "tests/", ends=("CMakeLists.txt", ".cmake")):
        text = re.sub(r"#[^\n]*", "", text)
        folder = os.path.dirname(path)
        for match in re.finditer(r"(?<![\w/.}])([\w/]+\.cpp)\b(?!\.in)", text):
            named = f"{folder}/{match.group(1)}"
            lists[named] = True
            if named not in tree.files and "/bench" not in folder:
                yield Finding(path, line_of(text, match.start()), "source", f"{match.group(1)} is not there")
        for match in re.finditer(r"\$\{\w+\}(\w*\.cpp)\b", text):  # a loop over names
            lists.update({other: True for other in tree.files
                          if os.path.dirname(other) == folder and other.endswith(match.group(1))})
    for path, _ in tree.select(*SOURCE_FOLDERS, "tests/", ends=(".cpp",)):
        if path not in lists:
            yield Finding(path, 1, "source", "no CMakeLists.txt builds it")


def links(tree):
    """What a page links to is there."""
    for path, text in tree.select(ends=(".md",)):
        for match in re.finditer(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
            target = match.group(1)
            if "://" in target or target.startswith("mailto:"):
                continue
            place = os.path.normpath(os.path.join(os.path.dirname(path), target))
            if place not in tree.files and not any(other.startswith(place + "/") for other in tree.files):
                yield Finding(path, line_of(text, match.start()), "link", f"{target} is not there")


RULES = (include_direction, seam, heavy_headers, rfcs, unordered, kinds, opening, unfinished, width, scenarios,
         machine_paths, top_level, packages, sources, links)


def check(root):
    tree = Tree.read(root)
    return [finding for rule in RULES for finding in rule(tree)]


def main():
    default = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
    root = os.path.normpath(sys.argv[1] if len(sys.argv) > 1 else default)
    if not os.path.exists(os.path.join(root, "server")):
        print(f"tidy: {root} is not the root of the repository", file=sys.stderr)
        return 2
    findings = check(root)
    for finding in findings:
        print(finding)
    print(f"tidy: {len(findings)} findings, {len(RULES)} rules")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
