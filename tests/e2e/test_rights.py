"""The matrix of rights: every right of common/rights.def with every command of the FTP table, every
word of SITE, and LGPQ. What a deed needs is enough; without any one right of it, it is refused with
550 and the reason, and nothing has changed on the disk. Once with the rights of accounts, once with
those of directories in one tree."""
import re
import shutil
from pathlib import Path

import pytest

from ftp_talk import Control
from ftpool_server import let_in
from lgpq_client import LgpqClient, Refused
from test_accounts import PASSWORD, Users

HOUSE = Path(__file__).parents[2]
RIGHTS = re.findall(r"^RIGHT\((\w+),", (HOUSE / "common/rights.def").read_text(), re.M)
VERBS = re.findall(r'^\t\{"(\w+)", ', (HOUSE / "worker/ftp/commands.c").read_text(), re.M)
WORDS = re.findall(r'^\t\{"(\w+)", ', (HOUSE / "worker/ftp/site.c").read_text(), re.M)
ONE = {"workers": 1, "sync": "none"}
UPLOADS = {"STOR", "STOU", "APPE"}
TRANSFERS = UPLOADS | {"RETR", "LIST", "NLST", "MLSD"}

# What is said, with @ for the directory, and the rights it takes; a / between two: one is enough.
DEEDS = [
    ("APPE @/file", "put append"),
    ("APPE @/new", "put"),
    ("AVBL @/", "put"),
    ("DELE @/file", "delete"),
    ("DELE @/kept", "delete"),
    ("HASH @/file", "get"),
    ("LIST @/", "list"),
    ("LIST -R @/", "list"),
    ("LIST @/file", "list/get"),
    ("MDTM @/file", "list/get"),
    ("MFF modify=20200101000000;UNIX.mode=0600; @/file", "chmod touch"),
    ("MFMT 20200101000000 @/file", "touch"),
    ("MKD @/new", "mkdir"),
    ("MLSD @/", "list"),
    ("MLST @/file", "list/get"),
    ("NLST @/", "list"),
    ("RETR @/file", "get"),
    ("RMD @/empty", "rmdir"),
    ("RNFR @/file | RNTO @/new", "rename"),
    ("RNFR @/file | RNTO @/other", "rename overwrite"),
    ("SITE CHMOD 600 @/file", "chmod"),
    ("SITE CPFR @/file | SITE CPTO @/new", "get put"),
    ("SITE CPFR @/file | SITE CPTO @/other", "get put overwrite"),
    ("SITE MKDIR @/new/er", "mkdir"),
    ("SITE RMDIR @/dir", "rmdir delete"),
    ("SITE SYMLINK @/file @/new", "mkdir"),
    ("SITE UTIME 20200101000000 @/file", "touch"),
    ("SIZE @/file", "list/get"),
    ("STAT @/", "list"),
    ("STAT @/file", "list/get"),
    ("STOR @/new", "put"),
    ("STOR @/file", "put overwrite"),
    ("REST 2 | STOR @/kept", "put resume"),
    ("REST 2 | STOR @/file", "put resume overwrite"),
    ("STOU @/new", "put"),
    ("XCRC @/file", "get"),
    ("XMD5 @/file", "get"),
    ("XMKD @/new", "mkdir"),
    ("XRMD @/empty", "rmdir"),
    ("XSHA1 @/file", "get"),
    ("XSHA256 @/file", "get"),
    ("XSHA512 @/file", "get"),
]
READ = set("AVBL HASH LIST MDTM MLSD MLST NLST RETR SIZE STAT XCRC XMD5 XSHA1 XSHA256 XSHA512".split())

# Nothing of a directory but whether it can be entered; and what is not about files at all.
NEED_NONE = set("""ABOR ACCT ALLO AUTH CCC CDUP CLNT COMB CSID CWD EPRT EPSV ESTA ESTP FEAT HELP HOST
    LANG MFCT MODE NOOP OPTS PASS PASV PBSZ PORT PRET PROT PWD QUIT RANG REIN REST SMNT STRU SYST THMB
    TYPE USER XCUP XCWD XPWD HELP IDLE WHO""".split())

# In a drop box that gets another name instead.
INTO_BOX = {"STOR @/file", "put file"}

LGPQ = [
    ("get", "get"),
    ("sum", "get"),
    ("put new", "put"),
    ("put file", "put overwrite"),
    ("put kept", "put resume"),
]


def sets_of(needs):
    """Each set of rights that is enough."""
    return [set(alternative.split()) for alternative in needs.split("/")]


def name_of(rights):
    """The directory, and account, with those rights."""
    missing = [right for right in RIGHTS if right not in rights]
    if len(missing) <= 2:
        return "without-" + "-".join(missing) if missing else "all"
    return "only-" + "-".join(right for right in RIGHTS if right in rights)


def all_sets():
    """Every set of rights that is tried, by name."""
    wanted = [set(RIGHTS)] + [set(RIGHTS) - {right} for right in RIGHTS]
    wanted.append(set(RIGHTS) - {"list", "get"})
    for _, needs in DEEDS + LGPQ:
        wanted += sets_of(needs)
    return {name_of(rights): rights for rights in wanted}


SETS = all_sets()


def furnish(directory):
    """The same things in it as at first."""
    for inside in directory.iterdir():
        shutil.rmtree(inside) if inside.is_dir() and not inside.is_symlink() else inside.unlink()
    for name in ("dir", "empty"):
        (directory / name).mkdir()
    for name in ("file", "other", ".kept.partial", "dir/inside"):
        (directory / name).write_bytes(name.encode())
    for inside in directory.rglob("*"):
        let_in(inside)


