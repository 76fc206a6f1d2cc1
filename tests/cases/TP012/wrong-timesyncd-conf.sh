cat <<'END'
[Time]
NTP=ntp1.example.org ntp2.example.org
#FallbackNTP=ntp.ubuntu.com
END
