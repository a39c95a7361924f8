"""Which domain a request is about."""

from functools import reduce

from google.protobuf.message import Message

EVERY = "*"
_ABOUT_NONE = {"angzarr.GetDescriptorRequest", "angzarr.LinkCalls"}
_DOMAIN_AT = {
    "angzarr.AwaitRequest": "domain",
    "angzarr.CancelTimerRequest": "cover.domain",
    "angzarr.CommandBook": "cover.domain",
    "angzarr.ContextualCommand": "command.cover.domain",
    "angzarr.DryRunRequest": "command.cover.domain",
    "angzarr.EventBook": "cover.domain",
    "angzarr.EventStreamFilter": "domain",
    "angzarr.FeedRequest": "domain",
    "angzarr.HeadRequest": "domain",
    "angzarr.ListDeadLettersRequest": "domain",
    "angzarr.ListProgressRequest": "domain",
    "angzarr.ProcessManagerHandleRequest": "trigger.cover.domain",
    "angzarr.ProcessManagerPrepareRequest": "trigger.cover.domain",
    "angzarr.Query": "cover.domain",
    "angzarr.SagaExecuteRequest": "source.cover.domain",
    "angzarr.SagaPrepareRequest": "source.cover.domain",
    "angzarr.SpeculatePmRequest": "trigger.cover.domain",
    "angzarr.SpeculateProjectorRequest": "events.cover.domain",
    "angzarr.SpeculateSagaRequest": "source.cover.domain",
    "angzarr.SyncCommandBook": "command.cover.domain",
    "angzarr.SyncEventBook": "events.cover.domain",
    "angzarr.UpcastRequest": "domain",
}


def domain_of(request: Message) -> str:
    """Return the domain that a request is about, "*" for all of them, "" for none.

    One that may name several, or things by their id only, is about all.
    """
    name = request.DESCRIPTOR.full_name
    if name in _ABOUT_NONE:
        return ""
    if name not in _DOMAIN_AT:
        return EVERY
    found: object = reduce(getattr, _DOMAIN_AT[name].split("."), request)
    return str(found) or EVERY
