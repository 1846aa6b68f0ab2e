"""Who must act, by the definition of `bastide_impact::triage`, written with Python's packaging (26.3 or later).

Reads the table (CSV, packed as .xz) that argv[1] names and, on standard input, advisories as JSON: a list of objects with `id`,
`withdrawn` and `affected` as in OSV. Writes a line for each exposure (`PACKAGE ID PART STATE=COUNT ...`) and, on standard
error, the seconds that each step took.
"""

import csv
import json
import lzma
import sys
import time

from packaging.markers import Marker
from packaging.ranges import VersionRange
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

EMPTY, FULL = VersionRange.empty(), VersionRange.full()


def of(text):
    return SpecifierSet(text).to_range()


# --- the table ---------------------------------------------------------------------------------------------------------


def requirement(text):
    try:
        return Requirement(text.replace("(<=0.29.*)", "(<0.30)"))  # the one string that packaging does not read
    except InvalidRequirement:
        return None


def requirements(cell):
    """`; ` stands between requirements and before markers: what is no requirement belongs to the one before."""
    texts = []
    for part in cell.split("; "):
        if part.strip():
            if texts and requirement(part) is None:
                texts[-1] += "; " + part
            else:
                texts.append(part)
    return [requirement(text) for text in texts]


def extras_of(node, found):
    if isinstance(node, list):
        for one in node:
            extras_of(one, found)
    elif isinstance(node, tuple):
        left, _, right = node
        for one, other in ((left, right), (right, left)):
            if getattr(one, "value", None) == "extra" and type(one).__name__ == "Variable":
                found.add(canonicalize_name(other.value))
    return found


def holds(node, extras):
    """True, False, or None for what depends on the environment; a list is joined by `or` of `and`s."""
    if isinstance(node, tuple):
        left, op, right = node
        for one, other in ((left, right), (right, left)):
            if type(one).__name__ == "Variable" and one.value == "extra":
                asked = canonicalize_name(other.value) in extras
                return {"==": asked, "===": asked, "!=": not asked}.get(op.value)
        return None
    groups = [[]]
    for one in node:
        if one == "or":
            groups.append([])
        elif one != "and":
            groups[-1].append(holds(one, extras))
    whole = [False if False in group else (None if None in group else True) for group in groups]
    return True if True in whole else (None if None in whole else False)


def parts(marker):
    """The nodes that a requirement leaves from: `None` for runtime, else extras."""
    if marker is None or holds(marker._markers, set()) is not False:
        return [None]
    return [extra for extra in extras_of(marker._markers, set()) if holds(marker._markers, {extra}) is not False]


def dependents(path):
    """package -> node -> marker -> specifiers, all texts."""
    csv.field_size_limit(1 << 30)
    found = {}
    with lzma.open(path, "rt", encoding="utf-8", newline="") as table:
        for row in csv.DictReader(table):
            project = canonicalize_name(row["project"])
            for one in requirements(row["dependencies_raw"]):
                package = canonicalize_name(one.name)
                if package == project:
                    continue
                text = "@" if one.url else str(one.specifier)
                for part in parts(one.marker):
                    by_marker = found.setdefault(package, {}).setdefault((project, part), {})
                    by_marker.setdefault(str(one.marker or ""), set()).add(text)
    return found


def wanted(texts):
    if "@" in texts:
        return None
    return of(",".join(sorted(text for text in texts if text)))


# --- the advisories ----------------------------------------------------------------------------------------------------


def intervals(events):
    """(introduced or None, how it ends, version), by OSV's evaluation."""
    read = []
    for event in events:
        (kind, text), = event.items()
        first = kind == "introduced" and text == "0"
        rank = {"fixed": 0, "limit": 0, "introduced": 1, "last_affected": 2}[kind]
        read.append(((0,) if first else (1, Version(text)), rank, kind, None if first else text))
    read.sort(key=lambda one: (one[0], one[1]))
    found, opened = [], False
    for _, _, kind, text in read:
        if kind == "introduced":
            if not opened:
                opened, start = True, text
        elif opened:
            found.append((start, kind, text))
            opened = False
    if opened:
        found.append((start, "open", None))
    return found


