// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause

// Goprog is the expectation program for Go: it uses the standard library as programs do and prints
// the record lines that it expects, as the C programs do (see ../expect.h). The runtime makes calls
// of its own, so the lines are expected in order, with others between them.
package main

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"unicode/utf8"
)

var startDir string

func in(name string) string { return filepath.Join(startDir, name) }

type keys map[string]any

func text(s string) any {
	if utf8.ValidString(s) {
		return s
	}
	return map[string]string{"hex": hex.EncodeToString([]byte(s))}
}

// told prints one expected line of this thread; err is what the library made of the result.
func told(kind, call string, err error, more keys) {
	line := keys{"who": []int{os.Getpid(), syscall.Gettid()}, "k": kind}
	if call != "" {
		line["call"] = call
	}
	for k, v := range more {
		if s, ok := v.(string); ok {
			v = text(s)
		}
		line[k] = v
	}
	var errno syscall.Errno
	if errors.As(err, &errno) {
		line["err"] = errnoName(errno)
	}
	out, jerr := json.Marshal(line)
	if jerr != nil {
		panic(jerr)
	}
	os.Stdout.Write(append(out, '\n'))
}

func errnoName(e syscall.Errno) string {
	names := map[syscall.Errno]string{syscall.ENOENT: "ENOENT", syscall.EACCES: "EACCES",
		syscall.ENOTDIR: "ENOTDIR", syscall.EEXIST: "EEXIST", syscall.EINVAL: "EINVAL",
		syscall.EISDIR: "EISDIR", syscall.ELOOP: "ELOOP", syscall.EXDEV: "EXDEV"}
	if n, ok := names[e]; ok {
		return n
	}
	return "E" + strconv.Itoa(int(e))
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "goprog:", err)
		os.Exit(97)
	}
}

func atBoth(name string) keys { return keys{"as": name, "path": in(name)} }

func files() {
	must(os.WriteFile("f", []byte("text"), 0o644))
	must(os.Symlink("f", "link"))
	_, err := os.ReadFile("f")
	told("open", "openat", err, keys{"as": "f", "path": in("f"), "flags": "RDONLY|CLOEXEC"})
	_, err = os.ReadFile("none")
	told("open", "openat", err, keys{"as": "none", "path": in("none"), "flags": "RDONLY|CLOEXEC"})
	st, err := os.Stat("f")
	must(err)
	told("stat", "newfstatat", err, keys{"as": "f", "path": in("f"), "size": 4, "type": "file",
		"mtime": strconv.FormatInt(st.ModTime().UnixNano(), 10)})
	_, err = os.Stat("none")
	told("stat", "newfstatat", err, atBoth("none"))
	_, err = os.Lstat("link")
	told("stat", "newfstatat", err, keys{"as": "link", "path": in("link"), "type": "symlink"})
	target, err := os.Readlink("link")
	told("readlink", "readlinkat", err, keys{"as": "link", "path": in("link"), "target": target})
	_, err = os.Readlink("f")
	told("readlink", "readlinkat", err, atBoth("f"))
	must(os.Mkdir("dir", 0o755))
	told("mkdir", "mkdirat", nil, atBoth("dir"))
	must(os.Rename("f", "dir/f"))
	told("rename", "renameat", nil, keys{"as": "f", "path": in("f"), "as2": "dir/f", "path2": in("dir/f")})
	must(os.Chdir("dir"))
	told("chdir", "chdir", nil, keys{"as": "dir", "path": in("dir")})
	_, err = os.Stat("f")
	told("stat", "newfstatat", err, keys{"as": "f", "path": in("dir/f")})
	must(os.Chdir(".."))
	told("chdir", "chdir", nil, keys{"as": "..", "path": startDir})
	must(os.Remove("dir/f"))
	told("unlink", "unlinkat", nil, atBoth("dir/f"))
	must(os.Remove("dir"))
	told("unlink", "unlinkat", syscall.EISDIR, keys{"as": "dir", "err": "EISDIR"})
	told("unlink", "unlinkat", nil, atBoth("dir"))
	name := "caf\xe9"
	_, err = os.Stat(name)
	told("stat", "newfstatat", err, atBoth(name))
}

func links() {
	must(os.MkdirAll("a/b", 0o755))
	must(os.Symlink("b", "a/l"))
	must(os.WriteFile("a/b/f", nil, 0o644))
	got, err := filepath.EvalSymlinks("a/l/f")
	must(err)
	for _, p := range []string{"a", "a/l"} {
		told("stat", "newfstatat", nil, atBoth(p))
	}
	told("readlink", "readlinkat", nil, keys{"as": "a/l", "path": in("a/l"), "target": "b"})
	for _, p := range []string{"a/b", "a/b/f"} {
		told("stat", "newfstatat", nil, atBoth(p))
	}
	if got != "a/b/f" {
		must(fmt.Errorf("EvalSymlinks gave %q", got))
	}
}

// programs looks for a program along PATH and runs it.
func programs(self string) {
	must(os.MkdirAll("p1", 0o755))
	must(os.MkdirAll("p2", 0o755))
	must(os.Symlink(self, "p2/prog"))
	os.Setenv("PATH", in("p1")+":"+in("p2"))
	found, err := exec.LookPath("prog")
	must(err)
	told("stat", "newfstatat", syscall.ENOENT, keys{"as": in("p1/prog"), "path": in("p1/prog")})
	told("stat", "newfstatat", nil, keys{"as": in("p2/prog"), "path": in("p2/prog")})
	_, err = exec.LookPath("no-such-program")
	if !errors.Is(err, exec.ErrNotFound) {
		must(fmt.Errorf("LookPath: %v", err))
	}
	told("stat", "newfstatat", syscall.ENOENT, keys{"as": in("p2/no-such-program")})
	cmd := exec.Command(found, "child", "4")
	err = cmd.Run()
	var status *exec.ExitError
	if !errors.As(err, &status) || status.ExitCode() != 4 {
		must(fmt.Errorf("child: %v", err))
	}
	told("fork", "", nil, keys{"child": cmd.Process.Pid})
	pid := cmd.Process.Pid
	for _, line := range []keys{
		{"k": "exec", "file": found, "exe": self, "args": []string{found, "child", "4"}, "cwd": startDir},
		{"k": "exit", "code": 4},
	} {
		line["who"] = []int{pid, pid}
		out, err := json.Marshal(line)
		must(err)
		os.Stdout.Write(append(out, '\n'))
	}
	_, err = os.StartProcess(in("p1/none"), []string{"none"}, &os.ProcAttr{})
	if !errors.Is(err, fs.ErrNotExist) {
		must(fmt.Errorf("StartProcess: %v", err))
	}
}

func main() {
	// Threads are what lines are compared by: stay on one.
	runtime.LockOSThread()
	wd, err := os.Getwd()
	must(err)
	startDir = wd
	if len(os.Args) < 2 {
		os.Exit(2)
	}
	switch os.Args[1] {
	case "files":
		files()
	case "links":
		links()
	case "programs":
		self, err := os.Executable()
		must(err)
		programs(self)
	case "root":
		if !rootCase() {
			fmt.Fprintln(os.Stderr, "os.Root needs Go 1.24")
			os.Exit(77)
		}
	case "child":
		code, _ := strconv.Atoi(os.Args[2])
		os.Exit(code)
	default:
		os.Exit(2)
	}
}
