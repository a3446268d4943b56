#!/usr/bin/env python3
# Proves of each rule of tidy.py that it fails on a bad sample and is silent about a good one.
import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import tidy  # noqa: E402

OPEN = "// What it is for.\n"
HEADER = OPEN + "#pragma once\n"
DEV = 'PACKAGES_BUILD="g++ libfmt-dev\n  libimgui-dev pkg-config"\nPACKAGES_TEST="catch2"\n'
EVENTS = "enum class Layer : std::uint8_t { link, smtp };\n"


def found(rule, files):
    """What one rule says about a tree of these files, as "path:line message"."""
    tree = tidy.Tree("", dict(files))
    return [f"{f.path}:{f.line} {f.message}" for f in rule(tree)]


class Rules(unittest.TestCase):
    def bad(self, rule, files, *words):
        findings = found(rule, files)
        self.assertTrue(findings, f"{rule.__name__} is silent about {files}")
        for word in words:
            self.assertTrue(any(word in finding for finding in findings), f"{word!r} is not in {findings}")

    def good(self, rule, files):
        self.assertEqual(found(rule, files), [])

    def test_include_direction(self):
        rule = tidy.include_direction
        self.bad(rule, {"server/net/a.cpp": '#include "sim/kernel/kernel.hpp"\n'}, "server/ must not know sim/")
        self.bad(rule, {"server/net/a.cpp": '#include "viz/model/state.hpp"\n'}, "server/ must not know viz/")
        self.bad(rule, {"sim/cli/a.cpp": '# include "viz/app/viewer.hpp"\n'}, "sim/ must not know viz/")
        self.bad(rule, {"viz/app/a.cpp": '#include "tests/catch.hpp"\n'}, "viz/ must not know tests/")
        self.bad(rule, {"server/mail/a.hpp": '\n#include "server/smtp/reply.hpp"\n'}, "a.hpp:2", "stands below")
        self.bad(rule, {"server/smtp/a.cpp": '#include "reply.hpp"\n'}, "from the root")
        self.bad(rule, {"server/new/a.cpp": '#include "server/net/time.hpp"\n'}, "no place in the order")
        self.good(rule, {"viz/app/a.cpp": '#include "sim/world/world.hpp"\n#include "server/net/time.hpp"\n',
                         "server/host/a.cpp": '#include "server/smtp/reply.hpp"\n#include <vector>\n',
                         "server/net/b.hpp": '#include "server/trace/event.hpp"\n',
                         "server/store/sqlite_queue.hpp": '#include "server/queue/queue_store.hpp"\n'})

    def test_seam(self):
        for bad in ("auto t = std::chrono::system_clock::now();", "steady_clock::now()", "std::rand();", "srand(1);",
                    "std::random_device seed;", "sleep(1);", "std::this_thread::sleep_for(1s);", "getrandom(p, n, 0);",
                    "time(nullptr);", "time(0);", "gettimeofday(&t, nullptr);", "usleep(3);", "RAND_bytes(p, 3);",
                    "#include <sys/socket.h>"):
            self.bad(tidy.seam, {"sim/world/a.cpp": OPEN + bad + "\n"}, "a.cpp:2")
            self.good(tidy.seam, {"server/live/a.cpp": OPEN + bad + "\n", "viz/app/a.cpp": OPEN + bad + "\n"})
        self.good(tidy.seam, {"server/net/a.cpp": "// never sleep() here, nor std::rand()\n"
                                                  'say("time(nullptr)"); log.time(0); runtime(0); kernel_.sleep(2);\n'})

    def test_heavy_headers(self):
        rule = tidy.heavy_headers
        self.bad(rule, {"server/smtp/a.cpp": "#include <boost/asio/ip/tcp.hpp>\n"}, "stays in server/live")
        self.bad(rule, {"sim/cli/a.hpp": "#include <nlohmann/json.hpp>\n"}, "in a header")
        self.bad(rule, {"tests/mail/a.cpp": "#include <catch2/catch.hpp>\n"}, "tests/catch.hpp")
        self.good(rule, {"server/live/a.hpp": "#include <boost/asio/ip/tcp.hpp>\n",
                         "sim/cli/a.cpp": "#include <nlohmann/json.hpp>\n",
                         "sim/scenario/document.hpp": "#include <nlohmann/json.hpp>\n"})

    def test_rfcs(self):
        rule = tidy.rfcs
        page = "| RFC | title | status |\n|---|---|---|\n| 5321 | SMTP | done | x |\n| 7208 | SPF | not | |\n"
        self.good(rule, {"docs/rfc.md": page, "server/a.cpp": "// RFC 5321 section 4.1\n"})
        self.good(rule, {"docs/rfc.md": page, "tests/a.cpp": "// RFC 5321\n"})
        self.bad(rule, {"docs/rfc.md": page, "server/a.cpp": "// RFC 5321\n\n// RFC 9999\n"}, "a.cpp:3", "RFC 9999")
        self.bad(rule, {"docs/rfc.md": page, "server/a.cpp": "// RFC 5321, 2046 and 2047\n"}, "RFC 2046", "RFC 2047")
        self.bad(rule, {"docs/rfc.md": page, "scenarios/a.json": '"RFC 5321 section 3", "RFC 2045"'}, "RFC 2045")
        self.bad(rule, {"docs/rfc.md": page, "server/a.cpp": "\n"}, "nobody cites it")
        self.bad(rule, {"docs/rfc.md": page + "| 1 | t | maybe | |\n", "server/a.cpp": "// RFC 5321\n"}, "maybe")
        self.bad(rule, {"docs/rfc.md": page * 2, "server/a.cpp": "// RFC 5321\n"}, "RFC 5321 is listed twice")
        self.bad(rule, {"docs/rfc.md": page, "server/a.cpp": "// RFC 5321\n// RFC5321\n"}, "a.cpp:2", "write")
        self.bad(rule, {"docs/rfc.md": page, "server/a.cpp": "// RFC 5321 sec. 4\n"}, "write")
        self.good(rule, {"docs/rfc.md": page, "server/a.cpp": '// RFC 5321 section 4.1\n"RFC822.SIZE"\n'})

    def test_unordered(self):
        rule = tidy.unordered
        member = HEADER + "std::unordered_map<std::string, int> names_;\n"
        self.bad(rule, {"sim/world/a.hpp": member, "sim/world/a.cpp": "for (auto& [k, v] : names_) {}\n"}, "names_")
        self.bad(rule, {"sim/world/a.hpp": member, "sim/world/b.cpp": "for (auto& n : this->names_) {}\n"}, "b.cpp:1")
        self.bad(rule, {"sim/world/a.hpp": member, "sim/world/a.cpp": "std::copy(names_.begin(), e, o);\n"}, "names_")
        self.bad(rule, {"server/a/a.cpp": "std::unordered_set<int> all;\nfor (int x : all) f(x);\n"}, "a.cpp:2")
        self.bad(rule, {"server/a/a.hpp": "using T = std::unordered_map<int, int>;\nT t_;\n",
                        "server/a/a.cpp": "for (auto x : t_) f(x);\n"}, "t_")
        self.good(rule, {"sim/world/a.hpp": member, "sim/world/a.cpp": "names_.find(3); // for (x : names_)\n"})
        self.good(rule, {"sim/world/a.cpp": "std::map<int, int> names;\nfor (auto& x : names) {}\n"})

    def test_kinds(self):
        rule = tidy.kinds
        path = "server/trace/kinds.def"

        def row(text):
            return {path: "// Kinds.\n" + text + "\n", "server/trace/event.hpp": EVENTS}

        self.good(rule, row('KIND(smtp_data,   smtp, "octets:i text:s", "it says \\"250\\"")'))
        self.bad(rule, row('KIND(data, smtp, "octets:i", "text")'), "must begin with its layer")
        self.bad(rule, row('KIND(smtp_data, mail, "octets:i", "text")'), "no layer mail")
        self.bad(rule, row('KIND(smtp_data, smtp, "octets:z", "text")'), "octets:z")
        self.bad(rule, row('KIND(smtp_data, smtp, "octets:i", "")'), "no text")
        self.bad(rule, row('KIND(smtp_data, smtp, "octets:i")'), "not KIND")
        twice = 'KIND(smtp_data, smtp, "octets:i", "text")'
        self.bad(rule, row(twice + "\n" + twice), "kinds.def:3", "twice")

    def test_opening(self):
        rule = tidy.opening
        self.bad(rule, {"server/a.hpp": "#pragma once\n"}, "without a comment")
        self.bad(rule, {"server/a.hpp": OPEN}, "#pragma once")
        self.bad(rule, {"server/a.cpp": '#include "server/b.hpp"\n'}, "without a comment")
        self.bad(rule, {"tests/a.py": "#!/usr/bin/env python3\nimport os\n"}, "without a comment")
        self.bad(rule, {"server/a.cpp": ""}, "without a comment")
        self.good(rule, {"server/a.hpp": HEADER, "server/a.cpp": '#include "server/a.hpp"\n', "server/b.cpp": OPEN,
                         "tests/a.py": "#!/usr/bin/env python3\n# What it does.\n"})

    def test_unfinished(self):
        rule = tidy.unfinished
        for word in ("TO" + "DO", "FIX" + "ME", "X" + "XX", "a st" + "ub", "not yet imple" + "mented"):
            self.bad(rule, {"server/smtp/a.cpp": f"\n// {word}: later\n"}, "a.cpp:2")
        self.bad(rule, {"docs/a.md": "TO" + "DO\n"}, "a.md:1")
        self.good(rule, {"server/dns/a.cpp": "// the stub resolver\n", "sim/world/a.cpp": "// a stub resolver\n",
                         "tests/a.cpp": '"name-XXXXXX", "todos"\n'})

    def test_width(self):
        rule = tidy.width
        self.bad(rule, {"sim/a.cpp": OPEN + "call(" + "a, " * 40 + "b);\n"}, "a.cpp:2", "columns")
        self.bad(rule, {"sim/a.cpp": "\tint a;\n"}, "a tab")
        self.bad(rule, {"sim/a.cpp": "int a; \n"}, "blanks")
        self.good(rule, {"sim/a.cpp": "//" + " é" * 45 + "\n"})
        self.good(rule, {"sim/a.cpp": "// clang-format off\n" + "a, " * 60 + "\n// clang-format on\n"})
        self.bad(rule, {"sim/a.cpp": "// clang-format off\n// clang-format on\n" + "a, " * 60 + "b\n"}, "a.cpp:3")
        raw = 'auto text = R"(\n' + "word " * 40 + '\n)";\n'
        self.good(rule, {"tests/a.cpp": raw})
        self.bad(rule, {"tests/a.cpp": raw + "word " * 40 + "x\n"}, "a.cpp:4")
        named = 'auto text = R"--(\n(a)"\n' + "word " * 40 + '\n)--";\n'
        self.good(rule, {"tests/a.cpp": named})
        self.bad(rule, {"tests/a.cpp": named + "word " * 40 + "x\n"}, "a.cpp:5")

    def test_scenarios(self):
        rule = tidy.scenarios
        whole = '{"title": "A", "goals": ["g"], "expect": [{}], "$schema": "../docs/scenario.schema.json"}'
        self.good(rule, {"scenarios/a.json": whole})
        for key in ("title", "goals", "expect"):
            self.bad(rule, {"scenarios/a.json": whole.replace(f'"{key}"', '"other"')}, f'no "{key}"')
        self.bad(rule, {"scenarios/a.json": whole.replace('["g"]', "[]")}, 'no "goals"')
        self.bad(rule, {"scenarios/a.json": "{,"}, "no JSON")
        self.bad(rule, {"scenarios/a.json": whole, "scenarios/b.json": whole}, "b.json:1 has the title of")
        self.bad(rule, {"scenarios/b/a.json": whole}, "leads to")

    def test_machine_paths(self):
        rule = tidy.machine_paths
        for place in ("/wo" + "rk/main/a", "/tm" + "p/b-docs/x", "/ho" + "me/ann/x", "/ro" + "ot/x"):
            self.bad(rule, {"docs/a.md": f"see {place}\n"}, "one machine")
        self.good(rule, {"docs/a.md": "network/links, homework/a, /usr/share/fonts, a.example/work/\n"})

    def test_top_level(self):
        self.bad(tidy.top_level, {"notes.txt": "", "server/a.cpp": OPEN}, "notes.txt")
        self.bad(tidy.top_level, {"src/a.cpp": OPEN}, "src:1")
        self.good(tidy.top_level, {"server/a.cpp": OPEN, "README.md": "", ".ci/run": ""})

    def test_packages(self):
        rule = tidy.packages
        self.good(rule, {"dev": DEV, "CMakeLists.txt": "find_package(fmt REQUIRED)\nfind_package(Threads REQUIRED)\n",
                         "viz/CMakeLists.txt": "find_package(PkgConfig)\npkg_check_modules(IMGUI REQUIRED imgui)\n",
                         "tests/CMakeLists.txt": "find_package(Catch2 REQUIRED) # find_package(Nothing)\n"})
        self.bad(rule, {"dev": DEV, "CMakeLists.txt": "\nfind_package(PNG REQUIRED)\n"}, ":2", "libpng-dev")
        self.bad(rule, {"dev": DEV, "CMakeLists.txt": "find_package(Qt6 REQUIRED)\n"}, "Qt6")
        self.bad(rule, {"dev": DEV, "CMakeLists.txt": "pkg_check_modules(X REQUIRED sdl2)\n"}, "sdl2")

    def test_sources(self):
        rule = tidy.sources
        lists = {"server/net/CMakeLists.txt": "mailscope_library(net SOURCES a.cpp\n  b/c.cpp LINK x)\n"}
        self.good(rule, {**lists, "server/net/a.cpp": OPEN, "server/net/b/c.cpp": OPEN})
        loop = {"tests/bench/CMakeLists.txt": "foreach(name a b)\nadd_executable(${name} ${name}_bench.cpp)\n"}
        self.good(rule, {**loop, "tests/bench/a_bench.cpp": OPEN})
        self.bad(rule, {**loop, "tests/bench/a.cpp": OPEN}, "a.cpp:1")
        self.bad(rule, {**lists, "server/net/a.cpp": OPEN}, "CMakeLists.txt:2 b/c.cpp is not there")
        self.bad(rule, {**lists, "server/net/a.cpp": OPEN, "server/net/b/c.cpp": OPEN, "server/net/d.cpp": OPEN},
                 "d.cpp:1 no CMakeLists.txt builds it")

    def test_links(self):
        rule = tidy.links
        self.good(rule, {"README.md": "[a](docs/a.md#part) ![p](docs/p.png) [w](https://a.example) [d](docs)\n",
                         "docs/a.md": "[up](../README.md) [here](#there)\n", "docs/p.png": None})
        self.bad(rule, {"README.md": "\n[a](docs/a.md)\n"}, "README.md:2 docs/a.md is not there")

    def test_every_rule_is_tested(self):
        tested = {name.removeprefix("test_") for name in dir(self) if name.startswith("test_")}
        self.assertEqual({rule.__name__ for rule in tidy.RULES} - tested, set())


