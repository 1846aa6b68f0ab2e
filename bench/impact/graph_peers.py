"""One peer, one process: reads the pairs that `bastide-bench-graph make` wrote, asks who is reached backward from the package
that most require, and says what that took as one line of JSON. `load` is what it takes to have the graph in memory, `closure`
the question alone, both CPU time; the memory is the most that the whole process had."""

import array
import collections
import json
import os
import resource
import sqlite3
import sys
import time

clock = time.process_time


def igraph(n, sources, targets, hub):
    import igraph

    graph = igraph.Graph(n=n, edges=zip(sources, targets), directed=True)
    return lambda: len(graph.subcomponent(hub, mode="in")) - 1


def rustworkx(n, sources, targets, hub):
    import rustworkx

    graph = rustworkx.PyDiGraph(multigraph=False)
    graph.add_nodes_from([None] * n)
    graph.extend_from_edge_list(list(zip(sources, targets)))
    return lambda: len(rustworkx.ancestors(graph, hub))


def networkx(n, sources, targets, hub):
    import networkx

    graph = networkx.DiGraph()
    graph.add_nodes_from(range(n))
    graph.add_edges_from(zip(sources, targets))
    return lambda: len(networkx.ancestors(graph, hub))


def sqlite(n, sources, targets, hub):
    path = sys.argv[1] + "/pairs.sqlite"
    if os.path.exists(path):
        os.remove(path)
    database = sqlite3.connect(path)
    database.execute("create table edge (target integer, source integer, primary key (target, source)) without rowid")
    database.executemany("insert into edge values (?, ?)", zip(targets, sources))
    database.commit()
    database.execute("analyze")
    question = (
        "with recursive reached(node) as (select ? union select edge.source from reached join edge on edge.target = reached.node)"
        " select count(*) - 1 from reached"
    )
    return lambda: database.execute(question, (hub,)).fetchone()[0]


def main():
    directory, peer, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
    numbers = array.array("I")
    with open(directory + "/pairs", "rb") as file:
        numbers.frombytes(file.read())
    sources, targets = numbers[0::2], numbers[1::2]
    n = int(sys.argv[4])
    # The package that most require; of several the last, as names are ordered.
    counts = collections.Counter(targets)
    most = max(counts.values())
    hub = max(node for node, count in counts.items() if count == most)
    del counts, numbers
    begun = clock()
    ask = {"igraph": igraph, "rustworkx": rustworkx, "networkx": networkx, "sqlite": sqlite}[peer](n, sources, targets, hub)
    loaded = clock()
    times = []
    for _ in range(rounds):
        before = clock()
        reached = ask()
        times.append(clock() - before)
    times.sort()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"load": loaded - begun, "closure": times[len(times) // 2], "reached": reached, "peak_kib": peak}))


main()
