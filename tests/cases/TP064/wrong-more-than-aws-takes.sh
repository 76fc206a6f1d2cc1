# timepolicy: render --distro debian-12 --limit aws
echo 'timezone: UTC'
echo 'upstreams: [ntp1.example.org, ntp2.example.org, ntp3.example.org]'
echo 'gate:'
echo '  units:'
seq -f '    - a-service-with-a-name-of-many-characters-so-that-each-drop-in-takes-its-own-bytes-%.0f.service' 32
