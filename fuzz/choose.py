"""Selection of corpus inputs. Reads libFuzzer's merge control file and prints at most the given number of its files: always
the one that adds most features to those before it, small files first."""
import os
import sys


def main(control: str, limit: int) -> None:
    with open(control, encoding="utf-8") as lines:
        count, _ = int(next(lines)), next(lines)
        names = [next(lines).rstrip("\n") for _ in range(count)]
        features: dict[int, set[str]] = {}
        for line in lines:
            kind, *rest = line.split()
            if kind == "FT" and rest and os.path.exists(names[int(rest[0])]):
                features[int(rest[0])] = set(rest[1:])
    wanted = set().union(*features.values())
    for _ in range(limit):
        size = lambda at: os.path.getsize(names[at])
        best = max(features, key=lambda at: (len(features[at] & wanted), -size(at)), default=None)
        if best is None or not features[best] & wanted:
            break
        wanted -= features.pop(best)
        print(names[best])


main(sys.argv[1], int(sys.argv[2]))
