"""Runs ours and the peers by turns on one machine and prints one table; every answer must be the same."""

import json
import os
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ORACLE = os.path.join(HERE, "../../crates/impact/tests/it/triage_oracle.py")
# Of each peer how often it is started, and how often it is asked each time: the slow ones less.
PEERS = {"igraph": (3, 5), "rustworkx": (3, 5), "networkx": (1, 3), "sqlite": (1, 3)}
AIMS = {"igraph": 6, "rustworkx": 20, "networkx": 300, "sqlite": 100}


def run(*command, **options):
    ended = subprocess.run(command, check=True, capture_output=True, text=True, **options)
    return ended.stdout, ended.stderr


def main():
    binary, directory, data, projects, requirements = sys.argv[1:6]
    made = json.loads(run(binary, "make", directory, projects, requirements)[0])
    print(f"graph: {made['projects']} projects, {made['edges']} edges, {made['bytes'] / 2**20:.1f} MiB; asked about {made['hub']}")
    ours, peers = [], {name: [] for name in PEERS}
    for turn in range(9):
        ours.append(json.loads(run(binary, "closure", directory)[0]))
        for name, (starts, rounds) in PEERS.items():
            if turn < starts:
                command = (sys.executable, os.path.join(HERE, "graph_peers.py"), directory, name, str(rounds), projects)
                try:
                    peers[name].append(json.loads(run(*command)[0]))
                except subprocess.CalledProcessError as error:
                    print(f"{name} could not be measured: exit code {error.returncode}: {error.stderr.strip()[-300:]}")
    middle = lambda all, key: statistics.median(one[key] for one in all)
    closure = middle(ours, "closure")
    print(f"{'closure':<12}{'CPU':>12}{'ratio':>9}{'aim':>7}{'load CPU':>12}{'peak RSS':>12}{'reached':>10}")
    row = lambda name, all, aim: print(
        f"{name:<12}{middle(all, 'closure') * 1000:>9.1f} ms{middle(all, 'closure') / closure:>8.1f}x{aim:>7}"
        f"{middle(all, 'load') * 1000:>9.0f} ms{middle(all, 'peak_kib') / 1024:>8.0f} MiB{all[0]['reached']:>10}"
    )
    row("bastide", ours, "40 ms")
    for name, all in peers.items():
        if all:
            row(name, all, f"{AIMS[name]}x")
            assert all[0]["reached"] == ours[0]["reached"], f"{name} reaches others"
    table, records = (os.path.join(data, name) for name in
                      ("pypi-top8000-dependencies-2025-01.csv.xz", "pypa-advisories-2024-10-10.tar.xz"))
    if not (os.path.exists(table) and os.path.exists(records)):
        print("triage: not measured, the real data are not at hand (BASTIDE_TEST_DATA)")
        return
    advisories = run(binary, "advisories", records)[0]
    mine = [json.loads(run(binary, "triage", table, records)[0]) for _ in range(3)]
    theirs = []
    for _ in range(3):
        out, err = run(sys.executable, ORACLE, table, input=advisories)
        theirs.append(json.loads(err.strip().splitlines()[-1]))
    counted = {"runtime": {}, "extras": {}}
    for line in out.splitlines():
        _, _, part, *states = line.split()
        for state in states:
            name, count = state.split("=")
            counted[part][name] = counted[part].get(name, 0) + int(count)
    expected = {part: {name: count for name, count in mine[0]["counts"][part].items() if count} for part in counted}
    print(f"triage of {mine[0]['exposures']} exposures: {json.dumps(expected)}")
    print("counts are", "equal" if counted == expected else f"DIFFERENT: {json.dumps(counted)}")
    print(f"{'step':<12}{'bastide':>12}{'packaging':>12}{'ratio':>9}{'aim':>7}")
    for step, aim in (("table", ""), ("advisories", ""), ("triage", "40x")):
        one, other = middle(mine, step), middle(theirs, step)
        print(f"{step:<12}{one * 1000:>9.1f} ms{other * 1000:>9.0f} ms{other / one:>8.0f}x{aim:>7}")
    if counted != expected:
        sys.exit(1)


main()
