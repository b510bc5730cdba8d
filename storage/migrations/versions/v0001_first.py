"""The first schema. Hand-written, frozen; the SQLModel tables describe the same (tests/storage/test_schema.py)."""

revision = "0001"
down_revision: str | None = None

_TABLES = """
CREATE TABLE members (no {serial}, id TEXT NOT NULL, name TEXT NOT NULL, role TEXT NOT NULL, team TEXT NOT NULL,
  department TEXT NOT NULL, manager TEXT, aliases TEXT NOT NULL, line TEXT NOT NULL, wecom TEXT NOT NULL,
  dingtalk TEXT NOT NULL, active INTEGER NOT NULL);
CREATE UNIQUE INDEX members_id ON members (id);
CREATE INDEX members_team ON members (team);
CREATE INDEX members_manager ON members (manager);
CREATE TABLE identities (platform TEXT NOT NULL, uid TEXT NOT NULL, member_no {big} NOT NULL REFERENCES members (no),
  PRIMARY KEY (platform, uid)){lean};
CREATE INDEX identities_member ON identities (member_no);
CREATE TABLE member_names (name TEXT NOT NULL, member_no {big} NOT NULL REFERENCES members (no),
  PRIMARY KEY (name, member_no)){lean};
CREATE INDEX member_names_member ON member_names (member_no);
CREATE TABLE chat_groups (no {serial}, id TEXT NOT NULL, name TEXT NOT NULL, team TEXT NOT NULL);
CREATE UNIQUE INDEX chat_groups_id ON chat_groups (id);
CREATE TABLE group_members (group_id TEXT NOT NULL, member TEXT NOT NULL, place INTEGER NOT NULL,
  PRIMARY KEY (group_id, member)){lean};
CREATE INDEX group_members_member ON group_members (member);
CREATE TABLE group_chats (platform TEXT NOT NULL, chat TEXT NOT NULL, group_id TEXT NOT NULL,
  PRIMARY KEY (platform, chat)){lean};
CREATE INDEX group_chats_group ON group_chats (group_id);

CREATE TABLE customers (no {serial}, id TEXT NOT NULL, code TEXT NOT NULL, name TEXT NOT NULL, aliases TEXT NOT NULL,
  city TEXT NOT NULL, grade TEXT NOT NULL, owner TEXT, co_owners TEXT NOT NULL, stage TEXT NOT NULL,
  status TEXT NOT NULL, locked INTEGER NOT NULL, phones TEXT NOT NULL, emails TEXT NOT NULL, uscc TEXT NOT NULL,
  created {big}, last_followup {big}, protected_until TEXT, contacts TEXT NOT NULL, lat {real}, lng {real},
  address TEXT NOT NULL,
  extra TEXT NOT NULL, version INTEGER NOT NULL, rev {big} NOT NULL);
CREATE UNIQUE INDEX customers_id ON customers (id);
CREATE UNIQUE INDEX customers_code ON customers (code);
CREATE INDEX customers_owner ON customers (owner);
CREATE INDEX customers_status ON customers (status);
CREATE INDEX customers_rev ON customers (rev);
CREATE TABLE customer_owners (customer_no {big} NOT NULL REFERENCES customers (no), member TEXT NOT NULL,
  PRIMARY KEY (customer_no, member)){lean};
CREATE INDEX customer_owners_member ON customer_owners (member);
CREATE TABLE customer_keys (kind TEXT NOT NULL, value TEXT NOT NULL,
  customer_no {big} NOT NULL REFERENCES customers (no), PRIMARY KEY (kind, value, customer_no)){lean};
CREATE INDEX customer_keys_customer ON customer_keys (customer_no);

CREATE TABLE visits (no {serial}, id TEXT NOT NULL, customer_no {big} NOT NULL REFERENCES customers (no),
  rep_no {big} NOT NULL REFERENCES members (no), starts {big} NOT NULL, ends {big} NOT NULL, participants TEXT NOT NULL,
  mode TEXT NOT NULL, purpose TEXT NOT NULL, contact TEXT NOT NULL, location TEXT NOT NULL, status TEXT NOT NULL,
  version INTEGER NOT NULL, line TEXT NOT NULL, agenda TEXT NOT NULL, source TEXT NOT NULL, series TEXT NOT NULL,
  overlap_ok INTEGER NOT NULL, shared_ok INTEGER NOT NULL, checked_in {big}, created {big} NOT NULL,
  created_by TEXT NOT NULL, CONSTRAINT visits_length CHECK (ends > starts AND ends - starts <= 86400));
CREATE UNIQUE INDEX visits_id ON visits (id);
CREATE INDEX visits_customer ON visits (customer_no, starts, ends);
CREATE INDEX visits_starts ON visits (starts);
CREATE INDEX visits_series ON visits (series) WHERE series <> '';
CREATE TABLE visit_people (visit_no {big} NOT NULL REFERENCES visits (no),
  person_no {big} NOT NULL REFERENCES members (no), part TEXT NOT NULL, answer TEXT NOT NULL, starts {big} NOT NULL,
  ends {big} NOT NULL, busy INTEGER NOT NULL, PRIMARY KEY (visit_no, person_no)){lean};
CREATE INDEX visit_people_time ON visit_people (person_no, starts, ends, busy, visit_no);
CREATE TABLE visit_versions (visit_no {big} NOT NULL REFERENCES visits (no), version INTEGER NOT NULL,
  data TEXT NOT NULL, at {big} NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL, by_customer INTEGER NOT NULL,
  customer_no {big} NOT NULL, PRIMARY KEY (visit_no, version)){lean};
CREATE INDEX visit_versions_customer ON visit_versions (customer_no, at) WHERE by_customer = 1;
CREATE TABLE leaves (no {serial}, id TEXT NOT NULL, member_no {big} NOT NULL REFERENCES members (no),
  starts {big} NOT NULL, ends {big} NOT NULL, kind TEXT NOT NULL, cancelled INTEGER NOT NULL,
  CONSTRAINT leaves_length CHECK (ends > starts));
CREATE UNIQUE INDEX leaves_id ON leaves (id);
CREATE INDEX leaves_time ON leaves (member_no, ends, starts);

CREATE TABLE inbox (platform TEXT NOT NULL, key TEXT NOT NULL, at {big} NOT NULL, replies TEXT NOT NULL,
  PRIMARY KEY (platform, key)){lean};
CREATE INDEX inbox_at ON inbox (at);
CREATE TABLE outbox (seq {serial}, key TEXT NOT NULL, dest TEXT NOT NULL, why TEXT NOT NULL, card TEXT NOT NULL,
  subject TEXT NOT NULL, replaces TEXT NOT NULL, platform TEXT NOT NULL, for_person TEXT NOT NULL,
  created {big} NOT NULL, handle TEXT NOT NULL, tries INTEGER NOT NULL, fence {big} NOT NULL, due {big} NOT NULL,
  leased {big} NOT NULL, owner TEXT NOT NULL, state TEXT NOT NULL, error TEXT NOT NULL, buttons INTEGER NOT NULL);
CREATE UNIQUE INDEX outbox_key ON outbox (key);
CREATE INDEX outbox_due ON outbox (due) WHERE state = 'waiting';
CREATE INDEX outbox_waiting ON outbox (dest, seq, due) WHERE state = 'waiting';
CREATE INDEX outbox_cards ON outbox (dest, seq) WHERE buttons = 1;
CREATE INDEX outbox_subject ON outbox (subject) WHERE subject <> '';
CREATE TABLE jobs (no {serial}, key TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL, due {big} NOT NULL,
  data TEXT NOT NULL, done INTEGER NOT NULL);
CREATE UNIQUE INDEX jobs_key ON jobs (key);
CREATE INDEX jobs_due ON jobs (due, no) WHERE done = 0;
CREATE INDEX jobs_subject ON jobs (subject);
CREATE TABLE marks (key TEXT NOT NULL, PRIMARY KEY (key)){lean};

CREATE TABLE drafts (no {serial}, id TEXT NOT NULL, person TEXT NOT NULL, chat TEXT NOT NULL, intent TEXT NOT NULL,
  question TEXT NOT NULL, ask TEXT NOT NULL, data TEXT NOT NULL, created {big}, expires {big}, state TEXT NOT NULL,
  saved {big} NOT NULL);
CREATE UNIQUE INDEX drafts_id ON drafts (id);
CREATE INDEX drafts_open ON drafts (person, chat, saved) WHERE state = 'open';
CREATE TABLE deeds (no {serial}, id TEXT NOT NULL, person TEXT NOT NULL, chat TEXT NOT NULL, name TEXT NOT NULL,
  at {big} NOT NULL, data TEXT NOT NULL, undone INTEGER NOT NULL);
CREATE UNIQUE INDEX deeds_id ON deeds (id);
CREATE INDEX deeds_person ON deeds (person, no);
CREATE TABLE notes (person TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (person, key)){lean};

CREATE TABLE events (id {serial}, at {big} NOT NULL, name TEXT NOT NULL, data TEXT NOT NULL, who TEXT NOT NULL,
  chat TEXT NOT NULL, platform TEXT NOT NULL, message TEXT NOT NULL, source TEXT NOT NULL);
CREATE INDEX events_name ON events (name, at);
CREATE INDEX events_message ON events (message) WHERE message <> '';
CREATE TABLE conflicts (no {serial}, id TEXT NOT NULL, kinds TEXT NOT NULL, hard INTEGER NOT NULL, rep TEXT NOT NULL,
  customer TEXT NOT NULL, at {big} NOT NULL, draft TEXT NOT NULL, others TEXT NOT NULL, resolution TEXT NOT NULL,
  visit TEXT NOT NULL, resolved {big});
CREATE UNIQUE INDEX conflicts_id ON conflicts (id);
CREATE INDEX conflicts_at ON conflicts (at);
CREATE TABLE conflict_sides (conflict TEXT NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY (conflict, kind, value)){lean};
CREATE INDEX conflict_sides_value ON conflict_sides (kind, value);
CREATE TABLE approvals (no {serial}, id TEXT NOT NULL, kind TEXT NOT NULL, asker TEXT NOT NULL, approvers TEXT NOT NULL,
  subject TEXT NOT NULL, status TEXT NOT NULL, at {big}, expires {big}, decided_by TEXT NOT NULL, decided {big},
  reason TEXT NOT NULL, visit TEXT NOT NULL);
CREATE UNIQUE INDEX approvals_id ON approvals (id);
CREATE INDEX approvals_at ON approvals (at);
CREATE INDEX approvals_pending ON approvals (asker) WHERE status = 'pending';
CREATE INDEX approvals_visit ON approvals (visit) WHERE visit <> '';
CREATE TABLE approvers (approval TEXT NOT NULL, member TEXT NOT NULL, PRIMARY KEY (approval, member)){lean};
CREATE INDEX approvers_member ON approvers (member);
CREATE TABLE company_settings (key TEXT NOT NULL, value TEXT NOT NULL, at {big} NOT NULL, who TEXT NOT NULL,
  PRIMARY KEY (key)){lean};
CREATE TABLE personal_settings (member TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY (member, key)){lean};
CREATE TABLE alarms (key TEXT NOT NULL, at {big} NOT NULL, PRIMARY KEY (key)){lean};
CREATE TABLE serials (name TEXT NOT NULL, value {big} NOT NULL, PRIMARY KEY (name)){lean}
"""

