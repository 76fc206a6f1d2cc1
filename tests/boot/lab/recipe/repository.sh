# repository.sh ROOT OTHER OWN: gives ROOT a package repository of its own that holds OTHER with what it needs, and OWN,
# which is installed and which OTHER would replace, so that a guest can change between them where nothing outside can be
# reached. Runs while ROOT still has its package lists.
packages=$1/srv/packages
mkdir -p "$packages"
# mmdebstrap's own apt, from outside: inside there is no resolver.
export APT_CONFIG="$MMDEBSTRAP_APT_CONFIG"
apt-get clean
apt-get -qq --yes --no-install-recommends --download-only install "$2"
mv "$1"/var/cache/apt/archives/*.deb "$packages"
cd "$packages"
apt-get -qq download "$3"
for deb in *.deb; do
    dpkg-deb --field "$deb"
    printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' "$deb" "$(stat -c %s "$deb")" "$(sha256sum "$deb" | cut -d' ' -f1)"
done >Packages
