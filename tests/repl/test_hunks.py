from __future__ import annotations

from spark_cli.repl.hunks import Hunk, numbered

DIFF = """\
diff --git a/a.sql b/a.sql
--- a/a.sql
+++ b/a.sql
@@ -1,2 +1 @@ head
--- a comment
 select
@@ -9 +8,2 @@
 one
+two
--- /dev/null
+++ b/new file.txt\t
@@ -0,0 +1 @@
+x
\\ No newline at end of file
"""


def test_every_hunk_has_a_name_and_is_a_diff_of_its_own() -> None:
    names = "--- a/a.sql\n+++ b/a.sql\n"

    assert list(numbered(DIFF).values()) == [
        Hunk("h1", "a.sql", f"{names}@@ -1,2 +1 @@ head\n--- a comment\n select\n"),
        Hunk("h2", "a.sql", f"{names}@@ -9 +8,2 @@\n one\n+two\n"),
        Hunk(
            "h3",
            "new file.txt",
            "--- /dev/null\n+++ b/new file.txt\t\n@@ -0,0 +1 @@\n+x\n",
        ),
    ]


def test_no_diff_has_no_hunks() -> None:
    assert numbered("") == numbered("nothing\n") == {}