_SERIALS = dict.fromkeys(("visit", "customer", "leave", "draft", "deed", "conflict", "approval"), 1000)
_SERIALS |= {"code": 0, "rev": 0, "saved": 0}

# The last line of defence (contract.md section 8, promise 3): the database refuses an overlap whoever writes.
# overlap_ok: a manager overrode the rep's overlap; shared_ok: a seed or an import already held it.
_REP_FREE = "status <> 'cancelled' AND overlap_ok = 0"
_CUSTOMER_FREE = "status <> 'cancelled' AND shared_ok = 0"

_GUARD_POSTGRES = [
    f"ALTER TABLE visits ADD CONSTRAINT guard_{what} EXCLUDE USING gist "
    f"(int8range({column}, {column}, '[]') WITH &&, int8range(starts, ends) WITH &&) WHERE ({free})"
    for what, column, free in (("rep", "rep_no", _REP_FREE), ("customer", "customer_no", _CUSTOMER_FREE))
]


def _trigger(moment: str, what: str, column: str, index: str, free: str) -> str:
    new_free = " AND ".join(f"NEW.{term}" for term in free.split(" AND "))
    return (
        f"CREATE TRIGGER guard_{what}_{moment.split()[0].lower()} BEFORE {moment} ON visits WHEN {new_free} "
        f"AND EXISTS (SELECT 1 FROM visits INDEXED BY {index} WHERE {column} = NEW.{column} AND starts < NEW.ends "
        f"AND starts > NEW.starts - 86400 AND ends > NEW.starts AND {free} AND no <> COALESCE(NEW.no, -1)) "
        f"BEGIN SELECT RAISE(ABORT, 'visit overlaps'); END"
    )


