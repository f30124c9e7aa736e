#!/usr/bin/env bash
# Unpacks NVIDIA's run-time compiler (Debian trixie, non-free, 17 MB) into build/nvrtc, so that every kernel variant can
# be compiled for every real architecture on a machine without a GPU. Nothing outside build/nvrtc changes: the package
# lists live there too, and the mirror is the one that this machine's own apt sources name.
#
#   tests/nvrtc/install.sh        prints the folder with libnvrtc.so.12; exit 1 and one line where it cannot be had
set -euo pipefail
cd "$(dirname "$0")/../.."
root="$PWD/build/nvrtc"
version=12.4
packages=(libnvrtc12 "libnvrtc-builtins$version")
library_folder="$root/lib"

fail() { echo "tests/nvrtc/install.sh: $1" >&2; exit 1; }

if [[ -e "$library_folder/complete" ]]; then echo "$library_folder"; exit 0; fi
for tool in apt-get dpkg; do
    command -v "$tool" > /dev/null || fail "no $tool: on other systems than Debian's install NVRTC by hand and set DFTNATIVE_NVRTC to its folder"
done

# Two runs at once (tests of two checkouts do not meet here, two test processes of one may) would unpack over each other.
mkdir -p "$root"
exec 9> "$root/lock"
flock 9
if [[ -e "$library_folder/complete" ]]; then echo "$library_folder"; exit 0; fi

mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -E '/debian/?$' | head -n 1 || true)
[[ -n "$mirror" ]] || fail "no Debian mirror in this machine's apt sources"

state="$root/apt"
mkdir -p "$state"/{lists/partial,cache/archives/partial,etc}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[[ -e $keyring ]] || fail "no $keyring: install debian-archive-keyring"
echo "deb [signed-by=$keyring] $mirror trixie non-free" > "$state/etc/sources.list"
touch "$state/status"
options=(
    -o "Dir::Etc::sourcelist=$state/etc/sources.list" -o "Dir::Etc::sourceparts=/dev/null"
    -o "Dir::Etc::preferencesparts=/dev/null" -o "Dir::State=$state" -o "Dir::State::lists=$state/lists"
    -o "Dir::State::status=$state/status" -o "Dir::Cache=$state/cache" -o "APT::Sandbox::User=$(id -un)"
    -o "Acquire::Retries=3" -o "Acquire::Languages=none")
{
    apt-get "${options[@]}" -q update
    cd "$state/cache"
    apt-get "${options[@]}" -q download "${packages[@]}"
} > "$root/install.log" 2>&1 || fail "the packages ${packages[*]} of trixie non-free cannot be fetched; see $root/install.log"

for package in "$state"/cache/*.deb; do dpkg -x "$package" "$root/unpacked"; done
mkdir -p "$library_folder"
find "$root/unpacked/usr/lib" -name 'libnvrtc*.so*' -exec cp -a {} "$library_folder" \;
[[ -e "$library_folder/libnvrtc.so.12" ]] || fail "the packages hold no libnvrtc.so.12"
rm -rf "$root/unpacked" "$state"
touch "$library_folder/complete"
echo "$library_folder"