def upward(some):
    """`some` and everything above its lowest version."""
    if some.is_empty:
        return EMPTY
    return VersionRange._build(((some._bounds[0][0], FULL._bounds[0][1]),))


def at_least(text):
    return of(">=" + text) if "+" not in text else upward(of("==" + text))


def exposures(advisories):
    """(package, id, affected, mended), one for each package of each advisory that is not withdrawn."""
    for advisory in advisories:
        if advisory["withdrawn"]:
            continue
        by_package = {}
        for entry in advisory["affected"]:
            package = entry.get("package") or {}
            if package.get("ecosystem") == "PyPI":
                by_package.setdefault(canonicalize_name(package["name"]), []).append(entry)
        for package, entries in by_package.items():
            affected, after = EMPTY, EMPTY
            try:
                for entry in entries:
                    for one in entry.get("ranges", []):
                        if one["type"] == "GIT":
                            continue
                        for start, kind, end in intervals(one["events"]):
                            region = FULL if start is None else at_least(start)
                            if kind in ("fixed", "limit"):
                                region = region & ~at_least(end)
                            elif kind == "last_affected":
                                region = region & of("<=" + end)
                            if kind == "fixed":
                                after = after | at_least(end)
                            elif kind == "last_affected":
                                after = after | (upward(region) & ~region)
                            affected = affected | region
                for entry in entries:
                    for text in entry.get("versions", []):
                        try:
                            version = Version(text)
                        except InvalidVersion:
                            continue
                        if version not in affected:
                            affected = affected | of("==" + str(version))
            except InvalidVersion as error:
                print("unreadable", advisory["id"], error, file=sys.stderr)
                continue
            yield package, advisory["id"], affected, after & ~affected


# --- the states --------------------------------------------------------------------------------------------------------

ORDER = ["safe", "re-lock", "unknown", "no-fix", "blocked"]


def state(some, affected, mended):
    if some is None:
        return "unknown"
    if some.is_disjoint(affected):
        return "safe"
    if not some.is_disjoint(mended):
        return "re-lock"
    return "no-fix" if upward(some & affected).is_disjoint(mended) else "blocked"


def main():
    clock = time.process_time
    begun = clock()
    table = dependents(sys.argv[1])
    sets, ranges = {}, {}
    for package, nodes in table.items():
        ranges[package] = [
            (part is None, [sets.setdefault(frozenset(texts), len(sets)) for texts in by_marker.values()])
            for (_, part), by_marker in nodes.items()
        ]
    sets = [wanted(texts) for texts in sets]
    read = clock()
    advisories = list(exposures(json.load(sys.stdin)))
    made = clock()
    lines = []
    for package, id, affected, mended in advisories:
        counts = {True: {}, False: {}}
        known = {}
        for runtime, wanteds in ranges.get(package, ()):
            worst = "safe"
            for number in wanteds:
                one = known.get(number)
                if one is None:
                    one = known[number] = state(sets[number], affected, mended)
                if ORDER.index(one) > ORDER.index(worst):
                    worst = one
            counts[runtime][worst] = counts[runtime].get(worst, 0) + 1
        for runtime, name in ((True, "runtime"), (False, "extras")):
            if counts[runtime]:
                shown = " ".join(f"{one}={counts[runtime][one]}" for one in ORDER if one in counts[runtime])
                lines.append(f"{package} {id} {name} {shown}")
    ended = clock()
    print("\n".join(sorted(lines)))
    times = {"table": read - begun, "advisories": made - read, "triage": ended - made}
    print(json.dumps(times), file=sys.stderr)


if __name__ == "__main__":
    main()
