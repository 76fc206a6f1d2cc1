// timepolicy: monitoring of east. Edit the policy, not this file.
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
          },
          {
            "record": "instance:timepolicy_sources:sum",
            "expr": "sum by (cluster, job, instance) (timepolicy_sources)"
          },
          {
            "record": "instance:timepolicy_source_answers:count",
            "expr": "count by (cluster, job, instance) (timepolicy_source_offset_seconds)\nor 0 * instance:timepolicy_sources:sum"
          },
          {
            "record": "source:timepolicy_nodes:count",
            "expr": "count by (cluster, source) (timepolicy_source_offset_seconds)"
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
            "expr": "instance:timepolicy_clock_offset_from_median_seconds - on (cluster, job, instance) instance:timepolicy_clock_offset_error_seconds > 30\nor instance:timepolicy_clock_offset_from_median_seconds < -30",
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
            "expr": "instance:timepolicy_clock_offset_from_median_seconds - on (cluster, job, instance) instance:timepolicy_clock_offset_error_seconds > 120\nor instance:timepolicy_clock_offset_from_median_seconds < -120",
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
            "expr": "abs(cluster:timepolicy_clock_offset_seconds:median) > 30",
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
            "expr": "abs(cluster:timepolicy_clock_offset_seconds:median) > 120",
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
            "expr": "cluster:timepolicy_clock_offset_seconds:spread > 30",
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
            "alert": "TimepolicyOffsetAboveLimit",
            "expr": "max by (cluster, job, instance) (abs(timepolicy_offset_seconds)) > 0.1",
            "for": "5m",
            "labels": {
              "severity": "warning"
            },
            "annotations": {
              "summary": "The clock of {{ with printf \"node_uname_info{instance=%q}\" $labels.instance | query }}{{ . | first | label \"nodename\" }}{{ else }}{{ $labels.instance }}{{ end }} is further from its sources than the policy allows.",
              "description": "The node measures {{ printf \"%.3f\" $value }} s.",
              "runbook_url": "https://github.com/timepolicy/timepolicy/blob/main/docs/alerts.md#timepolicyoffsetabovelimit"
            }
          },
          {
            "alert": "TimepolicyTooFewSources",
            "expr": "(instance:timepolicy_source_answers:count < 1)\nand on (cluster, job, instance) instance:timepolicy_sources:sum > 0",
            "for": "10m",
            "labels": {
              "severity": "warning"
            },
            "annotations": {
              "summary": "{{ with printf \"node_uname_info{instance=%q}\" $labels.instance | query }}{{ . | first | label \"nodename\" }}{{ else }}{{ $labels.instance }}{{ end }} has too few sources of time.",
              "description": "{{ printf \"%.0f\" $value }} answer, fewer than the policy's min_sources.",
              "runbook_url": "https://github.com/timepolicy/timepolicy/blob/main/docs/alerts.md#timepolicytoofewsources"
            }
          },
          {
            "alert": "TimepolicyCheckFailed",
            "expr": "max by (cluster, job, instance, check) (timepolicy_check_pass{check!~\"kernel-flag|timezone\"} == 0)",
            "for": "5m",
            "labels": {
              "severity": "warning"
            },
            "annotations": {
              "summary": "The check {{ $labels.check }} fails on {{ with printf \"node_uname_info{instance=%q}\" $labels.instance | query }}{{ . | first | label \"nodename\" }}{{ else }}{{ $labels.instance }}{{ end }}.",
              "description": "`timepolicy-node status` on the node says what was seen, what was expected and what to do.",
              "runbook_url": "https://github.com/timepolicy/timepolicy/blob/main/docs/alerts.md#timepolicycheckfailed"
            }
          },
          {
            "alert": "TimepolicyReportStale",
            "expr": "abs(max by (cluster, job, instance) (node_time_seconds) - on (cluster, job, instance) max by (cluster, job, instance) (timepolicy_verification_time_seconds)) > 180",
            "for": "2m",
            "labels": {
              "severity": "warning"
            },
            "annotations": {
              "summary": "The report of {{ with printf \"node_uname_info{instance=%q}\" $labels.instance | query }}{{ . | first | label \"nodename\" }}{{ else }}{{ $labels.instance }}{{ end }} is old.",
              "description": "The last verification was {{ printf \"%.0f\" $value }} s ago; the agent does one every 50 s.",
              "runbook_url": "https://github.com/timepolicy/timepolicy/blob/main/docs/alerts.md#timepolicyreportstale"
            }
          },
          {
            "alert": "TimepolicySeveralDaemons",
            "expr": "max by (cluster, job, instance) (timepolicy_daemons_running > 1)",
            "for": "5m",
            "labels": {
              "severity": "warning"
            },
            "annotations": {
              "summary": "More than one time daemon runs on {{ with printf \"node_uname_info{instance=%q}\" $labels.instance | query }}{{ . | first | label \"nodename\" }}{{ else }}{{ $labels.instance }}{{ end }}.",
              "description": "{{ printf \"%.0f\" $value }} daemons set the clock against each other.",
              "runbook_url": "https://github.com/timepolicy/timepolicy/blob/main/docs/alerts.md#timepolicyseveraldaemons"
            }
          },
          {
            "alert": "TimepolicyTimezoneDiffers",
            "expr": "max by (cluster, job, instance) (timepolicy_check_pass{check=\"timezone\"} == 0)",
            "for": "10m",
            "labels": {
              "severity": "warning"
            },
            "annotations": {
              "summary": "{{ with printf \"node_uname_info{instance=%q}\" $labels.instance | query }}{{ . | first | label \"nodename\" }}{{ else }}{{ $labels.instance }}{{ end }} has another timezone than its policy.",
              "description": "Its logs have other local times than those of the other nodes.",
              "runbook_url": "https://github.com/timepolicy/timepolicy/blob/main/docs/alerts.md#timepolicytimezonediffers"
            }
          },
          {
            "alert": "TimepolicyGateClosed",
            "expr": "max by (cluster, job, instance) (timepolicy_gate_open == 0)",
            "for": "5m",
            "labels": {
              "severity": "warning"
            },
            "annotations": {
              "summary": "The gate of {{ with printf \"node_uname_info{instance=%q}\" $labels.instance | query }}{{ . | first | label \"nodename\" }}{{ else }}{{ $labels.instance }}{{ end }} stays closed.",
              "description": "Its clock is not proven, and the gated units wait.",
              "runbook_url": "https://github.com/timepolicy/timepolicy/blob/main/docs/alerts.md#timepolicygateclosed"
            }
          },
          {
            "alert": "TimepolicyGateOpenedByTimeout",
            "expr": "max by (cluster, job, instance) (timepolicy_gate_open{by=\"timeout\"} == 1)",
            "labels": {
              "severity": "warning"
            },
            "annotations": {
              "summary": "The gate of {{ with printf \"node_uname_info{instance=%q}\" $labels.instance | query }}{{ . | first | label \"nodename\" }}{{ else }}{{ $labels.instance }}{{ end }} was opened by timeout.",
              "description": "Its units started with an unproven clock; certificates may be wrong.",
              "runbook_url": "https://github.com/timepolicy/timepolicy/blob/main/docs/alerts.md#timepolicygateopenedbytimeout"
            }
          },
          {
            "alert": "TimepolicyGateOpenedByHoldover",
            "expr": "max by (cluster, job, instance) (timepolicy_gate_open{by=\"holdover\"} == 1)",
            "labels": {
              "severity": "info"
            },
            "annotations": {
              "summary": "The gate of {{ with printf \"node_uname_info{instance=%q}\" $labels.instance | query }}{{ . | first | label \"nodename\" }}{{ else }}{{ $labels.instance }}{{ end }} was opened by holdover.",
              "description": "Its units started by the hardware clock, within the policy's bound.",
              "runbook_url": "https://github.com/timepolicy/timepolicy/blob/main/docs/alerts.md#timepolicygateopenedbyholdover"
            }
          },
          {
            "alert": "TimepolicyPoliciesDiffer",
            "expr": "count by (cluster, policy, release, role) (count by (cluster, policy, release, role, digest) (timepolicy_info)) > 1",
            "for": "60m",
            "labels": {
              "severity": "warning"
            },
            "annotations": {
              "summary": "Nodes of cluster {{ $labels.cluster }} run different versions of policy {{ $labels.policy }}.",
              "description": "{{ printf \"%.0f\" $value }} versions among the nodes with {{ $labels.release }} in the role {{ $labels.role }}.",
              "runbook_url": "https://github.com/timepolicy/timepolicy/blob/main/docs/alerts.md#timepolicypoliciesdiffer"
            }
          },
          {
            "alert": "TimepolicySourceUnanswered",
            "expr": "last_over_time(source:timepolicy_nodes:count[6h])\nunless source:timepolicy_nodes:count\nand on (cluster) sum by (cluster) (instance:timepolicy_sources:sum - on (cluster, job, instance) instance:timepolicy_source_answers:count) > 0",
            "for": "10m",
            "labels": {
              "severity": "warning"
            },
            "annotations": {
              "summary": "No node of cluster {{ $labels.cluster }} hears {{ $labels.source }} any more.",
              "description": "{{ printf \"%.0f\" $value }} nodes heard it last.",
              "runbook_url": "https://github.com/timepolicy/timepolicy/blob/main/docs/alerts.md#timepolicysourceunanswered"
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