def look_at(directory):
    """Everything that is known of it and of what is in it."""
    seen = {}
    for path in [directory, *sorted(directory.rglob("*"))]:
        facts = path.lstat()
        content = path.read_bytes() if path.is_file() else None
        seen[str(path)] = (facts.st_ino, facts.st_mode, facts.st_mtime_ns, facts.st_size, content)
    return seen


def reply(control):
    line = control.line()
    if line[3:4] == "-":
        while not (last := control.line()).startswith(line[:3] + " "):
            pass
        return last
    return line


def say(control, line):
    """Says a line; the last reply it gets."""
    verb = line.split()[0]
    data = control.open_data() if verb in TRANSFERS else None
    control.say(line.encode())
    answer = reply(control)
    if answer.startswith("150"):
        data.send(b"bytes") if verb in UPLOADS else data.read()
        answer = reply(control)
    elif data:
        data.close()
    return answer


def do(control, deed, directory):
    for line in deed.replace("@", directory).split(" | "):
        answer = say(control, line)
        if answer[0] in "45":
            break
    return answer


def is_drop_box(rights):
    return "put" in rights and not rights & {"list", "get", "overwrite"}


def expect(deed, needs, rights, answer, changed, where):
    """Is that the right answer for who has those rights?"""
    enough = any(alternative <= rights for alternative in sets_of(needs)) or \
        deed in INTO_BOX and is_drop_box(rights)
    facts = (deed, needs, name_of(rights), answer)
    if enough:
        assert answer[0] == "2", facts
        assert changed == (deed.split()[0] not in READ), facts
        return
    missing = sets_of(needs)[0] - rights
    told = re.fullmatch(r"550 .*: (?:exists already, and )?this account may not ([a-z, ]+) in (.*)", answer)
    assert told, facts
    assert set(told[1].split(", ")) <= missing and told[2] == (where or "/"), facts
    assert not changed, facts


@pytest.fixture
def tree(tmp_path):
    root = tmp_path / "library"
    root.mkdir()
    let_in(root)
    for name in SETS:
        (root / name).mkdir()
        let_in(root / name)
    return root


def sections(extra=""):
    """A directory for each set, in the config."""
    return "listener ftp {\n\tprotocol = ftp\n}\nlistener lgpq {\n}\n" + extra + "".join(
        f'directory "/{name}" {{\n\tmay = {{{", ".join(sorted(rights))}}}\n}}\n'
        for name, rights in SETS.items())


def try_all(control, root, name, where):
    for deed, needs in DEEDS:
        furnish(root / name)
        before = look_at(root / name)
        answer = do(control, deed, where)
        expect(deed, needs, SETS[name], answer, look_at(root / name) != before, where)


def test_the_matrix_has_every_command_and_every_right():
    said = {word for deed, _ in DEEDS for line in deed.split(" | ")
            for word in line.split()[:2] if word.isupper() and word.isalnum()}
    assert sorted(set(VERBS) | set(WORDS)) == sorted(said | NEED_NONE)
    assert set(RIGHTS) == set().union(*(alternative for _, needs in DEEDS
                                        for alternative in sets_of(needs)))


def test_rights_of_directories(server, tree):
    pool = server(sections(), root=tree, settings=ONE)
    control = Control(*pool.address("ftp")).log_in()
    for name in SETS:
        try_all(control, tree, name, f"/{name}")


def test_rights_of_accounts(server, tree, tmp_path):
    users = Users(tmp_path)
    for name, rights in SETS.items():
        users.add(name, "--root", tree / "%u", "--may", ",".join(sorted(rights)))
    pool = server("listener ftp {\n\tprotocol = ftp\n}\n", root=tree,
                  settings={**ONE, "users": users.path})
    for name in SETS:
        control = Control(*pool.address("ftp"))
        control.expect("220 *")
        control.command(f"USER {name}", "331 *")
        control.command(f"PASS {PASSWORD}", "230 *")
        control.command("TYPE I", "200 *")
        try_all(control, tree, name, "")
        control.close()


def do_lgpq(client, deed, name):
    """What the server said if it refused, else "2"."""
    verb, _, file = deed.partition(" ")
    try:
        if verb == "get":
            client.get(f"{name}/file")
        elif verb == "sum":
            client.sum(f"{name}/file")
        elif file == "kept":
            assert client.begin_put(f"{name}/kept", 9, 4) == 4
            client.send(b"bytes")
            client.end_put()
        else:
            client.put(f"{name}/{file}", b"bytes")
    except Refused as refused:
        assert refused.word in ("denied", "exists")
        return f"550 {name}: {refused.text.strip()}"
    return "2"


def test_rights_by_lgpq(server, tree):
    pool = server(sections(), root=tree, settings=ONE)
    for name, rights in SETS.items():
        for deed, needs in LGPQ:
            furnish(tree / name)
            before = look_at(tree / name)
            with LgpqClient(pool.address("lgpq")) as client:
                answer = do_lgpq(client, deed, name)
            changed = look_at(tree / name) != before
            read = deed in ("get", "sum")
            expect("RETR" if read else deed, needs, rights, answer, changed, f"/{name}")


def test_the_list_of_lgpq(server, tree, tmp_path):
    users = Users(tmp_path)
    config = ""
    for name in ("all", "without-list", "only-list"):
        users.add(name, "--root", tree / "%u", "--may", ",".join(sorted(SETS[name])))
        config += f"listener {name} {{\n\taccount = {name}\n}}\n"
        furnish(tree / name)
    pool = server(config, root=tree, settings={**ONE, "users": users.path})
    for name in ("all", "only-list"):
        with LgpqClient(pool.address(name)) as client:
            assert client.names() == [b"file", b"other"]
    with LgpqClient(pool.address("without-list")) as client:
        with pytest.raises(Refused, match="this account may not list in /"):
            client.names()
