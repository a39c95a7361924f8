"""What went wrong in a group of tasks."""


def first_of(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the first error of a group, which may be in a group itself."""
    error = errors.exceptions[0]
    return first_of(error) if isinstance(error, BaseExceptionGroup) else error
