"""timepolicy-node VERB

verify  check and report
status  show the report
remove  undo all
seal    for images
early, apply, wait, gate: for units

Exit status: 0 pass, 1 fail, 2 usage, 3 no policy
"""
# Python 3.6. Every byte of code is in every node's user-data, so it is terse; comments and docstrings, the text above
# excepted, are taken out when it is packed (tests/pack_agent.py).

import ctypes
import hashlib
import json
import os
import re
import select
import socket
import struct
import subprocess
import sys
import threading
import time
from collections import namedtuple

RUN = "/run/timepolicy/"
UNITS = "/etc/systemd/system/"
# Our files as `sha256sum` lists them, and `made  PATH` for what no plan holds. Beside it `.old` has what earlier plans
# laid, and `.applied` the digests of the plans that this node has had, the last one last.
FILES = "/etc/timepolicy/files"
SAVED = ".before-timepolicy"
VERDICTS = ("fail", "pass")
SLACK = 0.05  # seconds that truthful sources may differ beyond their own error bounds
REFUSED, PUBLIC = 64, 256  # seconds for which a source that refused, or is not the cluster's own, is not asked again

# theta: the source's time minus CLOCK_MONOTONIC; distance: its error bound. All in seconds.
Answer = namedtuple("Answer", "source address theta distance problem")


class Measurement(namedtuple("Measurement", "theta answers problem")):
    """theta as the sources agree on it; None where problem says why."""

    @property
    def offset(self):
        """The sources' time minus ours, as it is now."""
        return None if self.theta is None else self.theta - since_start()


def synchronised():
    """adjtimex(2) returns 5 while STA_UNSYNC is set."""
    return ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(512)) in range(5)


def since_boot():
    """The clock minus CLOCK_BOOTTIME: only a step changes it."""
    return time.time() - time.clock_gettime(7)


def since_start():
    return time.time() - time.monotonic()


def unix_time(stamp):
    """An NTP timestamp in Unix seconds; before 2020 means after 2036 (RFC 5905, 6)."""
    return (stamp + (stamp < 3786825600 << 32) * 2**64) / 2**32 - 2208988800


def read_answer(source, address, packet, nonce, sent, received):
    if len(packet) < 48 or packet[24:32] != nonce or packet[0] & 7 != 4:
        return None
    leap, stratum = packet[0] >> 6, packet[1]
    if stratum == 0 and any(packet[12:16]):
        return Answer(source, address, 0, 0, "answer refused (%s)" % packet[12:16].decode("ascii", "replace"))
    if leap == 3 or not 0 < stratum < 16 or not any(packet[40:48]):
        return Answer(source, address, 0, 0, "answered, but unsynchronised (stratum %d, leap %d)" % (stratum, leap))
    delay, dispersion = struct.unpack("!II", packet[4:12])
    arrived, left = (unix_time(stamp) for stamp in struct.unpack("!QQ", packet[32:48]))
    distance = abs(received - sent - left + arrived) / 2 + (delay / 2 + dispersion) / 65536
    problem = "too uncertain (root distance %.1f s)" % distance if distance > 3 else None
    return Answer(source, address, (arrived - sent + left - received) / 2, distance, problem)


def ask_address(source, info, deadline, tell):
    family, kind, proto, _, where = info
    problem = "no answer on UDP %d" % where[1]
    with socket.socket(family, kind, proto) as sock:
        while time.monotonic() < deadline:
            nonce, sent = os.urandom(8), time.monotonic()
            try:
                sock.connect(where)
                sock.send(b"\x23" + bytes(39) + nonce)
                while select.select([sock], [], [], max(0, min(deadline, sent + 1) - time.monotonic()))[0]:
                    answer = read_answer(source, where[0], sock.recv(512), nonce, sent, time.monotonic())
                    if answer:
                        return tell(answer)
            except OSError as error:
                problem = "no answer on UDP %d (%s)" % (where[1], error.strerror)
                time.sleep(0.5)
    return tell(Answer(source, where[0], 0, 0, problem))


