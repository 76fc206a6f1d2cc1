// timepolicy: monitoring of cluster. Edit the policy, not this file.
{
  prometheusRules+:: {
    groups+: [
      {
        "name": "timepolicy.rules",
        "rules": [
          {
            "record": "instance:timepolicy_clock_offset_seconds",
            "expr": "((max by (cluster, job, instance) (node_time_seconds - timestamp(node_time_seconds)) > -1e12) < 1e12)"
          },
          {
            "record": "instance:timepolicy_clock_offset_error_seconds",
            "expr": "max by (cluster, job, instance) (scrape_duration_seconds and on (cluster, job, instance) node_time_seconds)\nor 0 * instance:timepolicy_clock_offset_seconds"
          },
          {
            "record": "cluster:timepolicy_clock_offset_seconds:median",
            "expr": "quantile by (cluster) (0.5, instance:timepolicy_clock_offset_seconds)"
          },
          {
            "record": "instance:timepolicy_clock_offset_from_median_seconds",
            "expr": "instance:timepolicy_clock_offset_seconds - on (cluster) group_left () cluster:timepolicy_clock_offset_seconds:median"
          },
          {
            "record": "cluster:timepolicy_clock_offset_seconds:spread",
            "expr": "clamp_min(\n  max by (cluster) (instance:timepolicy_clock_offset_seconds - on (cluster, job, instance) instance:timepolicy_clock_offset_error_seconds)\n  - min by (cluster) (instance:timepolicy_clock_offset_seconds),\n  0\n)"
          },
          {
            "record": "instance:timepolicy_chrony_stratum:max",
            "expr": "max by (cluster, job, instance) (chrony_tracking_stratum > 0)"
          },
          {
            "record": "job:timepolicy_nodes:count",
            "expr": "count by (cluster, job) (node_time_seconds)"
          }
        ]
      }
    ],
  },
  prometheusAlerts+:: {
    groups+: [
      {
        "name": "timepolicy.alerts",
        "rules": [
          {
            "alert": "TimepolicyClockOffMedian",
            "expr": "instance:timepolicy_clock_offset_from_median_seconds - on (cluster, job, instance) instance:timepolicy_clock_offset_error_seconds > 1.5\nor instance:timepolicy_clock_offset_from_median_seconds < -1.5",
            "for": "2m",
            "labels": {
              "severity": "warning"
            },
            "annotations": {
              "summary": "The clock of {{ with printf \"node_uname_info{instance=%q}\" $labels.instance | query }}{{ . | first | label \"nodename\" }}{{ else }}{{ $labels.instance }}{{ end }} is far from the others.",
              "description": "It is at least {{ printf \"%.1f\" $value }} s from the median of its cluster.",
              "runbook_url": "https://github.com/timepolicy/timepolicy/blob/main/docs/alerts.md#timepolicyclockoffmedian"
            }
          },
          {
            "alert": "TimepolicyClockOffMedian",
            "expr": "instance:timepolicy_clock_offset_from_median_seconds - on (cluster, job, instance) instance:timepolicy_clock_offset_error_seconds > 1080000\nor instance:timepolicy_clock_offset_from_median_seconds < -1080000",
            "for": "2m",
            "labels": {
              "severity": "critical"
            },
            "annotations": {
              "summary": "The clock of {{ with printf \"node_uname_info{instance=%q}\" $labels.instance | query }}{{ . | first | label \"nodename\" }}{{ else }}{{ $labels.instance }}{{ end }} is far from the others.",
              "description": "It is at least {{ printf \"%.1f\" $value }} s from the median of its cluster.",
              "runbook_url": "https://github.com/timepolicy/timepolicy/blob/main/docs/alerts.md#timepolicyclockoffmedian"
            }
          },
          {
            "alert": "TimepolicyMedianOff",
            "expr": "abs(cluster:timepolicy_clock_offset_seconds:median) > 1.5",
            "for": "5m",
            "labels": {
              "severity": "warning"
            },
            "annotations": {
              "summary": "The clocks of cluster {{ $labels.cluster }} differ from that of Prometheus.",
              "description": "The median is {{ printf \"%.1f\" $value }} s off: the nodes are wrong, or Prometheus is.",
              "runbook_url": "https://github.com/timepolicy/timepolicy/blob/main/docs/alerts.md#timepolicymedianoff"
            }
          },
          {
            "alert": "TimepolicyMedianOff",
            "expr": "abs(cluster:timepolicy_clock_offset_seconds:median) > 1080000",
            "for": "5m",
            "labels": {
              "severity": "critical"
            },
            "annotations": {
              "summary": "The clocks of cluster {{ $labels.cluster }} differ from that of Prometheus.",
              "description": "The median is {{ printf \"%.1f\" $value }} s off: the nodes are wrong, or Prometheus is.",
              "runbook_url": "https://github.com/timepolicy/timepolicy/blob/main/docs/alerts.md#timepolicymedianoff"
            }
          },
          {
            "alert": "TimepolicyClockSpread",
            "expr": "cluster:timepolicy_clock_offset_seconds:spread > 1.5",
            "for": "5m",
            "labels": {
              "severity": "warning"
            },
            "annotations": {
              "summary": "The clocks of cluster {{ $labels.cluster }} are far apart.",
              "description": "The first and the last are at least {{ printf \"%.1f\" $value }} s apart.",
              "runbook_url": "https://github.com/timepolicy/timepolicy/blob/main/docs/alerts.md#timepolicyclockspread"
            }
          },
          {
            "alert": "TimepolicyNodeSilent",
            "expr": "max by (cluster, job, instance) (up == 0)\nand on (cluster, job) last_over_time(job:timepolicy_nodes:count[1d])",
            "for": "5m",
            "labels": {
              "severity": "warning"
            },
            "annotations": {
              "summary": "{{ with printf \"node_uname_info{instance=%q}\" $labels.instance | query }}{{ . | first | label \"nodename\" }}{{ else }}{{ $labels.instance }}{{ end }} does not answer Prometheus.",
              "description": "Its clock is unknown.",
              "runbook_url": "https://github.com/timepolicy/timepolicy/blob/main/docs/alerts.md#timepolicynodesilent"
            }
          },
          {
            "alert": "TimepolicyNotSynchronised",
            "expr": "max by (cluster, job, instance) (node_timex_sync_status == 0)",
            "for": "5m",
            "labels": {
              "severity": "warning"
            },
            "annotations": {
              "summary": "The clock of {{ with printf \"node_uname_info{instance=%q}\" $labels.instance | query }}{{ . | first | label \"nodename\" }}{{ else }}{{ $labels.instance }}{{ end }} is not synchronised.",
              "description": "The kernel's flag STA_UNSYNC is set: no time daemon keeps the clock.",
              "runbook_url": "https://github.com/timepolicy/timepolicy/blob/main/docs/alerts.md#timepolicynotsynchronised"
            }
          },
          {
            "alert": "TimepolicyLeapSecondAnnounced",
            "expr": "count by (cluster) (floor(max by (cluster, job, instance) (node_timex_status) / 16) % 4 > 0)",
            "for": "10m",
            "labels": {
              "severity": "info"
            },
            "annotations": {
              "summary": "A leap second is announced in cluster {{ $labels.cluster }}.",
              "description": "{{ printf \"%.0f\" $value }} nodes expect it at the end of the day (UTC).",
              "runbook_url": "https://github.com/timepolicy/timepolicy/blob/main/docs/alerts.md#timepolicyleapsecondannounced"
            }
          },
          {
            "alert": "TimepolicyStratumJumped",
            "expr": "instance:timepolicy_chrony_stratum:max - min_over_time(instance:timepolicy_chrony_stratum:max[1h]) >= 2",
            "for": "5m",
            "labels": {
              "severity": "warning"
            },
            "annotations": {
              "summary": "The stratum of {{ with printf \"node_uname_info{instance=%q}\" $labels.instance | query }}{{ . | first | label \"nodename\" }}{{ else }}{{ $labels.instance }}{{ end }} has jumped.",
              "description": "It is {{ printf \"%.0f\" $value }} more than an hour ago: chronyd follows a source that is further away.",
              "runbook_url": "https://github.com/timepolicy/timepolicy/blob/main/docs/alerts.md#timepolicystratumjumped"
            }
          }
        ]
      }
    ],
  },
  grafanaDashboards+:: {
    'timepolicy.json': import 'dashboard.json',
  },
}
