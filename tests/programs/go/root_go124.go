// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause

//go:build go1.24

package main

import (
	"os"
	"syscall"
)

// rootCase uses os.Root, which opens component by component relative to descriptors.
func rootCase() bool {
	must(os.MkdirAll("r/a/b", 0o755))
	must(os.WriteFile("r/a/b/f", nil, 0o644))
	root, err := os.OpenRoot("r")
	must(err)
	told("open", "openat", nil, atBoth("r"))
	f, err := root.Open("a/b/f")
	must(err)
	f.Close()
	told("open", "openat", nil, keys{"as": "a", "path": in("r/a")})
	told("open", "openat", nil, keys{"as": "b", "path": in("r/a/b")})
	told("open", "openat", nil, keys{"as": "f", "path": in("r/a/b/f")})
	_, err = root.Stat("a/none")
	told("stat", "newfstatat", syscall.ENOENT, keys{"as": "none", "path": in("r/a/none")})
	must(root.Mkdir("a/new", 0o755))
	told("mkdir", "mkdirat", nil, keys{"as": "new", "path": in("r/a/new")})
	return true
}