def ask_source(source, expected, deadline, tell):
    host, problem = source["host"], ""
    while time.monotonic() < deadline:
        try:
            infos = socket.getaddrinfo(host, source.get("port", 123), 0, socket.SOCK_DGRAM)[:4]
            expected[host] = min(source.get("count", 1), len(infos))
            return [beside(ask_address, host, info, deadline, tell) for info in infos]
        except OSError as error:
            problem = "name does not resolve (%s)" % error.strerror
            time.sleep(0.2)
    return tell(Answer(host, None, 0, 0, problem or "name does not resolve"))


def beside(function, *arguments):
    threading.Thread(target=function, args=arguments, daemon=True).start()


def ask(sources, seconds, kept, life):
    """Ask at once whoever is not in `kept` (host: [until, answers]); a majority leaves the rest half a second.

    What is worth keeping goes into `kept`: an answer of a source that is not the cluster's own for `life` seconds.
    """
    now = time.monotonic()
    end, late = now + seconds, "name does not resolve (no answer from DNS)"
    kept.update({host: (0, []) for host in kept if kept[host][0] < now})
    answers = [Answer(*row) for _, rows in kept.values() for row in rows]
    asked = [source for source in sources if not kept.get(source["host"], (0, 0))[1]]
    expected = {source["host"]: 1 for source in asked}
    known = sum(not answer.problem for answer in answers)
    for source in asked:
        beside(ask_source, source, expected, end - 0.6, answers.append)
    while time.monotonic() < end:
        good, wanted = sum(not answer.problem for answer in answers), known + sum(expected.values())
        if good >= wanted:
            break
        if good * 2 > wanted:
            end, late = min(end, time.monotonic() + 0.5), "not waited for"
        time.sleep(0.01)
    for source in asked:
        host = source["host"]
        rows = [answer for answer in answers if answer.source == host]
        if any("refused" in (row.problem or "") for row in rows):
            kept[host] = now + REFUSED, rows
        elif life and not source.get("own") and not all(row.problem for row in rows):
            kept[host] = now + life, rows
        elif not rows:
            answers.append(Answer(host, None, 0, 0, late))
    return answers


def votes(sources, answers):
    """Of each source as many answers as the daemon uses."""
    good = [answer for answer in answers if not answer.problem]
    return [a for s in sources for a in [g for g in good if g.source == s["host"]][: s.get("count", 1)]]


def agreeing(answers):
    """The largest group whose error intervals share a point (Marzullo)."""
    points = [a.theta + sign * (a.distance + SLACK) for a in answers for sign in (-1, 1)]
    groups = [[a for a in answers if abs(a.theta - point) <= a.distance + SLACK + 1e-6] for point in points]
    return max(groups, key=len) if groups else []


def measure(contract, seconds, kept=None, life=0):
    answers = ask(contract["sources"], seconds, {} if kept is None else kept, life)
    voters = votes(contract["sources"], answers)
    group = agreeing(voters)
    problem = None
    if not voters:
        problem = "; ".join(sorted({"%s: %s" % (a.source, a.problem) for a in answers}))
    elif len(group) * 2 <= len(voters):
        problem = "sources disagree: " + ", ".join("%s %+.3f s" % (a.source, a.theta - since_start()) for a in voters)
    elif len(group) < contract["min_sources"]:
        problem = "%d agree, the policy asks for %d" % (len(group), contract["min_sources"])
    if problem is not None:
        return Measurement(None, answers, problem)
    return Measurement(min(group, key=lambda a: a.distance).theta, answers, None)


