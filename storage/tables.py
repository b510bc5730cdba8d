"""The schema as SQLModel tables, for reading (web, API, reports) and for Alembic.

Flags are 0 or 1, times unix seconds, lists and objects JSON in TEXT. What the database guards beside it (the overlap of
visits) stands in the migration, because SQLModel has no word for it.
"""

from sqlmodel import SQLModel

from storage.tables_audit import MergeRow, SealRow
from storage.tables_desk import (
    AlarmRow,
    ApprovalRow,
    ApproverRow,
    CompanySettingRow,
    ConflictRow,
    ConflictSideRow,
    DeedRow,
    DraftRow,
    EventRow,
    InboxRow,
    JobRow,
    MarkRow,
    NoteRow,
    OutboxRow,
    PersonalSettingRow,
    SerialRow,
)
from storage.tables_doors import ErrandPartRow, ErrandRow, HookRow, TokenRow
from storage.tables_follow import (
    AlertRuleRow,
    AlertRuleVersionRow,
    CheckInRow,
    CustomFieldRow,
    FieldValueRow,
    FollowupRow,
    PhotoRow,
    ReportRow,
    ReportVersionRow,
    TaskRow,
)
from storage.tables_office import (
    CustomerKeyRow,
    CustomerOwnerRow,
    CustomerRow,
    GroupChatRow,
    GroupMemberRow,
    GroupRow,
    IdentityRow,
    LeaveRow,
    MemberNameRow,
    MemberRow,
    VisitPersonRow,
    VisitRow,
    VisitVersionRow,
)
from storage.tables_wires import LeaseRow, MirrorRow, WireNoteRow

METADATA = SQLModel.metadata

__all__ = [
    "METADATA",
    "AlarmRow",
    "AlertRuleRow",
    "AlertRuleVersionRow",
    "ApprovalRow",
    "ApproverRow",
    "CheckInRow",
    "CompanySettingRow",
    "ConflictRow",
    "ConflictSideRow",
    "CustomFieldRow",
    "CustomerKeyRow",
    "CustomerOwnerRow",
    "CustomerRow",
    "DeedRow",
    "DraftRow",
    "ErrandPartRow",
    "ErrandRow",
    "EventRow",
    "FieldValueRow",
    "FollowupRow",
    "GroupChatRow",
    "GroupMemberRow",
    "GroupRow",
    "HookRow",
    "IdentityRow",
    "InboxRow",
    "JobRow",
    "LeaseRow",
    "LeaveRow",
    "MarkRow",
    "MemberNameRow",
    "MemberRow",
    "MergeRow",
    "MirrorRow",
    "NoteRow",
    "OutboxRow",
    "PersonalSettingRow",
    "PhotoRow",
    "ReportRow",
    "ReportVersionRow",
    "SealRow",
    "SerialRow",
    "TaskRow",
    "TokenRow",
    "VisitPersonRow",
    "VisitRow",
    "VisitVersionRow",
    "WireNoteRow",
]
