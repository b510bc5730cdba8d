"""The numbers a company may change (contract.md section 2, `[rules]`), with their defaults."""

from dataclasses import dataclass, field
from datetime import time


@dataclass(frozen=True, slots=True)
class Rules:
    """Each field is a key of `[rules]`; values are validated where the configuration or a rule is read."""

    customer_window_days: int = 7
    teams_per_week_approval: int = 3
    default_visit_min: int = 60
    buffer_min: int = 30
    travel_min: int = 30
    work_start: time = time(9)
    work_end: time = time(18)
    visits_per_day: int = 5
    remind_before_min: int = 60
    report_due_hours: int = 24
    protect_days: int = 30
    pool_days: dict[str, int] = field(default_factory=lambda: {"A": 21, "B": 90, "C": 180})
    cadence_days: dict[str, int] = field(default_factory=lambda: {"A": 8, "B": 31, "C": 92})
    repeat_followup_alarm: float = 0.05
    churn_alarm: float = 0.10
    timeliness_alarm: float = 0.85
    high_intent_followup_days: int = 3
    undo_min: int = 10
    check_in_radius_m: int = 500
    missed_after_min: int = 120
    lead_time_min: int = 120
    stale_stage_days: int = 14
    quote_review: bool = True
    """A rep's step to 报价 waits for his manager (R76)."""
    stage_fields: dict[str, tuple[str, ...]] = field(
        default_factory=lambda: {"深度沟通": ("contact",), "报价": ("contact", "phone"), "合同谈判": ("contact", "phone")}
    )
    """What must be known before a customer enters a stage (R74): built-in names, or fields made in the chat."""
    pool_warn_days: tuple[int, ...] = (7, 3, 1)
    claims_per_day: int = 5
    holding_cap: int = 200
    reclaim_cooldown_days: int = 7
    collision_touches: int = 3
    collision_reps: int = 2
    collision_days: int = 7
    elastic_changes: int = 3
    elastic_days: int = 90
    morning_push: time = time(8, 30)
    weekly_pack: str = "Fri 17:00"
    required_customer_fields: tuple[str, ...] = ("name", "phone")
    purposes: tuple[str, ...] = ("初次接洽", "产品演示", "合同谈判", "售后回访")
    confirm_bookings: bool = False
    approval_expiry_days: int = 3
    assign_types: dict[str, str] = field(default_factory=lambda: {"大客户": "audit", "小客户": "first", "渠道客户": "partner"})
    """Customer type → how its owner is found (domain/intake.py MODES, R49–R51)."""
    assign_grades: dict[str, str] = field(default_factory=dict)
    """Grade → the same: {"A": "audit"} lets a manager decide every new A customer."""
    assign_sources: dict[str, str] = field(default_factory=dict)
    """Lead source → the same: {"官网": "round_robin"}."""
    territory: dict[str, str] = field(default_factory=dict)
    """Region or line of business → team or member: {"苏州": "华东一组"} (R104, R149)."""
    partners: dict[str, str] = field(default_factory=dict)
    """Channel partner → the member who looks after it."""
    field_layers: dict[str, str] = field(default_factory=dict)
    """Field → who sees it: all, team or follower (R154); what is not named is as domain/visibility.py says."""
    approval_flows: dict[str, str] = field(default_factory=dict)
    """Kind of request, perhaps with a grade → its steps: {"transfer.A": "manager > director"} (domain/flows.py, R190)."""
    dup_rules: tuple[str, ...] = ()
    """Rules for duplicates, each a sentence: "名称和电话都相同才拦截，邮箱相同只提醒" (domain/dup_rules.py, R32)."""
    split_main: int = 70
    """Percent of a deal that the main owner is credited with; co-owners share the rest (R66)."""
    stage_assist: dict[str, str] = field(default_factory=dict)
    """Stage → team or member who becomes co-owner when a customer gets there: {"成交": "交付组"} (R48)."""
    stage_booking: bool = False
    """Before 深度沟通 only the owner's side books, from then on his team too (R68)."""
