printf 'timezone: UTC\nupstreams: [ntp1.example.org]\n'
head -c 1000000 /dev/zero | tr '\0' '#'
