"""Values and texts made strange: pieces of Markdown, trees as JSON and YAML know them, bytes, databases, zip files."""

from __future__ import annotations

import io
import json
import sqlite3
import warnings
import zipfile
from collections.abc import Sequence
from random import Random
from typing import Any

PIECES = """\
# ¦## ¦###### ¦====¦----¦- ¦* ¦+ ¦1. ¦0000000000. ¦- [ ] ¦> ¦>> ¦    ¦\t¦```¦~~~¦``` python¦`¦``¦**¦*¦__¦_¦***¦~~¦==¦==a==¦\
[a](b)¦[a]: b¦[a][b]¦[[a]]¦[[a#b|c]]¦![](x.png)¦![a](<b c>)¦![[x.png]]¦<br>¦<b>¦</b>¦<div>¦<!--¦-->¦<script>¦</script>¦\
<style>¦<![CDATA[¦]]>¦<?php¦&amp;¦&#0;¦&#x110000;¦&nbsp;¦\\¦\\(¦\\)¦\\[¦\\]¦$¦$$¦$x$¦{{c1::a}}¦{{c1::¦}}¦{c1:a}¦{a}¦::¦;;¦:::¦|¦\
: ¦Term\n: meaning¦| a | b |\n| --- | --- |\n| c | d |¦| --- |¦[^1]¦[^1]: x¦---\ntags: [a]\n---¦---\n¦...¦Q: ¦A: ¦START¦END¦\
STARTI[Basic] ¦ENDI¦Front¦Back: ¦Tags: a b¦<!--ID: 1700000000000-->¦^abc123¦#flashcard¦#card¦id:: 1¦card-last-score:: 5¦\
%%¦%%a%%¦a::b¦a:::b¦a??b¦<<<<<<< HEAD¦=======¦>>>>>>> x¦TARGET DECK: x¦?¦？¦。¦：¦，¦“¦”¦《¦》¦的全称是¦stands for ¦ is ¦是¦\
\0¦\u200b¦\u202e¦\ufeff¦\u2028¦\x85¦\x1f¦\x1b[31m¦\r¦\r\n¦\f¦\v¦e\u0301¦\U0001f469\u200d\U0001f4bb¦\u1100\u1161¦ﷺ¦İ¦ß¦①¦０¦\ud7ff¦\
http://x.example¦www.x.example¦a@b.example¦javascript:alert(1)¦[sound:x.mp3]¦[latex]x[/latex]¦data:image/png;base64,AA==¦../../x"""
TOKENS = PIECES.split("¦")
ODD: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2, 13, 2**31, 2**32, 2**53 + 1, 2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 2**64, 10**400,
    0.5, -0.0, 1e308, float("inf"), float("nan"), "", " ", "a", "0", "-1", "1" * 5000, "a" * 70_000, "\0", "\x1f", "\u202e",
    "字" * 300, "../../x", "/etc/passwd", "a\nb", "{{c1::x}}", "{{Front}}", "{a}" * 50, "((((((((((a*)*)*)*)*)*)*)*)*)*", "[",
    "[" * 60, "(?P<a>", "::", "a::::b", "[]", "{}", "2025-01-01", "<img src=x onerror=alert(1)>", "*", "**/*", "[a-", "\\",
    [], {}, [[]], [None], {"": ""}, {"a": {"a": {"a": {}}}}, ["a"] * 300,
)  # fmt: skip


def pick(random: Random, values: Sequence[Any]) -> Any:
    """One of them, mostly from the start of a long list of odd ones."""
    return values[random.randrange(len(values))]


# ---- text


def mutate_text(random: Random, text: str, others: Sequence[str], times: int = 0) -> str:
    """A text with a few things done to it that hands, tools and attackers do."""
    for _ in range(times or random.choice((1, 1, 2, 3, 5))):
        at, end = sorted((random.randrange(len(text) + 1), random.randrange(len(text) + 1)))
        end = min(end, at + random.choice((1, 5, 40, 400)))
        what = random.randrange(12)
        if what <= 3:
            text = text[:at] + pick(random, TOKENS) + text[at:]
        elif what == 4:
            text = text[:at] + pick(random, TOKENS) * random.choice((2, 3, 10, 40, 200)) + text[at:]
        elif what == 5:
            text = text[:at] + text[end:]
        elif what == 6:
            text = text[:at] + text[at:end] * random.choice((2, 3, 20)) + text[end:]
        elif what == 7:
            lines = text.split("\n")
            one, other = random.randrange(len(lines)), random.randrange(len(lines))
            lines[one], lines[other] = lines[other], lines[one]
            text = "\n".join(lines)
        elif what == 8:
            prefix = pick(random, ("> ", "- ", "  ", "    ", "1. ", "\t", "| ", "# ", ": "))
            lines = text.split("\n")
            one = random.randrange(len(lines))
            some = range(one, min(len(lines), one + random.randint(1, 8)))
            text = "\n".join(prefix + line if number in some else line for number, line in enumerate(lines))
        elif what == 9 and others:
            other_text = pick(random, others)
            start = random.randrange(len(other_text) + 1)
            text = text[:at] + other_text[start : start + random.choice((20, 100, 400))] + text[at:]
        elif what == 10:
            mark = pick(random, ("**", "*", "`", "==", "$", "~~", '"', "(", "[[", "_"))
            text = text[:at] + mark + text[at:end] + mark + text[end:]
        else:
            text = text[:at] + chr(random.choice((random.randrange(0x250), random.randrange(0xD800)))) + text[at:]
        text = text[:20_000]
    return text


