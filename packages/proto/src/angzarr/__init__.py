"""The wire contract of Angzarr: messages, their behaviour, methods and identities.

Messages are imported from the generated modules, for example ``angzarr.types_pb2``.
"""

from angzarr import dead_letter_pb2, edition_pb2, feed_pb2, timer_pb2, types_pb2
from angzarr._attach import attach
from angzarr._fault import Fault
from angzarr._identity import (
    NAMESPACE,
    business_root,
    compensation_id,
    decision_id,
    failure_command_id,
    failure_root,
    partition_of,
    process_root,
    reaction_command_id,
    replay_command_id,
    timer_event_id,
)
from angzarr._instant import instant
from angzarr._method import Method
from angzarr._names import (
    FAILURE_DOMAIN,
    MAIN,
    is_command_id,
    is_edition_name,
    is_log_name,
    is_name,
    is_reserved_domain,
    projection_domain,
)
from angzarr._traits.cancel_timer_request import CancelTimerRequestTraits
from angzarr._traits.command_book import CommandBookTraits
from angzarr._traits.command_outcome import CommandOutcomeTraits
from angzarr._traits.component_descriptor import ComponentDescriptorTraits
from angzarr._traits.cover import CoverTraits
from angzarr._traits.create_edition_request import CreateEditionRequestTraits
from angzarr._traits.dead_letter import DeadLetterTraits
from angzarr._traits.delete_edition_request import DeleteEditionRequestTraits
from angzarr._traits.discard_dead_letters_request import DiscardDeadLettersRequestTraits
from angzarr._traits.dry_run_request import DryRunRequestTraits
from angzarr._traits.edition_info import EditionInfoTraits
from angzarr._traits.event_book import EventBookTraits
from angzarr._traits.event_page import EventPageTraits
from angzarr._traits.event_stream_filter import EventStreamFilterTraits
from angzarr._traits.feed_request import FeedRequestTraits
from angzarr._traits.list_dead_letters_request import ListDeadLettersRequestTraits
from angzarr._traits.list_dead_letters_response import ListDeadLettersResponseTraits
from angzarr._traits.list_timers_request import ListTimersRequestTraits
from angzarr._traits.projection import ProjectionTraits
from angzarr._traits.query import QueryTraits
from angzarr._traits.replay_dead_letters_request import ReplayDeadLettersRequestTraits
from angzarr._traits.revocation_response import RevocationResponseTraits
from angzarr._traits.revoke_event_command import RevokeEventCommandTraits
from angzarr._traits.rpc_status import RpcStatusTraits
from angzarr._traits.sync_command_book import SyncCommandBookTraits
from angzarr._traits.target import TargetTraits
from angzarr._traits.temporal_query import TemporalQueryTraits
from angzarr._traits.timer import TimerTraits
from angzarr._traits.uuid import UUIDTraits
from angzarr._type_url import DEFAULT_PREFIX, FRAMEWORK_PREFIX, type_matches, type_name

for _message, _trait in (
    (timer_pb2.CancelTimerRequest, CancelTimerRequestTraits),
    (types_pb2.CommandBook, CommandBookTraits),
    (types_pb2.CommandOutcome, CommandOutcomeTraits),
    (types_pb2.ComponentDescriptor, ComponentDescriptorTraits),
    (types_pb2.Cover, CoverTraits),
    (edition_pb2.CreateEditionRequest, CreateEditionRequestTraits),
    (dead_letter_pb2.DeadLetter, DeadLetterTraits),
    (edition_pb2.DeleteEditionRequest, DeleteEditionRequestTraits),
    (edition_pb2.EditionInfo, EditionInfoTraits),
    (dead_letter_pb2.DiscardDeadLettersRequest, DiscardDeadLettersRequestTraits),
    (dead_letter_pb2.ListDeadLettersRequest, ListDeadLettersRequestTraits),
    (dead_letter_pb2.ReplayDeadLettersRequest, ReplayDeadLettersRequestTraits),
    (dead_letter_pb2.ListDeadLettersResponse, ListDeadLettersResponseTraits),
    (types_pb2.DryRunRequest, DryRunRequestTraits),
    (types_pb2.EventBook, EventBookTraits),
    (types_pb2.EventPage, EventPageTraits),
    (types_pb2.EventStreamFilter, EventStreamFilterTraits),
    (feed_pb2.FeedRequest, FeedRequestTraits),
    (timer_pb2.ListTimersRequest, ListTimersRequestTraits),
    (types_pb2.Projection, ProjectionTraits),
    (types_pb2.Query, QueryTraits),
    (types_pb2.RevocationResponse, RevocationResponseTraits),
    (types_pb2.RevokeEventCommand, RevokeEventCommandTraits),
    (types_pb2.RpcStatus, RpcStatusTraits),
    (types_pb2.SyncCommandBook, SyncCommandBookTraits),
    (types_pb2.Target, TargetTraits),
    (types_pb2.TemporalQuery, TemporalQueryTraits),
    (timer_pb2.Timer, TimerTraits),
    (types_pb2.UUID, UUIDTraits),
):
    attach(_message, _trait)

__all__ = [
    "DEFAULT_PREFIX",
    "FAILURE_DOMAIN",
    "FRAMEWORK_PREFIX",
    "MAIN",
    "NAMESPACE",
    "Fault",
    "Method",
    "attach",
    "business_root",
    "compensation_id",
    "decision_id",
    "failure_command_id",
    "failure_root",
    "instant",
    "is_command_id",
    "is_edition_name",
    "is_log_name",
    "is_name",
    "is_reserved_domain",
    "partition_of",
    "process_root",
    "projection_domain",
    "reaction_command_id",
    "replay_command_id",
    "timer_event_id",
    "type_matches",
    "type_name",
]
