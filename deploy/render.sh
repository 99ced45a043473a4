#!/usr/bin/env bash
# Writes deploy/manifests from deploy/chart with `helm template`, and notes of which chart they are.
set -euo pipefail
cd "$(dirname "$0")"

chart() { find -L chart -type f | LC_ALL=C sort | xargs cat | sha256sum | cut -d' ' -f1; }

render() {
  local file=$1 about=$2
  shift 2
  {
    printf '# %s\n# Rendered by deploy/render.sh from the chart with sha256 %s: change that, not this.\n' "$about" "$(chart)"
    cat namespace.yaml
    helm template aimcore chart --namespace aim-system --include-crds --skip-tests \
      --kube-version 1.34.0 "$@"
  } >"manifests/$file"
}

render install.yaml "The operator for all namespaces of a cluster."
render namespaced.yaml "The operator for the namespace ml-team alone: put your own in its place, everywhere." \
  --set 'namespaces={ml-team}'
