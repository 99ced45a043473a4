//go:build tools

// Package tools names the programs that are built from the modules that go.mod pins.
package tools

import _ "helm.sh/helm/v3/cmd/helm"
