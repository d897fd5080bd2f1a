"""What the database's catalogue says of policies, grants and functions, as readable SQL."""

import re
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, text

FOLDER = Path(__file__).parent
# The roles that the service connects as; the owner needs no grant.
ROLES = ("onemap_app", "onemap_tiles")
# How a policy asks for a setting of the caller's transaction.
ASKED = r"NULLIF\(current_setting\('[\w.]+', true\), ''\)(?:::\w+)?"

_TABLES = text(
    """
    SELECT c.oid, c.relname AS name, c.relrowsecurity AS secured, c.relforcerowsecurity AS forced
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'v', 'm')
    ORDER BY c.relname COLLATE "C"
    """
)
_GRANTS = text(
    """
    SELECT r.rolname AS role, a.privilege_type AS "right"
    FROM pg_class c, aclexplode(c.relacl) a JOIN pg_roles r ON r.oid = a.grantee
    WHERE c.oid = :oid AND r.rolname = ANY (:roles)
    ORDER BY 1, array_position(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE'], a.privilege_type)
    """
)
_POLICIES = text(
    """
    SELECT p.polname AS name, p.polpermissive AS permissive,
           CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE'
                         WHEN 'd' THEN 'DELETE' ELSE 'ALL' END AS what,
           (SELECT string_agg(r.rolname, ', ' ORDER BY r.rolname) FROM pg_roles r
            WHERE r.oid = ANY (p.polroles)) AS roles,
           pg_get_expr(p.polqual, p.polrelid, true) AS using,
           pg_get_expr(p.polwithcheck, p.polrelid, true) AS checked
    FROM pg_policy p WHERE p.polrelid = :oid
    ORDER BY array_position(ARRAY['r', 'a', 'w', 'd', '*'], p.polcmd::text), p.polname
    """
)
_FUNCTIONS = text(
    """
    SELECT p.oid, p.proname AS name, pg_get_functiondef(p.oid) AS definition,
           p.oid::regprocedure::text AS signature
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    JOIN pg_language l ON l.oid = p.prolang
    WHERE n.nspname = 'public' AND p.prokind = 'f' AND l.lanname IN ('sql', 'plpgsql')
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
    ORDER BY p.proname COLLATE "C", p.oid::regprocedure::text COLLATE "C"
    """
)
_CALLERS = text(
    """
    SELECT coalesce(r.rolname, 'PUBLIC') AS role
    FROM pg_proc p,
         aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
         LEFT JOIN pg_roles r ON r.oid = a.grantee
    WHERE p.oid = :oid AND a.grantee <> p.proowner ORDER BY 1
    """
)


def read(connection: Connection) -> dict[str, str]:
    """Every file that there should be, by its path in this folder, without opening comments."""
    # Names are written in full only where another schema would be meant.
    connection.execute(text("SET LOCAL search_path = public"))
    files: dict[str, str] = {}
    plain: list[str] = []
    for table in connection.execute(_TABLES).all():
        grants = list(_grants(connection, table.oid, table.name))
        if table.secured:
            lines = [f"ALTER TABLE {table.name} ENABLE ROW LEVEL SECURITY;"]
            if table.forced:
                lines.append(f"ALTER TABLE {table.name} FORCE ROW LEVEL SECURITY;")
            policies = _policies(connection, table.oid, table.name)
            files[f"policies/{table.name}.sql"] = "\n".join([*lines, *grants, *policies]) + "\n"
        else:
            plain += grants
    files["grants.sql"] = "\n".join(plain) + "\n"
    for function in connection.execute(_FUNCTIONS).all():
        path = f"functions/{function.name}.sql"
        written = _function(connection, function.oid, function.definition, function.signature)
        files[path] = f"{files[path]}\n{written}" if path in files else written
    return files


def _grants(connection: Connection, oid: int, table: str) -> Iterator[str]:
    rights: dict[str, list[str]] = {}
    for row in connection.execute(_GRANTS, {"oid": oid, "roles": list(ROLES)}):
        rights.setdefault(row.role, []).append(row.right)
    for role, granted in rights.items():
        yield f"GRANT {', '.join(granted)} ON {table} TO {role};"


def _policies(connection: Connection, oid: int, table: str) -> Iterator[str]:
    for policy in connection.execute(_POLICIES, {"oid": oid}):
        kind = "" if policy.permissive else " AS RESTRICTIVE"
        lines = [
            "",
            f"CREATE POLICY {policy.name} ON {table}{kind} FOR {policy.what}"
            f" TO {policy.roles or 'PUBLIC'}",
        ]
        if policy.using is not None:
            lines.append(f"USING ({_indented(policy.using)})")
        if policy.checked is not None:
            lines.append(f"WITH CHECK ({_indented(policy.checked)})")
        yield "\n".join(lines) + ";"


def _indented(expression: str) -> str:
    """A condition as people would write it; applied again it means the same, which a test holds.

    The catalogue casts every word to text and writes long conditions on one line.
    """
    plain = expression.strip().replace("::text", "")
    plain = re.sub(r"\(\s*SELECT\s+FROM", "(SELECT FROM", plain)
    plain = re.sub(rf"\(\(\s*SELECT ({ASKED}) AS \"nullif\"\)\)", r"(SELECT \1)", plain)
    plain = re.sub(rf"\(\s*SELECT ({ASKED}) AS \"nullif\"\)", r"(SELECT \1)", plain)
    if len(plain) < 80 and "\n" not in plain:
        return plain
    depth, lines = 1, []
    for line in re.sub(r" (OR|AND|THEN CASE) ", r"\n\1 ", plain).splitlines():
        words = line.strip()
        closing = words.startswith("END")
        lines.append("    " * (depth - closing) + words)
        depth += words.count("(") - words.count(")") + words.startswith("CASE") - closing
    return "\n".join(["", *lines, ""])


def _function(connection: Connection, oid: int, definition: str, signature: str) -> str:
    lines = [f"{definition.rstrip()};", f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC;"]
    lines += [
        f"GRANT EXECUTE ON FUNCTION {signature} TO {row.role};"
        for row in connection.execute(_CALLERS, {"oid": oid})
    ]
    return "\n".join(lines) + "\n"


def written() -> dict[str, str]:
    """What the files say, without the comments at their top, which people write."""
    return {
        file.relative_to(FOLDER).as_posix(): split(file.read_text("utf-8"))[1]
        for file in FOLDER.rglob("*.sql")
    }


def split(content: str) -> tuple[str, str]:
    """The comments that a file opens with, and the rest."""
    lines = content.splitlines(keepends=True)
    at = next((i for i, line in enumerate(lines) if not line.startswith("--")), len(lines))
    return "".join(lines[:at]), "".join(lines[at:])


def write(connection: Connection) -> list[str]:
    """Make the files say what the database does; the paths that changed."""
    wanted, there = read(connection), written()
    changed = sorted(p for p in wanted.keys() | there.keys() if wanted.get(p) != there.get(p))
    for path in changed:
        file = FOLDER / path
        if path not in wanted:
            file.unlink()
            continue
        opening = split(file.read_text("utf-8"))[0] if file.exists() else ""
        file.parent.mkdir(exist_ok=True)
        file.write_text(opening + wanted[path], "utf-8")
    return changed
