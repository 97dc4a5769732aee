#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Runs a command under a stock Debian kernel in qemu and exits with the command's status.

  tests/vm/run.py --kernel 6.1 [--tool build/goenvbpf] [--file SRC[:DST]]... -- COMMAND...

The guest is root, has busybox, /proc, /sys, tracefs, bpf, cgroup2 and a /tmp; --tool is
/usr/bin/goenvbpf there. What the command leaves in /out comes back into --out. A command of one
word is a shell script. At the time limit the command is killed (status 137) and its results are
kept; status 125 says that there are no results, after the guest's console was shown.
"""
import argparse
import fcntl
import glob
import os
import shlex
import signal
import subprocess
import sys
import tarfile
import tempfile
import time

import image

HERE = os.path.dirname(os.path.abspath(__file__))
SCRIPTS = os.path.join(HERE, "..", "..", "scripts")
RESULT_DISK = 1 << 30
# Two faults of qemu 7.2's x86 translation end one boot of 6.12 in four with an oops: cmpxchg16b
# leaves flags that never were, and with a thread for each CPU stale code runs after the kernel
# patched itself. 7 seldom uses cmpxchg16b, but without it cannot allocate a task's storage.
MACHINES = {
    "amd64": dict(emulator="qemu-system-x86_64", machine="q35", cpu="max", console="ttyS0",
                  accel="tcg,thread=single", needs_cx16=("7",)),
    "arm64": dict(emulator="qemu-system-aarch64", machine="virt", cpu="cortex-a72",
                  console="ttyAMA0", accel="tcg,thread=multi"),
}
FAILED = 125


def fail(message):
    print(f"run.py: {message}", file=sys.stderr)
    sys.exit(FAILED)


def options():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kernel", default="6.1", help="a version of scripts/kernels.sh --list")
    parser.add_argument("--arch", default="amd64", choices=MACHINES)
    parser.add_argument("--tool", help="the goenvbpf binary")
    parser.add_argument("--tier", default="auto", help="$TIER for the command")
    parser.add_argument("--file", action="append", default=[], metavar="SRC[:DST]",
                        help="a file or folder of the host, with the libraries it needs")
    parser.add_argument("--disk", action="append", default=[], metavar="DIR:DST",
                        help="a large folder of the host, read-only, as a disk")
    parser.add_argument("--env", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--module", action="append", default=[], help="a kernel module to load")
    parser.add_argument("--out", help="folder for what the guest leaves in /out")
    parser.add_argument("--timeout", type=float, default=120, help="seconds for the command")
    parser.add_argument("--memory", default="1G")
    parser.add_argument("--cpus", type=int, default=2)
    parser.add_argument("--icount", action="store_true",
                        help="one CPU whose clock counts instructions")
    parser.add_argument("--append", default="", help="more kernel parameters")
    parser.add_argument("--sysroot", help="where the guest's libraries are on this host")
    parser.add_argument("-v", "--verbose", action="store_true", help="show console and times")
    parser.add_argument("command", nargs="+")
    return parser.parse_args()


def script(name, *args):
    """What one of our scripts prints; it downloads what is not in the cache."""
    done = subprocess.run([os.path.join(SCRIPTS, name), *args], stdout=subprocess.PIPE, text=True,
                          check=False)
    if done.returncode:
        fail(f"{name} {' '.join(args)} failed")
    return done.stdout.strip()


def kernel(version, arch):
    """Paths of the image and of the modules."""
    return script("kernels.sh", "--arch", arch, version).split()[3:5]


def not_built_in(names, modules_dir):
    """Those that are modules of this kernel: the cloud flavours have them built in, others do not."""
    return [name for name in names if glob.glob(f"{modules_dir}/**/{name}.ko*", recursive=True)]


def busybox(arch):
    tree = script("debian-pkg.sh", "bookworm", arch, f"guest-{arch}", "busybox-static")
    return tree + "/bin/busybox"


def sysroot(args):
    """Libraries of another architecture are not this host's."""
    if args.sysroot or args.arch == "amd64":
        return args.sysroot
    return script("arm64-sysroot.sh", "--print-path")


def job(args):
    """The shell text that the guest runs: one word is a script, more are a command."""
    lines = [f"export {shlex.quote(e)}" for e in [f"TIER={args.tier}", *args.env]]
    command = args.command[0] if len(args.command) == 1 else "exec " + shlex.join(args.command)
    return "\n".join([*lines, command, ""])


def wanted_files(args):
    pairs = [(args.tool, "/usr/bin/goenvbpf")] if args.tool else []
    for item in args.file:
        source, _, target = item.partition(":")
        pairs.append((source, target or "/usr/bin/" + os.path.basename(source)))
    for source, _ in pairs:
        if not os.path.exists(source):
            fail(f"'{source}' does not exist")
    return pairs


def elf_files(pairs):
    for source, _ in pairs:
        if os.path.isdir(source):
            for folder, _, names in os.walk(source):
                yield from (os.path.join(folder, n) for n in names)
        else:
            yield source


