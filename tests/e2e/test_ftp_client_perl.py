"""Perl's Net::FTP."""
import os
import subprocess

import pytest

from ftp_matrix import EXPLICIT, IMPLICIT, RESUMED, both_hosts, content, everywhere, \
    in_clear, needs, on_wire, read_tree, text

pytestmark = needs("perl")
SECURE = {EXPLICIT: None, IMPLICIT: None,
          RESUMED: "its passive data connections look for a session of their own port's"}


def secure(site):
    site.settings = ["SSL_ca_file", site.authority, "SSL_verifycn_name", "localhost",
                     "SSL", int(site.security == IMPLICIT)]


LOG_IN = """\
use strict; use warnings; use Net::FTP;
my ($host, $port, $passive, $security, %settings) = @ARGV;
my $ftp = Net::FTP->new($host, Port => $port, Passive => $passive, Timeout => 20, %settings) or die $@;
sub ok { $_[0] or die "line " . (caller)[2] . ": " . $ftp->message; $_[0] }
if ($security eq "explicit" or $security eq "resumed") { ok $ftp->starttls; ok $ftp->prot("P"); }
ok $ftp->login("anonymous", 'me@');
"""


@pytest.fixture(autouse=True)
def has_net_ftp():
    if subprocess.run(["perl", "-MNet::FTP", "-e1"], capture_output=True).returncode != 0:
        pytest.skip("Perl has no Net::FTP (perl-modules)")


def perl(site, program, host="127.0.0.1", passive=1):
    return site.run("perl", "-e", LOG_IN + program + "\nok $ftp->quit;", host, site.port_of(host),
                    passive, site.security, *site.settings).stdout.decode()


@everywhere
@both_hosts
@pytest.mark.parametrize("passive", [1, 0], ids=["passive", "active"])
def test_binary_and_ascii(site, host, passive):
    data = site.write("down", content(600_000))
    lf = site.write("text", text(3000))
    site.write_here("dos", on_wire(lf))
    perl(site, """
        ok $ftp->binary; ok $ftp->get("down"); ok $ftp->put("down", "up");
        ok $ftp->get("text", "raw");
        ok $ftp->ascii; ok $ftp->get("text"); ok $ftp->put("text", "text up");
        """, host, passive)
    assert site.read_here("down") == data == site.read("up")
    assert site.read_here("raw") == lf == site.read_here("text") == site.read("text up")


def test_put_unique(site):
    site.write("file", b"old")
    site.write_here("file", b"new")
    name = perl(site, """
        ok $ftp->binary; print ok($ftp->put_unique("file")), "\\n";""").rstrip()
    assert site.read("file") == b"old"
    assert [site.read(one) for one in site.names() if one != "file"] == [b"new"]
    assert name in site.names()


def test_append_and_restart(site):
    data = site.write("file", content(300_000))
    site.write("log", b"first ")
    site.write_here("more", b"second")
    site.write_here("file", data[:100_000])
    perl(site, """
        ok $ftp->binary; ok $ftp->append("more", "log"); ok $ftp->get("file", "file", 100000);
        $ftp->restart(299990); ok $ftp->get("file", "end");""")
    assert site.read("log") == b"first second"
    assert site.read_here("file") == data
    assert site.read_here("end") == data[299_990:]


def test_names_times_and_directories(site):
    site.write("file", content(777))
    os.utime(site.root / "file", (1_000_000_000, 1_000_000_000))
    said = perl(site, """
        ok $ftp->binary;
        print "size ", ok($ftp->size("file")), " mdtm ", ok($ftp->mdtm("file")), "\\n";
        print "made ", ok($ftp->mkdir("a/b/c", 1)), "\\n";
        ok $ftp->rename("file", "a/moved");
        ok $ftp->cwd("a/b"); print "at ", $ftp->pwd, "\\n"; ok $ftp->cdup; print "at ", $ftp->pwd, "\\n";
        ok $ftp->delete("moved"); ok $ftp->cwd; ok $ftp->mkdir('quo"te'); ok $ftp->cwd('quo"te');
        print "at ", $ftp->pwd, "\\n"; ok $ftp->cwd("/");
        ok $ftp->rmdir('quo"te'); ok $ftp->rmdir("a", 1);
        $ftp->delete("none") and die; print "code ", $ftp->code, "\\n";
        $ftp->cwd("none") and die; $ftp->size("none") and die; $ftp->mkdir("x/y") and die;
        """)
    assert "size 777 mdtm 1000000000" in said
    assert "made /a/b/c" in said
    assert "at /a/b\nat /a\n" in said
    assert 'at /quo"te\n' in said
    assert "code 550" in said
    assert site.names() == []


