echo 'timezone: UTC'
echo 'upstreams:'
seq -f '- 0%.0f' 100
