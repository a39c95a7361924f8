"""What follows from the answer to a compensation (the table of contract.md §4.6 step 3)."""

from dataclasses import dataclass

from angzarr_dispatch._outcome import Answer, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequence:
    """What is left to do: record the failure, park the compensation, tell people; or nothing."""

    emit: bool = False
    dead_letter: bool = False
    escalate: bool = False

    @staticmethod
    def of(answer: Answer, fallback: "Consequence") -> "Consequence | None":
        """Return what follows, None for an answer that settles nothing.

        `fallback` is what follows where the source took nothing back and asked for nothing.
        """
        if answer.reason == "COMMAND_REVOKED":
            asked = answer.revocation
            return Consequence(
                emit=asked.emit_system_revocation and not asked.abort,
                dead_letter=asked.send_to_dead_letter_queue,
                escalate=asked.escalate,
            )
        if answer.verdict is Verdict.ACCEPTED and answer.events:
            return Consequence()
        if answer.verdict in {Verdict.ACCEPTED, Verdict.REJECTED}:
            return fallback
        return fallback if answer.status.is_unimplemented else None