def test_listings(site):
    site.write_tree({"plain": content(1234), "dir/inside": b"", "with space": b""})
    said = perl(site, """
        print join("|", sort($ftp->ls)), "\\n"; print join("|", $ftp->ls("dir")), "\\n";
        print grep(/ 1234 .* plain$/, $ftp->dir) ? "long\\n" : "";
        print scalar(@{[$ftp->dir("dir")]}), "\\n";
        """).splitlines()
    assert said[0] == "dir|plain|with space"
    assert said[1] in ("inside", "dir/inside")
    assert said[2] == "long"


def test_features_and_site(site):
    site.write("file", b"x")
    said = perl(site, """
        for (qw(MDTM SIZE REST MLST UTF8 EPSV)) { print "$_\\n" if $ftp->supported($_) }
        print join("|", ok($ftp->feature("MLST"))), "\\n";
        $ftp->feature("XYZZY") and die;
        ok $ftp->site("CHMOD 600 file") == 2;
        ok $ftp->quot("NOOP") == 2; print $ftp->message; ok $ftp->hash(\\*STDERR, 1024);
        """)
    assert said.startswith("MDTM\nSIZE\nREST\nMLST\nUTF8\nEPSV\n")
    assert "MLST type*;size*;modify*;" in said
    assert (site.root / "file").stat().st_mode & 0o777 == 0o600


# It sends the telnet signals of its abort in clear, between TLS's records.
@in_clear
def test_by_hand(site):
    """retr, stor, list, nlst as data connections, abort in the middle, port and pasv."""
    data = site.write("file", content(4_000_000))
    said = perl(site, """
        ok $ftp->binary; my $buffer; my $all = "";
        my $data = ok $ftp->retr("file"); $data->read($buffer, 1000); ok $data->abort;
        $data = ok $ftp->retr("file");
        while ($data->read($buffer, 65536)) { $all .= $buffer } ok $data->close;
        print length($all), "\\n";
        $data = ok $ftp->stor("up"); for (my $at = 0; $at < length $all; $at += 50000) {
            $data->write(substr($all, $at, 50000), 50000, 20) } ok $data->close;
        $data = ok $ftp->nlst; $all = "";
        while ($data->read($buffer, 99)) { $all .= $buffer } ok $data->close; print $all;
        $data = ok $ftp->appe("up"); $data->write("more", 4, 20); ok $data->close;
        """)
    assert "4000000" in said and "file\r\nup\r\n" in said
    assert site.read("up") == data + b"more"


def test_names(site):
    names = ["two words", "\u6587\u4ef6 \u00fc.txt", "hash#tag", "per%cent%41", "quo\"te'", "a\\b", "[x]"]
    files = {name: site.write(name, content(100, number)) for number, name in enumerate(names)}
    perl(site, """
        ok $ftp->binary; for ($ftp->ls) { ok $ftp->get($_); ok $ftp->delete($_); ok $ftp->put($_) }
        """)
    assert read_tree(site.here) == files == read_tree(site.root)


def test_many_files_and_empty_ones(site):
    files = site.write_tree({f"file{number}": content(number * 100) for number in range(50)})
    perl(site, """
        ok $ftp->binary; for (0..49) { ok $ftp->get("file$_"); ok $ftp->put("file$_", "up$_") }
        """)
    assert read_tree(site.here) == files
    assert all(site.read(f"up{number}") == files[f"file{number}"] for number in range(50))
