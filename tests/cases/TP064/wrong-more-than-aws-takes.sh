# timepolicy: render --distro debian-12 --limit aws
name=a-label-of-sixty-characters-as-long-as-a-dns-name-may-have-it
echo 'timezone: UTC'
echo 'upstreams:'
seq -f "  - ntp%.0f.$name.$name.$name.example.org" 16
