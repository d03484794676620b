"""What spark promises whatever happens, and the tests that hold it to each promise."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).parent.parent

LAWS = {
    "1. A history left behind can always be sent: every tool call is answered, and "
    "what was said is kept.": [
        "agent/test_agent.py::test_an_interrupt_leaves_a_history_that_can_be_sent",
        "agent/test_agent.py::test_an_interrupt_keeps_what_was_said_and_marks_it",
        "store/test_journal.py::test_every_truncation_of_a_journal_can_be_resumed",
        "agent/test_replaying.py::"
        "test_whatever_was_cut_and_summed_up_a_replay_sends_the_same",
    ],
    "2. Recorded before shown: the journal has an event before any face does.": [
        "agent/test_outbox.py::test_what_was_not_recorded_is_not_shown",
        "store/test_journal.py::test_an_event_is_in_the_file_before_record_returns",
    ],
    "3. `TurnEnded` is the last event of its turn, however the turn went.": [
        "agent/test_agent.py::test_nothing_of_a_turn_follows_its_end",
    ],
    "4. What is approved is what is carried out; a file that changed meanwhile makes "
    "the plan stale, never wrong.": [
        "tools/test_patch.py::test_a_file_that_changed_after_the_plan_is_not_patched",
        "patch/test_apply.py::test_a_plan_that_is_stale_is_refused",
    ],
    "5. After a patch error no file has changed; after a crash the tree is wholly "
    "before or wholly after.": [
        "workspace/test_files.py::"
        "test_nothing_changes_where_one_file_is_not_as_planned",
        "workspace/test_files.py::test_a_kill_at_any_moment_leaves_all_or_nothing",
    ],
    "6. Nothing outside the root is read or written through a name that the model "
    "gave.": [
        "workspace/test_root.py::test_no_name_leads_out_of_the_root",
        "workspace/test_root.py::test_a_name_that_is_no_file_of_ours_is_refused",
        "workspace/test_root.py::test_only_real_folders_are_entered",
    ],
    "7. In headless modes stdout carries only data; a broken pipe is a quiet "
    "success.": [
        "e2e/test_print.py::test_a_patch_is_all_that_is_printed_and_git_takes_it",
        "e2e/test_print.py::test_json_is_one_object",
        "e2e/test_print.py::test_a_reader_that_goes_away_is_a_quiet_success",
    ],
    "8. An interrupt gives the prompt back at once, even if the endpoint never "
    "answers again.": [
        "agent/test_agent.py::test_an_interrupt_leaves_a_history_that_can_be_sent",
        "wire/test_socket.py::"
        "test_cancelling_does_not_wait_for_a_server_that_reads_nothing",
    ],
    "9. A secret has no `repr`, and no event, log, journal or error contains one.": [
        "core/test_secret.py::test_a_secret_is_not_shown_by_accident",
        "cli/test_log.py::test_a_debug_log_has_no_key_in_it",
        "cli/test_report.py::test_what_looks_like_a_key_is_not_told",
        "wire/test_endpoint.py::test_an_error_that_quotes_the_key_is_cleaned",
    ],
    "10. Nothing untrusted (model text, tool output, file names, server errors) "
    "reaches the terminal unescaped.": [
        "core/test_printable.py::test_what_could_drive_a_terminal_is_made_visible",
        "cli/test_report.py::test_what_an_error_quotes_cannot_drive_the_terminal",
        "headless/test_text.py::test_no_model_text_can_drive_the_terminal",
        "repl/test_view.py::test_no_event_lets_an_escape_through",
        "repl/test_clipboard.py::test_no_text_ends_the_sequence_early",
    ],
    "11. Context is never cut silently.": [
        "agent/test_context.py::"
        "test_a_request_that_cannot_fit_is_refused_and_nothing_is_cut",
        "agent/test_briefing.py::test_what_is_cut_of_a_guide_is_said",
        "agent/test_compaction.py::test_where_there_is_no_summary_nothing_has_changed",
    ],
}


@pytest.mark.parametrize(
    "place",
    [pytest.param(one, id=f"{law[:2]} {one}") for law in LAWS for one in LAWS[law]],
)
def test_a_law_is_held_by_a_test_that_exists(place: str) -> None:
    file, _, name = place.partition("::")
    tree = ast.parse((TESTS / file).read_text())

    functions = [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert name in functions