def _guard_sqlite() -> list[str]:
    out = [f"CREATE INDEX guard_rep ON visits (rep_no, starts, ends) WHERE {_REP_FREE}"]
    for what, column, index, free in (
        ("rep", "rep_no", "guard_rep", _REP_FREE),
        ("customer", "customer_no", "visits_customer", _CUSTOMER_FREE),
    ):
        changed = f"{column}, starts, ends, status, overlap_ok, shared_ok"
        out += [_trigger(moment, what, column, index, free) for moment in ("INSERT", f"UPDATE OF {changed}")]
    return out


def up(dialect: str) -> list[str]:
    """The statements that make this schema out of nothing, for `sqlite` or `postgresql`."""
    lite = dialect == "sqlite"
    words = {
        "serial": "INTEGER PRIMARY KEY" if lite else "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY",
        "big": "INTEGER" if lite else "BIGINT",
        "real": "REAL" if lite else "DOUBLE PRECISION",
        "lean": " WITHOUT ROWID" if lite else "",
    }
    out = [text.strip() for text in _TABLES.format(**words).split(";\n")]
    if lite:
        out += [f"INSERT INTO serials (name, value) VALUES ('{name}', {first})" for name, first in _SERIALS.items()]
        return out + _guard_sqlite()
    out += [f"CREATE SEQUENCE serial_{name} START {first + 1}" for name, first in _SERIALS.items()]
    return out + _GUARD_POSTGRES


def down(dialect: str) -> list[str]:
    """The statements that take it all away again."""
    tables = [line.split()[2] for line in _TABLES.splitlines() if line.startswith("CREATE TABLE")]
    out = [f"DROP TABLE {table}" for table in reversed(tables)]
    return out if dialect == "sqlite" else out + [f"DROP SEQUENCE serial_{name}" for name in _SERIALS]


def upgrade() -> None:
    """Alembic's way to `up`."""
    from alembic import op

    for statement in up(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    """Alembic's way to `down`."""
    from alembic import op

    for statement in down(op.get_bind().dialect.name):
        op.execute(statement)
