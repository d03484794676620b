from __future__ import annotations

from spark_cli.repl.diffs import Tally, diff_lines, tally
from spark_cli.repl.lines import plain

DIFF = """diff --git a/app.py b/app.py
index 1..2 100644
--- a/app.py
+++ b/app.py
@@ -8,3 +8,3 @@ def f():
 keep
--- old
+++ new
 keep
@@ -100 +100,2 @@
-x
+y
+z
\\ No newline at end of file
diff --git a/old.py b/new.py
similarity index 100%
rename from old.py
rename to new.py
diff --git a/run.sh b/run.sh
old mode 100644
new mode 100755
diff --git a/gone.py b/gone.py
deleted file mode 100644
--- a/gone.py
+++ /dev/null
@@ -1 +0,0 @@
-bye
--- /dev/null
+++ b/made.py
@@ -0,0 +1 @@
+\x1b[2Jhi
"""


def test_a_diff_is_shown_with_numbers_signs_and_tallies() -> None:
    assert [plain(line) for line in diff_lines(DIFF, 80)] == [
        "app.py +3 -2",
        "    8   keep",
        "    9 - -- old",
        "    9 + ++ new",
        "   10   keep",
        "    ...",
        "  100 - x",
        "  100 + y",
        "  101 + z",
        "      \\ No newline at end of file",
        "",
        "old.py -> new.py",
        "",
        "run.sh (mode 100755)",
        "",
        "gone.py (deleted) -1",
        "    1 - bye",
        "",
        "made.py (new) +1",
        "    1 + \u241b[2Jhi",
    ]


def test_a_tally_counts_files_and_lines() -> None:
    assert tally(DIFF) == Tally(files=5, added=4, removed=3)
    assert str(Tally(1, 2, 3)) == "1 file +2 -3"


def test_what_is_no_diff_is_shown_as_it_is() -> None:
    assert [plain(line) for line in diff_lines("make a thing\n", 80)] == [
        "make a thing"
    ]


def test_added_and_removed_lines_differ_in_color_too() -> None:
    styles = {plain(line)[6:7]: line[1][0] for line in diff_lines(DIFF, 80)[1:4]}

    assert styles == {" ": "", "-": "class:removed", "+": "class:added"}


def test_a_line_that_is_too_long_is_folded_beside_its_margin() -> None:
    diff = "--- a/a.py\n+++ b/a.py\n@@ -1 +1,2 @@\n one\n+\tvalue = 1234567\n"

    assert [plain(line) for line in diff_lines(diff, 20)] == [
        "a.py +1",
        "    1   one",
        "    2 +         valu",
        "      \u21b3 e = 1234567",
    ]
