printf 'timezone: UTC\nupstreams: [ntp1.example.org]\n'
head -c 1048576 /dev/zero | tr '\0' '#'
