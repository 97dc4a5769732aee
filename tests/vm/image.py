# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Makes what a guest boots from: an initramfs of given files and the libraries they need."""
import glob
import lzma
import os
import re
import stat
import subprocess

ELF = b"\x7fELF"
LIBRARY_DIRS = {
    "amd64": ("/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64",
              "/lib", "/usr/lib", "/usr/local/lib"),
    "arm64": ("/usr/lib/aarch64-linux-gnu", "/lib/aarch64-linux-gnu", "/usr/aarch64-linux-gnu/lib",
              "/lib", "/usr/lib"),
}


class Initramfs:
    """A cpio archive in the kernel's "newc" format, with the folders that its files need."""

    def __init__(self):
        self.parts, self.size, self.names = [], 0, {"": 0}

    def node(self, name, mode, data=b"", device=(0, 0)):
        name = name.strip("/")
        if name in self.names:
            return
        self.parents(name)
        self.names[name] = mode
        fields = (len(self.names), mode, 0, 0, 2 if stat.S_ISDIR(mode) else 1, 0, len(data), 0, 0,
                  *device, len(name) + 1, 0)
        self.write(b"070701" + b"".join(b"%08X" % f for f in fields) + name.encode() + b"\0")
        self.write(data)

    def write(self, data):
        padding = b"\0" * (-len(data) % 4)
        self.parts += (data, padding)
        self.size += len(data) + len(padding)

    def parents(self, name):
        parent = os.path.dirname(name)
        if parent not in self.names:
            self.node(parent, stat.S_IFDIR | 0o755)

    def file(self, name, data, mode=0o755):
        self.node(name, stat.S_IFREG | mode, data)

    def tree(self, source, name):
        """A file or a folder of the host; links stay links inside folders."""
        info = os.lstat(source) if os.path.isdir(source) else os.stat(source)
        if stat.S_ISDIR(info.st_mode):
            self.node(name, stat.S_IFDIR | stat.S_IMODE(info.st_mode))
            for entry in sorted(os.scandir(source), key=lambda e: e.name):
                target = f"{name}/{entry.name}"
                if entry.is_symlink():
                    self.node(target, stat.S_IFLNK | 0o777, os.readlink(entry.path).encode())
                else:
                    self.tree(entry.path, target)
        elif stat.S_ISREG(info.st_mode):
            with open(source, "rb") as file:
                self.file(name, file.read(), stat.S_IMODE(info.st_mode))

    def save(self, path):
        self.node("TRAILER!!!", 0)
        with open(path, "wb") as out:
            out.writelines(self.parts)


def is_elf(path):
    if not os.path.isfile(path):
        return False
    with open(path, "rb") as file:
        return file.read(4) == ELF


def needed(path):
    """The loader and the libraries that an ELF file names."""
    text = subprocess.run(["readelf", "-ldW", path], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, check=False, text=True).stdout
    loader = re.findall(r"program interpreter: (.*)\]", text)
    return loader, re.findall(r"\(NEEDED\).*\[(.*)\]", text)


def libraries(files, arch, sysroot):
    """Yields (path on the host, path in the guest) of all that files need, once."""
    roots = [sysroot, ""] if sysroot else [""]
    dirs = [root + d for root in roots for d in LIBRARY_DIRS[arch]]
    todo, seen = [f for f in files if is_elf(f)], set()
    while todo:
        loader, names = needed(todo.pop())
        wanted = [(os.path.basename(l), l) for l in loader]
        wanted += [(n, f"{LIBRARY_DIRS[arch][0]}/{n}") for n in names]
        for name, target in wanted:
            if target in seen:
                continue
            seen.add(target)
            source = find(name, dirs)
            todo.append(source)
            yield source, target


def find(name, dirs):
    for folder in dirs:
        path = os.path.join(folder, name)
        if os.path.exists(path):
            return path
    raise FileNotFoundError(f"library {name} is in none of {', '.join(dirs)}")


def module(name, folder):
    """The bytes of a kernel module and the names of those it depends on."""
    pattern = "".join("[-_]" if c in "-_" else c for c in name)
    found = glob.glob(f"{folder}/**/{pattern}.ko*", recursive=True)
    if not found:
        raise FileNotFoundError(f"no module {name} below {folder}")
    with open(found[0], "rb") as file:
        data = file.read()
    if found[0].endswith(".xz"):
        data = lzma.decompress(data)
    depends = re.search(rb"\0depends=([^\0]*)\0", data)
    return data, [d for d in (depends.group(1).decode().split(",") if depends else []) if d]


def modules(names, folder):
    """(name, bytes) of the named modules and their dependencies, in loading order."""
    done = {}

    def add(name):
        if name not in done:
            data, depends = module(name, folder)
            for other in depends:
                add(other)
            done[name] = data

    for name in names:
        add(name)
    return done.items()
