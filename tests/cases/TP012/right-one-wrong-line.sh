cat <<'END'
timezone: UTC
upstreams: [ntp1.example.org, ntp2.example.org, ntp3.example.org]
server 10.0.0.1
END
