-- The same as as_of.sql, with care: rows outside the windows are left out before they are grouped, so that most
-- files are skipped by their statistics; all of history is read for the last day of use only, two columns of it.
with seen as (
    select account_id, max("at") as last_seen
    from read_parquet($usage)
    where "at" < $end
    group by account_id
),
previous as (
    select account_id, count(*) as events_28d_previous
    from read_parquet($usage)
    where "at" >= $end - interval 56 days and "at" < $end - interval 28 days
    group by account_id
),
recent as (
    select
        account_id,
        count(*) as events_28d,
        count(*) filter (event = 'login') as logins_28d,
        count(*) filter ("at" >= $end - interval 7 days and event = 'login') as logins_7d,
        count(*) filter (event = 'workflow_completed') as core_workflows_28d,
        count(distinct cast("at" as date)) as active_days_28d,
        count(distinct user_id) as active_users_28d,
        count(distinct feature) as features_28d,
        count(distinct feature) filter (
            feature in ('dashboards', 'reports', 'sharing', 'alerts', 'api')
        ) / 5 as core_adoption_28d,
        sum(seconds) / 60 as minutes_28d
    from read_parquet($usage)
    where "at" >= $end - interval 28 days and "at" < $end
    group by account_id
),
tickets as (
    select
        account_id,
        count(*) filter (opened_at >= $end - interval 28 days and opened_at < $end) as tickets_28d,
        median(epoch(resolved_at - opened_at) / 3600) filter (
            resolved_at >= $end - interval 91 days and resolved_at < $end
        ) as median_resolution_hours_91d
    from read_csv($tickets)
    group by account_id
),
surveys as (
    select account_id, arg_max(score, answered_at) as nps_latest
    from read_csv($surveys)
    where answered_at >= $end - interval 180 days and answered_at < $end
    group by account_id
)
select
    account_id,
    date_diff('day', signup_date, cast($end as date)) - 1 as tenure_days,
    date_diff('day', cast(last_seen as date), cast($end as date)) // 7 as weeks_since_active,
    coalesce(events_28d, 0) as events_28d,
    coalesce(events_28d_previous, 0) as events_28d_previous,
    coalesce(logins_28d, 0) as logins_28d,
    coalesce(logins_7d, 0) as logins_7d,
    coalesce(core_workflows_28d, 0) as core_workflows_28d,
    coalesce(active_days_28d, 0) as active_days_28d,
    coalesce(active_users_28d, 0) as active_users_28d,
    coalesce(features_28d, 0) as features_28d,
    coalesce(core_adoption_28d, 0) as core_adoption_28d,
    coalesce(minutes_28d, 0) as minutes_28d,
    coalesce(tickets_28d, 0) as tickets_28d,
    median_resolution_hours_91d,
    nps_latest
from read_csv($accounts)
left join seen using (account_id)
left join previous using (account_id)
left join recent using (account_id)
left join tickets using (account_id)
left join surveys using (account_id)
where signup_date < $end
