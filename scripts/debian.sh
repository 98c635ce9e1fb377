# SPDX-License-Identifier: EUPL-1.2
# Sourced by ./run, ./test and bench/load: what they need from Debian, and builds that are skipped when nothing changed.

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_UI_LANGUAGE=en

say() { printf '%s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# The server's own: G.722 (libspandsp), the conversion of uploaded sounds (ffmpeg), names of time zones and languages.
server_packages=(libspandsp2 ffmpeg libicu72 libssl3 tzdata ca-certificates)
# The real peers of the tests, and the second store.
peer_packages=(sip-tester baresip-core linphone-cli sipsak sipvicious tshark postgresql sox espeak-ng dnsmasq-base python3-aiosmtpd procps)
# The servers that the load bench compares with, and a compiler for the load generator.
bench_packages=(kamailio rtpengine-daemon sip-tester gcc libc6-dev)

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif command -v sudo >/dev/null; then sudo "$@"
    else die "Root or sudo is needed for: $*"; fi
}

# Installs those of the named Debian packages that are missing; takes no root and no network when none is.
install_packages() {
    local missing=() package
    for package in "$@"; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
    done
    [ ${#missing[@]} = 0 ] && return
    say "Installing from Debian: ${missing[*]}"
    local policy=/usr/sbin/policy-rc.d made_policy=
    # The packages' own services stay off: whoever needs one starts it on a port and in a folder of its own.
    if [ ! -e $policy ]; then
        printf '#!/bin/sh\nexit 101\n' | as_root tee $policy >/dev/null
        as_root chmod 755 $policy
        made_policy=yes
    fi
    local status=0
    as_root apt-get update -qq >&2 || say "apt-get update failed: trying with the lists at hand."
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2 || status=$?
    [ -z "$made_policy" ] || as_root rm -f $policy
    [ $status = 0 ] || die "apt-get could not install: ${missing[*]}"
}

need_dotnet() {
    command -v dotnet >/dev/null || die "The .NET 10 SDK is needed: https://learn.microsoft.com/dotnet/core/install/linux-debian"
    local version; version=$(dotnet --version)
    [ "${version%%.*}" -ge 10 ] || die "The .NET SDK found is $version; version 10 is needed."
}

# build_once NAME TARGET FOLDER...: builds TARGET in Release unless nothing in the folders, nor the shared props, changed since the last time.
build_once() {
    local name=$1 target=$2; shift 2
    local stamp=artifacts/$name.built print
    print=$(find "$@" Directory.Build.props Directory.Packages.props .editorconfig BannedSymbols.txt \
        \( -name bin -o -name obj -o -name data -o -name TestResults \) -prune -o -type f -printf '%p %s %T@\n' | sort | sha256sum)
    if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$print" ]; then return; fi
    say "Building $target"
    mkdir -p artifacts
    dotnet build "$target" -c Release -v quiet -nologo -clp:ErrorsOnly >&2 || die "The build failed."
    printf '%s\n' "$print" > "$stamp"
}
