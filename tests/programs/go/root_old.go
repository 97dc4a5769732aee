// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause

//go:build !go1.24

package main

func rootCase() bool { return false }
