"""No row holds a text without end, whoever writes it: a check on every column of words.

Pages and services keep to policy ``texts``. This one stands below them: a text of a million bytes is more
than a request may bring, so no row that is there fails it.
"""

from sqlalchemy import Connection, text

#: Bytes of one text, and of one tree of answers as it is kept.
MOST = 1_048_576
SUFFIX = "_text_size"

#: A table with its columns of words, and those that its check names already. Generated columns are left out.
_COLUMNS = text(
    """
    select c.relname,
           array_agg(a.attname || ':' || t.typname order by a.attnum) as found,
           (select array_agg(k.attname || ':' || kt.typname order by k.attnum)
              from pg_constraint n
              join pg_attribute k on k.attrelid = c.oid and k.attnum = any (n.conkey)
              join pg_type kt on kt.oid = k.atttypid
             where n.conrelid = c.oid and n.conname = c.relname || :suffix) as checked
    from pg_class c
    join pg_namespace s on s.oid = c.relnamespace and s.nspname = 'public'
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
         and not a.attisdropped and a.attgenerated = ''
    join pg_type t on t.oid = a.atttypid and t.typname in ('text', 'varchar', 'jsonb', '_text')
    where c.relkind in ('r', 'p') and not c.relispartition
    group by c.oid, c.relname
    order by c.relname
    """
)


def install(connection: Connection) -> None:
    """Give every table its check, anew where its columns changed. `validate` looks at the rows."""
    for table, found, checked in connection.execute(_COLUMNS, {"suffix": SUFFIX}).all():
        if found == checked:
            continue
        name = f'"{table}{SUFFIX}"'
        sizes = ", ".join(_size(*column.rsplit(":", 1)) for column in found)
        connection.exec_driver_sql(f'alter table "{table}" drop constraint if exists {name}')
        connection.exec_driver_sql(
            f'alter table "{table}" add constraint {name} check (greatest({sizes}) <= {MOST}) not valid'
        )


def validate(connection: Connection) -> None:
    """Look at the rows that are there, while people read and write: each in a transaction of its own."""
    waiting = text(
        "select conrelid::regclass::text, quote_ident(conname) from pg_constraint"
        " where not convalidated and right(conname, length(:suffix)) = :suffix"
    )
    for table, name in connection.execute(waiting, {"suffix": SUFFIX}).all():
        connection.exec_driver_sql(f"alter table {table} validate constraint {name}")


def is_too_large(error: BaseException) -> bool:
    """Whether the database refused a text for its size."""
    name = getattr(getattr(getattr(error, "orig", None), "diag", None), "constraint_name", None)
    return bool(name) and str(name).endswith(SUFFIX)


def _size(column: str, kind: str) -> str:
    measure = "octet_length" if kind in {"text", "varchar"} else "pg_column_size"
    return f'{measure}("{column}")'
