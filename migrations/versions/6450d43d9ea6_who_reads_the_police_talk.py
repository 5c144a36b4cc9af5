"""What a child said to the police after coming back is read by its handling, as an entry is

Revision ID: 6450d43d9ea6
Revises: 9e4b71c0d2aa
"""

import sqlalchemy as sa
from alembic import op

revision = "6450d43d9ea6"
down_revision = "9e4b71c0d2aa"
branch_labels = None
depends_on = None

#: Whoever recorded the talk last, as the history has it; else the hub answers for who reads it.
_TALKS = """
insert into prevention_talk (episode_id, words, handling, listed_agencies, agency_id, recorded_by, recorded_at)
select e.id, e.prevention_words, 'network', '{}',
       coalesce(c.changed_agency_id, (select a.id from agency a where a.sector = 'hub' order by a.active desc, a.code limit 1),
                e.recorded_agency_id),
       coalesce(c.changed_by, e.recorded_by), coalesce(c.changed_at, e.prevention_at)
  from missing_episode e
  left join lateral (select m.changed_agency_id, m.changed_by, m.changed_at from missing_change m
                      where m.episode_id = e.id and m.after ? 'prevention_words'
                      order by m.changed_at desc, m.id desc limit 1) c on true
 where e.prevention_at is not null
"""
_APART = """
insert into missing_change (id, episode_id, child_id, before, after, changed_by, changed_agency_id, changed_at, of_talk)
select gen_random_uuid(), episode_id, child_id, jsonb_build_object('prevention_words', before -> 'prevention_words'),
       jsonb_build_object('prevention_words', after -> 'prevention_words'), changed_by, changed_agency_id, changed_at, true
  from missing_change where after ? 'prevention_words' and not of_talk
"""


def upgrade() -> None:
    """Everybody who saw an episode read the words: they go on reading them until its agency says otherwise."""
    op.create_table(
        "prevention_talk",
        sa.Column("episode_id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("handling", sa.Text(), nullable=False),
        sa.Column("listed_agencies", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("episode_id", name=op.f("pk_prevention_talk")),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_prevention_talk_{column}"))
            for column, table in (
                ("episode_id", "missing_episode"),
                ("agency_id", "agency"),
                ("recorded_by", "app_user"),
            )
        ),
    )
    op.add_column("missing_episode", sa.Column("prevention_agency_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_missing_episode_prevention_agency_id"),
        "missing_episode",
        "agency",
        ["prevention_agency_id"],
        ["id"],
    )
    op.add_column(
        "missing_change", sa.Column("of_talk", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.execute(_TALKS)
    op.execute(
        "update missing_episode e set prevention_agency_id = t.agency_id, prevention_words = ''"
        " from prevention_talk t where t.episode_id = e.id"
    )
    op.execute(_APART)
    op.execute(
        "update missing_change set before = before - 'prevention_words', after = after - 'prevention_words'"
        " where after ? 'prevention_words' and not of_talk"
    )
    op.execute("delete from missing_change where after = '{}' and before = '{}'")
    op.alter_column("missing_episode", "prevention_words", server_default="")
    op.create_check_constraint(
        op.f("ck_missing_episode_words_are_apart"), "missing_episode", "prevention_words = ''"
    )


def downgrade() -> None:
    """Before this everybody who saw the episode read the words."""
    limited = "select count(*) from prevention_talk where handling <> 'network'"
    if op.get_bind().scalar(sa.text(limited)):
        raise RuntimeError("some talks are not for everybody who sees the episode: widen them first")
    op.drop_constraint(op.f("ck_missing_episode_words_are_apart"), "missing_episode", type_="check")
    op.alter_column("missing_episode", "prevention_words", server_default=None)
    op.execute(
        "update missing_episode e set prevention_words = t.words from prevention_talk t where t.episode_id = e.id"
    )
    op.drop_column("missing_change", "of_talk")
    op.drop_constraint(op.f("fk_missing_episode_prevention_agency_id"), "missing_episode", type_="foreignkey")
    op.drop_column("missing_episode", "prevention_agency_id")
    op.drop_table("prevention_talk")
