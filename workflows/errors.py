"""Refusals: what a person or partner is told when the rules say no."""


class WorkflowError(Exception):
    """The rules do not allow this.

    ``code`` never changes once published; ``facts`` are plain values for the reader's program.
    """

    code: str = "refused"
    title: str = "The rules do not allow this"

    def __init__(self, detail: str = "", **facts: object) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.facts: dict[str, object] = facts


class InvalidCase(WorkflowError):
    """The case put to a rule cannot be judged; ``code`` says why."""

    title = "The case cannot be evaluated"

    def __init__(self, code: str, detail: str = "", **facts: object) -> None:
        super().__init__(detail or code, **facts)
        self.code = code


class FaultyPolicy(WorkflowError):
    """A policy or calendar file breaks its own format; ``facts["faults"]`` lists each path and code."""

    code = "faulty_policy"
    title = "The policy file is faulty and was not loaded"


class NotMoney(WorkflowError):
    """The text is not an amount of money."""

    code = "bad_money"
    title = "An amount is a quoted decimal with at most two decimals"


class CurrencyMismatch(WorkflowError):
    """Two currencies met in one sum."""

    code = "currency_mismatch"
    title = "Amounts in different currencies cannot be added or compared"
