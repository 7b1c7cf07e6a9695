"""Reads what `dotnet test` left behind, tells failures the way a person wants to read them, and adds up the counts.

report.py project <name> <exit status> <results folder>   tells one project and writes <name>.counts
report.py total <results folder>                          adds all counts up; its exit status is the verdict
"""
import pathlib
import sys
import xml.etree.ElementTree as ElementTree

NS = {"t": "http://microsoft.com/schemas/VisualStudio/TeamTest/2010"}


def project(name: str, status: int, folder: pathlib.Path) -> None:
    passed = failed = skipped = 0
    trx = folder / f"{name}.trx"
    try:
        results = ElementTree.parse(trx).getroot().findall("t:Results/t:UnitTestResult", NS)
    except (OSError, ElementTree.ParseError):
        results = []
    for result in results:
        outcome = result.get("outcome")
        if outcome == "Passed":
            passed += 1
        elif outcome == "NotExecuted":
            skipped += 1
            print(f"skipped: {result.get('testName')}: {text(result, 'Message')}")
        else:
            failed += 1
            print(f"\nFAILED: {result.get('testName')}")
            print(indented(text(result, "Message")))
            print(indented(text(result, "StackTrace"), 12))
            print(indented((result.findtext("t:Output/t:StdOut", "", NS) or "").strip()[-4000:], 60))
    if passed + failed == 0 or (status != 0 and failed == 0):
        # Nothing ran, or the run broke off: a hang, a crash, a time limit. What it said last is the only witness.
        failed += 1
        reason = "ran out of time" if status in (124, 137) else f"ended with status {status}"
        print(f"\nFAILED: {name} {reason} after {passed} passed tests; the end of its output:")
        log = folder / f"{name}.log"
        print(indented(log.read_text(errors="replace")[-6000:] if log.exists() else "(none)", 80))
    print(f"{name}: {passed} passed, {failed} failed, {skipped} skipped (exit status {status})")
    (folder / f"{name}.counts").write_text(f"{passed} {failed} {skipped}")


def total(folder: pathlib.Path) -> int:
    rows = [[int(n) for n in path.read_text().split()] for path in folder.glob("*.counts")]
    passed, failed, skipped = (sum(column) for column in zip(*rows)) if rows else (0, 0, 0)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 0 if passed > 0 and failed == 0 else 1


def text(result: ElementTree.Element, part: str) -> str:
    return (result.findtext(f"t:Output/t:ErrorInfo/t:{part}", "", NS) or "").strip()


def indented(value: str, lines: int = 40) -> str:
    return "\n".join("    " + line for line in value.splitlines()[-lines:] if line.strip())


if __name__ == "__main__":
    if sys.argv[1] == "project":
        project(sys.argv[2], int(sys.argv[3]), pathlib.Path(sys.argv[4]))
    else:
        sys.exit(total(pathlib.Path(sys.argv[2])))
