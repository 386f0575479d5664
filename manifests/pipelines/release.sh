#!/usr/bin/env bash
# A release, verb by verb: release.sh VERSION
#
# Once for each version: run again after the flip it would stage over the old one, which is the way back.
# `kubectl bluegreen deploy` may be repeated.
#
# Needs kubectl and kubectl-bluegreen on the PATH, and KUBECONFIG. Ends with the exit code of the verb
# that failed: 3 refused, 5 verification failed, 6 timed out, 7 production was taken back, ...
set -euo pipefail
version=${1:?usage: release.sh VERSION}
cd "$(dirname "$0")"

# Which side serves, and what both of them run.
kubectl bluegreen status tomcat

# The idle side only. Waits until it could serve, and gives up early where it never will.
kubectl bluegreen stage tomcat --filename deployment.yml --filename test-endpoint.yml \
  --set "TOMCAT_VERSION=$version" --force-conflicts

# Every pod of it, three times in a row; an old version that still answers does not pass.
kubectl bluegreen verify tomcat --expect-body "Apache Tomcat/$version"

# A person is asked where there is one.
if [ -t 0 ]; then
  read -r -p "Switch production to Tomcat $version? [y/N] " answer
  [ "$answer" = y ] || exit 9
fi

# The flip, the checks of production, and the way back where one of them fails: one command, so that
# nothing is left half done when this script is stopped in between.
kubectl bluegreen switch tomcat --bake 1m --reason "release $version"