def say(text, units=()):
    print(text, flush=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        for unit in units:
            fields = "MESSAGE=%s\nPRIORITY=4\nSYSLOG_IDENTIFIER=timepolicy\nOBJECT_SYSTEMD_UNIT=%s\n"
            try:
                sock.sendto((fields % (text, unit)).encode(), "/run/systemd/journal/socket")
            except OSError:
                return


def run(*command, **options):
    try:
        return subprocess.check_output(command, universal_newlines=True, timeout=90, **options)
    except (OSError, subprocess.SubprocessError) as error:
        print(error, flush=True)
        return ""


def systemctl(*words):
    """Queue a job, never wait: jobs wait for us."""
    run("systemctl", "--no-block", *words)


def unit_states(units):
    text = run("systemctl", "show", "-pId", "-pLoadState", "-pActiveState", "-pUnitFileState", *units)
    rows = [dict(line.split("=", 1) for line in block.splitlines()) for block in text.strip().split("\n\n")]
    return dict(zip(units, rows)) if text else {}


def read(path):
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return ""


def write(path, text, make=None):
    """A full disk is no reason to stop."""
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        new = path + ".new"
        if os.path.lexists(new):
            os.unlink(new)
        if make:
            make(text, new)
        else:
            with open(new, "w") as file:
                file.write(text)
            os.chmod(new, 0o644)
        os.rename(new, path)
    except OSError as error:
        say("cannot write %s: %s" % (path, error.strerror))


def step(contract, result):
    """Step if the policy lets us. Boot ends when the gate opens; a pause leaves a clock behind, never ahead."""
    when, offset = contract["step"]["when"], result.offset
    boot = not os.path.exists(RUN + "proof.json")
    now = when == "always" or (boot and when != "never") or (offset > 1 and when == "pause")
    if not now or abs(offset) <= contract["step"]["threshold"]:
        return False
    time.clock_settime(time.CLOCK_REALTIME, time.monotonic() + result.theta)
    say("clock stepped by %+.3f s" % offset)
    return True


def early(contract):
    result = measure(contract, 10)
    if result.theta is None:
        say("clock not set: " + result.problem)
    elif not step(contract, result):
        say("clock is %+.3f s off" % -result.offset)
    return int(result.theta is None)


def await_route():
    """A packet can leave, or the two minutes are over after which systemd's own wait for a network ends."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        routes = read("/proc/net/route") + read("/proc/net/ipv6_route")
        if re.sub("(?m)^(Iface|fe80|ff).*|.* lo$", "", routes).strip():
            return
        time.sleep(0.1)


def set_timezone(zone, package):
    if not os.path.exists("/usr/share/zoneinfo/" + zone):
        return say("timezone not set: no /usr/share/zoneinfo/%s, install %s" % (zone, package))
    if os.path.exists("/etc/timezone"):
        write("/etc/timezone", zone + "\n")
    return write("/etc/localtime", "../usr/share/zoneinfo/" + zone, os.symlink)


def rivals(daemon):
    names = ["chrony", "chronyd", "systemd-timesyncd", "ntp", "ntpd", "ntpsec", "openntpd"]
    return [name + ".service" for name in names if daemon["name"] not in name]


def lay(path, text, make=None):
    """Write what no plan holds, and list it as ours."""
    write(path, text, make)
    if path not in listed(FILES):
        write(FILES, read(FILES) + "made  %s\n" % path)


def listed(path):
    """{path: digest} of a list of files."""
    return dict(line.split(None, 1)[::-1] for line in read(path).splitlines())


def restore(paths):
    for path in paths:
        if os.path.lexists(path + SAVED):
            os.rename(path + SAVED, path)
        elif os.path.lexists(path):
            os.unlink(path)


def tidy():
    """Take away what earlier plans laid and this one does not."""
    old = set(listed(FILES + ".old")) - set(listed(FILES))
    if old:
        restore(old)
        os.unlink(FILES + ".old")
        run("systemctl", "daemon-reload")


def stop_rivals(daemon, states):
    for unit in rivals(daemon):
        if states[unit]["LoadState"] == "loaded" and states[unit]["Id"] == unit:
            say("stopping %s, a rival of %s" % (unit, daemon["unit"]))
            lay(UNITS + unit, "/dev/null", os.symlink)
            systemctl("stop", unit)


def prepare_daemon(contract, state, changed):
    """All that needs no network."""
    daemon = contract["daemon"]
    if state["LoadState"] == "masked":
        os.unlink(UNITS + daemon["unit"])
        run("systemctl", "daemon-reload")
    if state["UnitFileState"] != "enabled":
        run("systemctl", "--no-reload", "enable", daemon["unit"])
    if changed and state["ActiveState"] == "active":
        stop(daemon)


def stop(daemon):
    """A big step leaves a drift file that costs the next chronyd minutes."""
    run("systemctl", "stop", daemon["unit"])
    if float((read(daemon["drift_file"]).split() + [0, 0])[1]) > 1000:
        os.unlink(daemon["drift_file"])


def ignore_dhcp_servers(daemon):
    links = "/run/systemd/netif/links/"
    if daemon["name"] == "chrony" or "dhcp_sources" in daemon:
        return
    for name in os.listdir(links) if os.path.isdir(links) else ():
        facts = dict(line.partition("=")[::2] for line in read(links + name).splitlines())
        if facts.get("NTP") and facts.get("NETWORK_FILE"):
            drop_in = "/etc/systemd/network/%s.d/timepolicy.conf" % os.path.basename(facts["NETWORK_FILE"])
            lay(drop_in, "[DHCPv4]\nUseNTP=no\n[DHCPv6]\nUseNTP=no\n")
            run("networkctl", "reload")


def apply(contract):
    """Do all; the gate is queued whatever fails."""
    daemon, gate = contract["daemon"], contract["gate"]
    try:
        before, applied = since_boot(), read(FILES + ".applied").split()
        changed = contract["digest"] not in applied[-1:]
        tidy()
        lay(UNITS + "multi-user.target.wants/timepolicy-apply.service", "../timepolicy-apply.service", os.symlink)
        states = unit_states([daemon["unit"]] + rivals(daemon) + gate["units"])
        installed = states[daemon["unit"]]["LoadState"] != "not-found"
        if installed:
            stop_rivals(daemon, states)
            prepare_daemon(contract, states[daemon["unit"]], changed)
        if changed:
            os.sync()
            write(FILES + ".applied", "\n".join(applied + [contract["digest"], ""]))
        set_timezone(contract["timezone"], contract["tzdata"])
        await_route()
        early(contract)
        if installed:
            systemctl("start", daemon["unit"])
        for unit in gate["units"]:
            if abs(since_boot() - before) > gate["max_offset"] and states[unit]["ActiveState"] == "active":
                say("restarting %s: it started on a wrong clock" % unit, [unit])
                systemctl("try-restart", unit)
    finally:
        systemctl("restart", "timepolicy-gate.service")
    return 0


def unproven(contract, result):
    """Why the clock is not proven, or None."""
    limit = contract["gate"]["max_offset"]
    if result.theta is not None and abs(result.offset) > limit:
        return "the clock is %+.3f s off" % -result.offset
    if not synchronised():
        return result.problem or "the time daemon has not synchronised it yet (STA_UNSYNC)"
    if result.theta is not None:
        return None
    # Without answers, this boot's last proof holds while nobody steps the clock.
    proof = json.loads(read(RUN + "proof.json") or "null")
    silent = all(answer.problem for answer in result.answers)
    return None if proof and silent and abs(since_boot() - proof["since_boot"]) < limit else result.problem


def help_daemon(contract, result, again):
    """Step, and make the daemon ask now: by itself it may take minutes.

    A chronyd that was told to ask less takes no burst for minutes (ntp_core.c), so that one is started anew.
    """
    stepped, daemon = step(contract, result), contract["daemon"]
    if again or daemon["name"] != "chrony":
        stop(daemon)
    else:
        run("chronyc", input="reset sources\n" * stepped + "refresh\nonline\nburst 3/6\n")
    systemctl("start", daemon["unit"])


def wait(contract, unit=None):
    """Return when the clock is proven: for one unit, or for all."""
    gate, began, kept = contract["gate"], time.monotonic(), {}
    said, say_at, ask_at, help_at, pause, was_clear = None, began, began, began + 10, 10, False
    while True:
        clear, now = synchronised(), time.monotonic()
        if now < ask_at and (was_clear or not clear):
            time.sleep(0.1)
            continue
        was_clear, ask_at = clear, now + 5
        result = measure(contract, 3, kept)
        why = unproven(contract, result)
        if why is None:
            if result.theta is not None and not unit:
                write(RUN + "proof.json", '{"since_boot": %f}\n' % since_boot())
            return 0
        if "start" in gate and now > began + gate["timeout"]:
            say("STARTING ON AN UNPROVEN CLOCK after %g s: %s" % (gate["timeout"], why), gate["units"])
            return 0
        if why != said or now > say_at:
            said, say_at = why, now + 60
            active = running(contract["daemon"])
            why += "; time daemons that run: " + " ".join(active) if len(active) > 1 else ""
            say("waiting for a right clock: " + why, [] if unit else gate["units"])
            publish(contract, "waiting", why, [], result)
        if result.theta is None:
            help_at, pause = now, 10
        elif now > help_at and not unit:
            help_daemon(contract, result, pause > 10)
            help_at, pause = now + pause, pause * 2


def running(daemon):
    states = unit_states([daemon["unit"]] + rivals(daemon))
    return sorted({row["Id"] for row in states.values() if row["ActiveState"] == "active"})


def check_daemon(contract):
    unit = contract["daemon"]["unit"]
    active = running(contract["daemon"])
    return "daemon", active == [unit], " ".join(active) or "none", unit, "stop others"


def check_sources(contract):
    names = [source["host"] for source in contract["sources"]]
    if contract["daemon"]["name"] == "chrony":
        rows = [line.split(",") for line in run("chronyc", "-c", "-N", "sources").splitlines()]
        used, selected = [row[2] for row in rows if row[0] != "#"], [row[2] for row in rows if row[1] == "*"]
    else:
        facts = dict(line.partition("=")[::2] for line in run("timedatectl", "show-timesync", "--all").splitlines())
        used, selected = facts.get("SystemNTPServers", "").split(), facts.get("ServerName", "").split()
        used += facts.get("LinkNTPServers", "").split()
    foreign = [] if "dhcp_sources" in contract["daemon"] else sorted(set(used) - set(names))
    seen = "uses %s; follows %s" % (" ".join(used) or "none", " ".join(selected) or "none")
    hint = "not the policy's: " + " ".join(foreign) if foreign else "none is selected"
    return "sources", selected and not foreign, seen, " ".join(names), hint


def check_files():
    """What we laid and somebody changed since."""
    changed = []
    for path, digest in listed(FILES).items():
        try:
            with open(path, "rb") as file:
                same = hashlib.sha256(file.read()).hexdigest() == digest or digest == "made"
        except OSError:
            same = digest == "made" and os.path.islink(path)
        changed += [] if same else [path]
    seen = "edited: " + " ".join(changed) if changed else "as laid"
    return "files", not changed, seen, "as laid", "change the policy"


def checks(contract, result):
    zone = os.path.realpath("/etc/localtime") if os.path.islink("/etc/localtime") else "no link"
    wanted, limit = contract["timezone"], contract["gate"]["max_offset"]
    clear, local = synchronised(), "LOCAL" in read("/etc/adjtime")
    right = result.theta is not None and abs(result.offset) <= limit
    seen = result.problem or "%+.6f s" % -result.offset
    rows = [
        ("timezone", zone.endswith("/" + wanted), zone, wanted, "run `timepolicy-node apply`"),
        check_daemon(contract),
        check_sources(contract),
        ("kernel-flag", clear, "clear" if clear else "set", "clear", "STA_UNSYNC"),
        ("offset", right, seen, "within %g s" % limit, "open UDP 123"),
        ("rtc", not local, "local time" if local else "UTC", "UTC", "run `timedatectl set-local-rtc 0`"),
        check_files(),
    ]
    names = ("id", "verdict", "seen", "expected", "hint")
    return [dict(zip(names, (row[0], VERDICTS[bool(row[1])]) + row[2:4] + (row[4] * (not row[1]),))) for row in rows]


def metrics(data):
    lines = ["timepolicy_pass %d" % (data["verdict"] == "pass")]
    lines += ['timepolicy_check_pass{check="%s"} %d' % (row["id"], row["verdict"] == "pass") for row in data["checks"]]
    form = 'timepolicy_source_offset_seconds{{source="{source}",address="{address}"}} {offset}'
    lines += [form.format(**row) for row in data["sources"] if not row["problem"]]
    return "\n".join(lines) + "\n"


def publish(contract, verdict, reason, results, measured):
    data = {key: contract[key] for key in ("policy", "release", "role", "digest")}
    data.update(version=1, verdict=verdict, reason=reason, time=time.time(), checks=results, sources=[])
    for answer in sorted(measured.answers, key=str):
        row = {"source": answer.source, "address": answer.address, "problem": answer.problem}
        row["offset"] = None if answer.problem else round(since_start() - answer.theta, 6)
        data["sources"].append(row)
    write(RUN + "report.json", json.dumps(data, indent=1, sort_keys=True) + "\n")
    if "textfile_dir" in contract:
        write(contract["textfile_dir"] + "/timepolicy.prom", metrics(data))


def judge(contract, result):
    results = checks(contract, result)
    failed = [row["id"] for row in results if row["verdict"] == "fail"]
    publish(contract, VERDICTS[not failed], ", ".join(failed), results, result)
    return failed


def witness():
    """The hardware clock minus ours: it changes when the clock is set, and while the machine is paused."""
    return float(read("/sys/class/rtc/rtc0/since_epoch") or time.time()) - time.time()


def install(contract):
    """Install the daemon where there is none, which the release's image alone does not tell."""
    unit = contract["daemon"]["unit"]
    while unit_states([unit])[unit]["LoadState"] == "not-found":
        say("%s is not installed" % unit, contract["gate"]["units"])
        if subprocess.call(["sh", "-c", contract["install"]]):
            time.sleep(30)
        else:
            apply(contract)


def gate(contract):
    """Wait, open the gate, and stay to verify and to help."""
    install(contract)
    wait(contract)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.sendto(b"READY=1", os.environ["NOTIFY_SOCKET"].replace("@", "\0", 1))
    kept, said, help_at, pause = {}, None, 0.0, 10
    # The gate opens so early that what tells networkd, and of timesyncd's sources, may not be there yet.
    for _ in range(60):
        time.sleep(not os.path.exists("/run/dbus/system_bus_socket"))
    ignore_dhcp_servers(contract["daemon"])
    while True:
        seen = witness()
        result = measure(contract, 3, kept, PUBLIC)
        failed = judge(contract, result)
        if failed != said:
            say("failed: " + ", ".join(failed) if failed else "all checks pass")
            said = failed
        if "daemon" in failed:
            systemctl("start", contract["daemon"]["unit"])
        if not {"offset", "kernel-flag"} & set(failed):
            help_at, pause = 0.0, 10
        elif result.theta is not None and time.monotonic() > help_at:
            help_daemon(contract, result, pause > 10)
            help_at, pause = time.monotonic() + pause, pause * 2
        end = time.monotonic() + (10 if failed else 50)
        while time.monotonic() < end:
            time.sleep(2)
            if abs(witness() - seen) > 2:
                kept.clear()
                break


def remove(contract):
    """Put back what was there before. The time stays as it is, and so does the timezone."""
    daemon = contract["daemon"]["unit"]
    run("systemctl", "stop", "timepolicy-*")
    paths = dict(listed(FILES + ".old"), **listed(FILES))
    # A daemon that we installed has no configuration of its own to go back to.
    bare = [path for path in paths if path.endswith("/chrony.conf") and not os.path.exists(path + SAVED)]
    restore(list(paths) + [FILES, FILES + ".old", contract.get("textfile_dir", "") + "/timepolicy.prom"])
    run("systemctl", "daemon-reload")
    run("systemctl", *(["disable", "--now"] if bare else ["try-restart"]), daemon)
    for path, digest in paths.items():
        unit = path[len(UNITS) :]
        if digest == "made" and "/" not in unit and run("systemctl", "is-enabled", unit):
            systemctl("start", unit)
    return 0


def verify(contract):
    judge(contract, measure(contract, 3))
    return status(contract)


def status(_contract):
    data = json.loads(read(RUN + "report.json") or "null")
    if not data:
        print("no report")
        return 1
    print("{verdict}: policy {policy} on {release}, {role} {reason}".format(**data))
    for row in data["checks"]:
        print("{verdict} {id}: {seen} (expected: {expected}) {hint}".format(**row))
    for row in data["sources"]:
        print("source {source} {address}:".format(**row), row["problem"] or "we are %+.6f s off" % row["offset"])
    return int(data["verdict"] != "pass")


def seal(_contract, *options):
    """By a script, which works on trees too. Nodes that have their policy by user-data alone lack it, as sh says."""
    return subprocess.call(("sh", "/usr/local/sbin/timepolicy-seal", *options))


def main(words):
    verbs = {verb.__name__: verb for verb in (early, apply, wait, gate, verify, status, remove, seal)}
    if not words or words[0] not in verbs or (len(words) > 1 + (words[0] == "wait") and words[0] != "seal"):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        contract = json.loads(read("/etc/timepolicy/node.json"))
    except ValueError as error:
        print("/etc/timepolicy/node.json:", error, file=sys.stderr)
        return 3
    return verbs[words[0]](contract, *words[1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