class Program(unittest.TestCase):
    def run_on(self, files):
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tidy.py")
        with tempfile.TemporaryDirectory() as root:
            for path, text in files.items():
                os.makedirs(os.path.join(root, os.path.dirname(path)), exist_ok=True)
                with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                    file.write(text)
            return subprocess.run([sys.executable, script, root], capture_output=True, text=True, check=False)

    def test_exit_status(self):
        lists = {"server/net/CMakeLists.txt": "mailscope_library(net SOURCES a.cpp)\n"}
        self.assertEqual(self.run_on({"server/net/a.cpp": OPEN, **lists}).returncode, 0)
        bad = self.run_on({"server/net/a.cpp": OPEN + "int t = time(nullptr);\n", **lists})
        self.assertEqual(bad.returncode, 1)
        self.assertIn("server/net/a.cpp:2: seam:", bad.stdout)
        self.assertEqual(self.run_on({"other.txt": ""}).returncode, 2)

    def test_build_folders_are_not_read(self):
        lists = {"server/net/CMakeLists.txt": "mailscope_library(net SOURCES a.cpp)\n"}
        result = self.run_on({"server/net/a.cpp": OPEN, "build/release/x.cpp": "int a;\t\n", "build-x/y.cpp": "", **lists})
        self.assertEqual(result.returncode, 0, result.stdout)


if __name__ == "__main__":
    unittest.main()