def mutate_bytes(random: Random, content: bytes) -> bytes:
    """Bits that flip, bytes that come and go, an end that is missing."""
    data = bytearray(content)
    for _ in range(random.choice((1, 1, 2, 8, 50))):
        at = random.randrange(len(data) + 1)
        what = random.randrange(6)
        if what <= 1 and at < len(data):
            data[at] ^= 1 << random.randrange(8)
        elif what == 2:
            data[at:at] = random.randbytes(random.choice((1, 2, 16)))
        elif what == 3:
            del data[at : at + random.choice((1, 4, 100))]
        elif what == 4 and random.random() < 0.2:
            del data[at:]
        else:
            data[at : at + 4] = random.choice((b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff", b"\x80\0\0\0"))
    return bytes(data)


# ---- trees


def mutate_tree(random: Random, tree: Any, times: int = 0) -> Any:
    """A tree of dictionaries, lists and plain values with some of them exchanged, gone, doubled, or of another type."""
    for _ in range(times or random.choice((1, 1, 1, 2, 4))):
        tree = _mutate_node(random, tree)
    return tree


def _mutate_node(random: Random, node: Any) -> Any:
    if isinstance(node, dict) and node and random.random() < 0.9:
        key = pick(random, list(node))
        what = random.randrange(10)
        if what == 0:
            return {name: value for name, value in node.items() if name != key}
        if what == 1:
            return {**node, _odd_key(random, list(node)): pick(random, (*node.values(), *ODD))}
        if what == 2:
            return {(_odd_key(random, list(node)) if name == key else name): value for name, value in node.items()}
        return {**node, key: _mutate_node(random, node[key])}
    if isinstance(node, list) and node and random.random() < 0.9:
        at = random.randrange(len(node))
        what = random.randrange(8)
        if what == 0:
            return node[:at] + node[at + 1 :]
        if what == 1:
            return node[:at] + [node[at]] * random.choice((2, 50)) + node[at + 1 :]
        if what == 2:
            return [*node, pick(random, ODD)]
        return [*node[:at], _mutate_node(random, node[at]), *node[at + 1 :]]
    what = random.randrange(8)
    if isinstance(node, str) and what < 4:
        return mutate_text(random, node, (), 1)
    if isinstance(node, int) and not isinstance(node, bool) and what < 2:
        return node + random.choice((1, -1, 1000, -node, 10**12))
    if what == 4:
        return [node]
    if what == 5:
        return {"a": node}
    if what == 6 and random.random() < 0.1:
        for _ in range(random.choice((20, 200, 3000))):
            node = [node]
        return node
    return pick(random, ODD)


def _odd_key(random: Random, keys: list[Any]) -> Any:
    return pick(
        random,
        ("", "a", "id", "on", "match", "fields", "__class__", "<<", *map(str, keys), *(str(k) + "s" for k in keys)),
    )


def as_json(tree: Any) -> str:
    """A tree as JSON, as deep as it may be."""
    try:
        return json.dumps(tree, ensure_ascii=False)
    except (RecursionError, ValueError):
        return "[" * 5000 + "]" * 5000


# ---- databases and zip files

STATEMENTS = (
    "UPDATE {table} SET {column} = {value}",
    "UPDATE {table} SET {column} = {value} WHERE rowid = (SELECT min(rowid) FROM {table})",
    "UPDATE {table} SET {column} = {column} || {value}",
    "UPDATE {table} SET {column} = {other}",
    "DELETE FROM {table}",
    "DELETE FROM {table} WHERE rowid % 2",
    "DROP TABLE {table}",
    "ALTER TABLE {table} RENAME TO was_{table}",
    "ALTER TABLE {table} RENAME COLUMN {column} TO renamed",
    "ALTER TABLE {table} DROP COLUMN {column}",
    "ALTER TABLE {table} ADD COLUMN more GENERATED ALWAYS AS (hex(zeroblob(1000000000))) VIRTUAL",
    "INSERT INTO {table} SELECT * FROM {table}",
    "PRAGMA user_version = {value}",
    "PRAGMA application_id = 1",
    "CREATE TRIGGER t AFTER UPDATE ON {table} BEGIN DELETE FROM {table}; END",
    "CREATE INDEX i ON {table} ({column} COLLATE unicase)",
    "ALTER TABLE {table} RENAME TO was; CREATE VIEW {table} AS SELECT * FROM was",
    "ALTER TABLE {table} RENAME TO was; CREATE VIEW {table} AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c)"
    " SELECT x AS {column} FROM c",
    "ALTER TABLE {table} RENAME TO was; CREATE TABLE {table} ({column} TEXT GENERATED ALWAYS AS (hex(zeroblob(200000000)))"
    " VIRTUAL, x); INSERT INTO {table} (x) VALUES (1), (2), (3), (4)",
    "ALTER TABLE {table} RENAME TO was; CREATE VIRTUAL TABLE {table} USING fts5({column})",
    "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c WHERE x < 3000) UPDATE {table} SET {column} ="
    " (SELECT group_concat({value}) FROM c)",
)
VALUES = (
    "NULL", "0", "-1", "1.5", "9223372036854775807", "-9223372036854775808", "9e999", "-9e999", "''", "'a'", "x'ff00fe'",
    "'{{c1::'", "'<style>'", "'<!--'", "'[sound:'", "'{}'", "'[]'", "'null'", "zeroblob(100000)", "char(31)",
    "'a' || char(31) || 'b'", "char(0)", "'{\"1\":{}}'", "'{\"a\":1}'", "'::'", "char(55296)", "'(a'", "replace(hex(zeroblob(9000)),'00','{{c1::')",
    "replace(hex(zeroblob(9000)),'00','<script>')", "replace(hex(zeroblob(9000)),'00','&#')",
)  # fmt: skip


def mutate_database(random: Random, content: bytes) -> bytes:
    """A SQLite file with other rows, columns, tables and types."""
    connection = sqlite3.connect(":memory:")
    connection.deserialize(content)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 20_000_000)
    connection.set_progress_handler(lambda: 1, 5_000_000)  # a statement of ours that does not end, either
    connection.create_collation("unicase", lambda one, other: (one > other) - (one < other))
    try:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    except sqlite3.Error:  # it was mutated before
        tables = []
    if not tables:
        return mutate_bytes(random, content)
    for _ in range(random.choice((1, 1, 2, 4))):
        table = pick(random, tables)
        columns = _columns(connection, table)
        statement = pick(random, STATEMENTS) if random.random() < 0.5 else STATEMENTS[random.randrange(3)]
        filled = statement.format(
            table=table, column=pick(random, columns), other=pick(random, columns), value=pick(random, VALUES)
        )
        try:
            if table == "col" and random.random() < 0.6:
                _mutate_json(random, connection)
            else:
                connection.executescript(filled)
        except (sqlite3.Error, TypeError, ValueError):
            continue
    try:
        connection.commit()
        return connection.serialize()
    except sqlite3.Error:
        return mutate_bytes(random, content)


def _columns(connection: sqlite3.Connection, table: str) -> list[str]:
    try:
        return [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')] or ["rowid"]
    except sqlite3.Error:
        return ["rowid"]


def _mutate_json(random: Random, connection: sqlite3.Connection) -> None:
    column = pick(random, ("models", "decks", "conf", "dconf", "tags"))
    (text,) = connection.execute(f"SELECT {column} FROM col").fetchone()
    connection.execute(f"UPDATE col SET {column} = ?", (as_json(mutate_tree(random, json.loads(text))),))


def mutate_zip(random: Random, members: dict[str, bytes]) -> bytes:
    """A zip file with these members, some renamed, doubled, gone or cut."""
    target = io.BytesIO()
    with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(target, "w") as file:
        for member, content in members.items():
            name, what = member, random.randrange(14)
            if what == 0:
                continue
            if what == 1:
                name = pick(
                    random, ("../x", "/x", "collection.anki21", "collection.anki21b", "meta", "media", "0", "", "x/")
                )
            method = random.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA))
            written = mutate_bytes(random, content) if what == 2 else content
            info = zipfile.ZipInfo(name)
            info.external_attr = random.choice((0, 0o120777 << 16, 0o40777 << 16))
            for _ in range(2 if what == 3 else 1):
                file.writestr(info, written, method)
    return target.getvalue()
