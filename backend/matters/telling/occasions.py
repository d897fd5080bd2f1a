"""Which steps people hear of, and with which sentence: one table for each kind of person."""

from backend.matters.events.vocabulary import Action

A = Action
# The steps that the reporter is told of, each with a sentence of its own in the locales.
TOLD_TO_REPORTER = frozenset(
    {
        A.FILE, A.DISPATCH, A.ACCEPT, A.CLAIM, A.SUBMIT_RESULT, A.START_FOLLOW_UP, A.CLOSE,
        A.CLOSE_WITHOUT_FOLLOW_UP, A.CLOSE_WITH_EXPLANATION, A.REJECT, A.VOID, A.MERGE,
        A.UNDO_MERGE, A.RESOLVE_ON_SPOT, A.NOT_SOLVED, A.REWORK, A.RECHECK_FAILED,
        A.APPROVE_EXTENSION, A.APPROVE_SUSPENSION, A.RESUME, A.REOPEN, A.REFUSE_REOPEN,
        A.UPHOLD_OBJECTION,
        A.UPHOLD_APPEAL, A.REFUSE_APPEAL, A.TRANSFER_OUT, A.CARRY_BY_ITEM, A.REPORT_AGAIN,
    }
)  # fmt: skip
# These concern the report alone, not the matter: whoever reported the same does not hear of them.
OWN_AFFAIR = frozenset(
    {
        A.MERGE, A.UNDO_MERGE, A.REJECT, A.VOID, A.UPHOLD_APPEAL, A.REFUSE_APPEAL,
    }
)  # fmt: skip
# What other people have to do now, or should know: the sentence, and who hears it.
TO_LEAD = {
    A.DISPATCH: "given", A.FAST_TRACK: "given", A.ASSIGN_FOR_GOOD: "given", A.REWORK: "given_back",
    A.RECHECK_FAILED: "given_back", A.NOT_SOLVED: "given_back", A.REOPEN: "given_back",
    A.REFUSE_RETURN: "answered", A.APPROVE_EXTENSION: "answered", A.REFUSE_EXTENSION: "answered",
    A.APPROVE_SUSPENSION: "answered", A.REFUSE_SUSPENSION: "answered", A.RESUME: "given_back",
    A.UPHOLD_OBJECTION: "answered", A.REFUSE_OBJECTION: "answered",
    A.URGE: "urged", A.SUPERVISE: "supervised_no", A.CO_SUBMIT: "helped", A.CO_DECLINE: "helped",
}  # fmt: skip
# Offered to several at once; whoever is made the handler hears of it too.
TO_POOL = {A.OFFER: "offered"}
TO_HANDLER = {A.ASSIGN_HANDLER: "handler"}
TO_HELPER = {
    A.ADD_CO: "asked_to_help", A.SET_HELP_TIME: "help_time", A.WHISTLE: "whistled",
}  # fmt: skip
TO_DESK = {
    A.ASK_RETURN: "asked", A.ASK_EXTENSION: "asked", A.ASK_SUSPENSION: "asked",
    A.UPHOLD_OBJECTION: "result_in",
    A.ASK_REOPEN: "asked", A.SUBMIT_RESULT: "result_in", A.PASS_RECHECK: "result_in",
    A.FAST_TRACK: "went_fast",
}  # fmt: skip
# Whoever presses hears the answer.
TO_SUPERVISOR = {A.ANSWER_SUPERVISION: "supervision_answer"}
# Decided one level above whoever decided.
TO_ABOVE = {A.APPEAL: "asked", A.OBJECT_TO_REWORK: "asked"}
# What goes out before it is filed is told to the village and to the town at once.
TO_VILLAGE = {A.FAST_TRACK: "went_fast"}
# What has no place yet: who must find it, and whose report it is once it was found.
TO_PLACE, PLACED = "to_place", "placed"
TO_LOCALS = {A.REQUEST_VERIFICATION: "look", A.REQUEST_RECHECK: "look"}
# A matter that meetings keep putting off comes to the town's ears at the third time.
PUT_OFFS_BEFORE_TELLING = 2
