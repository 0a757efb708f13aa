"""Triggers that refuse to change, delete or empty the audit trail, for whoever reaches the database past the application.

SQLite drops a table's triggers when a later migration rebuilds the table: such a migration has to run these again.
"""

from django.db import migrations

REFUSAL = "the audit trail is append-only"

SQLITE = [
    f"""
    CREATE TRIGGER accounts_auditentry_no_{verb.lower()} BEFORE {verb} ON accounts_auditentry
    BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END
    """
    for verb in ("UPDATE", "DELETE")
]
SQLITE_REVERSE = [f"DROP TRIGGER accounts_auditentry_no_{verb}" for verb in ("update", "delete")]

POSTGRESQL = [
    f"""
    CREATE FUNCTION accounts_auditentry_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$
    """,
    """
    CREATE TRIGGER accounts_auditentry_no_change BEFORE UPDATE OR DELETE ON accounts_auditentry
    FOR EACH ROW EXECUTE FUNCTION accounts_auditentry_refuse()
    """,
    """
    CREATE TRIGGER accounts_auditentry_no_truncate BEFORE TRUNCATE ON accounts_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION accounts_auditentry_refuse()
    """,
]
POSTGRESQL_REVERSE = [
    "DROP TRIGGER accounts_auditentry_no_truncate ON accounts_auditentry",
    "DROP TRIGGER accounts_auditentry_no_change ON accounts_auditentry",
    "DROP FUNCTION accounts_auditentry_refuse()",
]


def protect(apps, schema_editor):
    for statement in POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement)


def release(apps, schema_editor):
    for statement in POSTGRESQL_REVERSE if schema_editor.connection.vendor == "postgresql" else SQLITE_REVERSE:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [migrations.RunPython(protect, release)]