def build_image(args, modules_dir, path):
    root = image.Initramfs()
    root.node("dev/console", 0o020600, device=(5, 1))
    root.tree(os.path.join(HERE, "init"), "init")
    root.tree(busybox(args.arch), "bin/busybox")
    root.file("vm/job", job(args).encode())
    root.file("vm/timeout", f"{args.timeout:.0f}\n".encode())
    root.file("etc/passwd", b"root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/tmp:/bin/sh\n")
    root.file("etc/group", b"root:x:0:\nuser:x:1000:\n")
    names = []
    needed = ["nvme", "ext4"] if args.disk else ["nvme"]
    for name, data in image.modules(not_built_in(needed, modules_dir) + args.module, modules_dir):
        root.file(f"vm/{name}.ko", data)
        names.append(f"/vm/{name}.ko\n")
    root.file("vm/modules", "".join(names).encode())
    mounts = [f"/dev/nvme{n}n1 {d.partition(':')[2]}\n" for n, d in enumerate(args.disk, 1)]
    root.file("vm/mounts", "".join(mounts).encode())
    pairs = wanted_files(args)
    for source, target in pairs:
        root.tree(source, target)
    for source, target in image.libraries(elf_files(pairs), args.arch, sysroot(args)):
        root.tree(os.path.realpath(source), target)
    root.save(path)
    return root.size


def ext4_image(folder, path):
    """A file system with the folder's content; mke2fs copies it without being root."""
    size = subprocess.run(["du", "-sk", folder], stdout=subprocess.PIPE, check=True, text=True)
    kib = int(size.stdout.split()[0]) * 5 // 4 + (16 << 10)
    subprocess.run(["mke2fs", "-q", "-t", "ext4", "-O", "^has_journal", "-d", folder, path,
                    f"{kib}k"], check=True, stdout=subprocess.DEVNULL,
                   env={**os.environ, "PATH": os.environ["PATH"] + ":/sbin"})


def drives(paths):
    for number, path in enumerate(paths):
        yield from ("-drive", f"file={path},if=none,format=raw,cache=unsafe,id=d{number}",
                    "-device", f"nvme,drive=d{number},serial=d{number}")


def cpu(args):
    kind = MACHINES[args.arch]
    plain = args.kernel in kind.get("needs_cx16", (args.kernel,))
    return kind["cpu"] if plain else kind["cpu"] + ",-cx16"


def machine_command(args, vmlinuz, initramfs, disks):
    kind = MACHINES[args.arch]
    append = (f"console={kind['console']} quiet oops=panic panic=-1 mitigations=off "
              f"random.trust_cpu=on {args.append}")
    # Without sleeping the guest's clock is its instructions, and jumps when it waits.
    clock = ["-icount", "shift=0,sleep=off"] if args.icount else []
    accel = "tcg" if args.icount else kind["accel"]
    return [kind["emulator"], "-machine", kind["machine"], "-cpu", cpu(args), "-accel", accel,
            "-smp", str(1 if args.icount else args.cpus), "-m", args.memory, *clock,
            "-kernel", vmlinuz, "-initrd", initramfs, "-append", append, "-nodefaults",
            "-display", "none", "-monitor", "none", "-serial", "stdio", "-no-reboot",
            "-device", "virtio-rng-pci", *drives(disks)]


def take_cpu():
    """
    A guest keeps one CPU busy and has a time limit: as many run at a time as there are CPUs, whoever
    starts them. Returns the lock that holds the place.
    """
    cache = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "goenvbpf")
    while True:
        for number in range(os.cpu_count()):
            place = open(os.path.join(cache, f"guest-{number}.lock"), "w", encoding="ascii")
            try:
                fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return place
            except BlockingIOError:
                place.close()
        time.sleep(0.2)


def run_machine(command, seconds, console):
    """True when the guest ended by itself. Only this very process is ever killed."""
    with open(console, "wb") as log:
        machine = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                   start_new_session=True)
        try:
            machine.wait(seconds)
            return machine.returncode == 0
        except subprocess.TimeoutExpired:
            return False
        finally:
            if machine.poll() is None:
                machine.kill()
                machine.wait()


def results(disk, out):
    """Unpacks the guest's /out; returns its own notes by name."""
    notes = {}
    try:
        with tarfile.open(disk, "r:") as tar:
            for member in tar:
                name = os.path.normpath(member.name)
                if name.startswith(".vm/"):
                    notes[name[4:]] = tar.extractfile(member).read()
                elif out and name not in (".", ".vm"):
                    tar.extract(member, out, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
    except tarfile.TarError:
        return None
    return notes if "status" in notes else None


def show_console(path):
    with open(path, "rb") as log:
        text = log.read()[-8000:].decode(errors="replace")
    print(text, file=sys.stderr)


def run(args, work):
    vmlinuz, modules_dir = kernel(args.kernel, args.arch)
    initramfs, disk, console = (os.path.join(work, n) for n in ("initramfs", "result", "console"))
    try:
        size = build_image(args, modules_dir, initramfs)
    except FileNotFoundError as error:
        fail(str(error))
    with open(disk, "wb") as file:
        file.truncate(RESULT_DISK)
    disks = [disk]
    for number, item in enumerate(args.disk):
        disks.append(os.path.join(work, f"disk{number}"))
        ext4_image(item.partition(":")[0], disks[-1])
    if args.out:
        os.makedirs(args.out, exist_ok=True)
    limit = args.timeout * (10 if args.icount else 1) + 60
    with take_cpu():
        start = time.monotonic()
        ended = run_machine(machine_command(args, vmlinuz, initramfs, disks), limit, console)
    notes = results(disk, args.out) if ended else None
    if args.verbose or not notes:
        show_console(console)
    if not notes:
        fail("the guest gave no results")
    sys.stdout.buffer.write(notes["stdout"])
    sys.stdout.flush()
    sys.stderr.buffer.write(notes["stderr"])
    if args.verbose:
        print(f"run.py: {time.monotonic() - start:.1f} s, initramfs {size >> 10} KiB",
              file=sys.stderr)
    return int(notes["status"])


def main():
    args = options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(FAILED))
    with tempfile.TemporaryDirectory(prefix="goenvbpf-vm-") as work:
        sys.exit(run(args, work))


if __name__ == "__main__":
    main()
